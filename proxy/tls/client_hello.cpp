#include "proxy/tls/client_hello.hpp"

#include "proxy/tls/reader.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace postern::tls {
namespace {

using bytes = std::span<const std::uint8_t>;

constexpr std::size_t record_header = 5;
constexpr std::size_t handshake_header = 4;
constexpr std::size_t largest_fragment = 16 * 1024;
// Bounds the walk that each new segment costs; the shortest sensible fragment makes far fewer.
constexpr std::size_t most_records = 1024;
constexpr std::uint8_t record_handshake = 22;
constexpr std::uint8_t message_client_hello = 1;

enum extension : std::uint32_t {
    server_name = 0,
    supported_groups = 10,
    alpn = 16,
    session_ticket = 35,
    pre_shared_key = 41,
    supported_versions = 43,
};

// RFC 8701: values that mean nothing and must be passed over.
bool grease(std::uint32_t value) { return (value & 0x0f0f) == 0x0a0a && (value >> 8 & 0xff) == (value & 0xff); }

hello_result refuse(reason why) { return {hello_status::refused, why, {}}; }

bool looks_like_http(bytes b) {
    static constexpr std::array<std::string_view, 9> methods{"GET ",     "HEAD ",    "POST ",  "PUT ",  "DELETE ",
                                                             "OPTIONS ", "CONNECT ", "TRACE ", "PATCH "};
    return std::any_of(methods.begin(), methods.end(), [&](std::string_view m) {
        // Four bytes tell every method from the rest, and the shortest has four.
        return b.size() >= 4 && std::equal(m.begin(), m.begin() + 4, b.begin());
    });
}

// What the first bytes are, when they are no TLS record.
std::optional<hello_result> check_first_bytes(bytes b) {
    if (b[0] == record_handshake) {
        if (b.size() >= 2 && b[1] != 3) return refuse(reason::not_tls);
        return std::nullopt;
    }
    // SSLv2: a two-byte length with the top bit set, then message type 1.
    if (b[0] & 0x80) {
        if (b.size() < 3) return hello_result{};
        return refuse(b[2] == message_client_hello ? reason::sslv2_hello : reason::not_tls);
    }
    if (b[0] >= 'A' && b[0] <= 'Z') {
        if (b.size() < 4) return hello_result{};
        return refuse(looks_like_http(b) ? reason::plain_http : reason::not_tls);
    }
    return refuse(reason::not_tls);
}

// The handshake message, gathered over records. `single` when it lies in one record, and needs no copy.
struct gathered {
    hello_status status = hello_status::need_more;
    reason why = reason::bad_client_hello;
    bytes single;
    std::vector<std::uint8_t> joined;
    [[nodiscard]] bytes message() const { return joined.empty() ? single : bytes(joined); }
};

gathered refuse_records(reason why) { return {hello_status::refused, why, {}, {}}; }

// Two walks: the first over headers alone tells whether the message is complete, so that a hello that comes byte by byte
// is not copied at each byte.
gathered gather(bytes received) {
    std::size_t wanted = 0;  // of the message, its header included; 0: not known yet
    std::size_t have = 0;
    std::array<std::uint8_t, handshake_header> head{};
    std::vector<bytes> fragments;
    for (std::size_t at = 0;;) {
        if (at >= largest_hello || fragments.size() == most_records) return refuse_records(reason::hello_too_large);
        const bytes rest = received.subspan(at);
        if (!rest.empty() && rest[0] != record_handshake) return refuse_records(reason::bad_client_hello);
        if (rest.size() >= 2 && rest[1] != 3) return refuse_records(reason::bad_client_hello);
        if (rest.size() < record_header) return {};
        const std::size_t length = static_cast<std::size_t>(rest[3]) << 8 | rest[4];
        if (length == 0 || length > largest_fragment) return refuse_records(reason::bad_client_hello);
        const bytes fragment = rest.subspan(record_header, std::min(length, rest.size() - record_header));
        for (std::size_t i = 0; i < fragment.size() && have + i < handshake_header; ++i) head[have + i] = fragment[i];
        have += fragment.size();
        fragments.push_back(fragment);
        if (have >= 1 && head[0] != message_client_hello) return refuse_records(reason::bad_client_hello);
        if (wanted == 0 && have >= handshake_header) {
            wanted = handshake_header + (std::size_t{head[1]} << 16 | std::size_t{head[2]} << 8 | head[3]);
            if (wanted > largest_hello) return refuse_records(reason::hello_too_large);
        }
        if (wanted != 0 && have >= wanted) break;
        if (fragment.size() < length) return {};
        at += record_header + length;
    }
    // Bytes behind the hello in its record: nothing may follow it before our answer.
    if (have > wanted) return refuse_records(reason::bad_client_hello);
    gathered whole{hello_status::complete, {}, {}, {}};
    if (fragments.size() == 1) {
        whole.single = fragments.front();
    } else {
        for (const bytes f : fragments) whole.joined.insert(whole.joined.end(), f.begin(), f.end());
    }
    return whole;
}

std::vector<std::uint16_t> numbers(bytes list) {
    std::vector<std::uint16_t> all;
    for (reader r(list); !r.at_end();)
        if (const auto n = r.number(2); r.ok() && !grease(n)) all.push_back(static_cast<std::uint16_t>(n));
    return all;
}

bool read_alpn(bytes body, client_hello& hello) {
    reader r(body);
    reader names(r.vector(2));
    if (!r.done() || names.at_end()) return false;
    while (!names.at_end()) {
        const bytes name = names.vector(1);
        if (name.empty()) return false;
        hello.alpn.emplace_back(name.begin(), name.end());
    }
    return names.ok();
}

bool read_versions(bytes body, client_hello& hello) {
    reader r(body);
    const bytes list = r.vector(1);
    if (!r.done() || list.empty() || list.size() % 2 != 0) return false;
    hello.highest_version = 0;
    for (const auto v : numbers(list)) hello.highest_version = std::max(hello.highest_version, v);
    return true;
}

bool read_groups(bytes body, client_hello& hello) {
    reader r(body);
    const bytes list = r.vector(2);
    if (!r.done() || list.empty() || list.size() % 2 != 0) return false;
    hello.groups = numbers(list);
    return true;
}

bool read_extension(std::uint32_t type, bytes body, client_hello& hello) {
    switch (type) {
        case server_name: {
            auto name = read_server_name(body);
            if (name) hello.server_name = std::move(*name);
            return name.has_value();
        }
        case alpn: return read_alpn(body, hello);
        case supported_versions: return read_versions(body, hello);
        case supported_groups: return read_groups(body, hello);
        case session_ticket: hello.offers_resumption |= !body.empty(); return true;
        case pre_shared_key: hello.offers_resumption = true; return true;
        default: return true;
    }
}

bool read_extensions(bytes block, client_hello& hello) {
    std::vector<std::uint32_t> seen;
    for (reader r(block); !r.at_end();) {
        const auto type = r.number(2);
        const bytes body = r.vector(2);
        if (!r.ok()) return false;
        seen.push_back(type);
        // RFC 8446, section 4.2.11: pre_shared_key is the last one.
        if (type == pre_shared_key && !r.at_end()) return false;
        if (!read_extension(type, body, hello)) return false;
    }
    std::sort(seen.begin(), seen.end());
    return std::adjacent_find(seen.begin(), seen.end()) == seen.end();
}

std::optional<client_hello> read_message(bytes message) {
    client_hello hello;
    reader r(message.subspan(handshake_header));
    hello.highest_version = static_cast<std::uint16_t>(r.number(2));
    r.take(32);  // random
    const bytes session_id = r.vector(1);
    const bytes ciphers = r.vector(2);
    const bytes compressions = r.vector(1);
    if (!r.ok() || session_id.size() > 32 || ciphers.empty() || ciphers.size() % 2 != 0 || compressions.empty())
        return std::nullopt;
    hello.ciphers = numbers(ciphers);
    if (r.at_end()) {
        hello.offers_resumption = !session_id.empty();
        return hello;
    }
    const bytes extensions = r.vector(2);
    if (!r.done() || !read_extensions(extensions, hello)) return std::nullopt;
    // In TLS 1.3 the session id is a disguise and not an offer (RFC 8446, appendix D.4).
    if (hello.highest_version < 0x0304) hello.offers_resumption |= !session_id.empty();
    return hello;
}

bool ip_literal(std::string_view name) {
    if (name.find(':') != std::string_view::npos) return true;
    const bool digits_and_dots = name.find_first_not_of("0123456789.") == std::string_view::npos;
    return digits_and_dots && std::count(name.begin(), name.end(), '.') == 3;
}

}  // namespace

std::optional<std::string> read_server_name(bytes extension) {
    reader r(extension);
    reader list(r.vector(2));
    const auto type = list.number(1);
    const bytes raw = list.vector(2);
    // One name, of type host_name: RFC 6066 allows no second of a type, and no other type has come into being.
    if (!r.done() || !list.done() || type != 0 || raw.empty() || raw.size() > 255) return std::nullopt;
    std::string name;
    for (const auto c : raw) {
        if (c <= ' ' || c >= 127) return std::nullopt;
        name.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : static_cast<char>(c));
    }
    if (name.back() == '.') name.pop_back();
    if (ip_literal(name)) name.clear();
    return name;
}

hello_result read_client_hello(bytes received) {
    if (received.empty()) return {};
    if (auto early = check_first_bytes(received)) return *early;
    const gathered whole = gather(received);
    if (whole.status != hello_status::complete) return {whole.status, whole.why, {}};
    auto hello = read_message(whole.message());
    if (!hello) return refuse(reason::bad_client_hello);
    return {hello_status::complete, {}, std::move(*hello)};
}

}  // namespace postern::tls
