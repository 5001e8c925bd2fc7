#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace postern::tls::testing {

// "00ff" as two bytes.
inline std::vector<std::uint8_t> hex(std::string_view digits) {
    std::vector<std::uint8_t> made;
    for (std::size_t i = 0; i + 1 < digits.size(); i += 2)
        made.push_back(static_cast<std::uint8_t>(std::stoi(std::string(digits.substr(i, 2)), nullptr, 16)));
    return made;
}

}  // namespace postern::tls::testing
