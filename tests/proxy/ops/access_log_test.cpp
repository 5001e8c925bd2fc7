#include "proxy/ops/access_log.hpp"
#include "tests/proxy/ops/json.hpp"
#include "tests/proxy/ops/support.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <optional>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace postern;
using namespace postern::ops;
using namespace postern::test;
using config::log_format;

namespace {

config::log to(const std::string& target, log_format format = log_format::json) {
    config::log settings;
    settings.access = target;
    settings.format = format;
    return settings;
}

void append(access_buffer& to, std::uint64_t id) {
    connection_record r;
    r.id = id;
    to.append(r, connection_outcome());
}

}  // namespace

TEST(access_log, lines_of_all_workers_are_in_the_file_at_the_end) {
    const temporary_folder folder;
    constexpr std::uint64_t workers = 4;
    constexpr std::uint64_t each = 5000;
    {
        access_log log;
        ASSERT_EQ(log.configure(to(folder / "access")), "");
        std::vector<std::thread> threads;
        for (std::uint64_t w = 0; w < workers; ++w)
            threads.emplace_back([&log, w] {
                access_buffer mine(log);
                for (std::uint64_t i = 0; i < each; ++i) append(mine, w * each + i);
                mine.hand_over();
            });
        for (auto& t : threads) t.join();
        EXPECT_EQ(log.dropped(), 0U);
    }
    auto lines = lines_of(folder / "access");
    ASSERT_EQ(lines.size(), workers * each);
    std::vector<std::string> ids;
    ids.reserve(lines.size());
    for (const auto& line : lines) ids.push_back(json_at(line, "/id"));
    std::sort(ids.begin(), ids.end());
    EXPECT_EQ(std::unique(ids.begin(), ids.end()), ids.end());
}

TEST(access_log, a_line_waits_for_its_batch_and_a_full_batch_goes_by_itself) {
    const temporary_folder folder;
    access_log log;
    ASSERT_EQ(log.configure(to(folder / "access")), "");
    access_buffer mine(log);
    append(mine, 1);
    mine.hand_over();
    ASSERT_TRUE(until([&] { return lines_of(folder / "access").size() == 1; }));
    for (std::uint64_t i = 0; i < 50; ++i) append(mine, i);
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    EXPECT_EQ(lines_of(folder / "access").size(), 1U);
    for (std::uint64_t i = 0; i < 200; ++i) append(mine, i);
    EXPECT_TRUE(until([&] { return lines_of(folder / "access").size() > 50; }));
}

TEST(access_log, a_reload_may_change_the_format_and_the_file) {
    const temporary_folder folder;
    access_log log;
    ASSERT_EQ(log.configure(to(folder / "one")), "");
    access_buffer mine(log);
    append(mine, 1);
    mine.hand_over();
    ASSERT_TRUE(until([&] { return lines_of(folder / "one").size() == 1; }));
    ASSERT_EQ(log.configure(to(folder / "two", log_format::text)), "");
    append(mine, 2);
    mine.hand_over();
    ASSERT_TRUE(until([&] { return lines_of(folder / "two").size() == 1; }));
    EXPECT_NE(contents(folder / "two").find("id=0000000000000002"), std::string::npos);
    EXPECT_EQ(lines_of(folder / "one").size(), 1U);
}

TEST(access_log, a_request_has_its_line_between_those_of_connections) {
    const temporary_folder folder;
    {
        access_log log;
        ASSERT_EQ(log.configure(to(folder / "access")), "");
        access_buffer mine(log);
        request_record request;
        connection_record of;
        of.id = 2;
        append(mine, 1);
        mine.append(of, request);
        append(mine, 2);
        mine.hand_over();
    }
    const auto lines = lines_of(folder / "access");
    ASSERT_EQ(lines.size(), 3U);
    EXPECT_EQ(json_at(lines[1], "/connection"), json_at(lines[2], "/id"));
}

TEST(access_log, off_keeps_nothing) {
    const temporary_folder folder;
    access_log log;
    ASSERT_EQ(log.configure(to("off")), "");
    EXPECT_TRUE(log.off());
    access_buffer mine(log);
    append(mine, 1);
    ASSERT_EQ(log.configure(to(folder / "access")), "");
    EXPECT_FALSE(log.off());
    append(mine, 2);
    mine.hand_over();
    ASSERT_TRUE(until([&] { return !lines_of(folder / "access").empty(); }));
    EXPECT_EQ(json_at(lines_of(folder / "access").at(0), "/id"), "0000000000000002");
}

TEST(access_log, a_file_that_cannot_be_opened_is_said_and_the_old_one_stays) {
    const temporary_folder folder;
    access_log log;
    ASSERT_EQ(log.configure(to(folder / "access")), "");
    EXPECT_EQ(log.configure(to(folder / "no/access", log_format::text)),
              (folder / "no/access") + ": No such file or directory");
    EXPECT_EQ(log.format(), log_format::json);
    access_buffer mine(log);
    append(mine, 1);
    mine.hand_over();
    EXPECT_TRUE(until([&] { return lines_of(folder / "access").size() == 1; }));
}

TEST(access_log, reopening_follows_a_rename_and_a_failure_keeps_the_old_file) {
    const temporary_folder folder;
    std::filesystem::create_directory(folder / "logs");
    access_log log;
    ASSERT_EQ(log.configure(to(folder / "logs/access")), "");
    access_buffer mine(log);
    std::filesystem::rename(folder / "logs", folder / "old");
    EXPECT_NE(log.reopen(), "");
    append(mine, 1);
    mine.hand_over();
    ASSERT_TRUE(until([&] { return lines_of(folder / "old/access").size() == 1; }));
    std::filesystem::create_directory(folder / "logs");
    ASSERT_EQ(log.reopen(), "");
    append(mine, 2);
    mine.hand_over();
    EXPECT_TRUE(until([&] { return lines_of(folder / "logs/access").size() == 1; }));
    EXPECT_EQ(lines_of(folder / "old/access").size(), 1U);
}

TEST(access_log, lines_that_a_full_disk_refuses_are_counted) {
    access_log log;
    ASSERT_EQ(log.configure(to("/dev/full")), "");
    access_buffer mine(log);
    for (std::uint64_t i = 0; i < 7; ++i) append(mine, i);
    mine.hand_over();
    EXPECT_TRUE(until([&] { return log.dropped() == 7; }));
}

TEST(access_log, a_reader_that_is_stuck_holds_up_neither_workers_nor_a_reload_nor_the_end) {
    const temporary_folder folder;
    ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
    const net::unique_fd reader(::open((folder / "pipe").c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    const auto begun = std::chrono::steady_clock::now();
    {
        access_log log;
        ASSERT_EQ(log.configure(to(folder / "pipe")), "");
        access_buffer mine(log);
        // Far more than pipe and queue hold.
        for (std::uint64_t i = 0; i < 200'000; ++i) append(mine, i);
        mine.hand_over();
        EXPECT_GT(log.dropped(), 1000U);
        EXPECT_EQ(log.reopen(), "");
        EXPECT_EQ(log.configure(to(folder / "access")), "");
    }
    EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(60));
}
