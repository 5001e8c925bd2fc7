// Which files hold something else than before.
#include "proxy/ops/file_state.hpp"
#include "support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>

#include <sys/stat.h>

using namespace postern;
using namespace postern::ops;
using testing::ElementsAre;

namespace fs = std::filesystem;

namespace {

struct file_state_test : testing::Test {
    test::temporary_folder folder;

    [[nodiscard]] std::string write(const std::string& name, const std::string& text) const {
        std::ofstream(folder / name) << text;
        return folder / name;
    }
    // So long ago that the time alone is believed.
    static void grow_old(const std::string& path) {
        fs::last_write_time(path, fs::file_time_type::clock::now() - std::chrono::hours(1));
    }
    static file_states look(const std::vector<std::string>& paths) {
        watched_paths all;
        for (const auto& path : paths) all[path];
        return ops::look(all);
    }
    static std::vector<std::string> changed_since(const file_states& before) {
        return changed_files(before, look_again(before));
    }
};

}  // namespace

TEST_F(file_state_test, a_file_with_other_bytes_has_changed) {
    const auto a = write("a", "1"), b = write("b", "1");
    const auto before = look({a, b});
    EXPECT_THAT(changed_since(before), ElementsAre());
    static_cast<void>(write("a", "2"));
    EXPECT_THAT(changed_since(before), ElementsAre(a));
}

TEST_F(file_state_test, a_touched_file_and_one_with_other_rights_have_not) {
    const auto a = write("a", "1");
    const auto before = look({a});
    grow_old(a);
    fs::permissions(a, fs::perms::owner_read);
    EXPECT_THAT(changed_since(before), ElementsAre());
}

TEST_F(file_state_test, the_same_bytes_in_another_file_are_no_change) {
    const auto a = write("a", "1");
    const auto before = look({a});
    fs::rename(write("new", "1"), a);
    EXPECT_THAT(changed_since(before), ElementsAre());
}

TEST_F(file_state_test, a_second_write_that_left_the_same_time_behind_is_seen) {
    const auto a = write("a", "1");
    const auto time = fs::last_write_time(a);
    const auto before = look({a});
    std::fstream(a) << "2";
    fs::last_write_time(a, time);
    EXPECT_THAT(changed_since(before), ElementsAre(a));
}

TEST_F(file_state_test, of_an_old_file_that_looks_untouched_nothing_is_read) {
    const auto a = write("a", "1");
    grow_old(a);
    const auto time = fs::last_write_time(a);
    const auto before = look({a});
    std::fstream(a) << "2";
    fs::last_write_time(a, time);
    // Nobody who does not mean it manages this: it shows here that the file was not read.
    EXPECT_THAT(changed_since(before), ElementsAre());
}

TEST_F(file_state_test, files_that_come_and_go_have_changed) {
    const auto a = write("a", "1");
    const auto before = look({a, folder / "b"});
    EXPECT_TRUE(before.at(folder / "b").is_unfinished());
    EXPECT_THAT(changed_since(before), ElementsAre());
    fs::remove(a);
    static_cast<void>(write("b", "1"));
    EXPECT_THAT(changed_since(before), ElementsAre(a, folder / "b"));
}

TEST_F(file_state_test, an_empty_file_is_unfinished) {
    const auto a = write("a", ""), b = write("b", "1");
    const auto states = look({a, b});
    EXPECT_TRUE(states.at(a).is_unfinished());
    EXPECT_FALSE(states.at(b).is_unfinished());
}

TEST_F(file_state_test, a_link_is_what_it_leads_to) {
    const auto a = write("a", "1"), b = write("b", "2"), link = folder / "link";
    fs::create_symlink("a", link);
    const auto before = look({link});
    fs::create_symlink("b", folder / "next");
    fs::rename(folder / "next", link);
    EXPECT_THAT(changed_since(before), ElementsAre(link));
}

TEST_F(file_state_test, a_folder_is_the_names_in_it_that_count) {
    const auto inner = folder / "inner";
    fs::create_directory(inner);
    static_cast<void>(write("inner/a.yaml", "1"));
    const auto before = ops::look({{inner, {"*.yaml", "[bc]"}}});
    static_cast<void>(write("inner/a.yaml", "2"));
    for (const char* name : {".hidden.yaml", "README", "d"})
        static_cast<void>(write(std::string("inner/") + name, "1"));
    EXPECT_THAT(changed_since(before), ElementsAre());
    for (const char* name : {"c", "b.yaml"}) {
        const auto more = write(std::string("inner/") + name, "1");
        EXPECT_THAT(changed_since(before), ElementsAre(inner)) << name;
        fs::remove(more);
        EXPECT_THAT(changed_since(before), ElementsAre()) << name;
    }
}

TEST_F(file_state_test, a_folder_that_comes_is_another_one_by_the_same_names) {
    const auto inner = folder / "inner";
    const auto before = ops::look({{inner, {"*.yaml"}}});
    fs::create_directory(inner);
    const auto empty = look_again(before);
    EXPECT_THAT(changed_files(before, empty), ElementsAre(inner));
    static_cast<void>(write("inner/README", "1"));
    EXPECT_THAT(changed_since(empty), ElementsAre());
    static_cast<void>(write("inner/a.yaml", "1"));
    EXPECT_THAT(changed_since(empty), ElementsAre(inner));
}

TEST_F(file_state_test, a_file_larger_than_anybody_loads_is_not_read) {
    const auto a = write("a", "1");
    fs::resize_file(a, (std::uintmax_t{16} << 20) + 1);
    grow_old(a);
    const auto time = fs::last_write_time(a);
    const auto before = look({a});
    std::fstream(a) << "2";
    fs::last_write_time(a, time);
    // Nobody who does not mean it manages this: it shows here that the file was not read.
    EXPECT_THAT(changed_files(before, look({a})), ElementsAre());
    fs::last_write_time(a, time + std::chrono::hours(1));
    EXPECT_THAT(changed_files(before, look({a})), ElementsAre(a));
}

TEST_F(file_state_test, a_pipe_is_not_waited_for) {
    const auto pipe = folder / "pipe";
    ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
    EXPECT_THAT(changed_since(look({pipe})), ElementsAre());
}

TEST_F(file_state_test, a_device_is_not_read) {
    EXPECT_EQ(look({"/dev/zero"}).at("/dev/zero").digest, file_state().digest);
}

TEST_F(file_state_test, a_path_that_is_no_longer_named_has_changed) {
    const auto a = write("a", "1"), b = write("b", "1");
    EXPECT_THAT(changed_files(look({a, b}), look({b})), ElementsAre(a));
}

TEST(list_of, names_three_and_counts_the_rest) {
    EXPECT_EQ(list_of({"a"}), "a");
    EXPECT_EQ(list_of({"a", "b", "c"}), "a, b, c");
    EXPECT_EQ(list_of({"a", "b", "c", "d", "e"}), "a, b, c and 2 more");
}
