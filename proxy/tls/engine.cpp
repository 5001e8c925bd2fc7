#include "proxy/tls/engine.hpp"

#include "proxy/tls/client_hello.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <cstring>

namespace postern::tls {
namespace {

// The largest record the protocol may make of a fragment: header, explicit nonce, padding and MAC of TLS 1.0 to 1.2's
// worst suite, and the empty record that precedes it in TLS 1.0.
constexpr std::size_t record_overhead = 400;
constexpr std::size_t largest_fragment = 16 * 1024;

// SSL_get_error judges by the thread's queue of errors, which must be empty before each call; it nearly always is, and to
// look costs less than to empty it.
void forget_errors() {
    if (ERR_peek_error() != 0) ERR_clear_error();
}

}  // namespace

// The BIO between OpenSSL and the engine: reads come from what was fed, writes go to the room that was lent.
struct engine_bio {
    static engine& owner(BIO* bio) { return *static_cast<engine*>(BIO_get_data(bio)); }

    static int read(BIO* bio, char* into, std::size_t length, std::size_t* done) {
        auto& e = owner(bio);
        BIO_clear_retry_flags(bio);
        if (e.input_.empty()) {
            BIO_set_retry_read(bio);
            return 0;
        }
        *done = std::min(length, e.input_.size());
        std::memcpy(into, e.input_.data(), *done);
        e.input_ = e.input_.subspan(*done);
        return 1;
    }

    static int write(BIO* bio, const char* from, std::size_t length, std::size_t* done) {
        auto& e = owner(bio);
        BIO_clear_retry_flags(bio);
        const std::size_t space = e.room_.size() - e.produced_;
        if (space == 0) {
            BIO_set_retry_write(bio);
            return 0;
        }
        *done = std::min(length, space);
        std::memcpy(e.room_.data() + e.produced_, from, *done);
        e.produced_ += *done;
        return 1;
    }

    static long control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

    static const BIO_METHOD* method() {
        static BIO_METHOD* const made = [] {
            BIO_METHOD* m = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "postern engine");
            if (m != nullptr) {
                BIO_meth_set_read_ex(m, read);
                BIO_meth_set_write_ex(m, write);
                BIO_meth_set_ctrl(m, control);
            }
            return m;
        }();
        return made;
    }
};

engine::engine(SSL_CTX* context, std::string expected_name)
    : ssl_(SSL_new(context), SSL_free), expected_name_(std::move(expected_name)) {
    BIO* bio = ssl_ && engine_bio::method() != nullptr ? BIO_new(engine_bio::method()) : nullptr;
    if (bio == nullptr || SSL_set_app_data(ssl_.get(), this) != 1) {
        BIO_free(bio);
        ssl_.reset();
        forget_errors();
        return;
    }
    BIO_set_data(bio, this);
    BIO_set_init(bio, 1);
    SSL_set_bio(ssl_.get(), bio, bio);
    SSL_set_accept_state(ssl_.get());
}

// A session outlives a connection that was cut off (RFC 5246 section 7.2.1), as clients cut off every day: OpenSSL would
// take it out of its cache. After a fatal alert it has done so by now.
engine::~engine() {
    if (ssl_) SSL_set_shutdown(ssl_.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
}

void engine::lend(std::span<std::uint8_t> room) {
    room_ = room;
    produced_ = 0;
}

step engine::handshake() {
    if (!ssl_) return after(0, phase::handshake);
    forget_errors();
    const int returned = SSL_do_handshake(ssl_.get());
    return returned == 1 ? step::done : after(returned, phase::handshake);
}

bool engine::ends_with_tickets() const { return SSL_version(ssl_.get()) >= TLS1_3_VERSION; }

moved engine::read(std::span<std::uint8_t> into) {
    std::size_t total = 0;
    while (total < into.size()) {
        std::size_t n = 0;
        forget_errors();
        const int returned = SSL_read_ex(ssl_.get(), into.data() + total, into.size() - total, &n);
        if (returned != 1) return {after(returned, phase::relay), total};
        total += n;
        // All that was fed is used up: asking again would only tell so.
        if (input_.empty() && total < into.size() && SSL_has_pending(ssl_.get()) == 0) return {step::want_input, total};
    }
    return {step::done, total};
}

bool engine::starved() const {
    return input_.empty() && ssl_ && SSL_has_pending(ssl_.get()) == 0 && SSL_want_write(ssl_.get()) == 0 &&
           (SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN) == 0;
}

moved engine::write(std::span<const std::uint8_t> from) {
    std::size_t total = 0;
    while (total < from.size()) {
        const std::size_t next = std::min(from.size() - total, largest_fragment);
        // Records are begun only when they fit whole, so that OpenSSL never keeps half of one in its own buffer.
        if (room_.size() - produced_ < next + record_overhead) return {step::want_output, total};
        std::size_t n = 0;
        forget_errors();
        const int returned = SSL_write_ex(ssl_.get(), from.data() + total, next, &n);
        if (returned != 1) return {after(returned, phase::relay), total};
        total += n;
    }
    return {step::done, total};
}

step engine::close() {
    forget_errors();
    const int returned = SSL_shutdown(ssl_.get());
    // 0: ours is written, the client's is outstanding; 1: both.
    if (returned >= 0) return step::done;
    return after(returned, phase::relay);
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
