#include "config/document.hpp"
#include "config/include.hpp"
#include "config/tree.hpp"
#include "config/values.hpp"

#include <algorithm>
#include <map>
#include <tuple>

namespace postern::config {
namespace {

// In the order of the text, file after file: first the one that was asked for, then those with problems as they came.
void sort(problems& all, const std::string& first) {
    std::map<std::string, std::size_t> files{{first, 0}};
    for (const auto& p : all) files.emplace(p.where.file, files.size());
    std::stable_sort(all.begin(), all.end(), [&](const problem& a, const problem& b) {
        return std::make_tuple(files[a.where.file], a.where.line, a.where.column) <
               std::make_tuple(files[b.where.file], b.where.line, b.where.column);
    });
}

}  // namespace

document load(const std::string& file) {
    document doc;
    std::string error;
    const auto text = read_text(file, error);
    if (error.empty()) doc = parse(text, file);
    doc.files.insert(doc.files.begin(), file);
    if (error.empty()) return doc;
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
    expand_includes(root, doc);
    value_reader(doc).read_struct(root, "", doc.settings);
    check(doc);
    sort(doc.problems, file);
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

}  // namespace postern::config
