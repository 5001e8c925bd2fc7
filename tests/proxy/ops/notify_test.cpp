#include "proxy/ops/notify.hpp"
#include "tests/proxy/ops/support.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>

#include <sys/time.h>

using namespace postern;
using namespace postern::ops;
using namespace postern::test;

namespace {

// The manager's end: a datagram socket at `name`, where a first @ stands for the abstract namespace.
class manager {
public:
    explicit manager(const std::string& name) : fd_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
        auto address = unix_address(name);
        if (name[0] == '@') address.sun_path[0] = '\0';
        const timeval limit{10, 0};
        ::setsockopt(fd_.value(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        bound_ = ::bind(fd_.value(), reinterpret_cast<const sockaddr*>(&address),
                        static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size())) == 0;
        ::setenv("NOTIFY_SOCKET", name.c_str(), 1);
    }
    ~manager() { ::unsetenv("NOTIFY_SOCKET"); }
    manager(const manager&) = delete;
    manager& operator=(const manager&) = delete;

    [[nodiscard]] bool bound() const { return bound_; }
    [[nodiscard]] std::string heard() const {
        char buffer[1000];
        const auto n = ::recv(fd_.value(), buffer, sizeof buffer, 0);
        return n < 0 ? "nothing" : std::string(buffer, static_cast<std::size_t>(n));
    }

private:
    net::unique_fd fd_;
    bool bound_ = false;
};

}  // namespace

TEST(notify, a_manager_at_a_path_hears_it) {
    const temporary_folder folder;
    const manager systemd(folder / "notify");
    ASSERT_TRUE(systemd.bound());
    EXPECT_FALSE(notify("READY=1\nSTATUS=serving"));
    EXPECT_EQ(systemd.heard(), "READY=1\nSTATUS=serving");
}

TEST(notify, a_manager_in_the_abstract_namespace_hears_it) {
    const manager systemd("@postern-notify-test-" + std::to_string(::getpid()));
    ASSERT_TRUE(systemd.bound());
    EXPECT_FALSE(notify("STOPPING=1"));
    EXPECT_EQ(systemd.heard(), "STOPPING=1");
}

TEST(notify, without_a_manager_nothing_happens) {
    ::unsetenv("NOTIFY_SOCKET");
    EXPECT_FALSE(notify("READY=1"));
}

TEST(notify, a_manager_that_is_gone_or_has_no_address_is_an_error) {
    const temporary_folder folder;
    ::setenv("NOTIFY_SOCKET", (folder / "gone").c_str(), 1);
    EXPECT_EQ(notify("READY=1"), boost::system::errc::no_such_file_or_directory);
    ::setenv("NOTIFY_SOCKET", "vsock:2:1", 1);
    EXPECT_EQ(notify("READY=1"), boost::system::errc::address_family_not_supported);
    ::setenv("NOTIFY_SOCKET", ("/" + std::string(200, 'x')).c_str(), 1);
    EXPECT_EQ(notify("READY=1"), boost::system::errc::filename_too_long);
    ::unsetenv("NOTIFY_SOCKET");
}

TEST(notify, a_reload_begins_at_the_monotonic_time_in_microseconds) {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    const auto said = reloading();
    constexpr std::string_view front = "RELOADING=1\nMONOTONIC_USEC=";
    ASSERT_TRUE(said.starts_with(front));
    const auto at = std::stoll(said.substr(front.size()));
    EXPECT_GE(at, now.tv_sec * 1'000'000LL + now.tv_nsec / 1000);
    EXPECT_LT(at, (now.tv_sec + 10) * 1'000'000LL);
}
