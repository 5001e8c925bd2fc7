// Bytes that are wiped before their memory is given back.
#pragma once

#include <openssl/crypto.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace postern::certs {

class secret {
public:
    secret() = default;
    explicit secret(std::vector<std::uint8_t>&& bytes) noexcept : bytes_(std::move(bytes)) {}
    secret(secret&& other) noexcept : bytes_(std::move(other.bytes_)) {}
    secret& operator=(secret&& other) noexcept {
        if (this == &other) return *this;
        wipe();
        bytes_ = std::move(other.bytes_);
        return *this;
    }
    ~secret() { wipe(); }

    [[nodiscard]] std::span<const std::uint8_t> bytes() const { return bytes_; }
    [[nodiscard]] std::string_view text() const {
        return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()};
    }

private:
    void wipe() noexcept {
        if (!bytes_.empty()) OPENSSL_cleanse(bytes_.data(), bytes_.size());
        bytes_.clear();
    }
    std::vector<std::uint8_t> bytes_;
};

}  // namespace postern::certs
