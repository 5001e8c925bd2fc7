// The terminal that a command writes to.
#pragma once

#include "proxy/console/sheet.hpp"

#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

namespace postern::console {

// The size of the terminal that `out` writes to, and whether it is to have colours (no-color.org). Nothing when it
// writes elsewhere, or to a terminal that obeys no commands (TERM=dumb).
[[nodiscard]] std::optional<shape> terminal_of(const std::ostream& out);

// The screen that full-screen programs have to themselves. At the end the one before is back, with its cursor.
class own_screen {
public:
    explicit own_screen(std::ostream& out);
    ~own_screen();
    own_screen(const own_screen&) = delete;
    own_screen& operator=(const own_screen&) = delete;

    // In place of what was shown before. One line stays free, for the cursor: a line feed in the last one would scroll.
    void show(const std::vector<std::string>& lines);

private:
    std::ostream& out_;
};

}  // namespace postern::console
