// A backend that costs as little as one can. The first byte tells what is wanted: HTTP requests (G of GET) get two
// bytes and keep their connection; a line gets a line, and then the connection is closed, unless it began with an s
// (stay).
//
// usage: postern_backend PORT

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string_view>
#include <vector>

namespace {

constexpr std::string_view answer = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok";
constexpr std::string_view line = "pong\n";

int listen_on(std::uint16_t port) {
    const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const int on = 1;
    ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    ::setsockopt(listener, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);  // accepted sockets inherit it
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(listener, 65535) != 0) {
        return -1;
    }
    return listener;
}

void watch(int epoll, int socket) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = socket;
    ::epoll_ctl(epoll, EPOLL_CTL_ADD, socket, &event);
}

// How far a socket's request head has been seen to end: its last four bytes.
struct tail {
    std::uint32_t bytes = 0;

    // How many heads end in these bytes.
    int heads_in(std::string_view part) {
        int heads = 0;
        for (const char each : part) {
            bytes = bytes << 8 | static_cast<unsigned char>(each);
            if (bytes == 0x0d0a0d0a) ++heads;
        }
        return heads;
    }
};

// False when the connection is over.
bool serve(int socket, tail& seen) {
    std::array<char, 4096> part;
    const auto count = ::recv(socket, part.data(), part.size(), 0);
    if (count <= 0) return false;
    const std::string_view text(part.data(), static_cast<std::size_t>(count));
    if (seen.bytes == 0 && text.front() != 'G') {
        ::send(socket, line.data(), line.size(), MSG_NOSIGNAL);
        return text.front() == 's';
    }
    for (int heads = seen.heads_in(text); heads > 0; --heads) {
        ::send(socket, answer.data(), answer.size(), MSG_NOSIGNAL);
    }
    return true;
}

void serve_forever(int listener) {
    const int epoll = ::epoll_create1(EPOLL_CLOEXEC);
    watch(epoll, listener);
    std::vector<tail> tails;  // by descriptor
    std::array<epoll_event, 256> events;
    for (;;) {
        const int count = ::epoll_wait(epoll, events.data(), events.size(), -1);
        for (int each = 0; each < count; ++each) {
            const int socket = events[static_cast<std::size_t>(each)].data.fd;
            if (socket != listener) {
                if (!serve(socket, tails[static_cast<std::size_t>(socket)])) ::close(socket);
                continue;
            }
            for (int accepted; (accepted = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;) {
                if (tails.size() <= static_cast<std::size_t>(accepted)) tails.resize(accepted + std::size_t{1});
                tails[static_cast<std::size_t>(accepted)] = {};
                watch(epoll, accepted);
            }
        }
    }
}

}  // namespace

int main(int argc, char** argv) {
    rlimit files{};
    ::getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &files);
    const int listener = argc == 2 ? listen_on(static_cast<std::uint16_t>(std::atoi(argv[1]))) : -1;
    if (listener < 0) {
        std::cerr << "usage: postern_backend PORT\n";
        return 1;
    }
    serve_forever(listener);
}
