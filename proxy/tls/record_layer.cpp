#include "proxy/tls/record_layer.hpp"

#include <openssl/ssl.h>

#include <algorithm>
#include <cstring>
#include <new>

namespace postern::tls {
namespace {

using bytes = std::span<const std::uint8_t>;

// A client that sends more records in a row that carry nothing does not want to talk (OpenSSL's own bound for empty ones).
constexpr std::uint8_t most_without_data = 32;

constexpr std::uint8_t key_update_type = 24;
constexpr std::size_t key_update_size = 5;
constexpr std::uint8_t update_requested = 1;

}  // namespace

record_layer::record_layer(const cipher_suite& suite, const traffic_secrets& secrets, const record_state& from)
    : open_(record_key::use::open, suite, secrets.context(), secrets.client(), from.opened),
      seal_(record_key::use::seal, suite, secrets.context(), secrets.server(), from.sealed),
      largest_record_(from.largest_record),
      records_a_key_(from.records_a_key) {}

std::unique_ptr<record_layer> record_layer::make(const cipher_suite& suite, const traffic_secrets& secrets,
                                                 const record_state& from) {
    std::unique_ptr<record_layer> made(new (std::nothrow) record_layer(suite, secrets, from));
    if (made && (!made->open_ || !made->seal_)) made.reset();
    return made;
}

bool record_layer::starved(bytes input) const {
    return now_ == state::open && left_.record == 0 && whole_record(input) == 0 &&
           (input.size() < header_size || judge_header(input) == header_verdict::good);
}

moved record_layer::read(buffers& with, std::span<std::uint8_t> into) {
    std::size_t total = 0;
    for (;;) {
        if (left_.record != 0) {
            const std::size_t n = std::min(left_.end - left_.at, into.size() - total);
            std::memcpy(into.data() + total, with.input.data() + left_.at, n);
            total += n;
            left_.at += n;
            if (left_.at < left_.end) return {step::done, total};
            with.input = with.input.subspan(left_.record);
            left_ = {};
        }
        if (now_ == state::closed) {
            with.input = {};
            return {step::closed, total};
        }
        if (now_ == state::failed) return {step::failed, total};
        if (total == into.size()) return {step::done, total};
        if (with.input.size() < header_size) return {step::want_input, total};
        if (const auto verdict = judge_header(with.input); verdict != header_verdict::good) {
            refuse(verdict, with);
            continue;
        }
        const std::size_t size = whole_record(with.input);
        if (size == 0) return {step::want_input, total};
        open_record(with, size, into.subspan(total), total);
    }
}

void record_layer::refuse(header_verdict of, buffers& with) {
    const bool too_long = of == header_verdict::too_long;
    fail(too_long ? SSL_AD_RECORD_OVERFLOW : SSL_AD_UNEXPECTED_MESSAGE, reason::bad_record,
         too_long ? "record too long" : "unexpected record", with);
}

void record_layer::open_record(buffers& with, std::size_t size, std::span<std::uint8_t> into, std::size_t& read) {
    const auto record = with.input.first(size);
    const bool direct = into.size() + header_size + tag_size >= size;
    std::uint8_t* to = direct ? into.data() : record.data() + header_size;
    const auto what = open_.open(record, to);
    if (!what) return fail(SSL_AD_BAD_RECORD_MAC, reason::bad_record, "a record that does not decrypt", with);
    if (what->size > largest_content) return fail(SSL_AD_RECORD_OVERFLOW, reason::bad_record, "record too long", with);
    const bool data = what->type == content::application_data;
    if (data && what->size > 0 && message_size_ == 0) {
        without_data_ = 0;
        if (!direct) {
            left_ = {header_size, header_size + what->size, size};
            return;
        }
        read += what->size;
    } else {
        take(*what, {to, what->size}, with);
    }
    with.input = with.input.subspan(size);
}

// Everything but data.
void record_layer::take(record_key::opened what, bytes data, buffers& with) {
    if (++without_data_ > most_without_data)
        return fail(SSL_AD_UNEXPECTED_MESSAGE, reason::protocol_error, "too many records without data", with);
    const bool goes_on = what.type == content::handshake;
    if (message_size_ != 0 && !goes_on)
        return fail(SSL_AD_UNEXPECTED_MESSAGE, reason::protocol_error, "a message that does not go on", with);
    switch (what.type) {
        case content::application_data: return;
        case content::alert: return take_alert(data, with);
        case content::handshake: return take_handshake(data, with);
        default: return fail(SSL_AD_UNEXPECTED_MESSAGE, reason::bad_record, "a record of an unknown type", with);
    }
}

// Their level has no meaning any more (section 6).
void record_layer::take_alert(bytes data, buffers& with) {
    if (data.empty()) return fail(SSL_AD_UNEXPECTED_MESSAGE, reason::protocol_error, "an empty alert", with);
    if (data.size() != 2) return fail(SSL_AD_DECODE_ERROR, reason::protocol_error, "an alert of another size", with);
    switch (data[1]) {
        case SSL_AD_CLOSE_NOTIFY: now_ = state::closed; return;
        case SSL_AD_USER_CANCELLED: return;
        default: break;
    }
    now_ = state::failed;
    error_ = {party::client, phase::relay, reason::peer_alert, SSL_alert_desc_string_long(data[1])};
}

// A KeyUpdate is the only message that a client has left to say (section 4.6).
void record_layer::take_handshake(bytes data, buffers& with) {
    if (data.empty()) return fail(SSL_AD_UNEXPECTED_MESSAGE, reason::protocol_error, "an empty message", with);
    const std::size_t n = std::min(data.size(), key_update_size - message_size_);
    std::ranges::copy(data.first(n), message_.begin() + message_size_);
    message_size_ = static_cast<std::uint8_t>(message_size_ + n);
    constexpr std::array<std::uint8_t, 4> begin{key_update_type, 0, 0, 1};
    const auto seen = std::min<std::size_t>(message_size_, begin.size());
    if (!std::equal(begin.begin(), begin.begin() + static_cast<std::ptrdiff_t>(seen), message_.begin()))
        return fail(SSL_AD_UNEXPECTED_MESSAGE, reason::protocol_error, "a handshake message after the handshake", with);
    if (message_size_ < key_update_size) return;
    // Behind it the key is another one (section 5.1).
    if (n < data.size()) return fail(SSL_AD_UNEXPECTED_MESSAGE, reason::protocol_error, "more after a KeyUpdate", with);
    if (message_[4] > update_requested)
        return fail(SSL_AD_ILLEGAL_PARAMETER, reason::protocol_error, "a KeyUpdate of an unknown kind", with);
    // The answer goes before our next data (section 4.6.3); several are answered by one.
    key_update_owed_ = key_update_owed_ || message_[4] == update_requested;
    message_size_ = 0;
    if (!open_.update()) fail(SSL_AD_INTERNAL_ERROR, reason::internal, "no key", with);
}

moved record_layer::write(buffers& with, bytes from) {
    std::size_t total = 0;
    while (total < from.size()) {
        const auto next = from.subspan(total, std::min(from.size() - total, largest_record_));
        if (with.room.size() < next.size() + record_overhead + key_update_size + record_overhead)
            return {step::want_output, total};
        if (now_ == state::failed || !refresh_key(with) || !say(content::application_data, next, with))
            return {step::failed, total};
        total += next.size();
        // Who takes our data may renew the key for it, as often as that takes.
        without_data_ = 0;
    }
    return {step::done, total};
}

// A KeyUpdate of our own, where it is time for one.
bool record_layer::refresh_key(buffers& with) {
    if (!key_update_owed_ && seal_.sequence() < records_a_key_) return true;
    constexpr std::array<std::uint8_t, key_update_size> update{key_update_type, 0, 0, 1, 0};
    if (!say(content::handshake, update, with)) return false;
    key_update_owed_ = false;
    if (seal_.update()) return true;
    fail(SSL_AD_INTERNAL_ERROR, reason::internal, "no key", with);
    return false;
}

bool record_layer::tell(buffers& with, bytes message) {
    const std::size_t records = (message.size() + largest_record_ - 1) / largest_record_;
    if (with.room.size() < message.size() + records * record_overhead) return false;
    while (!message.empty()) {
        const auto next = message.first(std::min(message.size(), largest_record_));
        if (!say(content::handshake, next, with)) return false;
        message = message.subspan(next.size());
    }
    return true;
}

step record_layer::close(buffers& with) { return say_last(1, SSL_AD_CLOSE_NOTIFY, with); }

step record_layer::say_last(std::uint8_t level, std::uint8_t alert, buffers& with) {
    const std::array<std::uint8_t, 2> last{level, alert};
    if (said_last_) return step::done;
    if (with.room.size() < last.size() + record_overhead) return step::want_output;
    said_last_ = true;
    return say(content::alert, last, with) ? step::done : step::failed;
}

bool record_layer::say(content type, bytes what, buffers& with) {
    if (!seal_.seal(type, what, with.room.data())) {
        now_ = state::failed;
        error_ = {party::postern, phase::relay, reason::internal, "OpenSSL does not encrypt"};
        return false;
    }
    with.add(what.size() + record_overhead);
    return true;
}

// The alert is lost where there is no room for it: bytes that the client does not take are before it.
void record_layer::fail(std::uint8_t alert, reason why, const char* detail, buffers& with) {
    static_cast<void>(say_last(2, alert, with));
    now_ = state::failed;
    error_ = {why == reason::internal ? party::postern : party::client, phase::relay, why, detail};
}

}  // namespace postern::tls
