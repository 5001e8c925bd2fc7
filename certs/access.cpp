#include "certs/access.hpp"

#include "certs/facts.hpp"
#include "config/folded.hpp"

#include <algorithm>

namespace postern::certs {
namespace {

using config::folded;
using kind = client_certificate::name::kind;

// The longest SPIFFE id, and far more than any other name: what a pattern costs grows with it.
constexpr std::size_t longest_name = 2048;

bool is_plain(std::string_view name) {
    constexpr std::string_view tricks("*\0", 2);
    return !name.empty() && name.size() <= longest_name && name.find_first_of(tricks) == std::string_view::npos;
}

bool has_dot_segment(std::string_view uri) {
    while (!uri.empty()) {
        const auto segment = uri.substr(0, uri.find_first_of("/?#"));
        if (segment == "." || segment == "..") return true;
        uri.remove_prefix(std::min(segment.size() + 1, uri.size()));
    }
    return false;
}

// A wanted value of nothing is not asked for.
template <class Matches>
bool some(const client_certificate& client, kind of, std::string_view wanted, Matches fits) {
    if (wanted.empty()) return true;
    return std::any_of(client.names.begin(), client.names.end(),
                       [&](const auto& name) { return name.of == of && is_plain(name.text) && fits(name.text); });
}

bool has_one_common_name(const client_certificate& client) {
    return std::count_if(client.names.begin(), client.names.end(),
                         [](const auto& name) { return name.of == kind::cn; }) == 1;
}

// RFC 5321 section 2.4: the local part has its cases.
bool same_mailbox(std::string_view a, std::string_view b) {
    const auto at_a = a.rfind('@'), at_b = b.rfind('@');
    if (at_a == std::string_view::npos || at_a != at_b) return false;
    return a.substr(0, at_a) == b.substr(0, at_b) && folded(a.substr(at_a)) == folded(b.substr(at_b));
}

bool holds(const config::allow_rule& rule, const client_certificate& client) {
    const auto same = [](const std::string& wanted) {
        return [&wanted](const std::string& text) { return text == wanted; };
    };
    const auto address = rule.san_ip ? config::to_string(*rule.san_ip) : std::string();
    return (rule.cn.empty() || has_one_common_name(client)) && some(client, kind::cn, rule.cn, same(rule.cn)) &&
           some(client, kind::ou, rule.ou, same(rule.ou)) &&
           some(client, kind::dns, rule.san_dns,
                [&](const std::string& text) { return matches(folded(rule.san_dns), folded(text), '.'); }) &&
           some(client, kind::uri, rule.san_uri,
                [&](const std::string& text) { return !has_dot_segment(text) && matches(rule.san_uri, text, '/'); }) &&
           some(client, kind::ip, address, [&](const std::string& text) { return rule.san_ip->contains(text); }) &&
           some(client, kind::email, rule.san_email,
                [&](const std::string& text) { return same_mailbox(rule.san_email, text); }) &&
           (rule.spki_sha256.empty() || rule.spki_sha256 == hex(client.key_fingerprint));
}

}  // namespace

bool is_allowed(const std::vector<config::allow_rule>& rules, const client_certificate& client) {
    return std::any_of(rules.begin(), rules.end(), [&](const auto& rule) {
        // The parser refuses a rule of nothing; here it would let everybody in.
        return rule != config::allow_rule{} && holds(rule, client);
    });
}

// With a step back to the last star, and to the last double star where that does not help: what is before either is
// settled, since it has taken as little as it could.
bool matches(std::string_view pattern, std::string_view text, char separator) {
    struct star {
        std::size_t behind = std::string_view::npos;  // where the pattern goes on; npos: there is none to step back to
        std::size_t end = 0;                          // of what it stands for in the text
    };
    star single, twice;
    std::size_t p = 0, t = 0;
    const auto take_one_more = [&](star& by, bool any) {
        const bool can =
            by.behind != std::string_view::npos && by.end < text.size() && (any || text[by.end] != separator);
        if (!can) return false;
        p = by.behind;
        t = ++by.end;
        return true;
    };
    const auto step_back = [&] {
        if (take_one_more(single, false)) return true;
        single = {};
        return take_one_more(twice, true);
    };
    for (;;) {
        bool goes_on = true;
        if (pattern.substr(p).starts_with("**")) {
            single = {};
            twice = {p + 2, t};
            goes_on = take_one_more(twice, true);
        } else if (pattern.substr(p).starts_with('*')) {
            single = {p + 1, t};
            goes_on = step_back();
        } else if (p < pattern.size() && t < text.size() && pattern[p] == text[t]) {
            ++p;
            ++t;
        } else if (p == pattern.size() && t == text.size()) {
            return true;
        } else {
            goes_on = step_back();
        }
        if (!goes_on) return false;
    }
}

}  // namespace postern::certs
