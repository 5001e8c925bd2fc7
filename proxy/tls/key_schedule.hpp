// The key derivation of TLS 1.3 (RFC 8446 section 7.1) over libcrypto's own SHA-2: no fetch, no lock, no allocation,
// and nothing secret left on the stack. provider.hpp makes it known to OpenSSL.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace postern::tls::key_schedule {

enum class hash : std::uint8_t { sha256, sha384 };

[[nodiscard]] constexpr std::size_t size_of(hash h) { return h == hash::sha256 ? 32 : 48; }
// Of the hash function, and so the longest key that HMAC takes as it is.
[[nodiscard]] constexpr std::size_t block_of(hash h) { return h == hash::sha256 ? 64 : 128; }

using bytes = std::span<const std::uint8_t>;

// The label of the wire is both of these, one after the other.
struct label {
    bytes prefix;  // "tls13 "
    bytes name;
};

[[nodiscard]] inline bytes bytes_of(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
// Of TLS 1.3 itself: "key", for instance. Points to `name`.
[[nodiscard]] inline label label_of(std::string_view name) { return {bytes_of("tls13 "), bytes_of(name)}; }

// Each of these writes the whole of `out`, or returns false and writes nothing: for a key longer than a block, a label
// or context longer than 255 bytes, or an `out` of another length than it makes. `out` may overlap what is read.

// HKDF-Extract (RFC 5869 section 2.2). `out` is size_of(h) long. An empty salt is one of zeros.
[[nodiscard]] bool extract(hash h, bytes salt, bytes input, std::span<std::uint8_t> out);
// HKDF-Expand-Label. `out` is 1 to size_of(h) long, which is all that handshakes ask for.
[[nodiscard]] bool expand_label(hash h, bytes secret, const label& l, bytes context, std::span<std::uint8_t> out);
// From one of the three secrets to the next: Derive-Secret with `l` ("derived") of no messages, then HKDF-Extract.
[[nodiscard]] bool next_secret(hash h, bytes previous, const label& l, bytes input, std::span<std::uint8_t> out);

}  // namespace postern::tls::key_schedule
