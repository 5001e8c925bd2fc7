#include "certs/openssl.hpp"

#include <openssl/err.h>

namespace postern::certs {

std::string take_errors() {
    const unsigned long error = ERR_peek_last_error();
    ERR_clear_error();
    if (error == 0) return "unknown error";
    if (const char* words = ERR_reason_error_string(error)) return words;
    char code[128];
    ERR_error_string_n(error, code, sizeof code);
    return code;
}

std::string text_of(BIO* memory) {
    char* data = nullptr;
    const long length = BIO_get_mem_data(memory, &data);
    return length > 0 ? std::string(data, static_cast<std::size_t>(length)) : std::string();
}

}  // namespace postern::certs
