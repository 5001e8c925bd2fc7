// Where cross-field rules say what is wrong; beneath check.cpp alone.
#pragma once

#include "config/document.hpp"

#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace postern::config {

class complaints {
public:
    explicit complaints(document& doc);

    void refuse(const std::string& key, std::string what, std::string found = {}, std::string allowed = {},
                std::string suggestion = {});

    // For what is missing: nothing is said where `key` was written but could not be read, which has been said already.
    void refuse_absent(const std::string& inside, std::string_view key, std::string what, std::string allowed);

    // Whether `key` stands in a file, with its default or another value.
    [[nodiscard]] bool written(const std::string& key) const;

    // Whether an error is known of this key, of one inside it or of one around it.
    [[nodiscard]] bool unread(const std::string& key) const;

private:
    document& doc_;
    std::set<std::string, std::less<>> unread_;  // keys of the errors that came before the rules
};

// "servers[3]".
[[nodiscard]] std::string server_key(std::size_t server);

// What a server may say about its clients' certificates.
void check_clients(const server& s, const std::string& key, complaints& say);

// What a server and its locations may say about HTTP, beyond the ways to answer.
void check_http(const server& s, const std::string& key, complaints& say);

// The port that `redirect` leads to; nothing when it is none.
[[nodiscard]] std::optional<unsigned long> redirect_port(std::string_view redirect);

// What an ssl block says about OCSP stapling.
void check_stapling(const ssl& s, const std::string& key, complaints& say);

// What several servers say about one session cache must fit together.
void check_caches(const settings& all, complaints& say);

// Where ticket keys come from, and how many of them sessions need.
void check_tickets(const settings& all, complaints& say);

// What several servers, and the admin listener, say about one address must fit together.
void check_addresses(const settings& all, complaints& say);

}  // namespace postern::config
