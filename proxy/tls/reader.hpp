// Big-endian fields and length-prefixed vectors of TLS (RFC 8446, section 3), taken from the front of a span.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace postern::tls {

// After a field that is not there, ok() is false and everything read is empty or zero.
class reader {
public:
    explicit reader(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

    [[nodiscard]] bool ok() const { return ok_; }
    [[nodiscard]] bool at_end() const { return bytes_.empty(); }
    [[nodiscard]] bool done() const { return ok_ && bytes_.empty(); }

    // An unsigned number of `width` bytes, 1 to 4.
    std::uint32_t number(std::size_t width) {
        std::uint32_t value = 0;
        for (const auto byte : take(width)) value = value << 8 | byte;
        return value;
    }

    std::span<const std::uint8_t> take(std::size_t n) {
        if (n > bytes_.size()) {
            ok_ = false;
            bytes_ = {};
            return {};
        }
        const auto front = bytes_.first(n);
        bytes_ = bytes_.subspan(n);
        return front;
    }

    // A vector whose length is written before it, in `width` bytes.
    std::span<const std::uint8_t> vector(std::size_t width) {
        const std::size_t length = number(width);
        return take(length);
    }

private:
    std::span<const std::uint8_t> bytes_;
    bool ok_ = true;
};

}  // namespace postern::tls
