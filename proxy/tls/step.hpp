// One step of a TLS connection as bytes in, bytes out: what it works on and what became of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace postern::tls {

enum class step : std::uint8_t {
    done,         // all that was asked for
    want_input,   // what was fed is consumed, more is needed
    want_output,  // the room lent is full: send it, lend more, take the same step again
    closed,       // the client's close_notify has been read; nothing more will come
    failed,       // see error(); an alert for the client may be in the output
};

struct moved {
    step status;
    std::size_t bytes;  // plaintext bytes read or written, also when status is not `done`
};

// Ciphertext: what has come and is not consumed yet, and the room for what goes out.
struct buffers {
    std::span<std::uint8_t> input;
    std::span<std::uint8_t> room;  // for more: it begins behind what was produced
    std::size_t produced = 0;

    // `n` bytes of the room are filled.
    void add(std::size_t n) {
        room = room.subspan(n);
        produced += n;
    }
};

}  // namespace postern::tls
