// What a client has offered in its hello and what was signed with, as nginx's variables tell it: text that is only kept
// where somebody asks for it.
#pragma once

#include <openssl/types.h>

#include <string>

namespace postern::tls {

// Lists are separated by `:`; what OpenSSL has no name for stands in them as 0x0a0a. Signature algorithms have their names
// of RFC 8446 section 4.2.3.
struct offers {
    std::string session_id;  // hexadecimal
    std::string ciphers;
    std::string groups;
    std::string signatures;
    std::string server_signature;  // empty in a resumption, as is the next
    std::string client_signature;
};

// Of a handshake that is done.
[[nodiscard]] offers offers_of(SSL* ssl);

}  // namespace postern::tls
