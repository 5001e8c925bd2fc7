#include "certs/commands.hpp"

#include "certs/words.hpp"

namespace postern::certs {
namespace {

// What they do to a context is what this program expects of one, whatever their value.
constexpr std::array allowed{"Options", "Ciphersuites",        "Curves",
                             "Groups",  "SignatureAlgorithms", "ClientSignatureAlgorithms"};

struct other_key {
    const char* command;
    const char* key;
};
constexpr std::array with_keys{other_key{"CipherString", "ciphers"},
                               other_key{"Protocol", "protocols"},
                               other_key{"MinProtocol", "protocols"},
                               other_key{"MaxProtocol", "protocols"},
                               other_key{"DHParameters", "dhparam"},
                               other_key{"Certificate", "certificate"},
                               other_key{"PrivateKey", "certificate_key"},
                               other_key{"VerifyMode", "verify_client"},
                               other_key{"ClientCAFile", "client_certificate"},
                               other_key{"RequestCAFile", "client_certificate"}};

// What harden() in context.cpp sets and clears for good.
constexpr std::uint64_t for_good = SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_IGNORE_UNEXPECTED_EOF |
                                   SSL_OP_ALLOW_UNSAFE_LEGACY_RENEGOTIATION;

struct free_conf {
    void operator()(SSL_CONF_CTX* c) const { SSL_CONF_CTX_free(c); }
};

// SSL_CONF_cmd takes names in any case.
bool same(const std::string& name, const char* command) { return folded(name) == folded(command); }

// The key that stands for this command, or null.
const char* key_for(const std::string& name) {
    for (const auto& row : with_keys)
        if (same(name, row.command)) return row.key;
    return nullptr;
}

// What is wrong, or nothing.
std::string run(SSL_CONF_CTX* conf, SSL_CTX* context, const std::string& name, const std::string& value) {
    const auto before = SSL_CTX_get_options(context) & for_good;
    const int done = SSL_CONF_cmd(conf, name.c_str(), value.empty() ? nullptr : value.c_str());
    if (done == -2) return "a command that this build does not know";
    if (done == -3) return "a command without a value";
    if (done <= 0) return "OpenSSL refuses it: " + take_errors();
    if ((SSL_CTX_get_options(context) & for_good) == before) return {};
    return "there is no compression here, no renegotiation and no end without close_notify";
}

}  // namespace

void apply_commands(SSL_CTX* context, const config::ssl& settings, config::problems& found) {
    if (settings.conf_command.empty()) return;
    const std::unique_ptr<SSL_CONF_CTX, free_conf> conf(SSL_CONF_CTX_new());
    SSL_CONF_CTX_set_flags(conf.get(), SSL_CONF_FLAG_FILE | SSL_CONF_FLAG_SERVER | SSL_CONF_FLAG_SHOW_ERRORS);
    SSL_CONF_CTX_set_ssl_ctx(conf.get(), context);
    for (std::size_t i = 0; i < settings.conf_command.size(); ++i) {
        const std::string& whole = settings.conf_command[i];
        const std::string key = "conf_command[" + std::to_string(i) + "]";
        const std::string name = whole.substr(0, whole.find(' '));
        const auto begin = whole.find_first_not_of(' ', name.size());
        if (const char* other = key_for(name)) {
            refuse(found, key, std::string("a command that has a key of its own: ") + other, whole);
        } else if (std::none_of(allowed.begin(), allowed.end(), [&](const char* one) { return same(name, one); })) {
            refuse(found, key, "no command that may stand here", whole, "NAME VALUE, with " + join(allowed, ", "));
        } else {
            const auto wrong = run(conf.get(), context, name, begin == std::string::npos ? "" : whole.substr(begin));
            if (!wrong.empty()) refuse(found, key, wrong, whole);
        }
    }
    if (SSL_CONF_CTX_finish(conf.get()) != 1) refuse(found, "conf_command", take_errors());
}

}  // namespace postern::certs
