#include "proxy/session/tickets.hpp"

#include "certs/ticket_files.hpp"

#include <algorithm>
#include <ctime>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace postern::session {
namespace {

using std::chrono::seconds;

seconds whole(config::milliseconds d) { return std::chrono::duration_cast<seconds>(d); }

class finder {
public:
    finder(const config::settings& settings, std::shared_ptr<certs::ticket_source> made, config::problems& found)
        : settings_(settings), made_(std::move(made)), found_(found) {}

    tickets find() {
        // Also when every server has its own, so that what is wrong with them is told.
        const auto common = source_of(settings_.tls, "tls").value_or(nullptr);
        for (std::size_t s = 0; s < settings_.servers.size(); ++s) {
            const auto& ssl = settings_.servers[s].ssl;
            const bool serves = ssl && ssl->session_tickets && !ssl->reject_handshake;
            const auto own = ssl ? source_of(*ssl, "servers[" + std::to_string(s) + "].ssl") : std::nullopt;
            auto from = own ? *own : common ? common : made_;
            all_.of_server.push_back(serves && from ? use(std::move(from), whole(ssl->session_timeout))
                                                    : tickets::none);
        }
        // The process's own keys are served already, by terms that may yet stay.
        for (auto& [from, terms] : all_.sources)
            if (from != made_) turn(*from, terms);
        return std::move(all_);
    }

private:
    // Nothing when `block` names no files; null when they cannot be used.
    template <class Block>
    std::optional<std::shared_ptr<certs::ticket_source>> source_of(const Block& block, const std::string& key) {
        const bool files = !block.session_ticket_key.empty();
        const auto& names = files ? block.session_ticket_key : block.session_ticket_secret;
        if (names.empty()) return std::nullopt;
        const auto [known, added] = by_files_.emplace(std::pair(files, names), nullptr);
        if (added) {
            config::problems here;
            known->second = files ? certs::read_ticket_keys(names, here) : certs::read_ticket_secrets(names, here);
            for (auto& p : here) {
                p.key = key + "." + p.key;
                found_.push_back(std::move(p));
            }
        }
        return known->second;
    }

    // The source's place; a key must open tickets for whichever of its servers resumes the longest.
    std::size_t use(std::shared_ptr<certs::ticket_source> from, seconds lifetime) {
        const auto known =
            std::find_if(all_.sources.begin(), all_.sources.end(), [&](const auto& u) { return u.from == from; });
        const auto place = static_cast<std::size_t>(known - all_.sources.begin());
        if (known == all_.sources.end())
            all_.sources.push_back({std::move(from), {whole(settings_.tls.session_ticket_rotation), lifetime}});
        auto& longest = all_.sources[place].terms.lifetime;
        longest = std::max(longest, lifetime);
        return place;
    }

    void turn(certs::ticket_source& from, const certs::ticket_terms& terms) {
        from.turn(std::time(nullptr), terms);
        if (from.keys()) return;
        config::problem p;
        p.key = "tls.session_ticket_rotation";
        p.what = "OpenSSL derives no ticket keys (HKDF)";
        found_.push_back(std::move(p));
    }

    const config::settings& settings_;
    std::shared_ptr<certs::ticket_source> made_;
    config::problems& found_;
    std::map<std::pair<bool, std::vector<std::string>>, std::shared_ptr<certs::ticket_source>> by_files_;
    tickets all_;
};

}  // namespace

ticket_key_sets tickets::keys() const {
    ticket_key_sets sets;
    for (const auto& u : sources) sets.push_back(u.from->keys());
    return sets;
}

// By reference: the count is everybody's, and traffic asks.
const std::shared_ptr<const certs::ticket_keys>& tickets::of(std::size_t server, const ticket_key_sets& sets) const {
    static const std::shared_ptr<const certs::ticket_keys> no_keys;
    const std::size_t place = server < of_server.size() ? of_server[server] : none;
    return place < sets.size() ? sets[place] : no_keys;
}

tickets find_tickets(const config::settings& settings, std::shared_ptr<certs::ticket_source> made,
                     config::problems& found) {
    return finder(settings, std::move(made), found).find();
}

}  // namespace postern::session
