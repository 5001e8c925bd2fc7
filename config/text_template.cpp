#include "config/text_template.hpp"

#include "config/suggest.hpp"

#include <algorithm>

namespace postern::config {
namespace {

bool in_name(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; }

std::size_t name_length(std::string_view text) {
    return static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), in_name) - text.begin());
}

std::string all_names() {
    std::string all;
    for (const auto& row : variables) all += (all.empty() ? "" : ", ") + std::string(row.name);
    return all;
}

misread unknown(std::string_view name) {
    std::vector<std::string> names;
    names.reserve(variables.size());
    for (const auto& row : variables) names.emplace_back(row.name);
    auto nearest = suggest(name, names);
    if (!nearest.empty()) nearest.insert(0, "$");
    return {"an unknown variable, $" + std::string(name), all_names(), std::move(nearest)};
}

// Takes the variable after a `$` off `text`; nothing, with the reason in `fault`, when there is none.
std::optional<variable> take_variable(std::string_view& text, misread& fault) {
    const bool braced = text.starts_with('{');
    if (braced) text.remove_prefix(1);
    const auto name = text.substr(0, name_length(text));
    if (name.empty()) {
        fault = {"a `$` that begins no variable", "$NAME or ${NAME} of " + all_names(), {}};
        return std::nullopt;
    }
    text.remove_prefix(name.size());
    if (braced && !text.starts_with('}')) {
        fault = {"a `${` without its `}`", "${" + std::string(name) + "}", {}};
        return std::nullopt;
    }
    if (braced) text.remove_prefix(1);
    const auto* row = std::find_if(variables.begin(), variables.end(), [&](const auto& r) { return r.name == name; });
    if (row != variables.end()) return row->value;
    fault = unknown(name);
    return std::nullopt;
}

}  // namespace

std::string_view name_of(variable v) {
    for (const auto& row : variables)
        if (row.value == v) return row.name;
    return {};
}

std::optional<text_template> parse_text_template(std::string_view text, misread* why) {
    misread fault;
    text_template made;
    const auto wrong = [&]() -> std::optional<text_template> {
        if (why != nullptr) *why = std::move(fault);
        return std::nullopt;
    };
    const auto control = [](unsigned char c) { return c < ' ' || c == 127; };
    if (std::any_of(text.begin(), text.end(), control)) {
        fault = {"a line break or a control character", "one line of text", {}};
        return wrong();
    }
    while (!text.empty()) {
        const auto literal = text.substr(0, text.find('$'));
        text.remove_prefix(literal.size());
        if (!literal.empty()) made.push_back({std::string(literal), std::nullopt});
        if (text.empty()) break;
        text.remove_prefix(1);
        const auto found = take_variable(text, fault);
        if (!found) return wrong();
        made.push_back({{}, found});
    }
    return made;
}

std::string to_string(const text_template& t) {
    std::string text;
    for (std::size_t i = 0; i < t.size(); ++i) {
        if (!t[i].value) {
            text += t[i].text;
            continue;
        }
        // Braces only where what follows would be read as more of the name.
        const bool runs_on = i + 1 < t.size() && !t[i + 1].text.empty() && in_name(t[i + 1].text.front());
        const std::string name(name_of(*t[i].value));
        text += runs_on ? "${" + name + "}" : "$" + name;
    }
    return text;
}

}  // namespace postern::config
