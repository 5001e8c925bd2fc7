// How bodies are counted: what is consumed, what is payload, and where it lies.
#include "proxy/wire/body.hpp"

#include <gtest/gtest.h>

namespace postern::wire {
namespace {

using kind = body_length::kind;

std::span<const std::uint8_t> bytes(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
std::string_view text(std::span<const std::uint8_t> b) { return {reinterpret_cast<const char*>(b.data()), b.size()}; }

TEST(wire_body, without_a_body_is_complete_at_once) {
    for (const auto length : {body_length{kind::none, 0}, body_length{kind::length, 0}}) {
        body_reader body(length);
        EXPECT_TRUE(body.complete());
        EXPECT_EQ(body.next(bytes("GET")).consumed, 0u);
        EXPECT_TRUE(body.end_of_input());
    }
    EXPECT_TRUE(body_reader().complete());
}

TEST(wire_body, of_a_length_is_payload_where_it_lies) {
    body_reader body({kind::length, 5});
    const std::string_view first = "abc";
    auto part = body.next(bytes(first));
    EXPECT_EQ(part.consumed, 3u);
    EXPECT_EQ(part.payload.data(), bytes(first).data());
    EXPECT_FALSE(body.complete());
    EXPECT_FALSE(body.end_of_input());
    part = body.next(bytes("deGET"));
    EXPECT_EQ(part.consumed, 2u);
    EXPECT_EQ(text(part.payload), "de");
    EXPECT_TRUE(body.complete());
    EXPECT_TRUE(body.end_of_input());
}

TEST(wire_body, that_ends_with_the_connection_is_all_that_comes) {
    body_reader body({kind::until_close, 0});
    EXPECT_EQ(text(body.next(bytes("abc")).payload), "abc");
    EXPECT_EQ(body.next({}).consumed, 0u);
    EXPECT_FALSE(body.complete());
    EXPECT_TRUE(body.end_of_input());
    EXPECT_TRUE(body.complete());
    EXPECT_EQ(body.next(bytes("d")).consumed, 0u);
}

TEST(wire_body, in_chunks_shows_each_chunk_where_it_lies) {
    body_reader body({kind::chunked, 0});
    const std::string_view all = "3\r\nabc\r\n2;x\r\nde\r\n0\r\nA: b\r\n\r\nGET";
    auto part = body.next(bytes(all));
    EXPECT_EQ(part.payload.data(), bytes(all).data() + 3);
    EXPECT_EQ(text(part.payload), "abc");
    EXPECT_EQ(part.consumed, 6u);
    part = body.next(bytes(all.substr(6)));
    EXPECT_EQ(text(part.payload), "de");
    EXPECT_EQ(part.consumed, 9u);
    part = body.next(bytes(all.substr(15)));
    EXPECT_TRUE(part.payload.empty());
    EXPECT_TRUE(body.complete());
    EXPECT_EQ(all.substr(15 + part.consumed), "GET");
    ASSERT_EQ(body.trailers().size(), 1u);
    EXPECT_EQ(body.trailers()[0].name, "A");
    EXPECT_EQ(body.trailers()[0].value, "b");
}

TEST(wire_body, in_chunks_is_cut_off_anywhere_but_at_its_end) {
    const std::string_view all = "3\r\nabc\r\n0\r\nA: b\r\n\r\n";
    for (std::size_t size = 0; size <= all.size(); ++size) {
        body_reader body({kind::chunked, 0});
        std::string_view rest = all.substr(0, size);
        while (!rest.empty()) {
            const auto part = body.next(bytes(rest));
            ASSERT_GT(part.consumed, 0u) << "framing is never left to come again";
            rest.remove_prefix(part.consumed);
        }
        EXPECT_FALSE(body.refused());
        EXPECT_EQ(body.end_of_input(), size == all.size()) << size;
    }
}

TEST(wire_body, in_chunks_of_great_size_waits_for_them) {
    body_reader body({kind::chunked, 0});
    const std::string_view all = "7fffffffffffffff\r\nabc";
    EXPECT_EQ(body.next(bytes(all)).consumed, all.size());
    EXPECT_FALSE(body.refused());
    EXPECT_EQ(text(body.next(bytes("de")).payload), "de");
}

TEST(wire_body, that_is_refused_says_why_and_consumes_nothing_more) {
    body_reader body({kind::chunked, 0});
    static_cast<void>(body.next(bytes("3\r\nabcX")));
    static_cast<void>(body.next(bytes("X")));
    EXPECT_TRUE(body.refused());
    EXPECT_FALSE(body.complete());
    EXPECT_EQ(body.why(), "no CRLF behind a chunk");
    EXPECT_EQ(body.next(bytes("\r\n0\r\n\r\n")).consumed, 0u);
    EXPECT_FALSE(body.end_of_input());
}

TEST(wire_body, keeps_its_trailers_when_it_moves) {
    body_reader body({kind::chunked, 0});
    EXPECT_EQ(body.next(bytes("0\r\nA: b\r\nC: d\r\n\r\n")).consumed, 17u);
    const body_reader moved = std::move(body);
    ASSERT_EQ(moved.trailers().size(), 2u);
    EXPECT_EQ(moved.trailers()[1].value, "d");
}

TEST(wire_body, may_have_8_kib_of_trailers) {
    const auto trailed = [](std::size_t size) {
        const std::string all = "0\r\nA: " + std::string(size - 7, 'b') + "\r\n\r\n";
        for (const std::size_t step : {all.size(), std::size_t{1}, std::size_t{1000}}) {
            body_reader body({kind::chunked, 0});
            for (std::size_t at = 0; at < all.size() && !body.refused();)
                at += body.next(bytes(std::string_view(all).substr(at, step))).consumed;
            if (body.refused()) return body.why();
            EXPECT_TRUE(body.complete());
        }
        return std::string_view("complete");
    };
    EXPECT_EQ(trailed(8 * 1024), "complete");
    EXPECT_EQ(trailed(8 * 1024 + 1), "header line or head too long");
}

TEST(chunk_line, is_the_size_in_hex) {
    chunk_line_room room;
    EXPECT_EQ(chunk_line(1, room), "1\r\n");
    EXPECT_EQ(chunk_line(16 * 1024, room), "4000\r\n");
    EXPECT_EQ(chunk_line(~std::size_t{0}, room), "ffffffffffffffff\r\n");
}

}  // namespace
}  // namespace postern::wire
