#include "config/schema.hpp"

#include "config/describe.hpp"

namespace postern::config {
namespace {

std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + "\"";
}

constexpr std::string_view duration_pattern = "^([0-9]+(ms|s|m|h|d))+$";
constexpr std::string_view size_pattern = "^[0-9]+[kKmMgG]?$";

// YAML reads `16384` as a number and `16k` as text: both are sizes.
std::string text_or_number(std::string_view pattern) {
    return "{\"type\": [\"string\", \"integer\"], \"pattern\": " + quoted(pattern) + ", \"minimum\": 0}";
}

template <class Struct>
std::string object();

template <class T>
std::string one_value(unit text) {
    if constexpr (has_words<T>) {
        // A YAML 1.1 reader makes booleans of on and off.
        const bool boolean = std::is_same_v<T, verify_mode>;
        return "{\"enum\": [\"" + all_words<T>("\", \"") + "\"" + (boolean ? ", true, false" : "") + "]}";
    } else if constexpr (std::is_same_v<T, bool>) {
        return R"({"enum": ["on", "off", "true", "false", true, false]})";
    } else if constexpr (std::is_same_v<T, milliseconds>) {
        return "{\"type\": \"string\", \"pattern\": " + quoted(duration_pattern) + "}";
    } else if constexpr (std::is_same_v<T, endpoint>) {
        return R"({"type": ["string", "integer"], "minimum": 1, "maximum": 65535})";
    } else if constexpr (std::is_same_v<T, destination>) {
        return R"({"type": "string", "pattern": "^(tcp://|http://|unix:)."})";
    } else if constexpr (std::is_same_v<T, session_cache>) {
        return R"({"anyOf": [{"type": "string", "pattern": "^(off|none|builtin(:[0-9]+)?|shared:([^:]+:)?[0-9]+[kKmMgG]?)$"}, {"const": false}]})";
    } else if constexpr (has_fields<T>) {
        return object<T>();
    } else if constexpr (std::is_arithmetic_v<T>) {
        if (text == unit::bytes) return text_or_number(size_pattern);
        if (text == unit::cpus)
            return R"({"anyOf": [{"const": "auto"}, {"type": "integer", "minimum": 1, "maximum": 1024}]})";
        return R"({"type": "integer", "minimum": 0})";
    } else {
        // `access: off` is a boolean to a YAML 1.1 reader.
        if (text == unit::output_off) return R"({"anyOf": [{"type": "string", "minLength": 1}, {"const": false}]})";
        return R"({"type": "string", "minLength": 1})";
    }
}

template <class Member>
std::string value(unit text) {
    using one = element_t<Member>;
    auto single = one_value<one>(text);
    if constexpr (std::is_same_v<Member, std::vector<upstream>>)
        return "{\"type\": \"object\", \"additionalProperties\": " + single + "}";
    else if constexpr (element<Member>::list && has_fields<one>)
        return "{\"anyOf\": [{\"type\": \"array\", \"items\": " + single + "}, " + single + "]}";
    else if constexpr (element<Member>::list)
        return "{\"anyOf\": [" + single + ", {\"type\": \"array\", \"items\": " + single + "}]}";
    else
        return single;
}

constexpr std::string_view include_property =
    R"("include": {"description": "other files whose keys belong here", "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]})";

template <class Struct>
std::string properties() {
    const Struct defaults{};
    std::string all;
    for_each_field<Struct>([&](const auto& f) {
        using member = std::remove_cvref_t<decltype(defaults.*(f.member))>;
        std::string made = value<member>(f.text);
        std::string facts = "\"description\": " + quoted(f.line);
        if constexpr (!has_fields<element_t<member>>)
            if (const auto standard = value_text(defaults.*(f.member), f.text); !standard.empty())
                facts += ", \"default\": " + quoted(standard);
        made.insert(1, facts + ", ");
        all += (all.empty() ? "" : ",\n") + quoted(f.key) + ": " + made;
    });
    if constexpr (std::is_same_v<Struct, settings> || std::is_same_v<Struct, server>)
        all += ",\n" + std::string(include_property);
    return all;
}

template <class Struct>
std::string object() {
    return "{\"type\": \"object\", \"additionalProperties\": false, \"properties\": {\n" + properties<Struct>() + "}}";
}

}  // namespace

std::string schema() {
    return "{\"$schema\": \"https://json-schema.org/draft/2020-12/schema\",\n\"title\": \"postern configuration\",\n"
           "\"type\": \"object\", \"additionalProperties\": false, \"properties\": {\n" +
           properties<settings>() + "}}\n";
}

}  // namespace postern::config
