// Lines to receivers of datagrams that this test is: ready, late, full, gone and back again.
#include "proxy/ops/output.hpp"
#include "tests/proxy/ops/support.hpp"

#include <gtest/gtest.h>

#include <chrono>

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace postern;
using namespace postern::ops;
using namespace postern::test;
using config::log_level;

namespace {

class receiver {
public:
    explicit receiver(const std::string& path) : fd_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
        const auto at = unix_address(path);
        ::unlink(path.c_str());
        EXPECT_EQ(::bind(fd_.value(), reinterpret_cast<const sockaddr*>(&at), sizeof at), 0);
    }
    // The next datagram; of one that is empty, what is in the file that came with it. Nothing: none is there.
    std::optional<std::string> take() {
        std::string bytes(512 * 1024, '\0');
        iovec part{bytes.data(), bytes.size()};
        alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
        msghdr message{};
        message.msg_iov = &part;
        message.msg_iovlen = 1;
        message.msg_control = control;
        message.msg_controllen = sizeof control;
        const auto n = ::recvmsg(fd_.value(), &message, MSG_CMSG_CLOEXEC);
        if (n < 0) return std::nullopt;
        bytes.resize(static_cast<std::size_t>(n));
        if (auto* rights = CMSG_FIRSTHDR(&message); rights != nullptr) {
            int passed = -1;
            std::memcpy(&passed, CMSG_DATA(rights), sizeof passed);
            const net::unique_fd file(passed);
            seals = ::fcntl(file.value(), F_GET_SEALS);
            bytes.resize(4 * 1024 * 1024);
            bytes.resize(static_cast<std::size_t>(::pread(file.value(), bytes.data(), bytes.size(), 0)));
        }
        return bytes;
    }
    int seals = 0;

private:
    net::unique_fd fd_;
};

class datagrams : public testing::Test {
protected:
    temporary_folder folder;
    std::string socket = folder / "socket";
    std::string journal = "journal:" + socket;
    std::string syslog = "syslog:server=unix:" + socket + ",facility=local0,tag=t,nohostname";
    output out;
};

// Of this process.
class no_more_files {
public:
    no_more_files() {
        ::getrlimit(RLIMIT_NOFILE, &before_);
        const rlimit none{0, before_.rlim_max};
        ::setrlimit(RLIMIT_NOFILE, &none);
    }
    ~no_more_files() { ::setrlimit(RLIMIT_NOFILE, &before_); }
    no_more_files(const no_more_files&) = delete;
    no_more_files& operator=(const no_more_files&) = delete;

private:
    rlimit before_{};
};

std::string message_in(const std::optional<std::string>& entry) {
    if (!entry) return "no datagram";
    const auto at = entry->find("MESSAGE=");
    return at == std::string::npos ? "no message" : entry->substr(at + 8);
}

}  // namespace

TEST_F(datagrams, each_line_is_one_to_syslog) {
    receiver log(socket);
    ASSERT_EQ(out.open(syslog), "");
    EXPECT_TRUE(out.stamps());
    EXPECT_FALSE(out.takes_labels());
    EXPECT_EQ(out.write("one\nA=1\x1ftwo\n"), 0U);
    EXPECT_EQ(out.write("three\n", log_level::error), 0U);
    const auto first = log.take().value_or("");
    EXPECT_EQ(first.substr(0, 7), "<134>1 ");
    EXPECT_EQ(first.substr(31), " - t " + std::to_string(::getpid()) + " access - one");
    EXPECT_TRUE(log.take().value_or("").ends_with(" access - two"));
    const auto third = log.take().value_or("");
    EXPECT_TRUE(third.starts_with("<131>1 "));
    EXPECT_TRUE(third.ends_with(" log - three"));
    EXPECT_FALSE(log.take());
}

TEST_F(datagrams, each_line_is_an_entry_of_the_journal) {
    receiver log(socket);
    ASSERT_EQ(out.open(journal), "");
    EXPECT_TRUE(out.takes_labels());
    EXPECT_EQ(out.write("POSTERN_ID=1\x1fone\ntwo\n", log_level::warning), 0U);
    EXPECT_EQ(log.take(), "PRIORITY=4\nSYSLOG_IDENTIFIER=postern\nPOSTERN_ID=1\nMESSAGE=one\n");
    EXPECT_EQ(log.take(), "PRIORITY=4\nSYSLOG_IDENTIFIER=postern\nMESSAGE=two\n");
}

TEST_F(datagrams, an_entry_that_is_too_long_goes_as_a_sealed_file) {
    receiver log(socket);
    ASSERT_EQ(out.open(journal), "");
    const std::string text(1024 * 1024, 'x');
    EXPECT_EQ(out.write(text + "\n"), 0U);
    EXPECT_EQ(log.take(), "PRIORITY=6\nSYSLOG_IDENTIFIER=postern\nMESSAGE=" + text + "\n");
    EXPECT_EQ(log.seals, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL);
}

TEST_F(datagrams, an_entry_for_which_there_can_be_no_file_goes_with_its_longest_text_cut) {
    receiver log(socket);
    ASSERT_EQ(out.open(journal), "");
    EXPECT_EQ(out.write("one\n"), 0U);
    EXPECT_EQ(message_in(log.take()), "one\n");
    const no_more_files full;
    EXPECT_EQ(out.write("POSTERN_ID=1\x1f\"" + std::string(1024 * 1024, 'x') + "\" end\n"), 0U);
    const auto entry = log.take().value_or("");
    EXPECT_LT(entry.size(), 61'000U);
    EXPECT_TRUE(entry.starts_with("PRIORITY=6\nSYSLOG_IDENTIFIER=postern\nPOSTERN_ID=1\nMESSAGE=\"xxx"));
    EXPECT_TRUE(entry.ends_with("xxx...\" end\n"));
}

TEST_F(datagrams, a_message_that_is_too_long_for_syslog_goes_with_its_longest_text_cut) {
    receiver log(socket);
    ASSERT_EQ(out.open(syslog), "");
    EXPECT_EQ(out.write("{\"a\":\"" + std::string(1024 * 1024, 'x') + "\",\"b\":1}\n"), 0U);
    const auto message = log.take().value_or("");
    EXPECT_GT(message.size(), 60'000U);
    EXPECT_LT(message.size(), 61'000U);
    EXPECT_NE(message.find(" access - {\"a\":\"xxx"), std::string::npos);
    EXPECT_TRUE(message.ends_with("xxx...\",\"b\":1}"));
}

TEST_F(datagrams, lines_are_lost_until_the_receiver_is_there_and_after_a_restart_it_is_found_again) {
    ASSERT_EQ(out.open(journal), "");
    EXPECT_EQ(out.write("early\n"), 1U);
    {
        receiver log(socket);
        EXPECT_EQ(out.write("one\n"), 0U);
        EXPECT_EQ(message_in(log.take()), "one\n");
    }
    EXPECT_EQ(out.write("nobody\nhears\n"), 2U);
    receiver log(socket);
    EXPECT_EQ(out.write("two\n"), 0U);
    EXPECT_EQ(message_in(log.take()), "two\n");
}

TEST_F(datagrams, a_receiver_that_does_not_read_is_waited_for_once_and_heard_again_when_it_does) {
    receiver log(socket);
    ASSERT_EQ(out.open(journal), "");
    std::string lines;
    for (int i = 0; i < 5000; ++i) lines += "line\n";
    const auto begun = std::chrono::steady_clock::now();
    const auto lost = out.write(lines);
    EXPECT_GT(lost, 0U);
    EXPECT_LT(lost, 5000U);
    EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(30));
    std::uint64_t taken = 0;
    while (log.take()) ++taken;
    EXPECT_EQ(taken, 5000U - lost);
    EXPECT_EQ(out.write("again\n"), 0U);
    EXPECT_EQ(message_in(log.take()), "again\n");
}

TEST_F(datagrams, a_slow_receiver_gets_everything) {
    receiver log(socket);
    ASSERT_EQ(out.open(journal), "");
    std::string lines;
    for (int i = 0; i < 2000; ++i) lines += "line\n";
    std::atomic<std::uint64_t> lost = 1;
    std::thread writer([&] { lost = out.write(lines); });
    int taken = 0;
    EXPECT_TRUE(until([&] {
        while (log.take()) ++taken;
        return taken == 2000;
    }));
    writer.join();
    EXPECT_EQ(lost, 0U);
}

TEST_F(datagrams, the_end_does_not_wait_for_a_receiver_that_is_stuck) {
    receiver log(socket);
    ASSERT_EQ(out.open(journal), "");
    out.hurry(std::chrono::milliseconds(0));
    std::string lines;
    for (int i = 0; i < 5000; ++i) lines += "line\n";
    EXPECT_GT(out.write(lines), 0U);
}

TEST_F(datagrams, syslog_may_be_a_port) {
    const net::unique_fd log(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    ASSERT_EQ(::bind(log.value(), reinterpret_cast<const sockaddr*>(&at), size), 0);
    ::getsockname(log.value(), reinterpret_cast<sockaddr*>(&at), &size);
    ASSERT_EQ(out.open("syslog:server=127.0.0.1:" + std::to_string(ntohs(at.sin_port))), "");
    EXPECT_EQ(out.write("one\n"), 0U);
    char bytes[1000];
    const auto n = ::recv(log.value(), bytes, sizeof bytes, 0);
    ASSERT_GT(n, 0);
    EXPECT_TRUE(std::string(bytes, static_cast<std::size_t>(n)).ends_with(" access - one"));
}
