#include "config/tree.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <optional>
#include <sstream>

namespace postern::config {
namespace {

constexpr std::size_t largest_text = 8 * 1024 * 1024;
constexpr std::size_t deepest = 32;

struct too_deep {
    place where;
};

problem wrong(place where, std::string key, std::string what, std::string found = {}, std::string allowed = {}) {
    problem p;
    p.where = std::move(where);
    p.key = std::move(key);
    p.what = std::move(what);
    p.found = std::move(found);
    p.allowed = std::move(allowed);
    return p;
}

// yaml-cpp's events, put together to a tree. A value that must not stand there leaves a hole: its key is dropped.
class builder final : public YAML::EventHandler {
public:
    builder(const std::string& file, problems& found) : file_(file), found_(found) {}

    node root;

    void OnDocumentStart(const YAML::Mark&) override {}
    void OnDocumentEnd() override {}

    void OnNull(const YAML::Mark& mark, YAML::anchor_t) override {
        refuse(mark, "no value", "leave the key out, or give it a value");
    }
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
        refuse(mark, "aliases are not supported", "write the value out");
    }

    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& value) override {
        if (expects_key()) return take_key(mark, value);
        if (!plain(mark, tag, anchor)) return;
        node n;
        n.where = at(mark);
        n.text = value;
        n.quoted = tag == "!";
        put(std::move(n));
    }

    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value) override {
        open(mark, tag, anchor, node::kind::sequence);
    }
    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value) override {
        open(mark, tag, anchor, node::kind::map);
    }
    void OnSequenceEnd() override { close(); }
    void OnMapEnd() override { close(); }

private:
    // A collection that is being read. `key` is the key whose value comes next.
    struct level {
        node made;
        std::optional<std::string> key;
        place key_where;
        bool dropped = false;  // read to its end, and thrown away
    };

    [[nodiscard]] place at(const YAML::Mark& mark) const { return {file_, mark.line + 1, mark.column + 1}; }

    [[nodiscard]] bool expects_key() const {
        return !open_.empty() && open_.back().made.type == node::kind::map && !open_.back().key;
    }

    [[nodiscard]] std::string path() const {
        std::string text;
        for (const auto& l : open_) {
            if (l.made.type == node::kind::sequence)
                text += "[" + std::to_string(l.made.items.size()) + "]";
            else if (l.key)
                text += (text.empty() ? "" : ".") + *l.key;
        }
        return text;
    }

    void take_key(const YAML::Mark& mark, const std::string& key) {
        auto& l = open_.back();
        l.key = key;
        l.key_where = at(mark);
        const auto& entries = l.made.entries;
        const auto same = std::find_if(entries.begin(), entries.end(), [&](const auto& e) { return e.key == key; });
        if (same != entries.end())
            found_.push_back(
                wrong(l.key_where, path(),
                      "the key stands here twice; the first is in line " + std::to_string(same->where.line)));
    }

    bool plain(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
        if (anchor != 0) {
            refuse(mark, "anchors are not supported", "write the value out where it is needed");
            return false;
        }
        if (tag != "?" && tag != "!" && !tag.empty()) {
            refuse(mark, "tags are not supported", "the value without " + tag);
            return false;
        }
        return true;
    }

    // At the key's place where there is one: yaml-cpp's mark of an empty value is on the wrong line.
    void refuse(const YAML::Mark& mark, std::string what, std::string allowed) {
        const bool has_key = !open_.empty() && open_.back().key;
        found_.push_back(
            wrong(has_key ? open_.back().key_where : at(mark), path(), std::move(what), {}, std::move(allowed)));
        if (has_key) open_.back().key.reset();
        if (expects_key_of_refused(has_key)) skip_value_ = true;
    }

    // A refused thing stood where a key belongs (`? [a]: b`): its value has no place either.
    [[nodiscard]] bool expects_key_of_refused(bool had_key) const {
        return !had_key && !open_.empty() && open_.back().made.type == node::kind::map;
    }

    void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, node::kind type) {
        if (open_.size() == deepest) throw too_deep{at(mark)};
        level next;
        next.made.type = type;
        next.made.where = at(mark);
        if (expects_key()) {
            found_.push_back(wrong(at(mark), path(), "a key must be a word"));
            open_.back().key = "";
            open_.back().key_where = at(mark);
            next.dropped = true;
            skip_value_ = true;
        } else if (anchor != 0 || (tag != "?" && tag != "!" && !tag.empty())) {
            found_.push_back(
                wrong(at(mark), path(), anchor != 0 ? "anchors are not supported" : "tags are not supported"));
        }
        open_.push_back(std::move(next));
    }

    void close() {
        level done = std::move(open_.back());
        open_.pop_back();
        if (done.dropped) return;
        put(std::move(done.made));
    }

    void put(node&& n) {
        if (open_.empty()) {
            root = std::move(n);
            return;
        }
        auto& l = open_.back();
        if (l.made.type == node::kind::sequence) {
            l.made.items.push_back(std::move(n));
            return;
        }
        const auto same =
            std::find_if(l.made.entries.begin(), l.made.entries.end(), [&](const auto& e) { return e.key == *l.key; });
        if (!skip_value_ && same == l.made.entries.end())
            l.made.entries.push_back({std::move(*l.key), l.key_where, std::move(n)});
        skip_value_ = false;
        l.key.reset();
    }

    const std::string& file_;
    problems& found_;
    std::vector<level> open_;
    bool skip_value_ = false;
};

std::string line_of(std::string_view text, int line) {
    for (int i = 0; i < line; ++i) {
        const auto end = text.find('\n');
        if (end == std::string_view::npos) return {};
        text.remove_prefix(end + 1);
    }
    return std::string(text.substr(0, text.find('\n')));
}

problem syntax_problem(const YAML::Exception& e, std::string_view text, const std::string& file) {
    auto p = wrong({file, e.mark.line + 1, e.mark.column + 1}, "", "not YAML: " + e.msg);
    if (e.mark.is_null()) p.where = {file, 0, 0};
    const auto line = line_of(text, e.mark.line);
    // The two things that operators write and YAML reads otherwise.
    if (line.find("[::") != std::string::npos) p.allowed = "an IPv6 address in quotes: \"[::]:443\"";
    if (line.find('*') != std::string::npos) p.allowed = "a name with `*` in quotes: \"*.example.org\"";
    return p;
}

}  // namespace

node read_tree(std::string_view text, const std::string& file, problems& found) {
    node empty;
    empty.type = node::kind::map;
    empty.where = {file, 1, 1};
    if (text.size() > largest_text) {
        found.push_back(wrong({file, 0, 0}, "", "the text is larger than 8 MiB"));
        return empty;
    }
    builder made(file, found);
    made.root = empty;
    try {
        std::istringstream in{std::string(text)};
        YAML::Parser parser(in);
        if (parser.HandleNextDocument(made)) {
            problems ignored;
            builder second(file, ignored);
            if (parser.HandleNextDocument(second))
                found.push_back(wrong(second.root.where.line > 0 ? second.root.where : place{file, 0, 0}, "",
                                      "a second document (`---`) in one file"));
        }
    } catch (const YAML::Exception& e) {
        found.push_back(syntax_problem(e, text, file));
    } catch (const too_deep& e) {
        found.push_back(wrong(e.where, "", "nested too deeply"));
    }
    if (made.root.type != node::kind::map) {
        if (!has_error(found))
            found.push_back(wrong(made.root.where, "", "the file must hold keys and values", made.root.text));
        return empty;
    }
    return std::move(made.root);
}

}  // namespace postern::config
