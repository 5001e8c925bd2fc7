#include "proxy/daemon.hpp"

#include "config/change.hpp"
#include "proxy/ops/descriptors.hpp"
#include "proxy/ops/log.hpp"
#include "proxy/ops/notify.hpp"
#include "proxy/ops/user.hpp"
#include "proxy/status_page/files.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <stdexcept>
#include <system_error>

#include <sched.h>
#include <sysexits.h>

namespace postern {
namespace {

using session::bound_socket;
using session::snapshot;

std::string text_of(const config::problems& all) {
    std::string text;
    for (const auto& p : all) text += config::to_string(p) + "\n";
    return text;
}

void print(const config::problems& all) { std::fputs(text_of(all).c_str(), stderr); }

unsigned usable_cpus() {
    cpu_set_t set;
    if (::sched_getaffinity(0, sizeof set, &set) != 0) return 1;
    return std::max(1U, static_cast<unsigned>(CPU_COUNT(&set)));
}

// Until ops::signals takes these over there is nothing to reload and no log to reopen, and their default would end us: the
// start may take seconds, and a log rotation or an eager service manager does not ask.
void ignore_early_signals() {
    std::signal(SIGHUP, SIG_IGN);
    std::signal(SIGUSR1, SIG_IGN);
}

}  // namespace

daemon::daemon(const serve_options& options)
    : options_(options),
      loader_(options_.load, options_.config_file, context_),
      access_(std::in_place),
      monitor_(shared_.counts, *access_),
      drain_timer_(context_.get_executor()),
      ticket_rotation_(context_, [this](const auto& of, const auto& keys) {
          for (auto& w : workers_) w->use(of, keys);
          monitor_.seals_with(keys);
      }) {}

daemon::~daemon() {
    if (stapler_) stapler_->stop();
    resolver_.reset();  // its answers post to the workers' loops, and to the stapler's
    // Some still run when the start failed halfway, and clear() waits for them.
    for (auto& w : workers_) w->stop(reason::stopped);
    workers_.clear();
    const bool stuck = loader_.is_stuck() || (watch_ && watch_->is_stuck());
    if (stuck)
        ops::log::warning("ending although a file is still being read");
    else
        watch_.reset();
    access_.reset();
    ops::log::shut_down();
    if (stuck) std::_Exit(exit_code_);
}

int daemon::run() { return exit_code_ = start_and_serve(); }

int daemon::start_and_serve() {
    ignore_early_signals();
    ops::make_room_for_descriptors();
    if (const auto code = read_configuration()) return *code;
    if (const auto code = open_logs()) return *code;
    if (const auto code = open_sockets()) return *code;
    if (const auto code = become_user()) return *code;
    start_workers();
    context_.run();
    ops::log::info("postern has ended");
    return EX_OK;
}

std::optional<int> daemon::read_configuration() {
    auto first = loader_.read();
    if (first.unfinished && first.wanted && first.wanted->wait_for_certificate.count() > 0)
        if (const auto code = wait_for_certificate(first)) return code;
    print(first.loaded.problems);
    if (!first.loaded.made) return EX_CONFIG;
    current_ = std::move(first.loaded.made);
    seen_ = std::move(first.seen);
    return std::nullopt;
}

std::optional<int> daemon::open_logs() {
    const auto error = change_logs(current_->settings.log, current_->settings.log);
    if (error.empty()) return std::nullopt;
    std::fprintf(stderr, "postern: log: %s\n", error.c_str());
    return EX_CONFIG;
}

std::optional<int> daemon::open_sockets() {
    std::string error;
    // The admin listener first: it may leave an address that is one of these now.
    open_admin(current_->settings.admin);
    first_sockets_ = bind(*current_, nullptr, error);
    if (error.empty()) return std::nullopt;
    std::fprintf(stderr, "postern: %s\n", error.c_str());
    return EX_OSERR;
}

void daemon::open_admin(const config::admin& where) {
    // Where a start that waits for a certificate has opened it, it stays, unless the configuration has changed meanwhile.
    if (admin_at_ == where.listen) return;
    admin_.reset();
    admin_at_ = where.listen;
    if (!where.listen) return;
    const auto ready = [this]() -> ops::page {
        if (state_ == state::serving) return {200, "text/plain; charset=utf-8", "ready\n"};
        const char* why = state_ != state::starting ? "draining\n" : current_ ? "starting\n" : "no certificate yet\n";
        return {503, "text/plain; charset=utf-8", why};
    };
    const auto health = [] { return ops::page{200, "text/plain; charset=utf-8", "ok\n"}; };
    const auto metrics = [this] { return monitor_.metrics(); };
    const auto status = [this] {
        return monitor_.status(state_ == state::serving    ? "serving"
                               : state_ == state::starting ? "starting"
                                                           : "draining");
    };
    ops::admin::pages pages{{"/healthz", health}, {"/readyz", ready}, {"/metrics", metrics}, {"/status", status}};
    for (const auto& f : status_page::files())
        pages.emplace(f.path, [&f] { return ops::page{200, std::string(f.type), std::string(f.text)}; });
    admin_ = std::make_unique<ops::admin>(context_, *where.listen, std::move(pages));
}

std::optional<int> daemon::become_user() {
    const auto error = ops::become_user(current_->settings.user);
    if (!error.empty()) {
        std::fprintf(stderr, "postern: user: %s\n", error.c_str());
        return EX_OSERR;
    }
    // What is watched is what this user sees: a folder of root's alone has not changed because of that.
    if (seen_) seen_ = ops::look_again(*seen_);
    // After the user is what it stays: the control socket looks at it.
    if (options_.config_file.empty()) return std::nullopt;
    try {
        control_ = std::make_unique<ops::control_server>(context_, options_.config_file,
                                                         [this](ops::control_server::reply tell) {
                                                             reload({cause::command, std::move(tell)});
                                                         });
    } catch (const boost::system::system_error& e) {
        ops::log::warning("`postern reload` will not reach this process: {}", e.code().message());
    }
    return std::nullopt;
}

void daemon::take_signals() {
    if (!signals_) signals_ = std::make_unique<ops::signals>(context_, [this](ops::verb v) { on_signal(v); });
}

void daemon::on_signal(ops::verb v) {
    switch (v) {
        case ops::verb::reload: return reload({cause::signal, [](bool, const std::string&) {}});
        case ops::verb::drain: return drain();
        case ops::verb::stop: return stop(reason::stopped);
        case ops::verb::reopen_logs: return reopen_logs();
    }
}

void daemon::start_workers() {
    take_signals();
    resolver_ = std::make_unique<upstream::resolver>();
    for (unsigned i = 0; i < worker_count(); ++i)
        workers_.push_back(std::make_unique<session::worker>(i, shared_, *resolver_, *access_));
    workers_left_ = workers_.size();
    try {
        for (auto& w : workers_) w->start([this] { net::asio::post(context_, [this] { worker_left(); }); });
    } catch (const std::system_error& e) {
        throw std::runtime_error("no thread for a worker: " + e.code().message());
    }
    hand_out(std::move(first_sockets_), current_, [this] { ready(); });
}

void daemon::ready() {
    if (state_ != state::starting) return;
    state_ = state::serving;
    ops::log::info("serving {} addresses with {} workers", current_->addresses.size(), workers_.size());
    ops::notify("READY=1\nSTATUS=serving");
    follow_files();
    options_.on_ready();
}

std::vector<bound_socket> daemon::bind(const snapshot& to, const snapshot* already, std::string& error) const {
    std::vector<bound_socket> sockets;
    for (const auto& at : to.addresses) {
        // One that stays is never touched: closing a reuseport socket resets what waits in its queue.
        if (already != nullptr && already->find(at.endpoint) != nullptr) continue;
        for (unsigned i = 0; i < worker_count(); ++i) {
            auto made = net::listen_on(at.address.data(), at.address.size());
            if (!made) {
                error = "listen on " + at.name + ": " + made.error().message();
                return {};
            }
            sockets.push_back({at.endpoint, std::move(*made)});
        }
    }
    return sockets;
}

void daemon::hand_out(std::vector<bound_socket> sockets, const std::shared_ptr<const snapshot>& with,
                      std::function<void()> done) {
    // bind() made a socket for each worker, address by address.
    std::vector<std::vector<bound_socket>> shares(workers_.size());
    for (std::size_t i = 0; i < sockets.size(); ++i) shares[i % workers_.size()].push_back(std::move(sockets[i]));
    auto missing = std::make_shared<std::size_t>(workers_.size());
    for (std::size_t i = 0; i < workers_.size(); ++i)
        workers_[i]->adopt(with, std::move(shares[i]), [this, missing, done] {
            net::asio::post(context_, [missing, done] {
                if (--*missing == 0) done();
            });
        });
    monitor_.serves(with);
    ticket_rotation_.follow(with);
    // Its news find the workers told of what they are about.
    keep_stapled(*with);
}

void daemon::keep_stapled(const snapshot& what) {
    std::vector<certs::staple_order_ptr> orders;
    for (const auto& of_server : what.staples)
        std::copy_if(of_server.begin(), of_server.end(), std::back_inserter(orders),
                     [](const auto& o) { return o != nullptr; });
    if (orders.empty() && !stapler_) return;
    try {
        if (!stapler_)
            stapler_ = std::make_unique<session::stapler>(*resolver_, [this](const auto& id, const auto& fresh) {
                for (auto& w : workers_) w->staple(id, fresh);
                net::asio::post(context_, [this, id, fresh] { monitor_.stapled(id, fresh); });
            });
        stapler_->adopt(std::move(orders), what.settings.state_directory);
    } catch (const std::system_error& e) {
        ops::log::error("stapling: no thread for it, so that nothing is renewed: {}", e.code().message());
    }
}

unsigned daemon::worker_count() const {
    return current_->settings.workers != 0 ? current_->settings.workers : usable_cpus();
}

void daemon::reload(wish w) {
    if (state_ != state::serving) {
        ops::log::warning("reload: refused; not serving: starting or draining");
        return w.tell(false, "not serving: starting or draining\n");
    }
    if (!waiting_for_reload_.empty()) {
        // What is being read may be older than this wish.
        waiting_for_next_.push_back(std::move(w));
        return;
    }
    waiting_for_reload_.push_back(std::move(w));
    begin_reload();
}

void daemon::begin_reload() {
    const auto trouble = loader_.begin(current_, [this](reading r) { loaded(std::move(r)); });
    if (trouble.empty()) return;
    // Later, since the end of this reload may begin the next one.
    net::asio::post(context_, [this, trouble] { finish_reload(false, trouble + "\n"); });
}

void daemon::loaded(reading r) {
    // Else what is followed still is.
    if (!r.seen.empty()) seen_ = std::move(r.seen);
    auto& l = r.loaded;
    std::string report = text_of(l.problems);
    if (!l.made) return finish_reload(false, report, r.unfinished);
    const auto keys = config::needs_restart(current_->settings, l.made->settings);
    if (!keys.empty()) {
        for (const auto& key : keys) report += key + ": a change needs a restart\n";
        return finish_reload(false, report);
    }
    if (state_ != state::serving) return finish_reload(false, report + "draining\n");
    std::string error;
    auto fresh = bind(*l.made, current_.get(), error);
    if (error.empty()) error = change_logs(current_->settings.log, l.made->settings.log);
    if (!error.empty()) return finish_reload(false, report + error + "\n");
    current_ = l.made;
    hand_out(std::move(fresh), current_, [this, report] { finish_reload(true, report); });
}

std::string_view daemon::word_for(cause why) {
    switch (why) {
        case cause::signal: return "signal";
        case cause::command: return "command";
        case cause::files: break;
    }
    return "files";
}

void daemon::finish_reload(bool ok, const std::string& text, bool unfinished) {
    const bool again =
        !ok && unfinished &&
        std::all_of(waiting_for_reload_.begin(), waiting_for_reload_.end(), [](const wish& w) { return w.may_retry; });
    if (!again) monitor_.reloaded(word_for(waiting_for_reload_.front().why), ok);
    const auto level = ok ? config::log_level::warning : again ? config::log_level::debug : config::log_level::error;
    for (std::size_t at = 0; at < text.size();) {
        const auto end = text.find('\n', at);
        ops::log::line(level, "reload: {}", std::string_view(text).substr(at, end - at));
        at = end + 1;
    }
    if (ok)
        ops::log::info("reload: done");
    else if (again)
        ops::log::debug("reload: put off; some files are not whole yet");
    else
        ops::log::error("reload: refused; what was served before is still served");
    follow_files();
    if (watch_) watch_->loaded(again ? ops::watch_plan::outcome::unfinished : ops::watch_plan::outcome::settled);
    for (auto& w : std::exchange(waiting_for_reload_, std::exchange(waiting_for_next_, {}))) w.tell(ok, text);
    if (!waiting_for_reload_.empty()) begin_reload();
}

std::string daemon::change_logs(const config::log& from, const config::log& to) {
    if (auto error = ops::log::configure(to); !error.empty()) return error;
    auto error = access_->configure(to);
    if (!error.empty()) static_cast<void>(ops::log::configure(from));
    return error;
}

void daemon::drain() {
    // Nothing is served yet, and nobody has come.
    if (!current_) return stop(reason::stopped);
    if (state_ != state::serving && state_ != state::starting) return;
    state_ = state::draining;
    ops::log::info("draining, for at most {} s",
                   std::chrono::duration_cast<std::chrono::seconds>(current_->settings.shutdown_timeout).count());
    ops::notify("STOPPING=1\nSTATUS=draining");
    for (auto& w : workers_) w->drain();
    drain_timer_.expires_after(current_->settings.shutdown_timeout);
    drain_timer_.async_wait([this](net::error_code e) {
        if (!e) stop(reason::drain_timeout);
    });
}

void daemon::stop(reason why) {
    if (state_ == state::stopping) return;
    state_ = state::stopping;
    ops::notify("STOPPING=1\nSTATUS=stopping");
    drain_timer_.cancel();
    for (auto& w : workers_) w->stop(why);
    if (!current_) context_.stop();
}

void daemon::worker_left() {
    if (--workers_left_ > 0) return;
    drain_timer_.cancel();
    signals_.reset();
    control_.reset();
    admin_.reset();
    // What is still open (an admin client, a running reload) does not hold up the end.
    context_.stop();
}

void daemon::reopen_logs() {
    for (const auto& error : {ops::log::reopen(), access_->reopen()})
        if (!error.empty()) ops::log::error("reopening logs: {}", error);
    ops::log::info("logs reopened");
}

}  // namespace postern
