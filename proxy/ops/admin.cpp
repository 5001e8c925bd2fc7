#include "proxy/ops/admin.hpp"

#include "proxy/net/socket.hpp"
#include "proxy/ops/own_name.hpp"
#include "proxy/upstream/address.hpp"

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

namespace postern::ops {
namespace {

namespace beast = boost::beast;
namespace http = beast::http;
using net::asio::generic::stream_protocol;
using acceptor = net::asio::basic_socket_acceptor<stream_protocol, net::executor>;
using stream = beast::basic_stream<stream_protocol, net::executor>;

constexpr std::size_t most_connections = 64;
constexpr std::size_t largest_head = 8 * 1024;
constexpr auto patience = std::chrono::seconds(10);  // for a request and its answer
constexpr auto plain_text = "text/plain; charset=utf-8";

// Of every answer. What runs in a browser is what this listener has, and what it is told stays between the two.
constexpr std::pair<std::string_view, std::string_view> for_browsers[] = {
    {"Content-Security-Policy",
     "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; "
     "form-action 'none'; frame-ancestors 'none'"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Referrer-Policy", "no-referrer"},
    {"X-Content-Type-Options", "nosniff"},
};

// Counts as long as it lives, however that ends.
class counted {
public:
    explicit counted(std::size_t& count) : count_(count) { ++count_; }
    ~counted() { --count_; }
    counted(const counted&) = delete;
    counted& operator=(const counted&) = delete;

private:
    std::size_t& count_;
};

[[noreturn]] void cannot_listen(const config::endpoint& where, int error) {
    throw boost::system::system_error(error, boost::system::system_category(),
                                      "admin.listen: " + config::to_string(where));
}

// A socket that nobody answers on is left behind; one that answers belongs to somebody, and bind will say so.
void remove_stale(const upstream::address& address) {
    const auto path = address.host();
    struct stat facts {};
    if (::lstat(path.c_str(), &facts) != 0 || !S_ISSOCK(facts.st_mode)) return;
    // Without waiting: one that answers may have its queue full.
    const net::unique_fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (::connect(fd.value(), address.data(), address.size()) != 0 && errno == ECONNREFUSED) ::unlink(path.c_str());
}

// Only the head of a request is read.
using head_parser = http::request_parser<http::empty_body>;
using reply = http::response<http::string_body>;

}  // namespace

class admin::server : public std::enable_shared_from_this<admin::server> {
public:
    server(net::asio::io_context& context, const config::endpoint& where, pages what)
        : acceptor_(context.get_executor()), pages_(std::move(what)), loopback_(is_loopback(where)) {
        const auto address = upstream::to_address(where);
        // A name has no address of its own, and a path can be too long for the kernel.
        if (!address) cannot_listen(where, EADDRNOTAVAIL);
        const bool local = where.type == config::endpoint::kind::unix_socket;
        if (local) remove_stale(*address);
        acceptor_.open(stream_protocol(address->family(), 0));
        if (!local) acceptor_.set_option(net::asio::socket_base::reuse_address(true));
        if (address->family() == AF_INET6) acceptor_.set_option(net::asio::ip::v6_only(true));
        if (::bind(acceptor_.native_handle(), address->data(), address->size()) != 0) cannot_listen(where, errno);
        if (local) {
            path_ = where.path;
            if (::chmod(path_.c_str(), 0660) != 0) cannot_listen(where, errno);
        }
        acceptor_.listen(64);
    }

    ~server() {
        if (!path_.empty()) ::unlink(path_.c_str());
    }

    void start() { net::asio::co_spawn(acceptor_.get_executor(), accept(shared_from_this()), net::asio::detached); }

    void stop() {
        net::error_code ignored;
        acceptor_.close(ignored);
    }

private:
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
            if (self->connections_ >= most_connections) continue;
            net::asio::co_spawn(self->acceptor_.get_executor(), serve(self, stream(std::move(socket))),
                                net::asio::detached);
        }
    }

    static net::task<> serve(std::shared_ptr<server> self, stream client) {
        const counted one(self->connections_);
        beast::flat_buffer buffer(2 * largest_head);
        for (bool more = true; more;) {
            head_parser parser;
            parser.header_limit(largest_head);
            client.expires_after(patience);
            auto read = co_await http::async_read_header(client, buffer, parser, net::as_result);
            if (std::get<0>(read)) co_return;
            reply answer = self->answer(parser);
            more = answer.keep_alive();
            auto written = co_await http::async_write(client, answer, net::as_result);
            if (std::get<0>(written)) co_return;
        }
    }

    [[nodiscard]] reply answer(const head_parser& parser) const {
        const auto& request = parser.get();
        const auto host = request[http::field::host];
        page p = loopback_ && !is_own_name({host.data(), host.size()})
                     ? page{421, plain_text, "this listener is on loopback: ask it by its address or as localhost\n"}
                     : page_of(request.method(), {request.target().data(), request.target().size()});
        reply to(static_cast<http::status>(p.status), request.version());
        to.set(http::field::content_type, p.type);
        to.set(http::field::cache_control, "no-store");
        for (const auto& [name, value] : for_browsers)
            to.set(beast::string_view(name.data(), name.size()), beast::string_view(value.data(), value.size()));
        if (p.status == 405) to.set(http::field::allow, "GET, HEAD");
        // A body would be read as the next request.
        to.keep_alive(request.keep_alive() && !parser.chunked() && parser.content_length().value_or(0) == 0);
        to.content_length(p.body.size());
        if (request.method() != http::verb::head) to.body() = std::move(p.body);
        return to;
    }

    [[nodiscard]] page page_of(http::verb method, std::string_view target) const {
        if (method != http::verb::get && method != http::verb::head) return {405, plain_text, "only GET and HEAD\n"};
        const auto found = pages_.find(target.substr(0, target.find('?')));
        return found == pages_.end() ? page{404, plain_text, "no such page\n"} : found->second();
    }

    acceptor acceptor_;
    pages pages_;
    bool loopback_;
    std::string path_;
    std::size_t connections_ = 0;
};

admin::admin(net::asio::io_context& context, const config::endpoint& where, pages what)
    : server_(std::make_shared<server>(context, where, std::move(what))) {
    server_->start();
}

admin::~admin() { server_->stop(); }

}  // namespace postern::ops
