// How `postern reload` speaks to the daemon: an abstract unix socket whose name comes from the configuration's path
// (symlinks in its folder resolved, the file itself not), so that no file is needed and none is left behind. Both sides
// look at who the other is (SO_PEERCRED).
//
// The client sends "reload\n" and reads until the end: lines of text, the last one "ok" or "failed".
#pragma once

#include "proxy/net/net.hpp"

#include <functional>
#include <memory>
#include <string>

namespace postern::ops {

class control_server {
public:
    // Called with the verdict, once, on the loop's thread, now or later: whether it went well, and the lines to print.
    // It holds a socket: to be gone before `context` is.
    using reply = std::function<void(bool ok, const std::string& text)>;
    using handler = std::function<void(reply)>;

    // Listens on `context`; `on_reload` is called there for each request of root or of our own user. Throws
    // boost::system::system_error when the name is taken: another daemon serves the same file. To be made after
    // become_user(): who asks is told the user of this moment.
    control_server(net::asio::io_context& context, const std::string& config_file, handler on_reload);
    ~control_server();
    control_server(const control_server&) = delete;
    control_server& operator=(const control_server&) = delete;

private:
    class server;
    std::shared_ptr<server> server_;
};

enum class control_verdict {
    ok,
    failed,       // the daemon said why
    unavailable,  // no daemon serves this file, or it is not to be trusted
};

// Asks the daemon that serves `config_file` to reload and waits for its verdict, at most `patience`. What is to be
// printed is appended to `text`: whole lines without control characters.
[[nodiscard]] control_verdict request_reload(const std::string& config_file, std::chrono::seconds patience,
                                             std::string& text);

}  // namespace postern::ops
