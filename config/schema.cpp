#include "config/schema.hpp"

#include "config/describe.hpp"

namespace postern::config {
namespace {

std::string in_quotes(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + "\"";
}

constexpr std::string_view duration_pattern = "^([0-9]+(ms|s|m|h|d|w|M|y))+$";
constexpr std::string_view size_pattern = "^[0-9]+[kKmMgG]?$";
constexpr std::string_view endpoint_pattern = R"(^(unix:.+|(\*:|\[[0-9A-Fa-f:.]+\]:|[0-9A-Za-z._-]+:)?[0-9]{1,5})$)";
constexpr std::string_view destination_pattern = "^(tcp://|http://|unix:)[^\\s]+$";
constexpr std::string_view session_cache_pattern = "^(off|none|builtin(:[0-9]+)?|shared:([^:]+:)?[0-9]+[kKmMgG]?)$";

constexpr std::string_view header_buffers_pattern = "^[0-9]+ +[0-9]+[kKmMgG]?$";
constexpr std::string_view network_pattern =
    R"(^([0-9]{1,3}(\.[0-9]{1,3}){3}(/[0-9]{1,2})?|\[?[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*\]?(/[0-9]{1,3})?)$)";
constexpr std::string_view log_pattern = "^(journal:/.+|syslog:([^,]+,)*server=.+|(?!journal:|syslog:).+)$";
constexpr std::string_view pin_pattern = "^(([0-9A-Fa-f]{2}:?){31}[0-9A-Fa-f]{2}|[0-9A-Za-z+/]{43}=)$";
constexpr std::string_view location_pattern = "^(= *)?/";
// A token of RFC 9110.
constexpr std::string_view header_name_pattern = "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$";

// Text in which each `$` begins a variable, as the part of a pattern.
std::string template_pattern() {
    std::string names;
    for (const auto& row : variables) names += (names.empty() ? "" : "|") + std::string(row.name);
    return R"(([^$\x00-\x1f\x7f]|\$()" + names + R"()(?![0-9A-Za-z_])|\$\{()" + names + R"()\})*)";
}

std::string headers() {
    return "{\"type\": \"object\", \"propertyNames\": {\"pattern\": " + in_quotes(header_name_pattern) +
           // YAML reads `1` and `on` as what they look like: as values of headers they are text.
           R"(}, "additionalProperties": {"type": ["string", "number", "boolean"], "pattern": )" +
           in_quotes("^" + template_pattern() + "$") + "}}";
}

std::string answers() {
    constexpr std::string_view with_url = "30[12378] +(https?://|/|\\$)";
    constexpr std::string_view with_text = "(?!30[12378])[2-5][0-9][0-9]($| )";
    return R"({"type": ["string", "integer"], "minimum": 200, "maximum": 599, "not": {"enum": [301, 302, 303, 307, 308]}, "pattern": )" +
           in_quotes("^(?=(" + std::string(with_url) + "|" + std::string(with_text) + "|https?://|\\$\\{?scheme))" +
                     template_pattern() + "$") +
           "}";
}

std::string text_like(std::string_view pattern) {
    return "{\"type\": \"string\", \"pattern\": " + in_quotes(pattern) + "}";
}

// "minimum" and "maximum" of a number, each with a comma before it.
std::string limits_of(bounds b) {
    std::string text = ", \"minimum\": " + std::to_string(b.least);
    if (b.most != bounds{}.most) text += ", \"maximum\": " + std::to_string(b.most);
    return text;
}

template <class T>
std::string number(const facts& about) {
    const std::string limits = limits_of(bounds_of<T>(about));
    // YAML reads `16384` as a number and `16k` as text: both are sizes.
    if (about.text == unit::bytes)
        return "{\"type\": [\"string\", \"integer\"], \"pattern\": " + in_quotes(size_pattern) + limits + "}";
    const std::string plain = "{\"type\": \"integer\"" + limits + "}";
    return about.text == unit::cpus ? "{\"anyOf\": [{\"const\": \"auto\"}, " + plain + "]}" : plain;
}

template <class Struct>
std::string object();

template <class T>
std::string one_value(const facts& about) {
    // A YAML 1.1 reader makes booleans of on and off, wherever they stand: hence the false beside `off` below.
    if constexpr (has_words<T>) {
        const bool boolean = std::is_same_v<T, verify_mode>;
        return "{\"enum\": [\"" + all_words<T>("\", \"") + "\"" + (boolean ? ", true, false" : "") + "]}";
    } else if constexpr (std::is_same_v<T, bool>) {
        return R"({"enum": ["on", "off", "true", "false", true, false]})";
    } else if constexpr (std::is_same_v<T, milliseconds>) {
        return text_like(duration_pattern);
    } else if constexpr (std::is_same_v<T, endpoint>) {
        return R"({"type": ["string", "integer"], "minimum": 1, "maximum": 65535, "pattern": )" +
               in_quotes(endpoint_pattern) + "}";
    } else if constexpr (std::is_same_v<T, destination>) {
        return text_like(destination_pattern);
    } else if constexpr (std::is_same_v<T, session_cache>) {
        return "{\"anyOf\": [" + text_like(session_cache_pattern) + R"(, {"const": false}]})";
    } else if constexpr (std::is_same_v<T, header_buffers>) {
        return text_like(header_buffers_pattern);
    } else if constexpr (std::is_same_v<T, network>) {
        return text_like(network_pattern);
    } else if constexpr (std::is_same_v<T, answer>) {
        return answers();
    } else if constexpr (std::is_same_v<T, header_template>) {
        return headers();
    } else if constexpr (has_fields<T>) {
        return object<T>();
    } else if constexpr (std::is_arithmetic_v<T>) {
        return number<T>(about);
    } else {
        if (about.text == unit::output) return text_like(log_pattern);
        if (about.text == unit::output_off) return "{\"anyOf\": [" + text_like(log_pattern) + R"(, {"const": false}]})";
        if (about.text == unit::redirect) return text_like("^https(:[0-9]{1,5})?$");
        if (about.text == unit::pin) return text_like(pin_pattern);
        if (about.text == unit::location) return text_like(location_pattern);
        return R"({"type": "string", "minLength": 1})";
    }
}

template <class Member>
std::string value(const facts& about) {
    using one = element_t<Member>;
    auto single = one_value<one>(about);
    if constexpr (std::is_same_v<one, upstream>)
        return R"({"type": "object", "propertyNames": {"pattern": "^[0-9A-Za-z._-]+$"}, "additionalProperties": )" +
               single + "}";
    else if constexpr (is_list<Member>)
        return "{\"anyOf\": [" + single + ", {\"type\": \"array\", \"items\": " + single + "}]}";
    else
        return single;
}

// A default in JSON's types; empty where there is none.
template <class T>
std::string json(const T& v, unit text) {
    if constexpr (std::is_same_v<T, bool>) return v ? "true" : "false";
    const auto standard = value_text(v, text);
    if (standard.empty()) return {};
    const bool number = std::is_arithmetic_v<T> && standard.find_first_not_of("0123456789") == std::string::npos;
    return number ? standard : in_quotes(standard);
}
template <class T>
std::string json(const std::optional<T>&, unit) {
    return {};
}
template <class T>
std::string json(const std::vector<T>& v, unit text) {
    std::string all;
    if constexpr (has_list_default<T>)
        for (const auto& each : v) all += (all.empty() ? "" : ", ") + json(each, text);
    return all.empty() ? "" : "[" + all + "]";
}

constexpr std::string_view include_property =
    R"("include": {"description": "other files whose keys belong here", "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]})";

template <class Struct>
std::string properties() {
    const Struct defaults{};
    std::string all;
    for_each_field<Struct>([&](const auto& f) {
        using member = std::remove_cvref_t<decltype(defaults.*(f.member))>;
        std::string made = value<member>(f.about);
        std::string known = "\"description\": " + in_quotes(f.line);
        if constexpr (!has_fields<element_t<member>>)
            if (const auto standard = json(defaults.*(f.member), f.about.text); !standard.empty())
                known += ", \"default\": " + standard;
        made.insert(1, known + ", ");
        all += (all.empty() ? "" : ",\n") + in_quotes(f.key) + ": " + made;
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
