// A start before the secret is mounted: certificates and keys are looked for again and again until they can be served.
#pragma once

#include "proxy/loader.hpp"
#include "proxy/net/net.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace postern {

// Lives as long as it waits: to be made by std::make_shared.
class certificate_wait : public std::enable_shared_from_this<certificate_wait> {
public:
    // `done` is called once, on the loop of `context`: with what can be served, or what is wrong with it when `limit` is
    // over (also while a file is being waited for) or it is nothing that waiting may mend.
    certificate_wait(net::asio::io_context& context, loader& files, std::chrono::milliseconds limit,
                     std::function<void(reading)> done);

    // What was missing at first.
    void begin(reading first);

private:
    void look_again();
    void looked(reading r);
    void keep(reading r);
    void end(reading r);

    loader& loader_;
    std::function<void(reading)> done_;  // null: it has been called
    std::chrono::milliseconds limit_;
    net::timer limit_timer_;
    net::timer pause_timer_;
    reading last_;
    std::string told_;
};

}  // namespace postern
