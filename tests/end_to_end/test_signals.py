"""Signals: drain, end at once, reopen logs."""

import os
import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from backends import Echo
from clients import how_it_ended
from postern import Postern, forwarder
from waiting import until


@pytest.fixture
def backend():
    with Echo() as b:
        yield b


def refused(address):
    try:
        socket.create_connection(address).close()
        return False
    except (ConnectionRefusedError, ConnectionResetError):
        return True


def test_sigterm_lets_connections_finish_and_takes_no_new_ones(site, backend):
    with Postern(forwarder(site, backend.destination)) as postern:
        with postern.connect() as first, postern.connect() as second:
            first.ask(b"hello")
            second.ask(b"hello")
            postern.signal(signal.SIGTERM)
            until(lambda: refused(postern.address), "new connections to be refused")
            assert first.ask(b"still here") == b"still here"
            first.finish()
            assert how_it_ended(first) == ("close_notify", b"")
            assert second.ask(b"me too") == b"me too"
            assert postern.process.poll() is None
            second.finish()
            assert how_it_ended(second) == ("close_notify", b"")
            assert postern.wait() == 0
            assert postern.ending(first)[2] == postern.ending(second)[2] == "closed"


def test_sigterm_without_connections_ends_at_once(site, backend):
    with Postern(forwarder(site, backend.destination), shutdown_timeout="10m") as postern:
        postern.signal(signal.SIGTERM)
        assert postern.wait() == 0


def test_a_handshake_under_way_is_finished_during_a_drain(site, backend):
    with Postern(forwarder(site, backend.destination)) as postern:
        with postern.connect(handshake=False) as client:
            hello = client.client_hello()
            client.socket.sendall(hello[:50])
            time.sleep(0.2)
            postern.signal(signal.SIGTERM)
            until(lambda: refused(postern.address), "new connections to be refused")
            client.socket.sendall(hello[50:])
            client.handshake()
            assert client.ask(b"hello") == b"hello"
            client.finish()
            assert how_it_ended(client) == ("close_notify", b"")
        assert postern.wait() == 0


def test_the_shutdown_timeout_ends_what_is_left(site, backend):
    with Postern(forwarder(site, backend.destination), shutdown_timeout="1s") as postern:
        with postern.connect() as client:
            client.ask(b"hello")
            postern.signal(signal.SIGTERM)
            assert how_it_ended(client) == ("close_notify", b"")
            assert postern.wait() == 0
            assert postern.ending(client) == ("postern", "relay", "drain_timeout")


def test_sigint_ends_everything_at_once(site, backend):
    with Postern(forwarder(site, backend.destination), shutdown_timeout="10m") as postern:
        with postern.connect() as relaying, postern.connect(handshake=False) as silent:
            relaying.ask(b"hello")
            time.sleep(0.2)
            postern.signal(signal.SIGINT)
            assert how_it_ended(relaying) == ("close_notify", b"")
            assert postern.wait() == 0
            assert postern.ending(relaying) == ("postern", "relay", "stopped")
            assert postern.ending(silent) == ("postern", "hello", "stopped")


def test_sigint_cuts_a_drain_short(site, backend):
    with Postern(forwarder(site, backend.destination), shutdown_timeout="10m") as postern:
        with postern.connect() as client:
            client.ask(b"hello")
            postern.signal(signal.SIGTERM)
            until(lambda: refused(postern.address), "new connections to be refused")
            postern.signal(signal.SIGINT)
            assert how_it_ended(client) == ("close_notify", b"")
            assert postern.wait() == 0


def test_a_reload_during_a_drain_does_not_bring_it_back(site, backend):
    with Postern(forwarder(site, backend.destination)) as postern:
        with postern.connect() as client:
            client.ask(b"hello")
            postern.signal(signal.SIGTERM)
            until(lambda: refused(postern.address), "new connections to be refused")
            postern.signal(signal.SIGHUP)
            postern.said("reload: refused")
            assert refused(postern.address)
            assert client.ask(b"hello") == b"hello"
            client.finish()
        assert postern.wait() == 0


def test_signals_that_come_while_it_starts_do_not_end_it(authority, backend, tmp_path):
    # A start that is waiting for its passphrase is the one that a test can stop at.
    passwords = tmp_path / "passwords"
    os.mkfifo(passwords)
    identity = authority.issue("localhost", password="open sesame")

    def writing_end():
        try:
            return os.open(passwords, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:
            return None  # nobody reads yet

    def disturb(postern):
        end = until(writing_end, "postern to read the passphrase")
        for number in [signal.SIGHUP, signal.SIGUSR1]:
            postern.signal(number)
        with os.fdopen(end, "w") as writer:
            writer.write("open sesame\n")

    postern = Postern(forwarder(identity, backend.destination, ssl={"password_file": str(passwords)}))
    with ThreadPoolExecutor(1) as pool:
        disturbance = pool.submit(disturb, postern)
        with postern, postern.connect() as client:
            disturbance.result()
            assert client.ask(b"hello") == b"hello"


def test_a_reload_that_waits_for_a_file_does_not_hold_up_the_end(authority, backend, tmp_path):
    passwords = tmp_path / "passwords"
    passwords.write_text("open sesame\n")
    identity = authority.issue("localhost", password="open sesame")
    with Postern(forwarder(identity, backend.destination, ssl={"password_file": str(passwords)})) as postern:
        passwords.unlink()
        os.mkfifo(passwords)  # that nobody writes
        postern.signal(signal.SIGHUP)
        with postern.connect() as client:
            assert client.ask(b"hello") == b"hello"
            client.finish()
        postern.signal(signal.SIGTERM)
        assert postern.wait() == 0
        # Its last lines are not lost.
        assert postern.ending(client) == ("client", "relay", "closed")
        assert "postern has ended" in postern.stderr()


def test_sigusr1_reopens_the_access_log(site, backend):
    with Postern(forwarder(site, backend.destination), log={"access": "access.log"}) as postern:
        def visit():
            with postern.connect() as client:
                client.ask(b"hello")
                client.finish()
                return client.port

        log, old = postern.folder / "access.log", postern.folder / "access.log.1"
        first = visit()
        postern.entry(first)
        log.rename(old)
        postern.signal(signal.SIGUSR1)
        until(log.exists, "a new access log")
        second = visit()
        assert postern.entry(second)["close"]["reason"] == "closed"
        assert f'"port":{second}' not in old.read_text()
        assert f'"port":{first}' in old.read_text()
