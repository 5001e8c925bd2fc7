#include "bench/load/options.hpp"

#include <CLI/CLI.hpp>

#include <cstdlib>
#include <map>

namespace postern::load {

options parse(int argc, char** argv) {
    static const std::map<std::string, protocol> protocols{
        {"http", protocol::http}, {"line", protocol::line}, {"bare", protocol::bare}};
    static const std::map<std::string, closing> closings{
        {"server", closing::server}, {"clean", closing::clean}, {"reset", closing::reset}};

    options chosen;
    auto timeout = chosen.timeout.count();
    CLI::App app{"TLS clients by the thousand, for measuring servers. Prints a line when it is connected and has its "
                 "tickets, begins when a line comes on standard input, and prints what happened as JSON.",
                 "postern_load"};
    app.option_defaults()->always_capture_default();
    app.add_option("--host", chosen.host, "numeric address of the server");
    app.add_option("--port", chosen.port)->required();
    app.add_option("--server-name", chosen.server_name, "sent as SNI and Host");
    app.add_option("--ca", chosen.authority, "verify the server's chain by this PEM file");
    app.add_option("--connections", chosen.connections, "at the same time, at most")->check(CLI::PositiveNumber);
    app.add_option("--count", chosen.count, "exchanges in all");
    app.add_option("--rate", chosen.rate, "open loop: exchanges a second; 0: closed loop");
    app.add_flag("--keep", chosen.keep, "one exchange is a request on a kept connection");
    app.add_flag("--resume", chosen.resume, "every connection offers the newest ticket it was given");
    app.add_option("--timeout", timeout, "milliseconds for one exchange");
    app.add_option("--protocol", chosen.protocol, "http, line or bare")->transform(CLI::CheckedTransformer(protocols));
    app.add_option("--close", chosen.closing, "server, clean or reset")->transform(CLI::CheckedTransformer(closings));
    app.add_option("--tls", chosen.tls)->check(CLI::IsMember({"1.2", "1.3"}));
    app.add_option("--groups", chosen.groups, "in OpenSSL's words");
    app.add_option("--suites", chosen.suites, "of TLS 1.3");
    app.add_option("--ciphers", chosen.ciphers, "of TLS 1.2");
    app.add_option("--path", chosen.path, "what is asked for by HTTP");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& problem) {
        std::exit(app.exit(problem));
    }
    chosen.timeout = std::chrono::milliseconds(timeout);
    // A server that was asked nothing has no reason to close.
    if (chosen.protocol == protocol::bare && chosen.closing == closing::server) chosen.closing = closing::clean;
    return chosen;
}

}  // namespace postern::load
