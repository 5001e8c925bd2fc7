// The server's part of a handshake and of a record. The client is OpenSSL in the same thread, and its time is left out.
#include "tests/proxy/tls/engine_pair.hpp"

#include <benchmark/benchmark.h>

#include <chrono>
#include <ctime>

namespace {

using namespace postern::tls;
using namespace postern::tls::test_pair;

// CPU time of this thread: on a busy machine the clock on the wall says little.
std::chrono::nanoseconds spent_by_us() {
    timespec now{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

// The newest ticket of the client that has it as application data.
using ticket = std::unique_ptr<SSL_SESSION, void (*)(SSL_SESSION*)>;

int keep_ticket(SSL* tls, SSL_SESSION* session) {
    static_cast<ticket*>(SSL_get_app_data(tls))->reset(session);
    return 1;
}

// The seconds that the engine needs, from its making to the ticket that goes with the first answer. Negative when the
// handshake was not of the kind that was wanted.
double handshake(SSL_CTX* server_context, SSL_CTX* client_context, ticket& newest, bool resume) {
    client peer(client_context);
    SSL_set_app_data(peer.ssl(), &newest);
    if (resume) {
        const ticket copy(SSL_SESSION_dup(newest.get()), SSL_SESSION_free);
        SSL_set_session(peer.ssl(), copy.get());
    }
    std::chrono::nanoseconds spent{};
    const auto timed = [&](auto&& work) {
        const auto begin = spent_by_us();
        auto result = work();
        spent += spent_by_us() - begin;
        return result;
    };
    const auto server = timed([&] { return std::make_unique<engine>(server_context, "localhost"); });
    for (bool done = false; !done;) {
        done = peer.shake();
        const auto flight = peer.sent();
        if (!flight.empty()) peer.hear(timed([&] { return shake(*server, flight); }).output);
    }
    peer.hear(timed([&] { return say(*server, "hello"); }).output);
    static_cast<void>(peer.heard());  // takes the ticket
    if ((SSL_session_reused(peer.ssl()) != 0) != resume) return -1;
    // Else OpenSSL would think that the session ended badly, and not offer it again.
    SSL_set_shutdown(peer.ssl(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    return std::chrono::duration<double>(spent).count();
}

enum class by { postern, openssl };

void handshakes(benchmark::State& state, bool resume, by whom) {
    const auto server_context = whom == by::postern ? make_own_server() : make_server();
    const auto client_context = make_client(TLS1_3_VERSION);
    SSL_CTX_set_session_cache_mode(client_context.get(), SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(client_context.get(), keep_ticket);
    ticket newest(nullptr, SSL_SESSION_free);
    handshake(server_context.get(), client_context.get(), newest, false);
    if (!newest) return state.SkipWithError("the server gave no ticket");
    for (auto _ : state) {
        const double seconds = handshake(server_context.get(), client_context.get(), newest, resume);
        if (seconds < 0) return state.SkipWithError("a full handshake in place of a resumed one");
        state.SetIterationTime(seconds);
    }
}
BENCHMARK_CAPTURE(handshakes, full, false, by::postern)->UseManualTime()->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(handshakes, resumed, true, by::postern)->UseManualTime()->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(handshakes, full_by_openssl, false, by::openssl)->UseManualTime()->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(handshakes, resumed_by_openssl, true, by::openssl)->UseManualTime()->Unit(benchmark::kMicrosecond);

void encrypt(benchmark::State& state) {
    const auto p = connect();
    const bytes plain(static_cast<std::size_t>(state.range(0)));
    bytes room(2 * plain.size() + 1024);
    for (auto _ : state) {
        p.server->lend(room);
        benchmark::DoNotOptimize(p.server->write(plain));
    }
    state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(encrypt)->Arg(100)->Arg(16 * 1024);

}  // namespace
