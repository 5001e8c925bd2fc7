// From tree nodes to values: one overload a type of member. Used by parse.cpp alone.
#pragma once

#include "config/document.hpp"
#include "config/fields.hpp"
#include "config/suggest.hpp"
#include "config/tree.hpp"
#include "config/units.hpp"
#include "config/words.hpp"

#include <limits>
#include <string>
#include <vector>

namespace postern::config {

class value_reader {
public:
    explicit value_reader(document& doc) : doc_(doc) {}

    // The keys of a map into the members of a struct. `path` is the struct's own key, empty for the root.
    template <class Struct>
    void read_struct(const node& n, const std::string& path, Struct& into);

private:
    void read(const node& n, const std::string& path, unit, bool& into);
    void read(const node& n, const std::string& path, unit text, std::string& into);
    void read(const node& n, const std::string& path, unit text, unsigned& into);
    void read(const node& n, const std::string& path, unit text, std::size_t& into);
    void read(const node& n, const std::string& path, unit, milliseconds& into);
    void read(const node& n, const std::string& path, unit, endpoint& into);
    void read(const node& n, const std::string& path, unit, destination& into);
    void read(const node& n, const std::string& path, unit, session_cache& into);
    void read(const node& n, const std::string& path, unit, std::vector<upstream>& into);

    template <class T>
    void read(const node& n, const std::string& path, unit text, std::optional<T>& into) {
        into.emplace();
        read(n, path, text, *into);
    }
    // A list, or one value that stands for a list of one.
    template <class T>
    void read(const node& n, const std::string& path, unit text, std::vector<T>& into);
    template <class T>
    requires(has_words<T>) void read(const node& n, const std::string& path, unit, T& into);
    template <class T>
    requires(has_fields<T>) void read(const node& n, const std::string& path, unit, T& into) {
        read_struct(n, path, into);
    }

    // The text of a scalar; null after saying that it is none.
    const std::string* scalar(const node& n, const std::string& path, std::string_view allowed);
    void refuse(const node& n, const std::string& path, std::string what, std::string_view allowed,
                std::string suggestion = {});
    void refuse_key(const node::entry& e, const std::string& path, const std::vector<std::string>& known);
    [[nodiscard]] static std::string absolute(const std::string& path, const node& beside);

    document& doc_;
};

template <class Struct>
void value_reader::read_struct(const node& n, const std::string& path, Struct& into) {
    if (n.type != node::kind::map) return refuse(n, path, "keys and values belong here", "a map");
    std::vector<std::string> known;
    for_each_field<Struct>([&](const auto& f) { known.emplace_back(f.key); });
    for (const auto& e : n.entries) {
        const std::string key = path.empty() ? e.key : path + "." + e.key;
        bool found = false;
        for_each_field<Struct>([&](const auto& f) {
            if (f.key != e.key) return;
            found = true;
            doc_.places.emplace(key, e.where);
            read(e.value, key, f.text, into.*(f.member));
        });
        if (!found) refuse_key(e, key, known);
    }
}

template <class T>
void value_reader::read(const node& n, const std::string& path, unit text, std::vector<T>& into) {
    into.clear();
    const bool list = n.type == node::kind::sequence;
    const std::size_t count = list ? n.items.size() : 1;
    for (std::size_t i = 0; i < count; ++i) {
        const node& item = list ? n.items[i] : n;
        const std::string key = path + "[" + std::to_string(i) + "]";
        doc_.places.emplace(key, item.where);
        read(item, key, text, into.emplace_back());
    }
}

template <class T>
requires(has_words<T>) void value_reader::read(const node& n, const std::string& path, unit, T& into) {
    std::string allowed;
    std::vector<std::string> all;
    for (const auto& w : words<T>) {
        allowed += (allowed.empty() ? "" : ", ") + std::string(w.text);
        all.emplace_back(w.text);
    }
    const auto* text = scalar(n, path, allowed);
    if (text == nullptr) return;
    for (const auto& w : words<T>)
        if (w.text == *text) {
            into = w.value;
            return;
        }
    refuse(n, path, "not one of the words", allowed, suggest(*text, all));
}

}  // namespace postern::config
