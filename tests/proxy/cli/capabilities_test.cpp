#include "proxy/cli/capabilities.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

namespace postern::cli {
namespace {

using testing::HasSubstr;

const capability* find(const std::vector<capability>& all, std::string_view part, std::string_view name) {
    const auto at =
        std::find_if(all.begin(), all.end(), [&](const auto& c) { return c.part == part && c.name == name; });
    return at == all.end() ? nullptr : &*at;
}

TEST(capabilities, a_name_stands_once_in_its_part) {
    std::set<std::string> seen;
    for (const auto& c : capabilities()) EXPECT_TRUE(seen.insert(std::string(c.part) + " " + c.name).second) << c.name;
}

TEST(capabilities, what_decides_about_features_is_in_the_table) {
    const auto all = capabilities();
    for (const auto* name : {"ktls", "landlock", "seccomp", "release", "cpus"})
        EXPECT_NE(find(all, "kernel", name), nullptr) << name;
    for (const auto* name : {"X25519", "X25519MLKEM768", "fips", "ktls", "key schedule"})
        EXPECT_NE(find(all, "openssl", name), nullptr) << name;
}

TEST(capabilities, every_openssl_that_is_supported_has_x25519_and_prime256v1) {
    const auto all = capabilities();
    EXPECT_TRUE(find(all, "openssl", "X25519")->there);
    EXPECT_TRUE(find(all, "openssl", "prime256v1")->there);
}

#ifdef __x86_64__
TEST(capabilities, the_cpu_is_seen_as_the_kernel_sees_it) {
    std::ifstream file("/proc/cpuinfo");
    std::string line;
    while (std::getline(file, line) && !line.starts_with("flags")) {}
    std::istringstream words(line);
    const std::set<std::string> flags{std::istream_iterator<std::string>(words), {}};
    ASSERT_TRUE(flags.contains("sse2"));
    const auto all = capabilities();
    EXPECT_EQ(find(all, "cpu", "aes")->there, flags.contains("aes"));
    EXPECT_EQ(find(all, "cpu", "pclmul")->there, flags.contains("pclmulqdq"));
    EXPECT_EQ(find(all, "cpu", "sha")->there, flags.contains("sha_ni"));
    EXPECT_EQ(find(all, "cpu", "avx2")->there, flags.contains("avx2"));
    EXPECT_EQ(find(all, "cpu", "avx512")->there, flags.contains("avx512f"));
    EXPECT_EQ(find(all, "cpu", "vaes")->there, flags.contains("vaes"));
}
#endif

TEST(capabilities, what_is_missing_says_why) {
    for (const auto& c : capabilities()) {
        const bool explains = (c.part == "kernel" || c.part == "openssl") && c.name != "fips";
        if (explains && !c.there) {
            EXPECT_NE(c.detail, "") << c.name;
        }
    }
}

TEST(capabilities, the_text_is_aligned_and_has_no_blanks_at_the_end) {
    const std::vector<capability> all{
        {"cpu", "aes", true, "AES-NI"}, {"kernel", "landlock", false, "no such call"}, {"cpu", "sha", false}};
    EXPECT_EQ(to_text(all), "cpu      aes       yes  AES-NI\n"
                            "kernel   landlock  no   no such call\n"
                            "cpu      sha       no\n");
}

}  // namespace
}  // namespace postern::cli
