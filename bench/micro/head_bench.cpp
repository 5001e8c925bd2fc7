// Reading the heads of requests.
#include "proxy/wire/head.hpp"

#include <benchmark/benchmark.h>

#include <string_view>

namespace {

constexpr std::string_view small = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

constexpr std::string_view of_a_browser =
    "GET /articles/2024/a-fairly-long-title?utm_source=feed&page=2 HTTP/1.1\r\n"
    "Host: www.example.org\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\n"
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8\r\n"
    "Accept-Language: en-US,en;q=0.5\r\n"
    "Accept-Encoding: gzip, deflate, br, zstd\r\n"
    "Referer: https://www.example.org/articles/2024/\r\n"
    "Connection: keep-alive\r\n"
    "Cookie: session=0123456789abcdef0123456789abcdef; theme=dark; consent=yes\r\n"
    "Upgrade-Insecure-Requests: 1\r\n"
    "Sec-Fetch-Dest: document\r\n"
    "Sec-Fetch-Mode: navigate\r\n"
    "Sec-Fetch-Site: same-origin\r\n"
    "Priority: u=0, i\r\n\r\n";

void request_head(benchmark::State& state, std::string_view text) {
    const std::span received(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
    postern::wire::request_reader reader;
    for (auto _ : state) {
        if (reader.read(received, {}) != postern::wire::head_status::complete) return state.SkipWithError("refused");
        benchmark::DoNotOptimize(reader.head().headers.data());
        reader.reset();
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}
BENCHMARK_CAPTURE(request_head, small, small);
BENCHMARK_CAPTURE(request_head, of_a_browser, of_a_browser);

}  // namespace
