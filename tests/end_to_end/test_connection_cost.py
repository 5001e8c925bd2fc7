"""What a connection costs in units that do not depend on the machine: system calls of its worker, allocations of ours.

A handshake, a request with `Connection: close` over a kept connection to the backend, and the end."""

import os
import re
import signal
import socket
import ssl
import subprocess
import time
from collections import Counter

import pytest

from clients import TLS_1_3, context
from http_backends import Site
from http_clients import get
from postern import Postern, forwarder, sanitized
from waiting import LONG

COUNT = 1000

ours = pytest.mark.skipif(sanitized(), reason="a sanitizer's calls and allocations are not ours")


def visit(address, settings, together):
    """`together`: the client's Finished and its request leave in one segment."""
    received, to_send = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = settings.wrap_bio(received, to_send, server_hostname="localhost")
    with socket.create_connection(address, LONG) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while True:
            try:
                tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                connection.sendall(to_send.read())
                received.write(connection.recv(65536))
        if not together:
            connection.sendall(to_send.read())
            time.sleep(0.002)
        tls.write(get("/", "Connection: close"))
        connection.sendall(to_send.read())
        while data := connection.recv(65536):
            received.write(data)
        assert b"200 OK" in tls.read()


def visits(postern, count, together=True):
    settings = context(versions=TLS_1_3)
    for _ in range(count):
        visit(postern.address, settings, together)


class Trace:
    """Counts the system calls of the thread that accepts, while the with block lasts, but for those that wait for events."""

    def __init__(self, postern):
        self._file = postern.folder / "calls"
        self._command = ["strace", "-f", "-p", str(postern.process.pid), "-o", str(self._file),
                         "-e", "trace=!epoll_wait,epoll_pwait,epoll_pwait2"]

    def __enter__(self):
        self._process = subprocess.Popen(self._command, stderr=subprocess.PIPE, text=True)
        said = self._process.stderr.readline()
        if "not permitted" in said:
            pytest.skip(f"nobody may be traced here: {said}")
        assert "attached" in said, said
        return self

    def __exit__(self, *_):
        self._process.send_signal(signal.SIGINT)
        self._process.communicate(timeout=LONG)
        calls = [match.groups() for line in self._file.read_text().splitlines()
                 if (match := re.match(r"(\d+) +(\w+)\(", line))]
        worker = Counter(thread for thread, call in calls if call == "accept4").most_common(1)[0][0]
        self.calls = Counter(call for thread, call in calls if thread == worker)


@ours
@pytest.mark.parametrize("together, most", [(True, 12), (False, 14)], ids=["in_one_segment", "in_two_segments"])
def test_a_connection_takes_few_system_calls_with_finished_and_request(site, together, most):
    with Site() as backend, Postern(forwarder(site, backend.destination), workers=1) as postern:
        visits(postern, 20)
        with Trace(postern) as trace:
            visits(postern, COUNT, together)
        each = sum(trace.calls.values()) / COUNT
        print(f"{each:.2f} system calls a connection: {trace.calls}")
        assert trace.calls["accept4"] >= COUNT
        assert each <= most
        # One, or another beside it when a request came before the connection of the last was back.
        assert len(backend.connections) < COUNT / 100


@ours
def test_a_connection_takes_few_allocations_of_ours(site, tmp_path):
    def allocations(count):
        told = tmp_path / "count"
        environment = {"LD_PRELOAD": os.environ["COUNT_NEW_LIBRARY"], "COUNT_NEW": str(told)}
        with Site() as backend, Postern(forwarder(site, backend.destination), workers=1,
                                        environment=environment) as postern:
            visits(postern, count)
        return int(told.read_text())

    each = (allocations(100 + COUNT) - allocations(100)) / COUNT
    print(f"{each:.2f} allocations a connection")
    assert 0 < each <= 70
