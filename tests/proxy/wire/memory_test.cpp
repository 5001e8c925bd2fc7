// Requests on one connection cost memory once: a reader keeps what it has.
#include "tests/proxy/wire/exchange.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <new>

namespace {

std::size_t allocations = 0;

}  // namespace

void* operator new(std::size_t size) {
    ++allocations;
    if (void* memory = std::malloc(size)) return memory;
    throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace postern::wire {
namespace {

std::span<const std::uint8_t> bytes(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

TEST(wire_memory, is_the_same_for_the_second_request_and_the_thousandth) {
    constexpr std::string_view raw =
        "POST /a HTTP/1.1\r\nHost: a.example\r\nUser-Agent: b\r\nAccept: */*\r\nCookie: c=d; e=f\r\n"
        "Connection: keep-alive, x\r\nX: y\r\nX-Forwarded-For: 192.0.2.9\r\nTransfer-Encoding: chunked\r\n\r\n"
        "3\r\nabc\r\n0\r\n\r\n";
    request_reader reader;
    std::string sent;
    std::size_t payload = 0;
    const auto exchange = [&] {
        reader.reset();
        sent.clear();
        ASSERT_EQ(reader.read(bytes(raw), {}), head_status::complete);
        append_request(sent, reader.head(), reader.head().target, context_of(reader.head()), {});
        body_reader body(reader.head().body);
        for (auto rest = bytes(raw).subspan(reader.size()); !rest.empty();) {
            const auto part = body.next(rest);
            payload += part.payload.size();
            rest = rest.subspan(part.consumed);
        }
        append_last_chunk(sent, body.trailers());
    };
    exchange();
    const std::size_t before = allocations;
    EXPECT_GT(before, 0u);
    for (int i = 0; i < 1000; ++i) exchange();
    EXPECT_EQ(allocations, before);
    EXPECT_EQ(payload, 1001u * 3);
}

}  // namespace
}  // namespace postern::wire
