"""What signals and reloads do to requests."""

import signal

import pytest

from http_backends import Backend, Site
from http_clients import browse, get
from http_messages import Incomplete
from postern import Postern, forwarder


@pytest.fixture
def backend():
    with Backend() as b:
        yield b


@pytest.fixture
def postern(site, backend):
    with Postern(forwarder(site, backend.destination), workers=1) as p:
        yield p


def under_way(client, backend, request=get()):
    """The backend's end of a request that has no answer yet."""
    client.send(request)
    server = backend.accept()
    server.request()
    return server


# ---- signals

def test_sigterm_closes_idle_connections_at_once(site):
    with Site() as backend, Postern(forwarder(site, backend.destination), shutdown_timeout="10m") as postern:
        with browse(postern) as client, browse(postern) as another:
            assert client.ask(get()).status == 200
            assert another.ask(get()).status == 200
            postern.signal(signal.SIGTERM)
            assert client.is_closed_in_order()
            assert another.is_closed_in_order()
            assert postern.wait() == 0


def test_sigterm_lets_a_running_request_finish(postern, backend):
    with browse(postern) as client, under_way(client, backend) as server:
        postern.signal(signal.SIGTERM)
        postern.drains()
        server.answer(b"finished")
        response = client.response()
        assert (response.body, response.get("Connection")) == (b"finished", "close")
        assert client.is_closed_in_order()
        assert postern.wait() == 0
        assert postern.requests(client)[0]["close"]["reason"] == "answered"


def test_sigterm_lets_a_running_answer_finish(postern, backend):
    with browse(postern) as client, under_way(client, backend) as server:
        server.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n01234")
        client.receive_exactly(len(b"HTTP/1.1 200 OK"))
        postern.signal(signal.SIGTERM)
        postern.drains()
        server.send(b"56789")
        how, rest = client.how_it_ends()
        assert (how, rest[-10:]) == ("end", b"0123456789")
        assert postern.wait() == 0


def test_sigterm_lets_a_head_that_has_begun_be_answered(postern, backend):
    request = get("/late")
    with browse(postern) as client:
        client.send(request[:20])
        assert client.hears_nothing(0.3)  # it has arrived
        postern.signal(signal.SIGTERM)
        postern.drains()
        with under_way(client, backend, request[20:]) as server:
            server.answer(b"still")
            assert client.response().get("Connection") == "close"
        assert postern.wait() == 0


def test_a_request_that_outlasts_the_shutdown_is_ended_in_order(site, backend):
    with Postern(forwarder(site, backend.destination), shutdown_timeout="500ms") as postern:
        with browse(postern) as client, under_way(client, backend):
            postern.signal(signal.SIGTERM)
            assert client.is_closed_in_order()
            assert postern.wait() == 0
            assert postern.requests(client)[0]["close"]["reason"] == "drain_timeout"


def test_sigint_ends_requests_at_once(postern, backend):
    with browse(postern) as client, browse(postern) as idle, under_way(client, backend) as server:
        server.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n01234")
        client.receive_exactly(len(b"HTTP/1.1 200 OK"))
        postern.signal(signal.SIGINT)
        assert postern.wait() == 0
        assert idle.is_closed_in_order()
        # Half an answer must not look like a whole one.
        assert client.how_it_ends()[0] in ("reset", "eof")
        assert postern.requests(client)[0]["close"]["reason"] == "stopped"


# ---- reloads

def test_a_reload_loses_no_request(site, backend):
    with Site() as other, Postern(forwarder(site, backend.destination), workers=1) as postern:
        with browse(postern) as client, browse(postern) as kept:
            with under_way(kept, backend) as server:
                server.answer(b"before")
                assert kept.response().body == b"before"
            server = under_way(client, backend)
            postern.write({**postern.settings["servers"][0], "proxy_pass": other.destination}, workers=1)
            postern.reload_or_fail()
            server.answer(b"over the reload")
            assert client.response().body == b"over the reload"
            server.close()
            with browse(postern) as fresh:
                assert fresh.ask(get("/new")).body == b"ok"
            assert [r.start for r in other.requests] == ["GET /new HTTP/1.1"]


def test_connections_kept_by_the_old_configuration_are_closed_with_its_last_client(site, backend):
    with Postern(forwarder(site, backend.destination), workers=1) as postern:
        with browse(postern) as client, under_way(client, backend) as server:
            server.answer()
            assert client.response().status == 200
            postern.reload_or_fail()
            client.finish()
            assert client.is_closed_in_order()
            assert server.how_it_ends() == ("fin", b"")


def test_reloads_under_keepalive_traffic_lose_nothing(site):
    with Site() as backend, Postern(forwarder(site, backend.destination)) as postern:
        with browse(postern) as client:
            for i in range(5):
                for _ in range(3):
                    try:
                        assert client.ask(get(f"/{i}")).status == 200
                    except Incomplete as e:
                        raise AssertionError(f"lost: {e}") from None
                postern.reload_or_fail()
            assert client.ask(get()).status == 200
        assert len(postern.requests(client, 16)) == 16
