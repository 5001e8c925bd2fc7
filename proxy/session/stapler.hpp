// Keeps the staples of our certificates fresh: asks their responders at the start and again before a staple ends, judges
// what they say, and tells the workers. On a thread and a loop of its own, so that neither the checking of signatures nor
// the writing of files takes time from traffic.
#pragma once

#include "certs/staple_order.hpp"
#include "proxy/net/loop.hpp"
#include "proxy/session/inquiry.hpp"
#include "proxy/upstream/resolve.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace postern::session {

class stapler {
public:
    // Called on the stapler's thread: what is stapled from now on under this order's id; null: nothing.
    using publisher = std::function<void(const std::string& id, const certs::staple_ptr& fresh)>;

    // Throws std::system_error when there is no descriptor or thread. `names` must be there until stop() has returned;
    // its answers are posted here, so that the stapler itself must outlive it.
    stapler(upstream::resolver& names, publisher publish);
    ~stapler();
    stapler(const stapler&) = delete;
    stapler& operator=(const stapler&) = delete;

    // From any thread. From now on these orders, each once; what is new is asked for at once, what stays goes on, and a
    // certificate whose settings have changed keeps its staple if that stands up to them. `state_directory`: where
    // responses are kept; empty: nowhere. Workers must have been told of the orders before.
    void adopt(std::vector<certs::staple_order_ptr> orders, std::string state_directory);
    // Ends the thread. Nothing is published after it.
    void stop();

private:
    struct job {
        certs::staple_order_ptr order;
        certs::staple_ptr held;
        certs::time_point due{};  // when its responder is asked
        unsigned failures = 0;    // since its responder last said something of use
        std::string trouble;      // of the last failure, so that it is told once
        bool asking = false;
    };

    void run();
    void adopt_here(const std::vector<certs::staple_order_ptr>& orders, std::string state_directory);
    void seed(job& fresh, const std::map<std::string, job>& before);
    // Whether there was any.
    [[nodiscard]] bool begin_what_is_due(certs::time_point now);
    void withdraw_what_has_ended(certs::time_point now);
    [[nodiscard]] std::chrono::milliseconds rest(certs::time_point now) const;
    [[nodiscard]] net::task<> ask(certs::staple_order_ptr order);
    void answered(job& j, const result<certs::der>& answer);
    void take(job& j, certs::staple_ptr fresh, certs::time_point now);
    void is_revoked(job& j, certs::time_point now);
    void failed(job& j, std::string trouble, certs::time_point now);
    [[nodiscard]] double luck() { return std::uniform_real_distribution<double>()(random_); }

    upstream::resolver& names_;
    publisher publish_;
    net::loop loop_;
    std::map<std::string, job> jobs_;  // by the id of their order
    std::string state_directory_;
    inquiry_list running_;
    std::size_t asking_ = 0;  // those, and those that have not begun to run
    bool stopping_ = false;
    bool folder_failed_ = false;  // told once
    std::mt19937 random_{std::random_device{}()};
    std::thread thread_;
};

}  // namespace postern::session
