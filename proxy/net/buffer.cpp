#include "proxy/net/buffer.hpp"

namespace postern::net {

block::~block() {
    if (memory_) pool_->take_back(std::move(memory_));
}

block block_pool::lend() {
    ++lent_;
    if (free_.empty()) return {pages(new (std::align_val_t(page_size)) std::uint8_t[block_begin + block_size]), *this};
    auto memory = std::move(free_.back());
    free_.pop_back();
    return {std::move(memory), *this};
}

void block_pool::take_back(pages memory) noexcept {
    --lent_;
    if (free_.size() < keep) free_.push_back(std::move(memory));
}

void make_room(block& b, block_pool& pool) {
    constexpr std::size_t worth_a_read = 8 * 1024;
    if (b && !b.empty() && b.room().size() >= worth_a_read) return;
    auto fresh = pool.lend();
    if (b) fresh.append(b.filled());
    b = std::move(fresh);
}

}  // namespace postern::net
