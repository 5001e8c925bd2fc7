// What this build, this CPU, this kernel and this OpenSSL can do, looked up once in one table: `postern version` prints
// it, and what cannot work without one of these asks here.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace postern::cli {

struct capability {
    std::string_view part;  // "build", "cpu", "kernel" or "openssl"
    std::string name;       // "landlock"
    bool there = false;
    std::string detail = {};  // "ABI 7"; where it is missing, why
};

[[nodiscard]] std::vector<capability> capabilities();

// Aligned lines, a part after the other: "kernel   landlock   yes  ABI 7".
[[nodiscard]] std::string to_text(const std::vector<capability>& all);

}  // namespace postern::cli
