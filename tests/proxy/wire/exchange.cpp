#include "tests/proxy/wire/exchange.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <optional>

namespace postern::wire {
namespace {

// Bytes in memory of exactly their size, for AddressSanitizer to see whoever reads past them.
class exact {
public:
    explicit exact(const std::string& text)
        : bytes_(std::make_unique<std::uint8_t[]>(text.size())), size_(text.size()) {
        if (size_ > 0) std::memcpy(bytes_.get(), text.data(), size_);
    }
    [[nodiscard]] std::span<const std::uint8_t> span() const { return {bytes_.get(), size_}; }

private:
    std::unique_ptr<std::uint8_t[]> bytes_;
    std::size_t size_;
};

// Feeds a body what is in `waiting`, and takes from it what was consumed.
void read_body(body_reader& body, std::string& waiting, std::string& payload) {
    for (;;) {
        const exact bytes(waiting);
        const auto part = body.next(bytes.span());
        ASSERT_LE(part.consumed, waiting.size());
        if (!part.payload.empty()) {
            ASSERT_GE(part.payload.data(), bytes.span().data());
            ASSERT_LE(part.payload.data() + part.payload.size(), bytes.span().data() + part.consumed);
        }
        payload.append(part.payload.begin(), part.payload.end());
        waiting.erase(0, part.consumed);
        if (part.consumed == 0) return;
    }
}

void append_body(std::string& to, const body_length& length, const std::string& payload, const body_reader& body) {
    const bool chunks = length.type == body_length::kind::chunked || length.type == body_length::kind::until_close;
    if (!chunks) {
        to += payload;
        return;
    }
    chunk_line_room room;
    if (!payload.empty()) to.append(chunk_line(payload.size(), room)).append(payload).append("\r\n");
    append_last_chunk(to, body.trailers());
}

// Reads a head and then a body from pieces. `head` becomes what is sent on.
template <typename Read, typename Write>
outcome forward(const pieces& received, unsigned body_status, Read&& read, Write&& write) {
    outcome made;
    std::string waiting;
    std::string payload;
    std::optional<body_reader> body;
    body_length length;
    for (const auto& piece : received) {
        waiting += piece;
        if (!body) {
            const exact bytes(waiting);
            const auto [status, size] = read(bytes.span(), made, length);
            if (status == head_status::refused) return made;
            if (status == head_status::need_more) continue;
            write(made.sent, length);
            waiting.erase(0, size);
            body.emplace(length);
        }
        read_body(*body, waiting, payload);
        if (body->refused()) return refused(body_status, std::string(body->why()));
    }
    made.left = waiting;
    if (!body || !body->end_of_input()) return {{}, 0, "need more", {}};
    append_body(made.sent, length, payload, *body);
    return made;
}

struct progress {
    head_status status;
    std::size_t size;
};

template <typename Reader>
progress progress_of(const Reader& reader, head_status status, outcome& made, body_length& length) {
    if (status == head_status::refused) made = refused(reader.refused().status, std::string(reader.refused().why));
    if (status != head_status::complete) return {status, 0};
    length = reader.head().body;
    return {status, reader.size()};
}

}  // namespace

request_context context_of(const request_head& head) {
    return {.client_ip = "192.0.2.1",
            .real_ip = "192.0.2.1",
            .scheme = "https",
            .host = head.authority,
            .port = "443",
            .default_host = "default.example"};
}

outcome forward_request(const pieces& received, const head_limits& limits) {
    request_reader reader;
    return forward(
        received, 400,
        [&](std::span<const std::uint8_t> bytes, outcome& made, body_length& length) {
            return progress_of(reader, reader.read(bytes, limits), made, length);
        },
        [&](std::string& sent, const body_length&) {
            append_request(sent, reader.head(), reader.head().target, context_of(reader.head()), {});
        });
}

outcome forward_response(const pieces& received, const std::string& method, const head_limits& limits) {
    response_reader reader;
    return forward(
        received, 502,
        [&](std::span<const std::uint8_t> bytes, outcome& made, body_length& length) {
            return progress_of(reader, reader.read(bytes, method, limits), made, length);
        },
        [&](std::string& sent, body_length& length) {
            // A body that ends with the backend's connection goes on in chunks.
            if (length.type == body_length::kind::until_close) {
                append_response(sent, reader.head(), {.body = {body_length::kind::chunked, 0}}, {});
            } else {
                append_response(sent, reader.head(), {.body = length}, {});
            }
        });
}

}  // namespace postern::wire
