#include "config/problem.hpp"

#include <algorithm>

namespace postern::config {

std::string to_string(const problem& p) {
    std::string text;
    if (!p.where.file.empty()) {
        text += p.where.file + ":";
        if (p.where.line > 0) text += std::to_string(p.where.line) + ":" + std::to_string(p.where.column) + ":";
        text += " ";
    }
    if (p.level == severity::warning) text += "warning: ";
    if (!p.key.empty()) text += p.key + ": ";
    text += p.what;
    if (!p.found.empty()) text += " (found: " + p.found + ")";
    if (!p.allowed.empty()) text += "; allowed: " + p.allowed;
    if (!p.suggestion.empty()) text += "; did you mean " + p.suggestion + "?";
    // One problem is one line, whatever stands in the value.
    std::replace_if(
        text.begin(), text.end(), [](unsigned char c) { return c < ' ' || c == 127; }, ' ');
    return text;
}

bool has_error(const problems& all) {
    return std::any_of(all.begin(), all.end(), [](const problem& p) { return p.level == severity::error; });
}

}  // namespace postern::config
