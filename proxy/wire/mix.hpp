// Numbers in which no order shows. Not for secrets.
#pragma once

#include <cstdint>

namespace postern::wire {

// SplitMix64's finish: another number for each, and every bit of it changes about half of the bits.
[[nodiscard]] constexpr std::uint64_t mixed(std::uint64_t n) {
    n = (n ^ n >> 30) * 0xbf58476d1ce4e5b9;
    n = (n ^ n >> 27) * 0x94d049bb133111eb;
    return n ^ n >> 31;
}

}  // namespace postern::wire
