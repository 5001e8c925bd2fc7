#include "proxy/ops/traffic_metrics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

using namespace postern;
using namespace postern::ops;
using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

namespace {

std::string text_of(const all_counts& all) {
    metric_sheet sheet;
    add_traffic(sheet, totals::of(all));
    return sheet.text();
}

std::size_t series(const std::string& text) {
    std::size_t count = 0;
    for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1) count += text[at] != '#' ? 1 : 0;
    return count;
}

}  // namespace

TEST(traffic_metrics, an_address_that_nobody_came_to_counts_from_zero) {
    all_counts all;
    static_cast<void>(all.add_worker().listener("127.0.0.1:443"));
    const auto text = text_of(all);
    EXPECT_THAT(text, HasSubstr("\npostern_connections_accepted_total{listener=\"127.0.0.1:443\"} 0\n"));
    EXPECT_THAT(
        text,
        HasSubstr(
            "\npostern_tls_handshakes_total{listener=\"127.0.0.1:443\",result=\"failed\",resumed=\"false\"} 0\n"));
    EXPECT_THAT(text, HasSubstr("\npostern_tls_handshake_duration_seconds_bucket{listener=\"127.0.0.1:443\","
                                "resumed=\"true\",le=\"0.00025\"} 0\n"));
    EXPECT_THAT(text, Not(HasSubstr("reason=")));
}

TEST(traffic_metrics, each_count_is_a_series) {
    all_counts all;
    auto& worker = all.add_worker();
    auto& at = worker.listener("a");
    worker.shook_hands(at, {"TLSv1.2", "ECDHE-ECDSA-AES128-GCM-SHA256", "X25519", false, 2ms});
    at.ended_before_handshake(reason::unknown_sni);
    at.ended(reason::closed);
    at.bytes.from_client.add(5);
    at.bytes.to_client.add(6);
    worker.tickets.rejected.add();
    request_record r;
    r.method = "BREW";
    r.status = 200;
    at.answered(r);
    config::upstream web;
    web.name = "web";
    web.servers = {{config::endpoint::kind::tcp, "app.example", 80, {}}};
    const auto counts = worker.target(web);
    counts.unresolved->add();
    counts.of_servers.at(0)->requests.add();
    const auto text = text_of(all);
    for (const char* line :
         {R"(postern_tls_connections_total{version="TLSv1.2",cipher="ECDHE-ECDSA-AES128-GCM-SHA256",group="X25519"} 1)",
          R"(postern_tls_handshakes_total{listener="a",result="ok",resumed="false"} 1)",
          R"(postern_tls_handshakes_total{listener="a",result="failed",resumed="false"} 1)",
          R"(postern_tls_handshake_failures_total{listener="a",reason="unknown_sni"} 1)",
          R"(postern_tls_handshake_duration_seconds_count{listener="a",resumed="false"} 1)",
          R"(postern_tls_handshake_duration_seconds_sum{listener="a",resumed="false"} 0.002)",
          R"(postern_endings_total{listener="a",reason="closed"} 1)",
          R"(postern_bytes_total{listener="a",direction="in"} 5)",
          R"(postern_bytes_total{listener="a",direction="out"} 6)", "postern_tls_ticket_rejected_total 1",
          R"(postern_http_requests_total{listener="a",method="_other",code="2xx"} 1)",
          R"(postern_upstream_requests_total{upstream="web",peer="app.example:80"} 1)",
          R"(postern_upstream_up{upstream="web",peer="app.example:80"} 1)",
          R"(postern_upstream_connect_failures_total{upstream="web",peer="app.example:80",reason="connect_refused"} 0)",
          R"(postern_upstream_connect_failures_total{upstream="web",reason="resolve_failed"} 1)"})
        EXPECT_THAT(text, HasSubstr("\n" + std::string(line) + "\n"));
}

TEST(traffic_metrics, no_client_can_make_more_series_than_there_are_words) {
    all_counts all;
    auto& worker = all.add_worker();
    auto& at = worker.listener("a");
    const auto visit = [&](const std::string& word) {
        worker.shook_hands(at, {word, word, word, false, 1ms});
        request_record r;
        r.method = word;
        r.status = static_cast<unsigned>(word.size());
        at.answered(r);
    };
    visit("a");
    const auto few = series(text_of(all));
    for (int i = 0; i < 1000; ++i) visit(std::to_string(i));
    EXPECT_EQ(series(text_of(all)), few);
}
