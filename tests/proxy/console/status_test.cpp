#include "proxy/console/status.hpp"

#include "proxy/console/page.hpp"
#include "tests/proxy/console/document.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace postern::console {
namespace {

using test::document;
using testing::ElementsAre;
using testing::Key;
using testing::Pair;
using testing::StartsWith;

status read(const std::string& text) {
    auto told = read_status(text);
    if (told) return *told;
    ADD_FAILURE() << told.error().why;
    return {};
}

std::string refusal(const std::string& text) {
    const auto told = read_status(text);
    return told ? "it was understood" : told.error().why;
}

// A status with this in it.
std::string with(const std::string& more) { return R"({"version": "1", "state": "serving", )" + more + "}"; }

TEST(status, all_of_a_document_is_read) {
    const auto s = read(document);
    EXPECT_EQ(s.version, "0.1.0");
    EXPECT_EQ(s.state, "serving");
    EXPECT_EQ(s.started, "2026-11-29T08:00:00.000Z");
    EXPECT_EQ(s.served_since, "2026-11-29T08:30:00.000Z");
    EXPECT_THAT((std::vector{s.workers, s.reloads, s.refused_reloads, s.handshakes_in_flight, s.handshakes_waiting}),
                ElementsAre(2, 3, 1, 4, 5));
    EXPECT_THAT((std::vector{s.tickets_issued, s.tickets_accepted, s.tickets_rejected}), ElementsAre(1200, 340, 2));
    EXPECT_EQ(s.ticket_key_age, 2040U);
    EXPECT_THAT(s.listeners, ElementsAre(Key("127.0.0.1:8080"), Key("127.0.0.1:8443")));
    EXPECT_THAT(s.upstreams, ElementsAre(Key("app"), Key("db.example.org:5432")));
    ASSERT_EQ(s.revocation_lists.size(), 1U);
    EXPECT_EQ(s.revocation_lists[0].issuer, "CN=clients");
    EXPECT_EQ(s.revocation_lists[0].next_update, "2026-11-29T00:00:00.000Z");
}

TEST(status, a_listener_is_read_with_its_times) {
    const auto l = read(document).listeners.at("127.0.0.1:8443");
    EXPECT_THAT((std::vector{l.open, l.accepted, l.full, l.resumed, l.failed}), ElementsAre(12, 456789, 100, 200, 30));
    EXPECT_THAT((std::vector{l.requests, l.bytes_in, l.bytes_out}), ElementsAre(1000, 5000, 70000));
    EXPECT_THAT(l.failures, ElementsAre(Pair("not_tls", 7), Pair("unknown_sni", 23)));
    EXPECT_THAT(l.full_times.bounds, ElementsAre(0.001, 0.01, 0.1));
    EXPECT_THAT(l.full_times.counts, ElementsAre(0, 100, 0, 0));
    EXPECT_THAT(l.resumed_times.counts, ElementsAre(0, 100, 0, 100));
    EXPECT_THAT(l.request_times.counts, ElementsAre(1000, 0, 0, 0));
}

TEST(status, peers_and_certificates_are_read) {
    const auto s = read(document);
    const auto& down = s.upstreams.at("app").peers.at("10.0.0.2:80");
    EXPECT_FALSE(down.up);
    EXPECT_THAT(down.failures, ElementsAre(Pair("connect_refused", 9)));
    const auto& up = s.upstreams.at("app").peers.at("10.0.0.1:80");
    EXPECT_TRUE(up.up);
    EXPECT_THAT((std::vector{up.requests, up.connects}), ElementsAre(600, 6));
    EXPECT_THAT(up.connect_times.counts, ElementsAre(6, 0));
    EXPECT_EQ(s.upstreams.at("db.example.org:5432").resolve_failed, 8U);
    ASSERT_EQ(s.certificates.size(), 3U);
    EXPECT_EQ(s.certificates[0].name, "www.example.org");
    EXPECT_EQ(s.certificates[0].not_before, "2026-11-01T00:00:00.000Z");
    EXPECT_EQ(s.certificates[0].not_after, "2027-01-27T00:00:00.000Z");
    EXPECT_DOUBLE_EQ(s.certificates[0].days_left, 59.6);
    EXPECT_TRUE(s.certificates[0].stapling);
    EXPECT_EQ(s.certificates[0].stapled_until, "2026-12-01T00:00:00.000Z");
    EXPECT_EQ(s.certificates[1].stapled_until, "");
}

TEST(status, what_an_older_daemon_does_not_tell_is_missing_and_what_a_newer_one_tells_is_passed_over) {
    const auto s = read(with(R"("listeners": [{"address": "a", "handshakes": {"full": 7}, "news": [1]}], "news": {})"));
    EXPECT_EQ(s.started, "");
    EXPECT_FALSE(s.ticket_key_age);
    EXPECT_EQ(s.listeners.at("a").full, 7U);
    EXPECT_THAT(s.listeners.at("a").full_times.counts, ElementsAre());
    EXPECT_EQ(s.certificates.size(), 0U);
}

TEST(status, what_is_no_status_is_refused) {
    EXPECT_THAT(refusal(""), StartsWith("no JSON"));
    EXPECT_THAT(refusal("hello"), StartsWith("no JSON"));
    EXPECT_THAT(refusal(std::string(1000, '[')), StartsWith("no JSON"));
    EXPECT_EQ(refusal("[]"), "an object belongs here");
    EXPECT_EQ(refusal("{}"), "neither version nor state");
    EXPECT_EQ(refusal(R"({"version": "1"})"), "neither version nor state");
}

TEST(status, a_value_of_another_kind_is_refused_by_the_name_of_its_key) {
    EXPECT_EQ(refusal(with(R"("workers": "two")")), "workers: a count belongs here");
    EXPECT_EQ(refusal(with(R"("workers": -2)")), "workers: a count belongs here");
    EXPECT_EQ(refusal(with(R"("workers": 2.5)")), "workers: a count belongs here");
    EXPECT_EQ(refusal(with(R"("reloads": 3)")), "reloads: an object belongs here");
    EXPECT_EQ(refusal(with(R"("listeners": {})")), "listeners: a list belongs here");
    EXPECT_EQ(refusal(with(R"("listeners": [{"address": 1}])")), "listeners[0].address: a text belongs here");
    EXPECT_EQ(refusal(with(R"("upstreams": [{}, {"peers": [{"up": 1}]}])")),
              "upstreams[1].peers[0].up: true or false belongs here");
    EXPECT_EQ(refusal(with(R"("certificates": [{"days_left": "9"}])")),
              "certificates[0].days_left: a number belongs here");
}

TEST(status, a_histogram_has_ascending_bounds_and_one_more_count) {
    const auto histogram = [](const std::string& h) {
        return with(R"("listeners": [{"address": "a", "request_times": )" + h + "}]");
    };
    const auto why = "listeners[0].request_times: ascending bounds and one more count than bounds belongs here";
    EXPECT_EQ(refusal(histogram(R"({"bounds_s": [1, 2], "counts": [1, 2]})")), why);
    EXPECT_EQ(refusal(histogram(R"({"bounds_s": [2, 1], "counts": [1, 2, 3]})")), why);
    EXPECT_EQ(refusal(histogram(R"({"bounds_s": [1, 1], "counts": [1, 2, 3]})")), why);
    EXPECT_EQ(refusal(histogram(R"({"bounds_s": [0, 1], "counts": [1, 2, 3]})")), why);
    EXPECT_EQ(refusal(histogram(R"({"bounds_s": [], "counts": [1]})")), why);
    EXPECT_EQ(refusal(histogram(R"({"bounds_s": [1, 2], "counts": [1, 2, 3]})")), "it was understood");
    EXPECT_EQ(refusal(histogram("{}")), "it was understood");
}

TEST(status, no_text_in_it_has_control_characters) {
    const auto s = read(with(R"("listeners": [{"address": "a\u001b[2J", "handshakes": {"failures": {"b\n": 1}}}],
                                "certificates": [{"name": "c\u009b2J \u00fc"}])"));
    EXPECT_THAT(s.listeners, ElementsAre(Key("a\\x1b[2J")));
    EXPECT_THAT(s.listeners.begin()->second.failures, ElementsAre(Key("b\\x0a")));
    EXPECT_EQ(s.certificates.at(0).name, "c\\xc2\\x9b2J \u00fc");
    EXPECT_EQ(refusal(with(R"("listeners": [{"handshakes": {"failures": {"b\n": -1}}}])")),
              "listeners[0].handshakes.failures.b\\x0a: a count belongs here");
}

// Reads it, and shows it if it can be read.
std::size_t shown(const std::string& text, const status& before) {
    auto told = read_status(text);
    if (!told) {
        EXPECT_NE(told.error().why, "");
        return 0;
    }
    history seen;
    seen.add(before, {});
    seen.add(std::move(*told), time_point(std::chrono::seconds(1)));
    const auto lines = page({"here", {}, seen.last(), seen.lately(), seen.in_a_minute(), seen.restarted()});
    std::size_t columns = 0;
    for (const auto& line : shaped(lines, {80, 0, false})) {
        EXPECT_LE(columns_of(line), 80U) << line;
        columns += columns_of(line);
    }
    return columns;
}

TEST(status, a_document_that_is_cut_anywhere_is_no_json) {
    for (std::size_t end = 0; end + 1 < document.size(); ++end)
        EXPECT_THAT(refusal(document.substr(0, end)), StartsWith("no JSON"));
}

TEST(status, a_document_with_any_byte_changed_is_refused_or_shown) {
    const auto before = read(document);
    EXPECT_GT(shown(document, before), 1000U);
    for (std::size_t at = 0; at < document.size(); ++at) {
        for (const char other : {'\0', '\x1b', '"', '-', '0', '9', 'e', ',', ']', '}', '\x80'}) {
            auto changed = document;
            changed[at] = other;
            shown(changed, before);
        }
    }
}

}  // namespace
}  // namespace postern::console
