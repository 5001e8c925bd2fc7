// One client. An exchange is: connect, shake hands, ask, read the answer, close; a kept connection only asks and reads.
#pragma once

#include "bench/load/arrivals.hpp"
#include "bench/load/options.hpp"
#include "bench/load/tally.hpp"
#include "bench/load/tls_client.hpp"

#include <optional>
#include <string>

namespace postern::load {

// How an exchange ended: empty when it was answered, else the cause.
using failure = std::string;

class connection {
public:
    connection(const options& asked, const tls_client& tls, tally& counts)
        : asked_(asked), tls_(tls), counts_(counts) {}
    connection(connection&& other) noexcept;
    connection& operator=(connection&&) = delete;
    connection(const connection&) = delete;
    connection& operator=(const connection&) = delete;
    ~connection() { drop(); }

    // Opens a socket, or uses the kept one. `watch` is called with a new socket, to be told when it is ready.
    template <class Watch>
    std::optional<failure> begin(clock::time_point due, clock::time_point now, Watch&& watch) {
        due_ = due;
        begun_ = now;
        if (socket_ >= 0) look_while_idle();
        if (socket_ >= 0) {
            step_ = step::asking;
        } else {
            if (auto failed = open()) return failed;
            watch(socket_);
        }
        return advance();
    }

    // Goes as far as the socket lets it; how the exchange ended, once it has.
    std::optional<failure> advance();

    // For the driver's clock: an exchange that takes too long ends here.
    failure give_up();
    [[nodiscard]] bool busy() const { return step_ != step::idle; }
    [[nodiscard]] clock::time_point begun() const { return begun_; }

private:
    enum class step { idle, connecting, shaking_hands, asking, reading, closing };

    std::optional<failure> open();
    std::optional<failure> fail(std::string cause);
    void look_while_idle();
    std::optional<failure> read();
    std::optional<failure> take_answer();
    bool part_ways();
    [[nodiscard]] bool answer_is_whole() const;
    [[nodiscard]] bool would_block(int result) const;
    void ask();
    void drop();

    const options& asked_;
    const tls_client& tls_;
    tally& counts_;

    int socket_ = -1;
    ssl_ptr<SSL> session_;
    wallet wallet_;
    std::uint64_t tickets_before_ = 0;
    step step_ = step::idle;
    clock::time_point due_;
    clock::time_point begun_;
    std::string request_;
    std::string answer_;
};

}  // namespace postern::load
