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

constexpr auto& in_folder = certs::names_in_folder;

// What the configuration itself is read from.
ops::watched_paths own_paths(const config::document& doc) {
    ops::watched_paths paths;
    for (const auto& file : doc.files) paths[file];
    for (const auto& folder : doc.folders) paths[folder.path].insert(folder.names);
    // One folder may be for certificates too.
    for (const auto& named : config::files_in(doc.settings))
        if (const auto at = paths.find(named); at != paths.end()) at->second.insert(in_folder.begin(), in_folder.end());
    return paths;
}

// What it names; each may be a folder.
ops::watched_paths named_paths(const config::document& doc) {
    ops::watched_paths paths;
    for (const auto& named : config::files_in(doc.settings)) paths[named].insert(in_folder.begin(), in_folder.end());
    return paths;
}

ops::watched_paths files_in_folders(const ops::watched_paths& paths) {
    ops::watched_paths files;
    for (const auto& [path, names] : paths) {
        if (!certs::is_folder(path)) continue;
        for (const auto& pair : certs::read_folder(path).pairs) {
            files[pair.certificate];
            files[pair.key];
        }
    }
    return files;
}

// Whether an error may be that a file is being replaced just now: a text of the configuration is missing or empty, or (of
// problems after the first `of_texts`, which are those of the texts) it is about what another file holds.
bool is_about_files(const config::problems& all, std::size_t of_texts, const ops::file_states& seen) {
    for (std::size_t i = 0; i < all.size(); ++i) {
        const auto& p = all[i];
        if (p.level != config::severity::error) continue;
        const auto text = seen.find(p.where.file);
        if (text != seen.end() && text->second.is_unfinished()) return true;
        if (!p.file.empty() || (i >= of_texts && seen.contains(p.found))) return true;
    }
    return false;
}

}  // namespace

loader::loader(std::function<config::document()> read, const std::string& config_file, net::asio::io_context& context)
    : read_(std::move(read)), context_(context), made_tickets_(certs::made_tickets(std::time(nullptr))) {
    if (!config_file.empty()) known_[config_file];
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
    const auto named = named_paths(doc);
    now.seen.merge(ops::look(named, seen_));
    // After the folders themselves, in which a file that comes now is another change.
    now.seen.merge(ops::look(files_in_folders(named), seen_));
    const bool in_order = !config::has_error(doc.problems);
    const auto of_texts = doc.problems.size();
    const config::settings wanted = doc.settings;
    now.loaded = session::make_snapshot(std::move(doc), made_tickets_, library_, serving);
    now.unfinished = !now.loaded.made && is_about_files(now.loaded.problems, of_texts, now.seen);
    if (in_order && !now.loaded.made) now.wanted = wanted;
    keep_in_use(now);
    return now;
}

// What a reading that failed has not come to is looked at as it is now, not as it was when it was read last: it would have
// changed again and again, and be read again each time.
void loader::keep_in_use(reading& now) {
    if (now.loaded.made) in_use_.clear();
    for (const auto& [path, state] : now.seen) in_use_[path] = state.names;
    if (!now.loaded.made) now.seen.merge(ops::look(in_use_, seen_));
    seen_ = now.seen;
}

// A file that is looked at after it was read may have changed in between, and nobody would know: those that were not known
// before are read once more.
config::document loader::read_document(ops::file_states& seen) {
    seen = ops::look(known_, seen_);
    auto doc = read_();
    auto own = own_paths(doc);
    if (std::exchange(known_, own) == own) return doc;
    seen = ops::look(known_, seen_);
    doc = read_();
    known_ = own_paths(doc);
    return doc;
}

bool loader::is_stuck() {
    return thread_.joinable() && end_.wait_for(patience_at_the_end) == std::future_status::timeout;
}

}  // namespace postern
