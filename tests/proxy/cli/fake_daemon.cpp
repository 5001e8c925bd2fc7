#include "tests/proxy/cli/fake_daemon.hpp"

#include <stdexcept>
#include <utility>

namespace postern {
namespace {

std::function<int(const serve_options&)> current;

}  // namespace

int serve(const serve_options& options) {
    if (!current) throw std::logic_error("serve() was called without a fake_daemon");
    return current(options);
}

namespace test {

fake_daemon::fake_daemon(std::function<int(const serve_options&)> serve) { current = std::move(serve); }
fake_daemon::~fake_daemon() { current = nullptr; }

}  // namespace test
}  // namespace postern
