#include "proxy/tls/tls13_choice.hpp"

#include "proxy/tls/numbers.hpp"
#include "proxy/tls/reader.hpp"

#include <algorithm>

namespace postern::tls {
namespace {

using bytes = std::span<const std::uint8_t>;

constexpr std::uint8_t tls_1_3_offered = 1 << 3;
constexpr std::uint16_t tls_1_2 = 0x0303;
constexpr std::uint16_t chacha20 = 0x1303;
constexpr std::uint8_t psk_dhe_ke = 1;

// In a well-formed list of 16-bit numbers.
bool has(bytes list, std::uint16_t number) {
    for (reader r(list); !r.at_end();)
        if (r.number(2) == number) return true;
    return false;
}

// A client that has ChaCha20 first has no instructions for AES. What is no suite does not count before it: GREASE and the
// two signals (RFC 5746, RFC 7507).
bool begins_with_chacha(bytes ciphers) {
    for (const auto id : numbers(ciphers))
        if (id != 0x00ff && id != 0x5600) return id == chacha20 || (id >= 0xcca8 && id <= 0xccae);
    return false;
}

const cipher_suite* choose_suite(bytes offered, const tls13_terms& terms) {
    if (!terms.our_order) {
        for (reader r(offered); !r.at_end();)
            if (const auto id = static_cast<std::uint16_t>(r.number(2)); std::ranges::count(terms.suites, id) != 0)
                return find_suite(id);
        return nullptr;
    }
    const auto is_ours = [&](std::uint16_t id) { return std::ranges::count(terms.suites, id) != 0; };
    if (terms.chacha_first && is_ours(chacha20) && has(offered, chacha20) && begins_with_chacha(offered))
        return find_suite(chacha20);
    for (const auto id : terms.suites)
        if (has(offered, id)) return find_suite(id);
    return nullptr;
}

// The first share of a group that both have, if it is of X25519 and there is none that we prefer, which libssl 3.5 takes
// wherever it stands.
bytes choose_share(const client_hello& hello, const std::vector<std::uint16_t>& ours) {
    const auto rank = std::ranges::find(ours, group::x25519);
    bytes chosen;
    for (reader r(hello.key_shares); !r.at_end();) {
        const auto of = static_cast<std::uint16_t>(r.number(2));
        const auto share = r.vector(2);
        // libssl refuses a share of a group that the client does not list.
        if (!has(hello.groups, of) || std::find(ours.begin(), rank, of) != rank) return {};
        if (chosen.empty() && std::ranges::count(ours, of) != 0) {
            if (of != group::x25519 || share.size() != 32) return {};
            chosen = share;
        }
    }
    return chosen;
}

const tls13_signer* choose_signer(bytes offered, const tls13_terms& terms) {
    // By the client's order one of two would have to be chosen among all that they can do, and of RSA one of three hashes.
    using signature_scheme::rsa_pss_rsae_sha256;
    if (!terms.our_order && (terms.signers.size() > 1 || terms.signers.front().scheme == rsa_pss_rsae_sha256))
        return nullptr;
    const auto found = std::ranges::find_if(terms.signers, [&](const auto& s) { return has(offered, s.scheme); });
    return found == terms.signers.end() ? nullptr : &*found;
}

// RFC 7301 section 3.2: our first that the client has. Empty when there is none.
std::string_view choose_protocol(bytes offered, std::string_view ours) {
    const auto theirs = names(offered);
    for (reader r({reinterpret_cast<const std::uint8_t*>(ours.data()), ours.size()}); !r.at_end();) {
        const auto one = r.vector(1);
        const std::string_view name(reinterpret_cast<const char*>(one.data()), one.size());
        if (std::ranges::count(theirs, name) != 0) return name;
    }
    return {};
}

// Nothing unless it is one alone.
std::optional<offered_key> read_keys(bytes body, bytes message) {
    reader r(body);
    reader identities(r.vector(2));
    const auto ticket = identities.vector(2);
    identities.number(4);
    const std::size_t at = body.size() - 2 - r.vector(2).size();
    reader binders(body.subspan(at + 2));
    const auto binder = binders.vector(1);
    if (!identities.done() || !binders.done()) return std::nullopt;
    // The extension is the message's end, and the binders are the extension's.
    return offered_key{ticket, binder, message.size() - (body.size() - at)};
}

enum class staple_wish : std::uint8_t {
    none,        // of another type than OCSP, of which nothing is known
    ocsp,        // by whatever responder
    for_libssl,  // malformed, or with responders or extensions, which only libssl reads
};

// RFC 6066 section 8.
staple_wish read_status_request(bytes body) {
    constexpr std::uint8_t ocsp = 1;
    reader r(body);
    if (r.number(1) != ocsp) return r.ok() ? staple_wish::none : staple_wish::for_libssl;
    const bool plain = r.vector(2).empty() && r.vector(2).empty();
    return plain && r.done() ? staple_wish::ocsp : staple_wish::for_libssl;
}

// RFC 8446 section 4.2.4.
bool is_list_of_names(bytes body) {
    reader r(body);
    const auto list = r.vector(2);
    reader each(list);
    while (!each.at_end()) each.vector(2);
    return r.done() && each.ok() && !list.empty();
}

struct extensions {
    bool good = true;  // nothing that only libssl can do
    bool wants_staple = false;
    bool takes_tickets = false;
    std::optional<offered_key> key;
};

extensions read_extensions(const client_hello& hello) {
    using enum extension_type;
    extensions all;
    for (reader r(hello.extensions); !r.at_end();) {
        const auto type = static_cast<extension_type>(r.number(2));
        const auto body = r.vector(2);
        switch (type) {
            case max_fragment_length:
            case early_data:
            case cookie:
            case signature_algorithms_cert: all.good = false; break;
            case psk_key_exchange_modes: {
                reader modes(body);
                const auto list = modes.vector(1);
                if (!modes.done() || list.empty()) all.good = false;
                all.takes_tickets = std::ranges::count(list, psk_dhe_ke) != 0;
                break;
            }
            case status_request: {
                const auto wish = read_status_request(body);
                if (wish == staple_wish::for_libssl) all.good = false;
                all.wants_staple = wish == staple_wish::ocsp;
                break;
            }
            case certificate_authorities: all.good = all.good && is_list_of_names(body); break;
            case post_handshake_auth: all.good = all.good && body.empty(); break;
            case pre_shared_key:
                all.key = read_keys(body, hello.message);
                if (!all.key) all.good = false;
                break;
            default: break;
        }
    }
    // A key with which only a resumption without a key exchange would do.
    if (all.key && !all.takes_tickets) all.good = false;
    return all;
}

bool is_plain(const client_hello& hello) {
    return (hello.versions & tls_1_3_offered) != 0 && hello.legacy_version == tls_1_2 &&
           hello.compressions.size() == 1 && hello.compressions[0] == 0 && has(hello.groups, group::x25519);
}

}  // namespace

std::optional<tls13_choice> choose(const client_hello& hello, const tls13_terms& terms) {
    if (!is_plain(hello)) return std::nullopt;
    const auto all = read_extensions(hello);
    tls13_choice made;
    made.suite = choose_suite(hello.ciphers, terms);
    made.share = choose_share(hello, terms.rules->groups);
    made.signer = choose_signer(hello.signature_algorithms, terms);
    if (!all.good || made.suite == nullptr || made.share.empty() || made.signer == nullptr) return std::nullopt;
    if (!terms.rules->alpn.empty() && !hello.alpn.empty()) {
        made.alpn = choose_protocol(hello.alpn, terms.rules->alpn);
        if (made.alpn.empty()) return std::nullopt;
    }
    made.wants_staple = all.wants_staple;
    made.takes_tickets = all.takes_tickets;
    made.resumes = all.key;
    return made;
}

}  // namespace postern::tls
