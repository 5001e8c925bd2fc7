#include "config/reference.hpp"

#include "config/describe.hpp"
#include "config/directives.hpp"
#include "config/schema.hpp"

#include <utility>

namespace postern::config {
namespace {

template <class Struct>
void write_rows(std::string& out, const std::string& path) {
    const Struct defaults{};
    for_each_field<Struct>([&](const auto& f) {
        using member = std::remove_cvref_t<decltype(defaults.*(f.member))>;
        using one = element_t<member>;
        const std::string key = path + std::string(f.key);
        if constexpr (has_fields<one>) {
            const std::string form = form_of<one>(f.about) + (is_list<member> ? ", one or a list" : "");
            out += "| **" + key + "** | " + form + " | | | " + std::string(f.line) + " |\n";
            write_rows<one>(out, path + path_into<member>(f.key));
        } else {
            const auto standard = value_text(defaults.*(f.member), f.about.text);
            out += "| " + key + " | " + form_of<one>(f.about) + (is_list<member> ? ", one or a list" : "") + " | " +
                   (standard.empty() ? "" : "`" + standard + "`") + " | " +
                   (f.about.when == applies::restart ? "restart" : "reload") + " | " + std::string(f.line) + " |\n";
        }
    });
}

void write_variables(std::string& out) {
    out += "\n## Variables\n\n"
           "`$name` or `${name}` in proxy_set_header, add_header and return. What a request does not have is empty.\n\n"
           "| variable | meaning |\n|---|---|\n";
    for (const auto& row : variables) out += "| $" + std::string(row.name) + " | " + std::string(row.line) + " |\n";
}

void write_directives(std::string& out) {
    using standing = directive::standing;
    out += "\n## nginx's ssl directives\n\n"
           "Each is the key of that name without `ssl_`. Those that are refused are unknown keys, and the problem says "
           "what stands here.\n\n"
           "| directive | here | how and why |\n|---|---|---|\n";
    for (const auto& d : directives)
        out += "| " + std::string(d.name) + " | " +
               (d.is == standing::same      ? "as in nginx"
                : d.is == standing::differs ? "otherwise"
                                            : "refused") +
               " | " + std::string(d.line) + " |\n";
}

std::string markdown() {
    std::string out = "# Configuration reference\n\n"
                      "YAML 1.2 without aliases, anchors, tags and nulls. Unknown keys are errors. Times need a unit "
                      "(`250ms`, `5s`,\n"
                      "`10m`, `1h`, `1d`, `1w`, `1M`, `1y`); sizes may have one (`16k`, `10m`, `1g`). Relative paths "
                      "are relative to the "
                      "file that names\n"
                      "them. Booleans are `on`, `off`, `true`, `false`. `include: conf.d/*.yaml`, one or a list, may "
                      "stand at the top and\n"
                      "in a server.\n\n"
                      "Addresses: " +
                      std::string(endpoint_form) + ".\nDestinations: " + std::string(destination_form) +
                      ".\n\n"
                      "| key | value | default | a change needs | meaning |\n|---|---|---|---|---|\n";
    write_rows<settings>(out, "");
    write_variables(out);
    write_directives(out);
    return out;
}

// Whether a struct has a key that the file cannot do without.
template <class Struct>
constexpr bool is_needed() {
    bool needed = false;
    for_each_field<Struct>([&](const auto& f) {
        using one = element_t<std::remove_cvref_t<decltype(std::declval<Struct&>().*(f.member))>>;
        if constexpr (has_fields<one>)
            needed = needed || is_needed<one>();
        else
            needed = needed || f.about.needed;
    });
    return needed;
}

// `## ` before what explains, `# ` before a key: without the latter its line is right where it stands.
template <class Struct>
void write_yaml(std::string& out, const std::string& indent) {
    const Struct defaults{};
    for_each_field<Struct>([&](const auto& f) {
        using member = std::remove_cvref_t<decltype(defaults.*(f.member))>;
        using one = element_t<member>;
        out += indent + "## " + std::string(f.line);
        if constexpr (has_fields<one>) {
            const std::string mark = is_needed<one>() ? "" : "# ";
            const bool named = std::is_same_v<one, upstream>;
            out += "\n" + indent + mark + std::string(f.key) + ":\n";
            if (named) out += indent + "  " + mark + "example:\n";
            if (is_list<member>) out += indent + "  " + mark + "-\n";
            write_yaml<one>(out, indent + (named || is_list<member> ? "    " : "  "));
        } else {
            const auto standard = value_text(defaults.*(f.member), f.about.text);
            out += " (" + form_of<one>(f.about) + ")\n" + indent + (f.about.needed ? "" : "# ") + std::string(f.key) +
                   ": " + (standard.empty() ? std::string(f.about.example) : standard) + "\n";
        }
    });
}

std::string yaml() {
    std::string out =
        "## postern's configuration: TLS in front of one TCP service. Every other key stands here with its default,\n"
        "## or with an example where it has none; take the `# ` before it away to set it.\n\n";
    write_yaml<settings>(out, "");
    return out;
}

}  // namespace

std::string reference(reference_format format) {
    switch (format) {
        case reference_format::markdown: return markdown();
        case reference_format::yaml: return yaml();
        case reference_format::schema: return schema();
    }
    return {};
}

}  // namespace postern::config
