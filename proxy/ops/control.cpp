#include "proxy/ops/control.hpp"

#include "proxy/net/socket.hpp"

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/write.hpp>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <filesystem>

#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

namespace postern::ops {
namespace {

using net::asio::generic::stream_protocol;

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

name name_of(const std::string& config_file) {
    std::error_code ignored;
    auto canonical = std::filesystem::weakly_canonical(std::filesystem::absolute(config_file, ignored), ignored);
    std::string text = "postern:" + canonical.string();
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
        explicit conversation(net::stream_socket&& s) : socket(std::move(s)) {}
        net::stream_socket socket;
        std::string request = std::string(64, '\0');
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
        auto read = co_await with->socket.async_read_some(net::asio::buffer(with->request), net::as_result);
        if (std::get<0>(read)) co_return;
        with->request.resize(std::get<1>(read));
        if (with->request != "reload\n") {
            say(with, "an unknown request\nfailed\n");
            co_return;
        }
        self->on_reload_([with](bool ok, const std::string& text) { say(with, text + (ok ? "ok\n" : "failed\n")); });
    }

    static void say(const std::shared_ptr<conversation>& with, std::string text) {
        with->answer = std::move(text);
        net::asio::async_write(with->socket, net::asio::buffer(with->answer), [with](net::error_code, std::size_t) {});
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
    if (fd.value() < 0 || ::setsockopt(fd.value(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) != 0 ||
        ::connect(fd.value(), reinterpret_cast<const sockaddr*>(&n.address), n.size) != 0) {
        text += "no postern serves " + config_file + ": " + std::strerror(errno) + "\n";
        return control_verdict::unavailable;
    }
    // Root may ask anybody's daemon; anybody else only root's or their own.
    if (::geteuid() != 0 && !trusted(fd.value())) {
        text += "what answers for " + config_file + " belongs to another user\n";
        return control_verdict::unavailable;
    }
    constexpr std::string_view request = "reload\n";
    if (::send(fd.value(), request.data(), request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request.size()))
        return control_verdict::unavailable;
    std::string answer;
    char buffer[4096];
    for (ssize_t got = 0; (got = ::recv(fd.value(), buffer, sizeof buffer, 0)) > 0;)
        answer.append(buffer, static_cast<std::size_t>(got));
    const bool ok = answer.ends_with("ok\n");
    const bool failed = answer.ends_with("failed\n");
    if (!ok && !failed) {
        text += answer + "the daemon gave no verdict\n";
        return control_verdict::unavailable;
    }
    text += answer.substr(0, answer.size() - (ok ? 3 : 7));
    return ok ? control_verdict::ok : control_verdict::failed;
}

}  // namespace postern::ops
