"""deploy/logrotate/postern, run by logrotate itself while postern serves."""

import gzip
import json
import os
import re
import subprocess
import threading
from pathlib import Path

from http_clients import browse_plainly, get
from postern import Postern, forwarder
from waiting import until

SNIPPET = Path(__file__).resolve().parents[2] / "deploy" / "logrotate" / "postern"


def snippet_for(postern, folder):
    """The file as it is installed, but for the place of the logs and of the process."""
    text = SNIPPET.read_text()
    signal = "systemctl kill --kill-whom=main --signal=SIGUSR1 postern.service"
    assert text.count("/var/log/postern/*.log") == 1 and text.count(signal) == 1
    made = folder / "snippet"
    made.write_text(text.replace("/var/log/postern/*.log", f"{postern.folder}/logs/*.log")
                    .replace(signal, f"kill -USR1 {postern.process.pid}"))
    made.chmod(0o644)
    return made


def rotate(snippet, state):
    done = subprocess.run(["logrotate", "--force", "--state", state, snippet], capture_output=True, text=True)
    assert done.returncode == 0 and done.stderr == "", done.stderr


def all_lines(logs):
    """Of every file, rotated or not, and packed or not."""
    for file in sorted(logs.iterdir()):
        if re.fullmatch(r"access\.log(\.\d+)?(\.gz)?", file.name):
            text = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
            assert text.endswith(b"\n") or not text, f"{file.name} ends in the middle of a line"
            yield from text.splitlines()


class Load:
    """Requests with numbers, one after the other, until it is stopped."""

    def __init__(self, postern):
        self.sent = 0
        self._postern = postern
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()

    def goes_on(self, count=200):
        wanted = self.sent + count
        until(lambda: self.sent >= wanted or not self._thread.is_alive(), f"{count} more requests")
        assert self._thread.is_alive()

    def _run(self):
        with browse_plainly(self._postern.address) as client:
            while not self._stop.is_set():
                assert client.ask(get(f"/{self.sent}")).status == 200
                self.sent += 1


def test_logrotate_loses_no_line_and_cuts_none(tmp_path):
    postern = Postern(forwarder(None, None, keepalive_requests=10_000_000, **{"return": "200 hello"}), workers=1,
                      log={"access": "logs/access.log", "file": "logs/postern.log"})
    logs = postern.folder / "logs"
    logs.mkdir()
    logs.chmod(0o755)
    with postern:
        snippet, state = snippet_for(postern, tmp_path), tmp_path / "state"
        with Load(postern) as load:
            for _ in range(4):
                load.goes_on()
                before = os.stat(logs / "access.log").st_ino
                rotate(snippet, state)
                # What has the old name is another file, and lines come into it.
                until(lambda: (logs / "access.log").exists() and os.stat(logs / "access.log").st_size > 0, "a new log")
                assert os.stat(logs / "access.log").st_ino != before
        postern.stop()
        assert len(list(logs.glob("access.log.*"))) == 4 and len(list(logs.glob("access.log.*.gz"))) == 3
        numbers = [int(json.loads(line)["request"]["target"][1:]) for line in all_lines(logs)]
    assert sorted(numbers) == list(range(load.sent))
