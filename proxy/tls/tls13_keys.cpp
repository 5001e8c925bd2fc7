#include "proxy/tls/tls13_keys.hpp"

#include <openssl/crypto.h>

namespace postern::tls {

using key_schedule::bytes;
using key_schedule::expand_label;
using key_schedule::extract;
using key_schedule::label_of;
using key_schedule::next_secret;

tls13_keys::~tls13_keys() {
    for (auto* s : {&now_, &client_handshake_, &server_handshake_, &client_, &server_, &resumption_})
        OPENSSL_cleanse(s->data(), s->size());
}

bool tls13_keys::begin(bytes psk) {
    constexpr secret zeros{};
    return extract(hash_, {}, psk.empty() ? bytes_of(zeros) : psk, room(now_));
}

bool tls13_keys::add_exchange(bytes shared, const transcript_hash& to_server_hello) {
    return next_secret(hash_, bytes_of(now_), label_of("derived"), shared, room(now_)) &&
           derive("c hs traffic", to_server_hello, client_handshake_) &&
           derive("s hs traffic", to_server_hello, server_handshake_);
}

bool tls13_keys::add_flight(const transcript_hash& to_server_finished) {
    constexpr secret zeros{};
    return next_secret(hash_, bytes_of(now_), label_of("derived"), bytes_of(zeros), room(now_)) &&
           derive("c ap traffic", to_server_finished, client_) && derive("s ap traffic", to_server_finished, server_);
}

bool tls13_keys::end(const transcript_hash& to_client_finished) {
    return derive("res master", to_client_finished, resumption_);
}

bool tls13_keys::binder(const transcript_hash& to_binders, std::span<std::uint8_t> out) const {
    secret key{};
    const bool done = expand_label(hash_, bytes_of(now_), label_of("res binder"), transcript(hash_).now(), room(key)) &&
                      mac(bytes_of(key), to_binders, out);
    OPENSSL_cleanse(key.data(), key.size());
    return done;
}

bool tls13_keys::verify_data(bool of_server, const transcript_hash& before, std::span<std::uint8_t> out) const {
    return mac(of_server ? server_handshake() : client_handshake(), before, out);
}

bool tls13_keys::derive(const char* label, const transcript_hash& messages, secret& into) const {
    return expand_label(hash_, bytes_of(now_), label_of(label), messages, room(into));
}

// Finished and binders alike (section 4.4.4).
bool tls13_keys::mac(bytes with, const transcript_hash& of, std::span<std::uint8_t> out) const {
    secret key{};
    const bool done =
        expand_label(hash_, with, label_of("finished"), {}, room(key)) && extract(hash_, bytes_of(key), of, out);
    OPENSSL_cleanse(key.data(), key.size());
    return done;
}

}  // namespace postern::tls
