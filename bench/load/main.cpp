// The load client of bench/: see --help.

#include "bench/load/driver.hpp"

#include <sys/resource.h>

#include <csignal>
#include <exception>
#include <iostream>
#include <string>

namespace {

// Thousands of connections are more files than a shell allows by default.
void allow_many_files() {
    rlimit files{};
    ::getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &files);
}

}  // namespace

int main(int argc, char** argv) {
    const auto asked = postern::load::parse(argc, argv);
    std::signal(SIGPIPE, SIG_IGN);
    allow_many_files();
    try {
        postern::load::driver clients(asked);
        clients.prime();
        // Whoever measures reads its clocks now. The end of its input means that being connected was all it wanted.
        std::cout << "primed" << std::endl;
        if (std::string line; !std::getline(std::cin, line)) return 0;
        std::cout << postern::load::to_json(clients.run()) << std::endl;
    } catch (const std::exception& problem) {
        std::cerr << "postern_load: " << problem.what() << '\n';
        return 1;
    }
}
