#include "proxy/tls/engine.hpp"

#include "certs/context.hpp"
#include "proxy/tls/buffers_bio.hpp"
#include "proxy/tls/client_hello.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <new>

namespace postern::tls {
namespace {

// The largest record the protocol may make of a fragment: header, explicit nonce, padding and MAC of TLS 1.0 to 1.2's
// worst suite, and the empty record that precedes it in TLS 1.0.
constexpr std::size_t any_record_overhead = 400;
// So much data pays for a hand-over: OpenSSL's object copies all of it twice, record_layer does not.
constexpr std::uint64_t much = 64 * 1024;

// SSL_get_error judges by the thread's queue of errors, which must be empty before each call; it nearly always is, and to
// look costs less than to empty it.
void forget_errors() {
    if (ERR_peek_error() != 0) ERR_clear_error();
}

// What has gone from the front of `before`.
template <class Bytes>
Bytes passed(Bytes before, Bytes now) {
    return before.first(before.size() - now.size());
}

}  // namespace

engine::engine(SSL_CTX* context, std::string expected_name)
    : ssl_(SSL_new(context), SSL_free), expected_name_(std::move(expected_name)) {
    BIO* bio = ssl_ ? make_bio(with_) : nullptr;
    if (bio == nullptr || SSL_set_app_data(ssl_.get(), this) != 1) {
        BIO_free(bio);
        ssl_.reset();
        forget_errors();
        return;
    }
    SSL_set_bio(ssl_.get(), bio, bio);
    SSL_set_accept_state(ssl_.get());
    handover_.reset(new (std::nothrow) handover);
}

engine::~engine() { free_openssl(); }

// A session outlives a connection that was cut off (RFC 5246 section 7.2.1), as clients cut off every day: OpenSSL would
// take it out of its cache. After a fatal alert it has done so by now. (After a hand-over nobody does, though RFC 8446
// section 6.2 would like it: to know the session would cost the memory that is saved.)
void engine::free_openssl() {
    if (ssl_) SSL_set_shutdown(ssl_.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    ssl_.reset();
}

void engine::lend(std::span<std::uint8_t> room) {
    with_.room = room;
    with_.produced = 0;
}

step engine::handshake() {
    if (!ssl_) return after(0, phase::handshake);
    if (failed_) return step::failed;
    forget_errors();
    const listening to_keys(handover_ ? &handover_->secrets : nullptr);
    const auto room = with_.room;
    const int returned = SSL_do_handshake(ssl_.get());
    const auto said = passed(room, with_.room);
    asked_again_ = is_hello_retry_request(said);
    // The client's secret follows from its Finished: what comes after that is the first under the new keys.
    if (handover_ && handover_->secrets.known()) handover_->sealed.add(said);
    if (returned != 1) return after(returned, phase::handshake);
    if (handover_ && !handover_->secrets.known()) handover_.reset();
    return step::done;
}

// One call that moves application data, and the count of the records that it moves.
template <class Call>
int engine::counted(Call call) {
    forget_errors();
    if (!handover_) return call();
    const listening to_keys(&handover_->secrets);
    const auto input = with_.input;
    const auto room = with_.room;
    const int returned = call();
    handover_->opened.add(passed(input, with_.input));
    handover_->sealed.add(passed(room, with_.room));
    return returned;
}

bool engine::ends_with_tickets() const { return SSL_version(ssl_.get()) >= TLS1_3_VERSION; }

moved engine::read(std::span<std::uint8_t> into) {
    if (handover_ && handover_->data >= much) hand_over();
    if (records_) return records_->read(with_, into);
    if (failed_) return {step::failed, 0};
    // What has not come whole stays with the caller, so that there is always a moment for a hand-over.
    const auto all = with_.input;
    if (handover_) with_.input = all.first(whole_records(all));
    const auto after_whole = all.subspan(with_.input.size());
    std::size_t total = 0;
    step status = step::done;
    while (status == step::done && total < into.size()) {
        std::size_t n = 0;
        const std::size_t before = with_.input.size();
        const int returned =
            counted([&] { return SSL_read_ex(ssl_.get(), into.data() + total, into.size() - total, &n); });
        if (returned != 1) status = after(returned, phase::relay);
        if (handover_ && with_.input.size() < before) handover_->message_begun = returned != 1;
        total += n;
        // All that was fed is used up: asking again would only tell so.
        if (returned == 1 && with_.input.empty() && total < into.size() && SSL_has_pending(ssl_.get()) == 0)
            status = step::want_input;
    }
    with_.input = all.last(with_.input.size() + after_whole.size());
    if (handover_) handover_->data += total;
    return {status, total};
}

bool engine::starved(std::span<const std::uint8_t> input) const {
    if (records_) return records_->starved(input);
    const bool nothing = handover_ ? whole_records(input) == 0 : input.empty();
    return nothing && !failed_ && ssl_ && SSL_has_pending(ssl_.get()) == 0 && SSL_want_write(ssl_.get()) == 0 &&
           (SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN) == 0;
}

moved engine::write(std::span<const std::uint8_t> from) {
    if (handover_ && handover_->data + from.size() >= much) hand_over();
    if (records_) return records_->write(with_, from);
    if (failed_) return {step::failed, 0};
    std::size_t total = 0;
    while (total < from.size()) {
        const std::size_t next = std::min(from.size() - total, largest_content);
        // Records are begun only when they fit whole, so that OpenSSL never keeps half of one in its own buffer.
        if (with_.room.size() < next + any_record_overhead) return {step::want_output, total};
        std::size_t n = 0;
        const std::size_t before = with_.produced;
        const int returned = counted([&] { return SSL_write_ex(ssl_.get(), from.data() + total, next, &n); });
        if (returned != 1) return {after(returned, phase::relay), total};
        total += n;
        if (handover_) handover_->data += n;
        // Padding (openssl.cnf's RecordPadding, say) is OpenSSL's to add.
        if (handover_ && with_.produced - before != n + record_overhead) handover_.reset();
    }
    return {step::done, total};
}

step engine::close() {
    if (records_) return records_->close(with_);
    if (failed_) return step::failed;
    handover_.reset();
    forget_errors();
    const int returned = SSL_shutdown(ssl_.get());
    // 0: ours is written, the client's is outstanding; 1: both.
    if (returned >= 0) return step::done;
    return after(returned, phase::relay);
}

void engine::fell_silent() {
    if (handover_ && handover_->data > 0) hand_over();
}

void engine::hand_over() {
    const auto& h = *handover_;
    const bool between_records = h.opened.whole() && h.sealed.whole() && SSL_has_pending(ssl_.get()) == 0;
    // An end, a failure, and a message of which a part has come show here.
    const bool at_rest = SSL_is_init_finished(ssl_.get()) == 1 && SSL_get_shutdown(ssl_.get()) == 0 && !h.message_begun;
    if (!between_records || !at_rest) return;
    const auto* suite = find_suite(SSL_CIPHER_get_protocol_id(SSL_get_current_cipher(ssl_.get())));
    // A client that wants small records (RFC 6066 section 4) is OpenSSL's to serve.
    const bool any_size = SSL_SESSION_get_max_fragment_length(SSL_get_session(ssl_.get())) == 0;
    if (h.secrets.known() && suite != nullptr && any_size)
        records_ = record_layer::make(
            *suite, h.secrets, {h.opened.count(), h.sealed.count(), certs::record_size(SSL_get_SSL_CTX(ssl_.get()))});
    if (records_) {
        free_openssl();
        std::string().swap(expected_name_);
    }
    forget_errors();
    handover_.reset();
}

bool engine::resumed() const { return ssl_ && SSL_session_reused(ssl_.get()) == 1; }

facts engine::agreed() const { return facts_of(ssl_.get()); }

step engine::after(int returned, phase during) {
    if (!ssl_) {
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

int engine::check_server_name(SSL* ssl, int* alert, void*) {
    auto& self = *static_cast<engine*>(SSL_get_app_data(ssl));
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
