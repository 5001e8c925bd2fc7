#include "config/files.hpp"

#include "config/fields.hpp"

#include <optional>
#include <type_traits>

namespace postern::config {
namespace {

using paths = std::vector<std::string>;

template <class Struct>
void collect(const Struct& from, paths& into);

template <class T>
void collect_value(const T& value, const facts& about, paths& into) {
    if constexpr (has_fields<T>)
        collect(value, into);
    else if constexpr (std::is_same_v<T, std::string>)
        if (about.text == unit::file && !about.written && !value.empty()) into.push_back(value);
}

template <class T>
void collect_value(const std::optional<T>& value, const facts& about, paths& into) {
    if (value) collect_value(*value, about, into);
}

template <class T>
void collect_value(const std::vector<T>& values, const facts& about, paths& into) {
    for (const auto& one : values) collect_value(one, about, into);
}

template <class Struct>
void collect(const Struct& from, paths& into) {
    for_each_field<Struct>([&](const auto& f) { collect_value(from.*(f.member), f.about, into); });
}

}  // namespace

std::vector<std::string> files_in(const settings& all) {
    paths into;
    collect(all, into);
    return into;
}

}  // namespace postern::config
