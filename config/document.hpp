// A configuration as read: the values, where each one stands in its file, and what is wrong with it.
#pragma once

#include "config/problem.hpp"
#include "config/settings.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace postern::config {

// A folder in which a pattern of `include` looks for more.
struct include_folder {
    std::string path;   // may not exist
    std::string names;  // those that count in it: a pattern of fnmatch(3), in which no wildcard is a dot in front

    bool operator==(const include_folder&) const = default;
};

struct document {
    std::string file;                     // the name of the text
    std::vector<std::string> files;       // what was read or could not be; some may not exist
    std::vector<include_folder> folders;  // where a name that comes or goes makes it another document
    config::settings settings;
    std::map<std::string, place, std::less<>> places;  // key path, e.g. "servers[0].ssl.certificate[1]" -> where
    config::problems problems;                         // errors and warnings, in the order of the text

    // The place of `key`, or of the nearest enclosing key that has one.
    [[nodiscard]] place place_of(std::string_view key) const;
};

// Reads FILE and what it includes. Never throws: an unreadable file is a problem like any other. Cross-field rules
// (check.hpp) have been applied; what the files named in it hold has not been looked at.
[[nodiscard]] document load(const std::string& file);

// The same for a text in memory. `file` names it in problems; relative paths resolve against its folder.
[[nodiscard]] document parse(std::string_view text, const std::string& file);

// Cross-field rules over finished settings: appends to `doc.problems`. load and parse have called it already; settings
// that were built from the command line call it themselves.
void check(document& doc);

}  // namespace postern::config
