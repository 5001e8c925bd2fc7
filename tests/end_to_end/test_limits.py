"""Limits and shortages: refused politely, survived, and not burnt through."""

import re
import resource
import socket
import time
from pathlib import Path

import pytest

from backends import Echo, Listening
from clients import Client, how_it_ended
from postern import Postern, forwarder, run, sanitized
from waiting import until


@pytest.fixture
def backend():
    with Echo() as b:
        yield b


def test_connections_beyond_the_limit_wait_for_their_turn(site, backend):
    with Postern(forwarder(site, backend.destination), limits={"connections": 2}) as postern:
        with postern.connect() as first, postern.connect() as second, postern.connect(handshake=False) as third:
            first.ask(b"hello")
            second.ask(b"hello")
            third.socket.sendall(third.client_hello())
            third.socket.settimeout(0.5)
            with pytest.raises((TimeoutError, ConnectionResetError)):
                third.socket.recv(1)
            first.finish()
            assert how_it_ended(first)[0] == "close_notify"
            third.socket.settimeout(30)
            third.handshake()
            assert third.ask(b"my turn") == b"my turn"
            assert second.ask(b"hello") == b"hello"


def test_handshakes_beyond_their_limit_wait_for_their_turn(site, backend):
    limits = {"handshakes_in_flight": 1, "handshake_timeout": "20s"}
    with Postern(forwarder(site, backend.destination), limits=limits, workers=1) as postern:
        with postern.connect(handshake=False) as slow, postern.connect(handshake=False) as waiting:
            slow.socket.sendall(slow.client_hello())
            assert slow.socket.recv(5, socket.MSG_PEEK)
            waiting.socket.sendall(waiting.client_hello())
            waiting.socket.settimeout(0.5)
            with pytest.raises(TimeoutError):
                waiting.socket.recv(1)
            slow.reset()
            waiting.socket.settimeout(30)
            waiting.handshake()
            assert waiting.ask(b"my turn") == b"my turn"


# UBSan looks at memory through a pipe, and takes a pipe that cannot be made for memory that is not there.
@pytest.mark.skipif(sanitized(), reason="the sanitizer needs descriptors itself")
def test_without_free_descriptors_it_neither_spins_nor_dies(site, backend):
    with Postern(forwarder(site, backend.destination), open_files=64, workers=1) as postern:
        crowd = []
        try:
            for _ in range(100):
                crowd.append(socket.create_connection(postern.address))
            postern.said("accept on")
            before = postern.cpu_seconds()
            time.sleep(3)
            # A loop that does not wait would use three seconds.
            assert postern.cpu_seconds() - before < 1.0
            # One line while it lasts, not one an attempt.
            assert postern.stderr().count("accept on") < 20
        finally:
            for s in crowd:
                s.close()

        def served():
            try:
                with Client(postern.address) as client:
                    return client.ask(b"hello") == b"hello"
            except OSError:
                return False
        until(served, "it to serve again")


def test_the_kernels_table_has_room_for_the_descriptors_of_a_storm(site):
    with Postern(forwarder(site, "tcp://127.0.0.1:1")) as postern:
        size, = re.findall(r"^FDSize:\s(\d+)$", Path(f"/proc/{postern.process.pid}/status").read_text(), re.M)
        assert int(size) >= min(16384, resource.getrlimit(resource.RLIMIT_NOFILE)[1])


@pytest.mark.skipif(sanitized(), reason="a sanitizer's own memory is not to be limited")
def test_a_start_without_threads_for_all_workers_fails_with_a_word(site):
    def little_room():
        resource.setrlimit(resource.RLIMIT_STACK, (256 << 20, 256 << 20))  # for each thread
        resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
    unstarted = Postern(forwarder(site, "tcp://127.0.0.1:1"), workers=32)
    done = run("serve", "-c", unstarted.config_file, preexec_fn=little_room)
    assert done.returncode == 71
    assert "no thread for a worker" in done.stderr


def test_a_slow_reader_is_felt_by_the_backend_and_costs_no_memory(site):
    with Listening() as backend, Postern(forwarder(site, backend.destination)) as postern:
        with postern.connect() as client, backend.accept() as server:
            before = postern.memory()
            server.socket.settimeout(2)
            sent = 0
            with pytest.raises(TimeoutError):
                while sent < 1 << 30:
                    sent += server.socket.send(bytes(1 << 16))
            # What stopped it are the kernel's buffers and a few blocks of ours.
            assert sent < 64 << 20
            if not sanitized():
                assert postern.memory() - before < 8 << 20
            server.socket.settimeout(30)
            server.fin()
            how, data = how_it_ended(client)
            assert (how, len(data)) == ("close_notify", sent)


def test_a_slow_backend_is_felt_by_the_client_and_costs_no_memory(site):
    with Listening() as backend, Postern(forwarder(site, backend.destination)) as postern:
        with postern.connect() as client, backend.accept() as server:
            before = postern.memory()
            client.socket.settimeout(2)
            with pytest.raises(TimeoutError):
                for _ in range(1 << 14):
                    client.send(bytes(1 << 16))
            if not sanitized():
                assert postern.memory() - before < 8 << 20
            client.reset()
            how, data = server.how_it_ends()
            assert how == "reset"
            assert len(data) < 64 << 20
