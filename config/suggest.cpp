#include "config/suggest.hpp"

#include <algorithm>
#include <numeric>

namespace postern::config {
namespace {

// Levenshtein's distance, with a swap of neighbours as one step.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
    for (std::size_t i = 0; i <= a.size(); ++i) d[i][0] = i;
    std::iota(d[0].begin(), d[0].end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i)
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t other = a[i - 1] == b[j - 1] ? 0 : 1;
            d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + other});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
        }
    return d[a.size()][b.size()];
}

}  // namespace

std::string suggest(std::string_view wrong, const std::vector<std::string>& words) {
    if (wrong.size() > 64) return {};
    std::string best;
    std::size_t least = 3;
    for (const auto& word : words) {
        const auto away = distance(wrong, word);
        if (away < least && away * 2 < word.size()) {
            least = away;
            best = word;
        }
    }
    return best;
}

}  // namespace postern::config
