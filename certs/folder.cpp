#include "certs/folder.hpp"

#include <algorithm>
#include <filesystem>

namespace postern::certs {

bool is_folder(const std::string& path) {
    std::error_code ignored;
    return std::filesystem::is_directory(path, ignored);
}

folder_content read_folder(const std::string& path) {
    folder_content content;
    std::error_code error;
    std::filesystem::directory_iterator at(path, error);
    for (; !error && at != std::filesystem::directory_iterator(); at.increment(error)) {
        const auto& file = at->path();
        std::error_code ignored;
        const bool certificate = file.extension() == ".pem" || file.extension() == ".crt";
        const bool hidden = file.filename().string().starts_with('.');
        if (hidden || !certificate || std::filesystem::is_directory(file, ignored)) continue;
        auto key = file;
        key.replace_extension(".key");
        const bool beside = std::filesystem::exists(key, ignored);
        content.pairs.push_back({file.string(), beside ? key.string() : file.string()});
    }
    if (error) content.error = error.message();
    std::sort(content.pairs.begin(), content.pairs.end(),
              [](const auto& a, const auto& b) { return a.certificate < b.certificate; });
    return content;
}

}  // namespace postern::certs
