// Prints the rows of the requests' table for tests in other languages: `ROW suite name hex` each.
#include "tests/proxy/wire/requests.hpp"

#include <cstdio>

namespace postern::wire {

TEST_P(requests, is_printed) {
    const auto& info = *testing::UnitTest::GetInstance()->current_test_info();
    std::printf("ROW %s %s ", info.test_suite_name(), GetParam().name.c_str());
    for (const char c : GetParam().raw) std::printf("%02x", static_cast<unsigned>(static_cast<unsigned char>(c)));
    std::printf("\n");
}

}  // namespace postern::wire
