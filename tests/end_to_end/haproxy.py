"""haproxy in a folder of its own, to compare with."""

import subprocess
import tempfile
from pathlib import Path

from waiting import until

_frame = """
global
    maxconn 1000
defaults
    mode http
    timeout connect 5s
    timeout client 30s
    timeout server 30s
{body}
"""


class Haproxy:
    """Runs with this configuration while the with block lasts; `up()` says whether it serves."""

    def __init__(self, body, up):
        self._temporary = tempfile.TemporaryDirectory(prefix="postern-haproxy-")
        self._configuration = Path(self._temporary.name) / "haproxy.cfg"
        self._configuration.write_text(_frame.format(body=body))
        self._up = up

    def __enter__(self):
        self.process = subprocess.Popen(["/usr/sbin/haproxy", "-db", "-f", self._configuration],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until(self._is_up, "haproxy to listen")
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self._temporary.cleanup()

    def _is_up(self):
        assert self.process.poll() is None, f"haproxy ended with exit code {self.process.returncode}"
        return self._up()
