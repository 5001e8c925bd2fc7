// Types, bounds and defaults of members as an operator would write them; beneath the parser, the manual and the schema.
#pragma once

#include "config/fields.hpp"
#include "config/pin.hpp"
#include "config/units.hpp"
#include "config/words.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

namespace postern::config {

template <class T>
struct element {
    using type = T;
    static constexpr bool list = false;
};
template <class T>
struct element<std::vector<T>> {
    using type = T;
    static constexpr bool list = true;
};
template <class T>
struct element<std::optional<T>> : element<T> {};
template <class T>
using element_t = typename element<T>::type;

// A list, where one value stands for a list of one; upstreams and headers are maps of names instead.
template <class Member>
inline constexpr bool is_list = element<Member>::list && !std::is_same_v<element_t<Member>, upstream> &&
                                !std::is_same_v<element_t<Member>, header_template>;

// Where the keys of a member's struct stand: "limits.", "upstreams.NAME.", "servers[].".
template <class Member>
[[nodiscard]] std::string path_into(std::string_view key) {
    if constexpr (std::is_same_v<element_t<Member>, upstream>) return std::string(key) + ".NAME.";
    return std::string(key) + (element<Member>::list ? "[]." : ".");
}

// The words of an enum, joined: "off, on, optional".
template <class T>
[[nodiscard]] std::string all_words(const char* between) {
    std::string all;
    for (const auto& w : words<T>) all += (all.empty() ? "" : between) + std::string(w.text);
    return all;
}

// The row's bounds, where the type itself leaves more: a time is seldom nothing, an `unsigned` has 32 bits.
template <class T>
[[nodiscard]] constexpr bounds bounds_of(const facts& about) {
    bounds b = about.within;
    if constexpr (std::is_same_v<T, milliseconds>) b.least = std::max<std::uint64_t>(b.least, about.zero ? 0 : 1);
    if constexpr (std::is_same_v<T, unsigned>) b.most = std::min<std::uint64_t>(b.most, ~0U);
    return b;
}

// ", 512 to 16k" or ", 1 or more"; empty where the row has no bounds.
template <class T>
[[nodiscard]] std::string bounds_text(const facts& about) {
    const auto text = [&](std::uint64_t n) {
        if (std::is_same_v<T, milliseconds>) return to_string(milliseconds(static_cast<std::int64_t>(n)));
        return about.text == unit::bytes ? size_text(n) : std::to_string(n);
    };
    const bool open = about.within.most == bounds{}.most;
    if (open && about.within.least == 0) return {};
    return ", " + text(about.within.least) + (open ? " or more" : " to " + text(about.within.most));
}

// What may be written for one value of type T, in a few words.
template <class T>
[[nodiscard]] std::string form_of(const facts& about) {
    if constexpr (has_words<T>) return all_words<T>(", ");
    if constexpr (std::is_same_v<T, bool>) return "on or off";
    if constexpr (std::is_same_v<T, milliseconds>) return "a time" + bounds_text<T>(about);
    if constexpr (std::is_same_v<T, endpoint>) return "an address";
    if constexpr (std::is_same_v<T, destination>) return "a destination";
    if constexpr (std::is_same_v<T, session_cache>) return std::string(session_cache_form);
    if constexpr (std::is_same_v<T, header_buffers>) return "a number and a size";
    if constexpr (std::is_same_v<T, network>) return "an address or a network";
    if constexpr (std::is_same_v<T, answer>) return std::string(answer_form);
    if constexpr (std::is_same_v<T, header_template>) return "a map of headers";
    if constexpr (std::is_same_v<T, upstream>) return "a map of names";
    if constexpr (has_fields<T>) return "a block";
    switch (about.text) {
        case unit::bytes: return "a size" + bounds_text<T>(about);
        case unit::cpus: return "auto or a number" + bounds_text<T>(about);
        case unit::pin: return std::string(pin_form);
        case unit::file: return "a file";
        case unit::output: return "a file, stdout, stderr, syslog or journal";
        case unit::output_off: return "a file, stdout, stderr, syslog, journal or off";
        case unit::name: return "a name";
        case unit::redirect: return "https or https:PORT";
        case unit::location: return std::string(location_form);
        case unit::plain: break;
    }
    return std::is_arithmetic_v<T> ? "a number" + bounds_text<T>(about) : "text";
}

// The same for who has written something else: with examples where the few words assume the manual's page.
template <class T>
[[nodiscard]] std::string allowed(const facts& about) {
    if constexpr (std::is_same_v<T, bool>) return "on or off, true or false";
    if constexpr (std::is_same_v<T, milliseconds>) return std::string(duration_form) + bounds_text<T>(about);
    if constexpr (std::is_same_v<T, endpoint>) return std::string(endpoint_form);
    if constexpr (std::is_same_v<T, destination>) return std::string(destination_form);
    if constexpr (std::is_same_v<T, network>) return std::string(network_form);
    if constexpr (std::is_same_v<T, header_buffers>) return std::string(header_buffers_form);
    if (about.text == unit::bytes) return std::string(size_form) + bounds_text<T>(about);
    return form_of<T>(about);
}

// Lists of anything else are empty where nothing is said.
template <class T>
inline constexpr bool has_list_default = has_words<T> || std::is_same_v<T, std::string>;

// A default as it would be written; empty where there is none.
[[nodiscard]] inline std::string value_text(bool v, unit) { return v ? "on" : "off"; }
[[nodiscard]] inline std::string value_text(const std::string& v, unit) { return v; }
[[nodiscard]] inline std::string value_text(unsigned v, unit text) {
    return text == unit::cpus && v == 0 ? "auto" : std::to_string(v);
}
[[nodiscard]] inline std::string value_text(std::size_t v, unit text) {
    return text == unit::bytes ? size_text(v) : std::to_string(v);
}
[[nodiscard]] inline std::string value_text(milliseconds v, unit) { return to_string(v); }
[[nodiscard]] inline std::string value_text(const session_cache& v, unit) { return to_string(v); }
[[nodiscard]] inline std::string value_text(const destination& v, unit) { return to_string(v); }
[[nodiscard]] inline std::string value_text(const header_buffers& v, unit) { return to_string(v); }
template <class T>
requires(has_words<T>) [[nodiscard]] std::string value_text(T v, unit) { return std::string(text_of(v)); }
template <class T>
[[nodiscard]] std::string value_text(const std::optional<T>&, unit) {
    return {};  // no optional has a default
}
template <class T>
[[nodiscard]] std::string value_text(const std::vector<T>& v, unit text) {
    if (v.empty()) return {};
    std::string all;
    if constexpr (has_list_default<T>)
        for (const auto& one : v) all += (all.empty() ? "" : ", ") + value_text(one, text);
    return "[" + all + "]";
}

}  // namespace postern::config
