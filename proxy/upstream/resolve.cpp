#include "proxy/upstream/resolve.hpp"

#include "proxy/net/socket.hpp"

#include <ares.h>

#include <algorithm>
#include <cerrno>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace postern::upstream {
namespace {

constexpr std::chrono::seconds shortest_ttl{1};
constexpr std::chrono::seconds longest_ttl{30};

struct question {
    std::string name;
    std::function<void(answer)> done;
};

void need(int status, const char* what) {
    if (status != ARES_SUCCESS) throw std::runtime_error(std::string(what) + ": " + ares_strerror(status));
}

answer to_answer(int status, const ares_addrinfo* found) {
    answer a;
    if (status != ARES_SUCCESS || found == nullptr) {
        a.error = ares_strerror(status);
        return a;
    }
    a.ttl = longest_ttl;
    for (const auto* n = found->nodes; n != nullptr; n = n->ai_next) {
        if (n->ai_family != AF_INET && n->ai_family != AF_INET6) continue;
        a.addresses.emplace_back(*n->ai_addr);
        a.ttl = std::min(a.ttl, std::chrono::seconds(n->ai_ttl));
    }
    for (const auto* c = found->cnames; c != nullptr; c = c->next)
        a.ttl = std::min(a.ttl, std::chrono::seconds(c->ttl));
    a.ttl = std::max(a.ttl, shortest_ttl);
    if (a.addresses.empty()) a.error = "no address";
    return a;
}

void answered(void* q, int status, int, ares_addrinfo* found) {
    const std::unique_ptr<question> asked(static_cast<question*>(q));
    auto a = to_answer(status, found);
    if (found != nullptr) ares_freeaddrinfo(found);
    asked->done(std::move(a));
}

}  // namespace

class resolver::loop {
public:
    explicit loop(const resolver_options& o) : wake_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)), channel_(open(o)) {
        if (wake_.value() < 0) throw std::runtime_error("eventfd for the resolver");
        thread_ = std::thread([this] { run(); });
    }

    // Joins the thread.
    void stop() {
        {
            const std::lock_guard lock(mutex_);
            stopping_ = true;
        }
        wake();
        thread_.join();
    }

    void ask(question q) {
        {
            const std::lock_guard lock(mutex_);
            asked_.push_back(std::move(q));
        }
        wake();
    }

private:
    struct destroy {
        void operator()(ares_channeldata* c) const { ares_destroy(c); }
    };
    using channel = std::unique_ptr<ares_channeldata, destroy>;

    channel open(const resolver_options& o) {
        static const int once = ares_library_init(ARES_LIB_INIT_ALL);
        need(once, "c-ares");
        ares_options options{};
        options.timeout = static_cast<int>(o.timeout.count());
        options.tries = o.tries;
        options.sock_state_cb = watch;
        options.sock_state_cb_data = &waits_;
        int given = ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB;
#ifdef ARES_OPT_QUERY_CACHE
        // From 1.31 on it remembers answers, but whoever asks here again has lost faith in the last one.
        options.qcache_max_ttl = 0;
        given |= ARES_OPT_QUERY_CACHE;
#endif
        ares_channel made = nullptr;
        need(ares_init_options(&made, &options, given), "c-ares");
        channel owned(made);
        if (!o.nameservers.empty()) need(ares_set_servers_ports_csv(made, o.nameservers.c_str()), "nameservers");
        return owned;
    }

    // c-ares tells what it wants to hear of a socket.
    static void watch(void* all, ares_socket_t socket, int readable, int writable) {
        auto& waits = *static_cast<std::vector<pollfd>*>(all);
        std::erase_if(waits, [&](const pollfd& w) { return w.fd == socket; });
        const int events = (readable != 0 ? POLLIN : 0) | (writable != 0 ? POLLOUT : 0);
        if (events != 0) waits.push_back({socket, static_cast<short>(events), 0});
    }

    void wake() const {
        const std::uint64_t one = 1;
        // A counter that is full already wakes all the same.
        [[maybe_unused]] const ssize_t n = ::write(wake_.value(), &one, sizeof one);
    }

    void run() {
        ::pthread_setname_np(::pthread_self(), "resolver");
        while (take_questions()) {
            auto waits = waits_;
            ::poll(waits.data(), waits.size(), wait_time());
            std::uint64_t drained = 0;
            [[maybe_unused]] const ssize_t n = ::read(wake_.value(), &drained, sizeof drained);
            serve(waits);
        }
        channel_.reset();  // answers what is still open with ARES_EDESTRUCTION
        for (auto left = taken(); !left.empty(); left = taken())
            for (auto& q : left) q.done({{}, shortest_ttl, "the resolver has stopped"});
    }

    std::vector<question> taken() {
        const std::lock_guard lock(mutex_);
        return std::exchange(asked_, {});
    }

    // False: the thread shall end.
    bool take_questions() {
        {
            const std::lock_guard lock(mutex_);
            if (stopping_) return false;
        }
        ares_addrinfo_hints hints{};
        hints.ai_family = AF_UNSPEC;
        hints.ai_socktype = SOCK_STREAM;
        for (auto& q : taken()) {
            // The callback frees it, perhaps before this returns.
            auto* mine = new question(std::move(q));
            const std::string name = mine->name;
            ares_getaddrinfo(channel_.get(), name.c_str(), nullptr, &hints, answered, mine);
        }
        return true;
    }

    // Milliseconds until c-ares wants to look at its own timeouts; -1 while nothing is asked.
    [[nodiscard]] int wait_time() const {
        timeval room{};
        const timeval* next = ares_timeout(channel_.get(), nullptr, &room);
        if (next == nullptr) return -1;
        return static_cast<int>(next->tv_sec * 1000 + next->tv_usec / 1000) + 1;
    }

    void serve(const std::vector<pollfd>& waits) {
        bool any = false;
        for (std::size_t i = 1; i < waits.size(); ++i) {
            if (waits[i].revents == 0) continue;
            any = true;
            const bool failed = (waits[i].revents & (POLLERR | POLLHUP)) != 0;
            ares_process_fd(channel_.get(), failed || (waits[i].revents & POLLIN) != 0 ? waits[i].fd : ARES_SOCKET_BAD,
                            (waits[i].revents & POLLOUT) != 0 ? waits[i].fd : ARES_SOCKET_BAD);
        }
        if (!any) ares_process_fd(channel_.get(), ARES_SOCKET_BAD, ARES_SOCKET_BAD);
    }

    net::unique_fd wake_;
    std::vector<pollfd> waits_{{wake_.value(), POLLIN, 0}};  // and the sockets of c-ares
    channel channel_;
    std::mutex mutex_;
    std::vector<question> asked_;
    bool stopping_ = false;
    std::thread thread_;
};

resolver::resolver(const resolver_options& options) : loop_(std::make_unique<loop>(options)) {}

// Answers may ask again meanwhile, so that the loop must be whole until its thread has ended.
resolver::~resolver() { loop_->stop(); }

void resolver::resolve(std::string name, std::function<void(answer)> done) {
    loop_->ask({std::move(name), std::move(done)});
}

}  // namespace postern::upstream
