#include "config/document.hpp"
#include "proxy/cli/command.hpp"
#include "proxy/console/ask.hpp"
#include "proxy/console/page.hpp"
#include "proxy/console/terminal.hpp"
#include "proxy/console/watch.hpp"

#include <ostream>
#include <thread>

#include <sysexits.h>

namespace postern::cli {
namespace {

// Rates are of this time.
constexpr std::chrono::seconds between_looks{1};

// A file with mistakes is good enough if it tells this: the daemon goes on with what it had, which is when one asks.
std::optional<config::endpoint> admin_of(const std::string& config_file, streams to) {
    const auto doc = config::load(config_file);
    if (doc.settings.admin.listen) return doc.settings.admin.listen;
    if (config::has_error(doc.problems)) {
        for (const auto& p : doc.problems) to.err << config::to_string(p) << "\n";
    } else {
        to.err << config_file
               << ": the daemon has no admin listener to be asked; set admin.listen (127.0.0.1:9901 or unix:/path) and "
                  "restart it\n";
    }
    return std::nullopt;
}

int no_status(const std::string& address, const console::trouble& why, streams to) {
    to.err << "no status from " << address << ": " << why.why << "\n";
    return EX_UNAVAILABLE;
}

console::result<console::status> look(const console::admin_address& at) {
    const auto text = console::ask_status_now(at);
    if (!text) return text.error();
    return console::read_status(*text);
}

int print_once(const console::admin_address& at, streams to) {
    console::history seen;
    for (int i = 0; i < 2; ++i) {
        if (i > 0) std::this_thread::sleep_for(between_looks);
        auto told = look(at);
        if (!told) return no_status(at.name, told.error(), to);
        seen.add(std::move(*told), std::chrono::steady_clock::now());
    }
    // Cut lines would be lost here, where wrapped ones can be read.
    console::shape to_shape;
    if (const auto terminal = console::terminal_of(to.out)) to_shape.colours = terminal->colours;
    const auto lines = console::page(
        {at.name, std::chrono::system_clock::now(), seen.last(), seen.lately(), std::nullopt, seen.restarted()});
    for (const auto& text : console::shaped(lines, to_shape)) to.out << text << "\n";
    return EX_OK;
}

int print_json(const console::admin_address& at, streams to) {
    const auto text = console::ask_status_now(at);
    if (!text) return no_status(at.name, text.error(), to);
    if (const auto told = console::read_status(*text); !told) return no_status(at.name, told.error(), to);
    to.out << *text;
    return EX_OK;
}

}  // namespace

int perform(const status_command& c, streams to) {
    const auto where = c.admin ? c.admin : admin_of(c.config_file, to);
    if (!where) return EX_CONFIG;
    const auto at = console::find_admin(*where);
    if (!at) return no_status(config::to_string(*where), at.error(), to);
    if (c.json) return print_json(*at, to);
    if (!c.watch) return print_once(*at, to);
    const auto watched = console::watch(*at, *c.watch, to.out);
    return watched ? EX_OK : no_status(at->name, watched.error(), to);
}

}  // namespace postern::cli
