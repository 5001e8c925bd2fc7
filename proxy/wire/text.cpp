#include "proxy/wire/text.hpp"

#include <algorithm>

namespace postern::wire {

bool only(char_class wanted, std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [wanted](char c) { return is(wanted, c); });
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

bool same_field(std::string_view a, std::string_view b) {
    const auto folded = [](char c) { return c == '_' ? '-' : lower(c); };
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return folded(x) == folded(y); });
}

std::string_view trim(std::string_view text) {
    while (!text.empty() && white(text.front())) text.remove_prefix(1);
    while (!text.empty() && white(text.back())) text.remove_suffix(1);
    return text;
}

bool take_element(std::string_view& list, std::string_view& element) {
    while (!list.empty()) {
        const auto comma = list.find(',');
        element = trim(list.substr(0, comma));
        list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
        if (!element.empty()) return true;
    }
    return false;
}

}  // namespace postern::wire
