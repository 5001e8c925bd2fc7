// How many lines of one kind are written when many come at once: so many a second, and a count of the rest. Pure: the time
// is given. One worker's own.
#pragma once

#include <chrono>
#include <cstdint>
#include <utility>

namespace postern::ops {

class line_budget {
public:
    using time_point = std::chrono::steady_clock::time_point;

    // Whether one more may be written. `most`: in a second, which begins with its first line; 0: any number.
    [[nodiscard]] bool take(time_point now, unsigned most) {
        if (most == 0) return true;
        if (now - begun_ >= second) {
            begun_ = now;
            taken_ = 0;
        }
        if (taken_ < most) {
            ++taken_;
            return true;
        }
        ++left_out_;
        return false;
    }

    // How many were left out and have not been told of, at most once a second; 0: nothing to tell now.
    [[nodiscard]] std::uint64_t left_out(time_point now) {
        if (left_out_ == 0 || now - told_ < second) return 0;
        told_ = now;
        return std::exchange(left_out_, 0);
    }
    [[nodiscard]] std::uint64_t left_out_at_the_end() { return std::exchange(left_out_, 0); }
    [[nodiscard]] bool has_more_to_tell() const { return left_out_ > 0; }

private:
    static constexpr auto second = std::chrono::seconds(1);

    time_point begun_{};  // of the second that runs
    unsigned taken_ = 0;  // in it
    std::uint64_t left_out_ = 0;
    time_point told_{};
};

}  // namespace postern::ops
