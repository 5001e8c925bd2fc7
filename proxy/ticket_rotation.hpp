// When ticket keys change: on the main thread, for all workers.
#pragma once

#include "proxy/net/net.hpp"
#include "proxy/session/snapshot.hpp"

#include <functional>
#include <memory>

namespace postern {

class ticket_rotation {
public:
    using tell = std::function<void(const std::shared_ptr<const session::snapshot>&, const session::ticket_key_sets&)>;

    // `changed` is called on the loop's thread with the keys of now, whenever they are others than before.
    ticket_rotation(net::asio::io_context& context, tell changed);

    // From now on for what this snapshot serves. Workers have its keys as they were when it was loaded.
    void follow(std::shared_ptr<const session::snapshot> served);

private:
    void turn();

    net::timer timer_;
    tell changed_;
    std::shared_ptr<const session::snapshot> served_;
    session::ticket_key_sets told_;
};

}  // namespace postern
