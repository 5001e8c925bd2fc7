#include "proxy/console/sheet.hpp"

#include <algorithm>

namespace postern::console {
namespace {

constexpr std::size_t gap = 2;

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

// Of the character that begins with this byte. No character below U+0800 is two columns wide; some of those above are,
// and counting one too many cuts a line too early, where one too few would wrap it.
std::size_t width_of(char first) {
    if (continues(first)) return 0;
    return static_cast<unsigned char>(first) < 0xe0 ? 1 : 2;
}

// The bytes at the front that take no more than `columns`.
std::size_t fitting(std::string_view text, std::size_t columns) {
    std::size_t at = 0;
    for (; at < text.size(); ++at) {
        const auto own = width_of(text[at]);
        if (own > columns) break;
        columns -= own;
    }
    return at;
}

void pad(line& l, std::size_t columns) {
    if (columns > 0) l.push_back({std::string(columns, ' ')});
}

std::size_t width_of(const line& l) {
    std::size_t all = 0;
    for (const auto& w : l) all += columns_of(w.text);
    return all;
}

line cut(const line& l, std::size_t width) {
    if (width == 0 || width_of(l) <= width) return l;
    line shorter;
    auto left = width - 1;
    for (const auto& w : l) {
        const auto bytes = fitting(w.text, left);
        shorter.push_back({w.text.substr(0, bytes), w.in});
        if (bytes < w.text.size()) break;
        left -= columns_of(w.text);
    }
    shorter.push_back({">"});
    return shorter;
}

// SGR of ECMA-48.
std::string_view colour(tone of) {
    switch (of) {
        case tone::title: return "\x1b[1m";
        case tone::good: return "\x1b[32m";
        case tone::warning: return "\x1b[33m";
        case tone::bad: return "\x1b[1;31m";
        case tone::plain: break;
    }
    return {};
}

std::string text_of(const line& l, bool colours) {
    std::string text;
    for (const auto& w : l) {
        const auto begin = colours && !w.text.empty() ? colour(w.in) : std::string_view();
        text += begin;
        text += w.text;
        if (!begin.empty()) text += "\x1b[0m";
    }
    return text;
}

}  // namespace

std::size_t columns_of(std::string_view text) {
    std::size_t all = 0;
    for (const char c : text) all += width_of(c);
    return all;
}

std::vector<line> table::lines() const {
    std::vector<std::size_t> widths(columns_.size());
    for (const auto& row : rows_)
        for (std::size_t i = 0; i < row.size(); ++i) widths.at(i) = std::max(widths[i], columns_of(row[i].text));
    std::vector<line> all;
    for (const auto& row : rows_) {
        line l;
        auto end = row.size();
        while (end > 0 && row[end - 1].text.empty()) --end;
        for (std::size_t i = 0; i < end; ++i) {
            const auto rest = widths[i] - columns_of(row[i].text);
            const bool last = i + 1 == end;
            if (columns_[i] == side::right) pad(l, rest);
            l.push_back(row[i]);
            if (!last) pad(l, gap + (columns_[i] == side::left ? rest : 0));
        }
        all.push_back(std::move(l));
    }
    return all;
}

std::vector<std::string> shaped(const std::vector<line>& lines, const shape& to) {
    const bool all = to.height == 0 || lines.size() <= to.height;
    const auto whole = all ? lines.size() : to.height - 1;
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < whole; ++i) texts.push_back(text_of(cut(lines[i], to.width), to.colours));
    if (!all)
        texts.push_back(
            text_of(cut({{std::to_string(lines.size() - whole) + " lines more do not fit", tone::warning}}, to.width),
                    to.colours));
    return texts;
}

}  // namespace postern::console
