"""Who may include whom. The order of the rooms and what each may use from outside; test_rules.py applies it."""

from dataclasses import dataclass

# Outside libraries by the beginning of their headers' names. The first match counts; a header that none of these
# names is one of the standard library (no slash, no .h) or unknown, and unknown is refused everywhere.
LIBRARIES = {
    "openssl": ["openssl/"],
    "yaml-cpp": ["yaml-cpp/"],
    "spdlog": ["spdlog/"],
    "fmt": ["fmt/"],
    "c-ares": ["ares.h"],
    "prometheus": ["prometheus/"],
    "cli11": ["CLI/"],
    "googletest": ["gtest/", "gmock/"],
    "asio buffer": ["boost/asio/buffer.hpp"],
    # What moves work or completes it, without a descriptor in it.
    "asio execution": [f"boost/asio/{name}.hpp" for name in (
        "any_completion_handler", "as_tuple", "associated_executor", "async_result", "awaitable", "bind_executor",
        "co_spawn", "deferred", "detached", "dispatch", "executor_work_guard", "io_context", "post", "steady_timer",
        "this_coro")],
    "asio io": ["boost/asio/"],
    "beast http": ["boost/beast/http"],
    "beast": ["boost/beast/"],
    "boost json": ["boost/json"],
    "boost values": ["boost/intrusive/", "boost/smart_ptr/", "boost/system/", "boost/version.hpp"],
    "dynamic linker": ["dlfcn.h"],
    "text functions": ["arpa/inet.h"],  # inet_pton and its like: from text to bytes, no socket
    "allocator": ["mimalloc.h"],
    "files": ["fcntl.h", "fnmatch.h", "glob.h", "sys/inotify.h", "sys/mman.h", "sys/stat.h", "unistd.h"],
    "sockets": ["linux/sockios.h", "netinet/", "poll.h", "sys/epoll.h", "sys/eventfd.h", "sys/ioctl.h", "sys/socket.h",
                "sys/un.h"],
    "process": ["cpuid.h", "grp.h", "linux/landlock.h", "linux/seccomp.h", "pthread.h", "pwd.h", "sched.h", "signal.h",
                "sys/prctl.h", "sys/resource.h", "sys/syscall.h", "sys/time.h", "sys/utsname.h", "sys/wait.h",
                "sysexits.h"],
}

# Where the kernel is asked for something; none of it is in the rooms that only turn values into values.
SYSTEM = {"text functions", "files", "sockets", "process"}


@dataclass(frozen=True)
class Room:
    """A part of the tree. `path` ends with a slash for a folder, else it is the beginning of file names."""

    path: str
    rooms: frozenset
    libraries: frozenset
    sources_only: frozenset = frozenset()  # libraries that its headers do not show


def room(path, rooms, libraries, sources_only=()):
    return Room(path, frozenset({path, *rooms}), frozenset(libraries), frozenset(sources_only))


_values = ["counting/", "config/", "certs/"]
_protocol = [*_values, "proxy/failure", "proxy/wire/", "proxy/tls/"]
_traffic = [*_protocol, "proxy/net/", "proxy/upstream/", "proxy/ops/", "proxy/session/"]
_asio = {"asio buffer", "asio execution"}

# Lower first: a room includes itself and rooms above it in this list, never one below.
ROOMS = [
    room("counting/", [], set()),
    room("config/", [], {"yaml-cpp", "files", "text functions"}, sources_only={"yaml-cpp"}),
    room("certs/", ["counting/", "config/"], {"openssl", "files", "text functions"}),
    room("proxy/failure", [], {"boost values"}),
    room("proxy/wire/", ["proxy/failure"], {"boost values", "beast http", "asio buffer"},
         sources_only={"beast http", "asio buffer"}),
    room("proxy/tls/", [*_values, "proxy/failure", "proxy/wire/"], {"openssl", "boost values", "dynamic linker"},
         sources_only={"dynamic linker"}),
    room("proxy/net/", _protocol, {"openssl", "boost values", "asio io", *_asio, *SYSTEM}),
    room("proxy/upstream/", ["counting/", "config/", "proxy/failure", "proxy/wire/", "proxy/net/"],
         {"c-ares", "boost values", *_asio, *SYSTEM}),
    room("proxy/ops/", [*_protocol, "proxy/net/", "proxy/upstream/"],
         {"spdlog", "fmt", "openssl", "prometheus", "boost values", *_asio, *SYSTEM}, sources_only={"prometheus"}),
    room("proxy/session/", _traffic, {"openssl", "fmt", "boost values", *_asio, *SYSTEM}),
    room("proxy/loader", _traffic, {"boost values", *_asio}),
    room("proxy/allocator", [], {"allocator"}),
    room("proxy/ticket_rotation", _traffic, {"boost values", *_asio}),
    room("proxy/json", [], {"boost json"}),
    room("proxy/status_page/", [], set()),
    room("proxy/status", _traffic, {"boost json"}, sources_only={"boost json"}),
    room("proxy/monitor", [*_traffic, "proxy/status"], {"openssl"}),
    room("proxy/certificate_wait", [*_traffic, "proxy/loader"], {"boost values", *_asio}),
    room("proxy/server", [*_traffic, "proxy/daemon"], {"fmt", "openssl", "boost values", *_asio, *SYSTEM}),
    room("proxy/daemon",
         [*_traffic, "proxy/loader", "proxy/monitor", "proxy/ticket_rotation", "proxy/certificate_wait", "proxy/server",
          "proxy/status_page/"],
         {"fmt", "openssl", "boost values", *_asio, *SYSTEM}),
    # Asks a daemon from outside, and knows none of its traffic.
    room("proxy/console/", ["config/", "proxy/failure", "proxy/net/", "proxy/upstream/", "proxy/ops/"],
         {"fmt", "boost json", "beast", "beast http", "boost values", "asio io", *_asio, *SYSTEM},
         sources_only={"boost json", "beast", "beast http", "asio io"}),
    room("proxy/cli/", [*_traffic, "proxy/server", "proxy/console/"],
         {"cli11", "fmt", "spdlog", "openssl", "c-ares", "boost values", *SYSTEM}),
    room("proxy/main", ["proxy/allocator", "proxy/cli/"], {"process"}),
]

# The daemon's own conversations, none of them on the traffic's path: they would gain nothing from net/'s relay,
# and net/ nothing from knowing them.
EXCEPTIONS = {
    "proxy/ops/admin.cpp": {"asio io", "beast", "beast http"},
    "proxy/ops/control.cpp": {"asio io"},
    "proxy/ops/signals.cpp": {"asio io"},
}


def library_of(header):
    """The outside library that has this header; "std" for the standard library's, None for an unknown one."""
    for name, beginnings in LIBRARIES.items():
        if any(header.startswith(each) for each in beginnings):
            return name
    return None if "/" in header or header.endswith((".h", ".hpp")) else "std"


def room_of(path):
    """The room of a file, by its path from the root; None for what has no rule (tests, bench)."""
    return next((each for each in ROOMS if path.startswith(each.path)), None)
