// Any bytes as a ClientHello for handshakes without libssl: what is chosen lies within them.
#include "proxy/tls/tls13_choice.hpp"

#include <algorithm>
#include <cstdlib>

using namespace postern;
using namespace postern::tls;

namespace {

const tls13_terms& terms(bool our_order) {
    static certs::session_rules rules = [] {
        certs::session_rules made;
        made.groups = {29, 23, 24};
        made.alpn = "\x08http/1.1\x02h2";
        return made;
    }();
    static const auto make = [](bool ours) {
        tls13_terms made;
        made.suites = {0x1301, 0x1303, 0x1302, 0x1304};
        made.our_order = ours;
        made.chacha_first = true;
        made.signers.emplace_back().scheme = 0x0403;
        made.rules = &rules;
        return made;
    };
    static const tls13_terms ours = make(true);
    static const tls13_terms theirs = make(false);
    return our_order ? ours : theirs;
}

void expect(bool what) {
    if (!what) std::abort();
}

bool within(std::span<const std::uint8_t> part, std::span<const std::uint8_t> whole) {
    return part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto read = read_client_hello({data, size});
    if (read.status != hello_status::complete) return 0;
    for (const bool our_order : {true, false}) {
        const auto choice = choose(read.hello, terms(our_order));
        if (!choice) continue;
        const auto message = read.hello.message;
        expect(choice->suite != nullptr && choice->signer != nullptr);
        expect(choice->share.size() == 32 && within(choice->share, message));
        if (!choice->resumes) continue;
        expect(choice->takes_tickets);
        expect(within(choice->resumes->ticket, message) && within(choice->resumes->binder, message));
        expect(choice->resumes->bound < message.size());
        expect(choice->resumes->binder.data() >= message.data() + choice->resumes->bound);
    }
    return 0;
}
