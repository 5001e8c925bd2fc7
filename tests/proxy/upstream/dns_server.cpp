#include "tests/proxy/upstream/dns_server.hpp"

#include <stdexcept>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

namespace postern::upstream {
namespace {

constexpr std::uint16_t type_a = 1;
constexpr std::uint16_t type_cname = 5;
constexpr std::uint16_t type_aaaa = 28;
constexpr std::size_t header_size = 12;

std::string number(std::uint32_t value, int width) {
    std::string made;
    while (width-- > 0) made.push_back(static_cast<char>(value >> (8 * width) & 0xff));
    return made;
}

// "a.example" as length-prefixed labels.
std::string labels(const std::string& name) {
    std::string made;
    for (std::size_t at = 0; at < name.size();) {
        const std::size_t dot = std::min(name.find('.', at), name.size());
        made += number(static_cast<std::uint32_t>(dot - at), 1) + name.substr(at, dot - at);
        at = dot + 1;
    }
    return made + '\0';
}

std::string record(const std::string& name, std::uint16_t type, std::uint32_t ttl, const std::string& data) {
    return labels(name) + number(type, 2) + number(1, 2) + number(ttl, 4) +
           number(static_cast<std::uint32_t>(data.size()), 2) + data;
}

std::string packed(int family, const std::string& address) {
    unsigned char raw[16];
    if (::inet_pton(family, address.c_str(), raw) != 1) throw std::invalid_argument(address);
    return {reinterpret_cast<const char*>(raw), family == AF_INET ? 4u : 16u};
}

}  // namespace

dns_server::dns_server(zone names) : names_(std::move(names)), socket_(::socket(AF_INET, SOCK_DGRAM, 0)) {
    sockaddr_in any{};
    any.sin_family = AF_INET;
    any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::bind(socket_.value(), reinterpret_cast<const sockaddr*>(&any), sizeof any) != 0)
        throw std::runtime_error("no UDP port on loopback");
    thread_ = std::thread([this] { run(); });
}

dns_server::~dns_server() {
    stopping_ = true;
    thread_.join();
}

std::string dns_server::address() const {
    sockaddr_in own{};
    socklen_t size = sizeof own;
    ::getsockname(socket_.value(), reinterpret_cast<sockaddr*>(&own), &size);
    return "127.0.0.1:" + std::to_string(ntohs(own.sin_port));
}

void dns_server::run() {
    while (!stopping_) {
        pollfd waiting{socket_.value(), POLLIN, 0};
        if (::poll(&waiting, 1, 10) != 1) continue;
        char buffer[512];
        sockaddr_in client{};
        socklen_t size = sizeof client;
        const auto n =
            ::recvfrom(socket_.value(), buffer, sizeof buffer, 0, reinterpret_cast<sockaddr*>(&client), &size);
        if (n < static_cast<ssize_t>(header_size)) continue;
        ++questions_;
        const std::string reply = answer_to({buffer, static_cast<std::size_t>(n)});
        if (!reply.empty())
            ::sendto(socket_.value(), reply.data(), reply.size(), 0, reinterpret_cast<const sockaddr*>(&client), size);
    }
}

std::string dns_server::answer_to(const std::string& question) const {
    std::string name;
    std::size_t at = header_size;
    for (; question.at(at) != 0; at += static_cast<std::size_t>(question.at(at)) + 1)
        name += (name.empty() ? "" : ".") + question.substr(at + 1, static_cast<std::size_t>(question[at]));
    const auto type = static_cast<unsigned char>(question.at(at + 2));
    const std::string asked = question.substr(header_size, at + 5 - header_size);

    const auto found = names_.find(name);
    if (found != names_.end() && found->second.silent) return {};
    std::string records;
    std::uint32_t count = 0;
    const auto add = [&](const std::string& r) {
        records += r;
        ++count;
    };
    if (found != names_.end()) {
        const auto& entry = found->second;
        const std::string& owner = entry.alias.empty() ? name : entry.alias;
        if (!entry.alias.empty()) add(record(name, type_cname, entry.alias_ttl, labels(entry.alias)));
        if (type == type_a)
            for (const auto& a : entry.ipv4) add(record(owner, type_a, entry.ttl, packed(AF_INET, a)));
        if (type == type_aaaa)
            for (const auto& a : entry.ipv6) add(record(owner, type_aaaa, entry.ttl, packed(AF_INET6, a)));
    }
    constexpr std::uint32_t authoritative_answer = 0x8580;
    constexpr std::uint32_t no_such_name = 3;
    return question.substr(0, 2) + number(authoritative_answer | (found == names_.end() ? no_such_name : 0), 2) +
           number(1, 2) + number(count, 2) + number(0, 4) + asked + records;
}

}  // namespace postern::upstream
