#include "certs/staple_order.hpp"

#include "certs/facts.hpp"
#include "certs/file.hpp"
#include "certs/kept_staples.hpp"
#include "certs/words.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <algorithm>

namespace postern::certs {
namespace {

using config::problems;

constexpr long status_request = 5;  // of the TLS feature extension (RFC 7633)

x509_ptr parse(const der& certificate) {
    const auto* at = certificate.data();
    return x509_ptr(d2i_X509(nullptr, &at, static_cast<long>(certificate.size())));
}

// The certificates of a file of authorities; an error when there is none in it.
void read_authorities(const std::string& key, const std::string& path, std::vector<der>& into, problems& found) {
    if (path.empty()) return;
    const auto file = read_file(path);
    if (!file.error.empty()) return refuse(found, key, file.error, path);
    const auto text = file.content.text();
    const bio_ptr in(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
    const auto before = into.size();
    while (const x509_ptr next{PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr)})
        into.push_back(to_der(next.get()));
    ERR_clear_error();
    if (into.size() == before) refuse(found, key, "no certificate in it", path, "PEM: -----BEGIN CERTIFICATE-----");
}

bool issued(const der& issuer, X509* subject) {
    const auto parsed = parse(issuer);
    // The names may be equal and the keys not.
    const bool yes = parsed && X509_check_issued(parsed.get(), subject) == X509_V_OK &&
                     X509_verify(subject, X509_get0_pubkey(parsed.get())) == 1;
    ERR_clear_error();
    return yes;
}

bool must_staple(X509* certificate) {
    struct free_features {
        void operator()(TLS_FEATURE* f) const { TLS_FEATURE_free(f); }
    };
    const std::unique_ptr<TLS_FEATURE, free_features> features(
        static_cast<TLS_FEATURE*>(X509_get_ext_d2i(certificate, NID_tlsfeature, nullptr, nullptr)));
    bool yes = false;
    for (int i = 0; features && i < sk_ASN1_INTEGER_num(features.get()); ++i)
        yes = yes || ASN1_INTEGER_get(sk_ASN1_INTEGER_value(features.get(), i)) == status_request;
    ERR_clear_error();
    return yes;
}

// The first responder that the certificate names; empty when it names none.
std::string named_responder(X509* certificate) {
    struct free_list {
        void operator()(STACK_OF(OPENSSL_STRING) * all) const { X509_email_free(all); }
    };
    const std::unique_ptr<STACK_OF(OPENSSL_STRING), free_list> all(X509_get1_ocsp(certificate));
    ERR_clear_error();
    return all && sk_OPENSSL_STRING_num(all.get()) > 0 ? sk_OPENSSL_STRING_value(all.get(), 0) : "";
}

void add(std::string& digested, const der& bytes) {
    digested += std::to_string(bytes.size()) + ":";
    digested.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

std::string id_of(const staple_order& order) {
    std::string all = order.responder ? order.responder->authority + order.responder->target : std::string();
    all += "\n";
    add(all, order.about.leaf);
    add(all, order.about.issuer);
    for (const auto& one : order.about.between) add(all, one);
    all += "\n";
    for (const auto& one : order.about.trusted) add(all, one);
    return digest_text({reinterpret_cast<const std::uint8_t*>(all.data()), all.size()});
}

class order_maker {
public:
    order_maker(const config::ssl& settings, const std::string& folder, time_point now, problems& found)
        : settings_(settings), folder_(folder), now_(now), found_(found) {
        read_authorities("client_certificate", settings.client_certificate, authorities_, found_);
        read_authorities("trusted_certificate", settings.trusted_certificate, authorities_, found_);
        if (!settings.stapling_file.empty()) read_response(settings.stapling_file);
    }

    // Of the identity that stapling_file is about, without a look at responders. Null: another one's, or it is refused.
    std::shared_ptr<staple_order> of_file(const identity& of) {
        if (!file_) return nullptr;
        auto made = begin(of);
        if (!made) return nullptr;
        auto judged = judge_response(*file_, made->about, now_);
        if (!judged.made && !judged.untimely) {
            file_problem_ = judged.problem;
            return nullptr;
        }
        file_used_ = true;
        const auto& path = settings_.stapling_file;
        if (judged.untimely)
            warn(found_, "stapling_file", judged.problem + ": nothing is stapled", path);
        else if (judged.made->status == staple_status::revoked)
            refuse(found_, "stapling_file", "it says that the certificate is revoked", path);
        else
            made->first = std::move(judged.made);
        made->id = id_of(*made);
        return made;
    }

    void judge_file() {
        if (file_ && !file_used_ && !file_problem_.empty())
            refuse(found_, "stapling_file", file_problem_, settings_.stapling_file,
                   "an OCSP response in DER, for one of the certificates");
    }

    std::shared_ptr<staple_order> to_ask(const identity& of) {
        auto made = begin(of);
        if (!made) {
            warn(found_, "stapling",
                 "the issuer of " + of.subject +
                     " is neither in the chain nor in trusted_certificate: nothing is stapled");
            return nullptr;
        }
        const auto url = settings_.stapling_responder.empty() ? named_responder(parse(of.chain.front()).get())
                                                              : settings_.stapling_responder;
        made->responder = config::parse_http_url(url);
        if (!made->responder) {
            const std::string why = url.empty()
                                        ? " is unknown: neither the certificate nor stapling_responder names one"
                                        : " cannot be asked, which is done over plain http";
            warn(found_, "stapling", "the responder of " + of.subject + why + ": nothing is stapled", url);
            return nullptr;
        }
        made->id = id_of(*made);
        made->first = kept(*made);
        return made;
    }

private:
    void read_response(const std::string& path) {
        const auto file = read_file(path);
        if (!file.error.empty()) return refuse(found_, "stapling_file", file.error, path);
        const auto bytes = file.content.bytes();
        file_.emplace(bytes.begin(), bytes.end());
    }

    // Null: nobody is known to have issued it.
    std::shared_ptr<staple_order> begin(const identity& of) {
        const auto leaf = parse(of.chain.front());
        if (!leaf) return nullptr;
        auto made = std::make_shared<staple_order>();
        made->fingerprint = of.fingerprint;
        made->subject = of.subject;
        made->about.leaf = of.chain.front();
        for (const auto* where : {&of.chain, &std::as_const(authorities_)})
            for (const auto& one : *where)
                if (made->about.issuer.empty() && issued(one, leaf.get())) made->about.issuer = one;
        if (made->about.issuer.empty()) return nullptr;
        if (!settings_.stapling_verify) return made;
        made->about.between.assign(of.chain.begin() + 1, of.chain.end());
        made->about.trusted = authorities_;
        return made;
    }

    // What an earlier process has left, if it still holds.
    staple_ptr kept(const staple_order& order) {
        if (folder_.empty()) return nullptr;
        const auto left = read_kept(folder_, order.fingerprint);
        if (left.bytes.empty() && left.error.empty()) return nullptr;
        std::string problem = left.error;
        if (problem.empty()) {
            auto judged = judge_response(left.bytes, order.about, now_);
            // It is asked for again in any case, and who is out of time or revoked is no news here.
            if (judged.made) return judged.made->status == staple_status::good ? judged.made : nullptr;
            if (judged.untimely) return nullptr;
            problem = judged.problem;
        }
        warn(found_, "stapling", "a kept response is passed over: " + problem, kept_path(folder_, order.fingerprint));
        return nullptr;
    }

    const config::ssl& settings_;
    const std::string& folder_;
    time_point now_;
    problems& found_;
    std::vector<der> authorities_;
    std::optional<der> file_;  // of stapling_file
    bool file_used_ = false;
    std::string file_problem_;
};

}  // namespace

std::vector<staple_order_ptr> make_staple_orders(const config::ssl& settings,
                                                 const std::vector<std::shared_ptr<const identity>>& identities,
                                                 const std::string& state_directory, time_point now, problems& found) {
    std::vector<staple_order_ptr> orders(identities.size());
    if (settings.stapling) {
        order_maker make(settings, state_directory, now, found);
        for (std::size_t i = 0; i < identities.size(); ++i) orders[i] = make.of_file(*identities[i]);
        make.judge_file();
        for (std::size_t i = 0; i < identities.size(); ++i)
            if (!orders[i]) orders[i] = make.to_ask(*identities[i]);
    }
    for (std::size_t i = 0; i < identities.size(); ++i)
        if (!orders[i] && must_staple(parse(identities[i]->chain.front()).get()))
            warn(found, "stapling",
                 "the certificate of " + identities[i]->subject +
                     " demands stapling (RFC 7633): clients will refuse it");
    return orders;
}

}  // namespace postern::certs
