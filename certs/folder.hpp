// A folder of certificates in place of a file.
#pragma once

#include <array>
#include <string>
#include <vector>

namespace postern::certs {

struct pair_of_files {
    std::string certificate;
    std::string key;
};

struct folder_content {
    std::vector<pair_of_files> pairs;  // by name
    std::string error;                 // the system's words; empty when the folder was read
};

[[nodiscard]] bool is_folder(const std::string& path);

// The names that count in it, as patterns of fnmatch(3).
inline constexpr std::array names_in_folder{"*.pem", "*.crt", "*.key"};

// Each *.pem and *.crt in it, with the key in NAME.key beside it or, where there is none, in the file itself. Hidden
// files are passed over: Kubernetes keeps earlier versions in them.
[[nodiscard]] folder_content read_folder(const std::string& path);

}  // namespace postern::certs
