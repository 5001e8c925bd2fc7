// What becomes of each kind of certificate under each of nginx's verify modes, in full handshakes and in resumptions.
#include "certs/client_certificate.hpp"
#include "certs/trust.hpp"
#include "certs/verify.hpp"
#include "tests/certs/pki.hpp"
#include "tests/certs/support.hpp"

#include <gtest/gtest.h>

#include <array>
#include <functional>

namespace postern::certs::testing {
namespace {

using cache = config::session_cache::kind;
using config::verify_mode;

std::time_t clock_shows = 0;

const signer& root() {
    static const signer one("clients' root");
    return one;
}

const signer& stranger() {
    static const signer one("another root");
    return one;
}

// What a client shows: a leaf, and what stands behind it.
struct showing {
    x509_ptr leaf;
    std::vector<X509*> behind = {};
};

struct verified : ::testing::TestWithParam<int> {
    const library in;
    folder files;
    config::ssl settings;
    std::shared_ptr<const ticket_keys> keys = make_ticket_keys();
    std::vector<config::allow_rule> allow;
    bool warns = false;

    void SetUp() override {
        clock_shows = std::time(nullptr);
        settings.verify_client = verify_mode::on;
        settings.client_certificate = files.write("ca.crt", root().pem());
        settings.session_timeout = std::chrono::hours(24);
    }

    server_context server() {
        context_plan plan;
        config::problems found;
        plan.settings = &settings;
        plan.identities = {issued(key_kind::ec_p256)};
        plan.tickets = keys;
        plan.trust = load_trust(settings, found);
        plan.allow = &allow;
        plan.now = [] { return clock_shows; };
        if (!warns) {
            EXPECT_EQ(lines(found), "");
        }
        return serve(plan, in);
    }

    void revoke(const std::vector<X509*>& which, long begins = -3600, long ends = 3600) {
        settings.crl = files.write("clients.crl", root().revoke(which, begins, ends));
    }
};

void show(const client& from, const showing& what) {
    SSL_CTX_use_certificate(from.context(), what.leaf.get());
    SSL_CTX_use_PrivateKey(from.context(), client_key());
    SSL_CTX_clear_chain_certs(from.context());
    for (X509* one : what.behind) SSL_CTX_add1_chain_cert(from.context(), one);
}

struct outcome {
    bool shown = false;
    long result = -1;
    verdict by_mode = verdict::passed;
    bool operator==(const outcome&) const = default;
};

std::ostream& operator<<(std::ostream& to, const outcome& o) {
    return to << (o.shown ? X509_verify_cert_error_string(o.result) : "nothing shown") << ", verdict "
              << static_cast<int>(o.by_mode);
}

// The handshake has to be finished, whatever comes of it.
outcome outcome_of(talk& with, verify_mode mode) {
    EXPECT_TRUE(with.handshake()) << with.client_error() << " / " << with.server_error();
    const auto shown = shown_by_client(with.server_end(), false);
    outcome o{shown != nullptr, shown ? shown->verify_result : X509_V_OK, verdict::passed};
    o.by_mode = judge(mode, o.shown, o.result);
    EXPECT_EQ(is_refused(with.server_end()), o.by_mode != verdict::passed);
    return o;
}

using modes = std::array<verdict, 3>;  // on, optional, optional_no_ca
constexpr std::array all_modes{verify_mode::on, verify_mode::optional, verify_mode::optional_no_ca};
constexpr modes all_pass{verdict::passed, verdict::passed, verdict::passed};
constexpr modes all_fail{verdict::failed, verdict::failed, verdict::failed};
constexpr modes strangers_pass_without_ca{verdict::failed, verdict::failed, verdict::passed};

// In each mode: the verdict on a full handshake, and that its session goes on where it passed and nowhere else.
void expect(verified& t, const showing& what, long result, const modes& verdicts) {
    for (std::size_t i = 0; i < all_modes.size(); ++i) {
        SCOPED_TRACE("mode " + std::to_string(i));
        t.settings.verify_client = all_modes[i];
        const auto context = t.server();
        const client from(verified::GetParam());
        if (what.leaf) show(from, what);
        const outcome expected{what.leaf != nullptr, result, verdicts[i]};
        {
            talk first(from, context.get());
            EXPECT_EQ(outcome_of(first, all_modes[i]), expected);
        }
        const bool passed = verdicts[i] == verdict::passed;
        if (!passed && verified::GetParam() == TLS1_3_VERSION) {
            EXPECT_TRUE(from.sessions().empty());
        }
        talk second(from, context.get(), from.newest());
        EXPECT_EQ(outcome_of(second, all_modes[i]), expected);
        EXPECT_EQ(second.resumed(), passed);
    }
}

TEST_P(verified, a_good_certificate) { expect(*this, {root().issue()}, X509_V_OK, all_pass); }

TEST_P(verified, a_good_certificate_by_an_intermediate_that_the_client_sends) {
    const signer middle("middle", &root());
    expect(*this, {middle.issue(), {middle.certificate()}}, X509_V_OK, all_pass);
}

TEST_P(verified, a_missing_one) { expect(*this, {}, X509_V_OK, {verdict::missing, verdict::passed, verdict::passed}); }

TEST_P(verified, an_expired_one) {
    expect(*this, {root().issue({.begins = -7200, .ends = -60})}, X509_V_ERR_CERT_HAS_EXPIRED, all_fail);
}

TEST_P(verified, one_whose_time_is_still_to_come) {
    expect(*this, {root().issue({.begins = 3600, .ends = 7200})}, X509_V_ERR_CERT_NOT_YET_VALID, all_fail);
}

TEST_P(verified, an_expired_one_of_a_stranger) {
    expect(*this, {stranger().issue({.begins = -7200, .ends = -60})}, X509_V_ERR_CERT_HAS_EXPIRED, all_fail);
}

TEST_P(verified, a_revoked_one) {
    auto leaf = root().issue();
    revoke({leaf.get()});
    expect(*this, {std::move(leaf)}, X509_V_ERR_CERT_REVOKED, all_fail);
}

TEST_P(verified, one_that_a_list_does_not_name) {
    revoke({root().issue().get()});
    expect(*this, {root().issue()}, X509_V_OK, all_pass);
}

TEST_P(verified, one_under_a_list_that_is_out_of_date) {
    warns = true;
    revoke({}, -7200, -60);
    expect(*this, {root().issue()}, X509_V_ERR_CRL_HAS_EXPIRED, all_fail);
}

TEST_P(verified, one_by_an_intermediate_that_has_no_list) {
    const signer middle("middle", &root());
    revoke({});
    expect(*this, {middle.issue(), {middle.certificate()}}, X509_V_ERR_UNABLE_TO_GET_CRL, all_fail);
}

TEST_P(verified, a_revoked_one_of_a_stranger_whose_list_we_hold) {
    warns = true;
    auto leaf = stranger().issue();
    settings.crl = files.write("clients.crl", root().revoke({}) + stranger().revoke({leaf.get()}));
    expect(*this, {std::move(leaf)}, X509_V_ERR_CERT_REVOKED, all_fail);
}

TEST_P(verified, one_of_a_stranger) {
    expect(*this, {stranger().issue()}, X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, strangers_pass_without_ca);
}

TEST_P(verified, one_of_a_stranger_whose_root_comes_along) {
    expect(*this, {stranger().issue(), {stranger().certificate()}}, X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN,
           strangers_pass_without_ca);
}

TEST_P(verified, one_signed_by_itself) {
    expect(*this, {self_issued()}, X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, strangers_pass_without_ca);
}

TEST_P(verified, one_at_the_end_of_a_chain_that_is_too_deep) {
    const signer middle("middle", &root());
    const signer lower("lower", &middle);
    const auto chain = [&] { return showing{lower.issue(), {lower.certificate(), middle.certificate()}}; };
    // OpenSSL looks no further, and so finds no issuer; nginx, too, tells and tolerates that.
    expect(*this, chain(), X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, strangers_pass_without_ca);
    settings.verify_depth = 2;
    expect(*this, chain(), X509_V_OK, all_pass);
}

TEST_P(verified, one_for_another_use) {
    expect(*this, {root().issue({.usage = "serverAuth"})}, X509_V_ERR_INVALID_PURPOSE, all_fail);
}

TEST_P(verified, optional_no_ca_needs_no_authority) {
    settings.client_certificate.clear();
    settings.verify_client = verify_mode::optional_no_ca;
    const auto context = server();
    const client from(GetParam());
    show(from, {root().issue()});
    talk with(from, context.get());
    EXPECT_EQ(outcome_of(with, settings.verify_client).by_mode, verdict::passed);
}

TEST_P(verified, with_verify_client_off_nobody_is_asked) {
    settings.verify_client = verify_mode::off;
    const auto context = server();
    const client from(GetParam());
    show(from, {root().issue()});
    talk with(from, context.get());
    ASSERT_TRUE(with.handshake());
    EXPECT_EQ(shown_by_client(with.server_end(), true), nullptr);
    EXPECT_EQ(SSL_get0_peer_certificate(with.server_end()), nullptr);
}

TEST_P(verified, names_of_trusted_certificate_are_not_sent_but_count) {
    settings.trusted_certificate = files.write("more.crt", stranger().pem() + stranger().pem());
    settings.client_certificate = files.write("ca.crt", root().pem() + root().pem());
    const auto context = server();
    const client from(GetParam());
    show(from, {stranger().issue()});
    talk with(from, context.get());
    EXPECT_EQ(outcome_of(with, settings.verify_client), (outcome{true, X509_V_OK, verdict::passed}));
    const auto* names = SSL_get_client_CA_list(with.client_end());
    ASSERT_EQ(sk_X509_NAME_num(names), 1);
    EXPECT_EQ(X509_NAME_cmp(sk_X509_NAME_value(names, 0), X509_get_subject_name(root().certificate())), 0);
}

TEST_P(verified, the_chain_is_known_after_a_full_handshake) {
    const signer middle("middle", &root());
    const auto context = server();
    const client from(GetParam());
    show(from, {middle.issue(), {middle.certificate()}});
    talk with(from, context.get());
    ASSERT_TRUE(with.handshake());
    EXPECT_TRUE(shown_by_client(with.server_end(), false)->chain.empty());
    const auto shown = shown_by_client(with.server_end(), true);
    ASSERT_EQ(shown->chain.size(), 1U);
    EXPECT_EQ(describe(parse(shown->chain.front()).get()).subject, "CN=middle");
}

TEST_P(verified, a_leaf_that_has_expired_since_the_ticket_has_to_be_shown_again) {
    for (const auto kind : {cache::none, cache::shared}) {
        settings.session_cache = {kind, {}, kind == cache::shared ? std::size_t{1 << 20} : 0};
        settings.session_tickets = kind == cache::none;
        const auto context = server();
        const client from(GetParam());
        show(from, {root().issue({.ends = 1000})});
        EXPECT_FALSE(resumes(from, context.get()));
        EXPECT_TRUE(resumes(from, context.get()));
        clock_shows += 1001;
        EXPECT_FALSE(resumes(from, context.get()));
        clock_shows -= 1001;
    }
}

TEST_P(verified, a_leaf_that_has_expired_since_openssl_kept_its_session_fails) {
    settings.session_cache = {cache::builtin, {}, 10};
    settings.session_tickets = false;
    const auto context = server();
    const client from(GetParam());
    show(from, {root().issue({.ends = 1000})});
    EXPECT_FALSE(resumes(from, context.get()));
    clock_shows += 1001;
    {
        talk with(from, context.get(), from.newest());
        EXPECT_EQ(outcome_of(with, settings.verify_client),
                  (outcome{true, X509_V_ERR_CERT_HAS_EXPIRED, verdict::failed}));
        EXPECT_TRUE(with.resumed());
    }
    EXPECT_FALSE(resumes(from, context.get())) << "a session that has failed is forgotten";
}

TEST_P(verified, no_cache_keeps_a_session_that_has_failed) {
    settings.session_tickets = false;
    for (const auto kind : {cache::builtin, cache::shared}) {
        settings.session_cache = {kind, {}, kind == cache::shared ? std::size_t{1 << 20} : 10};
        const auto context = server();
        const client bad(GetParam());
        show(bad, {stranger().issue()});
        EXPECT_FALSE(resumes(bad, context.get()));
        EXPECT_FALSE(resumes(bad, context.get()));
        const client none(GetParam());
        EXPECT_FALSE(resumes(none, context.get()));
        EXPECT_FALSE(resumes(none, context.get()));
        const client good(GetParam());
        show(good, {root().issue()});
        EXPECT_FALSE(resumes(good, context.get()));
        EXPECT_TRUE(resumes(good, context.get()));
    }
}

TEST_P(verified, a_session_without_a_certificate_does_not_move_to_where_one_is_required) {
    settings.verify_client = verify_mode::optional;
    const auto optional = server();
    settings.verify_client = verify_mode::on;
    const auto required = server();
    const client from(GetParam());
    EXPECT_FALSE(resumes(from, optional.get()));
    EXPECT_FALSE(resumes(from, required.get()));
}

TEST_P(verified, a_session_goes_on_only_under_what_the_same_files_say) {
    const auto one = server();
    // The same authority from another file.
    settings.client_certificate = files.write("copy.crt", root().pem());
    EXPECT_TRUE([&] {
        const client from(GetParam());
        show(from, {root().issue()});
        return !resumes(from, one.get()) && resumes(from, server().get());
    }());
    const std::vector<std::function<void()>> changes{
        [&] { files.write("copy.crt", root().pem() + stranger().pem()); },
        [&] { settings.trusted_certificate = files.write("more.crt", stranger().pem()); },
        [&] { revoke({}); },
        [&] { settings.verify_depth = 3; },
        [&] { allow.push_back({.cn = "alice"}); },
        [&] { allow.push_back({.ou = "web"}); },
    };
    for (std::size_t i = 0; i < changes.size(); ++i) {
        SCOPED_TRACE(i);
        warns = true;
        const auto before = server();
        const client from(GetParam());
        show(from, {root().issue()});
        EXPECT_FALSE(resumes(from, before.get()));
        changes[i]();
        EXPECT_FALSE(resumes(from, server().get()));
    }
}

INSTANTIATE_TEST_SUITE_P(versions, verified, ::testing::Values(TLS1_2_VERSION, TLS1_3_VERSION),
                         [](const auto& version) { return version.param == TLS1_2_VERSION ? "tls_1_2" : "tls_1_3"; });

}  // namespace
}  // namespace postern::certs::testing
