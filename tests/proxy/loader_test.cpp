// The thread that reads a configuration: there is a verdict whatever happens to it.
#include "proxy/loader.hpp"

#include <boost/asio/executor_work_guard.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

namespace postern {

TEST(loader, a_reading_that_breaks_off_has_a_verdict_and_can_be_tried_again) {
    net::asio::io_context context{1};
    const auto work = net::asio::make_work_guard(context);
    int asked = 0;
    loader files(
        [&]() -> config::document {
            ++asked;
            throw std::runtime_error("the disk is gone");
        },
        "", context);
    for (int turn = 1; turn <= 2; ++turn) {
        std::vector<std::string> told;
        ASSERT_EQ(files.begin(nullptr,
                              [&](const reading& r) {
                                  EXPECT_FALSE(r.loaded.made);
                                  for (const auto& p : r.loaded.problems) told.push_back(p.what);
                              }),
                  "");
        EXPECT_EQ(context.run_one(), 1U);
        EXPECT_THAT(told, testing::ElementsAre("cannot be read: the disk is gone"));
        EXPECT_EQ(asked, turn);
    }
}

}  // namespace postern
