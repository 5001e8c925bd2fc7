// What a responder is asked, and which of its answers count.
#include "certs/staple.hpp"

#include "tests/certs/ocsp_authority.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ocsp.h>

namespace postern::certs::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const extensions may_sign_responses{{NID_ext_key_usage, "OCSPSigning"}};

struct staples : ::testing::Test {
    const certified root = certify("root", nullptr);
    const certified leaf = certify("localhost", &root);
    staple_subject about{leaf.bytes(), root.bytes(), {}, {}};

    judgement judge(const der& response, std::chrono::seconds later = 0s) const {
        return judge_response(response, about, std::chrono::system_clock::now() + later);
    }
    judgement judge_made(const recipe& how) const { return judge(respond(leaf, root, how)); }
    std::string refusal(const recipe& how) const {
        const auto judged = judge_made(how);
        EXPECT_EQ(judged.made, nullptr);
        return judged.problem;
    }
};

TEST_F(staples, a_response_that_no_handshake_can_carry_is_refused) {
    EXPECT_THAT(judge(der(65'528)).problem, HasSubstr("larger than TLS can carry"));
    EXPECT_THAT(judge(der(65'527)).problem, Not(HasSubstr("larger")));
}

TEST_F(staples, a_request_names_the_certificate_and_has_no_nonce) {
    const auto bytes = make_ocsp_request(about);
    const auto* at = bytes.data();
    const std::unique_ptr<OCSP_REQUEST, deleter<OCSP_REQUEST_free>> request(
        d2i_OCSP_REQUEST(nullptr, &at, static_cast<long>(bytes.size())));
    ASSERT_NE(request, nullptr);
    ASSERT_EQ(OCSP_request_onereq_count(request.get()), 1);
    const std::unique_ptr<OCSP_CERTID, deleter<OCSP_CERTID_free>> wanted(
        OCSP_cert_to_id(nullptr, leaf.certificate.get(), root.certificate.get()));
    EXPECT_EQ(OCSP_id_cmp(wanted.get(), OCSP_onereq_get0_id(OCSP_request_onereq_get0(request.get(), 0))), 0);
    EXPECT_EQ(OCSP_REQUEST_get_ext_count(request.get()), 0);
}

TEST_F(staples, no_request_is_made_without_certificates) {
    about.issuer.clear();
    EXPECT_TRUE(make_ocsp_request(about).empty());
}

TEST_F(staples, a_good_response_of_the_issuer_counts) {
    const auto response = respond(leaf, root);
    const auto judged = judge(response);
    ASSERT_NE(judged.made, nullptr) << judged.problem;
    EXPECT_EQ(judged.made->response, response);
    EXPECT_EQ(judged.made->status, staple_status::good);
    EXPECT_EQ(judged.made->next_update - judged.made->this_update, 1h + 60s);
}

TEST_F(staples, an_id_made_by_another_digest_counts) {
    for (const auto* digest : {EVP_sha256(), EVP_sha384(), EVP_sha512()})
        EXPECT_NE(judge_made({.id_digest = digest}).made, nullptr);
    EXPECT_EQ(refusal({.id_digest = EVP_md5()}), "about another certificate");
}

TEST_F(staples, the_issuers_signature_counts_without_its_certificate_inside) {
    EXPECT_NE(judge_made({.signer_inside = false}).made, nullptr);
}

TEST_F(staples, a_revoked_certificate_is_told) {
    const auto judged = judge_made({.status = V_OCSP_CERTSTATUS_REVOKED});
    ASSERT_NE(judged.made, nullptr) << judged.problem;
    EXPECT_EQ(judged.made->status, staple_status::revoked);
}

TEST_F(staples, an_unknown_certificate_is_refused) {
    EXPECT_EQ(refusal({.status = V_OCSP_CERTSTATUS_UNKNOWN}), "the responder does not know the certificate");
}

TEST_F(staples, a_response_counts_until_its_next_update_and_not_a_second_longer) {
    const auto response = respond(leaf, root, {.next_update = 100s});
    EXPECT_NE(judge(response, 98s).made, nullptr);
    const auto late = judge(response, 100s);
    EXPECT_EQ(late.made, nullptr);
    EXPECT_TRUE(late.untimely);
    EXPECT_THAT(late.problem, HasSubstr("expired on 20"));
}

TEST_F(staples, a_response_without_next_update_counts_for_an_hour) {
    const auto response = respond(leaf, root, {.this_update = 0s, .next_update = std::nullopt});
    EXPECT_NE(judge(response, 59min).made, nullptr);
    EXPECT_EQ(judge(response, 60min).made, nullptr);
}

TEST_F(staples, a_responders_clock_may_be_ahead_by_five_minutes) {
    EXPECT_NE(judge_made({.this_update = 4min}).made, nullptr);
    const auto early = judge_made({.this_update = 6min});
    EXPECT_EQ(early.made, nullptr);
    EXPECT_TRUE(early.untimely);
    EXPECT_THAT(early.problem, HasSubstr("not valid before 20"));
}

TEST_F(staples, a_response_that_ends_before_it_begins_is_refused) {
    EXPECT_EQ(refusal({.this_update = 120s, .next_update = 60s}), "its times contradict each other");
}

TEST_F(staples, the_years_0_and_9999_are_far_away_and_no_more) {
    const auto far = 253'402'300'799 - std::time(nullptr);
    EXPECT_NE(judge_made({.next_update = std::chrono::seconds(far)}).made, nullptr);
    EXPECT_THAT(refusal({.this_update = std::chrono::seconds(far), .next_update = std::nullopt}),
                HasSubstr("not valid before"));
}

TEST_F(staples, a_response_about_another_certificate_is_refused) {
    const auto other = certify("other", &root);
    EXPECT_EQ(judge(respond(other, root)).problem, "about another certificate");
    EXPECT_NE(judge_made({.about_too = &other}).made, nullptr);
}

TEST_F(staples, a_response_for_a_namesake_of_the_issuer_is_refused) {
    const auto namesake = certify("root", nullptr);
    const auto judged = judge(respond(leaf, namesake));
    EXPECT_EQ(judged.problem, "about another certificate");
}

TEST_F(staples, the_signature_of_a_stranger_does_not_count) {
    const auto stranger = certify("stranger", nullptr);
    for (const bool inside : {true, false})
        EXPECT_THAT(refusal({.signer = &stranger, .signer_inside = inside}), HasSubstr("its signature does not count"));
}

TEST_F(staples, a_signature_by_another_key_under_the_issuers_name_does_not_count) {
    const auto namesake = certify("root", nullptr);
    EXPECT_THAT(refusal({.signer = &namesake}), HasSubstr("its signature does not count"));
}

TEST_F(staples, a_responder_that_the_issuer_has_certified_for_it_counts) {
    const auto responder = certify("responder", &root, may_sign_responses);
    EXPECT_NE(judge_made({.signer = &responder}).made, nullptr);
}

TEST_F(staples, a_certificate_of_the_issuers_without_that_usage_does_not_count) {
    const auto plain = certify("plain", &root);
    const auto server = certify("server", &root, {{NID_ext_key_usage, "serverAuth"}});
    EXPECT_EQ(refusal({.signer = &plain}), "its signature does not count: missing ocspsigning usage");
    EXPECT_EQ(refusal({.signer = &server}), "its signature does not count: missing ocspsigning usage");
    EXPECT_THAT(refusal({.signer = &leaf}), HasSubstr("its signature does not count"));
}

TEST_F(staples, a_responder_of_another_authority_does_not_count) {
    const auto other = certify("other root", nullptr);
    const auto responder = certify("responder", &other, may_sign_responses);
    EXPECT_THAT(refusal({.signer = &responder}), HasSubstr("its signature does not count"));
}

TEST_F(staples, a_responder_whose_certificate_has_expired_does_not_count) {
    const auto responder = certify("responder", &root, may_sign_responses, "EC", -60s);
    EXPECT_THAT(refusal({.signer = &responder}), HasSubstr("its signature does not count"));
}

TEST_F(staples, an_intermediate_issuer_signs_for_itself) {
    const auto middle = certify("middle", &root, {{NID_basic_constraints, "critical,CA:TRUE"}});
    const auto below = certify("below", &middle);
    about = {below.bytes(), middle.bytes(), {}, {}};
    EXPECT_NE(judge(respond(below, middle)).made, nullptr);
    EXPECT_EQ(judge(respond(below, middle, {.signer = &root})).made, nullptr);
}

TEST_F(staples, verified_the_signer_must_lead_to_a_trusted_certificate) {
    const auto middle = certify("middle", &root, {{NID_basic_constraints, "critical,CA:TRUE"}});
    const auto below = certify("below", &middle);
    const auto responder = certify("responder", &middle, may_sign_responses);
    const auto stranger = certify("stranger", nullptr);
    about = {below.bytes(), middle.bytes(), {}, {root.bytes()}};
    EXPECT_NE(judge(respond(below, middle)).made, nullptr);
    EXPECT_NE(judge(respond(below, middle, {.signer = &responder})).made, nullptr);
    about.trusted = {middle.bytes()};
    EXPECT_NE(judge(respond(below, middle)).made, nullptr);
    about.trusted = {stranger.bytes()};
    EXPECT_THAT(judge(respond(below, middle)).problem, HasSubstr("its signature does not count"));
    EXPECT_THAT(judge(respond(below, middle, {.signer = &responder})).problem,
                HasSubstr("its signature does not count"));
    about.trusted = {root.bytes(), stranger.bytes()};
    EXPECT_EQ(judge(respond(below, middle, {.signer = &stranger})).made, nullptr);
}

TEST_F(staples, a_responder_that_has_no_answer_says_why) {
    EXPECT_EQ(refusal({.response_status = OCSP_RESPONSE_STATUS_TRYLATER}), "the responder gives no answer: trylater");
    EXPECT_EQ(refusal({.response_status = OCSP_RESPONSE_STATUS_UNAUTHORIZED}),
              "the responder gives no answer: unauthorized");
}

TEST_F(staples, a_response_cut_off_anywhere_is_refused_and_so_is_one_with_a_byte_more) {
    auto response = respond(leaf, root);
    for (std::size_t length = 0; length < response.size(); ++length) {
        const auto cut = judge_response(std::span(response).first(length), about, std::chrono::system_clock::now());
        ASSERT_EQ(cut.made, nullptr) << length;
        ASSERT_EQ(cut.problem, "not an OCSP response in DER") << length;
    }
    response.push_back(0);
    EXPECT_EQ(judge(response).problem, "not an OCSP response in DER");
}

TEST_F(staples, a_response_with_a_byte_changed_is_never_taken_for_another_one) {
    const auto response = respond(leaf, root, {.signer_inside = false});
    const auto good = judge(response);
    ASSERT_NE(good.made, nullptr);
    for (std::size_t at = 0; at < response.size(); ++at) {
        auto changed = response;
        changed[at] ^= 1;
        const auto judged = judge(changed);
        if (!judged.made) continue;
        // What is not signed says nothing either.
        EXPECT_EQ(judged.made->status, staple_status::good) << at;
        EXPECT_EQ(judged.made->next_update, good.made->next_update) << at;
    }
}

}  // namespace
}  // namespace postern::certs::testing
