// The staples that one worker serves. One thread only, but for the values in it.
#pragma once

#include "certs/staple_order.hpp"

#include <ctime>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace postern::certs {

// Where one certificate's staple lies; TLS contexts keep it.
struct staple_slot {
    staple_ptr now;  // null: there is none
};
using staple_slot_ptr = std::shared_ptr<const staple_slot>;

// What lies there and still lasts; null: nothing to staple.
[[nodiscard]] const staple* staple_in(const staple_slot& slot, std::time_t now);

class staple_shelf {
public:
    // From now on the staples of these orders, null ones passed over. What a responder has said goes on for an order that
    // stays, also that there is nothing; a file has been read again.
    void adopt(const std::vector<std::vector<staple_order_ptr>>& orders);
    // In place of what lies here for the order with this id; null: nothing. An id that is not known is passed over.
    void put(const std::string& id, staple_ptr fresh);
    // Where the order's staple lies; one that is not adopted lies by itself, as its first. Null for a null order.
    [[nodiscard]] staple_slot_ptr slot(const staple_order_ptr& order);
    // What lies here for the order with this id; null: nothing.
    [[nodiscard]] staple_ptr now(const std::string& id) const;

private:
    std::map<std::string, std::shared_ptr<staple_slot>> slots_;
};

// A certificate of a context, the object that SSL_get_certificate gives, and its slot.
struct stapled_certificate {
    const X509* leaf;
    staple_slot_ptr slot;
};

// Makes connections of `context` staple, if there is one among its slots: session_rules::of(context).stapled, as long as a
// staple lasts by the rules' clock. Clients that do not ask cost nothing.
void serve_staples(SSL_CTX* context, const std::vector<staple_slot_ptr>& slots);

}  // namespace postern::certs
