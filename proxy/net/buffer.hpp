// A worker's pool of equal blocks. A block is lent while bytes are in flight and comes back when it is empty, so a
// connection that is silent holds none. One thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <span>
#include <utility>
#include <vector>

namespace postern::net {

// What one turn moves, and room beside it for the framing that TLS adds to that much.
inline constexpr std::size_t payload_size = 64 * 1024;
inline constexpr std::size_t block_size = payload_size + 8 * 1024;

// A block's bytes begin in the middle of a page. OpenSSL copies each record's plaintext into a buffer that mimalloc has
// put at a page's begin, and writes from byte 8 on. AMD's `rep movsb`, which is glibc's memcpy from 8 KiB on, takes
// thirty times as long when the destination is 1 to 15 bytes further into its page than the source (glibc bug 30994).
inline constexpr std::size_t page_size = 4096;
inline constexpr std::size_t block_begin = page_size / 2;

class block_pool;

struct free_pages {
    void operator()(std::uint8_t* memory) const noexcept { ::operator delete[](memory, std::align_val_t(page_size)); }
};
using pages = std::unique_ptr<std::uint8_t[], free_pages>;

// Bytes [begin, end) of a block are filled. Move-only; gives the block back when it dies. Must not outlive its pool.
class block {
public:
    block() = default;
    block(block&& other) noexcept { swap(other); }
    block& operator=(block&& other) noexcept {
        block(std::move(other)).swap(*this);
        return *this;
    }
    ~block();

    [[nodiscard]] explicit operator bool() const { return memory_ != nullptr; }
    [[nodiscard]] std::span<std::uint8_t> room() { return {memory_.get() + end_, block_begin + block_size - end_}; }
    [[nodiscard]] std::span<const std::uint8_t> filled() const { return {memory_.get() + begin_, end_ - begin_}; }
    [[nodiscard]] std::span<std::uint8_t> filled() { return {memory_.get() + begin_, end_ - begin_}; }
    void add(std::size_t n) { end_ += n; }
    // Copies `bytes`, for which there must be room.
    void append(std::span<const std::uint8_t> bytes) {
        if (bytes.empty()) return;  // of a block without memory, perhaps
        std::memcpy(memory_.get() + end_, bytes.data(), bytes.size());
        end_ += bytes.size();
    }
    void consume(std::size_t n) { begin_ += n; }
    [[nodiscard]] bool empty() const { return begin_ == end_; }

private:
    friend class block_pool;
    block(pages memory, block_pool& pool)
        : memory_(std::move(memory)), pool_(&pool), begin_(block_begin), end_(block_begin) {}
    void swap(block& other) noexcept {
        std::swap(memory_, other.memory_);
        std::swap(pool_, other.pool_);
        std::swap(begin_, other.begin_);
        std::swap(end_, other.end_);
    }

    pages memory_;
    block_pool* pool_ = nullptr;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
};

class block_pool {
public:
    block_pool() { free_.reserve(keep); }
    block_pool(const block_pool&) = delete;
    block_pool& operator=(const block_pool&) = delete;

    // An empty block; the one given back last comes first, because its memory is warm.
    [[nodiscard]] block lend();
    [[nodiscard]] std::size_t lent() const { return lent_; }
    [[nodiscard]] std::size_t spare() const { return free_.size(); }

private:
    friend class block;
    // More free blocks than this go back to the system, so that a burst does not stay in memory.
    static constexpr std::size_t keep = 32;

    void take_back(pages memory) noexcept;

    std::vector<pages> free_;
    std::size_t lent_ = 0;
};

// Sees to it that there is room for a read: an empty block is lent or begins anew, one that is nearly full of bytes which
// were not consumed is moved to the front of another.
void make_room(block& b, block_pool& pool);

}  // namespace postern::net
