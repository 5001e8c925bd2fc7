// Where lines go: stdout, stderr or a file that can be opened anew. Shared by diagnostics and access lines.
#pragma once

#include <string>
#include <string_view>

namespace postern::ops {

class output {
public:
    output() = default;
    output(const output&) = delete;
    output& operator=(const output&) = delete;
    ~output() { close(); }

    // "stdout", "stderr", "off" or a path (created 0640, appended to). Empty, or the system's words; then nothing changed.
    [[nodiscard]] std::string open(const std::string& target);
    [[nodiscard]] std::string reopen() { return open(target_); }
    [[nodiscard]] bool off() const { return fd_ < 0; }

    // False when not all could be written (a full disk, a closed pipe).
    [[nodiscard]] bool write(std::string_view bytes) const;

private:
    void close();

    std::string target_ = "off";
    int fd_ = -1;
    bool own_ = false;
};

// Appends `text` as it may stand in a JSON string: quotes, control characters escaped; bytes that are not UTF-8 replaced.
void append_json_text(std::string& to, std::string_view text);
// The same for a line of text: control characters and quotes as \xNN.
void append_plain_text(std::string& to, std::string_view text);

}  // namespace postern::ops
