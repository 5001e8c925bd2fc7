#include "proxy/session/reply.hpp"

#include <gtest/gtest.h>

using namespace postern;
using namespace postern::session;

TEST(reply, a_page_says_its_status_in_words) {
    const auto p = page(404);
    EXPECT_EQ(p.status, 404U);
    EXPECT_EQ(p.type, "text/html");
    EXPECT_EQ(p.body, "<!DOCTYPE html>\n<title>404 Not Found</title>\n<h1>404 Not Found</h1>\n");
    EXPECT_EQ(page(400, "why").body.substr(page(400).body.size()), "<p>why</p>\n");
}

TEST(reply, each_failure_has_the_status_that_tells_whose_fault_it_is) {
    const auto status = [](reason why) { return status_of({party::client, phase::exchange, why, {}}); };
    for (const auto why :
         {reason::resolve_failed, reason::connect_refused, reason::connect_failed, reason::upstream_closed,
          reason::upstream_reset, reason::upstream_error, reason::bad_response})
        EXPECT_EQ(status(why), 502U) << to_string(why);
    for (const auto why : {reason::connect_timeout, reason::read_timeout, reason::write_timeout})
        EXPECT_EQ(status(why), 504U) << to_string(why);
    EXPECT_EQ(status(reason::body_too_large), 413U);
    EXPECT_EQ(status(reason::misdirected), 421U);
    EXPECT_EQ(status(reason::request_timeout), 408U);
    EXPECT_EQ(status(reason::body_timeout), 408U);
    EXPECT_EQ(status(reason::bad_request), 400U);
    for (const auto why : {reason::client_closed, reason::client_error, reason::send_timeout, reason::closed})
        EXPECT_EQ(status(why), 0U) << to_string(why);
}

TEST(reply, what_is_wrong_with_a_clients_certificate_is_told_and_logged_as_nginx_does) {
    const auto of = [](reason why) { return failure{party::client, phase::request, why, {}}; };
    EXPECT_EQ(status_of(of(reason::client_cert_missing)), 400U);
    EXPECT_EQ(logged_status_of(of(reason::client_cert_missing)), 496U);
    EXPECT_EQ(explanation_of(of(reason::client_cert_missing)), "No required SSL certificate was sent");
    for (const auto why : {reason::client_cert_expired, reason::client_cert_revoked, reason::client_cert_untrusted}) {
        EXPECT_EQ(status_of(of(why)), 400U) << to_string(why);
        EXPECT_EQ(logged_status_of(of(why)), 495U) << to_string(why);
        EXPECT_EQ(explanation_of(of(why)), "The SSL certificate error") << to_string(why);
    }
    EXPECT_EQ(status_of(of(reason::client_cert_denied)), 403U);
    EXPECT_EQ(logged_status_of(of(reason::client_cert_denied)), 403U);
    EXPECT_EQ(logged_status_of(of(reason::misdirected)), 421U);
    EXPECT_EQ(explanation_of(of(reason::misdirected)), "");
}

TEST(reply, every_status_that_we_answer_with_has_a_phrase) {
    for (const unsigned s :
         {301U, 400U, 403U, 404U, 405U, 408U, 413U, 414U, 417U, 421U, 431U, 500U, 501U, 502U, 503U, 504U, 505U})
        EXPECT_FALSE(phrase_of(s).empty()) << s;
    EXPECT_TRUE(phrase_of(299).empty());
}
