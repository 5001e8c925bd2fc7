// Bytes through the relay, between two socket pairs: what it costs beyond the kernel's own copying.
#include "proxy/net/relay.hpp"

#include <boost/asio/co_spawn.hpp>

#include <benchmark/benchmark.h>

#include <sys/socket.h>
#include <unistd.h>

#include <vector>

namespace {

using namespace postern;
using namespace postern::net;

struct far_end {
    int fd = -1;
    far_end() = default;
    far_end(const far_end&) = delete;
    far_end& operator=(const far_end&) = delete;
    ~far_end() { ::close(fd); }
};

std::unique_ptr<plain_stream> near_end(loop& on, far_end& far) {
    int fds[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds) != 0) return nullptr;
    far.fd = fds[0];
    return std::make_unique<plain_stream>(stream_socket(on, unique_fd(fds[1])));
}

// One message from the client until the backend has all of it.
void relay_message(benchmark::State& state) {
    loop on;
    block_pool pool;
    far_end client, backend;
    const auto client_side = near_end(on, client);
    const auto backend_side = near_end(on, backend);
    if (!client_side || !backend_side) return state.SkipWithError("no socket pair");
    relay between(*client_side, *backend_side, pool, on.all_deadlines(), std::chrono::minutes(1));
    bool ended = false;
    const auto note_end = [&](const std::exception_ptr&, const failure&) { ended = true; };
    on.spawn(between.run(), note_end);

    const std::vector<char> message(static_cast<std::size_t>(state.range(0)));
    std::vector<char> heard(message.size());
    for (auto _ : state) {
        if (::send(client.fd, message.data(), message.size(), 0) != ssize_t(message.size())) {
            return state.SkipWithError("the message does not fit into a socket");
        }
        for (std::size_t arrived = 0; arrived < message.size();) {
            on.turn({});
            const auto count = ::recv(backend.fd, heard.data(), heard.size(), 0);
            if (count > 0) arrived += static_cast<std::size_t>(count);
        }
    }
    state.SetBytesProcessed(state.iterations() * state.range(0));
    ::shutdown(client.fd, SHUT_WR);
    ::shutdown(backend.fd, SHUT_WR);
    while (!ended) on.turn(std::chrono::seconds(1));
}
BENCHMARK(relay_message)->Arg(100)->Arg(64 * 1024);

}  // namespace
