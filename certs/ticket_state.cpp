#include "certs/ticket_state.hpp"

#include <array>
#include <charconv>
#include <string>
#include <vector>

namespace postern::certs {
namespace {

using bytes = std::span<const std::uint8_t>;

constexpr std::uint8_t integer_tag = 0x02;
constexpr std::uint8_t octets_tag = 0x04;
constexpr std::uint8_t sequence_tag = 0x30;
constexpr std::uint8_t explicit_tag = 0xa0;  // and its number
enum field : std::uint8_t {
    time_field = 1,
    timeout_field = 2,
    peer_field = 3,
    id_context_field = 4,
    verdict_field = 5,
    appdata_field = 18,
};
constexpr std::int64_t structure_version = 1;
constexpr std::int64_t tls_1_3 = 0x0304;

// DER (X.690): a tag, a length, a value. Into one piece of memory, since it holds a secret.
class writer {
public:
    writer() { out_.reserve(256); }

    void octets(bytes value) {
        header(octets_tag, value.size());
        out_.insert(out_.end(), value.begin(), value.end());
    }
    // Not negative.
    void integer(std::int64_t value) {
        std::size_t size = 1;
        while (size < sizeof value && value >> (8 * size - 1) != 0) ++size;
        header(integer_tag, size);
        for (std::size_t i = size; i-- > 0;) out_.push_back(static_cast<std::uint8_t>(value >> 8 * i));
    }
    // Around what `content` writes, which is less than 128 bytes.
    template <class Content>
    void field(std::uint8_t number, Content content) {
        header(explicit_tag | number, 0);
        const std::size_t begin = out_.size();
        content();
        out_[begin - 1] = static_cast<std::uint8_t>(out_.size() - begin);
    }
    // All of it in a sequence.
    [[nodiscard]] secret take() {
        writer whole;
        whole.header(sequence_tag, out_.size());
        whole.out_.insert(whole.out_.end(), out_.begin(), out_.end());
        const secret wiped(std::move(out_));
        return secret(std::move(whole.out_));
    }

private:
    void header(std::uint8_t tag, std::size_t size) {
        out_.push_back(tag);
        if (size >= 0x100) {
            out_.push_back(0x82);
            out_.push_back(static_cast<std::uint8_t>(size >> 8));
        } else if (size >= 0x80) {
            out_.push_back(0x81);
        }
        out_.push_back(static_cast<std::uint8_t>(size));
    }
    std::vector<std::uint8_t> out_;
};

struct element {
    std::uint8_t tag = 0;
    bytes value;
};

// Takes the element at the front; one with tag 0 when there is none that is whole.
element take(bytes& from) {
    if (from.size() < 2 || (from[0] & 0x1f) == 0x1f) return {};
    std::size_t size = from[1];
    std::size_t at = 2;
    if (size >= 0x80) {
        const std::size_t more = size - 0x80;
        if (more == 0 || more > 2 || from.size() < at + more) return {};
        size = 0;
        for (; at < 2 + more; ++at) size = size << 8 | from[at];
    }
    if (from.size() - at < size) return {};
    const element made{from[0], from.subspan(at, size)};
    from = from.subspan(at + size);
    return made;
}

std::optional<std::int64_t> number(const element& e) {
    if (e.tag != integer_tag || e.value.empty() || e.value.size() > sizeof(std::int64_t) || (e.value[0] & 0x80) != 0)
        return std::nullopt;
    std::int64_t value = 0;
    for (const auto byte : e.value) value = value << 8 | byte;
    return value;
}

std::optional<std::int64_t> take_number(bytes& from) { return number(take(from)); }

bool take_octets(bytes& from, bytes& into) {
    const auto e = take(from);
    into = e.value;
    return e.tag == octets_tag;
}

bool read_time(bytes from, std::time_t& into) {
    const auto value = take_number(from);
    into = value.value_or(0);
    return value && from.empty();
}

// As remember() in sessions.cpp writes it.
bool read_first(bytes from, std::time_t& into) {
    bytes digits;
    if (!take_octets(from, digits) || !from.empty()) return false;
    const auto* const text = reinterpret_cast<const char*>(digits.data());
    const auto [end, error] = std::from_chars(text, text + digits.size(), into);
    return error == std::errc{} && end == text + digits.size();
}

bool read_field(const element& e, ticket_state& into) {
    bytes rest = e.value;
    switch (e.tag) {
        case explicit_tag | time_field: return read_time(rest, into.time);
        case explicit_tag | timeout_field: return read_time(rest, into.lifetime);
        case explicit_tag | id_context_field: return take_octets(rest, into.id_context) && rest.empty();
        case explicit_tag | appdata_field: return read_first(rest, into.first);
        case explicit_tag | peer_field:
        case explicit_tag | verdict_field: return false;
        default: return e.tag != 0;
    }
}

}  // namespace

secret encode(const ticket_state& state) {
    const std::array<std::uint8_t, 2> cipher{static_cast<std::uint8_t>(state.cipher >> 8),
                                             static_cast<std::uint8_t>(state.cipher)};
    const auto digits = std::to_string(state.first);
    writer w;
    w.integer(structure_version);
    w.integer(tls_1_3);
    w.octets(cipher);
    w.octets({});  // no session id
    w.octets(state.psk);
    w.field(time_field, [&] { w.integer(state.time); });
    w.field(timeout_field, [&] { w.integer(state.lifetime); });
    w.field(id_context_field, [&] { w.octets(state.id_context); });
    w.field(appdata_field, [&] { w.octets({reinterpret_cast<const std::uint8_t*>(digits.data()), digits.size()}); });
    return w.take();
}

std::optional<ticket_state> decode_ticket_state(bytes encoded) {
    auto outer = take(encoded);
    if (outer.tag != sequence_tag || !encoded.empty()) return std::nullopt;
    bytes rest = outer.value;
    ticket_state state;
    bytes cipher;
    bytes id;
    if (take_number(rest) != structure_version || take_number(rest) != tls_1_3 || !take_octets(rest, cipher) ||
        cipher.size() != 2 || !take_octets(rest, id) || !take_octets(rest, state.psk))
        return std::nullopt;
    state.cipher = static_cast<std::uint16_t>(cipher[0] << 8 | cipher[1]);
    while (!rest.empty())
        if (!read_field(take(rest), state)) return std::nullopt;
    return state;
}

}  // namespace postern::certs
