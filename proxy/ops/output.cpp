#include "proxy/ops/output.hpp"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <unistd.h>

namespace postern::ops {
namespace {

constexpr char hex[] = "0123456789abcdef";

// The length of the UTF-8 sequence at the front (RFC 3629), 0 when it is none.
std::size_t utf8_length(std::string_view text) {
    const auto first = static_cast<unsigned char>(text[0]);
    const std::size_t length = first < 0x80 ? 1 : first >= 0xc2 && first < 0xe0 ? 2 : first >= 0xe0 && first < 0xf0 ? 3 : first >= 0xf0 && first < 0xf5 ? 4 : 0;
    if (length == 0 || text.size() < length) return 0;
    for (std::size_t i = 1; i < length; ++i)
        if ((static_cast<unsigned char>(text[i]) & 0xc0) != 0x80) return 0;
    if (length < 3) return length;
    const auto second = static_cast<unsigned char>(text[1]);
    // Overlong forms, surrogates, and what lies beyond U+10FFFF.
    if ((first == 0xe0 && second < 0xa0) || (first == 0xed && second >= 0xa0) || (first == 0xf0 && second < 0x90) ||
        (first == 0xf4 && second >= 0x90))
        return 0;
    return length;
}

}  // namespace

std::string output::open(const std::string& target) {
    int fd = -1;
    bool own = false;
    if (target == "stdout") {
        fd = STDOUT_FILENO;
    } else if (target == "stderr") {
        fd = STDERR_FILENO;
    } else if (target != "off") {
        fd = ::open(target.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
        own = true;
        if (fd < 0) return target + ": " + std::strerror(errno);
    }
    close();
    target_ = target;
    fd_ = fd;
    own_ = own;
    return {};
}

bool output::write(std::string_view bytes) const {
    while (!bytes.empty()) {
        const ssize_t n = ::write(fd_, bytes.data(), bytes.size());
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
}

void output::close() {
    if (own_) ::close(fd_);
    fd_ = -1;
    own_ = false;
}

void append_json_text(std::string& to, std::string_view text) {
    while (!text.empty()) {
        const auto c = static_cast<unsigned char>(text[0]);
        const std::size_t length = utf8_length(text);
        if (c == '"' || c == '\\') {
            to += {'\\', static_cast<char>(c)};
        } else if (c < ' ' || c == 127) {
            to += "\\u00";
            to += {hex[c >> 4], hex[c & 15]};
        } else if (length == 0) {
            to += "\\ufffd";
        } else {
            to += text.substr(0, length);
        }
        text.remove_prefix(length == 0 ? 1 : length);
    }
}

void append_plain_text(std::string& to, std::string_view text) {
    for (const char ch : text) {
        const auto c = static_cast<unsigned char>(ch);
        if (c >= ' ' && c < 127 && c != '"' && c != '\\')
            to += ch;
        else
            to += {'\\', 'x', hex[c >> 4], hex[c & 15]};
    }
}

}  // namespace postern::ops
