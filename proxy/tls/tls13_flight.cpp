#include "proxy/tls/tls13_flight.hpp"

#include "proxy/tls/numbers.hpp"
#include "proxy/tls/reader.hpp"

#include <algorithm>
#include <cstddef>

namespace postern::tls {
namespace {

enum message : std::uint8_t {
    server_hello_type = 2,
    encrypted_extensions_type = 8,
    certificate_type = 11,
    certificate_verify_type = 15,
    finished_type = 20,
};
constexpr std::uint16_t tls_1_2 = 0x0303;
constexpr std::uint16_t tls_1_3 = 0x0304;

// One message, whose length is known in the end.
class writer {
public:
    writer(std::vector<std::uint8_t>& to, std::uint8_t type) : bytes_(to), begin_(to.size()) {
        number(type, 1);
        number(0, 3);
    }
    ~writer() { set(begin_ + 1, bytes_.size() - begin_ - 4, 3); }
    writer(const writer&) = delete;
    writer& operator=(const writer&) = delete;

    void number(std::size_t value, std::size_t width) {
        for (; width > 0; --width) bytes_.push_back(static_cast<std::uint8_t>(value >> 8 * (width - 1)));
    }
    void raw(std::span<const std::uint8_t> value) { bytes_.insert(bytes_.end(), value.begin(), value.end()); }
    void vector(std::span<const std::uint8_t> value, std::size_t width) {
        number(value.size(), width);
        raw(value);
    }
    // What `content` writes, with its length in `width` bytes before it.
    template <class Content>
    void counted(std::size_t width, Content content) {
        const std::size_t at = bytes_.size();
        number(0, width);
        content();
        set(at, bytes_.size() - at - width, width);
    }
    template <class Content>
    void extension(extension_type type, Content content) {
        number(static_cast<std::uint16_t>(type), 2);
        counted(2, content);
    }

private:
    void set(std::size_t at, std::size_t value, std::size_t width) {
        for (; width > 0; --width) bytes_[at++] = static_cast<std::uint8_t>(value >> 8 * (width - 1));
    }
    std::vector<std::uint8_t>& bytes_;
    std::size_t begin_;
};

std::span<const std::uint8_t> bytes_of(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace

void add_server_hello(std::vector<std::uint8_t>& to, const server_hello& hello) {
    writer w(to, server_hello_type);
    w.number(tls_1_2, 2);
    w.raw(hello.random);
    w.vector(hello.session_id, 1);
    w.number(hello.suite, 2);
    w.number(0, 1);  // no compression
    w.counted(2, [&] {
        w.extension(extension_type::supported_versions, [&] { w.number(tls_1_3, 2); });
        w.extension(extension_type::key_share, [&] {
            w.number(group::x25519, 2);
            w.vector(hello.share, 2);
        });
        if (hello.resumes) w.extension(extension_type::pre_shared_key, [&] { w.number(0, 2); });
    });
}

void add_encrypted_extensions(std::vector<std::uint8_t>& to, std::string_view alpn) {
    writer w(to, encrypted_extensions_type);
    w.counted(2, [&] {
        if (!alpn.empty())
            w.extension(extension_type::application_layer_protocol_negotiation,
                        [&] { w.counted(2, [&] { w.vector(bytes_of(alpn), 1); }); });
    });
}

void add_certificate(std::vector<std::uint8_t>& to, std::span<const std::vector<std::uint8_t>> chain) {
    writer w(to, certificate_type);
    w.number(0, 1);  // no context: it was not asked for
    w.counted(3, [&] {
        for (const auto& one : chain) {
            w.vector(one, 3);
            w.number(0, 2);  // no extensions
        }
    });
}

void add_stapled_certificate(std::vector<std::uint8_t>& to, std::span<const std::uint8_t> message,
                             std::span<const std::uint8_t> response) {
    constexpr std::size_t header = 4;
    constexpr std::uint8_t ocsp = 1;
    reader r(message.subspan(header));
    const auto context = r.vector(1);
    const auto entries = r.vector(3);
    reader first(entries);
    const auto leaf = first.vector(3);
    const auto extensions = first.vector(2);
    writer w(to, certificate_type);
    w.vector(context, 1);
    w.counted(3, [&] {
        w.vector(leaf, 3);
        w.counted(2, [&] {
            w.raw(extensions);
            w.extension(extension_type::status_request, [&] {
                w.number(ocsp, 1);
                w.vector(response, 3);
            });
        });
        w.raw(entries.subspan(3 + leaf.size() + 2 + extensions.size()));
    });
}

void add_certificate_verify(std::vector<std::uint8_t>& to, std::uint16_t scheme,
                            std::span<const std::uint8_t> signature) {
    writer w(to, certificate_verify_type);
    w.number(scheme, 2);
    w.vector(signature, 2);
}

void add_finished(std::vector<std::uint8_t>& to, std::span<const std::uint8_t> verify_data) {
    writer w(to, finished_type);
    w.raw(verify_data);
}

content_to_sign::content_to_sign(std::span<const std::uint8_t> transcript_hash) {
    constexpr std::string_view context = "TLS 1.3, server CertificateVerify";
    auto* at = std::fill_n(bytes_.begin(), 64, ' ');
    at = std::ranges::copy(context, at).out;
    *at++ = 0;
    at = std::ranges::copy(transcript_hash, at).out;
    size_ = static_cast<std::size_t>(at - bytes_.begin());
}

}  // namespace postern::tls
