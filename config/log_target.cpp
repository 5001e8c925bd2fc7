#include "config/log_target.hpp"

#include "config/network.hpp"
#include "config/suggest.hpp"
#include "config/units.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace postern::config {
namespace {

using kind = log_target::kind;

constexpr std::string_view local_syslog = "/dev/log";
constexpr std::string_view journal_socket = "/run/systemd/journal/socket";

// In the order of their numbers, RFC 5424 section 6.2.1, by the names that syslog(3) and nginx have for them.
constexpr std::array<std::string_view, 24> facilities{"kern",   "user",     "mail",   "daemon", "auth",     "syslog",
                                                      "lpr",    "news",     "uucp",   "clock",  "authpriv", "ftp",
                                                      "ntp",    "logaudit", "alert",  "cron",   "local0",   "local1",
                                                      "local2", "local3",   "local4", "local5", "local6",   "local7"};
constexpr std::array<std::string_view, 8> severities{"emerg", "alert",  "crit", "error",
                                                     "warn",  "notice", "info", "debug"};

bool wrong(misread* why, std::string what, std::string suggestion = {}) {
    if (why != nullptr) *why = {std::move(what), std::string(log_target_form), std::move(suggestion)};
    return false;
}

bool read_word(const auto& words, std::string_view text, unsigned& into, misread* why) {
    const auto found = std::find(words.begin(), words.end(), text);
    if (found == words.end())
        return wrong(why, "unknown: " + std::string(text),
                     suggest(text, std::vector<std::string>(words.begin(), words.end())));
    into = static_cast<unsigned>(found - words.begin());
    return true;
}

// Names would make the log wait for a resolver.
bool read_server(std::string_view text, endpoint& into, misread* why) {
    auto at = parse_endpoint(text);
    if (!at) at = parse_endpoint(std::string(text) + ":514");
    if (!at) return wrong(why, "server is no address: " + std::string(text));
    if (at->type == endpoint::kind::unix_socket && at->path.front() != '/')
        return wrong(why, "the path of a socket begins with /");
    if (at->type == endpoint::kind::tcp && !parse_network(at->host))
        return wrong(why, "server is no IP address: " + std::string(text));
    into = std::move(*at);
    return true;
}

// What RFC 5424 allows as APP-NAME, section 6.2.5.
bool read_tag(std::string_view text, std::string& into, misread* why) {
    constexpr std::size_t longest = 48;
    if (text.empty() || text.size() > longest ||
        !std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 127; }))
        return wrong(why, "a tag has 1 to 48 characters of ASCII and no space");
    into = text;
    return true;
}

bool read_parameter(std::string_view text, log_target& into, misread* why) {
    if (text == "nohostname") {
        into.hostname = false;
        return true;
    }
    const auto equals = text.find('=');
    const auto key = text.substr(0, equals);
    const auto value = equals == std::string_view::npos ? "" : text.substr(equals + 1);
    if (key == "server") return read_server(value, into.receiver, why);
    if (key == "facility") return read_word(facilities, value, into.facility, why);
    if (key == "severity") return read_word(severities, value, into.severity, why);
    if (key == "tag") return read_tag(value, into.tag, why);
    return wrong(why, "no parameter of syslog: " + std::string(key),
                 suggest(key, {"server", "facility", "severity", "tag", "nohostname"}));
}

endpoint socket_at(std::string_view path) { return {endpoint::kind::unix_socket, {}, 0, std::string(path)}; }

std::optional<log_target> parse_syslog(std::string_view parameters, misread* why) {
    log_target to;
    to.type = kind::syslog;
    bool has_server = false;
    while (!parameters.empty()) {
        const auto one = parameters.substr(0, parameters.find(','));
        parameters.remove_prefix(std::min(parameters.size(), one.size() + 1));
        has_server = has_server || one.starts_with("server=");
        if (!read_parameter(one, to, why)) return std::nullopt;
    }
    if (!has_server) {
        wrong(why, "syslog without a server");
        return std::nullopt;
    }
    return to;
}

std::optional<log_target> parse_journal(std::string_view path, misread* why) {
    if (!path.starts_with('/')) {
        wrong(why, "the path of a socket begins with /");
        return std::nullopt;
    }
    return log_target{.type = kind::journal, .path = {}, .receiver = socket_at(path), .tag = "postern"};
}

}  // namespace

std::optional<log_target> parse_log_target(std::string_view text, misread* why) {
    if (text == "off") return log_target{};
    if (text == "stdout") return log_target{.type = kind::standard_output, .path = {}, .receiver = {}, .tag = {}};
    if (text == "stderr") return log_target{.type = kind::standard_error, .path = {}, .receiver = {}, .tag = {}};
    if (text == "journal") return parse_journal(journal_socket, why);
    if (text == "syslog") return parse_syslog("server=unix:" + std::string(local_syslog), why);
    if (text.starts_with("journal:")) return parse_journal(text.substr(8), why);
    if (text.starts_with("syslog:")) return parse_syslog(text.substr(7), why);
    return log_target{.type = kind::file, .path = std::string(text), .receiver = {}, .tag = {}};
}

}  // namespace postern::config
