#include "proxy/ops/journal_entry.hpp"
#include "proxy/ops/labels.hpp"

#include <gtest/gtest.h>

using namespace postern;
using namespace postern::ops;

namespace {

connection_record some_connection() {
    connection_record of;
    of.id = 0x4d2;
    of.listener = "127.0.0.1:8444";
    of.client_ip = "::1";
    of.client_port = 5555;
    of.sni = "a\n\x1fPOSTERN_REASON=closed";
    return of;
}

std::string entry(std::string_view line) {
    std::string to;
    append_journal_entry(to, "postern", 6, line);
    return to;
}

}  // namespace

TEST(journal_entry, a_field_is_key_equals_value) {
    std::string to;
    append_journal_field(to, "MESSAGE", "a=b");
    EXPECT_EQ(to, "MESSAGE=a=b\n");
}

TEST(journal_entry, a_value_with_a_newline_goes_with_its_size) {
    std::string to;
    append_journal_field(to, "MESSAGE", std::string(300, 'x') + "\n");
    using namespace std::string_literals;
    EXPECT_EQ(to, "MESSAGE\n\x2d\x01\0\0\0\0\0\0"s + std::string(300, 'x') + "\n\n");
}

TEST(journal_entry, a_line_without_labels_is_a_message) {
    EXPECT_EQ(entry("text"), "PRIORITY=6\nSYSLOG_IDENTIFIER=postern\nMESSAGE=text\n");
}

TEST(journal_entry, a_connection_has_its_fields_and_none_can_be_forged) {
    connection_outcome o;
    o.by = party::client;
    o.during = phase::handshake;
    o.why = reason::peer_alert;
    std::string line;
    append_labels(line, some_connection(), o);
    EXPECT_EQ(entry(line + "text"),
              "PRIORITY=6\nSYSLOG_IDENTIFIER=postern\nPOSTERN_ID=00000000000004d2\n"
              "POSTERN_CONNECTION=00000000000004d2\nPOSTERN_LISTENER=127.0.0.1:8444\nPOSTERN_CLIENT=[::1]:5555\n"
              "POSTERN_SNI=a\\x0A\\x1FPOSTERN_REASON=closed\nPOSTERN_BY=client\nPOSTERN_PHASE=handshake\n"
              "POSTERN_REASON=peer_alert\nMESSAGE=text\n");
}

TEST(journal_entry, a_request_has_an_id_of_its_own_and_a_status) {
    request_record r;
    r.id = {1, 2};
    r.status = 502;
    r.by = party::upstream;
    r.during = phase::connect;
    r.why = reason::connect_refused;
    auto of = some_connection();
    of.client_ip = "127.0.0.1";
    of.sni.clear();
    std::string line;
    append_labels(line, of, r);
    EXPECT_EQ(entry(line + "text"),
              "PRIORITY=6\nSYSLOG_IDENTIFIER=postern\nPOSTERN_ID=00000000000000010000000000000002\n"
              "POSTERN_CONNECTION=00000000000004d2\nPOSTERN_LISTENER=127.0.0.1:8444\nPOSTERN_CLIENT=127.0.0.1:5555\n"
              "POSTERN_STATUS=502\nPOSTERN_BY=upstream\nPOSTERN_PHASE=connect\nPOSTERN_REASON=connect_refused\n"
              "MESSAGE=text\n");
}

TEST(labels, are_taken_from_the_front_one_by_one) {
    std::string_view line = "A=1\x1f"
                            "B=\x1ftext\n";
    EXPECT_TRUE(has_labels(line));
    EXPECT_EQ(without_labels(line), "text\n");
    EXPECT_EQ(take_label(line), "A=1");
    EXPECT_EQ(take_label(line), "B=");
    EXPECT_EQ(take_label(line), "");
    EXPECT_EQ(line, "text\n");
    EXPECT_FALSE(has_labels(line));
}
