#include "certs/staple.hpp"

#include "certs/facts.hpp"

#include <openssl/err.h>
#include <openssl/ocsp.h>

#include <optional>

namespace postern::certs {
namespace {

using response_ptr = std::unique_ptr<OCSP_RESPONSE, deleter<OCSP_RESPONSE_free>>;
using basic_ptr = std::unique_ptr<OCSP_BASICRESP, deleter<OCSP_BASICRESP_free>>;
using request_ptr = std::unique_ptr<OCSP_REQUEST, deleter<OCSP_REQUEST_free>>;
using id_ptr = std::unique_ptr<OCSP_CERTID, deleter<OCSP_CERTID_free>>;
using store_ptr = std::unique_ptr<X509_STORE, deleter<X509_STORE_free>>;

void free_all(STACK_OF(X509) * all) { sk_X509_pop_free(all, X509_free); }
using stack_ptr = std::unique_ptr<STACK_OF(X509), deleter<free_all>>;

constexpr auto clock_skew = std::chrono::minutes(5);
// RFC 6960 section 4.2.2.1: without nextUpdate there may be newer information at any time.
constexpr auto life_without_next_update = std::chrono::hours(1);

x509_ptr parse(const der& certificate) {
    const auto* at = certificate.data();
    return x509_ptr(d2i_X509(nullptr, &at, static_cast<long>(certificate.size())));
}

judgement refused(std::string problem) { return {nullptr, std::move(problem), false}; }

basic_ptr parse_response(std::span<const std::uint8_t> bytes, std::string& problem) {
    const auto* at = bytes.data();
    const response_ptr whole(d2i_OCSP_RESPONSE(nullptr, &at, static_cast<long>(bytes.size())));
    if (!whole || at != bytes.data() + bytes.size()) {
        problem = "not an OCSP response in DER";
        return nullptr;
    }
    const int status = OCSP_response_status(whole.get());
    if (status != OCSP_RESPONSE_STATUS_SUCCESSFUL) {
        problem = "the responder gives no answer: " + std::string(OCSP_response_status_str(status));
        return nullptr;
    }
    basic_ptr basic(OCSP_response_get1_basic(whole.get()));
    if (!basic) problem = "a kind of OCSP response that is unknown";
    return basic;
}

// Whether `id` names the leaf, by whichever of the usual digests it was made.
bool names(OCSP_CERTID* id, const X509* leaf, const X509* issuer) {
    ASN1_OBJECT* digest = nullptr;
    if (OCSP_id_get0_info(nullptr, &digest, nullptr, nullptr, id) != 1) return false;
    const EVP_MD* by = nullptr;
    switch (OBJ_obj2nid(digest)) {
        case NID_sha1: by = EVP_sha1(); break;
        case NID_sha256: by = EVP_sha256(); break;
        case NID_sha384: by = EVP_sha384(); break;
        case NID_sha512: by = EVP_sha512(); break;
        default: return false;
    }
    const id_ptr ours(OCSP_cert_to_id(by, leaf, issuer));
    return ours && OCSP_id_cmp(ours.get(), id) == 0;
}

OCSP_SINGLERESP* find_single(OCSP_BASICRESP* in, const X509* leaf, const X509* issuer) {
    for (int i = 0; i < OCSP_resp_count(in); ++i) {
        OCSP_SINGLERESP* one = OCSP_resp_get0(in, i);
        // OpenSSL hands the id out as const and asks for its parts without; nobody writes to it.
        auto* id = const_cast<OCSP_CERTID*>(OCSP_SINGLERESP_get0_id(one));
        if (id != nullptr && names(id, leaf, issuer)) return one;
    }
    return nullptr;
}

std::optional<time_point> read_time(const ASN1_GENERALIZEDTIME* time) {
    if (time == nullptr || ASN1_GENERALIZEDTIME_check(time) != 1) return std::nullopt;
    return to_time(time);
}

// Empty when it is current.
std::string out_of_time(const staple& s, time_point now) {
    if (s.next_update <= s.this_update) return "its times contradict each other";
    if (s.this_update > now + clock_skew) return "not valid before " + date_text(s.this_update);
    if (s.next_update <= now) return "expired on " + date_text(s.next_update);
    return {};
}

bool trust(X509_STORE* store, const der& certificate) {
    const auto parsed = parse(certificate);
    return parsed && X509_STORE_add_cert(store, parsed.get()) == 1;
}

// Of OCSP_basic_verify, with what the certificates' own check says.
std::string verification_error() {
    const char* detail = nullptr;
    int flags = 0;
    if (ERR_peek_last_error_all(nullptr, nullptr, nullptr, &detail, &flags) == 0)
        return "the signer does not speak for the certificate's issuer";
    const std::string more = (flags & ERR_TXT_STRING) != 0 && detail != nullptr ? detail : "";
    return take_errors() + (more.empty() ? "" : " (" + more + ")");
}

// Why the signature does not count; empty when it does.
std::string unsigned_for(OCSP_BASICRESP* response, X509* issuer, const staple_subject& about, time_point now) {
    const store_ptr store(X509_STORE_new());
    const stack_ptr helpers(sk_X509_new_null());
    if (!store || !helpers || X509_add_cert(helpers.get(), issuer, X509_ADD_FLAG_UP_REF) != 1) return take_errors();
    // An authority that was named as trusted need not be signed by itself.
    X509_STORE_set_flags(store.get(), X509_V_FLAG_PARTIAL_CHAIN);
    X509_VERIFY_PARAM_set_time(X509_STORE_get0_param(store.get()), std::chrono::system_clock::to_time_t(now));
    if (about.trusted.empty()) trust(store.get(), about.issuer);
    for (const auto& one : about.trusted) trust(store.get(), one);
    for (const auto& one : about.between)
        if (const auto parsed = parse(one)) X509_add_cert(helpers.get(), parsed.get(), X509_ADD_FLAG_UP_REF);
    ERR_clear_error();
    // It looks for the signer, at its signature and its way to the store, and whether it is the issuer or has been
    // certified by the issuer for this; a root that is trusted for all responses whatsoever there is none.
    if (OCSP_basic_verify(response, helpers.get(), store.get(), OCSP_NOEXPLICIT) == 1) return {};
    return verification_error();
}

}  // namespace

der make_ocsp_request(const staple_subject& about) {
    const auto leaf = parse(about.leaf);
    const auto issuer = parse(about.issuer);
    const request_ptr request(OCSP_REQUEST_new());
    der out;
    // SHA-1 is what every responder knows (RFC 5019 section 2.1.1); nothing depends on its strength here.
    id_ptr id(leaf && issuer && request ? OCSP_cert_to_id(EVP_sha1(), leaf.get(), issuer.get()) : nullptr);
    if (id && OCSP_request_add0_id(request.get(), id.get()) != nullptr) {
        static_cast<void>(id.release());
        out.resize(static_cast<std::size_t>(std::max(i2d_OCSP_REQUEST(request.get(), nullptr), 0)));
        auto* at = out.data();
        if (!out.empty()) i2d_OCSP_REQUEST(request.get(), &at);
    }
    ERR_clear_error();
    return out;
}

judgement judge_response(std::span<const std::uint8_t> bytes, const staple_subject& about, time_point now) {
    // An extension of TLS 1.3 has a length of 16 bits, and so has the list of them (RFC 8446 section 4.4.2).
    constexpr std::size_t largest = 65'535 - 8;
    if (bytes.size() > largest) return refused("it is larger than TLS can carry");
    std::string problem;
    const auto leaf = parse(about.leaf);
    const auto issuer = parse(about.issuer);
    const auto basic = parse_response(bytes, problem);
    ERR_clear_error();
    if (!basic) return refused(std::move(problem));
    if (!leaf || !issuer) return refused("no certificate to compare it with");
    OCSP_SINGLERESP* single = find_single(basic.get(), leaf.get(), issuer.get());
    ERR_clear_error();
    if (single == nullptr) return refused("about another certificate");
    ASN1_GENERALIZEDTIME* begin = nullptr;
    ASN1_GENERALIZEDTIME* end = nullptr;
    const int status = OCSP_single_get0_status(single, nullptr, nullptr, &begin, &end);
    const auto this_update = read_time(begin);
    const auto next_update = end != nullptr ? read_time(end) : this_update;
    if (!this_update || !next_update) return refused("a time in it is none");

    auto made = std::make_shared<staple>();
    made->this_update = *this_update;
    made->next_update = end != nullptr ? *next_update : *this_update + life_without_next_update;
    made->status = status == V_OCSP_CERTSTATUS_REVOKED ? staple_status::revoked : staple_status::good;
    if (auto untimely = out_of_time(*made, now); !untimely.empty()) return {nullptr, std::move(untimely), true};
    if (const auto why = unsigned_for(basic.get(), issuer.get(), about, now); !why.empty())
        return refused("its signature does not count: " + why);
    if (status != V_OCSP_CERTSTATUS_GOOD && status != V_OCSP_CERTSTATUS_REVOKED)
        return refused("the responder does not know the certificate");
    made->response.assign(bytes.begin(), bytes.end());
    return {std::move(made), {}, false};
}

}  // namespace postern::certs
