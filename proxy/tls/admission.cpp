#include "proxy/tls/admission.hpp"

namespace postern::tls {

bool admission::enter(waiter& w) {
    if (in_flight_ >= limit_) {
        queue_.push_back(w);
        return false;
    }
    ++in_flight_;
    return true;
}

void admission::leave() {
    --in_flight_;
    while (in_flight_ < limit_ && !queue_.empty()) {
        waiter& next = queue_.front();
        queue_.pop_front();
        ++in_flight_;
        next.admitted();
    }
}

}  // namespace postern::tls
