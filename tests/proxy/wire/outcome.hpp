// What becomes of the bytes of one message: the bytes that the other side would receive, or a refusal.
#pragma once

#include <cstddef>
#include <ostream>
#include <string>
#include <vector>

namespace postern::wire {

struct outcome {
    std::string sent;     // head and body, as they go to the other side
    unsigned status = 0;  // of a refusal; a body's is 400, or 502
    std::string why;      // of a refusal; "need more" when the message has not ended
    std::string left;     // what was not looked at
    bool operator==(const outcome&) const = default;
};

inline std::ostream& operator<<(std::ostream& out, const outcome& o) {
    return out << '\n' << o.sent << "--\n" << o.status << ' ' << o.why << "\n--\n" << o.left << "--\n";
}

inline outcome refused(unsigned status, std::string why) { return {{}, status, std::move(why), {}}; }

// The row of a table: its name is a sentence about behaviour.
struct row {
    std::string name;
    std::string raw;
    outcome expected;
};

inline std::ostream& operator<<(std::ostream& out, const row& r) { return out << r.name; }

// What arrives when; the bytes joined are the message.
using pieces = std::vector<std::string>;

inline pieces byte_by_byte(const std::string& raw) {
    pieces each;
    for (const char c : raw) each.emplace_back(1, c);
    return each;
}

}  // namespace postern::wire
