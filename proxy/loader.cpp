#include "proxy/loader.hpp"

#include "certs/folder.hpp"
#include "config/files.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <exception>
#include <system_error>
#include <utility>

namespace postern {
namespace {

constexpr auto patience_at_the_end = std::chrono::seconds(1);

std::vector<std::string> files_named_in(const config::document& doc) {
    auto files = doc.files;
    for (auto& path : config::files_in(doc.settings)) files.push_back(std::move(path));
    return files;
}

std::vector<std::string> files_in_folders(const std::vector<std::string>& paths) {
    std::vector<std::string> files;
    for (const auto& path : paths) {
        if (!certs::is_folder(path)) continue;
        for (auto& pair : certs::read_folder(path).pairs) {
            files.push_back(std::move(pair.certificate));
            files.push_back(std::move(pair.key));
        }
    }
    return files;
}

// Whether what is wrong may be that files are being replaced.
bool is_about_files(const config::problems& all, const ops::file_states& seen) {
    return std::any_of(seen.begin(), seen.end(), [](const auto& f) { return f.second.is_unfinished(); }) ||
           std::any_of(all.begin(), all.end(),
                       [&](const auto& p) { return p.level == config::severity::error && seen.contains(p.found); });
}

}  // namespace

loader::loader(std::function<config::document()> read, const std::string& config_file, net::asio::io_context& context)
    : read_(std::move(read)), context_(context), made_tickets_(certs::made_tickets(std::time(nullptr))) {
    if (!config_file.empty()) known_.push_back(config_file);
}

loader::~loader() {
    if (thread_.joinable()) thread_.join();
}

std::string loader::begin(std::shared_ptr<const session::snapshot> serving, std::function<void(reading)> done) {
    if (thread_.joinable()) thread_.join();
    std::packaged_task<void()> work([this, serving = std::move(serving), done = std::move(done)] {
        auto next = std::make_shared<reading>();
        try {
            *next = read(serving.get());
        } catch (const std::exception& e) {
            // A file system that fails under the reader, or no memory. Without a verdict there would never be another.
            config::problem trouble;
            trouble.what = std::string("cannot be read: ") + e.what();
            next->loaded.problems.push_back(std::move(trouble));
        }
        net::asio::post(context_, [done, next] { done(std::move(*next)); });
    });
    end_ = work.get_future();
    try {
        thread_ = std::thread(std::move(work));
    } catch (const std::system_error& e) {
        return "no thread to read the configuration: " + e.code().message();
    }
    return {};
}

reading loader::read(const session::snapshot* serving) {
    reading now;
    auto doc = read_document(now.seen);
    const auto named = files_named_in(doc);
    now.seen.merge(ops::look(named, seen_));
    // After the folders themselves, in which a file that comes now is another change.
    now.seen.merge(ops::look(files_in_folders(named), seen_));
    seen_ = now.seen;
    const bool in_order = !config::has_error(doc.problems);
    const config::settings wanted = doc.settings;
    now.loaded = session::make_snapshot(std::move(doc), made_tickets_, library_, serving);
    now.unfinished = !now.loaded.made && is_about_files(now.loaded.problems, now.seen);
    if (in_order && !now.loaded.made) now.wanted = wanted;
    return now;
}

// A file that is looked at after it was read may have changed in between, and nobody would know: those that were not known
// before are read once more.
config::document loader::read_document(ops::file_states& seen) {
    seen = ops::look(known_, seen_);
    auto doc = read_();
    if (std::exchange(known_, doc.files) == doc.files) return doc;
    seen = ops::look(known_, seen_);
    doc = read_();
    known_ = doc.files;
    return doc;
}

bool loader::is_stuck() {
    return thread_.joinable() && end_.wait_for(patience_at_the_end) == std::future_status::timeout;
}

}  // namespace postern
