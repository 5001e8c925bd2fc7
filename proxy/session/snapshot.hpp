// The settings, identities and routes of one configuration as immutable values, shared by all workers.
// A loader thread makes it and checks everything in it that can fail; workers make their TLS contexts from it.
#pragma once

#include "certs/identity.hpp"
#include "certs/library.hpp"
#include "certs/session_cache.hpp"
#include "certs/staple_order.hpp"
#include "certs/store.hpp"
#include "certs/ticket_source.hpp"
#include "certs/trust.hpp"
#include "config/document.hpp"
#include "proxy/upstream/address.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::session {

using identities = std::vector<std::shared_ptr<const certs::identity>>;
using staple_orders = std::vector<certs::staple_order_ptr>;
using session_caches = std::vector<std::shared_ptr<certs::session_cache>>;
using ticket_key_sets = std::vector<std::shared_ptr<const certs::ticket_keys>>;

// Whose ticket keys servers have. The sources outlive the snapshot as session caches do.
struct tickets {
    struct use {
        std::shared_ptr<certs::ticket_source> from;
        certs::ticket_terms terms;
    };
    static constexpr std::size_t none = static_cast<std::size_t>(-1);

    std::vector<use> sources;
    std::vector<std::size_t> of_server;  // parallel to settings.servers: an index into `sources`, or none

    // Of each source, as of its last turn.
    [[nodiscard]] ticket_key_sets keys() const;
    // The server's among `sets`, one of each source; null where it has no tickets.
    [[nodiscard]] const std::shared_ptr<const certs::ticket_keys>& of(std::size_t server,
                                                                      const ticket_key_sets& sets) const;
};

// One address we listen on, and which of the servers on it a name means.
struct listen_address {
    config::endpoint endpoint;
    std::string name;  // the endpoint as text, for logs
    upstream::address address;
    std::vector<std::size_t> servers;  // indices into settings.servers; the first is the default unless one says it is
    certs::store names;                // server_name -> index into settings.servers

    // The server for this SNI (folded; empty when there was none), nginx's order: exact, *.x, x.*, default.
    [[nodiscard]] std::size_t choose(std::string_view name_of_client) const;
    std::size_t default_server = 0;
};

struct snapshot {
    config::settings settings;
    std::vector<session::identities> identities;  // parallel to settings.servers
    std::vector<staple_orders> staples;           // parallel to identities, null where nothing is stapled
    // Likewise, null where no authority is named. Servers that name the same files share it.
    std::vector<std::shared_ptr<const certs::trust>> trust;
    std::vector<std::shared_ptr<const std::string>> dh_parameters;  // likewise; PEM, null where there are none
    // Some header or answer tells what clients have offered in their hellos (nginx's $ssl_ciphers and its like).
    bool tells_offers = false;
    std::vector<listen_address> addresses;
    session::tickets tickets;
    // Parallel to settings.servers, null where none is shared. They outlive the snapshot, and are no part of its values.
    session_caches caches;

    [[nodiscard]] const listen_address* find(const config::endpoint& e) const;
};

struct loaded {
    std::shared_ptr<const snapshot> made;  // null when a problem is an error
    config::problems problems;             // those of the document too
};

// Reads every file that `doc` names and makes each TLS context once, in `library`, to see that it can be made. Session
// caches of `before`, the snapshot that is served now, go on in the new one; null: there is none. `made_tickets` are the
// process's own keys, for servers that name neither a key nor a secret.
[[nodiscard]] loaded make_snapshot(config::document doc, std::shared_ptr<certs::ticket_source> made_tickets,
                                   const certs::library& library, const snapshot* before = nullptr);

// The same for `postern check`: the problems only, the document's own not repeated.
[[nodiscard]] config::problems check_files(const config::document& doc);

}  // namespace postern::session
