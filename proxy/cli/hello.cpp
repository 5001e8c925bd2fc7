#include "proxy/cli/hello.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <system_error>
#include <vector>

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/un.h>
#include <unistd.h>

namespace postern::cli {
namespace {

using clock = std::chrono::steady_clock;

constexpr std::size_t largest_head = 16 * 1024;
constexpr std::size_t most_connections = 256;
constexpr std::chrono::seconds patience{30};

struct visitor {
    net::unique_fd fd;
    clock::time_point until = clock::now() + patience;
    std::string head = {};
    bool answered = false;  // what still comes is read and dropped: closing on unread bytes would reset the answer away
};

[[noreturn]] void fail(const std::string& what) { throw std::system_error(errno, std::generic_category(), what); }

std::string printable(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '\r') continue;
        out += c == '\n' ? std::string("\n    ") : std::string(1, c >= ' ' && c <= '~' ? c : '?');
    }
    return out;
}

std::string response(std::string_view status, std::string_view body, bool with_body) {
    std::string out = "HTTP/1.1 " + std::string(status) +
                      "\r\nContent-Type: text/plain; charset=utf-8\r\nX-Content-Type-Options: nosniff"
                      "\r\nConnection: close\r\nContent-Length: " +
                      std::to_string(body.size()) + "\r\n\r\n";
    if (with_body) out += body;
    return out;
}

void answer(visitor& v, std::string_view text) {
    // A page fits the socket's buffer; a client that is gone is not waited for.
    [[maybe_unused]] const auto sent = ::send(v.fd.value(), text.data(), text.size(), MSG_NOSIGNAL);
    ::shutdown(v.fd.value(), SHUT_WR);
    v.answered = true;
    v.until = clock::now() + patience;
}

// False when the connection is over.
bool read_from(visitor& v) {
    char buffer[4096];
    const auto got = ::recv(v.fd.value(), buffer, sizeof buffer, 0);
    if (got < 0) return errno == EAGAIN || errno == EINTR;
    if (got == 0) return false;
    if (v.answered) return true;
    v.head.append(buffer, static_cast<std::size_t>(got));
    if (const auto end = v.head.find("\r\n\r\n"); end != std::string::npos)
        answer(v, hello_answer(std::string_view(v.head).substr(0, end + 4)));
    else if (v.head.size() > largest_head)
        answer(v, response("431 Request Header Fields Too Large", "too much\n", true));
    return true;
}

void accept_one(int listener, std::vector<visitor>& visitors) {
    net::unique_fd fd(::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (fd.value() >= 0) visitors.push_back({std::move(fd)});
    // Without descriptors left (EMFILE) the listener stays readable, and asking again at once would spin.
    else if (errno != EAGAIN)
        ::poll(nullptr, 0, 100);
}

void serve_visitors(int listener, int end) {
    std::vector<visitor> visitors;
    for (;;) {
        std::vector<pollfd> watched{{end, POLLIN, 0}, {visitors.size() < most_connections ? listener : -1, POLLIN, 0}};
        for (const auto& v : visitors) watched.push_back({v.fd.value(), POLLIN, 0});
        if (::poll(watched.data(), watched.size(), 1000) < 0) continue;
        if (watched[0].revents != 0) return;
        const auto now = clock::now();
        for (std::size_t i = visitors.size(); i-- > 0;) {
            const bool stays = watched[i + 2].revents == 0 || read_from(visitors[i]);
            if (!stays || visitors[i].until < now) visitors.erase(visitors.begin() + static_cast<std::ptrdiff_t>(i));
        }
        if (watched[1].revents != 0) accept_one(listener, visitors);
    }
}

net::unique_fd listen_at(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    errno = ENAMETOOLONG;
    if (path.size() >= sizeof address.sun_path) fail(path);
    std::memcpy(address.sun_path, path.data(), path.size());
    net::unique_fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (fd.value() < 0 || ::bind(fd.value(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(fd.value(), 128) != 0)
        fail(path);
    return fd;
}

}  // namespace

std::string hello_answer(std::string_view head) {
    const auto line = head.substr(0, head.find("\r\n"));
    if (line.find(" HTTP/1.") == std::string_view::npos)
        return response("400 Bad Request", "this backend speaks HTTP/1.1\n", true);
    const auto fields = head.substr(0, head.find("\r\n\r\n"));
    const std::string body =
        "Hello from postern's demo.\n\nThis request came over TLS. postern decrypted it and passed "
        "it on through a unix socket,\nas plain bytes, to the backend that answers here:\n\n    " +
        printable(fields) + "\n";
    return response("200 OK", body, !line.starts_with("HEAD "));
}

hello_backend::hello_backend(const std::string& socket_path)
    : listener_(listen_at(socket_path)), end_(::eventfd(0, EFD_CLOEXEC)) {
    if (end_.value() < 0) fail("eventfd");
    // Signals are the daemon's.
    sigset_t all;
    sigset_t before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    thread_ = std::thread([listener = listener_.value(), end = end_.value()] { serve_visitors(listener, end); });
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

hello_backend::~hello_backend() {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(end_.value(), &one, sizeof one);
    thread_.join();
}

}  // namespace postern::cli
