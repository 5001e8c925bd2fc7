#include "certs/shown.hpp"

#include "certs/sessions.hpp"
#include "certs/store.hpp"
#include "certs/words.hpp"
#include "config/folded.hpp"
#include "config/network.hpp"

#include <algorithm>
#include <map>

namespace postern::certs {

using config::problems;

struct certificate_and_key {
    x509_ptr leaf;
    chain_ptr issuers;
    pkey_ptr key;
};

struct named_certificates {
    std::vector<std::shared_ptr<const identity>> identities;
    std::vector<staple_slot_ptr> staples;               // parallel, or fewer
    std::vector<certificate_and_key> parsed;            // parallel; without a leaf until it is shown
    std::map<std::string, store, std::less<>> by_kind;  // of key: from a name to an index
    OSSL_LIB_CTX* libctx = nullptr;
    const char* properties = nullptr;
};

namespace {

x509_ptr parse_certificate(const der& from, const named_certificates& in) {
    x509_ptr made(X509_new_ex(in.libctx, in.properties));
    X509* raw = made.release();
    const auto* at = from.data();
    // On failure OpenSSL frees what it was given and leaves a null.
    d2i_X509(&raw, &at, static_cast<long>(from.size()));
    return x509_ptr(raw);
}

pkey_ptr parse_key(const secret& from, const named_certificates& in) {
    const auto* at = from.bytes().data();
    const auto length = static_cast<long>(from.bytes().size());
    return pkey_ptr(d2i_AutoPrivateKey_ex(nullptr, &at, length, in.libctx, in.properties));
}

// Without a leaf when OpenSSL cannot make it out.
certificate_and_key parse(const identity& id, const named_certificates& in) {
    certificate_and_key made{nullptr, chain_ptr(sk_X509_new_null()), parse_key(id.key, in)};
    if (!made.key || !made.issuers || id.chain.empty()) return made;
    for (std::size_t i = 1; i < id.chain.size(); ++i) {
        auto issuer = parse_certificate(id.chain[i], in);
        if (!issuer || sk_X509_push(made.issuers.get(), issuer.get()) == 0) return made;
        static_cast<void>(issuer.release());
    }
    made.leaf = parse_certificate(id.chain.front(), in);
    return made;
}

// Parsing one takes OpenSSL 3.0 half a millisecond, and a folder may hold thousands: each is parsed when it is first
// shown. Null when OpenSSL cannot make it out.
const certificate_and_key* find_or_parse(named_certificates& all, std::size_t i, SSL_CTX* context) {
    auto& made = all.parsed[i];
    if (made.leaf) return &made;
    made = parse(*all.identities[i], all);
    if (!made.leaf) return nullptr;
    if (i < all.staples.size() && all.staples[i])
        session_rules::of(context).stapled.push_back({made.leaf.get(), all.staples[i]});
    return &made;
}

// "EC prime256v1" and "EC secp384r1" are of one kind: OpenSSL has one place for each.
std::string_view kind_of(const identity& id) { return std::string_view(id.key_type).substr(0, id.key_type.find(' ')); }

std::vector<std::size_t> find_by_name(const named_certificates& all, std::string_view sni) {
    const std::string name = config::folded_name(sni);
    std::vector<std::size_t> found;
    // An address in place of a name counts as none (RFC 6066 section 3).
    if (config::is_address(name)) return found;
    for (const auto& [kind, names] : all.by_kind)
        if (const auto at = names.find(name)) found.push_back(*at);
    return found;
}

int show_by_name(SSL* ssl, void* ours) {
    auto& named = *static_cast<named_certificates*>(ours);
    const char* sni = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
    if (sni == nullptr) return 1;
    bool first = true;
    for (const auto at : find_by_name(named, sni)) {
        const auto* shown = find_or_parse(named, at, SSL_get_SSL_CTX(ssl));
        if (shown == nullptr) return 0;
        if (first) SSL_certs_clear(ssl);
        first = false;
        if (SSL_use_cert_and_key(ssl, shown->leaf.get(), shown->key.get(), shown->issuers.get(), 1) != 1) return 0;
    }
    return 1;
}

// Whether the identity has a name that none before it with its kind of key has.
bool add_names(named_certificates& to, const identity& id, std::size_t index) {
    auto& names = to.by_kind[std::string(kind_of(id))];
    bool added = false;
    for (const auto& name : id.names) {
        const std::string low = config::folded_name(name);
        names.add(low, index);
        const auto probe = low.starts_with("*.") ? "any" + low.substr(1) : low;
        added = added || names.find(probe) == index;
    }
    return added;
}

}  // namespace

void use_identities(SSL_CTX* context, const context_plan& plan, const library& in, problems& found) {
    const auto& all = plan.identities;
    if (all.empty() && !plan.settings->reject_handshake) refuse(found, "certificate", "a TLS server needs one");
    const auto key = [](std::size_t i) { return "certificate[" + std::to_string(i) + "]"; };
    auto named = std::make_shared<named_certificates>();
    named->identities = all;
    named->staples = plan.staples;
    named->parsed.resize(all.size());
    named->libctx = in.handle();
    named->properties = in.properties();
    bool several = false;
    std::vector<std::size_t> needed;  // now
    for (std::size_t i = 0; i < all.size(); ++i) {
        const bool again = named->by_kind.contains(kind_of(*all[i]));
        several = several || again;
        if (!again || plan.check_all) needed.push_back(i);
        if (!add_names(*named, *all[i], i) && again)
            refuse(found, key(i), "a second certificate with the same kind of key, and no name of its own",
                   all[i]->key_type, "one with RSA and one with EC, for instance, or other names");
    }
    // Backwards: of each kind the context keeps the one that it is given last.
    for (auto i = needed.rbegin(); i != needed.rend(); ++i) {
        const auto* made = find_or_parse(*named, *i, context);
        const bool usable = made != nullptr && SSL_CTX_use_cert_and_key(context, made->leaf.get(), made->key.get(),
                                                                        made->issuers.get(), 1) == 1;
        if (!usable) refuse(found, key(*i), "OpenSSL refuses it: " + take_errors());
    }
    if (!several) return;
    SSL_CTX_set_cert_cb(context, show_by_name, named.get());
    session_rules::of(context).named = std::move(named);
}

std::vector<std::size_t> identities_for(SSL_CTX* context, std::string_view name) {
    const auto& named = session_rules::of(context).named;
    return named && !name.empty() ? find_by_name(*named, name) : std::vector<std::size_t>();
}

std::optional<shown_certificate> show_identity(SSL_CTX* context, std::size_t index) {
    const auto* made = find_or_parse(*session_rules::of(context).named, index, context);
    if (made == nullptr) return std::nullopt;
    return shown_certificate{made->leaf.get(), made->issuers.get(), made->key.get()};
}

std::size_t parsed_certificates(SSL_CTX* context) {
    const auto& named = session_rules::of(context).named;
    if (!named) return 0;
    const auto& all = named->parsed;
    return static_cast<std::size_t>(
        std::count_if(all.begin(), all.end(), [](const auto& one) { return one.leaf != nullptr; }));
}

}  // namespace postern::certs
