// What stands in the way of knowing clients by their certificates: rules that nothing could meet, or that anybody could.
#include "config/complaints.hpp"

namespace postern::config {
namespace {

constexpr auto some_mode = "ssl.verify_client: on, optional or optional_no_ca";

void check_authorities(const ssl& s, const std::string& key, complaints& say) {
    const bool needed = s.verify_client == verify_mode::on || s.verify_client == verify_mode::optional;
    const bool named = !s.client_certificate.empty() || !s.trusted_certificate.empty() ||
                       say.unread(key + ".client_certificate") || say.unread(key + ".trusted_certificate");
    if (needed && !named)
        say.refuse(key + ".verify_client", "clients cannot be verified without client_certificate", {},
                   "client_certificate, or verify_client: optional_no_ca");
}

void check_rule(const allow_rule& r, const std::string& at, bool unverified, complaints& say) {
    if (say.unread(at)) return;
    if (r == allow_rule{})
        say.refuse(at, "a rule that asks for nothing", {},
                   "cn, ou, san_dns, san_uri, san_ip, san_email or spki_sha256");
    else if (unverified && r.spki_sha256.empty())
        say.refuse(at, "with optional_no_ca anybody can have a certificate with such names", {},
                   "spki_sha256 in each rule, or another verify_client");
    const auto literal = [&](const char* name, const std::string& value) {
        if (value.find('*') != std::string::npos)
            say.refuse(at + "." + name, "compared letter for letter: `*` stands for nothing else here", value);
    };
    literal("cn", r.cn);
    literal("ou", r.ou);
    literal("san_email", r.san_email);
}

void check_headers_of_clients(const server& s, const std::string& key, bool asks, complaints& say) {
    const bool tcp = s.proxy_pass.type == destination::kind::tcp;
    const auto check = [&](bool set, const std::string& name) {
        if (set && tcp)
            say.refuse(key + "." + name, "a TCP server forwards bytes and knows no headers", {},
                       "a destination with http://");
        else if (set && !asks)
            say.refuse(key + "." + name, "without verify_client no client shows a certificate", {}, some_mode);
    };
    check(s.client_cert_header, "client_cert_header");
    check(s.client_cert_chain_header, "client_cert_chain_header");
    // RFC 9440 section 2.3.
    if (s.client_cert_chain_header && !s.client_cert_header && !say.unread(key + ".client_cert_header"))
        say.refuse(key + ".client_cert_chain_header", "Client-Cert-Chain is nothing without Client-Cert", {},
                   "client_cert_header: on beside it");
}

}  // namespace

void check_clients(const server& s, const std::string& key, complaints& say) {
    const auto mode = s.ssl ? s.ssl->verify_client : verify_mode::off;
    const bool asks = mode != verify_mode::off || say.unread(key + ".ssl.verify_client");
    if (s.ssl) check_authorities(*s.ssl, key + ".ssl", say);
    if (!s.allow.empty() && !asks)
        say.refuse(key + ".allow", "without verify_client no client is known", {}, some_mode);
    for (std::size_t i = 0; i < s.allow.size(); ++i)
        check_rule(s.allow[i], key + ".allow[" + std::to_string(i) + "]", mode == verify_mode::optional_no_ca, say);
    check_headers_of_clients(s, key, asks, say);
}

}  // namespace postern::config
