#include "proxy/ops/admin.hpp"

#include "proxy/upstream/address.hpp"

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
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
constexpr auto patience = std::chrono::seconds(10);

void throw_last(const char* what) { throw boost::system::system_error(errno, boost::system::system_category(), what); }

}  // namespace

class admin::server : public std::enable_shared_from_this<admin::server> {
public:
    server(net::asio::io_context& context, const config::endpoint& where, pages what)
        : acceptor_(context.get_executor()), pages_(std::move(what)) {
        const auto address = upstream::to_address(where);
        if (!address) throw std::runtime_error("admin.listen: not an IP address: " + config::to_string(where));
        if (where.type == config::endpoint::kind::unix_socket) {
            path_ = where.path;
            remove_stale(*address);
        }
        acceptor_.open(stream_protocol(address->family(), 0));
        if (path_.empty()) acceptor_.set_option(net::asio::socket_base::reuse_address(true));
        if (::bind(acceptor_.native_handle(), address->data(), address->size()) != 0) throw_last("admin.listen");
        if (!path_.empty()) ::chmod(path_.c_str(), 0660);
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
    // A socket that nobody answers on is left behind; one that answers belongs to somebody, and bind will say so.
    static void remove_stale(const upstream::address& address) {
        struct stat facts {};
        if (::stat(address.host().c_str(), &facts) != 0 || !S_ISSOCK(facts.st_mode)) return;
        const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (::connect(fd, address.data(), address.size()) != 0 && errno == ECONNREFUSED)
            ::unlink(address.host().c_str());
        ::close(fd);
    }

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
        ++self->connections_;
        co_await answer_all(*self, client);
        --self->connections_;
    }

    static net::task<> answer_all(server& self, stream& client) {
        beast::flat_buffer buffer(2 * largest_head);
        for (bool more = true; more;) {
            http::request_parser<http::empty_body> parser;
            parser.header_limit(largest_head);
            client.expires_after(patience);
            auto read = co_await http::async_read(client, buffer, parser, net::as_result);
            if (std::get<0>(read)) co_return;
            http::response<http::string_body> response = self.answer(parser.get());
            more = response.keep_alive();
            auto written = co_await http::async_write(client, response, net::as_result);
            if (std::get<0>(written)) co_return;
        }
    }

    [[nodiscard]] http::response<http::string_body> answer(const http::request<http::empty_body>& request) const {
        const auto target = std::string_view(request.target().data(), request.target().size());
        const auto found = pages_.find(target.substr(0, target.find('?')));
        page p{404, "text/plain; charset=utf-8", "no such page\n"};
        if (request.method() != http::verb::get && request.method() != http::verb::head)
            p = {405, p.type, "only GET and HEAD\n"};
        else if (found != pages_.end())
            p = found->second();
        http::response<http::string_body> response(static_cast<http::status>(p.status), request.version());
        response.set(http::field::content_type, p.type);
        response.set(http::field::cache_control, "no-store");
        response.keep_alive(request.keep_alive());
        if (p.status == 405) response.set(http::field::allow, "GET, HEAD");
        const auto size = p.body.size();
        if (request.method() != http::verb::head) response.body() = std::move(p.body);
        response.content_length(size);
        return response;
    }

    acceptor acceptor_;
    pages pages_;
    std::string path_;
    std::size_t connections_ = 0;
};

admin::admin(net::asio::io_context& context, const config::endpoint& where, pages what)
    : server_(std::make_shared<server>(context, where, std::move(what))) {
    server_->start();
}

admin::~admin() { server_->stop(); }

}  // namespace postern::ops
