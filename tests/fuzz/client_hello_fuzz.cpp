// The ClientHello's reader over any bytes: nothing is read out of bounds, what it hands out can be opened, and its answer
// does not depend on how much of the stream was there when it was first asked.
#include "proxy/tls/client_hello.hpp"

#include <cstdlib>

namespace {

using namespace postern::tls;

// Reads every byte of it, for the sanitizers to see.
std::size_t open_all(const client_hello& hello) {
    std::size_t sum = hello.server_name.size();
    for (const auto list : {hello.ciphers, hello.groups, hello.signature_algorithms})
        for (const auto n : numbers(list)) sum += n;
    for (const auto name : names(hello.alpn))
        for (const char c : name) sum += static_cast<unsigned char>(c);
    for (const auto group : key_share_groups(hello.key_shares)) sum += group;
    for (const auto byte : hello.ticket) sum += byte;
    return sum;
}

void require(bool condition) {
    if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::span<const std::uint8_t> all(data, size);
    const auto whole = read_client_hello(all);
    if (whole.status == hello_status::need_more) require(size < largest_hello);
    const std::size_t sum = open_all(whole.hello);
    // The last byte chooses a prefix; once that has an answer, more bytes do not change it.
    if (size > 1) {
        const auto part = read_client_hello(all.first(1 + data[size - 1] * size / 256));
        if (part.status != hello_status::need_more) {
            require(part.status == whole.status);
            require(part.status != hello_status::complete || open_all(part.hello) == sum);
        }
    }
    return 0;
}
