#include "proxy/session/key_ages.hpp"

#include <gtest/gtest.h>

using namespace postern;
using namespace postern::session;
using namespace std::chrono_literals;

namespace {

const key_ages::time_point noon{12h};

std::shared_ptr<const certs::ticket_keys> keys(std::uint8_t of) {
    auto key = certs::ticket_key::of(certs::secret(std::vector<std::uint8_t>(80, of)));
    return std::make_shared<const certs::ticket_keys>(
        std::vector<certs::ticket_key_ptr>{std::make_shared<const certs::ticket_key>(std::move(*key))});
}

}  // namespace

TEST(key_ages, a_key_ages_from_when_it_was_first_seen_to_seal) {
    key_ages ages;
    EXPECT_FALSE(ages.oldest(noon));
    ages.look_at({keys(1)}, noon);
    ages.look_at({keys(1)}, noon + 1h);  // read again by a reload
    EXPECT_EQ(ages.oldest(noon + 2h), 2h);
}

TEST(key_ages, the_next_key_begins_anew) {
    key_ages ages;
    ages.look_at({keys(1)}, noon);
    ages.look_at({keys(2)}, noon + 1h);
    EXPECT_EQ(ages.oldest(noon + 90min), 30min);
}

TEST(key_ages, of_several_the_oldest_counts) {
    key_ages ages;
    ages.look_at({keys(1), nullptr}, noon);
    ages.look_at({keys(2), keys(1)}, noon + 1h);
    EXPECT_EQ(ages.oldest(noon + 2h), 2h);
    ages.look_at({}, noon + 3h);
    EXPECT_FALSE(ages.oldest(noon + 3h));
}
