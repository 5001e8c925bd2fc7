#include "proxy/tls/traffic_secrets.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <string_view>

namespace postern::tls {
namespace {

thread_local traffic_secrets* listener = nullptr;

}  // namespace

traffic_secrets::~traffic_secrets() {
    for (auto* s : {&client_, &server_, &resumption_}) OPENSSL_cleanse(s->data(), s->size());
}

void traffic_secrets::set(key_schedule::bytes client, key_schedule::bytes server, key_schedule::bytes resumption,
                          OSSL_LIB_CTX* context) {
    std::ranges::copy(client, client_.begin());
    std::ranges::copy(server, server_.begin());
    std::ranges::copy(resumption, resumption_.begin());
    size_ = static_cast<std::uint8_t>(client.size());
    known_ = {true, true, true, true};
    context_ = context;
}

void traffic_secrets::note(const key_request& request, key_schedule::bytes derived, OSSL_LIB_CTX* context) {
    known_.any = true;
    if (request.extract || derived.size() > sizeof(secret)) return;
    const auto& name = request.label.name;
    const std::string_view label(reinterpret_cast<const char*>(name.data()), name.size());
    const auto keep = [&](secret& as, bool& known) {
        std::ranges::copy(derived, as.begin());
        known = true;
    };
    if (label == "c ap traffic")
        keep(client_, known_.client);
    else if (label == "s ap traffic")
        keep(server_, known_.server);
    else if (label == "res master")
        keep(resumption_, known_.resumption);
    else
        return;
    size_ = static_cast<std::uint8_t>(derived.size());
    context_ = context;
}

listening::listening(traffic_secrets* to) : before_(listener) { listener = to; }

listening::~listening() { listener = before_; }

bool keys_are_ours() { return listener != nullptr && listener->is_told(); }

void tell_of_key(const key_request& request, key_schedule::bytes derived, OSSL_LIB_CTX* context) {
    if (listener != nullptr) listener->note(request, derived, context);
}

}  // namespace postern::tls
