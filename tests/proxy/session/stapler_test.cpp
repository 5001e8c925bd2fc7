// The thread that keeps staples fresh, with responders of the test's own on 127.0.0.1.
#include "proxy/session/stapler.hpp"

#include "certs/kept_staples.hpp"
#include "proxy/net/socket.hpp"
#include "tests/certs/ocsp_authority.hpp"
#include "tests/certs/support.hpp"

#include <gtest/gtest.h>
#include <openssl/ocsp.h>

#include <atomic>
#include <condition_variable>
#include <mutex>

#include <netinet/in.h>
#include <poll.h>

using namespace postern;
using namespace postern::session;
using namespace std::chrono_literals;
using certs::testing::certified;
using certs::testing::certify;

namespace {

// Answers every question by the same bytes; by none at all if there are none.
class responder {
public:
    explicit responder(certs::der answer) : answer_(std::move(answer)) {
        sockaddr_in any{};
        any.sin_family = AF_INET;
        any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socket_ = *net::listen_on(reinterpret_cast<const sockaddr*>(&any), sizeof any);
        socklen_t size = sizeof any;
        EXPECT_EQ(::getsockname(socket_.value(), reinterpret_cast<sockaddr*>(&any), &size), 0);
        url_ = "http://127.0.0.1:" + std::to_string(ntohs(any.sin_port)) + "/";
        thread_ = std::thread([this] { run(); });
    }
    ~responder() {
        stopping_ = true;
        thread_.join();
    }
    responder(const responder&) = delete;
    responder& operator=(const responder&) = delete;

    [[nodiscard]] const std::string& url() const { return url_; }
    [[nodiscard]] int questions() const { return questions_; }

private:
    void run() {
        std::vector<net::unique_fd> held;
        while (!stopping_) {
            pollfd look{socket_.value(), POLLIN, 0};
            if (::poll(&look, 1, 20) <= 0) continue;
            auto accepted = net::accept_from(socket_.value());
            if (!accepted) continue;
            pollfd question{accepted->fd.value(), POLLIN, 0};
            ::poll(&question, 1, 5000);
            ++questions_;
            if (!answer_.empty()) {
                std::string text = "HTTP/1.1 200 OK\r\nContent-Type: application/ocsp-response\r\n\r\n";
                text.append(reinterpret_cast<const char*>(answer_.data()), answer_.size());
                EXPECT_EQ(::send(accepted->fd.value(), text.data(), text.size(), MSG_NOSIGNAL),
                          static_cast<ssize_t>(text.size()));
                ::shutdown(accepted->fd.value(), SHUT_WR);
            }
            held.push_back(std::move(accepted->fd));
        }
    }

    certs::der answer_;
    net::unique_fd socket_;
    std::string url_;
    std::atomic<int> questions_ = 0;
    std::atomic<bool> stopping_ = false;
    std::thread thread_;
};

struct stapler_test : testing::Test {
    const certified root = certify("root", nullptr);
    const certified leaf = certify("localhost", &root);
    const certs::testing::folder folder;
    std::optional<upstream::resolver> names{std::in_place};
    std::mutex mutex;
    std::condition_variable news;
    std::vector<std::pair<std::string, certs::staple_ptr>> published;
    std::optional<stapler> tested;

    void SetUp() override {
        tested.emplace(*names, [this](const std::string& id, const certs::staple_ptr& fresh) {
            const std::lock_guard lock(mutex);
            published.emplace_back(id, fresh);
            news.notify_all();
        });
    }
    // The stapler asks until it has stopped; the answers are posted to it, which must be there until the last.
    void TearDown() override {
        tested->stop();
        names.reset();
    }

    certs::staple_order_ptr order(const std::string& url) const {
        config::ssl settings;
        settings.stapling = true;
        settings.stapling_responder = url;
        config::problems found;
        auto made =
            certs::make_staple_orders(settings, {identity_of(leaf, root)}, "", std::chrono::system_clock::now(), found);
        EXPECT_EQ(certs::testing::lines(found), "");
        return made.at(0);
    }
    std::pair<std::string, certs::staple_ptr> published_as(std::size_t number) {
        std::unique_lock lock(mutex);
        if (!news.wait_for(lock, 60s, [&] { return published.size() > number; })) return {"nothing", nullptr};
        return published[number];
    }
};

}  // namespace

TEST_F(stapler_test, asks_at_once_and_publishes_and_keeps_a_good_response) {
    const auto response = respond(leaf, root);
    const responder by(response);
    const auto wanted = order(by.url());
    tested->adopt({wanted, wanted}, folder.path(""));
    const auto [id, fresh] = published_as(0);
    EXPECT_EQ(id, wanted->id);
    ASSERT_NE(fresh, nullptr);
    EXPECT_EQ(fresh->response, response);
    tested->stop();
    EXPECT_EQ(certs::read_kept(folder.path(""), wanted->fingerprint).bytes, response);
    EXPECT_EQ(by.questions(), 1);
}

TEST_F(stapler_test, does_not_ask_again_for_an_order_that_stays) {
    const responder first(respond(leaf, root)), second(respond(leaf, root));
    tested->adopt({order(first.url())}, "");
    EXPECT_NE(published_as(0).second, nullptr);
    const auto fresh = order(second.url());
    tested->adopt({order(first.url()), fresh}, "");
    // What it had goes on under the other settings until their responder has answered.
    EXPECT_EQ(published_as(1).first, fresh->id);
    EXPECT_EQ(published_as(2).first, fresh->id);
    tested->stop();
    EXPECT_EQ(first.questions(), 1);
    EXPECT_EQ(second.questions(), 1);
}

TEST_F(stapler_test, takes_back_what_it_has_when_the_certificate_is_revoked) {
    const responder good(respond(leaf, root)), revoking(respond(leaf, root, {.status = V_OCSP_CERTSTATUS_REVOKED}));
    tested->adopt({order(good.url())}, folder.path(""));
    EXPECT_NE(published_as(0).second, nullptr);
    const auto fresh = order(revoking.url());
    tested->adopt({fresh}, folder.path(""));
    EXPECT_NE(published_as(1).second, nullptr);
    EXPECT_EQ(published_as(2), std::pair(fresh->id, certs::staple_ptr()));
    tested->stop();
    EXPECT_TRUE(certs::read_kept(folder.path(""), fresh->fingerprint).bytes.empty());
}

TEST_F(stapler_test, publishes_nothing_that_does_not_count) {
    const auto stranger = certify("stranger", nullptr);
    const responder wrong(respond(leaf, root, {.signer = &stranger})), right(respond(leaf, root));
    tested->adopt({order(wrong.url())}, "");
    while (wrong.questions() == 0) std::this_thread::sleep_for(5ms);
    const auto good = order(right.url());
    tested->adopt({order(wrong.url()), good}, "");
    EXPECT_EQ(published_as(0).first, good->id);
    tested->stop();
    EXPECT_EQ(published.size(), 1U);
}

TEST_F(stapler_test, takes_back_a_files_response_that_has_ended) {
    auto of_file = std::make_shared<certs::staple_order>(*order("http://127.0.0.1:1"));
    of_file->responder.reset();
    auto short_lived = std::make_shared<certs::staple>();
    short_lived->next_update = std::chrono::system_clock::now() + 200ms;
    of_file->first = short_lived;
    tested->adopt({of_file}, "");
    EXPECT_EQ(published_as(0), std::pair(of_file->id, certs::staple_ptr()));
    EXPECT_GE(std::chrono::system_clock::now(), short_lived->next_update);
}

TEST_F(stapler_test, stops_while_a_responder_is_silent) {
    const responder silent({});
    tested->adopt({order(silent.url())}, "");
    while (silent.questions() == 0) std::this_thread::sleep_for(5ms);
    const auto begun = std::chrono::steady_clock::now();
    tested->stop();
    EXPECT_LT(std::chrono::steady_clock::now() - begun, 10s);
    EXPECT_TRUE(published.empty());
}
