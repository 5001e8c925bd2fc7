// The header of a TLS 1.3 record under keys (RFC 8446 section 5.2), read from the front of what has come.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace postern::tls {

enum class content : std::uint8_t { change_cipher_spec = 20, alert = 21, handshake = 22, application_data = 23 };

inline constexpr std::size_t header_size = 5;
inline constexpr std::size_t largest_content = 16 * 1024;
// What padding, the content's type and the tag may add.
inline constexpr std::size_t largest_payload = largest_content + 256;

// What a whole header says of a record, before its payload has come.
enum class header_verdict : std::uint8_t { good, no_application_data, too_long };

// Of at least header_size bytes.
[[nodiscard]] inline std::size_t payload_of(std::span<const std::uint8_t> record) {
    return std::size_t{record[3]} << 8 | record[4];
}

[[nodiscard]] inline header_verdict judge_header(std::span<const std::uint8_t> record) {
    if (record[0] != static_cast<std::uint8_t>(content::application_data)) return header_verdict::no_application_data;
    return payload_of(record) > largest_payload ? header_verdict::too_long : header_verdict::good;
}

// Header and payload of the record at the front; 0 when it has not come whole.
[[nodiscard]] inline std::size_t whole_record(std::span<const std::uint8_t> input) {
    if (input.size() < header_size) return 0;
    const std::size_t size = header_size + payload_of(input);
    return size <= input.size() ? size : 0;
}

}  // namespace postern::tls
