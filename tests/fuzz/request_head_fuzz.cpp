// Any bytes as a request: the answer is the same however they come, and what is sent on means the same when it is read
// again, with nothing left over.
#include "proxy/wire/forwarding.hpp"
#include "proxy/wire/target.hpp"

#include <cstdlib>

namespace {

using namespace postern::wire;
using bytes = std::span<const std::uint8_t>;

void require(bool condition) {
    if (!condition) std::abort();
}

constexpr head_limits limits{.line = 200, .total = 1000};

// Everything that a head says, in one text.
std::string meaning_of(const request_head& head) {
    std::string all;
    for (const auto part : {head.method, head.target, head.authority, head.upgrade}) all.append(part) += '\n';
    all += std::to_string(static_cast<int>(head.body.type)) + '/' + std::to_string(head.body.bytes);
    all += head.keep_alive ? "k" : "";
    all += head.expect_continue ? "e" : "";
    for (const auto& h : head.headers) (all.append(h.name) += '\n').append(h.value) += '\n';
    return all;
}

std::string forwarded(const request_head& head, bool trusted) {
    std::string sent;
    append_request(sent, head, head.target,
                   {.client_ip = "192.0.2.1",
                    .trusted = trusted,
                    .real_ip = real_client(head, "192.0.2.1", [](std::string_view) { return true; }),
                    .scheme = "https",
                    .host = head.authority,
                    .port = "443",
                    .forwarded = true,
                    .default_host = "default.example"},
                   {});
    return sent;
}

void read_again(const request_head& head, bool trusted) {
    const std::string sent = forwarded(head, trusted);
    const bytes all(reinterpret_cast<const std::uint8_t*>(sent.data()), sent.size());
    request_reader reader;
    require(reader.read(all, {.line = 8 * 1024, .total = 64 * 1024}) == head_status::complete);
    const auto& again = reader.head();
    require(reader.size() == sent.size());
    require(again.method == head.method && again.target == head.target && again.upgrade == head.upgrade);
    require(again.authority == (head.authority.empty() ? "default.example" : head.authority));
    require(again.body == head.body && again.expect_continue == head.expect_continue);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const bytes all(data, size);
    request_reader whole;
    const auto status = whole.read(all, limits);
    // The last byte chooses where the bytes are cut.
    if (size > 1) {
        request_reader cut;
        auto again = cut.read(all.first(1 + data[size - 1] * (size - 1) / 256), limits);
        if (again == head_status::need_more) again = cut.read(all, limits);
        require(again == status);
        require(again != head_status::complete ||
                (cut.size() == whole.size() && meaning_of(cut.head()) == meaning_of(whole.head())));
        require(cut.refused().why == whole.refused().why && cut.refused().status == whole.refused().status);
    }
    // One that is as long as it may be ends with its next byte, whatever that is.
    if (status == head_status::need_more) require(size <= limits.total && whole.refused().why.empty());
    if (status == head_status::refused) require(!whole.refused().why.empty() && whole.refused().status >= 400);
    if (status != head_status::complete) return 0;
    require(whole.size() <= limits.total);
    for (const bool trusted : {false, true}) read_again(whole.head(), trusted);
    std::string path;
    if (normalize_path(whole.head().target, path)) {
        require(path == "*" || path.front() == '/');
        require(path.find("/../") == std::string::npos && path.find("//") == std::string::npos);
    }
    return 0;
}
