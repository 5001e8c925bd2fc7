#include "proxy/session/snapshot.hpp"

#include "certs/dhparam.hpp"
#include "certs/folder.hpp"
#include "proxy/ops/file_state.hpp"
#include "proxy/session/caches.hpp"
#include "proxy/session/client_variables.hpp"
#include "proxy/session/contexts.hpp"
#include "proxy/session/lost_names.hpp"
#include "proxy/session/tickets.hpp"

#include <algorithm>
#include <array>
#include <ctime>
#include <filesystem>
#include <map>

namespace postern::session {
namespace {

using config::problem;
using config::problems;

std::string key_of(std::size_t server) { return "servers[" + std::to_string(server) + "]"; }

// Problems of a room that sees only the ssl block: the full key and its place are added here.
void take_over(problems& all, problems part, const std::string& prefix, const config::document& doc) {
    for (auto& p : part) {
        if (!prefix.empty()) p.key = p.key.empty() ? prefix : prefix + "." + p.key;
        p.where = doc.place_of(p.key);
        all.push_back(std::move(p));
    }
}

identities load_identities(const config::ssl& ssl, problems& found) {
    identities loaded;
    const auto load = [&](std::size_t index, const std::string& certificate, const std::string& key) {
        if (auto identity = certs::load_identity(index, certificate, key, ssl.password_file, found))
            loaded.push_back(std::move(identity));
    };
    for (std::size_t i = 0; i < ssl.certificate.size(); ++i) {
        const auto& certificate = ssl.certificate[i];
        const bool keyed = i < ssl.certificate_key.size();
        if (!certs::is_folder(certificate)) {
            // One combined file may hold the key too (nginx).
            load(i, certificate, keyed ? ssl.certificate_key[i] : certificate);
            continue;
        }
        const auto folder = certs::read_folder(certificate);
        problem trouble;
        trouble.key = "certificate[" + std::to_string(i) + "]";
        if (keyed) {
            // Whatever comes into the folder: so it is not named as what was found.
            trouble.what = "a folder of certificates has their keys in it: leave out certificate_key";
        } else {
            trouble.found = certificate;
            if (folder.pairs.empty()) trouble.what = "no *.pem and no *.crt in this folder";
            if (!folder.error.empty()) trouble.what = folder.error;
        }
        if (!trouble.what.empty()) found.push_back(std::move(trouble));
        for (const auto& pair : folder.pairs) load(i, pair.certificate, pair.key);
    }
    return loaded;
}

void check_state_directory(const config::settings& settings, problems& found, const config::document& doc) {
    std::error_code error;
    const auto& folder = settings.state_directory;
    if (folder.empty() || std::filesystem::is_directory(folder, error)) return;
    problem p;
    p.key = "state_directory";
    p.where = doc.place_of(p.key);
    p.what = error ? error.message() : "not a folder";
    p.found = folder;
    p.allowed = "a folder that postern may write to";
    found.push_back(std::move(p));
}

listen_address make_address(const config::endpoint& endpoint, problem& trouble) {
    listen_address made;
    made.endpoint = endpoint;
    made.name = config::to_string(endpoint);
    auto numeric = upstream::to_address(endpoint);
    if (numeric) {
        made.address = *numeric;
    } else {
        trouble.what = "a listen address is an IP address, not a name";
        trouble.found = made.name;
        trouble.allowed = "443, 127.0.0.1:443 or [::1]:443";
    }
    return made;
}

// HTTP servers choose by ALPN among the versions of HTTP that are spoken (nginx), unless the operator says among which.
void offer_http(config::settings& all) {
    for (auto& server : all.servers)
        if (server.ssl && server.ssl->alpn.empty() && server.proxy_pass.type != config::destination::kind::tcp)
            server.ssl->alpn = {"http/1.1", "http/1.0"};
}

// A session that goes on knows the client's certificate, but not what it had shown behind it.
void keep_chains(config::settings& all) {
    for (auto& server : all.servers) {
        if (!server.ssl || !server.client_cert_chain_header) continue;
        server.ssl->session_tickets = false;
        server.ssl->session_cache = {config::session_cache::kind::off, {}, 0};
    }
}

bool tell_offers(const config::text_template& text) {
    return std::any_of(text.begin(), text.end(), [](const auto& p) { return p.value && is_of_the_hello(*p.value); });
}

bool tell_offers(const std::vector<config::header_template>& headers) {
    return std::any_of(headers.begin(), headers.end(), [](const auto& h) { return tell_offers(h.value); });
}

bool tells_offers(const config::server& s) {
    const auto in_location = [](const config::location& l) {
        return (l.proxy_set_header && tell_offers(*l.proxy_set_header)) ||
               (l.add_header && tell_offers(*l.add_header)) || (l.return_ && tell_offers(l.return_->text));
    };
    return tell_offers(s.proxy_set_header) || tell_offers(s.add_header) ||
           (s.return_ && tell_offers(s.return_->text)) ||
           std::any_of(s.locations.begin(), s.locations.end(), in_location);
}

// Reads each set of files once.
class trust_loader {
public:
    std::shared_ptr<const certs::trust> load(const config::ssl& ssl, problems& found) {
        auto& known = known_[{ssl.client_certificate, ssl.trusted_certificate, ssl.crl}];
        if (!known) known = certs::load_trust(ssl, found);
        return known;
    }

private:
    std::map<std::array<std::string, 3>, std::shared_ptr<const certs::trust>> known_;
};

void add_addresses(snapshot& into, problems& found, const config::document& doc) {
    const auto& servers = into.settings.servers;
    for (std::size_t s = 0; s < servers.size(); ++s) {
        for (const auto& endpoint : servers[s].listen) {
            auto at = std::find_if(into.addresses.begin(), into.addresses.end(),
                                   [&](const auto& a) { return a.endpoint == endpoint; });
            if (at == into.addresses.end()) {
                problem trouble;
                into.addresses.push_back(make_address(endpoint, trouble));
                at = std::prev(into.addresses.end());
                at->default_server = s;
                if (!trouble.what.empty()) {
                    trouble.key = "listen";
                    take_over(found, {trouble}, key_of(s), doc);
                }
            }
            at->servers.push_back(s);
            if (servers[s].default_server) at->default_server = s;
            for (const auto& name : servers[s].server_name) at->names.add(name, s);
        }
    }
}

void warn_of_lost_names(const snapshot& before, const snapshot& now, problems& found, const config::document& doc) {
    for (const auto& lost : find_lost_names(before, now)) {
        problem p;
        p.level = config::severity::warning;
        p.key = "certificate";
        p.what = "what was served before had a certificate for a name that none is for now";
        p.found = ops::list_of(lost.names);
        take_over(found, {std::move(p)}, key_of(lost.server) + ".ssl", doc);
    }
}

}  // namespace

std::size_t listen_address::choose(std::string_view name_of_client) const {
    return names.find(name_of_client).value_or(default_server);
}

const listen_address* snapshot::find(const config::endpoint& e) const {
    const auto at = std::find_if(addresses.begin(), addresses.end(), [&](const auto& a) { return a.endpoint == e; });
    return at == addresses.end() ? nullptr : &*at;
}

loaded make_snapshot(config::document doc, std::shared_ptr<certs::ticket_source> made_tickets,
                     const certs::library& library, const snapshot* before) {
    auto made = std::make_shared<snapshot>();
    made->settings = doc.settings;
    offer_http(made->settings);
    keep_chains(made->settings);
    const auto& all = made->settings.servers;
    made->tells_offers = std::any_of(all.begin(), all.end(), tells_offers);
    trust_loader trust;
    made->caches = share_caches(made->settings, before);
    problems found = doc.problems;
    problems of_tickets;
    made->tickets = find_tickets(made->settings, std::move(made_tickets), of_tickets);
    take_over(found, std::move(of_tickets), "", doc);
    const auto keys = made->tickets.keys();
    check_state_directory(made->settings, found, doc);
    const auto now = std::chrono::system_clock::now();
    for (std::size_t s = 0; s < doc.settings.servers.size(); ++s) {
        const auto& ssl = made->settings.servers[s].ssl;
        const std::string prefix = key_of(s) + ".ssl";
        problems here;
        made->identities.push_back(ssl ? load_identities(*ssl, here) : identities{});
        made->trust.push_back(ssl ? trust.load(*ssl, here) : nullptr);
        const bool has_dh = ssl && !ssl->dhparam.empty();
        made->dh_parameters.push_back(has_dh ? certs::load_dh_parameters(ssl->dhparam, here) : nullptr);
        auto& orders = made->staples.emplace_back();
        if (ssl && !ssl->reject_handshake && !config::has_error(here)) {
            orders = certs::make_staple_orders(*ssl, made->identities[s], made->settings.state_directory, now, here);
            const context_parts parts{.tickets = made->tickets.of(s, keys), .check_all = true};
            static_cast<void>(make_server_context(*made, s, parts, library, here));
        }
        take_over(found, std::move(here), prefix, doc);
    }
    add_addresses(*made, found, doc);
    if (before != nullptr && !config::has_error(found)) warn_of_lost_names(*before, *made, found, doc);
    const bool usable = !config::has_error(found);
    return {usable ? std::move(made) : nullptr, std::move(found)};
}

config::problems check_files(const config::document& doc) {
    config::document files = doc;
    files.problems.clear();
    const certs::library library;
    return make_snapshot(std::move(files), certs::made_tickets(std::time(nullptr)), library).problems;
}

}  // namespace postern::session
