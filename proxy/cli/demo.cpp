#include "proxy/cli/demo.hpp"

#include "certs/make.hpp"
#include "proxy/cli/command.hpp"
#include "proxy/cli/hello.hpp"
#include "proxy/cli/private_folder.hpp"
#include "proxy/server.hpp"

#include <algorithm>
#include <array>
#include <ostream>

namespace postern::cli {
namespace {

constexpr auto socket_name = "hello.sock";

}  // namespace

int perform(const demo_command& c, streams to) {
    const private_folder folder;
    const certs::development_authority authority("postern demo CA");
    certs::leaf_request request;
    request.names = demo_names(c.listen);
    const auto site = authority.issue(request);
    const auto authority_file = folder.write("ca.pem", authority.certificate());
    folder.write("site.crt", site.certificate);
    folder.write("site.key", site.key);
    const auto config_file = folder.write("postern.yaml", demo_configuration(c.listen));
    const hello_backend backend((folder.path() / socket_name).string());

    serve_options options;
    options.load = [file = config_file.string()] { return config::load(file); };
    options.config_file = config_file.string();
    options.on_ready = [&] {
        to.out << "Serving HTTPS on " << config::to_string(c.listen) << " until Ctrl-C. In another terminal:\n\n  "
               << demo_curl(c.listen, authority_file.string()) << "\n\nThe configuration: " << config_file.string()
               << "\nThe lines below are the access log.\n"
               << std::flush;
    };
    return serve(options);
}

std::string demo_host(const config::endpoint& listen) {
    constexpr std::array<std::string_view, 6> local{"", "0.0.0.0", "127.0.0.1", "::", "::1", "localhost"};
    if (std::find(local.begin(), local.end(), listen.host) != local.end()) return "localhost";
    return listen.host.find(':') == std::string::npos ? listen.host : "[" + listen.host + "]";
}

std::vector<std::string> demo_names(const config::endpoint& listen) {
    std::vector<std::string> names{"localhost", "127.0.0.1", "::1"};
    if (demo_host(listen) != "localhost") names.push_back(listen.host);
    return names;
}

std::string demo_configuration(const config::endpoint& listen) {
    return "# What `postern demo` runs with.\n"
           "servers:\n"
           "  - listen: \"" +
           config::to_string(listen) +
           "\"\n"
           "    ssl:\n"
           "      certificate: site.crt\n"
           "      certificate_key: site.key\n"
           "    proxy_pass: unix:" +
           std::string(socket_name) + "\n";
}

std::string demo_curl(const config::endpoint& listen, const std::string& authority_file) {
    return "curl --cacert " + authority_file + " https://" + demo_host(listen) + ":" + std::to_string(listen.port) +
           "/";
}

}  // namespace postern::cli
