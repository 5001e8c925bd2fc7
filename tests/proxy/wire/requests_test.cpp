// Every row of the tables in requests_*.cpp, in every way that it can arrive.
#include "tests/proxy/wire/requests.hpp"

#include "tests/proxy/wire/exchange.hpp"

namespace postern::wire {
namespace {

constexpr const char* next_request = "GET /next HTTP/1.1\r\nHost: next\r\n\r\n";

TEST_P(requests, mean_one_thing_however_they_arrive) {
    const auto& [name, raw, expected] = GetParam();
    ASSERT_EQ(forward_request({raw}), expected);
    EXPECT_EQ(forward_request(byte_by_byte(raw)), expected);
    for (std::size_t at = 1; at < raw.size(); ++at)
        ASSERT_EQ(forward_request({raw.substr(0, at), raw.substr(at)}), expected) << at;
    // The next request in the same packet is nobody's business yet.
    auto with_next = expected;
    if (expected.status == 0) with_next.left = next_request;
    EXPECT_EQ(forward_request({raw + next_request}), with_next);
    EXPECT_EQ(forward_request(byte_by_byte(raw + next_request)), with_next);
}

}  // namespace
}  // namespace postern::wire
