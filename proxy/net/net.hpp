// The vocabulary of asynchronous code: the one header that names Asio's types. Anything that needs more of Asio includes
// it in its .cpp. Asio is compiled once, in asio.cpp; the switches are in proxy/net/CMakeLists.txt.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>

namespace postern::net {

namespace asio = boost::asio;
using error_code = boost::system::error_code;
using executor = asio::io_context::executor_type;
using clock = std::chrono::steady_clock;

// A coroutine of a worker. Rules for writing one: CONTRIBUTING.md, "Coroutines".
template <class T = void>
using task = asio::awaitable<T, executor>;

// TCP over IPv4 and IPv6, and unix sockets, in one type; for the main thread. Workers use net/stream_socket.hpp.
using asio_socket = asio::basic_stream_socket<asio::generic::stream_protocol, executor>;
using timer = asio::basic_waitable_timer<clock, asio::wait_traits<clock>, executor>;

// The completion token of every awaited operation: errors come back as values in a tuple.
inline constexpr auto as_result = asio::as_tuple(asio::deferred);

}  // namespace postern::net
