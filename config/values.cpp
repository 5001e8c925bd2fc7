#include "config/values.hpp"

#include "config/directives.hpp"
#include "config/folded.hpp"
#include "config/log_target.hpp"

#include <algorithm>
#include <filesystem>

namespace postern::config {
namespace {

// What YAML 1.1 and people call on and off.
std::string meant(const std::string& text) {
    const std::string word = folded(text);
    if (word == "on" || word == "yes" || word == "y" || word == "true" || word == "1") return "on";
    if (word == "off" || word == "no" || word == "n" || word == "false" || word == "0") return "off";
    return {};
}

}  // namespace

void value_reader::refuse(const node& n, const std::string& path, std::string what, std::string allowed,
                          std::string suggestion) {
    problem p;
    p.where = n.where;
    p.key = path;
    p.what = std::move(what);
    p.found = n.type == node::kind::scalar ? n.text : n.type == node::kind::map ? "a map" : "a list";
    p.allowed = std::move(allowed);
    p.suggestion = std::move(suggestion);
    doc_.problems.push_back(std::move(p));
}

void value_reader::refuse(const node& n, const std::string& path, misread why, std::string allowed) {
    if (!why.allowed.empty()) allowed = std::move(why.allowed);
    refuse(n, path, std::move(why.what), std::move(allowed), std::move(why.suggestion));
}

void value_reader::refuse_key(const node::entry& e, const std::string& path, const near_keys& known) {
    problem p;
    p.where = e.where;
    p.key = path;
    p.what = "unknown key";
    // nginx's own spelling, inside the block that stands for its prefix or beside it.
    const std::string bare = e.key.starts_with("ssl_") ? e.key.substr(4) : e.key;
    const bool in_ssl = path.ends_with(".ssl." + e.key);
    const bool prefixed = bare != e.key && in_ssl;
    if (const auto* refused = in_ssl || bare != e.key ? refused_directive(bare) : nullptr) {
        p.what = "nginx's " + std::string(refused->name) + " is not served: " + std::string(refused->line);
        doc_.problems.push_back(std::move(p));
        return;
    }
    if (prefixed) p.what = "unknown key: the keys of the ssl block have no ssl_ prefix";
    const bool here = std::find(known.here.begin(), known.here.end(), bare) != known.here.end();
    p.suggestion = here ? bare : suggest(prefixed ? bare : e.key, known.here);
    if (p.suggestion.empty()) {
        std::size_t blocks = 0;
        for (const auto& [key, whole] : known.deeper)
            if (key == e.key || (key == bare && whole == "ssl." + key)) {
                p.suggestion = whole;
                ++blocks;
            }
        if (blocks > 1) p.suggestion.clear();
    }
    doc_.problems.push_back(std::move(p));
}

const std::string* value_reader::scalar(const node& n, const std::string& path, const std::string& allowed) {
    if (n.type != node::kind::scalar)
        refuse(n, path, "one value belongs here", allowed);
    else if (n.text.empty())
        refuse(n, path, "empty", allowed);
    else if (n.text.find('\0') != std::string::npos)
        // The system would read a path to here and no further.
        refuse(n, path, "a zero byte", allowed);
    else
        return &n.text;
    return nullptr;
}

std::string value_reader::absolute(const std::string& path, const node& beside) {
    const auto folder = std::filesystem::path(beside.where.file).parent_path();
    std::error_code ignored;
    const auto base = std::filesystem::absolute(folder.empty() ? "." : folder, ignored);
    return (base / path).lexically_normal().string();
}

void value_reader::read(const node& n, const std::string& path, const facts& about, bool& into) {
    const auto* text = scalar(n, path, allowed<bool>(about));
    if (text == nullptr) return;
    if (*text == "on" || *text == "true")
        into = true;
    else if (*text == "off" || *text == "false")
        into = false;
    else
        refuse(n, path, "neither on nor off", allowed<bool>(about), meant(*text));
}

void value_reader::read(const node& n, const std::string& path, const facts& about, std::string& into) {
    const auto* value = scalar(n, path, allowed<std::string>(about));
    if (value == nullptr) return;
    const bool output = about.text == unit::output || about.text == unit::output_off;
    if (about.text == unit::output && *value == "off")
        return refuse(n, path, "cannot be off", allowed<std::string>(about));
    misread why;
    const auto target = output ? parse_log_target(*value, &why) : log_target{};
    if (!target) return refuse(n, path, why, allowed<std::string>(about));
    const bool is_path = about.text == unit::file || target->type == log_target::kind::file;
    const auto control = [](unsigned char c) { return c < ' ' || c == 127; };
    if (!is_path && std::any_of(value->begin(), value->end(), control))
        return refuse(n, path, "a line break or a control character", allowed<std::string>(about));
    into = is_path ? absolute(*value, n) : *value;
    if (about.text == unit::pin) {
        const auto digits = parse_pin(*value);
        if (!digits) return refuse(n, path, "not a SHA-256", std::string(pin_form));
        into = *digits;
    }
    if (about.text == unit::name) {
        into = folded(std::move(into));
        if (into.size() > 1 && into.back() == '.') into.pop_back();
    }
}

std::optional<std::uint64_t> value_reader::number(const node& n, const std::string& path, const std::string& allowed,
                                                  bounds b) {
    const auto parsed = parse_number(n.text);
    if (parsed && *parsed >= b.least && *parsed <= b.most) return parsed;
    refuse(n, path, parsed ? "out of bounds" : "not a number", allowed);
    return std::nullopt;
}

void value_reader::read(const node& n, const std::string& path, const facts& about, unsigned& into) {
    const auto form = allowed<unsigned>(about);
    const auto* value = scalar(n, path, form);
    if (value == nullptr) return;
    if (about.text == unit::cpus && *value == "auto")
        into = 0;
    else if (const auto given = number(n, path, form, bounds_of<unsigned>(about)))
        into = static_cast<unsigned>(*given);
}

void value_reader::read(const node& n, const std::string& path, const facts& about, std::size_t& into) {
    const auto form = allowed<std::size_t>(about);
    const auto* value = scalar(n, path, form);
    if (value == nullptr) return;
    const bounds b = bounds_of<std::size_t>(about);
    if (about.text != unit::bytes) {
        if (const auto given = number(n, path, form, b)) into = *given;
        return;
    }
    const auto size = parse_size(*value);
    if (!size) return refuse(n, path, "not a size", form);
    if (*size < b.least || *size > b.most) return refuse(n, path, "out of bounds", form);
    into = *size;
}

void value_reader::read(const node& n, const std::string& path, const facts& about, milliseconds& into) {
    const auto form = allowed<milliseconds>(about);
    const auto* value = scalar(n, path, form);
    if (value == nullptr) return;
    const auto time = parse_duration(*value);
    if (!time) return refuse(n, path, parse_number(*value) ? "a time without a unit" : "not a time", form);
    const bounds b = bounds_of<milliseconds>(about);
    const auto count = static_cast<std::uint64_t>(time->count());
    if (count < b.least || count > b.most) return refuse(n, path, "out of bounds", form);
    into = *time;
}

void value_reader::read(const node& n, const std::string& path, const facts& about, endpoint& into) {
    const auto* value = scalar(n, path, allowed<endpoint>(about));
    if (value == nullptr) return;
    const auto parsed = parse_endpoint(*value);
    if (!parsed) return refuse(n, path, "not an address", allowed<endpoint>(about));
    into = *parsed;
    if (into.type == endpoint::kind::unix_socket) into.path = absolute(into.path, n);
}

void value_reader::read(const node& n, const std::string& path, const facts& about, destination& into) {
    const auto* value = scalar(n, path, allowed<destination>(about));
    if (value == nullptr) return;
    const auto parsed = parse_destination(*value);
    if (!parsed) return refuse(n, path, "not a destination", allowed<destination>(about));
    into = *parsed;
    if (into.address.type == endpoint::kind::unix_socket) into.address.path = absolute(into.address.path, n);
}

void value_reader::read(const node& n, const std::string& path, const facts& about, session_cache& into) {
    const auto* value = scalar(n, path, allowed<session_cache>(about));
    if (value == nullptr) return;
    const auto parsed = parse_session_cache(*value);
    if (!parsed) return refuse(n, path, "not a session cache", allowed<session_cache>(about));
    into = *parsed;
}

void value_reader::read(const node& n, const std::string& path, const facts&, std::vector<upstream>& into) {
    if (n.type != node::kind::map) return refuse(n, path, "groups by name belong here", "a map");
    for (const auto& e : n.entries) {
        const std::string key = path + "." + e.key;
        doc_.places.emplace(key, e.where);
        auto& group = into.emplace_back();
        group.name = e.key;
        read_struct(e.value, key, group);
    }
}

void value_reader::read(const node& n, const std::string& path, const facts& about, header_buffers& into) {
    constexpr std::size_t least = 1024, most = 64 * 1024;
    const auto form = allowed<header_buffers>(about);
    const auto* value = scalar(n, path, form);
    if (value == nullptr) return;
    const auto parsed = parse_header_buffers(*value);
    if (!parsed) return refuse(n, path, "not a number and a size", form);
    const bool fits = parsed->number > 0 && parsed->size >= least && parsed->size <= most / parsed->number;
    if (!fits) return refuse(n, path, "out of bounds", form);
    into = *parsed;
}

void value_reader::read(const node& n, const std::string& path, const facts& about, network& into) {
    const auto* value = scalar(n, path, allowed<network>(about));
    if (value == nullptr) return;
    misread why;
    const auto parsed = parse_network(*value, &why);
    if (!parsed) return refuse(n, path, std::move(why), allowed<network>(about));
    into = *parsed;
}

void value_reader::read(const node& n, const std::string& path, const facts& about, answer& into) {
    const auto* value = scalar(n, path, allowed<answer>(about));
    if (value == nullptr) return;
    misread why;
    auto parsed = parse_answer(*value, &why);
    if (!parsed) return refuse(n, path, std::move(why), allowed<answer>(about));
    into = std::move(*parsed);
}

void value_reader::read(const node& n, const std::string& path, const facts&, std::vector<header_template>& into) {
    if (n.type != node::kind::map) return refuse(n, path, "headers by name belong here", "a map");
    for (const auto& e : n.entries) {
        const std::string key = path + "." + e.key;
        doc_.places.emplace(key, e.where);
        auto& header = into.emplace_back();
        header.name = e.key;
        if (e.value.type != node::kind::scalar) {
            refuse(e.value, key, "one value belongs here", "text");
            continue;
        }
        misread why;
        auto parsed = parse_text_template(e.value.text, &why);
        if (parsed)
            header.value = std::move(*parsed);
        else
            refuse(e.value, key, std::move(why), {});
    }
}

void value_reader::split_path(location& into) {
    if (!into.path.starts_with('=')) return;
    into.exact = true;
    into.path.erase(0, std::min(into.path.find_first_not_of(' ', 1), into.path.size()));
}

}  // namespace postern::config
