#include "certs/tickets.hpp"

#include "certs/openssl.hpp"

#include <openssl/rand.h>

#include <algorithm>
#include <stdexcept>

namespace postern::certs {
namespace {

constexpr std::size_t name_size = 16;

}  // namespace

bool names_key(std::span<const std::uint8_t> ticket, const ticket_keys& of) {
    const auto key = of.key.bytes();
    return ticket.size() > name_size && key.size() >= name_size &&
           std::equal(key.begin(), key.begin() + name_size, ticket.begin());
}

std::shared_ptr<const ticket_keys> make_ticket_keys() {
    std::vector<std::uint8_t> bytes(80);
    if (RAND_priv_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1)
        throw std::runtime_error("no random bytes for ticket keys: " + take_errors());
    auto made = std::make_shared<ticket_keys>();
    made->key = secret(std::move(bytes));
    return made;
}

}  // namespace postern::certs
