#include "config/complaints.hpp"
#include "config/url.hpp"

namespace postern::config {

void check_stapling(const ssl& s, const std::string& key, complaints& say) {
    const auto& responder = s.stapling_responder;
    if (responder.starts_with("https:"))
        say.refuse(key + ".stapling_responder",
                   "a responder is asked over plain http: its answer is signed, and https would need one in turn",
                   responder, std::string(http_url_form));
    else if (!responder.empty() && !parse_http_url(responder))
        say.refuse(key + ".stapling_responder", "not the address of a responder", responder,
                   std::string(http_url_form));
    const bool trusts = !s.trusted_certificate.empty() || !s.client_certificate.empty() ||
                        say.unread(key + ".trusted_certificate") || say.unread(key + ".client_certificate");
    if (s.stapling && s.stapling_verify && !trusts)
        say.refuse(key + ".stapling_verify", "responses cannot be verified without trusted_certificate", {},
                   "trusted_certificate, or stapling_verify: off");
}

}  // namespace postern::config
