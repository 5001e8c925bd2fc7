// How many records have passed, told by their headers: the record numbers that OpenSSL counts by do not show.
#pragma once

#include "proxy/tls/record_header.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

namespace postern::tls {

class record_count {
public:
    void add(std::span<const std::uint8_t> passed) {
        while (!passed.empty()) {
            if (left_ == 0) {
                // The last two bytes of the header are what stays.
                length_ = static_cast<std::uint16_t>(length_ << 8 | passed.front());
                passed = passed.subspan(1);
                if (++header_ < header_size) continue;
                left_ = length_;
                ++whole_;
                header_ = 0;
            }
            const auto n = std::min<std::size_t>(left_, passed.size());
            left_ = static_cast<std::uint16_t>(left_ - n);
            passed = passed.subspan(n);
        }
    }

    // Records begun, and whether the last of them is whole.
    [[nodiscard]] std::uint64_t count() const { return whole_; }
    // What its header says of the last one, without the header.
    [[nodiscard]] std::size_t last_payload() const { return length_; }
    [[nodiscard]] bool whole() const { return left_ == 0 && header_ == 0; }

private:
    std::uint64_t whole_ = 0;
    std::uint16_t left_ = 0;    // bytes of the last record that have not passed
    std::uint16_t length_ = 0;  // what the header said so far
    std::uint8_t header_ = 0;   // bytes of a header that have passed
};

}  // namespace postern::tls
