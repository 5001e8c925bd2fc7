#include "certs/tickets.hpp"

#include "certs/openssl.hpp"

#include <openssl/rand.h>

#include <stdexcept>

namespace postern::certs {

std::shared_ptr<const ticket_keys> make_ticket_keys() {
    std::vector<std::uint8_t> bytes(80);
    if (RAND_priv_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1)
        throw std::runtime_error("no random bytes for ticket keys: " + take_errors());
    auto made = std::make_shared<ticket_keys>();
    made->key = secret(std::move(bytes));
    return made;
}

}  // namespace postern::certs
