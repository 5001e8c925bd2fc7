#include "proxy/console/ask.hpp"

#include "proxy/upstream/resolve.hpp"

#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include <exception>
#include <future>
#include <utility>

namespace postern::console {
namespace {

namespace beast = boost::beast;
namespace http = beast::http;
using net::asio::generic::stream_protocol;
using stream = beast::basic_stream<stream_protocol, net::executor>;

constexpr std::chrono::seconds patience{5};
constexpr std::size_t largest_answer = 4 * 1024 * 1024;

trouble trouble_of(const net::error_code& error) {
    if (error == beast::error::timeout) return {"no whole answer within 5 s"};
    if (error == http::error::body_limit) return {"an answer of more than 4 MiB"};
    if (error == http::error::end_of_stream || error == http::error::partial_message)
        return {"it ends the connection without a whole answer"};
    if (error.category() == http::make_error_code(http::error::bad_version).category())
        return {"it does not speak HTTP: " + error.message()};
    return {error.message()};
}

http::request<http::empty_body> question(const std::string& host) {
    http::request<http::empty_body> get(http::verb::get, "/status", 11);
    get.set(http::field::host, host);
    get.set(http::field::accept, "application/json");
    get.set(http::field::connection, "close");
    return get;
}

net::task<result<std::string>> converse(stream& with, const std::string& host) {
    const auto get = question(host);
    const auto sent = co_await http::async_write(with, get, net::as_result);
    if (std::get<0>(sent)) co_return trouble_of(std::get<0>(sent));
    beast::flat_buffer buffer;
    http::response_parser<http::string_body> parser;
    parser.body_limit(largest_answer);
    const auto read = co_await http::async_read(with, buffer, parser, net::as_result);
    if (std::get<0>(read)) co_return trouble_of(std::get<0>(read));
    const auto status = parser.get().result_int();
    if (status != 200)
        co_return trouble{"it answers /status with " + std::to_string(status) +
                          ", as no admin listener of postern does"};
    // Both kinds of a result could be made of a text.
    co_return result<std::string>(boost::system::in_place_value, std::move(parser.get().body()));
}

net::task<> ask_into(admin_address where, result<std::string>* to) { *to = co_await ask_status(std::move(where)); }

}  // namespace

result<admin_address> find_admin(const config::endpoint& where) {
    admin_address found{config::to_string(where), {}};
    if (const auto address = upstream::to_address(where)) {
        found.addresses.push_back(*address);
        return found;
    }
    if (where.type == config::endpoint::kind::unix_socket) return trouble{"its path is too long for a unix socket"};
    // Shared with a callback that may come when nobody waits any more.
    const auto said = std::make_shared<std::promise<upstream::answer>>();
    auto answer = said->get_future();
    upstream::resolver resolver;
    resolver.resolve(where.host, [said](upstream::answer a) { said->set_value(std::move(a)); });
    if (answer.wait_for(patience) != std::future_status::ready) return trouble{"its name is not resolved within 5 s"};
    const auto known = answer.get();
    for (const auto& address : known.addresses) found.addresses.push_back(address.with_port(where.port));
    if (found.addresses.empty()) return trouble{known.error};
    return found;
}

net::task<result<std::string>> ask_status(admin_address where) {
    const auto executor = co_await net::asio::this_coro::executor;
    const auto limit = net::clock::now() + patience;
    trouble last{"it has no address"};
    auto left = static_cast<int>(where.addresses.size());
    for (const auto& address : where.addresses) {
        stream connection(executor);
        // One that is silent leaves the others their share.
        const auto now = net::clock::now();
        connection.expires_at(now + (limit - now) / left--);
        const stream_protocol::endpoint at(address.data(), address.size());
        const auto connected = co_await connection.async_connect(at, net::as_result);
        // A listener on loopback may refuse names; a path is no host, and who listens there has no other name.
        const auto host = address.family() == AF_UNIX ? "localhost" : address.text();
        if (!std::get<0>(connected)) {
            connection.expires_at(limit);
            co_return co_await converse(connection, host);
        }
        last = trouble_of(std::get<0>(connected));
    }
    co_return last;
}

result<std::string> ask_status_now(const admin_address& where) {
    result<std::string> answer;
    net::asio::io_context context{1};
    net::asio::co_spawn(context, ask_into(where, &answer), [](std::exception_ptr e) {
        if (e) std::rethrow_exception(e);
    });
    context.run();
    return answer;
}

}  // namespace postern::console
