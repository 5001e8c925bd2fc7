"""What the kernel says about a server and its machine, for all the tools of bench/."""

import os
import platform
import re
import subprocess
import sys
from pathlib import Path

# The end-to-end tests know how to start servers, with certificates and on free ports.
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests" / "end_to_end"))
from postern import BINARY  # noqa: E402


def family(pid):
    """The process and its children: nginx works in one."""
    children = (int(each) for task in Path(f"/proc/{pid}/task").iterdir()
                for each in (task / "children").read_text().split())
    return [pid, *(member for child in children for member in family(child))]


def cpu_seconds(pid):
    """User and system time of all threads that live, to the nanosecond; a clock tick would be 1 % of a quick round."""
    return sum(int((task / "schedstat").read_text().split()[0])
               for member in family(pid) for task in Path(f"/proc/{member}/task").iterdir()) / 1e9


def peak_memory(pid):
    return sum(int(re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{member}/status").read_text())[1]) * 1024
               for member in family(pid))


def machine():
    model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    return {
        "cpu": f"{model[1] if model else platform.machine()}, {os.cpu_count()} in use",
        "kernel": platform.release(),
        "postern": first_line(BINARY, "version"),
        "nginx": first_line("/usr/sbin/nginx", "-v"),
    }


def first_line(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=True)
    return done.stdout.splitlines()[0]
