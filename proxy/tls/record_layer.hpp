// The record protocol of TLS 1.3 after a handshake (RFC 8446 section 5), without an object of OpenSSL's for the
// connection: two keys and two counters are what is left of one. tls::engine hands over to it.
#pragma once

#include "proxy/failure.hpp"
#include "proxy/tls/record_key.hpp"
#include "proxy/tls/step.hpp"
#include "proxy/tls/traffic_secrets.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace postern::tls {

// Where a handshake and what followed it have come to.
struct record_state {
    std::uint64_t opened = 0;                      // records of the client under its traffic secret
    std::uint64_t sealed = 0;                      // ours
    std::size_t largest_record = largest_content;  // content of one that we write
    // AES-GCM is safe for 2^24.5 records of full size (section 5.5); the next takes a new key.
    std::uint64_t records_a_key = std::uint64_t{1} << 24;
};

class record_layer {
public:
    // Null when there is no memory.
    [[nodiscard]] static std::unique_ptr<record_layer> make(const cipher_suite& suite, const traffic_secrets& secrets,
                                                            const record_state& from);

    // As tls::engine's functions of these names. A record is consumed from the input when it is whole and all of its
    // content has been read; until then it may have been decrypted in place, and its bytes must come again as they are.
    [[nodiscard]] moved read(buffers& with, std::span<std::uint8_t> into);
    [[nodiscard]] moved write(buffers& with, std::span<const std::uint8_t> from);
    [[nodiscard]] step close(buffers& with);
    // Says a handshake message that follows the handshake. False where there is no room for the whole of it: then nothing
    // is said; or when OpenSSL fails.
    [[nodiscard]] bool tell(buffers& with, std::span<const std::uint8_t> message);
    // Nothing but more ciphertext than `input` can make the next read() yield anything.
    [[nodiscard]] bool starved(std::span<const std::uint8_t> input) const;
    [[nodiscard]] const failure& error() const { return error_; }

private:
    record_layer(const cipher_suite& suite, const traffic_secrets& secrets, const record_state& from);

    enum class state : std::uint8_t {
        open,    // data may come
        closed,  // the client's close_notify has come
        failed,  // see error_
    };
    // The content of the record at the input's front, decrypted in place and not read to its end.
    struct remainder {
        std::size_t at = 0;
        std::size_t end = 0;
        std::size_t record = 0;
    };

    void refuse(header_verdict of, buffers& with);
    void open_record(buffers& with, std::size_t size, std::span<std::uint8_t> into, std::size_t& read);
    void take(record_key::opened what, std::span<const std::uint8_t> data, buffers& with);
    void take_alert(std::span<const std::uint8_t> data, buffers& with);
    void take_handshake(std::span<const std::uint8_t> data, buffers& with);
    [[nodiscard]] bool refresh_key(buffers& with);
    [[nodiscard]] bool say(content type, std::span<const std::uint8_t> what, buffers& with);
    // Our close_notify, or a fatal alert; nothing is said behind it. `done`: it is said, or the other one is.
    [[nodiscard]] step say_last(std::uint8_t level, std::uint8_t alert, buffers& with);
    void fail(std::uint8_t alert, reason why, const char* detail, buffers& with);

    record_key open_;
    record_key seal_;
    const std::size_t largest_record_;
    const std::uint64_t records_a_key_;
    remainder left_;
    failure error_;
    std::array<std::uint8_t, 5> message_{};  // the begin of a handshake message that is cut in two by records
    std::uint8_t message_size_ = 0;
    std::uint8_t without_data_ = 0;  // records in a row, while we say nothing either
    state now_ = state::open;
    bool key_update_owed_ = false;
    bool said_last_ = false;  // our close_notify, or a fatal alert
};

}  // namespace postern::tls
