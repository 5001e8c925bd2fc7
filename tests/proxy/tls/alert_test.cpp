#include "proxy/tls/alert.hpp"
#include "proxy/tls/offered_protocols.hpp"

#include <gmock/gmock.h>
#include <openssl/ssl.h>

#include <string>
#include <vector>

using namespace postern::tls;
using testing::ElementsAre;
using testing::IsEmpty;

namespace {

std::vector<std::uint8_t> list_of(const std::vector<std::string>& names) {
    std::vector<std::uint8_t> list;
    for (const auto& name : names) {
        list.push_back(static_cast<std::uint8_t>(name.size()));
        list.insert(list.end(), name.begin(), name.end());
    }
    return list;
}

}  // namespace

TEST(alert, every_alert_that_openssl_knows_has_a_name) {
    for (int number = 0; number < 256; ++number) {
        const bool known = std::string(SSL_alert_desc_string_long(number)) != "unknown";
        EXPECT_EQ(known && alert_name(static_cast<std::uint8_t>(number)) == "unknown", false) << number;
    }
    EXPECT_EQ(alert_name(48), "unknown_ca");
    EXPECT_EQ(alert_name(255), "unknown");
}

TEST(offered_protocols, are_kept_when_the_hello_is_gone) {
    offered_protocols kept;
    {
        auto list = list_of({"h2", "http/1.1"});
        kept.keep(list);
        std::fill(list.begin(), list.end(), std::uint8_t{0});
    }
    EXPECT_THAT(kept.names(), ElementsAre("h2", "http/1.1"));
}

TEST(offered_protocols, none_is_an_empty_list) {
    offered_protocols kept;
    EXPECT_THAT(kept.names(), IsEmpty());
    kept.keep({});
    EXPECT_THAT(kept.names(), IsEmpty());
}

TEST(offered_protocols, end_in_dots_where_there_is_no_room_for_all) {
    offered_protocols kept;
    const std::string all_of_it(63, 'x');
    kept.keep(list_of({all_of_it}));
    EXPECT_THAT(kept.names(), ElementsAre(all_of_it));
    kept.keep(list_of({"h2", all_of_it, "h3"}));
    EXPECT_THAT(kept.names(), ElementsAre("h2", "..."));
    kept.keep(list_of({std::string(255, 'x')}));
    EXPECT_THAT(kept.names(), ElementsAre("..."));
}
