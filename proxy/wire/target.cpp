#include "proxy/wire/target.hpp"

#include "proxy/wire/text.hpp"

namespace postern::wire {
namespace {

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    return is(hex_char, c) ? lower(c) - 'a' + 10 : -1;
}

// Takes one character off, decoded; false: it is none.
bool take(std::string_view& text, char& c) {
    c = text.front();
    std::size_t length = 1;
    if (c == '%') {
        if (text.size() < 3 || hex_value(text[1]) < 0 || hex_value(text[2]) < 0) return false;
        c = static_cast<char>(hex_value(text[1]) * 16 + hex_value(text[2]));
        length = 3;
    }
    text.remove_prefix(length);
    return c != '\0';
}

// What a segment does to the path when it is over. False: it goes above the root.
bool end_segment(std::string& path, std::size_t segment) {
    const std::string_view last = std::string_view(path).substr(segment);
    if (last == ".") path.resize(segment);
    if (last == "..") {
        if (segment == 1) return false;
        path.resize(path.rfind('/', segment - 2) + 1);
    }
    return true;
}

}  // namespace

// A decoded slash is a slash, and a decoded dot a dot: backends decode too.
bool normalize_path(std::string_view target, std::string& path) {
    path.clear();
    if (target == "*") {
        path = target;
        return true;
    }
    std::string_view rest = target.substr(0, target.find('?'));
    if (rest.empty() || rest.front() != '/') return false;
    rest.remove_prefix(1);
    path += '/';
    std::size_t segment = 1;  // where the segment at the path's end begins
    while (!rest.empty()) {
        char c = 0;
        if (!take(rest, c)) return false;
        if (c != '/') {
            path += c;
            continue;
        }
        if (!end_segment(path, segment)) return false;
        if (path.back() != '/') path += '/';
        segment = path.size();
    }
    return end_segment(path, segment);
}

std::string_view query_of(std::string_view target) {
    const auto mark = target.find('?');
    return mark == std::string_view::npos ? std::string_view{} : target.substr(mark + 1);
}

}  // namespace postern::wire
