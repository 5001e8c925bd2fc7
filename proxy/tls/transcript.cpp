// For the reason in key_schedule.cpp.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "proxy/tls/transcript.hpp"

#include "proxy/tls/sha2.hpp"

#include <cstring>
#include <type_traits>

namespace postern::tls {
namespace {

using key_schedule::hash;
using key_schedule::sha256;
using key_schedule::sha384;

// Calls `use` with the functions of the hash and the state that is kept.
template <class Kept, class Use>
void with_state(hash h, Kept& kept, Use use) {
    const auto call = [&]<class Hash>(Hash functions) {
        using state_type = typename Hash::state;
        static_assert(sizeof(state_type) <= sizeof kept && std::is_trivially_copyable_v<state_type>);
        state_type state;
        std::memcpy(&state, kept.data(), sizeof state);
        use(functions, state);
        if constexpr (!std::is_const_v<Kept>) std::memcpy(kept.data(), &state, sizeof state);
    };
    h == hash::sha256 ? call(sha256{}) : call(sha384{});
}

}  // namespace

transcript::transcript(hash h) : hash_(h) {
    with_state(hash_, state_, [](auto functions, auto& state) { functions.begin(state); });
}

void transcript::add(key_schedule::bytes message) {
    with_state(hash_, state_, [&](auto functions, auto& state) { functions.add(state, message); });
}

transcript_hash transcript::now() const {
    transcript_hash made;
    made.size = size_of(hash_);
    with_state(hash_, state_, [&](auto functions, auto& state) { functions.end(state, made.value.data()); });
    return made;
}

}  // namespace postern::tls
