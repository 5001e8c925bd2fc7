#include "certs/pem.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <cstring>

namespace postern::certs {
namespace {

bio_ptr memory(std::string_view text) { return bio_ptr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))); }

struct passphrase_turn {
    const std::vector<std::string_view>& all;
    std::size_t next;
    bool asked = false;
};

int give_passphrase(char* into, int size, int, void* data) {
    auto& turn = *static_cast<passphrase_turn*>(data);
    turn.asked = true;
    if (turn.next >= turn.all.size()) return -1;
    const auto phrase = turn.all[turn.next];
    if (phrase.size() > static_cast<std::size_t>(size)) return -1;
    std::memcpy(into, phrase.data(), phrase.size());
    return static_cast<int>(phrase.size());
}

// OpenSSL's own default would ask on the terminal.
int give_none(char*, int, int, void*) { return -1; }

// OpenSSL's readers go on to the next object of their kind, and fail in one way where there is none.
template <class Pointer, class Read>
std::vector<Pointer> read_all(std::string_view pem, Read read, const std::string& what, std::string& damage) {
    std::vector<Pointer> all;
    const auto in = memory(pem);
    while (auto* next = read(in.get(), nullptr, give_none, nullptr)) all.emplace_back(next);
    const unsigned long error = ERR_peek_last_error();
    const std::string words = take_errors();
    if (ERR_GET_LIB(error) != ERR_LIB_PEM || ERR_GET_REASON(error) != PEM_R_NO_START_LINE)
        damage = what + " " + std::to_string(all.size() + 1) + " in it is damaged: " + words;
    return all;
}

}  // namespace

std::vector<x509_ptr> read_certificates(std::string_view pem, std::string& damage) {
    return read_all<x509_ptr>(pem, PEM_read_bio_X509, "certificate", damage);
}

std::vector<crl_ptr> read_revocation_lists(std::string_view pem, std::string& damage) {
    return read_all<crl_ptr>(pem, PEM_read_bio_X509_CRL, "revocation list", damage);
}

std::vector<x509_ptr> read_chain(std::string_view pem, const reporter& report) {
    std::string damage;
    auto chain = read_certificates(pem, damage);
    if (!damage.empty()) {
        report.certificate_error(std::move(damage));
        return {};
    }
    if (chain.empty())
        report.certificate_error(pem.empty() ? "the file is empty" : "no certificate in it",
                                 "PEM: -----BEGIN CERTIFICATE-----, the server's own first");
    return chain;
}

pkey_ptr read_key(std::string_view pem, const std::vector<std::string_view>& passphrases, const reporter& report) {
    static constexpr auto form = "PEM: -----BEGIN PRIVATE KEY-----";
    for (std::size_t i = 0; i == 0 || i < passphrases.size(); ++i) {
        passphrase_turn turn{passphrases, i};
        const auto in = memory(pem);
        pkey_ptr key(PEM_read_bio_PrivateKey(in.get(), nullptr, give_passphrase, &turn));
        const std::string words = take_errors();
        if (key) return key;
        if (turn.asked) continue;
        if (pem.empty())
            report.key_error("the file is empty", form);
        else if (pem.find("PRIVATE KEY-----") == std::string_view::npos)
            report.key_error("no private key in it", form);
        else
            report.key_error("the private key in it is damaged: " + words, form);
        return nullptr;
    }
    if (passphrases.empty())
        report.key_error("the key is encrypted and there is no passphrase for it", "password_file: its passphrase");
    else
        report.key_error("the key is encrypted and no passphrase of password_file opens it");
    return nullptr;
}

std::vector<std::string_view> split_passphrases(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        auto line = text.substr(0, end);
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (!line.empty()) lines.push_back(line);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

}  // namespace postern::certs
