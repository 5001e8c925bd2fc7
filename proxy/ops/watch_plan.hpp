// When to look at watched files and when to load them: the decisions alone, made from events and the clock. Files are
// loaded when they have been left alone for a while, since a certificate and its key arrive one after the other. A load
// that fails because some are not whole yet is tried again before that is called an error.
#pragma once

#include <chrono>
#include <cstdint>

namespace postern::ops {

struct watch_terms {
    using milliseconds = std::chrono::milliseconds;
    milliseconds debounce = std::chrono::seconds(1);  // how long files must have been left alone
    milliseconds sweep = std::chrono::minutes(1);     // between looks that nothing has asked for
    milliseconds patience = std::chrono::seconds(5);  // with files that are not whole
    milliseconds retry = milliseconds(250);           // between looks in that time
};

class watch_plan {
public:
    using time = std::chrono::steady_clock::time_point;
    enum class step : std::uint8_t {
        wait,       // until next()
        look,       // at the files, and say by looked() whether one has changed
        load,       // them, and say by loaded() what came of it
        last_load,  // the same, and whatever is wrong is an error
    };
    enum class outcome : std::uint8_t {
        settled,     // they are served, or refused for good
        unfinished,  // some are not whole
    };
    // After so many debounces a file that never rests is loaded all the same.
    static constexpr int most_debounces = 10;

    watch_plan(const watch_terms& terms, time now) : terms_(terms), next_(now + terms.sweep) {}

    void use(const watch_terms& terms) { terms_ = terms; }

    // Something has happened to a file, or may have.
    void noticed(time now);
    // What is to be done now; to be answered before this is asked again.
    [[nodiscard]] step due(time now);
    void looked(time now, bool changed);
    // Also of a load that somebody else has asked for.
    void loaded(time now, outcome what);

    // When to ask due() again if nothing happens; time::max(): not before loaded().
    [[nodiscard]] time next() const;

private:
    enum class state : std::uint8_t {
        quiet,     // until the sweep
        settling,  // something has happened, and files are to be left alone
        changed,   // a look has shown that one is another
        loading,
        retrying,  // a load has found some not whole
    };

    void rest(time now);
    void settle(time now);

    watch_terms terms_;
    state state_ = state::quiet;
    time next_;                   // of the look that is to come
    time began_{};                // settling: when that began
    time give_up_ = time::max();  // when patience with files that are not whole ends; max: it has not begun
    bool meanwhile_ = false;      // something has happened while loading
};

}  // namespace postern::ops
