// Answers of our own, for what no backend answers.
#pragma once

#include "config/settings.hpp"
#include "proxy/failure.hpp"
#include "proxy/wire/head.hpp"

#include <string>
#include <string_view>

namespace postern::session {

struct reply {
    unsigned status = 200;
    std::string location = {};  // of a redirect
    std::string type = "text/html";
    std::string body = {};
};

// The short page that says the status in words.
[[nodiscard]] reply page(unsigned status, std::string_view more = {});
[[nodiscard]] reply redirect(unsigned status, std::string location);

// The status that tells a client of this failure; 0: nothing can be told, or nobody is there.
[[nodiscard]] unsigned status_of(const failure& f);

// The status in the access line: nginx's 495 and 496 where clients' certificates are what is wrong.
[[nodiscard]] unsigned logged_status_of(const failure& f);

// What its page says beside the status, in nginx's words; empty: nothing.
[[nodiscard]] std::string_view explanation_of(const failure& f);

// "Not Found"; empty for a status without a phrase of its own (RFC 9110 section 15).
[[nodiscard]] std::string_view phrase_of(unsigned status);

}  // namespace postern::session
