#include "certs/staple_shelf.hpp"

#include "certs/sessions.hpp"

#include <algorithm>
#include <utility>

namespace postern::certs {
namespace {

// Called when the certificate has been chosen, and only for a client that asks (status_request).
int give_staple(SSL* ssl, void*) {
    const auto& rules = session_rules::of(SSL_get_SSL_CTX(ssl));
    const X509* chosen = SSL_get_certificate(ssl);
    for (const auto& [leaf, slot] : rules.stapled) {
        if (leaf != chosen) continue;
        const auto* const held = staple_in(*slot, rules.now());
        if (!held) break;
        auto* copy = static_cast<unsigned char*>(OPENSSL_memdup(held->response.data(), held->response.size()));
        if (copy == nullptr) break;
        // It belongs to the connection now.
        SSL_set_tlsext_status_ocsp_resp(ssl, copy, static_cast<long>(held->response.size()));
        return SSL_TLSEXT_ERR_OK;
    }
    return SSL_TLSEXT_ERR_NOACK;
}

}  // namespace

const staple* staple_in(const staple_slot& slot, std::time_t now) {
    const bool lasts = slot.now && std::chrono::system_clock::from_time_t(now) < slot.now->next_update;
    return lasts ? slot.now.get() : nullptr;
}

void staple_shelf::adopt(const std::vector<std::vector<staple_order_ptr>>& orders) {
    auto before = std::exchange(slots_, {});
    for (const auto& of_server : orders)
        for (const auto& order : of_server) {
            if (!order) continue;
            if (const auto known = before.find(order->id); known != before.end()) slots_.insert(before.extract(known));
            auto& slot = slots_[order->id];
            const bool fresh = !slot;
            if (fresh) slot = std::make_shared<staple_slot>();
            // The first of an order that stays may be older than what its responder has said since: that it is revoked.
            if (fresh || !order->responder) slot->now = order->first;
        }
}

void staple_shelf::put(const std::string& id, staple_ptr fresh) {
    if (const auto at = slots_.find(id); at != slots_.end()) at->second->now = std::move(fresh);
}

staple_ptr staple_shelf::now(const std::string& id) const {
    const auto at = slots_.find(id);
    return at != slots_.end() ? at->second->now : nullptr;
}

staple_slot_ptr staple_shelf::slot(const staple_order_ptr& order) {
    if (!order) return nullptr;
    // A connection of before a reload may ask for one that the reload has dropped.
    const auto at = slots_.find(order->id);
    return at != slots_.end() ? at->second : std::make_shared<staple_slot>(staple_slot{order->first});
}

void serve_staples(SSL_CTX* context, const std::vector<staple_slot_ptr>& slots) {
    if (std::none_of(slots.begin(), slots.end(), [](const auto& slot) { return slot != nullptr; })) return;
    // SSL_CTX_set_tlsext_status_cb, which is a macro with a cast of its own.
    SSL_CTX_callback_ctrl(context, SSL_CTRL_SET_TLSEXT_STATUS_REQ_CB, reinterpret_cast<void (*)()>(give_staple));
}

}  // namespace postern::certs
