// The only file that knows Beast. basic_parser and not parser: that one allocates for each field.
#include "proxy/wire/fields.hpp"

#include "proxy/wire/text.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

namespace postern::wire {
namespace {

namespace http = boost::beast::http;
using boost::beast::error_code;

std::string_view view(boost::beast::string_view s) { return {s.data(), s.size()}; }

// Names that Beast's table does not have.
known identify(std::string_view name) {
    static constexpr std::array<std::pair<std::string_view, known>, 7> names{{
        {"client-cert", known::client_cert},
        {"client-cert-chain", known::client_cert_chain},
        {"x-forwarded-for", known::x_forwarded_for},
        {"x-forwarded-host", known::x_forwarded_host},
        {"x-forwarded-port", known::x_forwarded_port},
        {"x-forwarded-proto", known::x_forwarded_proto},
        {"x-real-ip", known::x_real_ip},
    }};
    if (lower(name.front()) != 'x' && lower(name.front()) != 'c') return known::other;
    for (const auto& [text, id] : names)
        if (equal_ignoring_case(name, text)) return id;
    return known::other;
}

known identify(http::field field, std::string_view name) {
    switch (field) {
        case http::field::connection: return known::connection;
        case http::field::content_length: return known::content_length;
        case http::field::content_type: return known::content_type;
        case http::field::cookie: return known::cookie;
        case http::field::date: return known::date;
        case http::field::expect: return known::expect;
        case http::field::forwarded: return known::forwarded;
        case http::field::host: return known::host;
        case http::field::http2_settings: return known::http2_settings;
        case http::field::keep_alive: return known::keep_alive;
        case http::field::proxy_connection: return known::proxy_connection;
        case http::field::referer: return known::referer;
        case http::field::te: return known::te;
        case http::field::trailer: return known::trailer;
        case http::field::transfer_encoding: return known::transfer_encoding;
        case http::field::upgrade: return known::upgrade;
        case http::field::user_agent: return known::user_agent;
        case http::field::unknown: return identify(name);
        default: return known::other;
    }
}

template <bool IsRequest>
class collector final : public http::basic_parser<IsRequest> {
public:
    collector(start_line& line, std::vector<header>& headers) : line_(line), headers_(headers) {
        // Lengths are judged elsewhere, so here is no body and no limit.
        this->skip(true);
        this->header_limit(std::numeric_limits<std::uint32_t>::max());
    }

    // More than one call: one for the start line, one for all the rest.
    error_code read(std::string_view bytes) {
        error_code error;
        this->put({bytes.data(), bytes.size()}, error);
        return error;
    }

private:
    void begin(std::string_view text, std::string_view target, unsigned status, int version) {
        line_ = {text, target, status, version == 11 ? http_version::http_1_1 : http_version::http_1_0};
    }
    void on_request_impl(http::verb, boost::beast::string_view method, boost::beast::string_view target, int version,
                         error_code&) override {
        begin(view(method), view(target), 0, version);
    }
    void on_response_impl(int status, boost::beast::string_view reason, int version, error_code&) override {
        begin(view(reason), {}, static_cast<unsigned>(status), version);
    }
    void on_field_impl(http::field field, boost::beast::string_view name, boost::beast::string_view value,
                       error_code&) override {
        headers_.push_back({identify(field, view(name)), view(name), view(value)});
    }
    void on_header_impl(error_code&) override {}
    void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
    std::size_t on_body_impl(boost::beast::string_view body, error_code&) override { return body.size(); }
    void on_chunk_header_impl(std::uint64_t, boost::beast::string_view, error_code&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, boost::beast::string_view body, error_code&) override {
        return body.size();
    }
    void on_finish_impl(error_code&) override {}

    start_line& line_;
    std::vector<header>& headers_;
};

// Beast looks at some fields itself, and at each before it hands it out.
std::string_view reason(const error_code& error, const std::vector<header>& before) {
    const auto has = [&](known id) {
        return std::any_of(before.begin(), before.end(), [id](const header& h) { return h.id == id; });
    };
    if (!error) return {};
    if (error == http::error::multiple_content_length) return "two Content-Length headers";
    if (error == http::error::bad_content_length)
        return has(known::transfer_encoding) ? "Transfer-Encoding and Content-Length" : "bad Content-Length";
    if (error == http::error::bad_transfer_encoding)
        return has(known::content_length) ? "Transfer-Encoding and Content-Length" : "two Transfer-Encoding headers";
    if (error == http::error::bad_value) return "bad Connection";
    return "malformed head";
}

constexpr std::size_t status_line = sizeof "HTTP/1.1 200" - 1;

}  // namespace

std::string_view parse_request(std::string_view head, start_line& line, std::vector<header>& headers) {
    collector<true> parser(line, headers);
    const auto error = parser.read(head);
    if (error != http::error::bad_version) return reason(error, headers);
    // HTTP/1.2 to 1.9, which Beast does not know: it gets another request line, and this one is taken apart here.
    const std::string_view whole = head.substr(0, head.find('\r'));
    const std::size_t method = whole.find(' ');
    const std::size_t target = whole.rfind(' ');
    collector<true> rest(line, headers);
    if (rest.read("GET / HTTP/1.1\r\n") != http::error::need_more) return "malformed head";
    line.text = whole.substr(0, method);
    line.target = whole.substr(method + 1, target - method - 1);
    return reason(rest.read(head.substr(whole.size() + 2)), headers);
}

std::string_view parse_response(std::string_view head, start_line& line, std::vector<header>& headers) {
    collector<false> parser(line, headers);
    if (head.substr(status_line, 2) != "\r\n") return reason(parser.read(head), headers);
    // Beast wants the SP that a reason would follow.
    std::array<char, status_line + 3> completed{};
    head.copy(completed.data(), status_line);
    std::string_view(" \r\n").copy(completed.data() + status_line, 3);
    if (parser.read({completed.data(), completed.size()}) != http::error::need_more) return "malformed head";
    line.text = {};
    return reason(parser.read(head.substr(status_line + 2)), headers);
}

std::string_view parse_trailers(std::string_view lines, std::vector<header>& headers) {
    start_line line;
    collector<false> parser(line, headers);
    if (parser.read("HTTP/1.1 200 \r\n") != http::error::need_more) return "malformed trailer";
    return reason(parser.read(lines), headers);
}

}  // namespace postern::wire
