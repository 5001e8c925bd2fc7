// A record_layer and the client's two keys, so that any record can be made and any of its records read.
#pragma once

#include "proxy/tls/record_layer.hpp"

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace postern::tls::testing {

using octets = std::vector<std::uint8_t>;

inline octets of(std::string_view text) { return {text.begin(), text.end()}; }
inline octets joined(std::initializer_list<octets> all) {
    octets out;
    for (const auto& a : all) out.insert(out.end(), a.begin(), a.end());
    return out;
}
inline std::string text_of(std::span<const std::uint8_t> b) { return {b.begin(), b.end()}; }

// As the key schedule would tell them.
inline void tell(traffic_secrets& to, std::string_view label, const octets& secret) {
    key_request r;
    r.label.name = {reinterpret_cast<const std::uint8_t*>(label.data()), label.size()};
    to.note(r, secret, nullptr);
}

struct record_pair {
    explicit record_pair(std::uint16_t suite_id = 0x1301, std::uint64_t records_a_key = 1000)
        : suite(*find_suite(suite_id)),
          client_secret(size_of(suite.hash), 0x11),
          server_secret(size_of(suite.hash), 0x22),
          seal(record_key::use::seal, suite, nullptr, client_secret, 5),
          open(record_key::use::open, suite, nullptr, server_secret, 7) {
        traffic_secrets secrets;
        tell(secrets, "c ap traffic", client_secret);
        tell(secrets, "s ap traffic", server_secret);
        layer = record_layer::make(suite, secrets, {5, 7, largest_content, records_a_key});
    }

    // A record of the client's, with `padding` zeros behind its type.
    octets record(content type, const octets& what, std::size_t padding = 0) {
        octets inner = what;
        // The last byte before the tag is the type that seal() adds: with padding, a zero.
        if (padding > 0) {
            inner.push_back(static_cast<std::uint8_t>(type));
            inner.insert(inner.end(), padding - 1, 0);
        }
        octets out(inner.size() + record_overhead);
        if (!seal.seal(padding > 0 ? content{0} : type, inner, out.data())) out.clear();
        return out;
    }
    octets data(std::string_view text) { return record(content::application_data, of(text)); }

    struct heard {
        std::string text;
        step status;
        octets output;
        octets unread;
    };
    // Reads all of `input` with a reader that has `room` bytes at a time.
    heard hear(octets input, std::size_t room = 64 * 1024, std::size_t out = 1000) const {
        heard h{{}, step::done, {}, {}};
        octets into(room);
        octets output(out);
        buffers with{input, output};
        while (h.status == step::done) {
            const auto got = layer->read(with, into);
            h.text.append(into.begin(), into.begin() + static_cast<std::ptrdiff_t>(got.bytes));
            h.status = got.status;
        }
        h.output.assign(output.begin(), output.begin() + static_cast<std::ptrdiff_t>(with.produced));
        h.unread.assign(with.input.begin(), with.input.end());
        return h;
    }

    octets say(std::string_view text, std::size_t room = 100'000) const {
        octets output(room);
        buffers with{{}, output};
        const auto put = layer->write(with, of(text));
        output.resize(put.status == step::done ? with.produced : 0);
        return output;
    }

    // What the client finds in our records: the type and content of each.
    struct found {
        content type;
        octets what;
    };
    std::vector<found> open_all(octets records) {
        std::vector<found> all;
        for (std::size_t at = 0; at < records.size();) {
            const std::size_t size = header_size + (std::size_t{records[at + 3]} << 8 | records[at + 4]);
            octets plain(size);
            const auto got = open.open(std::span(records).subspan(at, size), plain.data());
            if (!got) break;
            plain.resize(got->size);
            all.push_back({got->type, plain});
            if (got->type == content::handshake && !open.update()) break;
            at += size;
        }
        return all;
    }

    const cipher_suite& suite;
    octets client_secret;
    octets server_secret;
    record_key seal;
    record_key open;
    std::unique_ptr<record_layer> layer;
};

}  // namespace postern::tls::testing
