#include "certs/ticket_source.hpp"

#include "certs/openssl.hpp"

#include <algorithm>
#include <deque>
#include <stdexcept>
#include <utility>

namespace postern::certs {
namespace {

class fixed final : public ticket_source {
public:
    using ticket_source::ticket_source;

private:
    next at(std::time_t, const ticket_terms&) override { return {nullptr, never}; }
};

// The first seals, the second is to come.
std::shared_ptr<const ticket_keys> set_of(std::vector<ticket_key_ptr> all) {
    return std::make_shared<const ticket_keys>(std::move(all));
}

class made final : public ticket_source {
public:
    made(ticket_key_ptr first, ticket_key_ptr second, std::time_t now)
        : ticket_source(set_of({first, second})), current_(std::move(first)), coming_(std::move(second)), since_(now) {}

private:
    struct old_key {
        ticket_key_ptr key;
        std::time_t sealed_until;
    };

    next at(std::time_t now, const ticket_terms& terms) override {
        const bool due = now < since_ || now - since_ >= terms.rotation.count();
        if (due && !rotate(now)) return {nullptr, now + 1};
        const auto before = previous_.size();
        while (!previous_.empty() && now - previous_.back().sealed_until > terms.lifetime.count()) previous_.pop_back();
        std::time_t until = since_ + terms.rotation.count();
        if (!previous_.empty()) until = std::min(until, previous_.back().sealed_until + terms.lifetime.count() + 1);
        if (!due && previous_.size() == before) return {nullptr, until};
        std::vector all{current_, coming_};
        for (const auto& p : previous_) all.push_back(p.key);
        return {set_of(std::move(all)), until};
    }

    // Also when the clock was set back: a key must not seal until that time comes again, nor an older one open so long.
    bool rotate(std::time_t now) {
        auto fresh = make_ticket_key();
        if (!fresh) {
            static_cast<void>(take_errors());
            return false;
        }
        for (auto& p : previous_) p.sealed_until = std::min(p.sealed_until, now);
        previous_.push_front({std::exchange(current_, std::exchange(coming_, std::move(fresh))), now});
        since_ = now;
        return true;
    }

    ticket_key_ptr current_;
    ticket_key_ptr coming_;
    std::deque<old_key> previous_;  // the newest first
    std::time_t since_;             // when `current_` began to seal
};

}  // namespace

std::shared_ptr<const ticket_keys> ticket_source::keys() const {
    const std::lock_guard lock(mutex_);
    return keys_;
}

std::time_t ticket_source::turn(std::time_t now, const ticket_terms& terms) {
    const std::lock_guard lock(mutex_);
    auto then = at(now, terms);
    if (then.keys) keys_ = std::move(then.keys);
    return then.until;
}

std::shared_ptr<ticket_source> fixed_tickets(std::shared_ptr<const ticket_keys> keys) {
    return std::make_shared<fixed>(std::move(keys));
}

std::shared_ptr<ticket_source> made_tickets(std::time_t now) {
    auto first = make_ticket_key();
    auto second = make_ticket_key();
    if (!first || !second) throw std::runtime_error("no random bytes for ticket keys: " + take_errors());
    return std::make_shared<made>(std::move(first), std::move(second), now);
}

}  // namespace postern::certs
