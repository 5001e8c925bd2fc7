// How much a reader takes before it refuses.
#include "tests/proxy/wire/exchange.hpp"

#include <gtest/gtest.h>

namespace postern::wire {
namespace {

// Read in pieces of many sizes, so that no answer depends on where a piece ends.
outcome in_pieces(const std::string& raw, const head_limits& limits) {
    outcome whole = forward_request({raw}, limits);
    for (const std::size_t size : {1, 7, 64, 1000}) {
        pieces cut;
        for (std::size_t at = 0; at < raw.size(); at += size) cut.push_back(raw.substr(at, size));
        EXPECT_EQ(forward_request(cut, limits), whole) << size;
    }
    return whole;
}

TEST(wire_head_limits, a_request_line_may_be_as_long_as_the_limit) {
    const head_limits limits{.line = 100, .total = 1000};
    const auto with_line = [](std::size_t length) {
        return "GET /" + std::string(length - 14, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n";
    };
    EXPECT_EQ(in_pieces(with_line(100), limits).status, 0u);
    EXPECT_EQ(in_pieces(with_line(101), limits), refused(414, "request line too long"));
    EXPECT_EQ(in_pieces("\r\n" + with_line(100), limits).status, 0u);
    EXPECT_EQ(in_pieces("GET /" + std::string(200, 'a'), limits), refused(414, "request line too long"));
}

TEST(wire_head_limits, a_header_line_may_be_as_long_as_the_limit) {
    const head_limits limits{.line = 100, .total = 1000};
    const auto with_line = [](std::size_t length) {
        return "GET / HTTP/1.1\r\nHost: a\r\nA: " + std::string(length - 3, 'a') + "\r\nB: c\r\n\r\n";
    };
    EXPECT_EQ(in_pieces(with_line(100), limits).status, 0u);
    EXPECT_EQ(in_pieces(with_line(101), limits), refused(431, "header line or head too long"));
    EXPECT_EQ(in_pieces("GET / HTTP/1.1\r\n" + std::string(200, 'a'), limits).status, 431u) << "a name";
    EXPECT_EQ(in_pieces("GET / HTTP/1.1\r\nA:" + std::string(200, ' '), limits).status, 431u) << "white space";
}

TEST(wire_head_limits, a_head_may_be_as_long_as_the_limit) {
    std::string raw = "GET / HTTP/1.1\r\nHost: a\r\n";
    for (int i = 0; i < 50; ++i) raw += "A: b\r\n";
    raw += "\r\n";
    const auto limited = [&](std::size_t total) { return in_pieces(raw, {.line = 100, .total = total}); };
    EXPECT_EQ(limited(raw.size()).status, 0u);
    EXPECT_EQ(limited(raw.size() - 1), refused(431, "header line or head too long"));
    EXPECT_EQ(limited(10), refused(414, "request line too long"));
}

TEST(wire_head_limits, unless_told_otherwise_are_8_and_32_kib) {
    const auto of = [](std::size_t line, std::size_t lines) {
        std::string raw = "GET / HTTP/1.1\r\nHost: a\r\n";
        for (std::size_t i = 0; i < lines; ++i) raw += "A: " + std::string(line - 3, 'b') + "\r\n";
        return forward_request({raw + "\r\n"}).status;
    };
    EXPECT_EQ(of(8 * 1024, 3), 0u);
    EXPECT_EQ(of(8 * 1024 + 1, 1), 431u);
    EXPECT_EQ(of(8 * 1024, 4), 431u);
    EXPECT_EQ(of(3, 6'500), 0u);
}

TEST(wire_head_limits, of_a_response_lead_to_a_502) {
    const head_limits limits{.line = 40, .total = 80};
    EXPECT_EQ(forward_response({"HTTP/1.1 200 " + std::string(60, 'a')}, "GET", limits),
              refused(502, "request line too long"));
    EXPECT_EQ(forward_response({"HTTP/1.1 200 OK\r\nA: " + std::string(60, 'a')}, "GET", limits),
              refused(502, "header line or head too long"));
}

}  // namespace
}  // namespace postern::wire
