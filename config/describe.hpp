// Types and defaults of members as an operator would write them; beneath reference.cpp and schema.cpp.
#pragma once

#include "config/fields.hpp"
#include "config/units.hpp"
#include "config/words.hpp"

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

// The words of an enum, joined: "off, on, optional".
template <class T>
[[nodiscard]] std::string all_words(const char* between) {
    std::string all;
    for (const auto& w : words<T>) all += (all.empty() ? "" : between) + std::string(w.text);
    return all;
}

// What may be written for one value of type T.
template <class T>
[[nodiscard]] std::string form_of(unit text) {
    if constexpr (has_words<T>) return all_words<T>(", ");
    if constexpr (std::is_same_v<T, bool>) return "on or off";
    if constexpr (std::is_same_v<T, milliseconds>) return "a time";
    if constexpr (std::is_same_v<T, endpoint>) return "an address";
    if constexpr (std::is_same_v<T, destination>) return "a destination";
    if constexpr (std::is_same_v<T, session_cache>) return std::string(session_cache_form);
    if constexpr (std::is_same_v<T, upstream>) return "a map of names";
    if constexpr (has_fields<T>) return "a block";
    switch (text) {
        case unit::bytes: return "a size";
        case unit::cpus: return "auto or a number";
        case unit::file: return "a file";
        case unit::output: return "a file, stdout or stderr";
        case unit::output_off: return "a file, stdout, stderr or off";
        case unit::name: return "a name";
        case unit::plain: break;
    }
    return std::is_arithmetic_v<T> ? "a number" : "text";
}

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
    if constexpr (!has_fields<T> && !std::is_same_v<T, endpoint>)
        for (const auto& one : v) all += (all.empty() ? "" : ", ") + value_text(one, text);
    return "[" + all + "]";
}

}  // namespace postern::config
