#include "proxy/session/listener.hpp"

#include "proxy/ops/log.hpp"
#include "proxy/session/worker.hpp"

#include <limits>

namespace postern::session {
namespace {

constexpr int batch = 16;
constexpr auto limit_rest = std::chrono::milliseconds(100);
constexpr auto trouble_rest = std::chrono::milliseconds(500);

}  // namespace

listener::listener(worker& w, net::unique_fd fd, face_ptr f, const listen_address& address,
                   ops::listener_counts& counts)
    : worker_(w), socket_(w.loop(), std::move(fd)), face_(std::move(f)), address_(&address), counts_(counts) {}

listener::~listener() = default;

void listener::accept_some() {
    const auto again = [this](net::error_code e) {
        if (!e) accept_some();  // else closed, and perhaps *this is gone
    };
    // Not while draining: what has come by then is served, however many they are.
    crowded_ = worker_.admission().crowded();
    switch (crowded_ ? pause::crowd : accept_batch(batch)) {
        case pause::turn: socket_.still_readable(); [[fallthrough]];
        case pause::none: return socket_.async_wait(net::direction::read, again);
        case pause::crowd:
        case pause::limit: return arm(worker_.deadlines(), limit_rest);
        case pause::trouble: return arm(worker_.deadlines(), trouble_rest);
    }
}

void listener::crowd_is_over() {
    if (!crowded_) return;
    disarm();
    accept_some();
}

listener::pause listener::accept_batch(int most) {
    for (int i = 0; i < most; ++i) {
        if (!worker_.reserve_connection()) return pause::limit;
        auto accepted = net::accept_from(socket_.native_handle());
        if (accepted) {
            reported_ = false;
            worker_.serve(face_, {*address_, counts_}, std::move(*accepted));
            continue;
        }
        worker_.release_connection();
        const auto error = accepted.error();
        if (error.value() == EAGAIN) return pause::none;
        // EMFILE and its like last: one line until it is over, and no spinning on a queue that stays readable.
        if (!reported_) ops::log::error("accept on {}: {}", address_->name, error.message());
        reported_ = true;
        return pause::trouble;
    }
    return pause::turn;
}

void listener::drain() {
    disarm();
    while (accept_batch(std::numeric_limits<int>::max()) == pause::turn) {}
    socket_.close();
}

}  // namespace postern::session
