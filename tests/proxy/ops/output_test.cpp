#include "proxy/ops/output.hpp"
#include "tests/proxy/ops/support.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace postern::ops;
using namespace postern::test;
using namespace std::chrono_literals;

namespace {

// Files of this process may grow to `bytes` only, as on a disk that is full.
class small_disk {
public:
    explicit small_disk(rlim_t bytes) {
        std::signal(SIGXFSZ, SIG_IGN);
        ::getrlimit(RLIMIT_FSIZE, &before_);
        const rlimit small{bytes, before_.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &small);
    }
    ~small_disk() { ::setrlimit(RLIMIT_FSIZE, &before_); }
    small_disk(const small_disk&) = delete;
    small_disk& operator=(const small_disk&) = delete;

private:
    rlimit before_{};
};

}  // namespace

TEST(output, a_file_is_made_for_its_group_to_read_and_is_appended_to) {
    const temporary_folder folder;
    {
        output out;
        ASSERT_EQ(out.open(folder / "log"), "");
        EXPECT_EQ(out.write("one\n"), 0U);
    }
    output out;
    ASSERT_EQ(out.open(folder / "log"), "");
    EXPECT_EQ(out.write("two\n"), 0U);
    EXPECT_EQ(contents(folder / "log"), "one\ntwo\n");
    struct stat facts {};
    ASSERT_EQ(::stat((folder / "log").c_str(), &facts), 0);
    EXPECT_EQ(facts.st_mode & 0137, 0U);
}

TEST(output, reopening_follows_a_rename) {
    const temporary_folder folder;
    output out;
    ASSERT_EQ(out.open(folder / "log"), "");
    EXPECT_EQ(out.write("one\n"), 0U);
    std::filesystem::rename(folder / "log", folder / "log.1");
    EXPECT_EQ(out.write("two\n"), 0U);
    ASSERT_EQ(out.reopen(), "");
    EXPECT_EQ(out.write("three\n"), 0U);
    EXPECT_EQ(contents(folder / "log.1"), "one\ntwo\n");
    EXPECT_EQ(contents(folder / "log"), "three\n");
}

TEST(output, what_cannot_be_opened_is_said_and_the_old_file_stays) {
    const temporary_folder folder;
    output out;
    ASSERT_EQ(out.open(folder / "log"), "");
    EXPECT_EQ(out.open(folder / "no/log"), (folder / "no/log") + ": No such file or directory");
    EXPECT_EQ(out.write("one\n"), 0U);
    EXPECT_EQ(contents(folder / "log"), "one\n");
}

TEST(output, opening_what_is_open_asks_the_system_for_nothing) {
    const temporary_folder folder;
    output out;
    ASSERT_EQ(out.open(folder / "log"), "");
    std::filesystem::rename(folder / "log", folder / "log.1");
    EXPECT_EQ(out.open(folder / "log"), "");
    EXPECT_FALSE(std::filesystem::exists(folder / "log"));
}

TEST(output, off_wants_nothing_and_loses_nothing) {
    output out;
    EXPECT_TRUE(out.off());
    EXPECT_EQ(out.write("one\n"), 0U);
    EXPECT_EQ(out.reopen(), "");
}

TEST(output, a_line_that_a_full_disk_cut_short_is_ended_before_the_next_one) {
    const temporary_folder folder;
    output out;
    ASSERT_EQ(out.open(folder / "log"), "");
    {
        const small_disk disk(6);
        EXPECT_EQ(out.write("one\ntwo\n"), 1U);
        EXPECT_EQ(out.write("three\n"), 1U);
    }
    EXPECT_EQ(out.write("four\n"), 0U);
    EXPECT_EQ(contents(folder / "log"), "one\ntw\nfour\n");
}

TEST(output, a_fifo_that_nobody_reads_is_an_error_at_once) {
    const temporary_folder folder;
    ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
    output out;
    EXPECT_EQ(out.open(folder / "pipe"), (folder / "pipe") + ": No such device or address");
}

TEST(output, a_file_keeps_no_labels) {
    const temporary_folder folder;
    output out;
    ASSERT_EQ(out.open(folder / "log"), "");
    EXPECT_FALSE(out.takes_labels());
    EXPECT_EQ(out.write("A=1\x1f"
                        "B=2\x1fone\ntwo\nC=3\x1fthree\n"),
              0U);
    EXPECT_EQ(contents(folder / "log"), "one\ntwo\nthree\n");
}

TEST(output, what_is_no_place_for_a_log_is_refused) {
    output out;
    EXPECT_EQ(out.open("syslog:server=nowhere"), "syslog:server=nowhere: no place for a log");
    const std::string long_path = "journal:/" + std::string(200, 'x');
    EXPECT_EQ(out.open(long_path), long_path + ": File name too long");
    EXPECT_TRUE(out.off());
}

TEST(output, a_slow_reader_gets_everything) {
    const temporary_folder folder;
    ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
    const postern::net::unique_fd reader(::open((folder / "pipe").c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    output out;
    ASSERT_EQ(out.open(folder / "pipe"), "");
    const std::string lines = std::string(1'000'000, 'x') + '\n';
    std::uint64_t lost = 0;
    std::thread writer([&] { lost = out.write(lines); });
    std::size_t got = 0;
    EXPECT_TRUE(until([&] {
        char buffer[65536];
        if (const auto n = ::read(reader.value(), buffer, sizeof buffer); n > 0) got += static_cast<std::size_t>(n);
        return got == lines.size();
    }));
    writer.join();
    EXPECT_EQ(lost, 0U);
}

TEST(output, a_reader_that_never_reads_holds_up_neither_a_reopening_nor_the_end) {
    const temporary_folder folder;
    ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
    const postern::net::unique_fd reader(::open((folder / "pipe").c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    output out;
    ASSERT_EQ(out.open(folder / "pipe"), "");
    std::string lines;
    for (int i = 0; i < 10'000; ++i) lines += std::string(99, 'x') + '\n';
    std::atomic<bool> ended = false;
    std::uint64_t lost = 0;
    std::thread writer([&] {
        lost = out.write(lines);
        ended = true;
    });
    std::this_thread::sleep_for(50ms);
    EXPECT_FALSE(ended);
    EXPECT_EQ(out.reopen(), "");
    EXPECT_EQ(out.open(folder / "other"), "");
    out.hurry(10ms);
    writer.join();
    EXPECT_LT(lost, 10'000U);
    EXPECT_GT(lost, 0U);
}
