#include "proxy/console/page.hpp"

#include "tests/proxy/console/document.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace postern::console {
namespace {

using testing::AnyOf;
using testing::Contains;
using testing::Each;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;
using testing::StartsWith;
using namespace std::chrono_literals;

const std::chrono::system_clock::time_point nine{1'795'942'800s};  // 2026-11-29T09:00:00Z

status told() { return *read_status(test::document); }

std::vector<std::string> shown(const view& of, bool colours = false) { return shaped(page(of), {0, 0, colours}); }

std::vector<std::string> shown(const status& now) { return shown({"127.0.0.1:9901", nine, now, {}, {}, false}); }

// The only line that begins so.
std::string line_of(const std::vector<std::string>& lines, const std::string& beginning) {
    std::string found;
    for (const auto& line : lines) {
        if (!line.starts_with(beginning)) continue;
        if (!found.empty()) ADD_FAILURE() << beginning << " twice";
        found = line;
    }
    return found;
}

TEST(page, it_begins_with_who_speaks_and_how_it_fares) {
    const auto lines = shown(told());
    EXPECT_EQ(lines.at(0), "postern 0.1.0  serving  2 workers");
    EXPECT_EQ(lines.at(1), "127.0.0.1:9901  2026-11-29T09:00:00.000Z");
    EXPECT_EQ(line_of(lines, "started"), "started        2026-11-29T08:00:00.000Z");
    EXPECT_EQ(line_of(lines, "configuration"), "configuration  of 2026-11-29T08:30:00.000Z");
    EXPECT_EQ(line_of(lines, "reloads"), "reloads        3 done, 1 refused");
    EXPECT_EQ(line_of(lines, "handshakes"), "handshakes     4 under way, 5 waiting");
    EXPECT_EQ(line_of(lines, "tickets"), "tickets        1,200 issued, 340 accepted, 2 rejected, key of 34 min");
}

TEST(page, before_the_second_look_no_rate_is_known) {
    const auto lines = shown(told());
    EXPECT_EQ(line_of(lines, "rates"), "rates          not known yet");
    EXPECT_THAT(line_of(lines, "127.0.0.1:8443    12"), MatchesRegex(".* 12 +- +- +-"));
}

TEST(page, rates_are_changes_by_their_time) {
    auto before = told();
    auto& l = before.listeners.at("127.0.0.1:8443");
    l.accepted -= 10;
    l.full -= 4;
    l.resumed -= 6;
    l.failed -= 1;
    l.requests -= 100;
    l.bytes_in -= 4000;
    l.bytes_out -= 60'000;
    before.upstreams.at("app").peers.at("10.0.0.1:80").requests -= 50;
    const auto now = told();
    const changes lately{*difference(now, before), seconds(2)};
    const auto lines = shown({"x", nine, now, lately, {}, false});
    EXPECT_EQ(line_of(lines, "rates"), "rates          a second, of the last 2.0 s");
    EXPECT_THAT(lines, Contains(MatchesRegex("127.0.0.1:8443 +12 +5.0 +2.0 kB +30.0 kB")));
    EXPECT_THAT(lines, Contains(MatchesRegex("127.0.0.1:8443 +full +100 +2.0 .*")));
    EXPECT_THAT(lines, Contains(MatchesRegex(" +resumed +200 +3.0 .*")));
    EXPECT_THAT(lines, Contains(MatchesRegex(" +failed +30 +0.5 .*")));
    EXPECT_THAT(lines, Contains(MatchesRegex("127.0.0.1:8443 +1,000 +50.0 .*")));
    EXPECT_THAT(lines, Contains(MatchesRegex("  10.0.0.1:80 +up +25.0 +0 .*")));
}

TEST(page, times_are_since_the_start_or_of_what_was_timed) {
    auto lines = shown(told());
    EXPECT_EQ(line_of(lines, "p50, p99"), "p50, p99       since the daemon's start");
    EXPECT_THAT(lines, Contains(MatchesRegex("127.0.0.1:8443 +full .* 5.5 ms +9.9 ms")));
    EXPECT_THAT(lines, Contains(MatchesRegex(" +resumed .* 10 ms +> 100 ms")));
    EXPECT_THAT(lines, Contains(MatchesRegex("127.0.0.1:8443 +1,000 .* 0.50 ms +0.99 ms")));

    auto before = told();
    before.listeners.at("127.0.0.1:8443").full_times.counts = {0, 90, 0, 0};
    before.listeners.at("127.0.0.1:8443").request_times.counts = {0, 0, 0, 0};
    const auto now = told();
    const changes timed{*difference(now, before), seconds(31)};
    lines = shown({"x", nine, now, {}, timed, false});
    EXPECT_EQ(line_of(lines, "p50, p99"), "p50, p99       of the last 31 s");
    EXPECT_THAT(lines, Contains(MatchesRegex("127.0.0.1:8443 +full .* 5.5 ms +9.9 ms")));
    EXPECT_THAT(lines, Contains(MatchesRegex(" +resumed +200 +- +- +-"))) << "none in that time";
}

TEST(page, failed_handshakes_have_their_reasons_the_most_frequent_first) {
    EXPECT_THAT(shown(told()), Contains(MatchesRegex(" +failed +30 +- +unknown_sni 23, not_tls 7")));
}

TEST(page, a_listener_without_handshakes_and_requests_has_no_rows_for_them) {
    const auto lines = shown(told());
    EXPECT_EQ(std::count_if(lines.begin(), lines.end(), [](const auto& l) { return l.starts_with("127.0.0.1:8080"); }),
              1);
}

TEST(page, peers_are_up_or_down_with_what_failed) {
    const auto lines = shown(told());
    EXPECT_EQ(line_of(lines, "app"), "app");
    EXPECT_THAT(line_of(lines, "  10.0.0.1:80"), MatchesRegex("  10.0.0.1:80 +up .* 0.50 ms +0.99 ms"));
    EXPECT_THAT(line_of(lines, "  10.0.0.2:80"), MatchesRegex("  10.0.0.2:80 +DOWN .* connect_refused 9"));
    EXPECT_THAT(line_of(lines, "db.example.org:5432"), MatchesRegex("db.* up .* resolve_failed 8"));
}

TEST(page, a_group_whose_name_does_not_resolve_says_so) {
    auto s = told();
    s.upstreams["nobody"].resolve_failed = 3;
    EXPECT_THAT(line_of(shown(s), "nobody"), MatchesRegex("nobody +resolve_failed 3"));
}

TEST(page, certificates_come_by_their_ends_and_say_it_in_words) {
    const auto lines = shown(told());
    const auto heads = std::find_if(lines.begin(), lines.end(), [](const auto& l) { return l.starts_with("CERT"); });
    ASSERT_NE(heads, lines.end());
    EXPECT_THAT(*(heads + 1), MatchesRegex("old.example.org +EXPIRED 3 days ago +2026-11-26T00:00:00.000Z  NO STAPLE"));
    EXPECT_THAT(*(heads + 2), MatchesRegex("soon.example.org +ends in 9 days +2026-12-08T00:00:00.000Z"));
    EXPECT_THAT(*(heads + 3),
                MatchesRegex("www.example.org +ends in 59 days +2027-.*Z  stapled until 2026-12-01T00:00:00.000Z"));
}

TEST(page, a_certificate_of_tomorrow_is_not_valid_yet) {
    auto s = told();
    s.certificates[0].not_before = "2026-11-30T00:00:00.000Z";
    EXPECT_THAT(line_of(shown(s), "www.example.org"),
                MatchesRegex("www.example.org +NOT VALID before 2026-11-30T00:00:00.000Z +2027.*"));
}

TEST(page, what_is_over_is_so_by_the_daemons_clock) {
    auto s = told();
    s.now = "2026-11-28T23:59:59.999Z";
    EXPECT_THAT(line_of(shown(s), "CN=clients"), Not(HasSubstr("OVERDUE")));
}

TEST(page, a_revocation_list_without_its_next_update_is_overdue) {
    EXPECT_EQ(line_of(shown(told()), "CN=clients"), "CN=clients        2026-11-29T00:00:00.000Z  OVERDUE");
    auto s = told();
    s.revocation_lists[0].next_update = "2026-11-29T09:00:00.001Z";
    EXPECT_THAT(line_of(shown(s), "CN=clients"), Not(HasSubstr("OVERDUE")));
}

TEST(page, colours_stress_what_words_say) {
    const auto now = told();
    const auto lines = shown({"x", nine, now, {}, {}, false}, true);
    EXPECT_THAT(lines.at(0), HasSubstr("\x1b[32mserving\x1b[0m"));
    EXPECT_THAT(lines, Contains(HasSubstr("\x1b[1;31mDOWN\x1b[0m")));
    EXPECT_THAT(lines, Contains(HasSubstr("\x1b[1;31mEXPIRED 3 days ago\x1b[0m")));
    EXPECT_THAT(lines, Contains(HasSubstr("\x1b[33mends in 9 days\x1b[0m")));
    EXPECT_THAT(shown(told()), Each(Not(HasSubstr("\x1b"))));
}

TEST(page, a_daemon_that_waits_or_drains_does_not_look_well) {
    auto s = told();
    s.state = "draining";
    s.served_since = "";
    const auto lines = shown({"x", nine, s, {}, {}, false}, true);
    EXPECT_THAT(lines.at(0), HasSubstr("\x1b[33mdraining\x1b[0m"));
    EXPECT_EQ(line_of(lines, "configuration"), "configuration  none is served yet");
}

TEST(page, a_restart_is_said) {
    const auto now = told();
    EXPECT_EQ(shown({"x", nine, now, {}, {}, true}).at(0), "postern 0.1.0  serving  2 workers  restarted");
}

TEST(page, an_old_daemon_with_nothing_to_tell_has_no_empty_sections) {
    const auto lines = shown(*read_status(R"({"version": "0.0.1", "state": "serving"})"));
    EXPECT_EQ(line_of(lines, "started"), "");
    EXPECT_THAT(lines, Each(Not(AnyOf(StartsWith("LISTENERS"), StartsWith("HANDSHAKES"), StartsWith("REQUESTS"),
                                      StartsWith("UPSTREAMS"), StartsWith("CERTIFICATES"), StartsWith("REVOC")))));
}

TEST(page, no_answer_tells_why_and_since_when) {
    const auto lines = shaped(no_answer("127.0.0.1:9901", "Connection refused", nine, nine + 5s), {});
    EXPECT_EQ(lines.at(0), "127.0.0.1:9901  2026-11-29T09:00:05.000Z");
    EXPECT_EQ(lines.at(1), "NO ANSWER since 2026-11-29T09:00:00.000Z: Connection refused");
}

}  // namespace
}  // namespace postern::console
