#include "config/tree.hpp"

#include "config/text.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <optional>
#include <sstream>
#include <unordered_map>

namespace postern::config {
namespace {

constexpr std::size_t deepest = 32;
constexpr const char* no_value = "no value";

struct too_deep {
    place where;
};

struct second_document {
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

node empty_map(const std::string& file) {
    node n;
    n.type = node::kind::map;
    n.where = {file, 1, 1};
    return n;
}

// yaml-cpp's events, put together to a tree. A value that cannot stand there leaves a hole: its key is dropped.
class builder final : public YAML::EventHandler {
public:
    builder(std::string_view text, const std::string& file, problems& found)
        : root(empty_map(file)), text_(text), file_(file), found_(found) {}

    node root;

    void OnDocumentStart(const YAML::Mark& mark) override {
        if (started_) throw second_document{at(mark)};
        started_ = true;
    }
    void OnDocumentEnd() override {}

    void OnNull(const YAML::Mark& mark, YAML::anchor_t) override {
        if (expects_key()) return refuse_key(mark, "a value without a key");
        if (open_.empty()) return;  // a text of comments alone
        refuse(mark, no_value, "leave the key out, or give it a value");
        value_done();
    }

    void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
        if (expects_key()) return refuse_key(mark, "aliases are not supported");
        refuse(mark, "aliases are not supported", "write the value out");
        value_done();
    }

    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& value) override {
        if (expects_key()) {
            take_key(mark, value);
            refuse_properties(mark, tag, anchor);
            return;
        }
        refuse_properties(mark, tag, anchor);
        node n;
        n.where = at(mark);
        n.text = value;
        value_done(std::move(n));
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
    // A collection that is being read.
    struct level {
        node made;
        bool is_key = false;   // it stands where a key belongs
        bool quiet = false;    // read to its end and thrown away: nothing in it is worth a problem
        bool misread = false;  // an address without quotes: what YAML makes of it is dropped
        // Of a map: the key whose value comes next.
        std::optional<std::string> key;
        place key_where;
        bool drop_value = false;
        std::unordered_map<std::string, int> lines;  // of the keys so far
    };

    [[nodiscard]] place at(const YAML::Mark& mark) const { return {file_, mark.line + 1, mark.column + 1}; }

    [[nodiscard]] bool expects_key() const {
        return !open_.empty() && open_.back().made.type == node::kind::map && !open_.back().key;
    }

    [[nodiscard]] bool quiet() const { return !open_.empty() && (open_.back().quiet || open_.back().drop_value); }

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

    // At the key's place where there is one: yaml-cpp's mark of an empty value is on the wrong line.
    void refuse(const YAML::Mark& mark, std::string what, std::string allowed) {
        if (quiet()) return;
        const bool has_key = !open_.empty() && open_.back().key;
        found_.push_back(
            wrong(has_key ? open_.back().key_where : at(mark), path(), std::move(what), {}, std::move(allowed)));
    }

    void refuse_properties(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
        if (anchor != 0) refuse(mark, "anchors are not supported", "write the value out where it is needed");
        // yaml-cpp says "!" of a value in quotes and of the tag `!` alone; the mark is at the tag.
        const auto begin = static_cast<std::size_t>(std::max(mark.pos, 0));
        const bool bare = tag == "!" && begin < text_.size() && text_[begin] == '!';
        if (bare || (!tag.empty() && tag != "?" && tag != "!"))
            refuse(mark, "tags are not supported", "the value without " + tag);
    }

    // Its value is read, and dropped without a word.
    void refuse_key(const YAML::Mark& mark, std::string what) {
        refuse(mark, std::move(what), "a word as the key");
        open_.back().key = "";
        open_.back().key_where = at(mark);
        open_.back().drop_value = true;
    }

    void take_key(const YAML::Mark& mark, const std::string& key) {
        if (key.empty()) return refuse_key(mark, "an empty key");
        auto& l = open_.back();
        l.key = key;
        l.key_where = at(mark);
        const auto [first, added] = l.lines.emplace(key, l.key_where.line);
        if (added) return;
        refuse(mark, "the key stands here twice; the first is in line " + std::to_string(first->second), {});
        l.drop_value = true;
    }

    void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, node::kind type) {
        if (open_.size() == deepest) throw too_deep{at(mark)};
        level next;
        next.made.type = type;
        next.made.where = at(mark);
        next.is_key = expects_key();
        next.quiet = next.is_key || quiet();
        if (const auto address = ipv6_at(mark); type == node::kind::sequence && !address.empty()) {
            refuse_address(mark, address);
            next.misread = !next.is_key;
            next.quiet = true;
            if (next.is_key) open_.back().misread = true;
        } else if (next.is_key) {
            refuse(mark, "a key must be a word", {});
        } else {
            refuse_properties(mark, tag, anchor);
        }
        open_.push_back(std::move(next));
    }

    // `[::]` is a list to YAML, and `[::]:443` inside of a list the key of a map.
    [[nodiscard]] std::string_view ipv6_at(const YAML::Mark& mark) const {
        const auto begin = static_cast<std::size_t>(std::max(mark.pos, 0));
        return begin < text_.size() ? bracketed_ipv6(text_.substr(begin)) : std::string_view();
    }

    void refuse_address(const YAML::Mark& mark, std::string_view address) {
        if (quiet()) return;
        const std::string text(address);
        found_.push_back(wrong(at(mark), path(), "an IPv6 address without quotes", text, "\"" + text + "\""));
    }

    void close() {
        level done = std::move(open_.back());
        open_.pop_back();
        if (done.misread) return value_done();
        if (!done.is_key) return value_done(std::move(done.made));
        open_.back().key = "";
        open_.back().drop_value = true;
    }

    void value_done(std::optional<node> n = std::nullopt) {
        if (open_.empty()) {
            if (n) root = std::move(*n);
            return;
        }
        auto& l = open_.back();
        if (l.made.type == node::kind::sequence) {
            if (n) l.made.items.push_back(std::move(*n));
            return;
        }
        if (n && !l.drop_value) l.made.entries.push_back({std::move(*l.key), l.key_where, std::move(*n)});
        l.key.reset();
        l.drop_value = false;
    }

    std::string_view text_;
    const std::string& file_;
    problems& found_;
    bool started_ = false;
    std::vector<level> open_;
};

// yaml-cpp's words; where an operator has forgotten quotes, those instead, and nothing of what YAML made of the line.
void tell_syntax(const YAML::Exception& e, std::string_view text, const std::string& file, problems& found) {
    auto p = wrong({file, e.mark.line + 1, e.mark.column + 1}, "", "not YAML: " + e.msg);
    if (e.mark.is_null()) p.where = {file, 0, 0};
    // The last value that was missing is the one at which YAML lost its way.
    if (!found.empty() && found.back().what == no_value) found.pop_back();
    p.found = word_without_quotes(text, p.where.line);
    if (!p.found.empty()) {
        p.allowed =
            (p.found[0] == '*' ? "a value that begins with `*` in quotes: \"" : "an IPv6 address in quotes: \"") +
            p.found + "\"";
        const auto same_line = [&](const problem& other) {
            return other.where.file == file && other.where.line == p.where.line;
        };
        found.erase(std::remove_if(found.begin(), found.end(), same_line), found.end());
    }
    found.push_back(std::move(p));
}

}  // namespace

node read_tree(std::string_view text, const std::string& file, problems& found) {
    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
    if (text.size() > largest_text) {
        found.push_back(wrong({file, 0, 0}, "", "the text is larger than 8 MiB"));
        return empty_map(file);
    }
    if (auto bad = unreadable_byte(text, file)) {
        found.push_back(std::move(*bad));
        return empty_map(file);
    }
    builder made(text, file, found);
    try {
        std::istringstream in{std::string(text)};
        YAML::Parser parser(in);
        while (parser.HandleNextDocument(made)) {}
    } catch (const YAML::Exception& e) {
        tell_syntax(e, text, file, found);
    } catch (const too_deep& e) {
        found.push_back(wrong(e.where, "", "nested too deeply", {}, "at most 32 levels"));
    } catch (const second_document& e) {
        found.push_back(wrong(e.where, "", "a second document (`---`) in one file", {}, "one document"));
    }
    if (made.root.type == node::kind::map) return std::move(made.root);
    found.push_back(wrong(made.root.where, "", "the file must hold keys and values", made.root.text));
    return empty_map(file);
}

}  // namespace postern::config
