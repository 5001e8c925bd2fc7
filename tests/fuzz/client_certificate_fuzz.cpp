// Any bytes as a client's certificate, and as the name that a rule of `allow` looks at: what is told of it can end no
// header and add to no list, and a pattern never fits more than it says.
#include "certs/access.hpp"
#include "certs/client_certificate.hpp"
#include "certs/client_texts.hpp"
#include "config/settings.hpp"

#include <algorithm>
#include <cstdlib>

namespace {

using namespace postern;
using kind = certs::client_certificate::name::kind;

void require(bool condition) {
    if (!condition) std::abort();
}

bool is_one_line(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c < 127; });
}

void tell(const certs::client_certificate& shown) {
    for (const auto& text : {shown.subject, shown.issuer, certs::legacy_subject(shown.certificate),
                             certs::legacy_issuer(shown.certificate), certs::pem_in_one_line(shown.certificate),
                             certs::escaped_pem(shown.certificate), certs::client_cert_field(shown.certificate),
                             certs::openssl_date(shown.not_before), certs::openssl_date(shown.not_after)})
        require(is_one_line(text));
    for (const auto of : {kind::dns, kind::uri}) {
        const auto list = certs::joined_names(shown, of);
        const auto names = static_cast<std::ptrdiff_t>(
            std::count_if(shown.names.begin(), shown.names.end(), [of](const auto& n) { return n.of == of; }));
        require(is_one_line(list) &&
                std::count(list.begin(), list.end(), ',') <= std::max<std::ptrdiff_t>(names - 1, 0));
    }
    require(!certs::is_allowed({{.cn = "not in the corpus"}}, shown));
    static_cast<void>(certs::is_allowed({{.san_uri = "spiffe://**/*a*"}, {.san_dns = "*.*a*"}}, shown));
}

// The same question, answered by trying everything.
bool matches_slowly(std::string_view pattern, std::string_view text, char separator) {
    if (pattern.empty()) return text.empty();
    const bool across = pattern.starts_with("**");
    if (pattern.front() != '*')
        return !text.empty() && text.front() == pattern.front() &&
               matches_slowly(pattern.substr(1), text.substr(1), separator);
    for (std::size_t taken = 1; taken <= text.size(); ++taken) {
        if (!across && text[taken - 1] == separator) return false;
        if (matches_slowly(pattern.substr(across ? 2 : 1), text.substr(taken), separator)) return true;
    }
    return false;
}

// "pattern\ntext", short enough to try everything.
void compare_patterns(std::string_view both) {
    const auto cut = both.find('\n');
    if (cut == std::string_view::npos || cut > 10 || both.size() - cut > 16) return;
    const auto pattern = both.substr(0, cut), text = both.substr(cut + 1);
    require(certs::matches(pattern, text, '/') == matches_slowly(pattern, text, '/'));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    compare_patterns({reinterpret_cast<const char*>(data), size});
    const auto parsed = certs::parse({data, data + size});
    if (parsed) tell(certs::describe(parsed.get()));
    return 0;
}
