#include "record_pair.hpp"

#include <gtest/gtest.h>

#include <algorithm>

using namespace postern;
using namespace postern::tls;
using postern::tls::testing::joined;
using postern::tls::testing::of;
using postern::tls::testing::octets;
using postern::tls::testing::record_pair;
using postern::tls::testing::text_of;

namespace {

octets key_update(std::uint8_t request) { return {24, 0, 0, 1, request}; }

// The alert that the client finds as the last of our records: 0 if there is none.
int alert_in(record_pair& p, const octets& output) {
    const auto all = p.open_all(output);
    if (all.empty() || all.back().type != content::alert || all.back().what.size() != 2) return 0;
    EXPECT_EQ(all.back().what[0], 2);
    return all.back().what[1];
}

constexpr int unexpected_message = 10;
constexpr int bad_record_mac = 20;
constexpr int record_overflow = 22;
constexpr int illegal_parameter = 47;
constexpr int decode_error = 50;

}  // namespace

class records_of : public ::testing::TestWithParam<std::uint16_t> {};
INSTANTIATE_TEST_SUITE_P(suites, records_of, ::testing::Values(0x1301, 0x1302, 0x1303));

TEST_P(records_of, carry_data_both_ways) {
    record_pair p(GetParam());
    const auto h = p.hear(joined({p.data("first "), p.data("second")}));
    EXPECT_EQ(h.text, "first second");
    EXPECT_EQ(h.status, step::want_input);
    EXPECT_TRUE(h.output.empty());
    for (const auto* text : {"one", "two"}) {
        const auto found = p.open_all(p.say(text));
        ASSERT_EQ(found.size(), 1U);
        EXPECT_EQ(text_of(found[0].what), text);
    }
}

TEST_P(records_of, a_client_arrive_whole_whereever_they_are_cut_and_however_small_the_reader_s_room) {
    record_pair p(GetParam());
    for (const std::size_t room : {1U, 7U, 100U}) {
        std::size_t length = 2;
        for (std::size_t at = 1; at < length; ++at) {
            const auto all = joined({p.data("0123456789"), p.data("abc")});
            length = all.size();
            const auto cut = all.begin() + static_cast<std::ptrdiff_t>(at);
            const auto before = p.hear({all.begin(), cut}, room);
            EXPECT_EQ(before.status, step::want_input);
            EXPECT_TRUE(p.layer->starved(before.unread));
            const auto after = p.hear(joined({before.unread, {cut, all.end()}}), room);
            EXPECT_EQ(after.status, step::want_input);
            EXPECT_TRUE(after.unread.empty());
            EXPECT_EQ(before.text + after.text, "0123456789abc");
        }
    }
}

TEST_P(records_of, a_client_end_with_bad_record_mac_whichever_byte_is_not_its_own) {
    const auto length = record_pair(GetParam()).data("0123456789").size();
    for (std::size_t at = 0; at < length; ++at) {
        record_pair p(GetParam());
        auto record = p.data("0123456789");
        record[at] ^= 0x80;
        // The length that such a header has would have to be waited for, or is too long.
        if (at == 3 || at == 4) record.resize(header_size + (std::size_t{record[3]} << 8 | record[4]), 0);
        const auto h = p.hear(record);
        EXPECT_EQ(h.status, step::failed) << at;
        EXPECT_EQ(h.text, "");
        EXPECT_EQ(p.layer->error().why, reason::bad_record);
        EXPECT_EQ(p.layer->error().by, party::client);
        const int expected = at == 0 ? unexpected_message : at == 3 ? record_overflow : bad_record_mac;
        EXPECT_EQ(alert_in(p, h.output), expected) << at;
    }
}

TEST_P(records_of, ours_have_their_numbers_also_after_many) {
    record_pair p(GetParam());
    for (int i = 0; i < 300; ++i) ASSERT_EQ(p.open_all(p.say("x")).size(), 1U) << i;
}

TEST_P(records_of, ours_take_a_new_key_in_time) {
    record_pair p(GetParam(), 10);
    std::vector<content> types;
    std::string text;
    for (int i = 0; i < 25; ++i)
        for (const auto& f : p.open_all(p.say("x"))) {
            types.push_back(f.type);
            if (f.type == content::application_data) text += text_of(f.what);
            if (f.type == content::handshake) {
                EXPECT_EQ(f.what, key_update(0));
            }
        }
    EXPECT_EQ(text, std::string(25, 'x'));
    // It begins with record 7.
    EXPECT_EQ(types[3], content::handshake);
    EXPECT_EQ(std::ranges::count(types, content::handshake), 3);
}

TEST(record_layer, more_than_a_record_holds_becomes_several) {
    record_pair p;
    const std::string text(40'000, 'x');
    std::string found;
    const auto all = p.open_all(p.say(text));
    for (const auto& f : all) found += text_of(f.what);
    EXPECT_EQ(all.size(), 3U);
    EXPECT_EQ(found, text);
}

TEST(record_layer, what_does_not_fit_is_written_later) {
    record_pair p;
    octets room(20'000);
    buffers with{{}, room};
    const std::string text(40'000, 'x');
    const auto put = p.layer->write(with, of(text));
    EXPECT_EQ(put.status, step::want_output);
    EXPECT_EQ(put.bytes, 16'384U);
    room.resize(with.produced);
    EXPECT_EQ(p.open_all(room).size(), 1U);
}

TEST(record_layer, padding_is_taken_off) {
    record_pair p;
    const auto h = p.hear(joined({p.record(content::application_data, of("padded"), 100), p.data("!")}));
    EXPECT_EQ(h.text, "padded!");
}

TEST(record_layer, a_record_of_the_largest_content_and_padding_is_read) {
    record_pair p;
    const octets all(largest_content, 'x');
    EXPECT_EQ(p.hear(p.record(content::application_data, all)).text.size(), largest_content);
    EXPECT_EQ(p.hear(p.record(content::application_data, octets(16'000, 'x'), 385)).text.size(), 16'000U);
}

TEST(record_layer, a_longer_one_is_refused) {
    record_pair p;
    const auto h = p.hear(p.record(content::application_data, octets(largest_content + 1, 'x')));
    EXPECT_EQ(h.status, step::failed);
    EXPECT_EQ(alert_in(p, h.output), record_overflow);
    record_pair other;
    const auto early = other.hear({23, 3, 3, 0x41, 0x01});
    EXPECT_EQ(early.status, step::failed);
    EXPECT_EQ(alert_in(other, early.output), record_overflow);
}

TEST(record_layer, a_close_notify_ends_reading_and_what_follows_is_passed_over) {
    record_pair p;
    const auto h = p.hear(joined({p.data("bye"), p.record(content::alert, {1, 0}), p.data("ghost")}));
    EXPECT_EQ(h.status, step::closed);
    EXPECT_EQ(h.text, "bye");
    EXPECT_EQ(p.hear(h.unread).status, step::closed);
    // Our direction is open.
    EXPECT_EQ(p.open_all(p.say("still here")).size(), 1U);
    octets room(1000);
    buffers with{{}, room};
    EXPECT_EQ(p.layer->close(with), step::done);
    room.resize(with.produced);
    const auto end = p.open_all(room);
    ASSERT_EQ(end.size(), 1U);
    EXPECT_EQ(end[0].type, content::alert);
    EXPECT_EQ(end[0].what, (octets{1, 0}));
}

TEST(record_layer, our_close_notify_waits_for_room) {
    record_pair p;
    octets room(10);
    buffers with{{}, room};
    EXPECT_EQ(p.layer->close(with), step::want_output);
    EXPECT_EQ(with.produced, 0U);
}

TEST(record_layer, another_alert_ends_it_whatever_its_level) {
    for (const auto level : octets{1, 2}) {
        record_pair p;
        const auto h = p.hear(p.record(content::alert, {level, 40}));
        EXPECT_EQ(h.status, step::failed);
        EXPECT_EQ(p.layer->error().why, reason::peer_alert);
        EXPECT_EQ(p.layer->error().detail, "handshake failure");
        EXPECT_TRUE(h.output.empty());
        octets room(1000);
        buffers with{{}, room};
        EXPECT_EQ(p.layer->write(with, of("too late")).status, step::failed);
    }
}

TEST(record_layer, user_canceled_is_no_end) {
    record_pair p;
    const auto h = p.hear(joined({p.record(content::alert, {1, 90}), p.data("on")}));
    EXPECT_EQ(h.text, "on");
    EXPECT_EQ(h.status, step::want_input);
}

TEST(record_layer, an_alert_that_is_none_is_refused) {
    for (const auto& alert : {octets{1}, octets{1, 0, 0}, octets{}}) {
        record_pair p;
        const auto h = p.hear(p.record(content::alert, alert));
        EXPECT_EQ(h.status, step::failed);
        EXPECT_EQ(alert_in(p, h.output), alert.empty() ? unexpected_message : decode_error);
    }
}

TEST(record_layer, nothing_is_said_behind_our_close_notify_or_our_alert) {
    octets room(1000);
    record_pair p;
    buffers with{{}, room};
    EXPECT_EQ(p.layer->close(with), step::done);
    EXPECT_TRUE(p.hear({22, 3, 3, 0, 1}).output.empty());
    EXPECT_EQ(p.layer->error().why, reason::bad_record);

    record_pair q;
    EXPECT_FALSE(q.hear({22, 3, 3, 0, 1}).output.empty());
    buffers again{{}, room};
    EXPECT_EQ(q.layer->close(again), step::done);
    EXPECT_EQ(again.produced, 0U);
}

TEST(record_layer, a_client_that_takes_our_data_may_renew_its_key_as_often_as_it_likes) {
    record_pair p;
    for (int i = 0; i < 100; ++i) {
        const auto update = p.record(content::handshake, key_update(1));
        ASSERT_TRUE(p.seal.update());
        ASSERT_EQ(p.hear(update).status, step::want_input) << i;
        ASSERT_EQ(p.open_all(p.say("x")).size(), 2U);
    }
}

TEST(record_layer, a_key_update_changes_the_client_s_key_and_is_answered_before_our_next_data) {
    record_pair p;
    const auto update = p.record(content::handshake, key_update(1));
    ASSERT_TRUE(p.seal.update());
    const auto h = p.hear(joined({update, p.data("under the new key")}));
    EXPECT_EQ(h.text, "under the new key");
    EXPECT_TRUE(h.output.empty());
    const auto said = p.open_all(joined({p.say("so be it"), p.say("and on")}));
    ASSERT_EQ(said.size(), 3U);
    EXPECT_EQ(said[0].what, key_update(0));
    EXPECT_EQ(text_of(said[1].what), "so be it");
    EXPECT_EQ(text_of(said[2].what), "and on");
}

TEST(record_layer, several_key_updates_in_a_row_have_one_answer) {
    record_pair p;
    octets all;
    for (int i = 0; i < 5; ++i) {
        all = joined({all, p.record(content::handshake, key_update(1))});
        ASSERT_TRUE(p.seal.update());
    }
    EXPECT_EQ(p.hear(joined({all, p.data("x")})).text, "x");
    EXPECT_EQ(p.open_all(p.say("y")).size(), 2U);
}

TEST(record_layer, a_key_update_that_asks_for_none_has_no_answer) {
    record_pair p;
    const auto update = p.record(content::handshake, key_update(0));
    ASSERT_TRUE(p.seal.update());
    EXPECT_EQ(p.hear(joined({update, p.data("x")})).text, "x");
    EXPECT_EQ(p.open_all(p.say("y")).size(), 1U);
}

TEST(record_layer, a_key_update_may_be_cut_in_two_by_records) {
    for (std::ptrdiff_t at = 1; at < 5; ++at) {
        record_pair p;
        const auto whole = key_update(1);
        const auto first = p.record(content::handshake, {whole.begin(), whole.begin() + at});
        const auto second = p.record(content::handshake, {whole.begin() + at, whole.end()});
        ASSERT_TRUE(p.seal.update());
        EXPECT_EQ(p.hear(joined({first, second, p.data("x")})).text, "x");
    }
}

TEST(record_layer, nothing_may_stand_between_the_parts_of_a_message) {
    record_pair p;
    const auto h = p.hear(joined({p.record(content::handshake, {24, 0}), p.data("x")}));
    EXPECT_EQ(h.status, step::failed);
    EXPECT_EQ(h.text, "");
    EXPECT_EQ(alert_in(p, h.output), unexpected_message);
}

TEST(record_layer, other_messages_and_wrong_key_updates_are_refused) {
    struct wrong {
        octets message;
        int alert;
    };
    for (const auto& w : {wrong{{24, 0, 0, 1, 2}, illegal_parameter}, wrong{{24, 0, 0, 2, 0, 0}, unexpected_message},
                          wrong{{24, 0, 0, 1, 0, 24}, unexpected_message}, wrong{{1, 0, 0, 1, 0}, unexpected_message},
                          wrong{{4, 0, 0, 0}, unexpected_message}, wrong{{}, unexpected_message}}) {
        record_pair p;
        const auto h = p.hear(p.record(content::handshake, w.message));
        EXPECT_EQ(h.status, step::failed);
        EXPECT_EQ(p.layer->error().why, reason::protocol_error);
        EXPECT_EQ(alert_in(p, h.output), w.alert);
    }
}

TEST(record_layer, records_of_no_known_type_are_refused) {
    for (const auto type : {content{0}, content::change_cipher_spec, content{24}, content{255}}) {
        record_pair p;
        const auto h = p.hear(p.record(type, of("x")));
        EXPECT_EQ(h.status, step::failed);
        EXPECT_EQ(alert_in(p, h.output), unexpected_message);
    }
    // Padding and nothing else.
    record_pair p;
    EXPECT_EQ(alert_in(p, p.hear(p.record(content{0}, {}, 20)).output), unexpected_message);
}

TEST(record_layer, a_record_in_the_clear_is_refused_before_it_is_whole) {
    for (const auto type : octets{20, 21, 22, 24, 0}) {
        record_pair p;
        const auto h = p.hear({type, 3, 3, 0, 1});
        EXPECT_FALSE(p.layer->starved(h.unread));
        EXPECT_EQ(h.status, step::failed);
        EXPECT_EQ(alert_in(p, h.output), unexpected_message);
    }
}

TEST(record_layer, records_without_data_are_borne_for_a_while) {
    record_pair p;
    octets all;
    for (int i = 0; i < 32; ++i) all = joined({all, p.data("")});
    EXPECT_EQ(p.hear(joined({all, p.data("x")})).text, "x");
    for (int i = 0; i < 33; ++i) all = joined({i == 0 ? octets{} : all, p.data("")});
    const auto h = p.hear(all);
    EXPECT_EQ(h.status, step::failed);
    EXPECT_EQ(p.layer->error().why, reason::protocol_error);
    EXPECT_EQ(alert_in(p, h.output), unexpected_message);
}

TEST(record_layer, an_alert_without_room_is_left_out) {
    record_pair p;
    const auto h = p.hear({22, 3, 3, 0, 1}, 100, 10);
    EXPECT_EQ(h.status, step::failed);
    EXPECT_TRUE(h.output.empty());
}
