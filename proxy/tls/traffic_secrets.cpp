#include "proxy/tls/traffic_secrets.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <string_view>

namespace postern::tls {
namespace {

thread_local traffic_secrets* listener = nullptr;

}  // namespace

traffic_secrets::~traffic_secrets() { forget(); }

void traffic_secrets::forget() {
    OPENSSL_cleanse(client_.data(), client_.size());
    OPENSSL_cleanse(server_.data(), server_.size());
    has_client_ = has_server_ = false;
}

void traffic_secrets::note(const key_request& request, key_schedule::bytes derived, OSSL_LIB_CTX* context) {
    if (request.extract) return;
    const auto& name = request.label.name;
    const std::string_view label(reinterpret_cast<const char*>(name.data()), name.size());
    if (label == "traffic upd") return forget();
    const bool clients = label == "c ap traffic";
    if ((!clients && label != "s ap traffic") || derived.size() > client_.size()) return;
    std::ranges::copy(derived, (clients ? client_ : server_).begin());
    (clients ? has_client_ : has_server_) = true;
    size_ = static_cast<std::uint8_t>(derived.size());
    context_ = context;
}

listening::listening(traffic_secrets* to) : before_(listener) { listener = to; }

listening::~listening() { listener = before_; }

void tell_of_key(const key_request& request, key_schedule::bytes derived, OSSL_LIB_CTX* context) {
    if (listener != nullptr) listener->note(request, derived, context);
}

}  // namespace postern::tls
