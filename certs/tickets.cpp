#include "certs/tickets.hpp"

#include "certs/openssl.hpp"

#include <openssl/rand.h>

#include <algorithm>
#include <stdexcept>

namespace postern::certs {
namespace {

constexpr std::size_t aes_256_file = 80;
constexpr std::size_t aes_128_file = 48;

}  // namespace

std::optional<ticket_key> ticket_key::of(secret bytes) {
    const auto size = bytes.bytes().size();
    if (size != aes_256_file && size != aes_128_file) return std::nullopt;
    return ticket_key(std::move(bytes));
}

std::span<const std::uint8_t> ticket_key::hmac() const {
    const auto all = bytes_.bytes();
    return all.size() == aes_256_file ? all.subspan(name_size, 32) : all.subspan(name_size + 16);
}

std::span<const std::uint8_t> ticket_key::aes() const {
    const auto all = bytes_.bytes();
    return all.size() == aes_256_file ? all.subspan(name_size + 32) : all.subspan(name_size, 16);
}

const ticket_key* ticket_keys::find(std::span<const std::uint8_t> ticket) const {
    if (ticket.size() < ticket_key::name_size) return nullptr;
    for (const auto& key : all_) {
        const auto name = key->name();
        if (std::equal(name.begin(), name.end(), ticket.begin())) return key.get();
    }
    return nullptr;
}

bool names_key(std::span<const std::uint8_t> ticket, const ticket_keys& of) {
    return ticket.size() > ticket_key::name_size && of.find(ticket) != nullptr;
}

ticket_key_ptr make_ticket_key() {
    std::vector<std::uint8_t> bytes(aes_256_file);
    if (RAND_priv_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) return nullptr;
    return std::make_shared<const ticket_key>(*ticket_key::of(secret(std::move(bytes))));
}

std::shared_ptr<const ticket_keys> make_ticket_keys() {
    auto key = make_ticket_key();
    if (!key) throw std::runtime_error("no random bytes for ticket keys: " + take_errors());
    return std::make_shared<const ticket_keys>(std::vector{std::move(key)});
}

}  // namespace postern::certs
