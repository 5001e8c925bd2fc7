#include "proxy/ops/log.hpp"
#include "tests/proxy/ops/json.hpp"
#include "tests/proxy/ops/support.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace postern;
using namespace postern::ops;
using namespace postern::test;
using config::log_format;
using config::log_level;

namespace {

// The log is one for the process: each test ends with one that points at nothing it will remove.
class log_file : public testing::Test {
protected:
    config::log settings(log_level level = log_level::info, log_format format = log_format::text) {
        config::log s;
        s.level = level;
        s.format = format;
        s.file = folder / "log";
        return s;
    }
    bool has_lines(std::size_t count) {
        return until([&] { return lines_of(folder / "log").size() >= count; });
    }
    void TearDown() override {
        auto s = settings();
        s.file = "off";
        EXPECT_EQ(log::configure(s), "");
    }
    temporary_folder folder;
};

}  // namespace

TEST_F(log_file, a_line_is_time_level_and_message) {
    ASSERT_EQ(log::configure(settings()), "");
    log::warning("{} of {}", 1, "two");
    ASSERT_TRUE(has_lines(1));
    const auto line = lines_of(folder / "log").at(0);
    EXPECT_EQ(line.substr(24), " warning 1 of two");
    EXPECT_EQ(line[23], 'Z');
}

TEST_F(log_file, a_message_is_one_line_whatever_is_in_it) {
    ASSERT_EQ(log::configure(settings()), "");
    log::info("{}", "a\n2026-11-24T09:30:00.123Z error forged\x1b[2J");
    log::info("end");
    ASSERT_TRUE(has_lines(2));
    EXPECT_EQ(lines_of(folder / "log").size(), 2U);
    EXPECT_NE(contents(folder / "log").find("a\\x0a2026"), std::string::npos);
}

TEST_F(log_file, json_lines_are_json) {
    ASSERT_EQ(log::configure(settings(log_level::debug, log_format::json)), "");
    log::debug("{}", "a \"quoted\"\nword \xff");
    ASSERT_TRUE(has_lines(1));
    const auto line = lines_of(folder / "log").at(0);
    EXPECT_EQ(json_keys(line, ""), "time,level,message");
    EXPECT_EQ(json_at(line, "/level"), "debug");
    EXPECT_EQ(json_at(line, "/message"), "a \"quoted\"\nword \xef\xbf\xbd");
}

TEST_F(log_file, what_is_below_the_level_is_not_written_until_a_reload_lowers_it) {
    ASSERT_EQ(log::configure(settings(log_level::error)), "");
    log::warning("one");
    log::error("two");
    EXPECT_FALSE(log::enabled(log_level::warning));
    ASSERT_EQ(log::configure(settings(log_level::debug)), "");
    log::debug("three");
    ASSERT_TRUE(has_lines(2));
    EXPECT_EQ(contents(folder / "log").find("one"), std::string::npos);
}

TEST_F(log_file, reopening_follows_a_rename) {
    ASSERT_EQ(log::configure(settings()), "");
    log::info("one");
    ASSERT_TRUE(has_lines(1));
    std::filesystem::rename(folder / "log", folder / "log.1");
    ASSERT_EQ(log::reopen(), "");
    log::info("two");
    ASSERT_TRUE(has_lines(1));
    EXPECT_NE(contents(folder / "log").find("two"), std::string::npos);
    EXPECT_EQ(lines_of(folder / "log.1").size(), 1U);
}

TEST_F(log_file, a_file_that_cannot_be_opened_changes_nothing) {
    ASSERT_EQ(log::configure(settings()), "");
    auto other = settings(log_level::error);
    other.file = folder / "no/log";
    EXPECT_EQ(log::configure(other), (folder / "no/log") + ": No such file or directory");
    EXPECT_TRUE(log::enabled(log_level::info));
    log::info("still here");
    EXPECT_TRUE(has_lines(1));
}

TEST_F(log_file, a_reader_that_is_stuck_holds_up_nobody_and_what_was_lost_is_counted_and_said) {
    ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
    const net::unique_fd reader(::open((folder / "pipe").c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    auto stuck = settings();
    stuck.file = folder / "pipe";
    ASSERT_EQ(log::configure(stuck), "");
    const auto before = log::dropped();
    const std::string line(1000, 'x');
    for (int i = 0; i < 20'000; ++i) log::info("{}", line);
    EXPECT_GT(log::dropped(), before + 10'000);
    std::string read;
    EXPECT_TRUE(until([&] {
        char buffer[65536];
        for (ssize_t n = 0; (n = ::read(reader.value(), buffer, sizeof buffer)) > 0;)
            read.append(buffer, static_cast<std::size_t>(n));
        return read.find("diagnostics were lost") != std::string::npos;
    }));
    // The rest, so that the next test finds a writer that does not wait.
    auto off = settings();
    off.file = "off";
    ASSERT_EQ(log::configure(off), "");
}

TEST_F(log_file, the_end_writes_what_is_queued_and_lines_after_it_do_nothing) {
    // In a process of its own: the end is for good.
    EXPECT_EXIT(
        {
            if (!log::configure(settings()).empty()) ::_exit(2);
            for (int i = 0; i < 1000; ++i) log::info("line {}", i);
            log::shut_down();
            log::info("late");
            log::write(log_level::error, "late");
            ::_exit(lines_of(folder / "log").size() == 1000 ? 0 : 1);
        },
        testing::ExitedWithCode(0), "^$");
}
