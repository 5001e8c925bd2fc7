// Ticket keys as values: what files hold, what a secret gives, and which keys count when.
#include "certs/tickets.hpp"

#include "certs/ticket_files.hpp"
#include "certs/ticket_secret.hpp"
#include "tests/certs/support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

namespace postern::certs::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

using bytes = std::vector<std::uint8_t>;

bytes counting(std::size_t size, int from = 0) {
    bytes all(size);
    std::iota(all.begin(), all.end(), static_cast<std::uint8_t>(from));
    return all;
}

bytes of(std::span<const std::uint8_t> span) { return {span.begin(), span.end()}; }

std::string text(const bytes& b) { return {b.begin(), b.end()}; }

bytes from_hex(std::string_view digits) {
    bytes all;
    for (std::size_t i = 0; i + 1 < digits.size(); i += 2)
        all.push_back(static_cast<std::uint8_t>(std::stoi(std::string(digits.substr(i, 2)), nullptr, 16)));
    return all;
}

bytes name_of(const std::shared_ptr<const ticket_keys>& keys) { return of(keys->sealing().name()); }

bool open(const ticket_source& source, const bytes& name) { return source.keys()->find(name) != nullptr; }

TEST(ticket_key, of_80_bytes_is_name_hmac_aes_and_of_48_name_aes_hmac) {
    const auto large = ticket_key::of(secret(counting(80)));
    ASSERT_TRUE(large);
    EXPECT_EQ(of(large->name()), counting(16));
    EXPECT_EQ(of(large->hmac()), counting(32, 16));
    EXPECT_EQ(of(large->aes()), counting(32, 48));
    const auto small = ticket_key::of(secret(counting(48)));
    ASSERT_TRUE(small);
    EXPECT_EQ(of(small->name()), counting(16));
    EXPECT_EQ(of(small->aes()), counting(16, 16));
    EXPECT_EQ(of(small->hmac()), counting(16, 32));
}

TEST(ticket_key, of_any_other_size_is_none) {
    for (std::size_t size = 0; size < 200; ++size)
        EXPECT_EQ(ticket_key::of(secret(counting(size))).has_value(), size == 48 || size == 80) << size;
}

TEST(ticket_keys, are_found_by_the_name_that_a_ticket_begins_with) {
    const auto one = make_ticket_key();
    const auto other = make_ticket_key();
    const ticket_keys both({one, other});
    EXPECT_EQ(&both.sealing(), one.get());
    for (const auto& key : {one, other}) {
        bytes ticket = of(key->name());
        EXPECT_EQ(both.find(ticket), key.get());
        EXPECT_FALSE(names_key(ticket, both)) << "a name and nothing behind it";
        ticket.push_back(0);
        EXPECT_TRUE(names_key(ticket, both));
        for (std::size_t i = 0; i < 16; ++i) {
            ticket[i] ^= 1;
            EXPECT_EQ(both.find(ticket), nullptr);
            ticket[i] ^= 1;
        }
        for (std::size_t size = 0; size < 16; ++size) EXPECT_EQ(both.find(std::span(ticket).first(size)), nullptr);
    }
}

// ---- files ----------------------------------------------------------------------------------------------------------

struct ticket_files : ::testing::Test {
    const folder at;
    config::problems found;
};

TEST_F(ticket_files, the_first_key_seals_and_all_open) {
    const auto source =
        read_ticket_keys({at.write("a", text(counting(80, 1))), at.write("b", text(counting(48, 2)))}, found);
    ASSERT_TRUE(source) << lines(found);
    EXPECT_EQ(lines(found), "");
    EXPECT_EQ(name_of(source->keys()), counting(16, 1));
    EXPECT_TRUE(open(*source, counting(16, 2)));
    EXPECT_EQ(source->turn(1'000'000, {1s, 1s}), ticket_source::never);
    EXPECT_EQ(name_of(source->keys()), counting(16, 1));
}

TEST_F(ticket_files, of_a_wrong_size_and_that_cannot_be_read_are_told_each_under_its_key) {
    EXPECT_EQ(
        read_ticket_keys({at.write("a", text(counting(80))), at.write("b", text(counting(79))), at.path("c")}, found),
        nullptr);
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].key, "session_ticket_key[1]");
    EXPECT_THAT(config::to_string(found[0]), HasSubstr("a ticket key of 79 bytes"));
    EXPECT_EQ(found[1].key, "session_ticket_key[2]");
    EXPECT_THAT(config::to_string(found[1]), HasSubstr("No such file"));
}

TEST_F(ticket_files, a_secret_has_32_bytes_or_more) {
    EXPECT_EQ(read_ticket_secrets({at.write("a", text(counting(31)))}, found), nullptr);
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].key, "session_ticket_secret[0]");
    EXPECT_THAT(config::to_string(found[0]), HasSubstr("a secret of 31 bytes"));
    found.clear();
    EXPECT_NE(read_ticket_secrets({at.write("b", text(counting(32)))}, found), nullptr);
    EXPECT_EQ(lines(found), "");
}

TEST_F(ticket_files, that_everybody_may_read_are_a_warning) {
    EXPECT_NE(read_ticket_keys({at.write("a", text(counting(80)), 0644)}, found), nullptr);
    EXPECT_NE(read_ticket_secrets({at.write("b", text(counting(32)), 0604)}, found), nullptr);
    EXPECT_NE(read_ticket_keys({at.write("c", text(counting(80)), 0640)}, found), nullptr);
    ASSERT_EQ(found.size(), 2U);
    for (const auto& p : found) {
        EXPECT_EQ(p.level, config::severity::warning);
        EXPECT_THAT(config::to_string(p), HasSubstr("chmod o-rwx"));
    }
}

TEST_F(ticket_files, two_keys_of_one_name_are_a_warning) {
    auto second = counting(80);
    second[40] ^= 1;
    EXPECT_NE(read_ticket_keys({at.write("a", text(counting(80))), at.write("b", text(second))}, found), nullptr);
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].key, "session_ticket_key[1]");
    EXPECT_EQ(found[0].level, config::severity::warning);
}

// ---- a secret and the time ------------------------------------------------------------------------------------------

// Computed from RFC 5869 by other code: replicas of different versions must agree.
TEST(ticket_secret, gives_the_keys_that_the_scheme_says) {
    const auto key = derive_ticket_key(secret(counting(32)), 1h, 500'000);
    ASSERT_TRUE(key);
    EXPECT_EQ(of(key->name()), from_hex("f97f0b471547d1cb000000000007a120"));
    EXPECT_EQ(of(key->hmac()), from_hex("eb5b4e320f0eae63b9c1ad1c0b3df15823931c8bc5e7c5a957faab1f7f364b45"));
    EXPECT_EQ(of(key->aes()), from_hex("0e737f74d2e7b0feafe08acb50e58ea86487ae9583838713d6cddf757d6bd03a"));
}

TEST(ticket_secret, other_secrets_epochs_and_lengths_of_epochs_give_unrelated_keys) {
    const auto one = derive_ticket_key(secret(counting(32)), 1h, 7);
    for (const auto& other :
         {derive_ticket_key(secret(counting(32, 1)), 1h, 7), derive_ticket_key(secret(counting(33)), 1h, 7),
          derive_ticket_key(secret(counting(32)), 1h, 8), derive_ticket_key(secret(counting(32)), 2h, 7)}) {
        EXPECT_NE(of(one->name()), of(other->name()));
        EXPECT_NE(of(one->hmac()), of(other->hmac()));
        EXPECT_NE(of(one->aes()), of(other->aes()));
    }
}

std::shared_ptr<ticket_source> derived(int from = 0) {
    std::vector<secret> secrets;
    secrets.emplace_back(counting(32, from));
    return derived_tickets(std::move(secrets));
}

bytes name_at(std::uint64_t epoch, int from = 0) {
    return of(derive_ticket_key(secret(counting(32, from)), 1h, epoch)->name());
}

constexpr ticket_terms hourly{1h, 5min};

TEST(ticket_secret, seals_by_the_epoch_of_now_and_opens_the_one_before_and_the_next) {
    const auto source = derived();
    EXPECT_EQ(source->turn(10 * 3600 + 1, hourly), 11 * 3600);
    EXPECT_EQ(name_of(source->keys()), name_at(10));
    EXPECT_EQ(source->keys()->size(), 3U);
    EXPECT_TRUE(open(*source, name_at(9)));
    EXPECT_TRUE(open(*source, name_at(11)));
    EXPECT_FALSE(open(*source, name_at(8)));
    EXPECT_FALSE(open(*source, name_at(12)));
}

TEST(ticket_secret, changes_with_the_second_in_which_an_epoch_begins_and_not_before) {
    const auto source = derived();
    source->turn(10 * 3600, hourly);
    const auto before = source->keys();
    EXPECT_EQ(source->turn(11 * 3600 - 1, hourly), 11 * 3600);
    EXPECT_EQ(source->keys(), before);
    EXPECT_EQ(source->turn(11 * 3600, hourly), 12 * 3600);
    EXPECT_EQ(name_of(source->keys()), name_at(11));
    EXPECT_TRUE(open(*source, name_at(10)));
}

TEST(ticket_secret, opens_as_far_back_as_session_timeout_reaches) {
    const auto source = derived();
    source->turn(100 * 3600, {1h, 24h});
    // Sealed in the last second of epoch 76, a ticket is in time until the last second of epoch 100.
    EXPECT_TRUE(open(*source, name_at(76)));
    EXPECT_FALSE(open(*source, name_at(75)));
    source->turn(100 * 3600, {1h, 24h + 1s});
    EXPECT_TRUE(open(*source, name_at(75)));
    EXPECT_EQ(source->keys()->size(), 27U);
}

TEST(ticket_secret, follows_a_clock_that_is_set_back_or_forward) {
    const auto source = derived();
    for (const std::time_t epoch : {10, 500'000, 9, 0}) {
        source->turn(epoch * 3600 + 5, hourly);
        EXPECT_EQ(name_of(source->keys()), name_at(static_cast<std::uint64_t>(epoch)));
    }
}

TEST(ticket_secret, of_several_the_first_seals_and_all_open) {
    std::vector<secret> two;
    two.emplace_back(counting(32, 1));
    two.emplace_back(counting(32, 2));
    const auto source = derived_tickets(std::move(two));
    source->turn(10 * 3600, hourly);
    EXPECT_EQ(name_of(source->keys()), name_at(10, 1));
    for (const std::uint64_t epoch : {9U, 10U, 11U}) EXPECT_TRUE(open(*source, name_at(epoch, 2)));
}

TEST(ticket_secret, replicas_open_each_others_tickets_when_their_clocks_differ_by_less_than_an_epoch) {
    const auto one = derived();
    const auto other = derived();
    for (std::time_t now = 50 * 3600; now < 53 * 3600; now += 600) {
        one->turn(now, hourly);
        other->turn(now + 3599, hourly);
        EXPECT_TRUE(open(*one, name_of(other->keys()))) << now;
        EXPECT_TRUE(open(*other, name_of(one->keys()))) << now;
    }
}

// ---- made here ------------------------------------------------------------------------------------------------------

TEST(made_tickets, a_key_seals_for_a_rotation_and_was_known_for_one_before) {
    const auto source = made_tickets(1000);
    const auto first = source->keys();
    EXPECT_EQ(source->turn(1000 + 3599, hourly), 1000 + 3600);
    EXPECT_EQ(source->keys(), first);
    source->turn(1000 + 3600, hourly);
    const auto second = source->keys();
    EXPECT_NE(name_of(second), name_of(first));
    EXPECT_NE(first->find(name_of(second)), nullptr) << "whoever has not turned yet opens what others seal";
}

TEST(made_tickets, a_key_opens_until_its_last_ticket_has_reached_session_timeout_and_is_then_forgotten) {
    const auto source = made_tickets(0);
    const auto first = name_of(source->keys());
    EXPECT_EQ(source->turn(3600, hourly), 3600 + 301);
    EXPECT_TRUE(open(*source, first));
    EXPECT_EQ(source->turn(3600 + 300, hourly), 3600 + 301);
    EXPECT_TRUE(open(*source, first));
    EXPECT_EQ(source->turn(3600 + 301, hourly), 7200);
    EXPECT_FALSE(open(*source, first));
    EXPECT_EQ(source->keys()->size(), 2U);
}

TEST(made_tickets, are_no_more_than_session_timeout_needs) {
    const auto source = made_tickets(0);
    std::size_t most = 0;
    for (std::time_t now = 0; now < 1000 * 3600; now += 1800) {
        source->turn(now, {1h, 24h});
        most = std::max(most, source->keys()->size());
    }
    EXPECT_EQ(most, 2U + 25U);
}

TEST(made_tickets, a_clock_that_is_set_back_makes_no_key_seal_or_open_for_long) {
    const auto source = made_tickets(1'000'000);
    const auto first = name_of(source->keys());
    source->turn(1'003'600, hourly);
    const auto second = name_of(source->keys());
    source->turn(5000, hourly);
    EXPECT_NE(name_of(source->keys()), second);
    EXPECT_TRUE(open(*source, first));
    source->turn(5301, hourly);
    EXPECT_FALSE(open(*source, first));
    EXPECT_FALSE(open(*source, second));
}

TEST(made_tickets, no_two_processes_make_the_same) {
    EXPECT_NE(name_of(made_tickets(0)->keys()), name_of(made_tickets(0)->keys()));
}

}  // namespace
}  // namespace postern::certs::testing
