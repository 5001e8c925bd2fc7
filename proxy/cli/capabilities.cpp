#include "proxy/cli/capabilities.hpp"

#include "certs/policy.hpp"
#include "proxy/net/socket.hpp"
#include "proxy/tls/key_offer.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <openssl/opensslv.h>
#include <openssl/ssl.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>
#ifdef __x86_64__
#include <cpuid.h>
#endif

namespace postern::cli {
namespace {

using table = std::vector<capability>;

void add_build(table& all) {
#ifdef NDEBUG
    constexpr bool checked = false;
#else
    constexpr bool checked = true;
#endif
#ifdef __SANITIZE_ADDRESS__
    constexpr bool address = true;
#else
    constexpr bool address = false;
#endif
#ifdef __SANITIZE_THREAD__
    constexpr bool thread = true;
#else
    constexpr bool thread = false;
#endif
    all.push_back({"build", "assertions", checked});
    all.push_back({"build", "sanitizer", address || thread, address ? "address" : thread ? "thread" : ""});
    all.push_back({"build", "compiler", true, __VERSION__});
}

#ifdef __x86_64__
struct leaf {
    unsigned a = 0, b = 0, c = 0, d = 0;
};

leaf cpuid(unsigned which, unsigned sub = 0) {
    leaf l;
    // 0 for a leaf that the CPU does not have: then no bit is set.
    __get_cpuid_count(which, sub, &l.a, &l.b, &l.c, &l.d);
    return l;
}

void add_cpu(table& all) {
    const auto one = cpuid(1);
    const auto seven = cpuid(7);
    const auto bit = [](unsigned word, unsigned n) { return ((word >> n) & 1U) != 0; };
    // AVX registers also need a kernel that saves them; GCC's own test asks for both.
    __builtin_cpu_init();
    all.push_back({"cpu", "aes", bit(one.c, 25), "AES-NI"});
    all.push_back({"cpu", "pclmul", bit(one.c, 1), "GHASH"});
    all.push_back({"cpu", "sha", bit(seven.b, 29), "SHA-NI"});
    all.push_back({"cpu", "avx2", __builtin_cpu_supports("avx2") != 0});
    all.push_back({"cpu", "avx512", __builtin_cpu_supports("avx512f") != 0});
    all.push_back({"cpu", "vaes", bit(seven.c, 9) && __builtin_cpu_supports("avx2") != 0, "AES on wide registers"});
}
#else
void add_cpu(table&) {}
#endif

std::string cpus() {
    cpu_set_t set;
    CPU_ZERO(&set);
    if (::sched_getaffinity(0, sizeof set, &set) != 0) return std::strerror(errno);
    return std::to_string(CPU_COUNT(&set)) + " usable; `workers: auto` is as many";
}

std::string open_files() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return std::strerror(errno);
    const auto text = [](rlim_t n) { return n == RLIM_INFINITY ? std::string("unlimited") : std::to_string(n); };
    return text(limit.rlim_cur) + ", at most " + text(limit.rlim_max);
}

capability ktls() {
    // Attaching it to a socket would have the kernel load the module: too much for a question.
    std::ifstream list("/proc/sys/net/ipv4/tcp_available_ulp");
    for (std::string word; list >> word;)
        if (word == "tls") return {"kernel", "ktls", true};
    return {"kernel", "ktls", false, "the tls module is not loaded"};
}

capability landlock() {
    const auto abi = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
    if (abi < 0) return {"kernel", "landlock", false, std::strerror(errno)};
    return {"kernel", "landlock", true, "ABI " + std::to_string(abi)};
}

capability seccomp() {
    unsigned action = SECCOMP_RET_ERRNO;
    const bool there = ::syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
    return {"kernel", "seccomp", there, there ? "" : std::strerror(errno)};
}

void add_kernel(table& all) {
    utsname name{};
    ::uname(&name);
    all.push_back({"kernel", "release", true, std::string(name.release) + " " + name.machine});
    all.push_back({"kernel", "cpus", true, cpus()});
    all.push_back({"kernel", "open files", true, open_files()});
    const net::unique_fd v6(::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
    all.push_back({"kernel", "ipv6", v6.value() >= 0, v6.value() >= 0 ? "" : std::strerror(errno)});
    all.push_back(ktls());
    all.push_back(landlock());
    all.push_back(seccomp());
}

void add_openssl(table& all) {
    certs::library library;
    const auto keys = tls::offer_key_schedule(library);
    all.push_back({"openssl", "fips", library.fips()});
    all.push_back({"openssl", "openssl.cnf", library.trouble().empty(), library.trouble()});
#ifdef OPENSSL_NO_KTLS
    all.push_back({"openssl", "ktls", false, "built without it"});
#else
    all.push_back({"openssl", "ktls", true});
#endif
    all.push_back({"openssl", "key schedule", keys.accepted, keys.accepted ? "postern's, for TLS 1.3" : keys.why});
    const auto groups = certs::known_groups(library);
    for (const std::string name : {"X25519", "prime256v1", "X25519MLKEM768"}) {
        const bool there = std::find(groups.begin(), groups.end(), name) != groups.end();
        all.push_back({"openssl", name, there, there ? "" : "this OpenSSL does not have the group"});
    }
    std::string list;
    for (const auto& g : groups) list += (list.empty() ? "" : ":") + g;
    all.push_back({"openssl", "groups", !groups.empty(), list});
}

void pad(std::string& line, std::string_view text, std::size_t width) {
    line += text;
    line.append(width > text.size() ? width - text.size() : 1, ' ');
}

}  // namespace

std::vector<capability> capabilities() {
    table all;
    add_build(all);
    add_cpu(all);
    add_kernel(all);
    add_openssl(all);
    return all;
}

std::string to_text(const std::vector<capability>& all) {
    std::size_t widest = 0;
    for (const auto& c : all) widest = std::max(widest, c.name.size());
    std::string text;
    for (const auto& c : all) {
        std::string line;
        pad(line, c.part, 9);
        pad(line, c.name, widest + 2);
        pad(line, c.there ? "yes" : "no", 5);
        line += c.detail;
        line.erase(line.find_last_not_of(' ') + 1);
        text += line + "\n";
    }
    return text;
}

}  // namespace postern::cli
