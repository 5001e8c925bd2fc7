// A session that is only a relay: a connection to a peer of its server, and bytes both ways.
#pragma once

#include "proxy/net/relay.hpp"
#include "proxy/session/connection.hpp"
#include "proxy/upstream/connect.hpp"

#include <cstddef>
#include <optional>

namespace postern::session {

class tunnel final : public service {
public:
    tunnel(connection& of, std::size_t server) : connection_(of), server_(server) {}

    [[nodiscard]] net::task<> run() override;
    void stop(reason why) override;
    [[nodiscard]] const failure& ending() const override { return ending_; }
    [[nodiscard]] bool tell(ops::connection_outcome& o) const override;

private:
    [[nodiscard]] net::task<> connect();
    [[nodiscard]] net::task<> close();

    connection& connection_;
    const std::size_t server_;
    upstream::connector* connecting_ = nullptr;
    std::optional<net::plain_stream> upstream_;
    std::optional<net::relay> relay_;
    std::optional<ops::upstream_record> record_;
    std::optional<reason> stopped_;
    failure ending_;
};

}  // namespace postern::session
