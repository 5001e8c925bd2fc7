// From tree nodes to values: one overload a type of member. Beneath parse.cpp alone.
#pragma once

#include "config/describe.hpp"
#include "config/document.hpp"
#include "config/fields.hpp"
#include "config/suggest.hpp"
#include "config/tree.hpp"
#include "config/units.hpp"
#include "config/words.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace postern::config {

class value_reader {
public:
    explicit value_reader(document& doc) : doc_(doc) {}

    // The keys of a map into the members of a struct. `path` is the struct's own key, empty for the root.
    template <class Struct>
    void read_struct(const node& n, const std::string& path, Struct& into);

private:
    void read(const node& n, const std::string& path, const facts& about, bool& into);
    void read(const node& n, const std::string& path, const facts& about, std::string& into);
    void read(const node& n, const std::string& path, const facts& about, unsigned& into);
    void read(const node& n, const std::string& path, const facts& about, std::size_t& into);
    void read(const node& n, const std::string& path, const facts& about, milliseconds& into);
    void read(const node& n, const std::string& path, const facts& about, endpoint& into);
    void read(const node& n, const std::string& path, const facts& about, destination& into);
    void read(const node& n, const std::string& path, const facts& about, session_cache& into);
    void read(const node& n, const std::string& path, const facts& about, header_buffers& into);
    void read(const node& n, const std::string& path, const facts& about, network& into);
    void read(const node& n, const std::string& path, const facts& about, answer& into);
    void read(const node& n, const std::string& path, const facts&, std::vector<upstream>& into);
    void read(const node& n, const std::string& path, const facts&, std::vector<header_template>& into);

    template <class T>
    void read(const node& n, const std::string& path, const facts& about, std::optional<T>& into) {
        into.emplace();
        read(n, path, about, *into);
    }
    // A list, or one value that stands for a list of one.
    template <class T>
    void read(const node& n, const std::string& path, const facts& about, std::vector<T>& into);
    template <class T>
    requires(has_words<T>) void read(const node& n, const std::string& path, const facts& about, T& into);
    template <class T>
    requires(has_fields<T>) void read(const node& n, const std::string& path, const facts&, T& into) {
        read_struct(n, path, into);
        if constexpr (std::is_same_v<T, location>) split_path(into);
    }
    // The kind that its path begins with, into the member of its own.
    static void split_path(location& into);

    // The text of a scalar; null after saying that it is none.
    const std::string* scalar(const node& n, const std::string& path, const std::string& allowed);
    void refuse(const node& n, const std::string& path, std::string what, std::string allowed,
                std::string suggestion = {});
    void refuse(const node& n, const std::string& path, misread why, std::string allowed);
    struct near_keys {
        std::vector<std::string> here;
        std::vector<std::pair<std::string, std::string>> deeper;  // of the blocks: "certificate", "ssl.certificate"
    };
    template <class Struct>
    [[nodiscard]] static near_keys keys_of();
    void refuse_key(const node::entry& e, const std::string& path, const near_keys& known);
    // A number within the row's bounds; nothing after saying that it is none.
    std::optional<std::uint64_t> number(const node& n, const std::string& path, const std::string& allowed, bounds b);
    [[nodiscard]] static std::string absolute(const std::string& path, const node& beside);

    document& doc_;
};

template <class Struct>
void value_reader::read_struct(const node& n, const std::string& path, Struct& into) {
    if (n.type != node::kind::map) return refuse(n, path, "keys and values belong here", "a map");
    for (const auto& e : n.entries) {
        const std::string key = path.empty() ? e.key : path + "." + e.key;
        bool found = false;
        for_each_field<Struct>([&](const auto& f) {
            if (f.key != e.key) return;
            found = true;
            doc_.places.emplace(key, e.where);
            read(e.value, key, f.about, into.*(f.member));
        });
        if (!found) refuse_key(e, key, keys_of<Struct>());
    }
}

template <class Struct>
value_reader::near_keys value_reader::keys_of() {
    near_keys known;
    for_each_field<Struct>([&](const auto& f) {
        known.here.emplace_back(f.key);
        using member = std::remove_cvref_t<decltype(std::declval<Struct&>().*(f.member))>;
        if constexpr (has_fields<element_t<member>>)
            for_each_field<element_t<member>>([&](const auto& inner) {
                known.deeper.emplace_back(inner.key, path_into<member>(f.key) + std::string(inner.key));
            });
    });
    return known;
}

template <class T>
void value_reader::read(const node& n, const std::string& path, const facts& about, std::vector<T>& into) {
    into.clear();
    const bool list = n.type == node::kind::sequence;
    const std::size_t count = list ? n.items.size() : 1;
    for (std::size_t i = 0; i < count; ++i) {
        const node& item = list ? n.items[i] : n;
        const std::string key = path + "[" + std::to_string(i) + "]";
        doc_.places.emplace(key, item.where);
        read(item, key, about, into.emplace_back());
    }
}

template <class T>
requires(has_words<T>) void value_reader::read(const node& n, const std::string& path, const facts& about, T& into) {
    const auto* text = scalar(n, path, allowed<T>(about));
    if (text == nullptr) return;
    std::vector<std::string> all;
    for (const auto& w : words<T>) {
        if (w.text == *text) {
            into = w.value;
            return;
        }
        all.emplace_back(w.text);
    }
    refuse(n, path, "not one of the words", allowed<T>(about), suggest(*text, all));
}

}  // namespace postern::config
