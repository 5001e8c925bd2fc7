// Any bytes as a response: the answer is the same however they come, and what the client receives means the same when it
// is read again, with nothing left over.
#include "proxy/wire/forwarding.hpp"

#include <cstdlib>

namespace {

using namespace postern::wire;
using bytes = std::span<const std::uint8_t>;
using kind = body_length::kind;

void require(bool condition) {
    if (!condition) std::abort();
}

constexpr head_limits limits{.line = 200, .total = 1000};

// Everything that a head says, in one text.
std::string meaning_of(const response_head& head) {
    std::string all = std::to_string(head.status);
    for (const auto part : {head.reason, head.upgrade}) all.append(part) += '\n';
    all += std::to_string(static_cast<int>(head.body.type)) + '/' + std::to_string(head.body.bytes);
    all += head.keep_alive ? "k" : "";
    for (const auto& h : head.headers) (all.append(h.name) += '\n').append(h.value) += '\n';
    return all;
}

void read_again(const response_head& head, std::string_view method) {
    const bool chunks = head.body.type == kind::until_close;
    const body_length body = chunks ? body_length{kind::chunked, 0} : head.body;
    std::string sent;
    append_response(sent, head, {.body = body, .date = "Thu, 01 Jan 1970 00:00:00 GMT"}, {});
    const bytes all(reinterpret_cast<const std::uint8_t*>(sent.data()), sent.size());
    response_reader reader;
    require(reader.read(all, method, {.line = 8 * 1024, .total = 64 * 1024}) == head_status::complete);
    const auto& again = reader.head();
    require(reader.size() == sent.size());
    require(again.status == head.status && again.reason == head.reason && again.upgrade == head.upgrade);
    require(again.body == body);
}

void look_at(bytes all, std::string_view method) {
    response_reader whole;
    const auto status = whole.read(all, method, limits);
    // The last byte chooses where the bytes are cut.
    response_reader cut;
    auto again = cut.read(all.first(1 + all.back() * (all.size() - 1) / 256), method, limits);
    if (again == head_status::need_more) again = cut.read(all, method, limits);
    require(again == status);
    require(again != head_status::complete ||
            (cut.size() == whole.size() && meaning_of(cut.head()) == meaning_of(whole.head())));
    require(cut.refused().why == whole.refused().why);
    if (status == head_status::need_more) require(all.size() <= limits.total);
    if (status == head_status::refused) require(!whole.refused().why.empty() && whole.refused().status == 502);
    if (status == head_status::complete) read_again(whole.head(), method);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    for (const char* method : {"GET", "HEAD"}) look_at({data, size}, method);
    return 0;
}
