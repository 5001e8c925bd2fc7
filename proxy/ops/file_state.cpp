#include "proxy/ops/file_state.hpp"

#include "certs/file.hpp"
#include "proxy/net/socket.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <filesystem>
#include <memory>
#include <set>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace postern::ops {
namespace {

constexpr std::int64_t second = 1'000'000'000;
// The coarsest time that a file system keeps (FAT): two writes within it may look like one.
constexpr std::int64_t coarsest_time = 2 * second;
constexpr std::size_t most_named = 3;

std::int64_t nanoseconds(const timespec& t) { return t.tv_sec * second + t.tv_nsec; }

std::int64_t now() {
    timespec t{};
    ::clock_gettime(CLOCK_REALTIME, &t);
    return nanoseconds(t);
}

class digest {
public:
    digest() : context_(EVP_MD_CTX_new()) { EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr); }
    void add(const void* bytes, std::size_t size) { EVP_DigestUpdate(context_.get(), bytes, size); }
    void end(std::array<unsigned char, 32>& into) { EVP_DigestFinal_ex(context_.get(), into.data(), nullptr); }

private:
    struct free_context {
        void operator()(EVP_MD_CTX* c) const { EVP_MD_CTX_free(c); }
    };
    std::unique_ptr<EVP_MD_CTX, free_context> context_;
};

void describe(const struct stat& facts, file_state& s) {
    s.inode = facts.st_ino;
    s.size = facts.st_size;
    s.changed = nanoseconds(facts.st_mtim);
    s.young = now() - s.changed < coarsest_time;
}

void read_names(const std::string& folder, file_state& s) {
    std::set<std::string> names;
    std::error_code error;
    std::filesystem::directory_iterator at(folder, error);
    for (; !error && at != std::filesystem::directory_iterator(); at.increment(error))
        if (auto name = at->path().filename().string(); matches(name, s.names)) names.insert(std::move(name));
    if (error) s.error = error.value();
    digest all;
    all.add("/", 1);  // an empty folder is no empty file
    for (const auto& name : names) all.add(name.c_str(), name.size() + 1);
    all.end(s.digest);
}

// Any of them may be a key. A file may have grown since its size was asked for, and some (proc(5)) do not tell it.
void read_bytes(int fd, file_state& s) {
    std::array<unsigned char, 16 * 1024> bytes{};
    digest all;
    constexpr auto most = static_cast<std::int64_t>(certs::largest_file);
    auto left = s.size <= most ? most : -1;
    ssize_t got = 0;
    while (left >= 0 && (got = ::read(fd, bytes.data(), bytes.size())) != 0) {
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) s.error = errno;
        if (got < 0) break;
        all.add(bytes.data(), static_cast<std::size_t>(got));
        left -= got;
    }
    if (left < 0)
        for (const std::int64_t fact : {static_cast<std::int64_t>(s.inode), s.size, s.changed})
            all.add(&fact, sizeof fact);
    OPENSSL_cleanse(bytes.data(), bytes.size());
    all.end(s.digest);
}

file_state look_at(const std::string& path, const name_patterns& names, const file_state* before) {
    file_state s;
    s.names = names;
    struct stat facts {};
    if (::stat(path.c_str(), &facts) != 0 || ::faccessat(AT_FDCWD, path.c_str(), R_OK, AT_EACCESS) != 0) {
        s.error = errno;
        return s;
    }
    describe(facts, s);
    const bool untouched = before != nullptr && before->error == 0 && !before->young && before->inode == s.inode &&
                           before->size == s.size && before->changed == s.changed && before->names == s.names;
    if (untouched) {
        s.digest = before->digest;
    } else if (S_ISDIR(facts.st_mode)) {
        read_names(path, s);
    } else if (S_ISREG(facts.st_mode)) {
        // What has become a pipe by now is not waited for.
        const net::unique_fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
        if (file.value() < 0 || ::fstat(file.value(), &facts) != 0) {
            s.error = errno;
            return s;
        }
        describe(facts, s);
        if (S_ISREG(facts.st_mode)) read_bytes(file.value(), s);
    }
    return s;
}

}  // namespace

file_states look(const watched_paths& paths, const file_states& before) {
    file_states all;
    for (const auto& [path, names] : paths) {
        const auto known = before.find(path);
        all.emplace_hint(all.end(), path, look_at(path, names, known == before.end() ? nullptr : &known->second));
    }
    return all;
}

file_states look_again(const file_states& before) {
    file_states all;
    for (const auto& [path, state] : before) all.emplace_hint(all.end(), path, look_at(path, state.names, &state));
    return all;
}

std::vector<std::string> changed_files(const file_states& from, const file_states& to) {
    std::vector<std::string> paths;
    for (const auto& [path, state] : to) {
        const auto before = from.find(path);
        if (before == from.end() || !before->second.same_content(state)) paths.push_back(path);
    }
    for (const auto& [path, state] : from)
        if (!to.contains(path)) paths.push_back(path);
    return paths;
}

std::string list_of(const std::vector<std::string>& paths) {
    std::string text;
    for (std::size_t i = 0; i < std::min(paths.size(), most_named); ++i) text += (i == 0 ? "" : ", ") + paths[i];
    if (paths.size() > most_named) text += " and " + std::to_string(paths.size() - most_named) + " more";
    return text;
}

}  // namespace postern::ops
