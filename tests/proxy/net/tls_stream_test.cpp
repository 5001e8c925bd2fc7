// The TLS side of a connection over a socket pair, with OpenSSL's own client at the far end and the socket's buffer in
// the test's hands.
#include "proxy/net/tls_stream.hpp"

#include "tests/proxy/tls/engine_pair.hpp"

#include <gtest/gtest.h>

#include <sys/socket.h>
#include <unistd.h>

using namespace postern;
using namespace postern::net;
using namespace std::chrono_literals;
namespace pair = postern::tls::test_pair;

namespace {

struct tls_stream_test : testing::Test {
    loop on;
    block_pool pool;
    certs::server_context server_context = pair::make_server();
    certs::ssl_ctx_ptr client_context;
    std::unique_ptr<pair::client> client;
    std::unique_ptr<tls_stream> server;
    int far = -1;
    std::size_t stuffed = 0;  // bytes in front of what the server says, which the client must not see

    ~tls_stream_test() override {
        if (far >= 0) ::close(far);
    }

    void begin(int version) {
        client_context = pair::make_client(version, version);
        client = std::make_unique<pair::client>(client_context.get());
        int fds[2];
        ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
        far = fds[0];
        plain_stream before(stream_socket(on, unique_fd(fds[1])));
        server = std::make_unique<tls_stream>(before, server_context.get(), "localhost", pool, block());
    }

    // From here on the socket takes nothing more of the server's, until the client has heard.
    void stuff() {
        const char filler[1024] = "";
        for (ssize_t n = 0; (n = ::send(server->socket().native_handle(), filler, sizeof filler, MSG_DONTWAIT)) > 0;)
            stuffed += static_cast<std::size_t>(n);
        for (const char one = 0; ::send(server->socket().native_handle(), &one, 1, MSG_DONTWAIT) == 1;) ++stuffed;
    }

    void client_speaks() const {
        const auto all = client->sent();
        ASSERT_EQ(::send(far, all.data(), all.size(), 0), static_cast<ssize_t>(all.size()));
        server->became_readable();
    }

    void client_hears() {
        pair::bytes all(64 * 1024);
        for (ssize_t n = 0; (n = ::recv(far, all.data(), all.size(), MSG_DONTWAIT)) > 0;) {
            const auto skip = std::min(stuffed, static_cast<std::size_t>(n));
            stuffed -= skip;
            client->hear({all.begin() + static_cast<std::ptrdiff_t>(skip), all.begin() + n});
        }
    }

    // Up to the client's last word, which the server has not read.
    void shake_hands_but_for_the_end() {
        EXPECT_FALSE(client->shake());
        client_speaks();
        EXPECT_EQ(server->handshake(), io_status::would_block);
        EXPECT_FALSE(server->holds_output());
        client_hears();
        static_cast<void>(client->shake());
        client_speaks();
    }
};

struct each_version : tls_stream_test, testing::WithParamInterface<int> {
    void SetUp() override { begin(GetParam()); }
};
INSTANTIATE_TEST_SUITE_P(tls_stream, each_version, testing::Values(TLS1_2_VERSION, TLS1_3_VERSION),
                         [](const auto& version) { return version.param == TLS1_2_VERSION ? "tls_1_2" : "tls_1_3"; });

}  // namespace

// In TLS 1.3 the last flight is the client's.
TEST_F(tls_stream_test, a_handshake_of_tls_1_2_is_done_when_its_last_flight_has_been_sent) {
    begin(TLS1_2_VERSION);
    shake_hands_but_for_the_end();
    stuff();
    EXPECT_EQ(server->handshake(), io_status::would_block);
    EXPECT_TRUE(server->holds_output());
    client_hears();
    EXPECT_EQ(server->handshake(), io_status::ok);
    EXPECT_FALSE(server->holds_output());
    client_hears();
    EXPECT_TRUE(client->shake());
}

namespace {

struct a_ticket : tls_stream_test {
    int tickets = 0;
    void SetUp() override {
        begin(TLS1_3_VERSION);
        SSL_CTX_set_session_cache_mode(client_context.get(), SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
        SSL_CTX_set_app_data(client_context.get(), &tickets);
        SSL_CTX_sess_set_new_cb(client_context.get(), [](SSL* s, SSL_SESSION*) {
            ++*static_cast<int*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(s)));
            return 0;
        });
        shake_hands_but_for_the_end();
        ASSERT_EQ(server->handshake(), io_status::ok);
    }
    // What has come to the far end of the socket, with one recv for each of the server's sends.
    std::string read_by_client() {
        client_hears();
        return client->heard();
    }
};

}  // namespace

TEST_F(a_ticket, travels_with_the_first_bytes_that_are_written) {
    EXPECT_EQ(read_by_client(), "");
    EXPECT_EQ(tickets, 0);
    const std::uint8_t text[] = {'h', 'i'};
    EXPECT_EQ(server->write_some(text).status, io_status::ok);
    EXPECT_EQ(read_by_client(), "hi");
    EXPECT_EQ(tickets, 1);
    EXPECT_EQ(server->write_some(text).status, io_status::ok);
    EXPECT_EQ(read_by_client(), "hi");
    EXPECT_EQ(tickets, 1);
}

TEST_F(a_ticket, waits_also_while_the_client_is_read) {
    client->say("question");
    client_speaks();
    std::uint8_t room[16];
    EXPECT_EQ(server->read_some(room).bytes, 8U);
    EXPECT_EQ(read_by_client(), "");
    EXPECT_EQ(tickets, 0);
    EXPECT_EQ(server->write_some(std::span(room).first(2)).status, io_status::ok);
    EXPECT_EQ(read_by_client(), "qu");
    EXPECT_EQ(tickets, 1);
}

TEST_F(a_ticket, goes_alone_when_nothing_is_written_for_a_while) {
    on.all_deadlines().sweep(net::clock::now() + 200ms);
    EXPECT_EQ(read_by_client(), "");
    EXPECT_EQ(tickets, 1);
    EXPECT_EQ(pool.lent(), 0U);
    const std::uint8_t text[] = {'h', 'i'};
    EXPECT_EQ(server->write_some(text).status, io_status::ok);
    EXPECT_EQ(read_by_client(), "hi");
    EXPECT_EQ(tickets, 1);
}

TEST_F(a_ticket, goes_before_an_end_without_any_bytes) {
    EXPECT_EQ(server->say_goodbye(), io_status::ok);
    EXPECT_EQ(read_by_client(), "");
    EXPECT_EQ(tickets, 1);
    EXPECT_TRUE(client->told_to_close());
}

TEST_F(a_ticket, and_the_end_travel_with_the_last_bytes) {
    server->last_write_follows();
    const std::uint8_t text[] = {'h', 'i'};
    EXPECT_EQ(server->write_some(text).status, io_status::ok);
    EXPECT_EQ(read_by_client(), "hi");
    EXPECT_TRUE(client->told_to_close());
    EXPECT_EQ(tickets, 1);
    EXPECT_EQ(server->finish(), io_status::ok);
    EXPECT_EQ(pool.lent(), 0U);
}

TEST_F(a_ticket, that_the_socket_does_not_take_leaves_with_the_next_write) {
    stuff();
    on.all_deadlines().sweep(net::clock::now() + 200ms);
    EXPECT_TRUE(server->holds_output());
    client_hears();
    const std::uint8_t text[] = {'h', 'i'};
    EXPECT_EQ(server->write_some(text).status, io_status::ok);
    EXPECT_EQ(read_by_client(), "hi");
    EXPECT_EQ(tickets, 1);
}

TEST_P(each_version, silent_it_holds_no_block) {
    shake_hands_but_for_the_end();
    EXPECT_EQ(server->handshake(), io_status::ok);
    on.all_deadlines().sweep(net::clock::now() + 200ms);  // a ticket leaves
    EXPECT_EQ(pool.lent(), 0U);
    std::uint8_t room[16];
    EXPECT_EQ(server->read_some(room).status, io_status::would_block);
    EXPECT_EQ(pool.lent(), 0U);
}

TEST_P(each_version, what_the_socket_does_not_take_is_held_and_leaves_in_order) {
    shake_hands_but_for_the_end();
    EXPECT_EQ(server->handshake(), io_status::ok);
    client_hears();
    EXPECT_TRUE(client->shake());
    stuff();
    const std::string text = "after the stuffing";
    const auto wrote = server->write_some({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
    EXPECT_EQ(wrote.status, io_status::would_block);
    EXPECT_EQ(wrote.bytes, text.size());
    EXPECT_EQ(server->finish(), io_status::would_block);
    client_hears();
    EXPECT_EQ(server->finish(), io_status::ok);
    client_hears();
    EXPECT_EQ(client->heard(), text);
    EXPECT_TRUE(client->told_to_close());
    EXPECT_EQ(pool.lent(), 0U);
}

TEST_P(each_version, an_end_of_tcp_alone_is_a_truncation) {
    shake_hands_but_for_the_end();
    EXPECT_EQ(server->handshake(), io_status::ok);
    ::shutdown(far, SHUT_WR);
    server->became_readable();
    std::uint8_t room[16];
    EXPECT_EQ(server->read_some(room).status, io_status::truncated);
}

TEST_P(each_version, a_close_notify_is_an_end_also_when_tcp_stays_open) {
    shake_hands_but_for_the_end();
    EXPECT_EQ(server->handshake(), io_status::ok);
    client_hears();
    EXPECT_TRUE(client->shake());
    client->say("the last word");
    client->close();
    client_speaks();
    std::uint8_t room[64];
    const auto read = server->read_some(room);
    EXPECT_EQ(std::string(room, room + read.bytes), "the last word");
    EXPECT_EQ(server->read_some(room).status, io_status::end);
}

namespace {

std::string text_of(std::span<const std::uint8_t> room, io_result read) {
    return {room.begin(), room.begin() + static_cast<std::ptrdiff_t>(read.bytes)};
}

std::span<const std::uint8_t> octets_of(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace

TEST_P(each_version, a_broken_record_ends_it_for_good) {
    shake_hands_but_for_the_end();
    EXPECT_EQ(server->handshake(), io_status::ok);
    EXPECT_EQ(server->write_some(octets_of("answer")).status, io_status::ok);
    client_hears();
    EXPECT_EQ(client->heard(), "answer");
    client->say("first");
    auto wire = client->sent();
    client->say("second");
    auto broken = client->sent();
    broken.back() ^= 1;
    wire.insert(wire.end(), broken.begin(), broken.end());
    ASSERT_EQ(::send(far, wire.data(), wire.size(), 0), static_cast<ssize_t>(wire.size()));
    server->became_readable();
    std::uint8_t room[64];
    EXPECT_EQ(text_of(room, server->read_some(room)), "first");
    EXPECT_EQ(server->read_some(room).status, io_status::failed);
    EXPECT_FALSE(server->error().empty());
    client->say("third");
    client_speaks();
    EXPECT_EQ(server->read_some(room).status, io_status::failed);
    EXPECT_EQ(server->write_some(octets_of("more")).status, io_status::failed);
}

TEST_P(each_version, small_reads_of_many_records_miss_nothing_while_answers_are_written) {
    shake_hands_but_for_the_end();
    EXPECT_EQ(server->handshake(), io_status::ok);
    client_hears();
    EXPECT_TRUE(client->shake());
    std::string question;
    std::string answer;
    std::string read;
    std::string heard;
    for (int i = 0; i < 40; ++i) {
        const std::string part(900 + static_cast<std::size_t>(i), static_cast<char>('a' + i % 26));
        question += part;
        client->say(part);
        auto wire = client->sent();
        // Cut within a record, so that some of it waits.
        const std::size_t cut = wire.size() / 2;
        for (const auto& piece : {std::span(wire).first(cut), std::span(wire).subspan(cut)}) {
            ASSERT_EQ(::send(far, piece.data(), piece.size(), 0), static_cast<ssize_t>(piece.size()));
            server->became_readable();
            std::uint8_t room[7];
            for (;;) {
                const auto got = server->read_some(room);
                read += text_of(room, got);
                if (got.status != io_status::ok) {
                    ASSERT_EQ(got.status, io_status::would_block);
                    break;
                }
                if (read.size() % 5 == 0) {
                    ASSERT_EQ(server->write_some(octets_of("x")).status, io_status::ok);
                    answer += 'x';
                }
            }
        }
        client_hears();
        heard += client->heard();
    }
    EXPECT_TRUE(read == question);
    EXPECT_EQ(heard, answer);
    EXPECT_EQ(pool.lent(), 0U);
}
