#include "proxy/session/stapler.hpp"

#include "certs/facts.hpp"
#include "certs/kept_staples.hpp"
#include "certs/staple_renewal.hpp"
#include "proxy/ops/log.hpp"

#include <algorithm>
#include <utility>

#include <pthread.h>

namespace postern::session {
namespace {

using certs::staple_order_ptr;
using certs::staple_ptr;
using certs::time_point;
using std::chrono::milliseconds;

constexpr std::size_t most_at_once = 8;
constexpr auto patience = std::chrono::seconds(15);
// The wall clock may be set, or have slept with the machine.
constexpr milliseconds longest_rest = std::chrono::seconds(30);
// A certificate that is revoked may have been replaced by one with the same responder: no hurry, and no silence.
constexpr unsigned revoked_counts_as = 99;

time_point wall_clock() { return std::chrono::system_clock::now(); }

std::string words(const failure& why) {
    return std::string(to_string(why.why)) + (why.detail.empty() ? "" : " (" + why.detail + ")");
}

std::string responder_of(const certs::staple_order& order) {
    return "http://" + order.responder->authority + order.responder->target;
}

}  // namespace

stapler::stapler(upstream::resolver& names, publisher publish) : names_(names), publish_(std::move(publish)) {
    thread_ = std::thread([this] { run(); });
}

stapler::~stapler() { stop(); }

void stapler::adopt(std::vector<staple_order_ptr> orders, std::string state_directory) {
    loop_.post([this, orders = std::move(orders), folder = std::move(state_directory)]() mutable {
        adopt_here(orders, std::move(folder));
    });
}

void stapler::stop() {
    if (!thread_.joinable()) return;
    loop_.post([this] {
        stopping_ = true;
        for (auto& one : running_) one.stop();
    });
    thread_.join();
}

// Those who ask are waited for: their frames hold what the loop's own queues do not know of.
void stapler::run() {
    ::pthread_setname_np(::pthread_self(), "stapler");
    while (!stopping_ || asking_ > 0) {
        const auto now = wall_clock();
        bool begun = false;
        if (!stopping_) {
            withdraw_what_has_ended(now);
            begun = begin_what_is_due(now);
        }
        // What has been spawned between two turns does not wake the loop.
        loop_.turn(begun ? milliseconds(0) : rest(now));
    }
}

void stapler::adopt_here(const std::vector<staple_order_ptr>& orders, std::string state_directory) {
    if (state_directory != state_directory_) folder_failed_ = false;
    state_directory_ = std::move(state_directory);
    const auto before = std::exchange(jobs_, {});
    for (const auto& order : orders) {
        if (jobs_.contains(order->id)) continue;
        auto& j = jobs_[order->id];
        if (const auto known = before.find(order->id); known != before.end()) j = known->second;
        // A response of a file is the file's, which has been read again.
        if (!j.order || !order->responder) j.held = order->first;
        j.order = order;
        if (!before.contains(order->id) && order->responder) seed(j, before);
    }
}

// The certificate may have been here with other settings: what it has goes on until its responder has answered.
void stapler::seed(job& fresh, const std::map<std::string, job>& before) {
    if (fresh.held) return;
    for (const auto& [id, other] : before) {
        if (other.order->fingerprint != fresh.order->fingerprint || !other.held) continue;
        fresh.held = certs::judge_response(other.held->response, fresh.order->about, wall_clock()).made;
        if (fresh.held) return publish_(fresh.order->id, fresh.held);
    }
}

void stapler::withdraw_what_has_ended(time_point now) {
    for (auto& [id, j] : jobs_) {
        if (!j.held || now < j.held->next_update) continue;
        ops::log::warning("stapling: the response for {} has expired: nothing is stapled{}", j.order->subject,
                          j.order->responder ? "" : " until a newer stapling_file is loaded");
        j.held.reset();
        publish_(id, nullptr);
    }
}

bool stapler::begin_what_is_due(time_point now) {
    bool begun = false;
    for (auto& [id, j] : jobs_) {
        if (asking_ >= most_at_once) break;
        if (!j.order->responder || j.asking || now < j.due) continue;
        j.asking = begun = true;
        ++asking_;
        loop_.spawn(ask(j.order), [this, id = id](const std::exception_ptr& escaped) {
            --asking_;
            if (!escaped) return;
            ops::log::error("stapling: a question ended by an exception, which is a bug or no memory");
            if (const auto at = jobs_.find(id); at != jobs_.end()) {
                at->second.asking = false;
                failed(at->second, "no question", wall_clock());
            }
        });
    }
    return begun;
}

milliseconds stapler::rest(time_point now) const {
    auto least = longest_rest;
    if (stopping_) return least;
    const auto until = [&](time_point when) {
        least = std::clamp(std::chrono::ceil<milliseconds>(when - now), milliseconds(0), least);
    };
    for (const auto& [id, j] : jobs_) {
        if (j.held) until(j.held->next_update);
        if (j.order->responder && !j.asking && asking_ < most_at_once) until(j.due);
    }
    return least;
}

net::task<> stapler::ask(staple_order_ptr order) {
    inquiry one(*order->responder, {loop_, names_}, patience);
    running_.push_back(one);
    if (stopping_) one.stop();
    const auto answer = co_await one.run(certs::make_ocsp_request(order->about));
    // Unless the configuration has forgotten it meanwhile.
    const auto at = jobs_.find(order->id);
    if (at == jobs_.end()) co_return;
    at->second.asking = false;
    if (!stopping_) answered(at->second, answer);
}

void stapler::answered(job& j, const result<certs::der>& answer) {
    const auto now = wall_clock();
    if (!answer) return failed(j, words(answer.error()), now);
    auto judged = certs::judge_response(*answer, j.order->about, now);
    if (!judged.made) return failed(j, judged.problem, now);
    if (judged.made->status == certs::staple_status::revoked) return is_revoked(j, now);
    take(j, std::move(judged.made), now);
}

void stapler::take(job& j, staple_ptr fresh, time_point now) {
    const auto level = j.held && j.failures == 0 ? config::log_level::debug : config::log_level::info;
    ops::log::line(level, "stapling: {} is good until {}, says {}", j.order->subject,
                   certs::date_text(fresh->next_update), responder_of(*j.order));
    j.held = std::move(fresh);
    j.failures = 0;
    j.trouble.clear();
    j.due = certs::renew_at(*j.held, now, luck());
    publish_(j.order->id, j.held);
    if (state_directory_.empty()) return;
    const auto error = certs::keep(state_directory_, j.order->fingerprint, j.held->response);
    if (!error.empty() && !std::exchange(folder_failed_, true))
        ops::log::warning("stapling: responses are not kept in {}: {}", state_directory_, error);
    if (error.empty()) folder_failed_ = false;
}

// An earlier word for it is no longer true, whatever its time.
void stapler::is_revoked(job& j, time_point now) {
    const std::string trouble = "revoked";
    if (j.trouble != trouble)
        ops::log::error("stapling: {} is REVOKED, says {}: nothing is stapled; a new certificate is needed",
                        j.order->subject, responder_of(*j.order));
    j.trouble = trouble;
    j.failures = revoked_counts_as;
    j.due = now + certs::retry_after(j.failures, luck());
    j.held.reset();
    publish_(j.order->id, nullptr);
    if (!state_directory_.empty()) certs::forget_kept(state_directory_, j.order->fingerprint);
}

void stapler::failed(job& j, std::string trouble, time_point now) {
    j.failures = j.failures == revoked_counts_as ? 1 : j.failures + 1;
    j.due = now + certs::retry_after(j.failures, luck());
    // Once for each reason: it is tried again and again.
    const auto level = trouble == j.trouble ? config::log_level::debug : config::log_level::warning;
    ops::log::line(
        level, "stapling: no response for {} from {}: {}; {}", j.order->subject, responder_of(*j.order), trouble,
        j.held ? "the one before is stapled until " + certs::date_text(j.held->next_update) : "nothing is stapled");
    j.trouble = std::move(trouble);
}

}  // namespace postern::session
