#include "config/suggest.hpp"

#include <gtest/gtest.h>

using namespace postern::config;

namespace {

const std::vector<std::string> words{"listen", "server_name", "proxy_pass", "ssl", "TLSv1.2", "TLSv1.3"};

}  // namespace

TEST(suggest, one_or_two_slips_of_the_hand_are_near) {
    EXPECT_EQ(suggest("listn", words), "listen");
    EXPECT_EQ(suggest("lsiten", words), "listen");
    EXPECT_EQ(suggest("listenn", words), "listen");
    EXPECT_EQ(suggest("servername", words), "server_name");
    EXPECT_EQ(suggest("proxypas", words), "proxy_pass");
}

TEST(suggest, case_does_not_count) {
    EXPECT_EQ(suggest("tlsv1.3", words), "TLSv1.3");
    EXPECT_EQ(suggest("LISTEN", words), "listen");
}

TEST(suggest, what_is_far_from_every_word_gets_none) {
    for (const char* wrong : {"", "certificate", "lxyzen", "s", "xxx", "listening"})
        EXPECT_EQ(suggest(wrong, words), "") << wrong;
    EXPECT_EQ(suggest(std::string(100'000, 'x'), words), "");
    EXPECT_EQ(suggest("listen", {}), "");
}
