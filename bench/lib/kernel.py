"""What the kernel says about a server and its machine, for all the tools of bench/."""

import os
import platform
import re
import sys
import time
from pathlib import Path

# The end-to-end tests know how to start servers, with certificates and on free ports.
sys.path.insert(1, str(Path(__file__).resolve().parents[2] / "tests" / "end_to_end"))

_LOAD_BEFORE = os.getloadavg()[0]  # when we are imported, nothing of ours runs yet


def family(pid):
    """The process and its children: nginx works in one."""
    children = (int(each) for task in Path(f"/proc/{pid}/task").iterdir()
                for each in (task / "children").read_text().split())
    return [pid, *(member for child in children for member in family(child))]


class CpuClock:
    """The CPU time of a server's processes since now. A process's clock keeps the time of its threads that have ended;
    a process that has ended takes its time with it, so that voids the run."""

    def __init__(self, pid):
        self._pid = pid
        self._members = family(pid)
        self._begin = self._seconds()
        self._sampled = self._user_and_system()

    def seconds(self):
        assert family(self._pid) == self._members, "void: a process of the server began or ended in the run"
        return self._seconds() - self._begin

    def user_share(self):
        """Of the time, as the kernel's ticks sampled it; rough."""
        user, system = (now - then for now, then in zip(self._user_and_system(), self._sampled))
        return user / (user + system) if user + system else None

    def _seconds(self):
        return sum(map(process_clock, self._members)) / 1e9

    def _user_and_system(self):
        stats = [Path(f"/proc/{member}/stat").read_text().rpartition(")")[2].split() for member in self._members]
        return sum(int(fields[11]) for fields in stats), sum(int(fields[12]) for fields in stats)


def process_clock(pid):
    """Nanoseconds; the clock that clock_getcpuclockid(3) names."""
    return time.clock_gettime_ns((~pid << 3) | 2)


def cpu_seconds(pid):
    """User and system time of all processes of the server that live."""
    return sum(map(process_clock, family(pid))) / 1e9


def peak_memory(pid):
    return sum(int(re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{member}/status").read_text())[1]) * 1024
               for member in family(pid))


def proportional_memory(pid):
    """Bytes; pages that several processes share are divided among them (PSS)."""
    return sum(int(re.search(r"^Pss:\s+(\d+) kB", Path(f"/proc/{member}/smaps_rollup").read_text(), re.M)[1]) * 1024
               for member in family(pid))


def listen_drops():
    """Connections that the whole machine has refused because a listener's queue was full."""
    names, values = (line.split() for line in Path("/proc/net/netstat").read_text().splitlines()
                     if line.startswith("TcpExt:"))
    return int(dict(zip(names, values))["ListenDrops"])


def end(process):
    """Kills a server with all its processes."""
    for member in reversed(family(process.pid)):
        os.kill(member, 9)
    process.wait()


def split_cpus():
    """One CPU for the server, the others for clients and backend. With a single CPU they share it."""
    cpus = sorted(os.sched_getaffinity(0))
    return {cpus[-1]}, set(cpus[:-1]) or {cpus[-1]}


def machine(peers=()):
    """What a reader needs to know to judge the figures."""
    model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    return {
        "cpu": f"{model[1] if model else platform.machine()}, {len(os.sched_getaffinity(0))} in use",
        "kernel": platform.release(),
        "load average before the run": f"{_LOAD_BEFORE:.1f}",
        **{peer.name: peer.version() for peer in peers},
    }
