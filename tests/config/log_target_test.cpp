#include "config/log_target.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>

using namespace postern::config;
using kind = log_target::kind;

namespace {

std::string why_not(std::string_view text) {
    misread why;
    return parse_log_target(text, &why) ? "it is one" : why.what;
}

}  // namespace

TEST(log_target, words_are_outputs_and_all_else_is_a_file) {
    const std::map<std::string, kind> rows{{"off", kind::off},
                                           {"stdout", kind::standard_output},
                                           {"stderr", kind::standard_error},
                                           {"journal", kind::journal},
                                           {"syslog", kind::syslog},
                                           {"/var/log/postern/access.log", kind::file},
                                           {"./journal", kind::file},
                                           {"syslogs", kind::file}};
    for (const auto& [text, expected] : rows) EXPECT_EQ(parse_log_target(text).value().type, expected) << text;
    EXPECT_EQ(parse_log_target("./journal")->path, "./journal");
}

TEST(log_target, the_local_receivers_have_their_usual_places) {
    EXPECT_EQ(parse_log_target("syslog")->receiver.path, "/dev/log");
    EXPECT_EQ(parse_log_target("journal")->receiver.path, "/run/systemd/journal/socket");
    EXPECT_EQ(parse_log_target("journal:/tmp/journal")->receiver.path, "/tmp/journal");
}

TEST(log_target, nginxs_parameters_of_syslog_are_read) {
    const auto all =
        parse_log_target("syslog:server=[2001:db8::1]:12345,facility=local1,severity=notice,tag=front,nohostname");
    ASSERT_TRUE(all);
    EXPECT_EQ(to_string(all->receiver), "[2001:db8::1]:12345");
    EXPECT_EQ(all->facility, 17U);
    EXPECT_EQ(all->severity, 5U);
    EXPECT_EQ(all->tag, "front");
    EXPECT_FALSE(all->hostname);
    const auto least = parse_log_target("syslog:server=192.0.2.1");
    ASSERT_TRUE(least);
    EXPECT_EQ(to_string(least->receiver), "192.0.2.1:514");
    EXPECT_EQ(least->facility, 23U);
    EXPECT_EQ(least->severity, 6U);
    EXPECT_EQ(least->tag, "postern");
    EXPECT_TRUE(least->hostname);
    EXPECT_EQ(parse_log_target("syslog:server=[::1]")->receiver.port, 514);
    EXPECT_EQ(parse_log_target("syslog:server=unix:/run/log")->receiver.path, "/run/log");
}

TEST(log_target, what_cannot_be_meant_is_refused_with_a_reason) {
    const std::map<std::string, std::string> rows{
        {"syslog:", "syslog without a server"},
        {"syslog:facility=user", "syslog without a server"},
        {"syslog:server=", "server is no address: "},
        {"syslog:server=log.example.org", "server is no IP address: log.example.org"},
        {"syslog:server=514", "server is no IP address: 514"},
        {"syslog:server=unix:dev/log", "the path of a socket begins with /"},
        {"syslog:server=127.0.0.1,severity=loud", "unknown: loud"},
        {"syslog:server=127.0.0.1,tag=a b", "a tag has 1 to 48 characters of ASCII and no space"},
        {"syslog:server=127.0.0.1,color=red", "no parameter of syslog: color"},
        {"journal:socket", "the path of a socket begins with /"},
    };
    for (const auto& [text, what] : rows) EXPECT_EQ(why_not(text), what) << text;
}
