// When a session was made. OpenSSL 3.0 has only the functions that 3.4 calls deprecated.
#pragma once

#include <openssl/ssl.h>

#include <ctime>

namespace postern::certs {

#if OPENSSL_VERSION_PREREQ(3, 4)
[[nodiscard]] inline std::time_t time_of(const SSL_SESSION* session) { return SSL_SESSION_get_time_ex(session); }
inline void set_time(SSL_SESSION* session, std::time_t to) { static_cast<void>(SSL_SESSION_set_time_ex(session, to)); }
#else
[[nodiscard]] inline std::time_t time_of(const SSL_SESSION* session) { return SSL_SESSION_get_time(session); }
inline void set_time(SSL_SESSION* session, std::time_t to) { SSL_SESSION_set_time(session, to); }
#endif

}  // namespace postern::certs
