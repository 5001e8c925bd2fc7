// In which folders a change of a file shows.
#include "proxy/ops/watch_points.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace postern::ops;
using testing::ElementsAre;
using testing::Pair;

namespace {

using links = std::map<std::string, std::string>;

struct walk {
    watch_points points;
    std::string end;
};

walk points_of(const std::string& path, const links& all = {}) {
    walk w;
    const auto target_of = [&](const std::string& at) {
        const auto found = all.find(at);
        return found == all.end() ? std::nullopt : std::optional(found->second);
    };
    w.end = add_watch_points(path, target_of, w.points);
    return w;
}

// A folder on the way, and the one that holds the file.
watched_folder passed(std::set<std::string> names) { return {std::move(names), {}, false}; }
watched_folder holds(std::set<std::string> names) { return {std::move(names), {}, true}; }

}  // namespace

TEST(watch_points, a_plain_path_has_one_in_each_folder_on_its_way) {
    const auto w = points_of("/etc/postern/site.crt");
    EXPECT_THAT(w.points, ElementsAre(Pair("/", passed({"etc"})), Pair("/etc", passed({"postern"})),
                                      Pair("/etc/postern", holds({"site.crt"}))));
    EXPECT_EQ(w.end, "/etc/postern/site.crt");
}

TEST(watch_points, kubernetes_turns_a_link_beside_the_one_that_is_named) {
    const auto w = points_of("/tls/tls.crt", {{"/tls/tls.crt", "..data/tls.crt"}, {"/tls/..data", "..2026_01"}});
    EXPECT_THAT(w.points,
                ElementsAre(Pair("/", passed({"tls"})), Pair("/tls", passed({"tls.crt", "..data", "..2026_01"})),
                            Pair("/tls/..2026_01", holds({"tls.crt"}))));
    EXPECT_EQ(w.end, "/tls/..2026_01/tls.crt");
}

TEST(watch_points, certbot_turns_a_link_into_another_folder) {
    const auto w = points_of("/le/live/a.org/cert.pem", {{"/le/live/a.org/cert.pem", "../../archive/a.org/cert7.pem"}});
    EXPECT_THAT(w.points,
                ElementsAre(Pair("/", passed({"le"})), Pair("/le", passed({"live", "archive"})),
                            Pair("/le/archive", passed({"a.org"})), Pair("/le/archive/a.org", holds({"cert7.pem"})),
                            Pair("/le/live", passed({"a.org"})), Pair("/le/live/a.org", passed({"cert.pem"}))));
}

TEST(watch_points, an_absolute_link_begins_at_the_root) {
    const auto w = points_of("/a/b/c", {{"/a/b", "/x"}});
    EXPECT_THAT(w.points,
                ElementsAre(Pair("/", passed({"a", "x"})), Pair("/a", passed({"b"})), Pair("/x", holds({"c"}))));
    EXPECT_EQ(w.end, "/x/c");
}

TEST(watch_points, dots_and_slashes_that_mean_nothing_are_passed_over) {
    EXPECT_EQ(points_of("//a/./b//../c/").end, "/a/c");
    EXPECT_EQ(points_of("/../../a").end, "/a");
}

TEST(watch_points, a_parent_is_that_of_where_the_link_led) {
    EXPECT_EQ(points_of("/a/link/../c", {{"/a/link", "/x/y"}}).end, "/x/c");
}

TEST(watch_points, links_in_a_circle_come_to_an_end) {
    const auto w = points_of("/a", {{"/a", "b"}, {"/b", "a"}});
    EXPECT_THAT(w.points, ElementsAre(Pair("/", holds({"a", "b"}))));
}

TEST(watch_points, paths_that_share_a_folder_share_its_entry) {
    watch_points points;
    const auto none = [](const std::string&) { return std::optional<std::string>(); };
    add_watch_points("/a/x", none, points);
    add_watch_points("/a/y", none, points);
    EXPECT_THAT(points, ElementsAre(Pair("/", passed({"a"})), Pair("/a", holds({"x", "y"}))));
}

TEST(watch_points, the_root_itself_has_none) {
    const auto w = points_of("/");
    EXPECT_THAT(w.points, ElementsAre());
    EXPECT_EQ(w.end, "/");
}
