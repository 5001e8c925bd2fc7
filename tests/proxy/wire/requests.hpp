// Requests as they were received, and what a backend receives of them.
#pragma once

#include "tests/proxy/wire/outcome.hpp"

#include <gtest/gtest.h>

namespace postern::wire {

using namespace std::string_literals;

class requests : public testing::TestWithParam<row> {};

// What is sent on: ours stand between the client's headers and what says how long the body is.
inline outcome sent(const std::string& head, const std::string& rest = "\r\n", const std::string& host = "a") {
    return {head + "X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: " + host +
                "\r\nX-Forwarded-Port: 443\r\nX-Real-IP: 192.0.2.1\r\n" + rest,
            0,
            {},
            {}};
}

inline std::string name_of(const testing::TestParamInfo<row>& info) { return info.param.name; }

}  // namespace postern::wire
