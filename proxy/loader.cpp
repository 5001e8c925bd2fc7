#include "proxy/loader.hpp"

#include <boost/asio/post.hpp>

#include <chrono>
#include <ctime>
#include <system_error>
#include <utility>

namespace postern {
namespace {

constexpr auto patience_at_the_end = std::chrono::seconds(1);

}  // namespace

loader::loader(std::function<config::document()> read, net::asio::io_context& context)
    : read_(std::move(read)), context_(context), made_tickets_(certs::made_tickets(std::time(nullptr))) {}

loader::~loader() {
    if (thread_.joinable()) thread_.join();
}

std::string loader::begin(std::shared_ptr<const session::snapshot> serving, std::function<void(session::loaded)> done) {
    if (thread_.joinable()) thread_.join();
    std::packaged_task<void()> work([this, serving = std::move(serving), done = std::move(done)] {
        auto doc = read_();
        auto next = std::make_shared<session::loaded>(files_of(std::move(doc), serving.get()));
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

session::loaded loader::files_of(config::document doc, const session::snapshot* serving) const {
    return session::make_snapshot(std::move(doc), made_tickets_, library_, serving);
}

bool loader::is_stuck() {
    return thread_.joinable() && end_.wait_for(patience_at_the_end) == std::future_status::timeout;
}

}  // namespace postern
