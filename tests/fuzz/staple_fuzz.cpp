// The judge of OCSP responses over any bytes, and over any certificates that they may be about: what it takes is current,
// and it takes it whole, again, and as good only while it lasts.
#include "certs/staple.hpp"

#include <algorithm>
#include <cstdlib>

namespace {

using namespace postern::certs;

void require(bool condition) {
    if (!condition) std::abort();
}

// The first bytes of `from`, whose length stands before them in two bytes.
der take(std::span<const std::uint8_t>& from) {
    if (from.size() < 2) return {};
    const std::size_t length = std::min<std::size_t>(from[0] * 256U + from[1], from.size() - 2);
    der taken(from.begin() + 2, from.begin() + 2 + static_cast<std::ptrdiff_t>(length));
    from = from.subspan(2 + length);
    return taken;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::span<const std::uint8_t> rest(data, size);
    staple_subject about;
    about.leaf = take(rest);
    about.issuer = take(rest);
    // Within the lives of the corpus' certificates and responses.
    const auto now = std::chrono::system_clock::from_time_t(1'800'000'000);
    static_cast<void>(make_ocsp_request(about));
    const auto judged = judge_response(rest, about, now);
    require((judged.made == nullptr) == !judged.problem.empty());
    about.trusted = {about.issuer};
    const auto verified = judge_response(rest, about, now);
    require((judged.made == nullptr) == (verified.made == nullptr));
    if (!judged.made) return 0;
    require(!judged.untimely);
    require(std::equal(rest.begin(), rest.end(), judged.made->response.begin(), judged.made->response.end()));
    require(judged.made->next_update > now);
    require(judge_response(rest, about, judged.made->next_update).made == nullptr);
    require(judge_response(rest.first(rest.size() - 1), about, now).made == nullptr);
    return 0;
}
