"""Upgrade: after a 101 the connection is a tunnel; without one it stays HTTP."""

import signal

import pytest

from clients import how_it_ended
from http_backends import Backend, answer
from http_clients import browse, browse_plainly, get, post
from postern import Postern, forwarder

WEBSOCKET = ["Connection: keep-alive, Upgrade", "Upgrade: websocket", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="]
SWITCHING = (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
             b"Sec-WebSocket-Accept: x\r\n\r\n")


@pytest.fixture
def backend():
    with Backend() as b:
        yield b


@pytest.fixture
def postern(site, backend):
    with Postern(forwarder(site, backend.destination), workers=1) as p:
        yield p


def upgraded(client, backend):
    """The backend's end of a tunnel."""
    client.send(get("/chat", *WEBSOCKET))
    server = backend.accept()
    server.request()
    server.send(SWITCHING)
    assert client.response().status == 101
    return server


def test_the_upgrade_is_asked_for_and_granted(postern, backend):
    with browse(postern) as client:
        client.send(get("/chat", *WEBSOCKET))
        with backend.accept() as server:
            request = server.request()
            assert request.start == "GET /chat HTTP/1.1"
            assert request.get("Connection").lower() == "upgrade"
            assert (request.get("Upgrade"), request.get("Sec-WebSocket-Key")) == ("websocket", WEBSOCKET[2][19:])
            server.send(SWITCHING)
            response = client.response()
            assert (response.status, response.get("Connection").lower()) == (101, "upgrade")
            assert (response.get("Upgrade"), response.get("Sec-WebSocket-Accept")) == ("websocket", "x")
            assert response.get("Content-Length") is None


def test_bytes_go_both_ways_then(postern, backend):
    with browse(postern) as client, upgraded(client, backend) as server:
        client.send(b"\x81\x05hello")
        assert server.receive_exactly(7) == b"\x81\x05hello"
        server.send(b"\x81\x05world")
        assert client.receive_exactly(7) == b"\x81\x05world"
        client.send(b"GET / HTTP/1.1\r\n\r\n")
        assert server.receive_exactly(18) == b"GET / HTTP/1.1\r\n\r\n"


def test_plain_connections_can_be_upgraded_too(backend):
    with Postern(forwarder(None, backend.destination)) as postern, browse_plainly(postern.address) as client:
        with upgraded(client, backend) as server:
            client.send(b"up")
            assert server.receive_exactly(2) == b"up"
            server.send(b"down")
            assert client.receive_exactly(4) == b"down"


def test_bytes_that_come_with_the_heads_are_not_lost(postern, backend):
    with browse(postern) as client:
        client.send(get("/chat", *WEBSOCKET) + b"early up")
        with backend.accept() as server:
            server.request()
            server.send(SWITCHING + b"early down")
            assert client.response().status == 101
            assert client.receive_exactly(10) == b"early down"
            assert server.receive_exactly(8) == b"early up"


def test_megabytes_pass_through_a_tunnel(postern, backend):
    block = bytes(range(256)) * 4096
    with browse(postern) as client, upgraded(client, backend) as server:
        for _ in range(4):
            server.send(block)
            assert client.receive_exactly(len(block)) == block


def test_a_tunnel_half_closes(postern, backend):
    with browse(postern) as client, upgraded(client, backend) as server:
        client.send(b"last words")
        client.finish()
        assert server.how_it_ends() == ("fin", b"last words")
        server.send(b"the answer")
        server.close()
        assert client.how_it_ends() == ("end", b"the answer")
        line = postern.requests(client)[0]
        assert (line["status"], line["close"]["reason"]) == (101, "closed")
        assert line["bytes"]["body_out"] == len(b"the answer")
        assert line["bytes"]["in"] == len(get("/chat", *WEBSOCKET)) + len(b"last words")


def test_a_tunnel_that_breaks_is_no_end_in_order(postern, backend):
    with browse(postern) as client, upgraded(client, backend) as server:
        server.reset()
        assert client.how_it_ends()[0] in ("reset", "eof")
        assert postern.requests(client)[0]["close"]["reason"] == "upstream_reset"


def test_the_backend_hears_of_a_truncated_client(postern, backend):
    with browse(postern) as client, upgraded(client, backend) as server:
        client.connection.fin()
        assert server.how_it_ends() == ("reset", b"")
        assert postern.requests(client)[0]["close"]["reason"] == "client_truncated"


def test_silence_ends_a_tunnel_after_its_own_time(site, backend):
    server_settings = forwarder(site, backend.destination, proxy_timeout="500ms")
    with Postern(server_settings) as postern, browse(postern) as client, upgraded(client, backend) as server:
        assert how_it_ended(client.connection) == ("close_notify", b"")
        server.how_it_ends()
        assert postern.requests(client)[0]["close"]["reason"] == "idle_timeout"


def test_the_times_of_http_do_not_end_a_tunnel(site, backend):
    short = {key: "200ms" for key in ["proxy_read_timeout", "proxy_send_timeout", "keepalive_timeout", "send_timeout",
                                      "client_body_timeout", "client_header_timeout"]}
    with Postern(forwarder(site, backend.destination, **short)) as postern, browse(postern) as client:
        with upgraded(client, backend) as server:
            assert client.hears_nothing(0.8)
            server.send(b"still there")
            assert client.receive_exactly(11) == b"still there"
            client.send(b"here too")
            assert server.receive_exactly(8) == b"here too"


def test_a_refused_upgrade_is_an_ordinary_answer(postern, backend):
    with browse(postern) as client:
        client.send(get("/chat", *WEBSOCKET))
        with backend.accept() as server:
            server.request()
            server.answer(b"not here", status="403 Forbidden")
            assert client.response().body == b"not here"
            client.send(get("/next"))
            assert server.request().start == "GET /next HTTP/1.1"
            server.answer(b"next")
            assert client.response().body == b"next"


def test_h2c_is_not_forwarded(postern, backend):
    with browse(postern) as client:
        client.send(get("/", "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAAP__"))
        with backend.accept() as server:
            assert server.request().names() & {"connection", "upgrade", "http2-settings"} == set()
            server.answer(b"http/1.1")
            assert client.response().body == b"http/1.1"


@pytest.mark.parametrize("request_", [get("/", "Upgrade: websocket"), get("/", *WEBSOCKET, version="1.0"),
                                      post(b"body", *WEBSOCKET)], ids=["without_connection", "http_1_0", "body"])
def test_half_a_wish_is_none(postern, backend, request_):
    with browse(postern) as client:
        client.send(request_)
        with backend.accept() as server:
            assert server.request().names() & {"connection", "upgrade"} == set()
            server.answer()
            assert client.response().status == 200


def test_a_101_that_nobody_asked_for_is_502(postern, backend):
    with browse(postern) as client:
        client.send(get())
        with backend.accept() as server:
            server.request()
            server.send(SWITCHING + answer(b"smuggled"))
            assert client.response().status == 502
            assert server.how_it_ends()[1] == b""
            assert client.hears_nothing()


def test_a_tunnel_survives_sigterm_until_it_ends(postern, backend):
    with browse(postern) as client, upgraded(client, backend) as server:
        postern.signal(signal.SIGTERM)
        postern.said("drain")
        client.send(b"still")
        assert server.receive_exactly(5) == b"still"
        client.finish()
        server.close()
        assert postern.wait() == 0


def test_sigint_ends_a_tunnel_in_order(postern, backend):
    with browse(postern) as client, upgraded(client, backend):
        postern.signal(signal.SIGINT)
        assert how_it_ended(client.connection) == ("close_notify", b"")
        assert postern.wait() == 0
        assert postern.requests(client)[0]["close"]["reason"] == "stopped"
