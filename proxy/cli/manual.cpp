#include "proxy/cli/manual.hpp"

#include <algorithm>

namespace postern::cli {
namespace {

constexpr std::string_view opening =
    R"(postern - terminates TLS and forwards what is inside

USAGE
  postern VERB [FLAGS]
  postern VERB --help       the flags of one verb, with examples
  postern --help            this text
  postern --version         the first line of `postern version`

VERBS
)";

constexpr std::string_view rest = R"(
SIGNALS TO A RUNNING DAEMON
  SIGHUP   read the configuration and the certificates again; when anything is
           wrong with them, the old ones stay in force
  SIGTERM  take no new connections, and end when the running ones have ended or
           shutdown_timeout is over
  SIGINT   end at once
  SIGUSR1  open the log files anew, after they were renamed

EXIT CODES OF EVERY VERB
  0   it went well
  64  the command line is wrong
  70  a fault of postern's own, or of the system it did not expect
  74  standard output cannot be written
  Those of one verb are in its own --help.

FILES
  /etc/postern/postern.yaml   the configuration where -c names none;
                              `postern reference --format yaml` prints one to begin with
)";

std::string indented(std::string_view text, std::string_view by) {
    std::string out;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        if (end > 0) out += by;
        out += text.substr(0, end);
        out += '\n';
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out;
}

}  // namespace

const std::vector<verb_text>& verbs() {
    static const std::vector<verb_text> all{
        {"serve", "run the daemon",
         R"(Runs the daemon in the foreground, until a signal ends it. The settings are
either those of a file (-c), or those of the flags: a sidecar with one server and
no file. The two exclude each other. A sidecar reads its certificate and key anew
on SIGHUP; `postern reload` finds only daemons that have a file.)",
         R"(postern serve -c /etc/postern/postern.yaml
postern serve --listen 443 --cert site.crt --key site.key --proxy-pass tcp://127.0.0.1:80)",
         R"(0   ended by a signal: every connection was drained, or was to be cut off
71  the system refused what is needed: an address is taken, a user unknown, ...
78  the configuration cannot be served; stderr says why)"},
        {"check", "say everything that is wrong with a configuration",
         R"(Reads a configuration, what it includes, and the certificates and keys that it
names. All problems are printed at once, each with its file, line and column, to
standard error. When nothing is wrong, a summary of what would be served follows on
standard output, and with it what this version understands but does not serve yet.)",
         R"(postern check -c postern.yaml
postern check --no-files -c postern.yaml   # where the certificates are elsewhere)",
         R"(0   nothing is wrong; there may be warnings
78  there are errors)"},
        {"reload", "have the running daemon read its configuration again",
         R"(Asks the daemon that serves this file to read it and its certificates again, and
waits for the verdict. When anything is wrong with them the daemon keeps the old
ones, and the problems are printed. Connections that are open do not notice.)",
         R"(postern reload -c /etc/postern/postern.yaml)",
         R"(0   the new configuration is in force
1   it was refused; the old one stays
69  no daemon that serves this file can be asked)"},
        {"status", "say how the running daemon fares",
         R"(Asks the daemon's admin listener, which is that of the configuration (admin.listen)
or that of --admin, for its /status, twice within a second, and prints it: handshakes
full, resumed and failed, with reasons and times; connections, requests and bytes a
second; upstreams and who of them is down; certificates and how long they last; what
became of reloads. --watch looks again and again: on a terminal in place, elsewhere one
page after the other. Colours are for terminals alone, and not where NO_COLOR is set.)",
         R"(postern status -c postern.yaml
postern status --watch
postern status --admin unix:/run/postern/admin.sock --json | jq .listeners)",
         R"(0   printed; or a signal has ended --watch
69  no daemon answers there in 5 s, or something else does
78  the configuration cannot be read, or has no admin.listen)"},
        {"demo", "serve HTTPS on this machine, to look at it",
         R"(Makes a certificate authority and a certificate for localhost, starts a small
backend that says hello, and serves it with TLS. Prints the curl command that works.
Everything is in one private temporary folder, which is removed at the end (Ctrl-C).)",
         R"(postern demo
postern demo --listen 127.0.0.1:9443)",
         R"(0   ended by a signal
71  the system refused what is needed: most often, the address is taken)"},
        {"reference", "print the reference of the configuration",
         R"(Prints every key with its default and its meaning: as the manual's tables (md), as
a commented configuration of defaults (yaml), or as a JSON Schema for editors
(schema).)",
         R"(postern reference
postern reference --format yaml > postern.yaml
postern reference --format schema > postern.schema.json)",
         R"(0   printed)"},
        {"version", "print versions, and what build, CPU and kernel can do",
         R"(Prints the versions of postern and of the libraries it runs with, and a table of
what this build, this CPU and this kernel can do.)",
         R"(postern version)", R"(0   printed)"},
    };
    return all;
}

std::string manual() {
    std::string text(opening);
    for (const auto& verb : verbs()) {
        text +=
            "  " + std::string(verb.name) + std::string(12 - verb.name.size(), ' ') + std::string(verb.line) + "\n\n";
        text += indented(verb.about, "      ") + "\n";
        text += indented(verb.examples, "        $ ") + "\n";
        text += indented(verb.exits, "        exit ") + "\n";
    }
    text.pop_back();
    return text + std::string(rest);
}

std::string closing(const verb_text& verb) {
    return "Examples:\n" + indented(verb.examples, "  $ ") + "\nExit codes:\n" + indented(verb.exits, "  ") +
           "  64  the command line is wrong";
}

}  // namespace postern::cli
