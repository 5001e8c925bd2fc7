#include "proxy/ops/control.hpp"

#include "proxy/net/socket.hpp"
#include "proxy/ops/text.hpp"

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <string_view>

#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

namespace postern::ops {
namespace {

using net::asio::generic::stream_protocol;

constexpr auto time_to_ask = std::chrono::seconds(10);
constexpr std::size_t longest_request = 64;
constexpr std::string_view reload_request = "reload\n";

struct name {
    sockaddr_un address{};
    socklen_t size = 0;
};

// FNV-1a: the name must be the same in the daemon and in the client, and need not be secret.
std::string hash(const std::string& text) {
    std::uint64_t h = 14695981039346656037ULL;
    for (const char c : text) h = (h ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
    return std::to_string(h);
}

// The folder is canonical, so that two spellings of it agree; the file is not: one that is itself a symlink (a mounted
// ConfigMap) may point elsewhere by the time it is to be read again.
name name_of(const std::string& config_file) {
    std::error_code ignored;
    const auto path = std::filesystem::absolute(config_file, ignored);
    const auto folder = std::filesystem::weakly_canonical(path.parent_path(), ignored);
    std::string text = "postern:" + (folder / path.filename()).string();
    name n;
    if (text.size() + 1 > sizeof n.address.sun_path) text = "postern:#" + hash(text);
    n.address.sun_family = AF_UNIX;
    std::memcpy(n.address.sun_path + 1, text.data(), text.size());
    n.size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + text.size());
    return n;
}

// Root, or the same user.
bool trusted(int fd) {
    ucred who{};
    socklen_t size = sizeof who;
    if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size) != 0) return false;
    return who.uid == 0 || who.uid == ::geteuid();
}

std::string read_all(int fd) {
    std::string all;
    char buffer[4096];
    for (ssize_t got = 0; (got = ::recv(fd, buffer, sizeof buffer, 0)) > 0;)
        all.append(buffer, static_cast<std::size_t>(got));
    return all;
}

// Whether `line` is the last one of `text`, which then loses it.
bool take_last_line(std::string& text, std::string_view line) {
    if (!text.ends_with(line)) return false;
    const auto before = text.size() - line.size();
    if (before > 0 && text[before - 1] != '\n') return false;
    text.resize(before);
    return true;
}

// Who answers root may be anybody: nothing of it may steer the terminal.
void append_readable_lines(std::string& to, std::string_view lines) {
    while (!lines.empty()) {
        const auto line = lines.substr(0, lines.find('\n'));
        append_readable_text(to, line);
        to += '\n';
        lines.remove_prefix(std::min(lines.size(), line.size() + 1));
    }
}

}  // namespace

class control_server::server : public std::enable_shared_from_this<control_server::server> {
public:
    server(net::asio::io_context& context, const std::string& config_file, handler on_reload)
        : acceptor_(context.get_executor()), on_reload_(std::move(on_reload)) {
        const auto n = name_of(config_file);
        acceptor_.open(stream_protocol(AF_UNIX, 0));
        if (::bind(acceptor_.native_handle(), reinterpret_cast<const sockaddr*>(&n.address), n.size) != 0)
            throw boost::system::system_error(errno, boost::system::system_category(), "control socket");
        acceptor_.listen(8);
    }

    void start() { net::asio::co_spawn(acceptor_.get_executor(), accept(shared_from_this()), net::asio::detached); }
    void stop() {
        net::error_code ignored;
        acceptor_.close(ignored);
    }

private:
    struct conversation {
        explicit conversation(net::asio_socket&& s) : socket(std::move(s)), limit(socket.get_executor()) {}
        net::asio_socket socket;
        net::timer limit;
        std::string request;
        std::string answer;
    };

    static net::task<> accept(std::shared_ptr<server> self) {
        net::timer pause(self->acceptor_.get_executor());
        while (self->acceptor_.is_open()) {
            auto accepted = co_await self->acceptor_.async_accept(net::as_result);
            auto& [error, socket] = accepted;
            if (error == net::asio::error::operation_aborted) co_return;
            if (error) {
                pause.expires_after(std::chrono::milliseconds(200));
                co_await pause.async_wait(net::as_result);
                continue;
            }
            if (!trusted(socket.native_handle())) continue;
            net::asio::co_spawn(self->acceptor_.get_executor(),
                                converse(self, std::make_shared<conversation>(std::move(socket))), net::asio::detached);
        }
    }

    static net::task<> converse(std::shared_ptr<server> self, std::shared_ptr<conversation> with) {
        with->limit.expires_after(time_to_ask);
        with->limit.async_wait([with](net::error_code e) {
            if (!e) with->socket.cancel(e);
        });
        auto read = co_await net::asio::async_read_until(
            with->socket, net::asio::dynamic_buffer(with->request, longest_request), '\n', net::as_result);
        with->limit.cancel();
        if (std::get<0>(read)) co_return;
        if (with->request != reload_request) {
            say(with, "an unknown request\nfailed\n");
            co_return;
        }
        self->on_reload_([with](bool ok, const std::string& text) { say(with, text + (ok ? "ok\n" : "failed\n")); });
    }

    static void say(const std::shared_ptr<conversation>& with, std::string text) {
        with->answer = std::move(text);
        net::asio::async_write(with->socket, net::asio::buffer(with->answer), [with](net::error_code, std::size_t) {
            // The end of the answer, whoever still holds the reply.
            net::error_code ignored;
            with->socket.shutdown(net::asio::socket_base::shutdown_both, ignored);
        });
    }

    net::asio::basic_socket_acceptor<stream_protocol, net::executor> acceptor_;
    handler on_reload_;
};

control_server::control_server(net::asio::io_context& context, const std::string& config_file, handler on_reload)
    : server_(std::make_shared<server>(context, config_file, std::move(on_reload))) {
    server_->start();
}

control_server::~control_server() { server_->stop(); }

control_verdict request_reload(const std::string& config_file, std::chrono::seconds patience, std::string& text) {
    const auto n = name_of(config_file);
    const net::unique_fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const timeval limit{patience.count(), 0};
    // The limit for sending is also connect's, which waits while the daemon's queue is full.
    if (fd.value() < 0 || ::setsockopt(fd.value(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) != 0 ||
        ::setsockopt(fd.value(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) != 0 ||
        ::connect(fd.value(), reinterpret_cast<const sockaddr*>(&n.address), n.size) != 0) {
        text += "no postern serves " + config_file + ": " + std::strerror(errno) + "\n";
        return control_verdict::unavailable;
    }
    // Root may ask anybody's daemon; anybody else only root's or their own.
    if (::geteuid() != 0 && !trusted(fd.value())) {
        text += "what answers for " + config_file + " belongs to another user\n";
        return control_verdict::unavailable;
    }
    std::string answer;
    if (::send(fd.value(), reload_request.data(), reload_request.size(), MSG_NOSIGNAL) ==
        static_cast<ssize_t>(reload_request.size()))
        answer = read_all(fd.value());
    const bool ok = take_last_line(answer, "ok\n");
    const bool failed = !ok && take_last_line(answer, "failed\n");
    append_readable_lines(text, answer);
    if (ok) return control_verdict::ok;
    if (failed) return control_verdict::failed;
    text += "the daemon gave no verdict\n";
    return control_verdict::unavailable;
}

}  // namespace postern::ops
