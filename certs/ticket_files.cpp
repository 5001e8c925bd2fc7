#include "certs/ticket_files.hpp"

#include "certs/file.hpp"
#include "certs/ticket_secret.hpp"
#include "certs/words.hpp"

#include <algorithm>

namespace postern::certs {
namespace {

using config::problems;

// Calls use(content, key) for each file that can be read; `setting` is what names them. False: one cannot.
template <class Use>
bool for_each_file(const std::vector<std::string>& files, const std::string& setting, problems& found, Use&& use) {
    bool all_read = true;
    for (std::size_t i = 0; i < files.size(); ++i) {
        const std::string key = setting + "[" + std::to_string(i) + "]";
        auto file = read_file(files[i]);
        if (!file.error.empty()) {
            refuse(found, key, file.error, files[i]);
            all_read = false;
            continue;
        }
        if (file.readable_by_others) warn(found, key, "every user of this machine can read it: chmod o-rwx", files[i]);
        all_read = use(std::move(file.content), key, files[i]) && all_read;
    }
    return all_read;
}

std::string bytes_text(std::size_t n) { return std::to_string(n) + (n == 1 ? " byte" : " bytes"); }

}  // namespace

std::shared_ptr<ticket_source> read_ticket_keys(const std::vector<std::string>& files, problems& found) {
    std::vector<ticket_key_ptr> keys;
    const auto add = [&](secret content, const std::string& key, const std::string& file) {
        const auto size = content.bytes().size();
        auto made = ticket_key::of(std::move(content));
        if (!made) {
            refuse(found, key, "a ticket key of " + bytes_text(size), file,
                   "80 bytes (openssl rand 80) or, for AES-128, 48");
            return false;
        }
        for (const auto& other : keys)
            if (std::equal(made->name().begin(), made->name().end(), other->name().begin()))
                warn(found, key, "a key before it has the same name, so that this one opens nothing", file);
        keys.push_back(std::make_shared<const ticket_key>(std::move(*made)));
        return true;
    };
    if (!for_each_file(files, "session_ticket_key", found, add) || keys.empty()) return nullptr;
    return fixed_tickets(std::make_shared<const ticket_keys>(std::move(keys)));
}

std::shared_ptr<ticket_source> read_ticket_secrets(const std::vector<std::string>& files, problems& found) {
    std::vector<secret> secrets;
    const auto add = [&](secret content, const std::string& key, const std::string& file) {
        const auto size = content.bytes().size();
        if (size < least_ticket_secret) {
            refuse(found, key, "a secret of " + bytes_text(size), file, "32 random bytes or more (openssl rand 32)");
            return false;
        }
        secrets.push_back(std::move(content));
        return true;
    };
    if (!for_each_file(files, "session_ticket_secret", found, add) || secrets.empty()) return nullptr;
    return derived_tickets(std::move(secrets));
}

}  // namespace postern::certs
