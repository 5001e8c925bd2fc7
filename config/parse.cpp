#include "config/document.hpp"
#include "config/include.hpp"
#include "config/tree.hpp"
#include "config/values.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <tuple>

namespace postern::config {

document load(const std::string& file) {
    document doc;
    std::string error;
    const auto text = read_text(file, error);
    if (error.empty()) return parse(text, file);
    problem p;
    p.where.file = file;
    p.what = error;
    doc.problems.push_back(std::move(p));
    return doc;
}

document parse(std::string_view text, const std::string& file) {
    document doc;
    doc.file = file;
    node root = read_tree(text, file, doc.problems);
    expand_includes(root, doc.problems);
    value_reader(doc).read_struct(root, "", doc.settings);
    check(doc);
    std::stable_sort(doc.problems.begin(), doc.problems.end(), [](const problem& a, const problem& b) {
        return a.where.file == b.where.file &&
               std::tie(a.where.line, a.where.column) < std::tie(b.where.line, b.where.column);
    });
    return doc;
}

place document::place_of(std::string_view key) const {
    for (std::string_view k = key;;) {
        if (const auto found = places.find(k); found != places.end()) return found->second;
        const auto cut = k.find_last_of(".[");
        if (cut == std::string_view::npos) return {file, 0, 0};
        k = k.substr(0, cut);
    }
}

void value_reader::refuse(const node& n, const std::string& path, std::string what, std::string_view allowed,
                          std::string suggestion) {
    problem p;
    p.where = n.where;
    p.key = path;
    p.what = std::move(what);
    p.found = n.type == node::kind::scalar ? n.text : n.type == node::kind::map ? "a map" : "a list";
    p.allowed = allowed;
    p.suggestion = std::move(suggestion);
    doc_.problems.push_back(std::move(p));
}

void value_reader::refuse_key(const node::entry& e, const std::string& path, const std::vector<std::string>& known) {
    problem p;
    p.where = e.where;
    p.key = path;
    p.what = "unknown key";
    // nginx's own spelling, inside the block that stands for its prefix.
    const std::string bare = e.key.starts_with("ssl_") ? e.key.substr(4) : e.key;
    const bool prefixed = bare != e.key && std::find(known.begin(), known.end(), bare) != known.end();
    p.suggestion = prefixed ? bare : suggest(e.key, known);
    if (prefixed) p.what = "unknown key: the keys of the ssl block have no ssl_ prefix";
    doc_.problems.push_back(std::move(p));
}

const std::string* value_reader::scalar(const node& n, const std::string& path, std::string_view allowed) {
    if (n.type == node::kind::scalar) return &n.text;
    refuse(n, path, "one value belongs here", allowed);
    return nullptr;
}

std::string value_reader::absolute(const std::string& path, const node& beside) {
    const auto folder = std::filesystem::path(beside.where.file).parent_path();
    std::error_code ignored;
    const auto base = std::filesystem::absolute(folder.empty() ? "." : folder, ignored);
    return (base / path).lexically_normal().string();
}

void value_reader::read(const node& n, const std::string& path, unit, bool& into) {
    constexpr std::string_view allowed = "on or off, true or false";
    const auto* text = scalar(n, path, allowed);
    if (text == nullptr) return;
    if (*text == "on" || *text == "true")
        into = true;
    else if (*text == "off" || *text == "false")
        into = false;
    else
        refuse(n, path, "neither on nor off", allowed);
}

void value_reader::read(const node& n, const std::string& path, unit text, std::string& into) {
    const auto* value = scalar(n, path, "text");
    if (value == nullptr) return;
    if (value->empty()) return refuse(n, path, "empty", "leave the key out");
    const bool stream = *value == "stdout" || *value == "stderr" || (*value == "off" && text == unit::output_off);
    const bool is_path = text == unit::file || ((text == unit::output || text == unit::output_off) && !stream);
    into = is_path ? absolute(*value, n) : *value;
    if (text == unit::name) {
        std::transform(into.begin(), into.end(), into.begin(), [](unsigned char c) {
            return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : static_cast<char>(c);
        });
        if (into.size() > 1 && into.back() == '.') into.pop_back();
    }
}

void value_reader::read(const node& n, const std::string& path, unit text, unsigned& into) {
    const std::string_view allowed = text == unit::cpus ? "auto, or a number from 1 to 1024" : "a number";
    const auto* value = scalar(n, path, allowed);
    if (value == nullptr) return;
    if (text == unit::cpus && *value == "auto") {
        into = 0;
        return;
    }
    const auto number = parse_number(*value);
    const bool right = number && *number <= std::numeric_limits<unsigned>::max() &&
                       (text != unit::cpus || (*number >= 1 && *number <= 1024));
    if (!right) return refuse(n, path, "not a number that is allowed", allowed);
    into = static_cast<unsigned>(*number);
}

void value_reader::read(const node& n, const std::string& path, unit text, std::size_t& into) {
    const auto allowed = text == unit::bytes ? size_form : std::string_view("a number");
    const auto* value = scalar(n, path, allowed);
    if (value == nullptr) return;
    const std::optional<std::size_t> number = text == unit::bytes ? parse_size(*value) : parse_number(*value);
    if (!number) return refuse(n, path, text == unit::bytes ? "not a size" : "not a number", allowed);
    into = *number;
}

void value_reader::read(const node& n, const std::string& path, unit, milliseconds& into) {
    const auto* value = scalar(n, path, duration_form);
    if (value == nullptr) return;
    const auto duration = parse_duration(*value);
    if (!duration) return refuse(n, path, "not a time", duration_form);
    if (duration->count() == 0) return refuse(n, path, "a time of nothing", duration_form);
    into = *duration;
}

void value_reader::read(const node& n, const std::string& path, unit, endpoint& into) {
    const auto* value = scalar(n, path, endpoint_form);
    if (value == nullptr) return;
    const auto parsed = parse_endpoint(*value);
    if (!parsed) return refuse(n, path, "not an address", endpoint_form);
    into = *parsed;
    if (into.type == endpoint::kind::unix_socket) into.path = absolute(into.path, n);
}

void value_reader::read(const node& n, const std::string& path, unit, destination& into) {
    const auto* value = scalar(n, path, destination_form);
    if (value == nullptr) return;
    const auto parsed = parse_destination(*value);
    if (!parsed) return refuse(n, path, "not a destination", destination_form);
    into = *parsed;
    if (into.address.type == endpoint::kind::unix_socket) into.address.path = absolute(into.address.path, n);
}

void value_reader::read(const node& n, const std::string& path, unit, session_cache& into) {
    const auto* value = scalar(n, path, session_cache_form);
    if (value == nullptr) return;
    const auto parsed = parse_session_cache(*value);
    if (!parsed) return refuse(n, path, "not a session cache", session_cache_form);
    into = *parsed;
}

void value_reader::read(const node& n, const std::string& path, unit, std::vector<upstream>& into) {
    if (n.type != node::kind::map) return refuse(n, path, "groups by name belong here", "a map");
    for (const auto& e : n.entries) {
        const std::string key = path + "." + e.key;
        doc_.places.emplace(key, e.where);
        auto& group = into.emplace_back();
        group.name = e.key;
        read_struct(e.value, key, group);
    }
}

}  // namespace postern::config
