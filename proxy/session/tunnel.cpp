#include "proxy/session/tunnel.hpp"

#include "proxy/session/closing.hpp"
#include "proxy/session/worker.hpp"

namespace postern::session {

net::task<> tunnel::run() {
    co_await connect();
    if (upstream_) {
        auto& w = connection_.on;
        relay_.emplace(*connection_.client, *upstream_, w.pool(), w.deadlines(),
                       connection_.face->server(server_).proxy_timeout, &connection_.counts.bytes);
        ending_ = co_await relay_->run();
    }
    co_await close();
}

net::task<> tunnel::connect() {
    auto& target = connection_.face->target(server_);
    const auto begun = net::clock::now();
    upstream::connector connector(target.shared_from_this(), connection_.face->connect_timeout(server_));
    connecting_ = &connector;
    if (stopped_) connector.stop(*stopped_);
    auto connected = co_await connector.run();
    connecting_ = nullptr;
    record_ = ops::upstream_record{target.name(), {}, net::clock::now() - begun};
    if (!connected) {
        ending_ = connected.error();
        co_return;
    }
    record_->peer = std::move(connected->peer_text);
    upstream_.emplace(std::move(connected->socket));
}

net::task<> tunnel::close() {
    return close_both(connection_.client.get(), upstream_ ? &*upstream_ : nullptr, ending_.why, stopped_);
}

void tunnel::stop(reason why) {
    stopped_ = why;
    if (relay_) return relay_->stop(party::postern, why);
    if (connecting_ != nullptr) connecting_->stop(why);
}

bool tunnel::tell(ops::connection_outcome& o) const {
    o.upstream = record_;
    if (relay_) {
        o.bytes_in = relay_->from_client();
        o.bytes_out = relay_->from_upstream();
    }
    return true;
}

}  // namespace postern::session
