// Whole small files, with the system's own words when one cannot be read.
#pragma once

#include "certs/secret.hpp"

#include <cstddef>
#include <string>

namespace postern::certs {

struct file_text {
    secret content;                   // any of them may hold a key
    std::string error;                // the system's words; empty when the file was read
    bool readable_by_others = false;  // mode o+r
};

// Far more than certificates, keys and lists come to.
inline constexpr std::size_t largest_file = 16 * 1024 * 1024;

// At most `largest_file`. A FIFO is read to its end (nginx's ssl_password_file may be one).
[[nodiscard]] file_text read_file(const std::string& path);

}  // namespace postern::certs
