// HTTP/1 heads, from bytes to values (RFC 9112). Beast's parser reads them but does not judge them (it takes much of what
// request smuggling is made of), so the raw bytes are looked at before it and the fields after it. Pure.
//
// A head is read where it lies: all views point into the bytes given to read() and are good as long as those are, and
// until reset(), while the reader stays where it is.
#pragma once

#include "proxy/wire/head_scan.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace postern::wire {

// Header fields that somebody here acts on, so that a name is compared once.
enum class known : std::uint8_t {
    other,
    client_cert,
    client_cert_chain,
    connection,
    content_length,
    content_type,
    cookie,
    date,
    expect,
    forwarded,
    host,
    http2_settings,
    keep_alive,
    proxy_connection,
    referer,
    te,
    trailer,
    transfer_encoding,
    upgrade,
    user_agent,
    x_forwarded_for,
    x_forwarded_host,
    x_forwarded_port,
    x_forwarded_proto,
    x_real_ip,
};

struct header {
    known id = known::other;
    std::string_view name;   // as received
    std::string_view value;  // without the white space around it
};

enum class http_version : std::uint8_t { http_1_0, http_1_1 };

// How long a body is (RFC 9112 section 6.3).
struct body_length {
    enum class kind : std::uint8_t {
        none,         // there is no body
        length,       // `bytes` of it, which may be 0
        chunked,      // chunks say it
        until_close,  // a response that ends with its connection
    };
    kind type = kind::none;
    std::uint64_t bytes = 0;
    bool operator==(const body_length&) const = default;
};

struct request_head {
    std::string_view method;
    std::string_view target;     // origin-form ("/a?b") or "*"; what absolute-form had before it is in `authority`
    std::string_view authority;  // of absolute-form, else the Host header's value; empty: HTTP/1.0 without Host
    http_version version = http_version::http_1_1;
    body_length body;
    bool keep_alive = true;        // the client will send another request on this connection
    bool expect_continue = false;  // Expect: 100-continue, on HTTP/1.1
    std::string_view upgrade;  // the protocol that the client wants to change to; empty: none, or h2c, or with a body
    std::vector<header> headers;  // all of them, in their order

    // The first header of this kind; null when there is none.
    [[nodiscard]] const header* find(known id) const;
};

struct response_head {
    unsigned status = 0;
    std::string_view reason;
    http_version version = http_version::http_1_1;
    body_length body;
    bool keep_alive = true;     // the connection can be used again when the body has ended
    bool answers_head = false;  // Content-Length, if any, is that of the answer to a GET
    std::string_view upgrade;   // of a 101
    std::vector<header> headers;

    [[nodiscard]] const header* find(known id) const;
};

// Reads one request head after another; keeps its memory between them.
class request_reader {
public:
    // `received`: everything since the last head's body ended, from its first byte on; a later call has the same bytes
    // and more. Looks at each byte once, whatever the number of calls (a whole head is then parsed once), and refuses
    // as soon as a byte is wrong. A few empty lines before the request line are passed over (RFC 9112 section 2.2);
    // size() counts them.
    [[nodiscard]] head_status read(std::span<const std::uint8_t> received, const head_limits& limits);
    // Before the next head.
    void reset();

    [[nodiscard]] const request_head& head() const { return head_; }  // when complete
    [[nodiscard]] std::size_t size() const { return scan_.size(); }   // when complete: bytes up to the body's first
    [[nodiscard]] const refusal& refused() const { return refusal_; }
    // Something that is not an empty line has come: a client that stops here is owed a 408.
    [[nodiscard]] bool begun() const { return scan_.begun(); }

private:
    head_status judge(std::span<const std::uint8_t> head);

    head_scan scan_{head_scan::kind::request};
    head_status status_ = head_status::need_more;
    request_head head_;
    refusal refusal_;
    std::string made_target_;  // of "http://a?b", whose path is nowhere in what was received
};

// The same for what a backend answers to a request with this method; there are no empty lines before it.
class response_reader {
public:
    [[nodiscard]] head_status read(std::span<const std::uint8_t> received, std::string_view method,
                                   const head_limits& limits);
    void reset();

    [[nodiscard]] const response_head& head() const { return head_; }
    [[nodiscard]] std::size_t size() const { return scan_.size(); }
    [[nodiscard]] const refusal& refused() const { return refusal_; }

private:
    head_status judge(std::span<const std::uint8_t> head);

    head_scan scan_{head_scan::kind::response};
    head_status status_ = head_status::need_more;
    response_head head_;
    refusal refusal_;
};

}  // namespace postern::wire
