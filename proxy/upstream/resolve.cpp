#include "proxy/upstream/resolve.hpp"

#include <ares.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <mutex>
#include <stdexcept>
#include <thread>
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
    a.ttl = std::max(a.ttl, shortest_ttl);
    if (a.addresses.empty()) a.error = "no address";
    return a;
}

void answered(void* q, int status, int, ares_addrinfo* found) {
    const std::unique_ptr<question> asked(static_cast<question*>(q));
    asked->done(to_answer(status, found));
    if (found != nullptr) ares_freeaddrinfo(found);
}

}  // namespace

class resolver::loop {
public:
    explicit loop(const std::string& nameservers) : wake_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
        if (wake_ < 0) throw std::runtime_error("eventfd for the resolver");
        static const int once = ares_library_init(ARES_LIB_INIT_ALL);
        need(once, "c-ares");
        ares_options options{};
        options.timeout = 2000;
        options.tries = 2;
        need(ares_init_options(&channel_, &options, ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES), "c-ares");
        if (!nameservers.empty()) need(ares_set_servers_ports_csv(channel_, nameservers.c_str()), "nameservers");
        thread_ = std::thread([this] { run(); });
    }

    ~loop() {
        {
            const std::lock_guard lock(mutex_);
            stopping_ = true;
        }
        wake();
        thread_.join();
        ares_destroy(channel_);  // answers what is still open with ARES_EDESTRUCTION
        for (auto& q : asked_) q.done({{}, shortest_ttl, "the resolver has stopped"});
        ::close(wake_);
    }

    void ask(question q) {
        {
            const std::lock_guard lock(mutex_);
            asked_.push_back(std::move(q));
        }
        wake();
    }

private:
    void wake() const {
        const std::uint64_t one = 1;
        // A counter that is full already wakes all the same.
        [[maybe_unused]] const ssize_t n = ::write(wake_, &one, sizeof one);
    }

    // False: the thread shall end.
    bool take_questions() {
        std::vector<question> all;
        {
            const std::lock_guard lock(mutex_);
            if (stopping_) return false;
            all.swap(asked_);
        }
        for (auto& q : all) {
            ares_addrinfo_hints hints{};
            hints.ai_family = AF_UNSPEC;
            hints.ai_socktype = SOCK_STREAM;
            // The callback may come before this returns, and frees the question.
            auto* mine = new question(std::move(q));
            ares_getaddrinfo(channel_, mine->name.c_str(), nullptr, &hints, answered, mine);
        }
        return true;
    }

    void run() {
        ::pthread_setname_np(::pthread_self(), "resolver");
        while (take_questions()) {
            std::array<ares_socket_t, ARES_GETSOCK_MAXNUM> sockets{};
            const int wanted = ares_getsock(channel_, sockets.data(), ARES_GETSOCK_MAXNUM);
            std::vector<pollfd> waits{{wake_, POLLIN, 0}};
            for (int i = 0; i < ARES_GETSOCK_MAXNUM; ++i) {
                short events = 0;
                if (ARES_GETSOCK_READABLE(static_cast<unsigned>(wanted), i)) events |= POLLIN;
                if (ARES_GETSOCK_WRITABLE(static_cast<unsigned>(wanted), i)) events |= POLLOUT;
                if (events != 0) waits.push_back({sockets[static_cast<std::size_t>(i)], events, 0});
            }
            ::poll(waits.data(), waits.size(), wait_time(waits.size() > 1));
            std::uint64_t drained = 0;
            [[maybe_unused]] const ssize_t n = ::read(wake_, &drained, sizeof drained);
            serve(waits);
        }
    }

    // Milliseconds until c-ares wants to look at its own timeouts; -1 while nothing is asked.
    [[nodiscard]] int wait_time(bool busy) const {
        if (!busy) return -1;
        timeval most{1, 0};
        timeval room{};
        const timeval* next = ares_timeout(channel_, &most, &room);
        return static_cast<int>(next->tv_sec * 1000 + next->tv_usec / 1000) + 1;
    }

    void serve(const std::vector<pollfd>& waits) {
        bool any = false;
        for (std::size_t i = 1; i < waits.size(); ++i) {
            if (waits[i].revents == 0) continue;
            any = true;
            const bool failed = (waits[i].revents & (POLLERR | POLLHUP)) != 0;
            ares_process_fd(channel_, failed || (waits[i].revents & POLLIN) != 0 ? waits[i].fd : ARES_SOCKET_BAD,
                            (waits[i].revents & POLLOUT) != 0 ? waits[i].fd : ARES_SOCKET_BAD);
        }
        if (!any) ares_process_fd(channel_, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
    }

    int wake_;
    ares_channel channel_ = nullptr;
    std::mutex mutex_;
    std::vector<question> asked_;
    bool stopping_ = false;
    std::thread thread_;
};

resolver::resolver(const std::string& nameservers) : loop_(std::make_unique<loop>(nameservers)) {}

resolver::~resolver() = default;

void resolver::resolve(const std::string& name, std::function<void(answer)> done) { loop_->ask({name, std::move(done)}); }

}  // namespace postern::upstream
