#include "proxy/session/worker.hpp"

#include "proxy/ops/log.hpp"
#include "tests/certs/support.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

#include <unistd.h>

using namespace postern;

namespace {

// In a process of its own: the end of the log, which writes what is queued, is for good.
[[noreturn]] void report_and_leave(const std::string& log_file) {
    config::log settings;
    settings.file = log_file;
    if (!ops::log::configure(settings).empty()) ::_exit(2);
    session::worker::report(std::make_exception_ptr(std::runtime_error("why")), 0x4d2);
    ops::log::shut_down();
    std::ifstream file(log_file);
    const std::string said{std::istreambuf_iterator<char>(file), {}};
    const bool told = said.find(" error connection 00000000000004d2 ended by an exception") != std::string::npos;
    ::_exit(told && said.ends_with(": why\n") ? 0 : 1);
}

}  // namespace

TEST(worker, what_escapes_from_a_connection_is_told_with_its_id) {
    const certs::testing::folder folder;
    EXPECT_EXIT(report_and_leave(folder.path("log")), testing::ExitedWithCode(0), "^$");
}
