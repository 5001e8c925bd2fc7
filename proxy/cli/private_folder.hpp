// A temporary folder that only this user can look into, and that is gone with the object.
#pragma once

#include <filesystem>
#include <string_view>

namespace postern::cli {

class private_folder {
public:
    // Under TMPDIR, or /tmp where TMPDIR is not set or so long that a unix socket in it could not have a name.
    // Throws std::system_error.
    private_folder();
    ~private_folder();
    private_folder(const private_folder&) = delete;
    private_folder& operator=(const private_folder&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

    // A file in it that only this user can read. Returns its path; throws std::system_error.
    std::filesystem::path write(std::string_view name, std::string_view text) const;

private:
    std::filesystem::path path_;
};

}  // namespace postern::cli
