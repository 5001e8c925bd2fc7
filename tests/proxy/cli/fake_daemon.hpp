// serve() for these tests: keeps what it was asked, and answers what the test wants.
#pragma once

#include "proxy/cli/run.hpp"
#include "proxy/server.hpp"

#include <functional>
#include <sstream>
#include <string>
#include <vector>

namespace postern::test {

// What serve() does, until the object ends. Without one it must not be called.
class fake_daemon {
public:
    explicit fake_daemon(std::function<int(const serve_options&)> serve);
    ~fake_daemon();
    fake_daemon(const fake_daemon&) = delete;
    fake_daemon& operator=(const fake_daemon&) = delete;
};

struct ended {
    int code = -1;
    std::string out;
    std::string err;
};

inline ended run(const std::vector<std::string>& arguments) {
    std::ostringstream out;
    std::ostringstream err;
    const int code = cli::run(arguments, {out, err});
    return {code, out.str(), err.str()};
}

}  // namespace postern::test
