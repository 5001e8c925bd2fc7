// libcrypto's SHA-2 as plain memory: a copy of a state goes on by itself. OpenSSL 3 calls these functions deprecated: who
// includes this defines OPENSSL_SUPPRESS_DEPRECATED before any header, for the reason in key_schedule.cpp.
#pragma once

#include "proxy/tls/key_schedule.hpp"

#include <openssl/sha.h>

#include <array>
#include <cstdint>

namespace postern::tls::key_schedule {

struct sha256 {
    using state = SHA256_CTX;
    static constexpr hash name = hash::sha256;
    static void begin(state& s) { SHA256_Init(&s); }
    static void add(state& s, bytes b) { SHA256_Update(&s, b.data(), b.size()); }
    static void end(state& s, std::uint8_t* out) { SHA256_Final(out, &s); }
    // Of no bytes.
    static constexpr std::array<std::uint8_t, 32> empty{
        0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24,
        0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55};
};

struct sha384 {
    using state = SHA512_CTX;
    static constexpr hash name = hash::sha384;
    static void begin(state& s) { SHA384_Init(&s); }
    static void add(state& s, bytes b) { SHA384_Update(&s, b.data(), b.size()); }
    static void end(state& s, std::uint8_t* out) { SHA384_Final(out, &s); }
    static constexpr std::array<std::uint8_t, 48> empty{
        0x38, 0xb0, 0x60, 0xa7, 0x51, 0xac, 0x96, 0x38, 0x4c, 0xd9, 0x32, 0x7e, 0xb1, 0xb1, 0xe3, 0x6a,
        0x21, 0xfd, 0xb7, 0x11, 0x14, 0xbe, 0x07, 0x43, 0x4c, 0x0c, 0xc7, 0xbf, 0x63, 0xf6, 0xe1, 0xda,
        0x27, 0x4e, 0xde, 0xbf, 0xe7, 0x6f, 0x65, 0xfb, 0xd5, 0x1a, 0xd2, 0xf1, 0x48, 0x98, 0xb9, 0x5b};
};

}  // namespace postern::tls::key_schedule
