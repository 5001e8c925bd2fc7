#include "proxy/session/reply.hpp"

#include <array>

namespace postern::session {
namespace {

struct phrase {
    unsigned status;
    std::string_view text;
};

constexpr std::array phrases{
    phrase{200, "OK"},
    phrase{201, "Created"},
    phrase{202, "Accepted"},
    phrase{204, "No Content"},
    phrase{301, "Moved Permanently"},
    phrase{302, "Found"},
    phrase{303, "See Other"},
    phrase{307, "Temporary Redirect"},
    phrase{308, "Permanent Redirect"},
    phrase{400, "Bad Request"},
    phrase{401, "Unauthorized"},
    phrase{403, "Forbidden"},
    phrase{404, "Not Found"},
    phrase{405, "Method Not Allowed"},
    phrase{408, "Request Timeout"},
    phrase{409, "Conflict"},
    phrase{410, "Gone"},
    phrase{413, "Content Too Large"},
    phrase{414, "URI Too Long"},
    phrase{417, "Expectation Failed"},
    phrase{421, "Misdirected Request"},
    phrase{429, "Too Many Requests"},
    phrase{431, "Request Header Fields Too Large"},
    phrase{500, "Internal Server Error"},
    phrase{501, "Not Implemented"},
    phrase{502, "Bad Gateway"},
    phrase{503, "Service Unavailable"},
    phrase{504, "Gateway Timeout"},
    phrase{505, "HTTP Version Not Supported"},
};

}  // namespace

reply page(unsigned status, std::string_view more) {
    const std::string title = std::to_string(status) + " " + std::string(phrase_of(status));
    reply made{.status = status};
    made.body = "<!DOCTYPE html>\n<title>" + title + "</title>\n<h1>" + title + "</h1>\n";
    if (!more.empty()) made.body.append("<p>").append(more).append("</p>\n");
    return made;
}

reply redirect(unsigned status, std::string location) {
    auto made = page(status);
    made.location = std::move(location);
    return made;
}

unsigned status_of(const failure& f) {
    switch (f.why) {
        case reason::bad_request:
        case reason::client_cert_missing:
        case reason::client_cert_expired:
        case reason::client_cert_revoked:
        case reason::client_cert_untrusted: return 400;
        case reason::client_cert_denied: return 403;
        case reason::misdirected: return 421;
        case reason::request_timeout:
        case reason::body_timeout: return 408;
        case reason::body_too_large: return 413;
        case reason::resolve_failed:
        case reason::connect_refused:
        case reason::connect_failed:
        case reason::upstream_closed:
        case reason::upstream_reset:
        case reason::upstream_error:
        case reason::bad_response: return 502;
        case reason::connect_timeout:
        case reason::read_timeout:
        case reason::write_timeout: return 504;
        case reason::drain_timeout:
        case reason::stopped: return 503;
        case reason::internal: return 500;
        default: return 0;
    }
}

unsigned logged_status_of(const failure& f) {
    switch (f.why) {
        case reason::client_cert_missing: return 496;
        case reason::client_cert_expired:
        case reason::client_cert_revoked:
        case reason::client_cert_untrusted: return 495;
        default: return status_of(f);
    }
}

std::string_view explanation_of(const failure& f) {
    switch (f.why) {
        case reason::plain_http: return "The plain HTTP request was sent to HTTPS port";
        case reason::client_cert_missing: return "No required SSL certificate was sent";
        case reason::client_cert_expired:
        case reason::client_cert_revoked:
        case reason::client_cert_untrusted: return "The SSL certificate error";
        default: return {};
    }
}

std::string_view phrase_of(unsigned status) {
    for (const auto& p : phrases)
        if (p.status == status) return p.text;
    return {};
}

}  // namespace postern::session
