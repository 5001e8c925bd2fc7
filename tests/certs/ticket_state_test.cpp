// What is in our tickets, against libssl's own reading and writing of sessions.
#include "certs/openssl.hpp"
#include "certs/session_time.hpp"
#include "certs/ticket_state.hpp"
#include "certs/words.hpp"
#include "tests/certs/support.hpp"

#include <openssl/err.h>

#include <gtest/gtest.h>

#include <numeric>

namespace postern::certs::testing {
namespace {

using bytes = std::vector<std::uint8_t>;

bytes counting(std::size_t size) {
    bytes made(size);
    std::iota(made.begin(), made.end(), std::uint8_t{1});
    return made;
}

const bytes psk = counting(32);
const bytes context = counting(20);

ticket_state example() { return {0x1301, psk, context, 1'700'000'000, 300, 1'699'999'000}; }

bytes libssl_writes(SSL_SESSION* session) {
    bytes out(static_cast<std::size_t>(i2d_SSL_SESSION(session, nullptr)));
    auto* at = out.data();
    i2d_SSL_SESSION(session, &at);
    return out;
}

session_ptr libssl_reads(std::span<const std::uint8_t> encoded) {
    const auto* at = encoded.data();
    session_ptr made(d2i_SSL_SESSION(nullptr, &at, static_cast<long>(encoded.size())));
    EXPECT_TRUE(!made || at == encoded.data() + encoded.size());
    ERR_clear_error();
    return made;
}

void expect_example(const std::optional<ticket_state>& read) {
    ASSERT_TRUE(read);
    EXPECT_EQ(read->cipher, 0x1301);
    EXPECT_TRUE(std::ranges::equal(read->psk, psk));
    EXPECT_TRUE(std::ranges::equal(read->id_context, context));
    EXPECT_EQ(read->time, 1'700'000'000);
    EXPECT_EQ(read->lifetime, 300);
    EXPECT_EQ(read->first, 1'699'999'000);
}

TEST(ticket_state, is_read_as_it_was_written) {
    const auto encoded = encode(example());
    expect_example(decode_ticket_state(encoded.bytes()));
}

TEST(ticket_state, libssl_reads_the_same_in_what_we_write_and_we_in_what_libssl_writes) {
    const auto encoded = encode(example());
    const auto session = libssl_reads(encoded.bytes());
    ASSERT_TRUE(session);
    EXPECT_EQ(SSL_SESSION_get_protocol_version(session.get()), TLS1_3_VERSION);
    EXPECT_EQ(SSL_CIPHER_get_protocol_id(SSL_SESSION_get0_cipher(session.get())), 0x1301);
    bytes key(64);
    key.resize(SSL_SESSION_get_master_key(session.get(), key.data(), key.size()));
    EXPECT_EQ(key, psk);
    EXPECT_EQ(time_of(session.get()), 1'700'000'000);
    EXPECT_EQ(SSL_SESSION_get_timeout(session.get()), 300);
    unsigned length = 0;
    const auto* const id = SSL_SESSION_get0_id_context(session.get(), &length);
    EXPECT_EQ(bytes(id, id + length), context);
    expect_example(decode_ticket_state(libssl_writes(session.get())));
}

TEST(ticket_state, numbers_of_any_size_are_those_of_libssl) {
    // Up to the year 2514: libssl 3.5 counts nanoseconds, in 64 bits.
    for (int bits = 0; bits <= 34; ++bits)
        for (const std::time_t off : {-1, 0}) {
            auto state = example();
            state.time = std::max<std::time_t>((std::time_t{1} << bits) + off, 1);
            const auto session = libssl_reads(encode(state).bytes());
            ASSERT_TRUE(session) << state.time;
            EXPECT_EQ(time_of(session.get()), state.time);
            EXPECT_EQ(decode_ticket_state(libssl_writes(session.get()))->time, state.time);
        }
}

TEST(ticket_state, a_part_of_one_is_none_nor_is_one_with_more_behind_it) {
    const auto encoded = encode(example());
    const auto whole = encoded.bytes();
    for (std::size_t size = 0; size < whole.size(); ++size)
        EXPECT_FALSE(decode_ticket_state(whole.first(size))) << size;
    bytes longer(whole.begin(), whole.end());
    longer.push_back(0);
    EXPECT_FALSE(decode_ticket_state(longer));
}

TEST(ticket_state, whatever_a_byte_is_changed_to_nothing_is_read_beyond_it) {
    const auto encoded = encode(example());
    bytes damaged(encoded.bytes().begin(), encoded.bytes().end());
    for (auto& byte : damaged)
        for (const std::uint8_t flip : bytes{0x01, 0x80, 0xff}) {
            byte ^= flip;
            static_cast<void>(decode_ticket_state(damaged));  // the sanitizers look on
            byte ^= flip;
        }
    expect_example(decode_ticket_state(damaged));
}

TEST(ticket_state, another_version_or_a_clients_certificate_is_libssls_alone) {
    const auto session = libssl_reads(encode(example()).bytes());
    ASSERT_EQ(SSL_SESSION_set_protocol_version(session.get(), TLS1_2_VERSION), 1);
    EXPECT_FALSE(decode_ticket_state(libssl_writes(session.get())));

    config::ssl settings;
    settings.verify_client = config::verify_mode::optional_no_ca;
    const library in;
    const auto server = serve(settings, {issued(key_kind::ec_p256)}, in);
    const client from;
    const auto id = issued(key_kind::ec_p256, "client");
    const auto* at = id->chain.front().data();
    const x509_ptr certificate(d2i_X509(nullptr, &at, static_cast<long>(id->chain.front().size())));
    const auto* key_at = id->key.bytes().data();
    const pkey_ptr key(d2i_AutoPrivateKey(nullptr, &key_at, static_cast<long>(id->key.bytes().size())));
    SSL_CTX_use_certificate(from.context(), certificate.get());
    SSL_CTX_use_PrivateKey(from.context(), key.get());
    talk with(from, server.get());
    ASSERT_TRUE(with.handshake());
    const auto known = libssl_writes(SSL_get_session(with.server_end()));
    ASSERT_TRUE(libssl_reads(known));
    EXPECT_FALSE(decode_ticket_state(known));
}

}  // namespace
}  // namespace postern::certs::testing
