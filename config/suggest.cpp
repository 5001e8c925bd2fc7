#include "config/suggest.hpp"

#include "config/folded.hpp"

#include <algorithm>
#include <numeric>

namespace postern::config {
namespace {

constexpr std::size_t farthest = 2;

// Levenshtein's distance, with a swap of neighbours as one step.
std::size_t distance(std::string_view a, std::string_view b) {
    const std::size_t width = b.size() + 1;
    std::vector<std::size_t> two_up(width), up(width), row(width);
    std::iota(up.begin(), up.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t other = a[i - 1] == b[j - 1] ? 0 : 1;
            row[j] = std::min({up[j] + 1, row[j - 1] + 1, up[j - 1] + other});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = std::min(row[j], two_up[j - 2] + 1);
        }
        two_up.swap(up);
        up.swap(row);
    }
    return up[b.size()];
}

}  // namespace

std::string suggest(std::string_view wrong, const std::vector<std::string>& words) {
    std::string best;
    std::size_t least = farthest + 1;
    const std::string low = folded(wrong.substr(0, 65));
    for (const auto& word : words) {
        if (word.size() > low.size() + farthest || low.size() > word.size() + farthest) continue;
        const auto away = distance(low, folded(word));
        if (away < least && away * 2 < word.size()) {
            least = away;
            best = word;
        }
    }
    return best;
}

}  // namespace postern::config
