// The page is in the program as it is in the sources, and can do without anything else.
#include "proxy/status_page/files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <string>

using namespace postern;
using testing::HasSubstr;
using testing::Not;

namespace {

std::map<std::string, status_page::file> by_path() {
    std::map<std::string, status_page::file> all;
    for (const auto& f : status_page::files()) all.emplace(f.path, f);
    return all;
}

std::string content(const std::filesystem::path& of) {
    std::ifstream in(of, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

std::string index_page() { return std::string(by_path().at("/").text); }

}  // namespace

TEST(status_page, has_every_file_of_its_folder_that_a_browser_reads_as_it_is) {
    std::size_t seen = 0;
    for (const auto& each : std::filesystem::directory_iterator(STATUS_PAGE_FOLDER)) {
        const auto name = each.path().filename().string();
        const auto ending = each.path().extension();
        if (ending != ".html" && ending != ".css" && ending != ".mjs" && ending != ".svg") continue;
        ++seen;
        const auto all = by_path();
        const auto found = all.find(name == "index.html" ? "/" : "/" + name);
        ASSERT_NE(found, all.end()) << name;
        EXPECT_EQ(found->second.text, content(each.path())) << name;
    }
    EXPECT_EQ(status_page::files().size(), seen);
}

TEST(status_page, each_file_says_what_it_is) {
    const auto all = by_path();
    EXPECT_EQ(all.at("/").type, "text/html; charset=utf-8");
    EXPECT_EQ(all.at("/page.css").type, "text/css; charset=utf-8");
    EXPECT_EQ(all.at("/page.mjs").type, "text/javascript; charset=utf-8");
    EXPECT_EQ(all.at("/icon.svg").type, "image/svg+xml");
}

TEST(status_page, names_no_other_place) {
    for (const auto& [path, f] : by_path()) {
        // What names the language of SVG is fetched by nobody.
        const auto text = std::regex_replace(std::string(f.text), std::regex("\"http://www.w3.org/2000/svg\""), "");
        EXPECT_THAT(text, Not(HasSubstr("://"))) << path;
        EXPECT_THAT(text, Not(HasSubstr("src=\"//"))) << path;
    }
}

TEST(status_page, has_no_script_and_no_style_in_its_markup_which_the_policy_would_stop) {
    const auto text = index_page();
    EXPECT_FALSE(std::regex_search(text, std::regex("<script(?![^>]*src=)"))) << text;
    EXPECT_FALSE(std::regex_search(text, std::regex("<style|\\sstyle=|\\son[a-z]+=|javascript:"))) << text;
}

TEST(status_page, what_it_loads_is_there) {
    const auto all = by_path();
    const std::regex reference("(?:src|href)=\"([^\"]+\\.[a-z]+)\"|from \"\\./([^\"]+)\"");
    std::size_t seen = 0;
    for (const auto& [path, f] : all) {
        const std::string text(f.text);
        for (std::sregex_iterator at(text.begin(), text.end(), reference), end; at != end; ++at, ++seen) {
            const auto name = (*at)[1].matched ? (*at)[1].str() : (*at)[2].str();
            EXPECT_TRUE(all.contains("/" + name)) << path << " loads " << name;
        }
    }
    EXPECT_GT(seen, 5U);
}

TEST(status_page, writes_names_as_text_and_never_as_markup) {
    for (const auto& [path, f] : by_path())
        EXPECT_FALSE(
            std::regex_search(std::string(f.text),
                              std::regex("innerHTML|outerHTML|insertAdjacentHTML|document\\.write|DOMParser|eval\\(")))
            << path;
}
