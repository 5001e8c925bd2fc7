"""Who may begin a handshake, who waits, and who is turned away with which reason."""

import contextlib

import pytest

from backends import Echo
from clients import TLS_1_2, TLS_1_3, context
from postern import Postern, forwarder
from waiting import until


@pytest.fixture
def backend():
    with Echo() as b:
        yield b


@contextlib.contextmanager
def crowd(postern, count, settings=None):
    """So many clients that have sent a ClientHello and nothing else."""
    with contextlib.ExitStack() as stack:
        clients = []
        for _ in range(count):
            clients.append(stack.enter_context(postern.connect(settings, handshake=False)))
            clients[-1].socket.sendall(clients[-1].client_hello())
        yield clients


def answered(client):
    """The first byte of the server's flight has come; False: a reset came."""
    try:
        return client.socket.recv(1) == b"\x16"
    except ConnectionResetError:
        return False


def stays_silent(client):
    client.socket.settimeout(0.3)
    with pytest.raises(TimeoutError):
        client.socket.recv(1)
    client.socket.settimeout(60)


def visit(postern, settings=None, session=None, **more):
    """One question and its answer; the session that the client has then. None: it was reset in the handshake."""
    try:
        with postern.connect(settings, session=session, **more) as client:
            assert client.ask(b"hello") == b"hello"
            client.finish()
            assert client.receive_all() == b""
            return client.tls.session
    except ConnectionResetError:
        return None


def test_an_established_client_is_answered_while_a_crowd_shakes_hands(site, backend):
    with Postern(forwarder(site, backend.destination), workers=1) as postern, postern.connect() as settled:
        with crowd(postern, 300) as clients:
            for _ in range(20):
                assert settled.ask(b"hello") == b"hello"
            assert all(map(answered, clients))
            assert settled.ask(b"hello") == b"hello"


def test_a_crowd_beyond_those_that_may_wait_stays_in_the_kernels_queue_and_is_served_in_the_end(site, backend):
    limits = {"handshakes_in_flight": 1, "handshakes_waiting": 2, "handshake_timeout": "60s"}
    with Postern(forwarder(site, backend.destination), limits=limits, workers=1) as postern:
        before = postern.open_files()
        with crowd(postern, 1) as (slow,), crowd(postern, 40) as clients:
            assert answered(slow)
            # Whoever was not in the batch (16 at the most) in which there were too many is still with the kernel.
            stays_silent(clients[0])
            assert postern.open_files() - before < 30
            slow.reset()
            for client in clients:
                client.handshake()
                client.reset()


def test_a_hello_that_waits_goes_on_as_if_it_had_not(site, backend):
    limits = {"handshakes_in_flight": 1, "handshake_timeout": "60s"}
    with Postern(forwarder(site, backend.destination), limits=limits, workers=1) as postern:
        with crowd(postern, 1) as (slow,):
            assert answered(slow)
            with postern.connect(context(alpn=["postern-" + "x" * 100] * 20), handshake=False) as client:
                hello = client.client_hello()
                assert 2000 < len(hello) <= 4096
                client.socket.sendall(hello)
                slow.reset()
                client.handshake()
                assert client.ask(b"hello") == b"hello"


def test_a_hello_too_long_to_wait_is_shed_only_when_it_would_have_to(site, backend):
    limits = {"handshakes_in_flight": 1, "handshake_timeout": "60s"}
    long = context(alpn=["postern-" + "x" * 100] * 60)
    with Postern(forwarder(site, backend.destination), limits=limits, workers=1) as postern:
        assert visit(postern, long)
        with crowd(postern, 1) as (slow,), crowd(postern, 1, long) as (shed,):
            assert answered(slow)
            assert not answered(shed)
            assert postern.ending(shed) == ("postern", "hello", "shed")


def test_a_client_that_left_while_it_waited_costs_no_handshake(site, backend):
    limits = {"handshakes_in_flight": 1, "handshake_timeout": "60s"}
    with Postern(forwarder(site, backend.destination), limits=limits, workers=1) as postern:
        with crowd(postern, 1) as (slow,):
            assert answered(slow)
            with crowd(postern, 1) as (gone,):
                stays_silent(gone)
            slow.reset()
        assert postern.ending(gone.port) == ("client", "hello", "peer_closed")
        assert visit(postern)


@pytest.mark.parametrize("versions", [TLS_1_2, TLS_1_3], ids=["TLSv1.2", "TLSv1.3"])
def test_a_resumption_goes_before_a_full_handshake_that_waits_longer(site, backend, versions):
    limits = {"handshakes_in_flight": 1, "handshake_timeout": "60s"}
    settings = context(versions=versions)
    with Postern(forwarder(site, backend.destination), limits=limits, workers=1) as postern:
        session = visit(postern, settings)
        with crowd(postern, 1) as (slow,), crowd(postern, 1) as (full,):
            assert answered(slow)
            with postern.connect(settings, session=session, handshake=False) as resumed:
                resumed.socket.sendall(resumed.client_hello())
                stays_silent(full)
                stays_silent(resumed)
                slow.reset()
                resumed.handshake()
                assert resumed.ask(b"hello") == b"hello"
                assert resumed.tls.session_reused
                full.handshake()
                assert full.ask(b"hello") == b"hello"


LIMITS = {"handshake_rate": "handshake_rate", "handshake_rate_per_address": "address_rate"}


@pytest.mark.parametrize("limit, reason", LIMITS.items(), ids=LIMITS)
def test_handshakes_beyond_the_rate_are_reset_before_they_begin(site, backend, limit, reason):
    with Postern(forwarder(site, backend.destination), limits={limit: 1}) as postern:
        assert visit(postern)
        until(lambda: visit(postern) is None, "more than one handshake in a second")
        line, = until(lambda: [e for e in postern.entries() if e["close"]["reason"] != "closed"], "its access line")
        assert (line["close"]["by"], line["close"]["phase"], line["close"]["reason"]) == ("client", "hello", reason)
        assert line.get("tls") is None
        assert "error" not in postern.stderr()


def test_one_address_beyond_its_rate_is_no_others_loss(site, backend):
    with Postern(forwarder(site, backend.destination), limits={"handshake_rate_per_address": 1}) as postern:
        until(lambda: visit(postern) is None, "more than one handshake in a second")
        assert visit(postern, source="127.0.0.2")


@pytest.mark.parametrize("limit", LIMITS)
def test_a_reload_changes_the_rate(site, backend, limit):
    server = forwarder(site, backend.destination)
    with Postern(server, limits={limit: 1}) as postern:
        until(lambda: visit(postern) is None, "more than one handshake in a second")
        postern.write(server)
        postern.reload_or_fail()
        assert all(visit(postern) for _ in range(10))
        postern.write(server, limits={limit: 1})
        postern.reload_or_fail()
        until(lambda: visit(postern) is None, "more than one handshake in a second")
