#include "proxy/ops/label_words.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

using namespace postern::ops;

namespace {

template <class Table>
void expect_every_word_at_its_place(const Table& table) {
    std::set<std::string_view> all;
    for (std::size_t i = 0; i + 1 < table.size(); ++i) {
        EXPECT_EQ(table.place_of(table[i]), i) << table[i];
        all.insert(table[i]);
    }
    EXPECT_EQ(all.size() + 1, table.size()) << "a word twice";
    EXPECT_EQ(table[table.size() - 1], "_other");
}

}  // namespace

TEST(label_words, every_word_is_found_at_its_place) {
    expect_every_word_at_its_place(tls_versions);
    expect_every_word_at_its_place(tls_ciphers);
    expect_every_word_at_its_place(tls_groups);
    expect_every_word_at_its_place(http_methods);
}

TEST(label_words, what_is_not_in_a_table_is_other) {
    for (const auto& word : std::vector<std::string>{"", "get", "GETT", "GE", "~", "BREW", std::string(1000, 'A')})
        EXPECT_EQ(http_methods[http_methods.place_of(word)], "_other") << word;
    EXPECT_EQ(tls_ciphers[tls_ciphers.place_of("GREASE")], "_other");
}

TEST(label_words, a_status_is_told_by_its_class) {
    EXPECT_EQ(status_classes[status_class(101)], "1xx");
    EXPECT_EQ(status_classes[status_class(200)], "2xx");
    EXPECT_EQ(status_classes[status_class(499)], "4xx");
    EXPECT_EQ(status_classes[status_class(599)], "5xx");
    for (const unsigned odd : {0U, 99U, 600U, 1000U}) EXPECT_EQ(status_classes[status_class(odd)], "_other") << odd;
}
