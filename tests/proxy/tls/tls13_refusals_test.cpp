// What a client may say between our flight and its Finished, and what it may not: each record is made by the test, under
// the key that libssl's client tells its key log.
#include "engine_pair.hpp"
#include "hex.hpp"
#include "record_pair.hpp"

#include <gtest/gtest.h>

#include <openssl/err.h>

using namespace postern;
using namespace postern::tls;
using namespace postern::tls::test_pair;
using postern::tls::testing::hex;
using postern::tls::testing::joined;

namespace {

const bytes change_of_cipher{20, 3, 3, 0, 1, 1};

// A server that waits for the Finished of a client, and what it takes to say anything in the client's place.
class waiting {
public:
    waiting() {
        SSL_CTX_set_app_data(context_.get(), this);
        SSL_CTX_set_keylog_callback(context_.get(), [](const SSL* ssl, const char* line) {
            const std::string_view text(line);
            if (text.starts_with("CLIENT_HANDSHAKE_TRAFFIC_SECRET"))
                static_cast<waiting*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)))->secret_ =
                    hex(text.substr(text.rfind(' ') + 1));
        });
        server_.emplace(server_context_.get(), "localhost");
        peer_.emplace(context_.get());
        peer_->shake();
        peer_->hear(shake(*server_, peer_->sent()).output);
        EXPECT_TRUE(peer_->shake());
        auto flight = peer_->sent();
        EXPECT_TRUE(server_->did_without_openssl());
        const auto& suite = *find_suite(0x1301);
        record_key open(record_key::use::open, suite, nullptr, secret_, 0);
        flight.erase(flight.begin(), flight.begin() + static_cast<std::ptrdiff_t>(change_of_cipher.size()));
        bytes room(flight.size());
        const auto what = open.open(flight, room.data());
        EXPECT_TRUE(what && what->type == content::handshake);
        room.resize(what->size);
        finished = room;
        seal_.emplace(record_key::use::seal, suite, nullptr, secret_, 0);
    }

    bytes record(content type, const bytes& what) {
        bytes out(what.size() + record_overhead);
        EXPECT_TRUE(seal_->seal(type, what, out.data()));
        return out;
    }
    bytes handshake(const bytes& what) { return record(content::handshake, what); }

    // The engine's verdict; when it fails, its reason and the alert that the client gets, 0 for none.
    step say(const bytes& what) {
        const auto t = shake(*server_, what);
        if (t.status != step::failed) return t.status;
        why = server_->error().why;
        detail = server_->error().detail;
        EXPECT_EQ(server_->error().by, party::client);
        EXPECT_EQ(server_->error().during, phase::handshake);
        peer_->hear(t.output);
        ERR_clear_error();
        char byte = 0;
        SSL_read(peer_->ssl(), &byte, 1);
        const int said = ERR_GET_REASON(ERR_peek_error());
        alert = said > SSL_AD_REASON_OFFSET ? said - SSL_AD_REASON_OFFSET : 0;
        ERR_clear_error();
        return t.status;
    }

    bytes finished;
    reason why = reason::closed;
    std::string detail;
    int alert = 0;

private:
    certs::server_context server_context_ = make_own_server();
    certs::ssl_ctx_ptr context_ = make_client(TLS1_3_VERSION);
    bytes secret_;
    std::optional<engine> server_;
    std::optional<client> peer_;
    std::optional<record_key> seal_;
};

bytes part(const bytes& of, std::size_t from, std::size_t to) {
    return {of.begin() + static_cast<std::ptrdiff_t>(from), of.begin() + static_cast<std::ptrdiff_t>(to)};
}

}  // namespace

TEST(tls13_refusals, finished_is_taken_with_and_without_a_change_of_cipher_before_it) {
    for (const int changes : {0, 1, 2, 32}) {
        waiting w;
        bytes all;
        for (int i = 0; i < changes; ++i) all = joined({all, change_of_cipher});
        EXPECT_EQ(w.say(joined({all, w.handshake(w.finished)})), step::done);
    }
}

TEST(tls13_refusals, finished_may_be_cut_into_records_at_any_byte) {
    for (std::size_t at = 1; at < 36; ++at) {
        waiting w;
        const auto first = w.handshake(part(w.finished, 0, at));
        EXPECT_EQ(w.say(first), step::want_input) << at;
        EXPECT_EQ(w.say(w.handshake(part(w.finished, at, w.finished.size()))), step::done) << at;
    }
}

TEST(tls13_refusals, a_change_of_cipher_may_come_32_times_and_not_more) {
    waiting w;
    for (int i = 0; i < 32; ++i) EXPECT_EQ(w.say(change_of_cipher), step::want_input);
    EXPECT_EQ(w.say(change_of_cipher), step::failed);
    EXPECT_EQ(w.why, reason::protocol_error);
    EXPECT_EQ(w.alert, SSL_AD_UNEXPECTED_MESSAGE);
}

TEST(tls13_refusals, a_finished_with_any_byte_wrong_is_refused) {
    for (std::size_t at = 0; at < 36; ++at) {
        waiting w;
        w.finished[at] ^= 1;
        EXPECT_EQ(w.say(w.handshake(w.finished)), step::failed) << at;
        EXPECT_EQ(w.why, reason::protocol_error);
        const int alert = at == 0 ? SSL_AD_UNEXPECTED_MESSAGE : at < 4 ? SSL_AD_DECODE_ERROR : SSL_AD_DECRYPT_ERROR;
        EXPECT_EQ(w.alert, alert) << at;
    }
}

TEST(tls13_refusals, a_record_with_any_byte_wrong_is_refused) {
    std::size_t size = 6;
    for (std::size_t at = 5; at < size; ++at) {
        waiting w;
        auto record = w.handshake(w.finished);
        size = record.size();
        record[at] ^= 1;
        EXPECT_EQ(w.say(record), step::failed) << at;
        EXPECT_EQ(w.why, reason::bad_record);
        EXPECT_EQ(w.alert, SSL_AD_BAD_RECORD_MAC);
    }
}

TEST(tls13_refusals, nothing_else_may_come_in_its_place) {
    struct row {
        const char* what;
        bytes (*says)(waiting&);
        reason why;
        int alert;
    };
    const row rows[] = {
        {"data", [](waiting& w) { return w.record(content::application_data, {'x'}); }, reason::protocol_error,
         SSL_AD_UNEXPECTED_MESSAGE},
        {"an empty message", [](waiting& w) { return w.handshake({}); }, reason::protocol_error,
         SSL_AD_UNEXPECTED_MESSAGE},
        {"a KeyUpdate",
         [](waiting& w) {
             return w.handshake({24, 0, 0, 1, 0});
         },
         reason::protocol_error, SSL_AD_UNEXPECTED_MESSAGE},
        {"a certificate that nobody asked for",
         [](waiting& w) {
             return w.handshake({11, 0, 0, 4, 0, 0, 0, 0});
         },
         reason::protocol_error, SSL_AD_UNEXPECTED_MESSAGE},
        {"more behind it in its record",
         [](waiting& w) {
             return w.handshake(joined({w.finished, {24}}));
         },
         reason::protocol_error, SSL_AD_UNEXPECTED_MESSAGE},
        {"data within it",
         [](waiting& w) {
             const auto half = w.handshake(part(w.finished, 0, 10));
             return joined({half, w.record(content::application_data, {'x'})});
         },
         reason::protocol_error, SSL_AD_UNEXPECTED_MESSAGE},
        {"a change of cipher within it",
         [](waiting& w) {
             return joined({w.handshake(part(w.finished, 0, 10)), change_of_cipher});
         },
         reason::protocol_error, SSL_AD_UNEXPECTED_MESSAGE},
        {"an encrypted change of cipher", [](waiting& w) { return w.record(content::change_cipher_spec, {1}); },
         reason::protocol_error, SSL_AD_UNEXPECTED_MESSAGE},
        {"a wrong change of cipher", [](waiting&) { return bytes{20, 3, 3, 0, 1, 2}; }, reason::protocol_error,
         SSL_AD_UNEXPECTED_MESSAGE},
        {"a long change of cipher", [](waiting&) { return bytes{20, 3, 3, 0, 2, 1, 1}; }, reason::protocol_error,
         SSL_AD_UNEXPECTED_MESSAGE},
        {"a hello in the clear", [](waiting&) { return bytes{22, 3, 3, 0, 1, 1}; }, reason::bad_record,
         SSL_AD_UNEXPECTED_MESSAGE},
        {"a record of no known type", [](waiting&) { return bytes{99, 3, 3, 0, 1, 1}; }, reason::bad_record,
         SSL_AD_UNEXPECTED_MESSAGE},
        {"a record that is too long",
         [](waiting&) {
             return bytes{23, 3, 3, 0x7f, 0xff};
         },
         reason::bad_record, SSL_AD_RECORD_OVERFLOW},
        {"a change of cipher that is too long",
         [](waiting&) {
             return bytes{20, 3, 3, 0x7f, 0xff};
         },
         reason::bad_record, SSL_AD_RECORD_OVERFLOW},
        {"an alert of three bytes",
         [](waiting& w) {
             return w.record(content::alert, {2, 40, 0});
         },
         reason::protocol_error, SSL_AD_DECODE_ERROR},
        {"an alert of no bytes", [](waiting& w) { return w.record(content::alert, {}); }, reason::protocol_error,
         SSL_AD_UNEXPECTED_MESSAGE},
        {"33 alerts that mean nothing",
         [](waiting& w) {
             bytes all;
             for (int i = 0; i < 33; ++i) all = joined({all, w.record(content::alert, {1, SSL_AD_USER_CANCELLED})});
             return all;
         },
         reason::protocol_error, SSL_AD_UNEXPECTED_MESSAGE},
        {"an alert of no bytes in the clear",
         [](waiting&) {
             return bytes{21, 3, 3, 0, 0};
         },
         reason::protocol_error, SSL_AD_UNEXPECTED_MESSAGE},
    };
    for (const auto& r : rows) {
        waiting w;
        const auto said = r.says(w);
        EXPECT_EQ(w.say(said), step::failed) << r.what;
        EXPECT_EQ(w.why, r.why) << r.what;
        EXPECT_EQ(w.alert, r.alert) << r.what;
    }
}

TEST(tls13_refusals, an_alert_of_the_client_ends_it_with_openssls_words) {
    for (const bool in_the_clear : {true, false}) {
        waiting w;
        const auto alert = in_the_clear ? bytes{21, 3, 3, 0, 2, 2, SSL_AD_UNKNOWN_CA}
                                        : w.record(content::alert, {2, SSL_AD_UNKNOWN_CA});
        EXPECT_EQ(w.say(alert), step::failed);
        EXPECT_EQ(w.why, reason::peer_alert);
        EXPECT_EQ(w.detail, "tlsv1 alert unknown ca");
        EXPECT_EQ(w.alert, 0) << "there is no answer to an alert";
    }
    waiting w;
    EXPECT_EQ(w.say(w.record(content::alert, {1, SSL_AD_USER_CANCELLED})), step::want_input);
    EXPECT_EQ(w.say(w.record(content::alert, {1, SSL_AD_CLOSE_NOTIFY})), step::failed);
    EXPECT_EQ(w.why, reason::peer_closed);
}
