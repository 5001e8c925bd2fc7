#include "proxy/tls/admission.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

using postern::tls::admission;

namespace {

struct client final : admission::waiter {
    void admitted() override { in = true; }
    bool in = false;
};

}  // namespace

TEST(admission, handshakes_begin_at_once_below_the_limit_and_wait_above_it) {
    admission door;
    door.limit_to(2);
    client a, b, c;
    EXPECT_TRUE(door.enter(a));
    EXPECT_TRUE(door.enter(b));
    EXPECT_FALSE(door.enter(c));
    EXPECT_TRUE(door.anyone_waiting());
    door.leave();
    EXPECT_TRUE(c.in);
    EXPECT_EQ(door.in_flight(), 2U);
}

TEST(admission, who_came_first_goes_first) {
    admission door;
    door.limit_to(1);
    client a, b, c;
    EXPECT_TRUE(door.enter(a));
    EXPECT_FALSE(door.enter(b));
    EXPECT_FALSE(door.enter(c));
    door.leave();
    EXPECT_TRUE(b.in);
    EXPECT_FALSE(c.in);
}

TEST(admission, one_that_gives_up_waiting_does_not_hold_a_place) {
    admission door;
    door.limit_to(1);
    client a, c;
    auto b = std::make_unique<client>();
    EXPECT_TRUE(door.enter(a));
    EXPECT_FALSE(door.enter(*b));
    EXPECT_FALSE(door.enter(c));
    b.reset();
    door.leave();
    EXPECT_TRUE(c.in);
    door.leave();
    EXPECT_EQ(door.in_flight(), 0U);
}

TEST(admission, a_raised_limit_lets_several_in_at_the_next_end) {
    admission door;
    door.limit_to(1);
    client a, b, c;
    EXPECT_TRUE(door.enter(a));
    EXPECT_FALSE(door.enter(b));
    EXPECT_FALSE(door.enter(c));
    door.limit_to(3);
    door.leave();
    EXPECT_TRUE(b.in);
    EXPECT_TRUE(c.in);
}
