#include "proxy/tls/admission.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <string>
#include <vector>

using postern::tls::admission;
using enum postern::tls::handshake_step;
using postern::tls::handshake_step;
using std::chrono::microseconds;
using testing::ElementsAre;

namespace {

// Whoever was admitted, in that order, each with a step that costs what the world says.
class world {
public:
    class client final : public admission::waiter {
    public:
        client(world& in, std::string name, handshake_step s) : step(s), in_(in), name_(std::move(name)) {}
        void admitted() override { in_.took_step(*this); }
        const std::string& name() const { return name_; }
        const handshake_step step;

    private:
        world& in_;
        std::string name_;
    };

    // A client that comes in this turn, and takes its step now if it may.
    client& comes(const std::string& name, handshake_step s) {
        auto& made = *clients_.emplace_back(std::make_unique<client>(*this, name, s));
        if (door.enter(made, s, turn)) took_step(made);
        return made;
    }
    void several(int count, const std::string& name, handshake_step s) {
        for (int i = 0; i < count; ++i) comes(name, s);
    }
    void leaves_queue(const std::string& name) {
        std::erase_if(clients_, [&](const auto& each) { return each->name() == name; });
    }
    // The end of this turn: who waits may go. Then the next one begins.
    std::vector<std::string> turn_ends() {
        while (door.let_one_in(turn)) {}
        ++turn;
        return std::exchange(went, {});
    }
    void took_step(const client& c) {
        went.push_back(c.name());
        door.charge(c.step, c.step == resume && tickets_are_forged ? full : c.step, cost);
    }

    admission door{microseconds(1500)};
    std::uint64_t turn = 1;
    microseconds cost{300};
    bool tickets_are_forged = false;
    std::vector<std::string> went;

private:
    std::vector<std::unique_ptr<client>> clients_;
};

}  // namespace

TEST(admission, a_turn_takes_as_many_steps_as_fit_into_its_budget) {
    world w;
    w.several(20, "a", full);
    EXPECT_EQ(w.turn_ends().size(), 5U);  // of 300 us, in 1.5 ms
    EXPECT_EQ(w.turn_ends().size(), 5U);
    w.cost = microseconds(700);
    EXPECT_EQ(w.turn_ends().size(), 2U);
    EXPECT_EQ(w.turn_ends().size(), 2U);
}

TEST(admission, a_step_that_costs_more_than_the_budget_has_a_turn_of_its_own) {
    world w;
    w.cost = microseconds(5000);
    w.several(3, "a", full);
    EXPECT_EQ(w.turn_ends().size(), 1U);
    EXPECT_EQ(w.turn_ends().size(), 1U);
    EXPECT_EQ(w.turn_ends().size(), 1U);
}

TEST(admission, the_number_of_steps_follows_what_they_cost) {
    world w;
    for (w.cost = microseconds(1000); w.turn < 50;) {
        w.several(3, "a", full);
        w.turn_ends();
    }
    EXPECT_GE(w.door.cost(full), microseconds(990));
    w.door.limit_to({10'000, 10'000});
    for (w.cost = microseconds(100); w.turn < 500;) {
        w.several(20, "b", full);
        w.turn_ends();
    }
    EXPECT_LE(w.door.cost(full), microseconds(110));
    EXPECT_GE(w.turn_ends().size(), 14U);
}

TEST(admission, one_measurement_of_a_suspended_thread_is_soon_forgotten) {
    world w;
    w.cost = std::chrono::seconds(3);
    w.comes("a", full);
    EXPECT_LE(w.door.cost(full), microseconds(600));
}

TEST(admission, who_came_first_goes_first_and_nobody_overtakes) {
    world w;
    w.several(5, "early", full);
    w.comes("a", full);
    w.comes("b", full);
    EXPECT_THAT(w.turn_ends(), ElementsAre("early", "early", "early", "early", "early"));
    w.comes("late", full);  // the new turn has room, and those before it have not gone yet
    EXPECT_THAT(w.turn_ends(), ElementsAre("a", "b", "late"));
}

TEST(admission, what_is_under_way_is_finished_before_resumptions_and_those_before_full_handshakes) {
    world w;
    w.several(5, "early", full);
    w.comes("full", full);
    w.comes("resumes", resume);
    w.comes("finishes", finish);
    w.turn_ends();
    EXPECT_THAT(w.turn_ends(), ElementsAre("finishes", "resumes", "full"));
}

TEST(admission, one_full_handshake_goes_after_eight_resumptions_while_both_wait) {
    world w;
    w.several(5, "early", full);
    w.several(2, "f", full);
    w.several(12, "r", resume);
    w.turn_ends();
    std::string order;
    while (order.size() < 14)
        for (const auto& name : w.turn_ends()) order += name;
    EXPECT_EQ(order, "rrrrrrrrfrrrrf");
}

TEST(admission, forged_tickets_are_charged_as_full_handshakes_and_go_one_by_one_with_them) {
    world w;
    w.tickets_are_forged = true;
    w.several(5, "early", full);
    w.several(4, "f", full);
    w.several(4, "r", resume);
    w.turn_ends();
    std::string order;
    while (order.size() < 8)
        for (const auto& name : w.turn_ends()) order += name;
    EXPECT_EQ(order, "rfrfrfrf");
    EXPECT_EQ(w.door.cost(resume), microseconds(150));  // nothing was learnt about resumptions
}

TEST(admission, handshakes_beyond_those_in_flight_wait_for_an_end_and_spin_no_loop) {
    world w;
    w.cost = microseconds(10);
    w.door.limit_to({2, 10});
    w.several(4, "a", full);
    EXPECT_EQ(w.turn_ends().size(), 2U);
    EXPECT_EQ(w.turn_ends().size(), 0U);
    EXPECT_FALSE(w.door.anyone_may_go());
    w.comes("finishes", finish);  // which needs no place of its own
    w.door.leave();
    EXPECT_TRUE(w.door.anyone_may_go());
    EXPECT_THAT(w.turn_ends(), ElementsAre("finishes", "a"));
    EXPECT_EQ(w.door.in_flight(), 2U);
}

TEST(admission, one_that_gives_up_waiting_does_not_hold_a_place) {
    world w;
    w.door.limit_to({1, 10});
    w.comes("a", full);
    w.comes("b", full);
    w.comes("c", full);
    w.leaves_queue("b");
    w.door.leave();
    EXPECT_THAT(w.turn_ends(), ElementsAre("a", "c"));
    w.door.leave();
    EXPECT_EQ(w.door.in_flight(), 0U);
}

TEST(admission, a_raised_limit_lets_several_in) {
    world w;
    w.door.limit_to({1, 10});
    w.several(3, "a", full);
    w.turn_ends();
    w.door.limit_to({3, 10});
    EXPECT_TRUE(w.door.anyone_may_go());
    EXPECT_EQ(w.turn_ends().size(), 2U);
}

TEST(admission, it_is_crowded_when_as_many_hellos_wait_as_may) {
    world w;
    w.door.limit_to({1, 2});
    w.several(2, "a", full);
    EXPECT_FALSE(w.door.crowded());
    w.comes("b", resume);
    EXPECT_TRUE(w.door.crowded());
    EXPECT_EQ(w.door.waiting(), 2U);
    w.leaves_queue("b");
    EXPECT_FALSE(w.door.crowded());
    EXPECT_EQ(w.door.waiting(), 1U);
}
