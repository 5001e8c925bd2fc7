// OpenSSL 3 calls these functions deprecated, and what it offers in their place is what costs: a fetch, locks and
// allocations for each of some twenty keys of a handshake.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "proxy/tls/key_schedule.hpp"

#include "proxy/tls/sha2.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <array>
#include <initializer_list>

namespace postern::tls::key_schedule {
namespace {

// Memory that holds a secret for as long as the scope lasts.
template <class T>
struct wiped {
    T value;
    ~wiped() { OPENSSL_cleanse(&value, sizeof value); }
};

template <class Hash>
using digest = std::array<std::uint8_t, size_of(Hash::name)>;

// RFC 2104. The key is not longer than a block.
template <class Hash>
void hmac(bytes key, std::initializer_list<bytes> message, digest<Hash>& out) {
    constexpr std::uint8_t inner = 0x36;
    constexpr std::uint8_t outer = 0x5c;
    wiped<std::array<std::uint8_t, block_of(Hash::name)>> block{};
    wiped<typename Hash::state> state;
    auto& padded = block.value;
    std::copy(key.begin(), key.end(), padded.begin());
    for (auto& b : padded) b ^= inner;
    Hash::begin(state.value);
    Hash::add(state.value, padded);
    for (const auto& part : message) Hash::add(state.value, part);
    Hash::end(state.value, out.data());
    for (auto& b : padded) b ^= inner ^ outer;
    Hash::begin(state.value);
    Hash::add(state.value, padded);
    Hash::add(state.value, out);
    Hash::end(state.value, out.data());
}

template <class Hash>
void extract_with(bytes salt, bytes input, std::span<std::uint8_t> out) {
    wiped<digest<Hash>> made;
    hmac<Hash>(salt, {input}, made.value);
    std::copy(made.value.begin(), made.value.end(), out.begin());
}

// The first and only turn of RFC 5869 section 2.3, with the HkdfLabel of RFC 8446 section 7.1 as `info`.
template <class Hash>
void expand_with(bytes secret, const label& l, bytes context, std::span<std::uint8_t> out) {
    const std::array<std::uint8_t, 3> lengths{0, static_cast<std::uint8_t>(out.size()),
                                              static_cast<std::uint8_t>(l.prefix.size() + l.name.size())};
    const auto context_length = static_cast<std::uint8_t>(context.size());
    constexpr std::uint8_t turn = 1;
    wiped<digest<Hash>> made;
    hmac<Hash>(secret, {lengths, l.prefix, l.name, {&context_length, 1}, context, {&turn, 1}}, made.value);
    std::copy_n(made.value.begin(), out.size(), out.begin());
}

template <class Hash>
void next_with(bytes previous, const label& l, bytes input, std::span<std::uint8_t> out) {
    wiped<digest<Hash>> derived;
    expand_with<Hash>(previous, l, Hash::empty, derived.value);
    extract_with<Hash>(derived.value, input, out);
}

bool fits(const label& l, bytes context) {
    constexpr std::size_t most = 255;  // the lengths on the wire are a byte each
    return l.prefix.size() <= most && l.name.size() <= most - l.prefix.size() && context.size() <= most;
}

}  // namespace

bool extract(hash h, bytes salt, bytes input, std::span<std::uint8_t> out) {
    if (salt.size() > block_of(h) || out.size() != size_of(h)) return false;
    h == hash::sha256 ? extract_with<sha256>(salt, input, out) : extract_with<sha384>(salt, input, out);
    return true;
}

bool expand_label(hash h, bytes secret, const label& l, bytes context, std::span<std::uint8_t> out) {
    if (secret.size() > block_of(h) || !fits(l, context) || out.empty() || out.size() > size_of(h)) return false;
    h == hash::sha256 ? expand_with<sha256>(secret, l, context, out) : expand_with<sha384>(secret, l, context, out);
    return true;
}

bool next_secret(hash h, bytes previous, const label& l, bytes input, std::span<std::uint8_t> out) {
    if (previous.size() > block_of(h) || !fits(l, {}) || out.size() != size_of(h)) return false;
    h == hash::sha256 ? next_with<sha256>(previous, l, input, out) : next_with<sha384>(previous, l, input, out);
    return true;
}

}  // namespace postern::tls::key_schedule
