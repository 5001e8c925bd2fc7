#include "proxy/tls/admission.hpp"

#include <algorithm>

namespace postern::tls {

using enum handshake_step;

bool admission::enter(waiter& w, handshake_step s, std::uint64_t turn) {
    begin(turn);
    // Nobody overtakes; a hello does not even where only Finished messages wait, for it would take their share.
    const bool first = length(finish) == 0 && (s == finish || length(resume) + length(full) == 0);
    if (first && affordable(s) && (s == finish || in_flight_ < bounds_.in_flight)) {
        grant(s);
        return true;
    }
    w.give_up();
    w.door_ = this;
    w.step_ = s;
    queue(s).push_back(w);
    return false;
}

bool admission::let_one_in(std::uint64_t turn) {
    begin(turn);
    list* from = next();
    if (from == nullptr || !affordable(from->front().step_)) return false;
    waiter& w = from->front();
    w.give_up();
    grant(w.step_);
    w.admitted();
    return true;
}

void admission::charge(handshake_step admitted_as, handshake_step was, duration took) {
    spent_ = std::max(spent_ + took - cost(admitted_as), duration());
    // A thread that was suspended in mid-step measures anything; beyond a whole budget it makes no difference, for one
    // step a turn is the least. Up fast and down slowly: an estimate that is too high only makes turns shorter.
    auto& estimate = costs_[static_cast<std::size_t>(was)];
    const duration off = std::min(took, budget_) - estimate;
    estimate += off / (off > duration() ? 4 : 32);
    if (admitted_as == resume && was == full) resumed_in_a_row_ = resumptions_before_a_full;
}

bool admission::crowded() const { return waiting() >= bounds_.waiting; }

void admission::begin(std::uint64_t turn) {
    if (turn == turn_) return;
    turn_ = turn;
    spent_ = {};
}

admission::list* admission::next() {
    if (length(finish) > 0) return &queue(finish);
    if (in_flight_ >= bounds_.in_flight) return nullptr;
    if (length(full) > 0 && (length(resume) == 0 || resumed_in_a_row_ >= resumptions_before_a_full))
        return &queue(full);
    return length(resume) > 0 ? &queue(resume) : nullptr;
}

bool admission::affordable(handshake_step s) const { return spent_ == duration() || spent_ + cost(s) <= budget_; }

void admission::grant(handshake_step s) {
    spent_ += cost(s);
    if (s == finish) return;
    ++in_flight_;
    resumed_in_a_row_ = s == resume ? resumed_in_a_row_ + 1 : 0;
}

void admission::waiter::give_up() {
    if (door_ == nullptr) return;
    auto& queue = door_->queue(step_);
    queue.erase(queue.iterator_to(*this));
    door_ = nullptr;
}

}  // namespace postern::tls
