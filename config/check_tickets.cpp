// Where servers' ticket keys come from.
#include "config/complaints.hpp"
#include "config/units.hpp"

namespace postern::config {
namespace {

// The keys that one moment may need: each costs a comparison for every ticket that none of them made.
constexpr int most_rotations = 256;

template <class Block>
void check_one_source(const Block& block, const std::string& key, complaints& say) {
    if (!block.session_ticket_key.empty() && !block.session_ticket_secret.empty())
        say.refuse(key + ".session_ticket_secret", "ticket keys come from files or from a secret, not from both", {},
                   "session_ticket_key or session_ticket_secret");
}

}  // namespace

void check_tickets(const settings& all, complaints& say) {
    check_one_source(all.tls, "tls", say);
    const auto most = all.tls.session_ticket_rotation * most_rotations;
    for (std::size_t i = 0; i < all.servers.size(); ++i) {
        const auto& ssl = all.servers[i].ssl;
        if (!ssl) continue;
        const std::string key = server_key(i) + ".ssl";
        check_one_source(*ssl, key, say);
        const bool own = !ssl->session_ticket_key.empty() || !ssl->session_ticket_secret.empty();
        const bool files = !(own ? ssl->session_ticket_key : all.tls.session_ticket_key).empty();
        // A key opens tickets for session_timeout after its turn, so that many are kept at once.
        if (ssl->session_tickets && !files && ssl->session_timeout > most)
            say.refuse(key + ".session_timeout",
                       "more than " + std::to_string(most_rotations) + " times tls.session_ticket_rotation",
                       to_string(ssl->session_timeout), "at most " + to_string(most) + ", or a slower rotation");
    }
}

}  // namespace postern::config
