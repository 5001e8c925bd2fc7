#include "config/reference.hpp"

#include "config/describe.hpp"
#include "config/schema.hpp"

namespace postern::config {
namespace {

// Where a struct's keys stand: "limits.", "upstreams.NAME.", "servers[].ssl.".
template <class Member>
std::string deeper(const std::string& path, std::string_view key) {
    const std::string at = path + std::string(key);
    if constexpr (std::is_same_v<element_t<Member>, upstream>) return at + ".NAME.";
    return at + (element<Member>::list ? "[]." : ".");
}

template <class Struct>
void write_rows(std::string& out, const std::string& path) {
    const Struct defaults{};
    for_each_field<Struct>([&](const auto& f) {
        using member = std::remove_cvref_t<decltype(defaults.*(f.member))>;
        using one = element_t<member>;
        if constexpr (has_fields<one>) {
            out += "| **" + path + std::string(f.key) + "** | " + form_of<one>(f.text) + " | | | " +
                   std::string(f.line) + " |\n";
            write_rows<one>(out, deeper<member>(path, f.key));
        } else {
            const auto standard = value_text(defaults.*(f.member), f.text);
            out += "| " + path + std::string(f.key) + " | " + form_of<one>(f.text) +
                   (element<member>::list ? ", one or a list" : "") + " | " +
                   (standard.empty() ? "" : "`" + standard + "`") + " | " +
                   (f.when == applies::restart ? "restart" : "reload") + " | " + std::string(f.line) + " |\n";
        }
    });
}

std::string markdown() {
    std::string out = "# Configuration reference\n\n"
                      "YAML 1.2 without aliases, anchors, tags and nulls. Unknown keys are errors. Times need a unit "
                      "(`250ms`, `5s`,\n"
                      "`10m`, `1h`, `1d`); sizes may have one (`16k`, `10m`, `1g`). Relative paths are relative to the "
                      "file that names\n"
                      "them. Booleans are `on`, `off`, `true`, `false`. `include: conf.d/*.yaml` may stand at the top "
                      "and in a server.\n\n"
                      "Addresses: " +
                      std::string(endpoint_form) + ".\nDestinations: " + std::string(destination_form) +
                      ".\n\n"
                      "| key | value | default | a change needs | meaning |\n|---|---|---|---|---|\n";
    write_rows<settings>(out, "");
    return out;
}

// Every line is a comment, so that the text as it stands changes nothing; without the `# ` it is the default.
template <class Struct>
void write_yaml(std::string& out, const std::string& indent) {
    const Struct defaults{};
    for_each_field<Struct>([&](const auto& f) {
        using member = std::remove_cvref_t<decltype(defaults.*(f.member))>;
        using one = element_t<member>;
        out += "# " + indent + "# " + std::string(f.line) + "\n";
        if constexpr (has_fields<one>) {
            out += "# " + indent + std::string(f.key) + ":\n";
            const bool named = std::is_same_v<one, upstream>;
            if (named) out += "# " + indent + "  example:\n";
            if (!named && element<member>::list) out += "# " + indent + "  -\n";
            write_yaml<one>(out, indent + (named || element<member>::list ? "    " : "  "));
        } else {
            const auto standard = value_text(defaults.*(f.member), f.text);
            const bool quote = standard.find(": ") != std::string::npos;
            out += "# " + indent + (standard.empty() ? "# " : "") + std::string(f.key) + ": " +
                   (standard.empty() ? "(" + form_of<one>(f.text) + ")"
                    : quote          ? "\"" + standard + "\""
                                     : standard) +
                   "\n";
        }
    });
}

std::string yaml() {
    std::string out = "# postern's configuration: every key with its default, each line a comment.\n\n";
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
