// Labels of a line: fields that the journal keeps beside it, KEY=value, each ended by a byte that no text of ours holds
// (foreign text is escaped). They travel in front of their line, so that a log can go elsewhere while lines are under way.
// Pure.
#pragma once

#include "proxy/ops/record.hpp"
#include "proxy/ops/request_record.hpp"

#include <string>
#include <string_view>

namespace postern::ops {

// Appends what the journal is to know of the line that is appended next: POSTERN_ID, POSTERN_CLIENT, POSTERN_REASON, ...
void append_labels(std::string& to, const connection_record& of, const connection_outcome& o);
void append_labels(std::string& to, const connection_record& of, const request_record& r);

// Takes the first label, KEY=value, from the front of a line; nothing is left to take when the result is empty.
[[nodiscard]] std::string_view take_label(std::string_view& line);
// Whether any line of the text has labels.
[[nodiscard]] bool has_labels(std::string_view lines);
// The line behind its labels.
[[nodiscard]] std::string_view without_labels(std::string_view line);

}  // namespace postern::ops
