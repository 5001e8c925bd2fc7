// For the reason in key_schedule.cpp.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "proxy/tls/transcript.hpp"

#include <openssl/sha.h>

#include <cstring>
#include <type_traits>

namespace postern::tls {
namespace {

using key_schedule::hash;

template <class State>
State load(const std::array<std::uint8_t, 256>& from) {
    static_assert(sizeof(State) <= 256 && std::is_trivially_copyable_v<State>);
    State state;
    std::memcpy(&state, from.data(), sizeof state);
    return state;
}

template <class State>
void store(const State& state, std::array<std::uint8_t, 256>& to) {
    std::memcpy(to.data(), &state, sizeof state);
}

}  // namespace

transcript::transcript(hash h) : hash_(h) {
    if (h == hash::sha256) {
        SHA256_CTX state;
        SHA256_Init(&state);
        store(state, state_);
    } else {
        SHA512_CTX state;
        SHA384_Init(&state);
        store(state, state_);
    }
}

void transcript::add(key_schedule::bytes message) {
    if (hash_ == hash::sha256) {
        auto state = load<SHA256_CTX>(state_);
        SHA256_Update(&state, message.data(), message.size());
        store(state, state_);
    } else {
        auto state = load<SHA512_CTX>(state_);
        SHA384_Update(&state, message.data(), message.size());
        store(state, state_);
    }
}

transcript_hash transcript::now() const {
    transcript_hash made;
    made.size = size_of(hash_);
    if (hash_ == hash::sha256) {
        auto state = load<SHA256_CTX>(state_);
        SHA256_Final(made.value.data(), &state);
    } else {
        auto state = load<SHA512_CTX>(state_);
        SHA384_Final(made.value.data(), &state);
    }
    return made;
}

}  // namespace postern::tls
