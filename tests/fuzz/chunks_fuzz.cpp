// Any bytes as a body in chunks: payload and end are the same however they come, and the chunks that are sent on have the
// same payload, and trailers that are passed on a second time.
#include "proxy/wire/body.hpp"

#include <cstdlib>

namespace {

using namespace postern::wire;
using bytes = std::span<const std::uint8_t>;

void require(bool condition) {
    if (!condition) std::abort();
}

struct result {
    std::string payload;
    std::string trailers;
    std::string_view why;
    std::size_t consumed = 0;
    bool complete = false;
    bool operator==(const result&) const = default;
};

// The body at the front of the bytes, given in two pieces.
result read(bytes all, std::size_t cut) {
    body_reader body({body_length::kind::chunked, 0});
    result read;
    for (const std::size_t end : {cut, all.size()}) {
        for (;;) {
            const bytes rest = all.first(end).subspan(read.consumed);
            const auto part = body.next(rest);
            require(part.consumed <= rest.size() && part.payload.size() <= part.consumed);
            if (!part.payload.empty())
                require(part.payload.data() >= rest.data() &&
                        part.payload.data() + part.payload.size() <= rest.data() + part.consumed);
            read.payload.append(part.payload.begin(), part.payload.end());
            read.consumed += part.consumed;
            if (part.consumed == 0) break;
        }
        // Nothing is left to come again.
        require(body.complete() || body.refused() || read.consumed == end);
    }
    read.why = body.why();
    read.complete = body.complete();
    require(!read.complete || !body.refused());
    require(body.refused() != read.why.empty());
    if (body.refused()) read.consumed = 0;
    append_last_chunk(read.trailers, body.trailers());
    return read;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const bytes all(data, size);
    const result whole = read(all, size);
    // The last byte chooses where the bytes are cut.
    if (size > 1) require(read(all, 1 + data[size - 1] * (size - 1) / 256) == whole);
    if (!whole.complete) return 0;
    std::string sent;
    chunk_line_room room;
    if (!whole.payload.empty())
        sent.append(chunk_line(whole.payload.size(), room)).append(whole.payload).append("\r\n");
    sent += whole.trailers;
    const result again = read({reinterpret_cast<const std::uint8_t*>(sent.data()), sent.size()}, sent.size());
    require(again.complete && again.consumed == sent.size());
    require(again.payload == whole.payload && again.trailers == whole.trailers);
    return 0;
}
