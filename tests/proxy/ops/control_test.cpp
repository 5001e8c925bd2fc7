#include "proxy/ops/control.hpp"
#include "tests/proxy/ops/support.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>

#include <unistd.h>

using namespace postern;
using namespace postern::ops;
using namespace postern::test;
using namespace std::chrono_literals;

namespace {

// A daemon as the control socket sees it.
class answering {
public:
    answering(const std::string& file, control_server::handler on_reload) {
        loop_.run([&] { server_.emplace(loop_.context(), file, std::move(on_reload)); });
    }
    ~answering() {
        loop_.run([&] { server_.reset(); });
    }
    answering(const answering&) = delete;
    answering& operator=(const answering&) = delete;
    running_loop& loop() { return loop_; }

private:
    running_loop loop_;
    std::optional<control_server> server_;
};

void say_done(const control_server::reply& tell) { tell(true, "a warning\n"); }

// Ids need no account.
constexpr uid_t one_user = 54321;
constexpr uid_t another_user = 54322;

void reachable_by_all(const temporary_folder& folder) {
    std::filesystem::permissions(folder / ".", std::filesystem::perms::others_exec, std::filesystem::perm_options::add);
}

// A raw connection to the control socket of `file`.
net::unique_fd connect_raw(const std::string& file) {
    const auto folder = std::filesystem::canonical(std::filesystem::path(file).parent_path());
    const auto name = "postern:" + (folder / std::filesystem::path(file).filename()).string();
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path + 1, name.data(), name.size());
    return connect_to(reinterpret_cast<const sockaddr*>(&address),
                      static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size()));
}

}  // namespace

TEST(control, a_reload_that_went_well_is_ok_and_its_warnings_are_printed) {
    const temporary_folder folder;
    const answering d(folder / "postern.yaml", say_done);
    std::string text;
    EXPECT_EQ(request_reload(folder / "postern.yaml", 10s, text), control_verdict::ok);
    EXPECT_EQ(text, "a warning\n");
}

TEST(control, a_verdict_may_come_later_and_say_no) {
    const temporary_folder folder;
    control_server::reply* waiting = nullptr;
    answering d(folder / "postern.yaml", [&, kept = control_server::reply()](control_server::reply tell) mutable {
        kept = std::move(tell);
        waiting = &kept;
    });
    std::string text;
    std::optional<control_verdict> verdict;
    std::thread asking([&] { verdict = request_reload(folder / "postern.yaml", 10s, text); });
    EXPECT_TRUE(until([&] {
        bool asked = false;
        d.loop().run([&] { asked = waiting != nullptr; });
        return asked;
    }));
    d.loop().run([&] { (*waiting)(false, "line one\nok\n"); });
    asking.join();
    EXPECT_EQ(verdict, control_verdict::failed);
    EXPECT_EQ(text, "line one\nok\n");
}

TEST(control, a_folder_may_be_spelled_in_two_ways) {
    const temporary_folder folder;
    std::filesystem::create_directory(folder / "real");
    std::filesystem::create_directory_symlink(folder / "real", folder / "alias");
    const answering d(folder / "real/postern.yaml", say_done);
    std::string text;
    EXPECT_EQ(request_reload(folder / "alias/../real/./postern.yaml", 10s, text), control_verdict::ok);
    EXPECT_EQ(request_reload(folder / "alias/postern.yaml", 10s, text), control_verdict::ok);
}

TEST(control, a_file_that_is_a_symlink_may_have_been_switched) {
    const temporary_folder folder;
    std::ofstream(folder / "old") << "old";
    std::ofstream(folder / "new") << "new";
    std::filesystem::create_symlink("old", folder / "postern.yaml");
    const answering d(folder / "postern.yaml", say_done);
    std::filesystem::remove(folder / "postern.yaml");
    std::filesystem::create_symlink("new", folder / "postern.yaml");
    std::string text;
    EXPECT_EQ(request_reload(folder / "postern.yaml", 10s, text), control_verdict::ok);
}

TEST(control, a_path_longer_than_a_socket_name_has_a_name_too) {
    const temporary_folder folder;
    const auto file = folder / (std::string(200, 'x') + ".yaml");
    const answering d(file, say_done);
    std::string text;
    EXPECT_EQ(request_reload(file, 10s, text), control_verdict::ok);
    EXPECT_EQ(request_reload(folder / (std::string(199, 'x') + "y.yaml"), 10s, text), control_verdict::unavailable);
}

TEST(control, without_a_daemon_the_file_is_named) {
    const temporary_folder folder;
    std::string text;
    EXPECT_EQ(request_reload(folder / "postern.yaml", 10s, text), control_verdict::unavailable);
    EXPECT_EQ(text, "no postern serves " + (folder / "postern.yaml") + ": Connection refused\n");
}

TEST(control, a_daemon_that_hangs_is_not_waited_for_for_ever) {
    const temporary_folder folder;
    const answering d(folder / "postern.yaml",
                      [kept = control_server::reply()](control_server::reply tell) mutable { kept = std::move(tell); });
    std::string text;
    EXPECT_EQ(request_reload(folder / "postern.yaml", 1s, text), control_verdict::unavailable);
    EXPECT_EQ(text, "the daemon gave no verdict\n");
}

TEST(control, two_daemons_cannot_serve_one_file) {
    const temporary_folder folder;
    const answering first(folder / "postern.yaml", say_done);
    net::asio::io_context context;
    EXPECT_THROW(control_server(context, folder / "postern.yaml", say_done), boost::system::system_error);
}

TEST(control, an_answer_cannot_steer_the_terminal) {
    const temporary_folder folder;
    const answering d(folder / "postern.yaml", [](const control_server::reply& tell) { tell(true, "a\x1b[2J\n"); });
    std::string text;
    EXPECT_EQ(request_reload(folder / "postern.yaml", 10s, text), control_verdict::ok);
    EXPECT_EQ(text, "a\\x1b[2J\n");
}

TEST(control, a_request_may_come_in_pieces_and_an_unknown_one_is_refused) {
    const temporary_folder folder;
    const answering d(folder / "postern.yaml", say_done);
    const auto pieces = connect_raw(folder / "postern.yaml");
    for (const char* piece : {"rel", "oad", "\n"}) {
        send_all(pieces, piece);
        std::this_thread::sleep_for(20ms);
    }
    EXPECT_EQ(receive_all(pieces), "a warning\nok\n");
    const auto unknown = connect_raw(folder / "postern.yaml");
    send_all(unknown, "halt\n");
    EXPECT_EQ(receive_all(unknown), "an unknown request\nfailed\n");
    const auto endless = connect_raw(folder / "postern.yaml");
    send_all(endless, std::string(100'000, 'x'));
    EXPECT_EQ(receive_all(endless), "");
}

TEST(control, another_user_is_not_listened_to) {
    if (::geteuid() != 0) GTEST_SKIP() << "needs a second user";
    const temporary_folder folder;
    reachable_by_all(folder);
    bool asked = false;
    answering d(folder / "postern.yaml", [&](const control_server::reply& tell) {
        asked = true;
        tell(true, "");
    });
    EXPECT_EXIT(
        {
            if (::setresuid(one_user, one_user, one_user) != 0) ::_exit(2);
            std::string text;
            const auto verdict = request_reload(folder / "postern.yaml", 10s, text);
            std::fputs(text.c_str(), stderr);
            ::_exit(verdict == control_verdict::unavailable ? 0 : 1);
        },
        testing::ExitedWithCode(0), "gave no verdict");
    d.loop().run([&] { EXPECT_FALSE(asked); });
}

TEST(control, what_another_user_answers_is_not_believed) {
    if (::geteuid() != 0) GTEST_SKIP() << "needs a second user";
    const temporary_folder folder;
    reachable_by_all(folder);
    EXPECT_EXIT(
        {
            // Who asks sees the user of the moment of listen(2).
            if (::seteuid(another_user) != 0) ::_exit(2);
            net::asio::io_context context;
            const control_server impostor(context, folder / "postern.yaml", say_done);
            if (::seteuid(0) != 0 || ::setresuid(one_user, one_user, one_user) != 0) ::_exit(3);
            std::string text;
            const auto verdict = request_reload(folder / "postern.yaml", 10s, text);
            std::fputs(text.c_str(), stderr);
            ::_exit(verdict == control_verdict::unavailable ? 0 : 1);
        },
        testing::ExitedWithCode(0), "belongs to another user");
}
