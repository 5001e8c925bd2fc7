#include "proxy/console/terminal.hpp"

#include <cstdlib>
#include <iostream>
#include <string_view>

#include <sys/ioctl.h>
#include <unistd.h>

namespace postern::console {
namespace {

// Of ECMA-48, and of xterm where a `?` stands.
constexpr std::string_view other_screen = "\x1b[?1049h\x1b[?25l";
constexpr std::string_view screen_before = "\x1b[?25h\x1b[?1049l";
constexpr std::string_view home = "\x1b[H";
constexpr std::string_view clear_line = "\x1b[K";
constexpr std::string_view clear_below = "\x1b[J";

std::string_view environment(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? std::string_view() : value;
}

}  // namespace

std::optional<shape> terminal_of(const std::ostream& out) {
    const auto kind = environment("TERM");
    if (out.rdbuf() != std::cout.rdbuf() || ::isatty(STDOUT_FILENO) == 0 || kind.empty() || kind == "dumb")
        return std::nullopt;
    shape of{80, 24, environment("NO_COLOR").empty()};
    winsize size{};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0) {
        of.width = size.ws_col;
        of.height = size.ws_row;
    }
    return of;
}

own_screen::own_screen(std::ostream& out) : out_(out) { out_ << other_screen << std::flush; }

own_screen::~own_screen() { out_ << screen_before << std::flush; }

void own_screen::show(const std::vector<std::string>& lines) {
    std::string text(home);
    // A line is cleared before it is written: a cursor that stands behind the last column would clear that.
    for (const auto& one : lines) {
        text += clear_line;
        text += one;
        text += "\n";
    }
    text += clear_below;
    out_ << text << std::flush;
}

}  // namespace postern::console
