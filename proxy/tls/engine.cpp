#include "proxy/tls/engine.hpp"

#include "certs/context.hpp"
#include "certs/sessions.hpp"
#include "proxy/tls/buffers_bio.hpp"
#include "proxy/tls/client_hello.hpp"
#include "proxy/tls/session_ticket.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <new>

namespace postern::tls {
namespace {

// The largest record the protocol may make of a fragment: header, explicit nonce, padding and MAC of TLS 1.0 to 1.2's
// worst suite, and the empty record that precedes it in TLS 1.0.
constexpr std::size_t any_record_overhead = 400;
constexpr std::uint8_t psk_dhe_ke = 1;  // RFC 8446 section 4.2.9

// SSL_get_error judges by the thread's queue of errors, which must be empty before each call; it nearly always is, and to
// look costs less than to empty it.
void forget_errors() {
    if (ERR_peek_error() != 0) ERR_clear_error();
}

bool has_content(SSL* ssl, unsigned extension) {
    const unsigned char* content = nullptr;
    std::size_t length = 0;
    return SSL_client_hello_get0_ext(ssl, extension, &content, &length) == 1 && length > 0;
}

// Whether the client whose hello is being read can use a ticket (RFC 8446 section 4.2.9).
bool takes_tickets(SSL* ssl) {
    const unsigned char* modes = nullptr;
    std::size_t length = 0;
    return SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_psk_kex_modes, &modes, &length) == 1 && length > 1 &&
           std::find(modes + 1, modes + length, psk_dhe_ke) != modes + length;
}

}  // namespace

engine::engine(SSL_CTX* context, std::string expected_name)
    : context_(context), ssl_(nullptr, SSL_free), expected_name_(std::move(expected_name)) {}

void engine::make_openssl() {
    ssl_.reset(SSL_new(context_));
    BIO* bio = ssl_ ? make_bio(with_) : nullptr;
    if (bio == nullptr || SSL_set_app_data(ssl_.get(), this) != 1) {
        BIO_free(bio);
        ssl_.reset();
        forget_errors();
        return;
    }
    SSL_set_bio(ssl_.get(), bio, bio);
    SSL_set_accept_state(ssl_.get());
    SSL_set_msg_callback(ssl_.get(), note_message);
    SSL_set_msg_callback_arg(ssl_.get(), this);
    handover_.reset(new (std::nothrow) handover);
}

engine::~engine() { free_handshake(); }

// A session outlives a connection that was cut off (RFC 5246 section 7.2.1), as clients cut off every day: OpenSSL would
// take it out of its cache. After a fatal alert it has done so by now. (After a hand-over nobody does, though RFC 8446
// section 6.2 would like it: to know the session would cost the memory that is saved.)
void engine::free_handshake() {
    if (!own_ && !ssl_) return;
    own_.reset();
    std::string().swap(expected_name_);
    if (!ssl_) return;
    SSL_set_shutdown(ssl_.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    ssl_.reset();
}

void engine::lend(std::span<std::uint8_t> room) {
    with_.room = room;
    with_.produced = 0;
}

step engine::handshake() {
    if (records_) return step::done;
    if (failed_) return step::failed;
    if (!begun_) {
        begun_ = true;
        own_ = tls13_handshake::begin(context_, expected_name_, with_);
        forget_errors();
        if (!own_) make_openssl();
    }
    if (own_) return handshake_without_openssl();
    if (!ssl_) return after(0, phase::handshake);
    forget_errors();
    const auto room = with_.room;
    int returned = 0;
    {
        const listening to_keys(handover_ ? &handover_->secrets : nullptr);
        returned = SSL_do_handshake(ssl_.get());
    }
    const auto said = room.first(room.size() - with_.room.size());
    asked_again_ = is_hello_retry_request(said);
    if (handover_) {
        handover_->sealed.add(said);
        if (handover_->suite == nullptr && handover_->secrets.has_server()) prepare_hand_over();
    }
    if (returned != 1) return after(returned, phase::handshake);
    SSL_set_msg_callback(ssl_.get(), nullptr);
    hand_over();
    return step::done;
}

step engine::handshake_without_openssl() {
    const step taken = own_->go_on(with_);
    if (taken == step::done) records_ = own_->take_records(with_);
    forget_errors();
    if (taken != step::failed && (taken != step::done || records_)) return taken;
    failed_ = true;
    error_ = taken == step::failed ? own_->error()
                                   : failure{party::postern, phase::handshake, reason::internal, "no memory"};
    return step::failed;
}

// Our Finished is said.
void engine::prepare_hand_over() {
    auto& h = *handover_;
    h.suite = find_suite(SSL_CIPHER_get_protocol_id(SSL_get_current_cipher(ssl_.get())));
    // A Finished that is longer than it must be is padded (openssl.cnf's RecordPadding, say): that is OpenSSL's to do.
    if (h.suite == nullptr || h.sealed.last_payload() != 4 + size_of(h.suite->hash) + 1 + tag_size)
        return handover_.reset();
    h.sealed = {};
    const bool can_seal = certs::sealing_ticket_key(SSL_get_SSL_CTX(ssl_.get())) != nullptr;
    h.ticket_is_ours = client_resumes_ && can_seal && SSL_get_num_tickets(ssl_.get()) > 0;
    if (h.ticket_is_ours || !client_resumes_) SSL_set_num_tickets(ssl_.get(), 0);
}

void engine::hand_over() {
    // The client's next records are the first under its new key, and none of them has been looked at.
    const bool can = handover_ && handover_->secrets.complete() && handover_->suite != nullptr &&
                     handover_->sealed.whole() && SSL_has_pending(ssl_.get()) == 0;
    if (can) {
        const auto& h = *handover_;
        records_ = record_layer::make(*h.suite, h.secrets, {0, h.sealed.count(), largest_record()});
        if (records_ && h.ticket_is_ours) give_ticket();
        forget_errors();
    }
    handover_.reset();
}

// For want of memory or room a client goes without.
void engine::give_ticket() {
    const auto& h = *handover_;
    std::array<std::uint8_t, 48> psk;
    const auto secret = std::span(psk).first(size_of(h.suite->hash));
    const auto* key = certs::sealing_ticket_key(SSL_get_SSL_CTX(ssl_.get()));
    if (key != nullptr && derive_ticket_psk(h.suite->hash, h.secrets.resumption(), secret)) {
        const auto session = certs::encode_for_ticket(ssl_.get(), secret);
        const auto lifetime = SSL_SESSION_get_timeout(SSL_get_session(ssl_.get()));
        if (!session.bytes().empty())
            static_cast<void>(
                records_->tell(with_, new_session_ticket(session.bytes(), static_cast<std::uint32_t>(lifetime), *key,
                                                         h.secrets.context())));
    }
    OPENSSL_cleanse(psk.data(), psk.size());
}

// What is configured, or what the client can take (RFC 6066 section 4).
std::size_t engine::largest_record() const {
    const auto code = SSL_SESSION_get_max_fragment_length(SSL_get_session(ssl_.get()));
    const auto most = certs::record_size(SSL_get_SSL_CTX(ssl_.get()));
    return code == TLSEXT_max_fragment_length_DISABLED ? most : std::min(most, std::size_t{256} << code);
}

bool engine::ends_with_tickets() const { return own_ || SSL_version(ssl_.get()) >= TLS1_3_VERSION; }

moved engine::read(std::span<std::uint8_t> into) {
    if (records_) {
        free_handshake();
        return records_->read(with_, into);
    }
    if (failed_) return {step::failed, 0};
    std::size_t total = 0;
    while (total < into.size()) {
        std::size_t n = 0;
        forget_errors();
        const int returned = SSL_read_ex(ssl_.get(), into.data() + total, into.size() - total, &n);
        if (returned != 1) return {after(returned, phase::relay), total};
        total += n;
        // All that was fed is used up: asking again would only tell so.
        if (with_.input.empty() && total < into.size() && SSL_has_pending(ssl_.get()) == 0)
            return {step::want_input, total};
    }
    return {step::done, total};
}

bool engine::starved(std::span<const std::uint8_t> input) const {
    if (records_) return records_->starved(input);
    return input.empty() && !failed_ && ssl_ && SSL_has_pending(ssl_.get()) == 0 && SSL_want_write(ssl_.get()) == 0 &&
           (SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN) == 0;
}

moved engine::write(std::span<const std::uint8_t> from) {
    if (records_) {
        free_handshake();
        return records_->write(with_, from);
    }
    if (failed_) return {step::failed, 0};
    std::size_t total = 0;
    while (total < from.size()) {
        const std::size_t next = std::min(from.size() - total, largest_content);
        // Records are begun only when they fit whole, so that OpenSSL never keeps half of one in its own buffer.
        if (with_.room.size() < next + any_record_overhead) return {step::want_output, total};
        std::size_t n = 0;
        forget_errors();
        const int returned = SSL_write_ex(ssl_.get(), from.data() + total, next, &n);
        if (returned != 1) return {after(returned, phase::relay), total};
        total += n;
    }
    return {step::done, total};
}

step engine::close() {
    if (records_) return records_->close(with_);
    if (failed_ || !ssl_) return step::failed;
    forget_errors();
    const int returned = SSL_shutdown(ssl_.get());
    // 0: ours is written, the client's is outstanding; 1: both.
    if (returned >= 0) return step::done;
    return after(returned, phase::relay);
}

void engine::fell_silent() {
    if (records_) free_handshake();
}

bool engine::resumed() const {
    if (own_) return own_->resumed();
    return ssl_ && SSL_session_reused(ssl_.get()) == 1;
}

facts engine::agreed(more_facts more) const { return own_ ? own_->agreed() : facts_of(ssl_.get(), more); }

std::unique_ptr<const certs::client_certificate> engine::shown() const {
    return ssl_ ? certs::shown_by_client(ssl_.get(), false) : nullptr;
}

void engine::note_message(int ours, int, int type, const void* bytes, std::size_t size, SSL* ssl, void* self) {
    auto& e = *static_cast<engine*>(self);
    const std::span message(static_cast<const std::uint8_t*>(bytes), size);
    if (type == SSL3_RT_ALERT && size == 2) {
        e.last_alert_ = alert{ours == 0, message[1]};  // behind its level
    } else if (type == SSL3_RT_HANDSHAKE && ours == 1 && is_answer_to_hello(message)) {
        const bool offered = SSL_version(ssl) >= TLS1_3_VERSION ? e.offers_key_ : e.offers_ticket_;
        if (offered) certs::count_offered_ticket(SSL_get_SSL_CTX(ssl), SSL_session_reused(ssl) == 1);
    }
}

step engine::after(int returned, phase during) {
    if (!ssl_) {
        failed_ = true;
        error_ = {party::postern, during, reason::internal, "no memory for a connection"};
        return step::failed;
    }
    switch (SSL_get_error(ssl_.get(), returned)) {
        case SSL_ERROR_WANT_READ: return step::want_input;
        case SSL_ERROR_WANT_WRITE: return step::want_output;
        case SSL_ERROR_ZERO_RETURN: return step::closed;
        default: break;
    }
    // For good: what follows on a broken connection must not be taken for its next records.
    failed_ = true;
    handover_.reset();
    error_ = explain_failure(ssl_.get(), during);
    if (name_differs_) error_ = {party::client, during, reason::sni_mismatch, "two readings of the server name"};
    return step::failed;
}

int engine::judge_hello(SSL* ssl, int* alert, void*) {
    auto& self = *static_cast<engine*>(SSL_get_app_data(ssl));
    self.client_resumes_ = takes_tickets(ssl);
    // An empty one asks for a ticket and is none (RFC 5077 section 3.2).
    self.offers_ticket_ = has_content(ssl, TLSEXT_TYPE_session_ticket);
    self.offers_key_ = self.client_resumes_ && has_content(ssl, TLSEXT_TYPE_psk);
    const unsigned char* extension = nullptr;
    std::size_t length = 0;
    std::string name;
    if (SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_server_name, &extension, &length) == 1) {
        const auto read = read_server_name({extension, length});
        if (!read) {
            self.name_differs_ = true;
            *alert = SSL_AD_ILLEGAL_PARAMETER;
            return SSL_CLIENT_HELLO_ERROR;
        }
        name = *read;
    }
    if (name == self.expected_name_) return SSL_CLIENT_HELLO_SUCCESS;
    self.name_differs_ = true;
    *alert = SSL_AD_ILLEGAL_PARAMETER;
    return SSL_CLIENT_HELLO_ERROR;
}

}  // namespace postern::tls
