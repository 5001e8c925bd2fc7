"""The load client and the plain backend of bench/load/, as processes."""

import contextlib
import json
import os
import socket
import subprocess
import time
from pathlib import Path

from kernel import CpuClock
from ports import free_port
from postern import BINARY
from waiting import until

_folder = Path(os.environ.get("POSTERN_LOAD", Path(BINARY).resolve().parent / "bench" / "load"))


@contextlib.contextmanager
def backend(cpus=None, urgent=False):
    """Its port. `urgent`: it never waits for a CPU that others use."""
    port = free_port()
    process = subprocess.Popen([_folder / "postern_backend", str(port)], start_new_session=True,
                               preexec_fn=_onto(cpus, urgent=urgent))
    try:
        until(lambda: _accepts(port), "the backend to listen")
        yield port
    finally:
        process.kill()
        process.wait()


class Load:
    """A load client. Leaving the with block ends it."""

    def __init__(self, port, cpus=None, nice=0, urgent=False, **options):
        self._command = [_folder / "postern_load", "--port", str(port)]
        for name, value in options.items():
            if value is not None and value is not False:
                self._command += ["--" + name.replace("_", "-"), *([] if value is True else [str(value)])]
        self._prepare = _onto(cpus, nice, urgent)

    def __enter__(self):
        self._process = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                         start_new_session=True, preexec_fn=self._prepare)
        said = self._process.stdout.readline()
        assert said == "primed\n", f"void: the load client could not begin: {said}"
        return self

    def __exit__(self, *_):
        self._process.stdin.close()
        self._process.terminate()
        self._process.wait()
        self._process.stdout.close()

    def start(self):
        self._process.stdin.write("go\n")
        self._process.stdin.flush()

    def result(self):
        return json.loads(self._process.stdout.readline())


def measured(server, **options):
    """One run of the load client, with the CPU time that the server needed for it."""
    with Load(server.port, **options) as load:
        clock = CpuClock(server.pid)
        begin = time.monotonic()
        load.start()
        result = load.result()
        wall = time.monotonic() - begin
        time.sleep(0.05)  # what the server does after the last byte is its work as well
        spent = clock.seconds()
        return {**result, "server_cpu_seconds": spent, "server_user_share": clock.user_share(),
                "utilization": spent / wall}


def _onto(cpus, nice=0, urgent=False):
    def prepare():
        if urgent:
            with contextlib.suppress(PermissionError):
                os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
        if cpus:
            os.sched_setaffinity(0, cpus)
        if nice:
            os.nice(nice)
    return prepare


def _accepts(port):
    try:
        socket.create_connection(("127.0.0.1", port)).close()
        return True
    except ConnectionRefusedError:
        return False
