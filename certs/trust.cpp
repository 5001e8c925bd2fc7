#include "certs/trust.hpp"

#include "certs/facts.hpp"
#include "certs/file.hpp"
#include "certs/pem.hpp"
#include "certs/words.hpp"

#include <openssl/err.h>

#include <algorithm>

namespace postern::certs {
namespace {

using config::problems;
using std::chrono::system_clock;

constexpr auto certificates_help = "PEM: -----BEGIN CERTIFICATE-----, one after another";
constexpr auto lists_help = "PEM: -----BEGIN X509 CRL-----, one of each authority";

der to_der(X509_CRL* list) {
    der out(static_cast<std::size_t>(std::max(i2d_X509_CRL(list, nullptr), 0)));
    auto* at = out.data();
    i2d_X509_CRL(list, &at);
    return out;
}

// The objects of one file; none with an error told.
template <class Read>
auto read_objects(const char* key, const std::string& file, Read read, const char* help, problems& found) {
    std::string damage;
    decltype(read(std::string_view(), damage)) all;
    if (file.empty()) return all;
    const auto text = read_file(file);
    if (!text.error.empty()) {
        refuse(found, key, text.error, file);
        return all;
    }
    all = read(text.content.text(), damage);
    if (!damage.empty()) {
        refuse(found, key, damage, file);
        all.clear();
    } else if (all.empty()) {
        refuse(found, key, text.content.text().empty() ? "the file is empty" : "nothing of the kind in it", file, help);
    }
    return all;
}

void look_at_authority(X509* authority, const char* key, problems& found) {
    const auto now = system_clock::now();
    const auto name = name_text(X509_get_subject_name(authority));
    if (const auto end = to_time(X509_get0_notAfter(authority)); end < now)
        warn(found, key, "an authority that expired on " + date_text(end) + ": its clients are refused", name);
    else if (to_time(X509_get0_notBefore(authority)) > now)
        warn(found, key, "an authority whose time is still to come: its clients are refused", name);
    const bool own = X509_check_issued(authority, authority) == X509_V_OK;
    if (X509_check_ca(authority) == 0 && !own) warn(found, key, "a certificate that can vouch for nobody", name);
    ERR_clear_error();
}

// OpenSSL wants a list that is in force from every authority of a client's chain (nginx).
void look_at_lists(const std::vector<crl_ptr>& lists, const std::vector<const X509*>& authorities, problems& found) {
    const auto now = system_clock::now();
    for (const auto& list : lists) {
        const auto* end = X509_CRL_get0_nextUpdate(list.get());
        if (end != nullptr && to_time(end) < now)
            warn(found, "crl",
                 "a list that was to be renewed by " + date_text(to_time(end)) + ": until it is, clients are refused",
                 name_text(X509_CRL_get_issuer(list.get())));
    }
    for (const auto* authority : authorities) {
        const auto* name = X509_get_subject_name(authority);
        const bool has_one = std::any_of(lists.begin(), lists.end(), [&](const auto& list) {
            return X509_NAME_cmp(X509_CRL_get_issuer(list.get()), name) == 0;
        });
        if (!has_one) warn(found, "crl", "no list of an authority in it: its clients are refused", name_text(name));
    }
}

std::string digest_of(const trust& all) {
    struct free_digest {
        void operator()(EVP_MD_CTX* c) const { EVP_MD_CTX_free(c); }
    };
    const std::unique_ptr<EVP_MD_CTX, free_digest> digest(EVP_MD_CTX_new());
    bool ok = digest && EVP_DigestInit_ex(digest.get(), EVP_sha256(), nullptr) == 1;
    for (const auto* part : {&all.named, &all.unnamed, &all.revoked}) {
        // Each part ends with its count, so that nothing can move from one to the next unseen; DER tells its own length.
        for (const auto& one : *part) ok = ok && EVP_DigestUpdate(digest.get(), one.data(), one.size()) == 1;
        const std::size_t count = part->size();
        ok = ok && EVP_DigestUpdate(digest.get(), &count, sizeof count) == 1;
    }
    std::string bytes(EVP_MAX_MD_SIZE, '\0');
    unsigned length = 0;
    ok = ok && EVP_DigestFinal_ex(digest.get(), reinterpret_cast<unsigned char*>(bytes.data()), &length) == 1;
    bytes.resize(ok ? length : 0);
    return bytes;
}

}  // namespace

std::shared_ptr<const trust> load_trust(const config::ssl& settings, problems& found) {
    if (settings.client_certificate.empty() && settings.trusted_certificate.empty() && settings.crl.empty())
        return nullptr;
    problems here;
    const auto named =
        read_objects("client_certificate", settings.client_certificate, read_certificates, certificates_help, here);
    const auto unnamed =
        read_objects("trusted_certificate", settings.trusted_certificate, read_certificates, certificates_help, here);
    const auto lists = read_objects("crl", settings.crl, read_revocation_lists, lists_help, here);
    for (const auto& one : named) look_at_authority(one.get(), "client_certificate", here);
    for (const auto& one : unnamed) look_at_authority(one.get(), "trusted_certificate", here);
    std::vector<const X509*> authorities;
    for (const auto* part : {&named, &unnamed})
        for (const auto& one : *part) authorities.push_back(one.get());
    if (!lists.empty()) look_at_lists(lists, authorities, here);
    found.insert(found.end(), here.begin(), here.end());
    if (config::has_error(here)) return nullptr;
    auto made = std::make_shared<trust>();
    for (const auto& one : named) made->named.push_back(to_der(one.get()));
    for (const auto& one : unnamed) made->unnamed.push_back(to_der(one.get()));
    for (const auto& one : lists) made->revoked.push_back(to_der(one.get()));
    for (const auto& one : lists)
        if (const auto* end = X509_CRL_get0_nextUpdate(one.get()); end != nullptr)
            made->lists.push_back({name_text(X509_CRL_get_issuer(one.get())), to_time(end)});
    made->digest = digest_of(*made);
    if (!made->digest.empty()) return made;
    refuse(found, "client_certificate", "OpenSSL makes no digest of it: " + take_errors());
    return nullptr;
}

verdict judge(config::verify_mode mode, bool shown, long result) {
    using config::verify_mode;
    if (mode == verify_mode::off) return verdict::passed;
    if (!shown) return mode == verify_mode::on ? verdict::missing : verdict::passed;
    if (result == X509_V_OK) return verdict::passed;
    return mode == verify_mode::optional_no_ca && is_tolerable(result) ? verdict::passed : verdict::failed;
}

bool is_tolerable(long result) {
    switch (result) {
        case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
        case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
        case X509_V_ERR_CERT_UNTRUSTED:
        case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE: return true;
        default: return false;
    }
}

}  // namespace postern::certs
