#include "config/answer.hpp"

#include <algorithm>
#include <charconv>

namespace postern::config {
namespace {

constexpr std::string_view url_form = "https://..., http://..., /path or a URL that begins with a variable";

bool is_code(std::string_view word) {
    return !word.empty() && word.find_first_not_of("0123456789") == std::string_view::npos;
}

// What stands alone must be known for a URL by its beginning (nginx).
bool begins_as_url(std::string_view text) {
    return text.starts_with("http://") || text.starts_with("https://") || text.starts_with("$scheme") ||
           text.starts_with("${scheme}");
}

bool url_like(std::string_view text) {
    const bool whole = text.starts_with("http://") || text.starts_with("https://");
    if (!whole && !text.starts_with('/') && !text.starts_with('$')) return false;
    return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 127; });
}

// RFC 9110: these have no content.
bool has_no_content(unsigned code) { return code == 204 || code == 205 || code == 304 || code == close_unanswered; }

std::optional<answer> wrong(misread* why, std::string what, std::string allowed = {}) {
    if (why != nullptr) *why = {std::move(what), std::move(allowed), {}};
    return std::nullopt;
}

}  // namespace

bool is_redirect(unsigned code) { return code == 301 || code == 302 || code == 303 || code == 307 || code == 308; }

std::optional<answer> parse_answer(std::string_view text, misread* why) {
    const auto word = text.substr(0, text.find(' '));
    auto rest = text.substr(word.size());
    rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
    answer a;
    if (is_code(word)) {
        std::from_chars(word.data(), word.data() + word.size(), a.code);
        if (word.size() != 3 || a.code < 200 || a.code > 599)
            return wrong(why, "not a code of an answer", "200 to 599");
    } else if (begins_as_url(text)) {
        a.code = 302;
        rest = text;
    } else {
        return wrong(why, "neither a code nor a URL");
    }
    if (is_redirect(a.code) && !url_like(rest))
        return wrong(why, rest.empty() ? "a redirect without a URL" : "not a URL to redirect to",
                     std::string(url_form));
    if (has_no_content(a.code) && !rest.empty())
        return wrong(why, "an answer with this code has no text", std::string(word));
    auto parsed = parse_text_template(rest, why);
    if (!parsed) return std::nullopt;
    a.text = std::move(*parsed);
    return a;
}

std::string to_string(const answer& a) {
    return std::to_string(a.code) + (a.text.empty() ? "" : " " + to_string(a.text));
}

}  // namespace postern::config
