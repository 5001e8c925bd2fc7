// What a connection costs by being counted and logged, apart from all else.
#include "proxy/ops/counts.hpp"
#include "proxy/ops/record.hpp"
#include "proxy/ops/totals.hpp"

#include <benchmark/benchmark.h>

namespace {

using namespace postern;
using namespace postern::ops;
using namespace std::chrono_literals;

constexpr std::size_t handed_over = 32 * 1024;  // as access_buffer does

tls_record agreed() { return {"TLSv1.3", "TLS_AES_128_GCM_SHA256", "X25519", false, 300us}; }

// Of one through a tunnel, from its accept to its end.
void counts_of_a_connection(benchmark::State& state) {
    all_counts all;
    auto& worker = all.add_worker();
    auto& at = worker.listener("127.0.0.1:443");
    config::upstream web;
    web.name = "web";
    web.servers = {{config::endpoint::kind::tcp, "127.0.0.1", 9001, {}}};
    auto& peer = *worker.target(web).of_servers.at(0);
    const std::chrono::steady_clock::time_point now{12h};
    const auto handshake = agreed();
    for (auto _ : state) {
        at.accepted.add();
        worker.tickets.issued.add();
        worker.shook_hands(at, handshake);
        peer.reached(200us, now);
        peer.requests.add();
        at.bytes.from_client.add(2);
        at.bytes.to_client.add(2);
        at.ended(reason::closed);
        at.closed.add();
        benchmark::ClobberMemory();
    }
    if (totals::of(all).listeners.at("127.0.0.1:443").closed != static_cast<std::uint64_t>(state.iterations()))
        state.SkipWithError("not every connection was counted");
}
BENCHMARK(counts_of_a_connection);

connection_record some_connection() {
    connection_record of;
    of.time = std::chrono::system_clock::now();
    of.id = 0x0123456789abcdef;
    of.listener = "127.0.0.1:443";
    of.client_ip = "192.0.2.7";
    of.client_port = 5555;
    of.versions = 0b1100;
    of.sni = "www.example.org";
    return of;
}

void write_lines(benchmark::State& state, const connection_record& of, const connection_outcome& o,
                 config::log_format format) {
    std::string lines;
    std::size_t written = 0;
    for (auto _ : state) {
        const auto before = lines.size();
        append_line(lines, of, o, format);
        written += lines.size() - before;
        if (lines.size() >= handed_over) lines.clear();
        benchmark::DoNotOptimize(lines.data());
    }
    state.SetBytesProcessed(static_cast<std::int64_t>(written));
}

void line_of_a_connection(benchmark::State& state, config::log_format format) {
    auto of = some_connection();
    of.alpn = "http/1.1";
    of.tls = agreed();
    connection_outcome o;
    o.upstream = upstream_record{"web", "127.0.0.1:9001", 200us};
    o.by = party::client;
    o.during = phase::relay;
    o.why = reason::closed;
    write_lines(state, of, o, format);
}
BENCHMARK_CAPTURE(line_of_a_connection, text, config::log_format::text);
BENCHMARK_CAPTURE(line_of_a_connection, json, config::log_format::json);

void line_of_a_failure(benchmark::State& state, config::log_format format) {
    const auto of = some_connection();
    connection_outcome o;
    o.by = party::client;
    o.during = phase::handshake;
    o.why = reason::peer_alert;
    o.detail = "tlsv1 alert unknown ca";
    o.alert = tls::alert{true, 48};
    o.offered_alpn = {"h2", "http/1.1"};
    write_lines(state, of, o, format);
}
BENCHMARK_CAPTURE(line_of_a_failure, text, config::log_format::text);
BENCHMARK_CAPTURE(line_of_a_failure, json, config::log_format::json);

}  // namespace
