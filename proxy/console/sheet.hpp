// Lines of words with a tone, laid out in columns, for a terminal or for whatever else text is written to. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace postern::console {

// A colour, where there are any. What a tone says is said by the word as well.
enum class tone : std::uint8_t {
    plain,
    title,
    good,
    warning,
    bad,
};

struct word {
    std::string text;
    tone in = tone::plain;
};

using line = std::vector<word>;

enum class side : std::uint8_t { left, right };

// Rows whose cells stand below each other, two columns apart. A row may be shorter than the table is wide.
class table {
public:
    explicit table(std::initializer_list<side> columns) : columns_(columns) {}
    void add(line row) { rows_.push_back(std::move(row)); }
    [[nodiscard]] bool empty() const { return rows_.empty(); }
    [[nodiscard]] std::vector<line> lines() const;

private:
    std::vector<side> columns_;
    std::vector<line> rows_;
};

// How many columns of a terminal a text takes at most: UTF-8 without control characters.
[[nodiscard]] std::size_t columns_of(std::string_view text);

struct shape {
    std::size_t width = 0;   // columns; 0: lines are as long as they are
    std::size_t height = 0;  // lines; 0: as many as there are
    bool colours = false;
};

// One text a line, without its end: cut where it would be wrapped, which a `>` in the last column says, and the last
// one saying how many are left out where there are more than fit.
[[nodiscard]] std::vector<std::string> shaped(const std::vector<line>& lines, const shape& to);

}  // namespace postern::console
