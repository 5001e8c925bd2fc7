// Lines into stdout, stderr or a file. A full disk loses lines, a slow reader is waited for.
#pragma once

#include "config/log_target.hpp"
#include "proxy/net/socket.hpp"
#include "proxy/ops/destination.hpp"

#include <memory>
#include <string>

namespace postern::ops {

class file_destination final : public destination {
public:
    // Null when it cannot be opened; errno says why. `patience` outlives it.
    [[nodiscard]] static std::unique_ptr<destination> open(const config::log_target& target, const last_wait& patience);

    file_destination(net::unique_fd fd, const last_wait& patience);

    // Lines are lost on a full disk, by a closed pipe, or by a reader that is too slow when there is no time left. A line
    // that was cut short is ended before the next one begins.
    [[nodiscard]] std::uint64_t write(std::string_view lines, line_level level) override;

private:
    [[nodiscard]] std::size_t put(std::string_view bytes) const;
    [[nodiscard]] bool wait_for_reader() const;

    net::unique_fd fd_;
    const last_wait& patience_;
    bool may_block_;
    bool cut_short_ = false;
};

}  // namespace postern::ops
