// Changes of real files, by the kernel's word and by looking alone.
#include "proxy/ops/watch.hpp"

#include "proxy/ops/inotify.hpp"
#include "support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include <fcntl.h>
#include <sys/resource.h>

using namespace postern;
using namespace postern::ops;
using namespace std::chrono_literals;
using testing::ElementsAre;

namespace fs = std::filesystem;

namespace {

enum class how { by_the_kernel, by_looking_alone };

// Where it is by the kernel's word, nothing is looked for without it; and the other way around.
watch::options options_of(how h) {
    const bool kernel = h == how::by_the_kernel;
    return {{.debounce = 10ms, .sweep = kernel ? 1h : 20ms, .patience = 200ms, .retry = 20ms}, kernel};
}

struct watch_test : testing::TestWithParam<how> {
    test::temporary_folder folder;
    std::mutex mutex;
    std::vector<watch::change> told;
    watch::options options = options_of(GetParam());
    std::optional<watch> watching;

    void TearDown() override { watching.reset(); }

    [[nodiscard]] std::string write(const std::string& name, const std::string& text) const {
        std::ofstream(folder / name) << text;
        return folder / name;
    }
    void rename(const std::string& from, const std::string& to) const { fs::rename(folder / from, folder / to); }
    // As a renewal does it.
    void turn_link(const std::string& name, const std::string& target) const {
        fs::create_symlink(target, folder / "next");
        rename("next", name);
    }

    void follow(const std::vector<std::string>& files, const name_patterns& in_folders = {}) {
        if (!watching)
            watching.emplace(options, [this](const watch::change& c) {
                const std::lock_guard lock(mutex);
                told.push_back(c);
            });
        watching->follow(look(files, in_folders), options.terms.debounce);
        pause();
    }
    // It looks once when it begins to follow; what a test does later it has to be told of.
    void pause() const { std::this_thread::sleep_for(5 * options.terms.debounce); }
    static file_states look(const std::vector<std::string>& files, const name_patterns& in_folders = {}) {
        watched_paths all;
        for (const auto& path : files) all[path] = in_folders;
        return ops::look(all);
    }
    std::vector<watch::change> changes() {
        const std::lock_guard lock(mutex);
        return told;
    }
    // The files of the next change, which is then loaded.
    std::vector<std::string> next() {
        EXPECT_TRUE(test::until([&] { return !changes().empty(); }));
        const std::lock_guard lock(mutex);
        return told.empty() ? std::vector<std::string>() : std::exchange(told, {}).front().files;
    }
    void load(const std::vector<std::string>& files, const name_patterns& in_folders = {}) {
        follow(files, in_folders);
        watching->loaded(watch_plan::outcome::settled);
        pause();
    }
};

}  // namespace

TEST_P(watch_test, a_file_that_is_written_anew_has_changed) {
    const auto a = write("a", "1");
    follow({a});
    static_cast<void>(write("a", "2"));
    EXPECT_THAT(next(), ElementsAre(a));
    load({a});
    static_cast<void>(write("a", "3"));
    EXPECT_THAT(next(), ElementsAre(a));
}

TEST_P(watch_test, a_file_that_another_one_is_renamed_over_has_changed) {
    const auto a = write("a", "1");
    follow({a});
    static_cast<void>(write("new", "2"));
    rename("new", "a");
    EXPECT_THAT(next(), ElementsAre(a));
}

TEST_P(watch_test, a_file_that_vanishes_and_comes_back_changes_twice) {
    const auto a = write("a", "1");
    follow({a});
    fs::remove(a);
    EXPECT_THAT(next(), ElementsAre(a));
    load({a});
    static_cast<void>(write("a", "1"));
    EXPECT_THAT(next(), ElementsAre(a));
}

TEST_P(watch_test, a_link_on_the_way_that_is_turned_changes_what_lies_behind) {
    fs::create_directories(folder / "v1");
    fs::create_directories(folder / "v2");
    static_cast<void>(write("v1/a", "1"));
    static_cast<void>(write("v2/a", "2"));
    fs::create_symlink("v1", folder / "data");
    fs::create_symlink("data/a", folder / "a");
    follow({folder / "a"});
    turn_link("data", "v2");
    EXPECT_THAT(next(), ElementsAre(folder / "a"));
    load({folder / "a"});
    // It is followed to where it leads now.
    static_cast<void>(write("v2/a", "3"));
    EXPECT_THAT(next(), ElementsAre(folder / "a"));
}

TEST_P(watch_test, a_folder_that_is_replaced_whole_changes_what_is_in_it) {
    for (const char* name : {"inner", "other"}) fs::create_directories(folder / name);
    static_cast<void>(write("inner/a", "1"));
    static_cast<void>(write("other/a", "2"));
    follow({folder / "inner/a"});
    rename("inner", "old");
    rename("other", "inner");
    EXPECT_THAT(next(), ElementsAre(folder / "inner/a"));
    load({folder / "inner/a"});
    static_cast<void>(write("inner/a", "3"));
    EXPECT_THAT(next(), ElementsAre(folder / "inner/a"));
}

TEST_P(watch_test, a_file_is_waited_for_before_its_folders_exist) {
    const auto a = folder / "x/y/a";
    follow({a});
    fs::create_directories(folder / "x/y");
    static_cast<void>(write("x/y/a", "1"));
    EXPECT_THAT(next(), ElementsAre(a));
}

TEST_P(watch_test, a_folder_changes_with_the_names_in_it_that_count) {
    const auto inner = folder / "inner", b = write("b", "1");
    fs::create_directories(inner);
    const auto load_all = [&] { load({inner, b}, {"*.yaml"}); };
    load_all();
    static_cast<void>(write("inner/README", "1"));
    static_cast<void>(write("b", "2"));
    EXPECT_THAT(next(), ElementsAre(b));
    load_all();
    static_cast<void>(write("inner/a.yaml", "1"));
    EXPECT_THAT(next(), ElementsAre(inner));
}

TEST_P(watch_test, a_folder_is_waited_for_before_it_exists) {
    const auto inner = folder / "x/inner";
    follow({inner}, {"*.yaml"});
    fs::create_directories(inner);
    EXPECT_THAT(next(), ElementsAre(inner));
    load({inner}, {"*.yaml"});
    static_cast<void>(write("x/inner/a.yaml", "1"));
    EXPECT_THAT(next(), ElementsAre(inner));
}

TEST_P(watch_test, what_happened_before_it_was_watched_is_seen) {
    const auto a = write("a", "1");
    auto before = look({a});
    static_cast<void>(write("a", "2"));
    follow({});
    watching->follow(std::move(before), options.terms.debounce);
    EXPECT_THAT(next(), ElementsAre(a));
}

TEST_P(watch_test, what_is_touched_and_what_is_not_followed_has_not_changed) {
    const auto a = write("a", "1"), b = write("b", "1");
    follow({a, b});
    fs::last_write_time(a, fs::file_time_type::clock::now());
    static_cast<void>(write("new", "1"));
    rename("new", "a");
    static_cast<void>(write("c", "2"));
    static_cast<void>(write("b", "2"));
    EXPECT_THAT(next(), ElementsAre(b));
}

TEST_P(watch_test, files_that_are_not_whole_are_told_of_again_and_at_last_without_another_chance) {
    const auto a = write("a", "1");
    follow({a});
    static_cast<void>(write("a", "2"));
    ASSERT_TRUE(test::until([&] { return changes().size() == 1; }));
    EXPECT_TRUE(changes()[0].may_retry);
    follow({a});
    watching->loaded(watch_plan::outcome::unfinished);
    ASSERT_TRUE(test::until([&] { return changes().size() == 2; }));
    EXPECT_FALSE(changes()[1].may_retry);
    EXPECT_THAT(changes()[1].files, ElementsAre(a));
}

TEST_P(watch_test, nothing_is_told_of_files_that_are_no_longer_followed) {
    const auto a = write("a", "1"), b = write("b", "1");
    follow({a});
    follow({b});
    static_cast<void>(write("a", "2"));
    static_cast<void>(write("b", "2"));
    EXPECT_THAT(next(), ElementsAre(b));
}

TEST(inotify, where_the_kernel_has_none_left_it_says_so_and_reports_nothing) {
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
    // The next number that a descriptor gets is one too many.
    const net::unique_fd probe(::open("/", O_RDONLY | O_CLOEXEC));
    const rlimit none{static_cast<rlim_t>(probe.value()), before.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
    inotify exhausted;
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
    EXPECT_LT(exhausted.descriptor(), 0);
    EXPECT_EQ(exhausted.follow({{"/", {{"tmp"}, {}, false}}}), "inotify: Too many open files");
    EXPECT_FALSE(exhausted.take());
}

INSTANTIATE_TEST_SUITE_P(both, watch_test, testing::Values(how::by_the_kernel, how::by_looking_alone),
                         [](const auto& each) {
                             return each.param == how::by_the_kernel ? "by_the_kernel" : "by_looking_alone";
                         });
