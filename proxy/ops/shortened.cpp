#include "proxy/ops/shortened.hpp"

#include <algorithm>
#include <functional>
#include <vector>

namespace postern::ops {
namespace {

constexpr std::string_view mark = "...";
constexpr std::size_t short_text = 64;  // is not cut further

// How many bytes the character or the escape at the front has, as text.hpp writes them.
std::size_t size_of_first(std::string_view text) {
    std::size_t size = 1;
    if (text.front() == '\\' && text.size() > 1)
        size = text[1] == 'u' ? 6 : text[1] == 'x' ? 4 : 2;
    else
        while (size < text.size() && (static_cast<unsigned char>(text[size]) & 0xc0) == 0x80) ++size;
    return std::min(size, text.size());
}

// As much of the text as fits into `most` bytes.
std::string_view front_of(std::string_view text, std::size_t most) {
    std::size_t end = 0;
    while (end < text.size()) {
        const auto next = end + size_of_first(text.substr(end));
        if (next > most) break;
        end = next;
    }
    return text.substr(0, end);
}

// The texts between quotes, in their order, without these.
std::vector<std::string_view> quoted_in(std::string_view line) {
    std::vector<std::string_view> all;
    for (auto quote = line.find('"'); quote != std::string_view::npos;) {
        const auto begin = quote + 1;
        auto end = begin;
        while (end < line.size() && line[end] != '"') end += size_of_first(line.substr(end));
        if (end == line.size()) break;
        all.push_back(line.substr(begin, end - begin));
        quote = line.find('"', end + 1);
    }
    return all;
}

// To which size texts must be cut, those that are longer, to be shorter by `excess` together.
std::size_t size_for_all(const std::vector<std::string_view>& texts, std::size_t excess) {
    std::vector<std::size_t> sizes(texts.size());
    std::ranges::transform(texts, sizes.begin(), [](const auto& text) { return text.size(); });
    std::ranges::sort(sizes, std::greater());
    std::size_t sum = 0;
    for (std::size_t cut = 1; cut <= sizes.size(); ++cut) {
        sum += sizes[cut - 1];
        if (sum < excess) continue;
        const auto size = (sum - excess) / cut;
        if (cut == sizes.size() || size >= sizes[cut]) return std::max(size, short_text);
    }
    return short_text;
}

}  // namespace

std::string shortened(std::string_view line, std::size_t most) {
    if (line.size() <= most) return std::string(line);
    const auto texts = quoted_in(line);
    const auto longest = size_for_all(texts, line.size() - most);
    std::string made;
    std::size_t taken = 0;  // of the line
    for (const auto text : texts) {
        if (text.size() <= longest) continue;
        const auto begin = static_cast<std::size_t>(text.data() - line.data());
        made.append(line.substr(taken, begin - taken)).append(front_of(text, longest - mark.size())).append(mark);
        taken = begin + text.size();
    }
    made.append(line.substr(taken));
    return made.size() <= most ? made : std::string(front_of(made, most - mark.size())).append(mark);
}

}  // namespace postern::ops
