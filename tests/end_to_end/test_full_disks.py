"""Logs that nobody takes: a full disk, a pipe that is full or closed. Clients never notice, and what is lost is said."""

import contextlib
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from http_clients import browse_plainly, get
from metrics import Metrics
from ports import free_port
from postern import Postern, forwarder, run
from waiting import until

HELLO = {"return": "200 hello"}


class OnSmallDisk(Postern):
    """Its folder `disk` is a file system of 64 KiB that only it sees; the test looks through /proc."""

    def command(self):
        disk = self.folder / "disk"
        disk.mkdir(exist_ok=True)
        return [*alone(), "sh", "-c", 'mount -t tmpfs -o size=64k,mode=755 none "$1" && shift && exec "$@"', "sh",
                str(disk), *super().command()]

    @property
    def disk(self):
        return Path(f"/proc/{self.process.pid}/root{self.folder}/disk")


def alone():
    """A command that runs another one among mounts of its own."""
    return ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--map-root-user", "--mount"]


def can_mount():
    return shutil.which("unshare") and subprocess.run(
        [*alone(), "mount", "-t", "tmpfs", "none", "/mnt"], stderr=subprocess.DEVNULL).returncode == 0


def ask(postern, count, target="/"):
    with browse_plainly(postern.address) as client:
        for _ in range(count):
            assert client.ask(get(target)).status == 200


def losses(postern):
    """How many lines the diagnostics say are lost, in all."""
    told = re.findall(r"access log: \d+ lines were lost, (\d+) since the start", postern.stderr())
    return int(told[-1]) if told else 0


def lines_dropped(postern, log):
    return Metrics(postern).sum("postern_log_lines_dropped_total", log=log)


@pytest.mark.skipif(not can_mount(), reason="this system lets nobody mount a file system")
def test_a_full_disk_loses_lines_and_when_there_is_room_they_come_again_whole():
    with OnSmallDisk(forwarder(None, None, keepalive_requests=100_000, **HELLO), workers=1,
                     log={"access": "disk/access.log"}) as postern:
        filler, log = postern.disk / "filler", postern.disk / "access.log"
        with contextlib.suppress(OSError), open(filler, "wb") as file:
            while file.write(bytes(4096)):
                file.flush()
        ask(postern, 300, "/lost")
        until(lambda: losses(postern) > 0, "the loss to be told")
        filler.unlink()
        ask(postern, 5, "/kept")
        kept = until(lambda: log.read_text().count("/kept") == 5 and log.read_text(), "the lines that follow")
        last = [json.loads(line) for line in kept.splitlines()[-5:]]
        assert {line["request"]["target"] for line in last} == {"/kept"}


def test_a_device_that_is_always_full_costs_lines_and_no_request():
    with Postern(forwarder(None, None, **HELLO), log={"access": "/dev/full"},
                 admin={"listen": f"127.0.0.1:{free_port()}"}) as postern:
        postern.entries = lambda: []
        ask(postern, 50)
        until(lambda: losses(postern) > 0, "the loss to be told")
        assert lines_dropped(postern, "access") > 0
        ask(postern, 50)


def test_diagnostics_on_a_full_disk_hold_up_neither_the_start_nor_a_reload_nor_the_end():
    server = forwarder(None, None, **HELLO)
    with Postern(server, log={"file": "/dev/full"}, admin={"listen": f"127.0.0.1:{free_port()}"}) as postern:
        postern.reload_or_fail()
        ask(postern, 5)
        until(lambda: lines_dropped(postern, "diagnostics") > 0, "the loss to be counted")
        assert lines_dropped(postern, "access") == 0
        postern.write(server, admin=postern.settings["admin"], log={"file": "stderr"})
        postern.reload_or_fail()
        postern.said("diagnostics were lost")


def test_a_pipe_without_a_reader_is_refused_at_the_start():
    unstarted = Postern(forwarder(None, None, **HELLO), log={"access": "pipe"})
    os.mkfifo(unstarted.folder / "pipe")
    done = run("serve", "-c", unstarted.config_file)
    assert done.returncode == 78
    assert "pipe: No such device or address" in done.stderr


@contextlib.contextmanager
def reader_of(pipe):
    fd = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        yield fd
    finally:
        os.close(fd)


def test_a_pipe_that_nobody_empties_holds_up_no_request_and_not_the_end():
    postern = Postern(forwarder(None, None, keepalive_requests=100_000, **HELLO), log={"access": "pipe"}, workers=1)
    postern.entries = lambda: []
    os.mkfifo(postern.folder / "pipe")
    with reader_of(postern.folder / "pipe") as fd, postern:
        ask(postern, 1000)
        postern.reload_or_fail()
        assert os.read(fd, 10)
        ask(postern, 1000)


def test_a_pipe_whose_reader_left_loses_lines_until_it_is_opened_again():
    postern = Postern(forwarder(None, None, **HELLO), log={"access": "pipe"}, workers=1)
    postern.entries = lambda: []
    pipe = postern.folder / "pipe"
    os.mkfifo(pipe)
    with contextlib.ExitStack() as stack:
        first = stack.enter_context(contextlib.ExitStack())
        first.enter_context(reader_of(pipe))
        stack.enter_context(postern)
        ask(postern, 1)
        first.close()
        ask(postern, 1)
        until(lambda: losses(postern) > 0, "the loss to be told")
        fd = stack.enter_context(reader_of(pipe))
        ask(postern, 1, "/again")

        def has_line():
            with contextlib.suppress(BlockingIOError):
                return b"/again" in os.read(fd, 65536)
        until(has_line, "the next line")
