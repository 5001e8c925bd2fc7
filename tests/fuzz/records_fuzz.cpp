// Any records under the client's key, padded and cut as it pleases, and any bytes between them: what is read, and how it
// ends, do not depend on where the bytes are cut or how much the reader takes at a time, and it is what was sent.
#include "tests/proxy/tls/record_pair.hpp"

#include <cstdlib>
#include <string>
#include <vector>

namespace {

using namespace postern::tls;
using testing::octets;
using testing::record_pair;

void require(bool condition) {
    if (!condition) std::abort();
}

struct sent {
    octets wire;
    std::string text;  // of the data before the first byte that is no record of ours
};

// Each item begins with a byte that says what it is, and one for its length.
sent records(std::span<const std::uint8_t> in) {
    record_pair client;
    sent s;
    bool clean = true;
    while (in.size() >= 2) {
        const std::uint8_t kind = in[0];
        const std::size_t length = std::min<std::size_t>(in[1], in.size() - 2);
        const octets content_of_it(in.begin() + 2, in.begin() + 2 + static_cast<std::ptrdiff_t>(length));
        in = in.subspan(2 + length);
        if (kind == 0) {
            s.wire.insert(s.wire.end(), content_of_it.begin(), content_of_it.end());
            clean = false;
            continue;
        }
        // The low bits choose a type, mostly data; the high ones the padding.
        constexpr std::uint8_t types[] = {23, 23, 22, 21};
        const std::uint8_t type = (kind & 0x0f) == 0x0f ? kind : types[kind & 3];
        if (type == 23 && clean) s.text.append(content_of_it.begin(), content_of_it.end());
        if (type != 23) clean = false;
        const auto record = client.record(content{type}, content_of_it, kind >> 4);
        require(!record.empty());
        // What follows a KeyUpdate is under the next key.
        if (type == 22 && content_of_it.size() >= 5 && content_of_it[0] == 24) require(client.seal.update());
        s.wire.insert(s.wire.end(), record.begin(), record.end());
    }
    return s;
}

struct result {
    std::string text;
    step status = step::want_input;
    postern::reason why = postern::reason::closed;
    octets output;
    bool operator==(const result&) const = default;
};

result read(const octets& wire, std::size_t cut, std::size_t room) {
    const auto layer = std::move(record_pair().layer);
    octets into(room);
    octets out(256);
    result r;
    octets unread;
    for (const auto& piece : {octets(wire.begin(), wire.begin() + static_cast<std::ptrdiff_t>(cut)),
                              octets(wire.begin() + static_cast<std::ptrdiff_t>(cut), wire.end())}) {
        unread.insert(unread.end(), piece.begin(), piece.end());
        buffers with{unread, out};
        do {
            const auto got = layer->read(with, into);
            require(got.bytes <= room);
            r.text.append(into.begin(), into.begin() + static_cast<std::ptrdiff_t>(got.bytes));
            r.status = got.status;
        } while (r.status == step::done);
        require(r.status != step::want_output);
        require(r.status != step::want_input || layer->starved(with.input));
        r.output.insert(r.output.end(), out.begin(), out.begin() + static_cast<std::ptrdiff_t>(with.produced));
        unread = octets(with.input.begin(), with.input.end());
        if (r.status == step::failed) break;
    }
    if (r.status == step::failed) r.why = layer->error().why;
    return r;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const auto s = records({data + 2, size - 2});
    const auto whole = read(s.wire, s.wire.size(), 4096);
    // Empty records in a row are borne for a while only.
    require(whole.text.starts_with(s.text) || whole.status == step::failed);
    require(read(s.wire, data[0] * s.wire.size() / 256, 1 + data[1]) == whole);
    return 0;
}
