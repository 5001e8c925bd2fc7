#include "proxy/cli/run.hpp"

#include <exception>
#include <iostream>

#include <sysexits.h>

namespace postern::cli {
namespace {

int say(const answer& a, streams to) {
    (a.exit_code == 0 ? to.out : to.err) << a.text;
    return a.exit_code;
}

}  // namespace

int run(int argc, char** argv) {
    return run(std::vector<std::string>(argv + (argc > 0 ? 1 : 0), argv + argc), {std::cout, std::cerr});
}

int run(const std::vector<std::string>& arguments, streams to) {
    try {
        const auto parsed = parse(arguments);
        const auto* asked = std::get_if<command>(&parsed);
        const int code = asked == nullptr ? say(std::get<answer>(parsed), to)
                                          : std::visit([&](const auto& c) { return perform(c, to); }, *asked);
        // `postern reference > FILE` on a full disk must not look like success.
        if (to.out.flush() || code != 0) return code;
        to.err << "postern: standard output cannot be written\n";
        return EX_IOERR;
    } catch (const std::exception& e) {
        to.err << "postern: " << e.what() << "\n";
        return EX_SOFTWARE;
    }
}

}  // namespace postern::cli
