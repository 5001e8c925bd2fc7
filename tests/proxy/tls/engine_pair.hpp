// An engine and OpenSSL's own client, in memory, with the bytes between them in the test's hands.
#pragma once

#include "certs/context.hpp"
#include "certs/make.hpp"
#include "proxy/tls/engine.hpp"
#include "proxy/tls/provider.hpp"

#include <ctime>
#include <string>
#include <vector>

namespace postern::tls::test_pair {

using bytes = std::vector<std::uint8_t>;

[[nodiscard]] const certs::library& library();
// A server context with an ECDSA certificate for localhost, the given settings and, as in the daemon, our key schedule.
// `now` is its wall clock, the real one unless given.
[[nodiscard]] certs::server_context
make_server(const config::ssl& settings = {}, const char* properties = provider_query, std::time_t (*now)() = nullptr);
// ... whose handshakes are done without libssl where they can be. Servers with the same kinds of keys have the same
// certificates.
struct own_server {
    config::ssl settings = {};
    std::vector<certs::key_kind> kinds = {certs::key_kind::ec_p256};
    std::shared_ptr<const certs::ticket_keys> tickets = nullptr;  // null: keys of its own
    std::time_t (*now)() = nullptr;
    bool own = true;                                                // false: by libssl all the same
    std::vector<std::shared_ptr<certs::staple_slot>> staples = {};  // of each certificate, null where there is none
    std::vector<std::shared_ptr<const certs::identity>> identities = {};  // in place of those of `kinds`
};
[[nodiscard]] certs::server_context make_own_server(const own_server& wanted = {});
[[nodiscard]] certs::ssl_ctx_ptr make_client(int lowest = TLS1_2_VERSION, int highest = TLS1_3_VERSION);

class client {
public:
    explicit client(SSL_CTX* context, const std::string& name = "localhost");

    // One step of the handshake; true when it is done. What it wrote is in sent().
    void mean(std::string name);  // the SNI of the next hello
    bool shake();
    void hear(const bytes& from_server);
    [[nodiscard]] bytes sent();  // takes what the client has written
    void say(const std::string& text);
    [[nodiscard]] std::string heard();  // decrypts what there is
    [[nodiscard]] bool told_to_close() const;
    [[nodiscard]] std::string alert() const { return alert_; }  // the alert that ended it, in OpenSSL's words
    [[nodiscard]] SSL* ssl() const { return ssl_.get(); }
    void close();

private:
    certs::ssl_ptr ssl_;
    BIO* in_ = nullptr;   // owned by ssl_
    BIO* out_ = nullptr;  // owned by ssl_
    std::string alert_;
};

// The engine's handshake with `input`, and room for output in pieces of `room` bytes.
struct turn {
    step status;
    bytes output;
    bytes unread = {};  // to be fed again, with what follows
};
[[nodiscard]] turn shake(engine& e, const bytes& input, std::size_t room = 32 * 1024);
[[nodiscard]] turn say(engine& e, const std::string& text, std::size_t room = 32 * 1024);
// Decrypts `input`; appends to `text`.
[[nodiscard]] turn hear(engine& e, const bytes& input, std::string& text);

// Who serves a connection: OpenSSL in a version, OpenSSL and after the handshake our records, or we alone.
enum class served_by { tls_1_2, tls_1_3, our_records, ourselves };

// A finished pair. The client has heard all that the server said.
struct pair {
    certs::server_context server_context;
    certs::ssl_ctx_ptr client_context;
    std::unique_ptr<engine> server;
    std::unique_ptr<client> peer;
};
[[nodiscard]] pair connect(const config::ssl& settings = {}, served_by by = served_by::our_records);
// A question of the client's and the answer, whole.
void exchange(pair& p, const std::string& question = "question", const std::string& answer = "answer");
[[nodiscard]] pair connect(certs::server_context server_context, certs::ssl_ctx_ptr client_context);

}  // namespace postern::tls::test_pair
