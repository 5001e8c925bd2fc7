#include "proxy/tls/client_hello.hpp"

#include "proxy/tls/numbers.hpp"
#include "proxy/tls/reader.hpp"

#include <algorithm>
#include <array>
#include <bitset>
#include <cstring>
#include <optional>

namespace postern::tls {
namespace {

using bytes = std::span<const std::uint8_t>;

constexpr std::size_t record_header = 5;
constexpr std::size_t handshake_header = 4;
constexpr std::size_t largest_fragment = 16 * 1024;
// Bounds the walk that each new segment costs; what a client has reason to send is far below.
constexpr std::size_t most_records = 1000;
constexpr std::uint8_t record_handshake = 22;
constexpr std::uint8_t message_client_hello = 1;

hello_result refuse(reason why) { return {hello_status::refused, why}; }

// What the first bytes are, when they are no TLS record.
std::optional<hello_result> check_first_bytes(bytes b) {
    if (b[0] == record_handshake) {
        if (b.size() >= 2 && b[1] != 3) return refuse(reason::not_tls);
        return std::nullopt;
    }
    // SSLv2 (RFC 5246, appendix E.2): a two-byte length with the top bit set, then the message type.
    if ((b[0] & 0x80) != 0) {
        if (b.size() < 3) return hello_result{};
        return refuse(b[2] == message_client_hello ? reason::sslv2_hello : reason::not_tls);
    }
    if (b[0] >= 'A' && b[0] <= 'Z') {
        if (b.size() < 4) return hello_result{};
        // Four bytes tell the methods from everything else; the shortest has four, and PRI begins HTTP/2.
        static constexpr std::array<std::string_view, 10> methods{"GET ", "HEAD", "POST", "PUT ", "DELE",
                                                                  "OPTI", "CONN", "TRAC", "PATC", "PRI "};
        const std::string_view word(reinterpret_cast<const char*>(b.data()), 4);
        const bool http = std::find(methods.begin(), methods.end(), word) != methods.end();
        return refuse(http ? reason::plain_http : reason::not_tls);
    }
    return refuse(reason::not_tls);
}

// How far the handshake message goes, judged by headers alone.
struct extent {
    hello_status status = hello_status::need_more;
    reason why = reason::bad_client_hello;
    std::size_t size = 0;  // of the message with its header
    std::size_t records = 0;
};

extent measure(bytes received) {
    std::array<std::uint8_t, handshake_header> head{};
    std::size_t have = 0;  // of the message, in the records before this one
    std::size_t at = 0;
    for (std::size_t records = 1;; ++records) {
        if (records > most_records || at + record_header > largest_hello)
            return {hello_status::refused, reason::hello_too_large};
        const bytes rest = received.subspan(at);
        if (!rest.empty() && rest[0] != record_handshake) return {hello_status::refused};
        if (rest.size() >= 2 && rest[1] != 3) return {hello_status::refused};
        if (rest.size() < record_header) return {};
        const std::size_t length = std::size_t{rest[3]} << 8 | rest[4];
        if (length == 0 || length > largest_fragment) return {hello_status::refused};
        const std::size_t here = std::min(length, rest.size() - record_header);
        for (std::size_t i = 0; i < here && have + i < handshake_header; ++i) head[have + i] = rest[record_header + i];
        if (have + here >= 1 && head[0] != message_client_hello) return {hello_status::refused};
        std::size_t size = 0;
        if (have + here >= handshake_header) {
            size = handshake_header + (std::size_t{head[1]} << 16 | std::size_t{head[2]} << 8 | head[3]);
            // Nothing may follow the hello in its record (RFC 8446, section 5.1).
            if (have + length > size) return {hello_status::refused};
            if (at + record_header + (size - have) > largest_hello)
                return {hello_status::refused, reason::hello_too_large};
        }
        if (here < length) return {};
        have += length;
        at += record_header + length;
        if (have == size) return {hello_status::complete, {}, size, records};
    }
}

std::unique_ptr<std::uint8_t[]> join(bytes received, const extent& whole) {
    auto message = std::make_unique<std::uint8_t[]>(whole.size);
    for (std::size_t done = 0; done < whole.size;) {
        const std::size_t length = std::size_t{received[3]} << 8 | received[4];
        std::memcpy(message.get() + done, received.data() + record_header, length);
        done += length;
        received = received.subspan(record_header + length);
    }
    return message;
}

// A body that is one vector of 16-bit numbers, at least one.
bool read_numbers(bytes body, std::size_t width, bytes& list) {
    reader r(body);
    list = r.vector(width);
    return r.done() && !list.empty() && list.size() % 2 == 0;
}

bool read_alpn(bytes body, client_hello& hello) {
    reader r(body);
    hello.alpn = r.vector(2);
    if (!r.done() || hello.alpn.empty()) return false;
    reader each(hello.alpn);
    while (!each.at_end())
        if (each.vector(1).empty()) return false;
    return each.ok();
}

std::uint8_t version_bit(std::uint32_t version) { return static_cast<std::uint8_t>(1u << (version - 0x0301)); }

bool read_versions(bytes body, client_hello& hello) {
    bytes list;
    if (!read_numbers(body, 1, list)) return false;
    hello.versions = 0;
    for (reader each(list); !each.at_end();)
        if (const auto v = each.number(2); v >= 0x0301 && v <= 0x0304) hello.versions |= version_bit(v);
    return true;
}

bool read_key_shares(bytes body, client_hello& hello) {
    reader r(body);
    hello.key_shares = r.vector(2);
    // An empty list asks for a HelloRetryRequest. Each group may have one share (RFC 8446 section 4.2.8), and libssl
    // walks the groups for each.
    constexpr std::size_t most_shares = 64;
    reader each(hello.key_shares);
    for (std::size_t n = 0; !each.at_end(); ++n) {
        each.number(2);
        if (each.vector(2).empty() || n == most_shares) return false;
    }
    return r.done() && each.ok();
}

bool read_pre_shared_keys(bytes body, client_hello& hello) {
    reader r(body);
    reader identities(r.vector(2));
    reader binders(r.vector(2));
    if (!r.done() || identities.at_end() || binders.at_end()) return false;
    for (bool first = true; !identities.at_end(); first = false) {
        const bytes identity = identities.vector(2);
        identities.number(4);  // obfuscated age
        if (identity.empty()) return false;
        if (first) hello.ticket = identity;
    }
    while (!binders.at_end())
        if (binders.vector(1).size() < 32) return false;
    hello.offers_resumption = true;
    return identities.ok() && binders.ok();
}

bool read_extension(extension_type type, bytes body, client_hello& hello) {
    using enum extension_type;
    switch (type) {
        case server_name: {
            auto name = read_server_name(body);
            if (!name) return false;
            hello.sni_present = true;
            hello.server_name = std::move(*name);
            return true;
        }
        case supported_groups: return read_numbers(body, 2, hello.groups);
        case signature_algorithms: return read_numbers(body, 2, hello.signature_algorithms);
        case application_layer_protocol_negotiation: return read_alpn(body, hello);
        case session_ticket:  // RFC 5077; empty: one is wanted
            hello.ticket = body;
            hello.offers_resumption |= !body.empty();
            return true;
        case pre_shared_key: return read_pre_shared_keys(body, hello);
        case supported_versions: return read_versions(body, hello);
        case key_share: return read_key_shares(body, hello);
        default: return true;
    }
}

bool read_extensions(bytes block, client_hello& hello) {
    std::bitset<0x10000> seen;
    for (reader r(block); !r.at_end();) {
        const auto type = r.number(2);
        const bytes body = r.vector(2);
        if (!r.ok() || seen.test(type)) return false;
        seen.set(type);
        const auto kind = static_cast<extension_type>(type);
        if (kind == extension_type::pre_shared_key && !r.at_end())
            return false;  // RFC 8446, section 4.2.11: the last one
        if (!read_extension(kind, body, hello)) return false;
    }
    return true;
}

bool read_message(bytes message, client_hello& hello) {
    reader r(message.subspan(handshake_header));
    hello.message = message;
    const auto legacy = r.number(2);
    hello.legacy_version = static_cast<std::uint16_t>(legacy);
    // TLS 1.3 is offered in supported_versions alone.
    for (std::uint32_t v = 0x0301; v <= std::min(legacy, 0x0303u); ++v) hello.versions |= version_bit(v);
    r.take(32);  // random
    hello.session_id = r.vector(1);
    hello.ciphers = r.vector(2);
    hello.compressions = r.vector(1);
    if (!r.ok() || hello.session_id.size() > 32 || hello.ciphers.empty() || hello.ciphers.size() % 2 != 0 ||
        hello.compressions.empty())
        return false;
    // Before TLS 1.3 there was no need for extensions.
    if (!r.at_end()) {
        hello.extensions = r.vector(2);
        if (!r.done() || !read_extensions(hello.extensions, hello)) return false;
    }
    // In TLS 1.3 the session id is a disguise and not an offer (RFC 8446, appendix D.4).
    if ((hello.versions & version_bit(0x0304)) == 0) hello.offers_resumption |= !hello.session_id.empty();
    return true;
}

// RFC 8701: values that mean nothing and must be passed over.
bool grease(std::uint32_t value) { return (value & 0x0f0f) == 0x0a0a && (value >> 8) == (value & 0xff); }

}  // namespace

hello_result read_client_hello(bytes received) {
    if (received.empty()) return {};
    if (auto early = check_first_bytes(received)) return std::move(*early);
    const extent whole = measure(received);
    if (whole.status != hello_status::complete) return {whole.status, whole.why};
    hello_result result{hello_status::complete};
    bytes message = received.subspan(record_header).first(std::min(whole.size, received.size() - record_header));
    if (whole.records > 1) {
        result.joined = join(received, whole);
        message = {result.joined.get(), whole.size};
    }
    if (!read_message(message, result.hello)) return refuse(reason::bad_client_hello);
    return result;
}

std::vector<std::uint16_t> numbers(bytes list) {
    std::vector<std::uint16_t> all;
    for (reader r(list); !r.at_end();)
        if (const auto n = r.number(2); r.ok() && !grease(n)) all.push_back(static_cast<std::uint16_t>(n));
    return all;
}

std::vector<std::string_view> names(bytes list) {
    std::vector<std::string_view> all;
    for (reader r(list); !r.at_end();)
        if (const auto n = r.vector(1); r.ok()) all.emplace_back(reinterpret_cast<const char*>(n.data()), n.size());
    return all;
}

std::vector<std::uint16_t> key_share_groups(bytes list) {
    std::vector<std::uint16_t> all;
    for (reader r(list); !r.at_end();) {
        const auto group = r.number(2);
        r.vector(2);
        if (r.ok() && !grease(group)) all.push_back(static_cast<std::uint16_t>(group));
    }
    return all;
}

}  // namespace postern::tls
