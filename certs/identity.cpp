#include "certs/identity.hpp"

#include "certs/facts.hpp"
#include "certs/file.hpp"
#include "certs/pem.hpp"

#include <openssl/err.h>

namespace postern::certs {
namespace {

using config::problems;

bool issued(X509* issuer, X509* subject) {
    const bool yes = X509_check_issued(issuer, subject) == X509_V_OK;
    ERR_clear_error();
    return yes;
}

// Each certificate must be signed by the one behind it: they are sent as they stand, and clients differ in what they
// make of anything else.
bool check_order(const std::vector<x509_ptr>& chain, const reporter& report) {
    const auto number = [](std::size_t i) { return "certificate " + std::to_string(i + 1); };
    for (std::size_t i = 0; i + 1 < chain.size(); ++i) {
        if (issued(chain[i + 1].get(), chain[i].get())) continue;
        for (std::size_t j = i + 2; j < chain.size(); ++j)
            if (issued(chain[j].get(), chain[i].get())) {
                report.certificate_error("out of order: " + number(j) + " in it issued " + number(i),
                                         "the server's own certificate, then each one's issuer behind it");
                return false;
            }
        report.certificate_warning(number(i + 1) + " in it did not issue " + number(i) +
                                   ": some clients will refuse the chain");
    }
    return true;
}

bool check_match(const std::vector<x509_ptr>& chain, EVP_PKEY* key, const reporter& report) {
    const auto matches = [&](const x509_ptr& certificate) {
        const bool yes = X509_check_private_key(certificate.get(), key) == 1;
        ERR_clear_error();
        return yes;
    };
    if (matches(chain.front())) return true;
    for (std::size_t i = 1; i < chain.size(); ++i)
        if (matches(chain[i])) {
            report.certificate_error("the key belongs to certificate " + std::to_string(i + 1) + " in it",
                                     "the server's own certificate first, then its issuers");
            return false;
        }
    report.key_error("the key does not match the certificate in " + report.certificate);
    return false;
}

void warn_of_dates(const identity& of, const reporter& report) {
    const auto now = std::chrono::system_clock::now();
    if (of.not_after < now) report.certificate_warning("the certificate expired on " + date_text(of.not_after));
    if (of.not_before > now)
        report.certificate_warning("the certificate is not valid before " + date_text(of.not_before));
}

void warn_of_weakness(EVP_PKEY* key, const reporter& report) {
    // 112 bits: RSA of 2048 bits, the least that OpenSSL's security level 2 and the browsers take.
    if (EVP_PKEY_get_security_bits(key) < 112)
        report.key_warning("a weak key (" + key_type(key) + "): clients refuse it; RSA needs 2048 bits");
}

std::shared_ptr<const identity> assemble(const std::vector<x509_ptr>& chain, EVP_PKEY* key) {
    X509* leaf = chain.front().get();
    auto made = std::make_shared<identity>();
    for (const auto& certificate : chain) made->chain.push_back(to_der(certificate.get()));
    made->key = to_der(key);
    made->subject = name_text(X509_get_subject_name(leaf));
    made->issuer = name_text(X509_get_issuer_name(leaf));
    made->serial = serial_text(leaf);
    made->fingerprint = fingerprint(leaf);
    made->names = names_of(leaf);
    made->key_type = key_type(key);
    made->not_before = to_time(X509_get0_notBefore(leaf));
    made->not_after = to_time(X509_get0_notAfter(leaf));
    return made;
}

std::shared_ptr<const identity> make(std::string_view certificate_pem, std::string_view key_pem,
                                     const std::vector<std::string_view>& passphrases, const reporter& report) {
    const auto chain = read_chain(certificate_pem, report);
    const auto key = read_key(key_pem, passphrases, report);
    if (chain.empty() || !key) return nullptr;
    if (!check_match(chain, key.get(), report) || !check_order(chain, report)) return nullptr;
    auto made = assemble(chain, key.get());
    warn_of_dates(*made, report);
    warn_of_weakness(key.get(), report);
    return made;
}

void unreadable_passwords(const std::string& file, const std::string& why, problems& found) {
    config::problem p;
    p.key = "password_file";
    p.what = why;
    p.found = file;
    found.push_back(std::move(p));
}

}  // namespace

std::shared_ptr<const identity> load_identity(std::size_t index, const std::string& certificate_file,
                                              const std::string& key_file, const std::string& password_file,
                                              problems& found) {
    const reporter report{found, index, certificate_file, key_file};
    const auto passwords = password_file.empty() ? file_text{} : read_file(password_file);
    const auto certificate = read_file(certificate_file);
    const auto key = read_file(key_file);
    if (!passwords.error.empty()) unreadable_passwords(password_file, passwords.error, found);
    if (!certificate.error.empty()) report.certificate_error(certificate.error);
    if (!key.error.empty() && key_file != certificate_file) report.key_error(key.error);
    if (!passwords.error.empty() || !certificate.error.empty() || !key.error.empty()) return nullptr;
    if (key.readable_by_others) report.key_warning("every user of this machine can read the key: chmod o-rwx");
    return make(certificate.content.text(), key.content.text(), split_passphrases(passwords.content.text()), report);
}

std::shared_ptr<const identity> parse_identity(std::size_t index, std::string_view certificate_pem,
                                               std::string_view key_pem,
                                               const std::vector<std::string_view>& passphrases, problems& found) {
    return make(certificate_pem, key_pem, passphrases, {found, index, "the certificate", "the key"});
}

}  // namespace postern::certs
