"""Sessions are resumed across workers, by ticket or by id, exactly as far as the settings allow."""

import time

import pytest

from backends import Echo
from clients import TLS_1_2, TLS_1_3, context, s_client
from ports import free_port
from postern import Postern, forwarder

VERSIONS = pytest.mark.parametrize("versions", [TLS_1_2, TLS_1_3], ids=["TLSv1.2", "TLSv1.3"])
NO_TICKETS = {"session_tickets": False}


@pytest.fixture(scope="module")
def backend():
    with Echo() as b:
        yield b


@pytest.fixture(scope="module")
def postern(site, backend):
    with Postern(forwarder(site, backend.destination)) as p:
        yield p


def visit(postern, settings, session=None):
    """One question and its answer. Returns whether the session was resumed, the session, and the client's port."""
    with postern.connect(settings, session=session) as client:
        assert client.ask(b"hello") == b"hello"
        client.finish()
        assert client.receive_all() == b""
        return client.tls.session_reused, client.tls.session, client.port


@VERSIONS
def test_a_ticket_resumes_on_every_worker(postern, versions):
    settings = context(versions=versions)
    first, session, _ = visit(postern, settings)
    assert not first
    # The kernel spreads connections over the workers' sockets: ten meet both, but for one time in 500.
    assert [visit(postern, settings, session)[0] for _ in range(10)] == [True] * 10


@VERSIONS
def test_the_log_says_which_handshakes_were_resumptions(postern, versions):
    settings = context(versions=versions)
    _, session, first = visit(postern, settings)
    _, _, second = visit(postern, settings, session)
    assert postern.entry(first)["tls"]["resumed"] is False
    assert postern.entry(second)["tls"]["resumed"] is True


def test_a_client_of_one_request_has_its_ticket_by_the_end(postern):
    assert "New, TLSv1.3" in s_client(postern.address, "-tls1_3")
    _, session, _ = visit(postern, context(versions=TLS_1_3))
    assert session.has_ticket


@VERSIONS
def test_without_tickets_and_cache_nothing_is_resumed(site, backend, versions):
    with Postern(forwarder(site, backend.destination, ssl=NO_TICKETS)) as postern:
        settings = context(versions=versions)
        _, session, _ = visit(postern, settings)
        assert session is None or not session.has_ticket
        assert not visit(postern, settings, session)[0]


def test_without_tickets_and_cache_no_ticket_is_sent(site, backend):
    with Postern(forwarder(site, backend.destination, ssl=NO_TICKETS)) as postern:
        assert "New Session Ticket" not in s_client(postern.address, "-tls1_3", "-msg", send="hello")


@VERSIONS
def test_a_builtin_cache_resumes_without_tickets(site, backend, versions):
    cached = {**NO_TICKETS, "session_cache": "builtin:100"}
    with Postern(forwarder(site, backend.destination, ssl=cached), workers=1) as postern:
        settings = context(versions=versions)
        _, session, _ = visit(postern, settings)
        assert visit(postern, settings, session)[0]


def shared(site, backend, name="", size="1m", **keys):
    cached = {**NO_TICKETS, "session_cache": f"shared:{name and name + ':'}{size}"}
    return forwarder(site, backend.destination, ssl=cached, **keys)


@VERSIONS
def test_a_shared_cache_resumes_without_tickets_on_every_worker(site, backend, versions):
    with Postern(shared(site, backend), workers=2) as postern:
        settings = context(versions=versions)
        first, session, _ = visit(postern, settings)
        assert not first
        for _ in range(20):
            # TLS 1.3 brings a ticket with each resumption; the newest is what clients come back with.
            resumed, session, _ = visit(postern, settings, session)
            assert resumed


@VERSIONS
def test_a_shared_cache_resumes_a_session_whose_connection_was_cut_off(site, backend, versions):
    with Postern(shared(site, backend)) as postern:
        settings = context(versions=versions)
        with postern.connect(settings) as client:
            assert client.ask(b"hello") == b"hello"
            session = client.tls.session
            client.reset()
        assert postern.entry(client)["close"]["reason"] == "client_reset"
        assert visit(postern, settings, session)[0]


@VERSIONS
def test_a_shared_cache_outlives_a_reload_that_leaves_its_size(site, backend, versions):
    server = shared(site, backend, name="SSL")
    with Postern(server) as postern:
        settings = context(versions=versions)
        _, session, _ = visit(postern, settings)
        postern.write(server, shared(site, backend, name="SSL"), shutdown_timeout="7s")
        postern.reload_or_fail()
        resumed, session, _ = visit(postern, settings, session)
        assert resumed
        server["ssl"]["session_cache"] = "shared:SSL:2m"
        postern.write(server)
        postern.reload_or_fail()
        assert not visit(postern, settings, session)[0]


@VERSIONS
def test_a_session_in_a_shared_cache_ends_with_its_timeout(site, backend, versions):
    server = shared(site, backend)
    server["ssl"]["session_timeout"] = "1s"
    with Postern(server) as postern:
        settings = context(versions=versions)
        _, session, _ = visit(postern, settings)
        time.sleep(2.5)
        assert not visit(postern, settings, session)[0]


@VERSIONS
def test_a_session_in_a_shared_cache_does_not_move_to_another_server(authority, backend, versions):
    port = free_port()
    a, b = authority.issue("a.example.org"), authority.issue("b.example.org")
    with Postern(shared(a, backend, name="SSL", port=port, server_name="a.example.org"),
                 shared(b, backend, name="SSL", port=port, server_name="b.example.org")) as postern:
        settings = context(versions=versions)
        with postern.connect(settings, name="a.example.org") as client:
            client.ask(b"hello")
            session = client.tls.session
        with postern.connect(settings, name="b.example.org", session=session) as client:
            assert client.ask(b"hello") == b"hello"
            assert not client.tls.session_reused
            assert client.tls.getpeercert(binary_form=True) == b.der()
        with postern.connect(settings, name="a.example.org", session=session) as client:
            assert client.ask(b"hello") == b"hello"
            assert client.tls.session_reused


@VERSIONS
def test_a_session_ends_with_its_timeout(site, backend, versions):
    with Postern(forwarder(site, backend.destination, ssl={"session_timeout": "1s"})) as postern:
        settings = context(versions=versions)
        _, session, _ = visit(postern, settings)
        time.sleep(2.5)
        assert not visit(postern, settings, session)[0]


@VERSIONS
def test_tickets_outlive_a_reload(site, backend, versions):
    server = forwarder(site, backend.destination)
    with Postern(server) as postern:
        settings = context(versions=versions)
        _, session, _ = visit(postern, settings)
        postern.write(server, shutdown_timeout="7s")
        postern.reload_or_fail()
        assert visit(postern, settings, session)[0]


def test_a_new_certificate_ends_resumption(authority, site, backend):
    server = forwarder(site, backend.destination)
    with Postern(server) as postern:
        settings = context()
        _, session, _ = visit(postern, settings)
        server["ssl"] = authority.issue("localhost").block()
        postern.write(server)
        postern.reload_or_fail()
        assert not visit(postern, settings, session)[0]


def test_a_session_does_not_move_to_another_server(authority, backend):
    port = free_port()
    a, b = authority.issue("a.example.org"), authority.issue("b.example.org")
    with Postern(forwarder(a, backend.destination, port=port, server_name="a.example.org"),
                 forwarder(b, backend.destination, port=port, server_name="b.example.org")) as postern:
        settings = context()
        with postern.connect(settings, name="a.example.org") as client:
            client.ask(b"hello")
            session = client.tls.session
        with postern.connect(settings, name="b.example.org", session=session) as client:
            assert client.ask(b"hello") == b"hello"
            assert not client.tls.session_reused
            assert client.tls.getpeercert(binary_form=True) == b.der()
