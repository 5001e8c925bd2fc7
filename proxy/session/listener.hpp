// One listening socket of one worker: accepts in batches, and rests while there is no room or no descriptor.
#pragma once

#include "proxy/net/deadline.hpp"
#include "proxy/net/stream_socket.hpp"
#include "proxy/net/socket.hpp"
#include "proxy/ops/counts.hpp"
#include "proxy/session/face.hpp"

namespace postern::session {

class worker;

class listener final : private net::deadline {
public:
    // Connections are served by `f`, of whose snapshot `address` is a part; see move_to(). They are counted in `counts`.
    listener(worker& w, net::unique_fd fd, face_ptr f, const listen_address& address, ops::listener_counts& counts);
    ~listener() override;

    void start() { accept_some(); }
    // A reload: the same address as the new snapshot describes it.
    void move_to(face_ptr f, const listen_address& address) {
        face_ = std::move(f);
        address_ = &address;
    }
    // Fewer handshakes wait than may: goes on if that is what it rests for.
    void crowd_is_over();
    [[nodiscard]] const config::endpoint& endpoint() const { return address_->endpoint; }

    // Accepts all that waits in the kernel's queue and closes. When a reload takes the address away, the face that it had
    // is the one that knows it.
    void drain();

private:
    enum class pause : std::uint8_t {
        none,     // the queue is empty
        turn,     // a batch is done, others have a turn
        limit,    // limits.connections is reached: the rest waits in the kernel's queue
        crowd,    // limits.handshakes_waiting is reached: likewise
        trouble,  // no descriptor or no memory
    };

    // A batch now, and more when there is more or there may be room for it.
    void accept_some();
    [[nodiscard]] pause accept_batch(int most);
    void expired() override { accept_some(); }

    worker& worker_;
    net::stream_socket socket_;
    face_ptr face_;
    const listen_address* address_;
    ops::listener_counts& counts_;
    bool crowded_ = false;  // rests for that
    bool reported_ = false;
};

}  // namespace postern::session
