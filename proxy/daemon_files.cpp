// The daemon and its files: what it waits for before it serves, and what it watches while it does.
#include "proxy/certificate_wait.hpp"
#include "proxy/daemon.hpp"
#include "proxy/ops/log.hpp"

#include <boost/asio/post.hpp>

#include <cstdio>
#include <memory>
#include <system_error>
#include <utility>

#include <sysexits.h>

namespace postern {

std::optional<int> daemon::wait_for_certificate(reading& first) {
    const auto settings = *first.wanted;
    if (const auto error = change_logs(settings.log, settings.log); !error.empty()) {
        std::fprintf(stderr, "postern: log: %s\n", error.c_str());
        return EX_CONFIG;
    }
    open_admin(settings.admin);
    take_signals();
    std::optional<reading> last;
    const auto wait =
        std::make_shared<certificate_wait>(context_, loader_, settings.wait_for_certificate, [this, &last](reading r) {
            last = std::move(r);
            context_.stop();
        });
    wait->begin(std::move(first));
    context_.run();
    context_.restart();
    if (last) first = std::move(*last);
    if (state_ == state::starting) return std::nullopt;
    ops::log::info("postern has ended");
    return EX_OK;
}

void daemon::follow_files() {
    const auto& how = current_->settings.watch;
    auto seen = std::exchange(seen_, std::nullopt);
    if (!seen || (!watch_ && !how.enabled)) return;
    try {
        if (!watch_)
            watch_ = std::make_unique<ops::watch>(ops::watch::options{}, [this](const ops::watch::change& what) {
                net::asio::post(context_, [this, what] { files_changed(what); });
            });
        watch_->follow(how.enabled ? std::move(*seen) : ops::file_states(), how.debounce);
    } catch (const std::system_error& e) {
        ops::log::error("watch: no thread for it, so that changes wait for a reload: {}", e.code().message());
    }
}

void daemon::files_changed(const ops::watch::change& what) {
    if (state_ != state::serving) return;
    if (what.may_retry) ops::log::info("reload: changed: {}", ops::list_of(what.files));
    reload({cause::files, [](bool, const std::string&) {}, what.may_retry});
}

}  // namespace postern
