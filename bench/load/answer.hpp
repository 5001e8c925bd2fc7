// As much of HTTP as an answer with a Content-Length needs.
#pragma once

#include <string>
#include <string_view>

namespace postern::load {

// Whether the head is there, and as much of a body as it promises.
bool whole_answer(std::string_view bytes);

bool is_success(std::string_view answer);

std::string first_line(std::string_view answer);

}  // namespace postern::load
