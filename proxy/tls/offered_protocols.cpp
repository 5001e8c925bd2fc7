#include "proxy/tls/offered_protocols.hpp"

#include "proxy/tls/client_hello.hpp"

#include <algorithm>

namespace postern::tls {

void offered_protocols::keep(std::span<const std::uint8_t> alpn) {
    std::size_t whole = 0;
    while (whole < alpn.size() && whole + 1 + alpn[whole] <= room) whole += 1U + alpn[whole];
    std::copy_n(alpn.begin(), whole, list_.begin());
    size_ = static_cast<std::uint8_t>(whole);
    cut_ = whole < alpn.size();
}

std::vector<std::string_view> offered_protocols::names() const {
    auto all = tls::names(std::span(list_).first(size_));
    if (cut_) all.emplace_back("...");
    return all;
}

}  // namespace postern::tls
