#include "certs/store.hpp"

#include <gtest/gtest.h>

namespace postern::certs {
namespace {

store with(std::initializer_list<std::string_view> names) {
    store made;
    std::size_t index = 0;
    for (const auto name : names) made.add(name, index++);
    return made;
}

TEST(store, an_exact_name_goes_before_every_wildcard) {
    const auto names = with({"*.example.org", "www.example.*", "www.example.org"});
    EXPECT_EQ(names.find("www.example.org"), 2U);
}

TEST(store, the_longest_leading_wildcard_goes_first) {
    const auto names = with({"*.org", "*.a.example.org", "*.example.org"});
    EXPECT_EQ(names.find("x.a.example.org"), 1U);
    EXPECT_EQ(names.find("x.example.org"), 2U);
    EXPECT_EQ(names.find("other.org"), 0U);
}

TEST(store, a_leading_wildcard_stands_for_any_number_of_labels_but_not_for_none) {
    const auto names = with({"*.example.org"});
    EXPECT_EQ(names.find("a.b.c.example.org"), 0U);
    EXPECT_EQ(names.find("example.org"), std::nullopt);
    EXPECT_EQ(names.find("anexample.org"), std::nullopt);
}

TEST(store, a_leading_wildcard_goes_before_a_trailing_one) {
    const auto names = with({"www.example.*", "*.example.org"});
    EXPECT_EQ(names.find("www.example.org"), 1U);
    EXPECT_EQ(names.find("www.example.net"), 0U);
}

TEST(store, the_longest_trailing_wildcard_goes_first) {
    const auto names = with({"www.*", "www.example.*"});
    EXPECT_EQ(names.find("www.example.co.uk"), 1U);
    EXPECT_EQ(names.find("www.other.net"), 0U);
    EXPECT_EQ(names.find("www"), std::nullopt);
}

TEST(store, a_leading_dot_means_the_name_and_all_below_it) {
    const auto names = with({".example.org"});
    EXPECT_EQ(names.find("example.org"), 0U);
    EXPECT_EQ(names.find("a.b.example.org"), 0U);
    EXPECT_EQ(names.find("org"), std::nullopt);
}

TEST(store, the_first_of_two_equal_names_stays) {
    const auto names = with({"example.org", "example.org", "*.x", "*.x"});
    EXPECT_EQ(names.find("example.org"), 0U);
    EXPECT_EQ(names.find("a.x"), 2U);
}

TEST(store, no_name_at_all_is_found_only_where_the_empty_name_is_served) {
    EXPECT_EQ(with({"example.org", "*.x", "y.*"}).find(""), std::nullopt);
    EXPECT_EQ(with({"example.org", ""}).find(""), 1U);
}

}  // namespace
}  // namespace postern::certs
