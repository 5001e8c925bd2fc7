#include "proxy/cli/capabilities.hpp"
#include "proxy/cli/command.hpp"

#include <ares.h>
#include <boost/version.hpp>
#include <openssl/crypto.h>
#include <openssl/opensslv.h>
#include <spdlog/version.h>

#include <ostream>

#include <sysexits.h>

namespace postern::cli {
namespace {

std::string dotted(int major, int minor, int patch) {
    return std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(patch);
}

}  // namespace

int perform(const version_command&, streams to) {
    to.out << "postern " POSTERN_VERSION "\n"
           << OpenSSL_version(OPENSSL_VERSION) << " (built with " OPENSSL_VERSION_STR ")\n"
           << "Boost " << dotted(BOOST_VERSION / 100000, BOOST_VERSION / 100 % 1000, BOOST_VERSION % 100) << "\n"
           << "c-ares " << ares_version(nullptr) << " (built with " ARES_VERSION_STR ")\n"
           << "spdlog " << dotted(SPDLOG_VER_MAJOR, SPDLOG_VER_MINOR, SPDLOG_VER_PATCH) << "\n"
           << "yaml-cpp " POSTERN_YAML_CPP_VERSION "\n\n"
           << to_text(capabilities());
    return EX_OK;
}

}  // namespace postern::cli
