#include "proxy/console/watch.hpp"

#include "proxy/console/page.hpp"
#include "proxy/console/terminal.hpp"

#include <boost/asio/signal_set.hpp>

#include <csignal>
#include <exception>
#include <optional>
#include <ostream>

namespace postern::console {
namespace {

using std::chrono::system_clock;

class watcher {
public:
    watcher(const admin_address& where, std::chrono::milliseconds interval, std::ostream& out)
        : where_(where),
          interval_(interval),
          out_(out),
          signals_(context_, SIGINT, SIGTERM, SIGHUP),
          pause_(context_.get_executor()) {
        signals_.add(SIGWINCH);
        signals_.add(SIGTSTP);
    }

    result<void> run() {
        await_signal();
        net::asio::co_spawn(context_, go(this), [](std::exception_ptr e) {
            if (e) std::rethrow_exception(e);
        });
        context_.run();
        if (first_trouble_) return *first_trouble_;
        return {};
    }

private:
    static net::task<> go(watcher* self) {
        while (self->out_) {
            auto answer = co_await ask_status(self->where_);
            if (!self->take(answer)) break;
            self->show();
            self->pause_.expires_after(self->interval_);
            co_await self->pause_.async_wait(net::as_result);
        }
        self->context_.stop();
    }

    // Whether to go on.
    bool take(const result<std::string>& answer) {
        auto told = answer ? read_status(*answer) : result<status>(answer.error());
        now_ = system_clock::now();
        if (told) {
            history_.add(std::move(*told), net::clock::now());
            trouble_ = std::nullopt;
            answered_ = now_;
            return true;
        }
        if (!answered_) {
            first_trouble_ = told.error();
            return false;
        }
        trouble_ = told.error();
        return true;
    }

    void show() {
        const auto lines = trouble_ ? no_answer(where_.name, trouble_->why, *answered_, now_)
                                    : page({where_.name, now_, history_.last(), history_.lately(),
                                            history_.in_a_minute(), history_.restarted()});
        auto room = terminal_of(out_);
        if (!room) {
            for (const auto& text : shaped(lines, {})) out_ << text << "\n";
            out_ << std::endl;
            return;
        }
        if (room->height > 1) --room->height;
        if (!screen_) screen_.emplace(out_);
        screen_->show(shaped(lines, *room));
    }

    void await_signal() {
        signals_.async_wait([this](const net::error_code& error, int number) {
            if (error) return;
            await_signal();
            if (number == SIGTSTP) {
                stop();
            } else if (number != SIGWINCH) {
                context_.stop();
                return;
            }
            if (answered_ && terminal_of(out_)) show();
        });
    }

    // The shell gets its own screen; what follows comes when it lets us go on. Where no shell could, in an orphaned
    // process group (ssh -t, docker exec -it), the kernel discards the signal, as it would not discard SIGSTOP.
    void stop() {
        screen_.reset();
        // That sets it to its default again.
        signals_.remove(SIGTSTP);
        ::raise(SIGTSTP);
        signals_.add(SIGTSTP);
    }

    admin_address where_;
    std::chrono::milliseconds interval_;
    std::ostream& out_;
    history history_;
    system_clock::time_point now_;                      // of the last answer, or of its failing to come
    std::optional<system_clock::time_point> answered_;  // when there was one
    std::optional<trouble> trouble_;                    // with the last one
    std::optional<trouble> first_trouble_;
    std::optional<own_screen> screen_;
    net::asio::io_context context_{1};
    net::asio::signal_set signals_;
    net::timer pause_;
};

}  // namespace

result<void> watch(const admin_address& where, std::chrono::milliseconds interval, std::ostream& out) {
    return watcher(where, interval, out).run();
}

}  // namespace postern::console
