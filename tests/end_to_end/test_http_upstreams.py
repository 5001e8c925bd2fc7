"""Connections to backends: how they are kept, what happens when one cannot be made, and when one dies."""

import pytest

from backends import FullBacklog, refusing
from http_backends import Backend, Site, answer
from http_clients import browse, get, post
from http_messages import Incomplete
from postern import Postern, forwarder
from waiting import until


@pytest.fixture
def backend():
    with Backend() as b:
        yield b


@pytest.fixture
def postern(site, backend):
    """One worker: each has a pool of its own."""
    with Postern(forwarder(site, backend.destination), workers=1) as p:
        yield p


def group(*addresses, **keys):
    return {"upstreams": {"group": {"servers": list(addresses), **keys}}}


def kept(client, backend):
    """A connection to the backend that has served one request."""
    client.send(get())
    server = backend.accept()
    server.request()
    server.answer()
    assert client.response().status == 200
    return server


# ---- the pool

def test_one_connection_serves_many_clients_in_turn(site):
    with Site() as backend, Postern(forwarder(site, backend.destination), workers=1) as postern:
        for _ in range(3):
            with browse(postern) as client:
                assert client.ask(get()).status == 200
                assert client.ask(post(b"body")).status == 200
        assert [len(requests) for requests in backend.connections] == [6]


def test_no_more_connections_are_kept_than_the_group_says(site, backend):
    with Postern(forwarder(site, "http://group"), workers=1, **group(backend.address, keepalive=1)) as postern:
        with browse(postern) as one, browse(postern) as other:
            one.send(get("/one"))
            first = backend.accept()
            first.request()
            other.send(get("/other"))
            second = backend.accept()
            second.request()
            with first, second:
                first.answer()
                assert one.response().status == 200
                second.answer()
                assert other.response().status == 200
                # The one that waits longest makes room.
                assert first.how_it_ends() == ("fin", b"")
                one.send(get("/again"))
                assert second.request().start == "GET /again HTTP/1.1"


def test_a_connection_that_waits_for_too_long_is_closed(site, backend):
    keys = group(backend.address, keepalive_timeout="300ms")
    with Postern(forwarder(site, "http://group"), workers=1, **keys) as postern, browse(postern) as client:
        with kept(client, backend) as server:
            assert server.how_it_ends() == ("fin", b"")


def test_a_connection_is_given_up_after_so_many_requests(site):
    with Site() as backend:
        keys = group(backend.address, keepalive_requests=2)
        with Postern(forwarder(site, "http://group"), workers=1, **keys) as postern, browse(postern) as client:
            assert [client.ask(get()).status for _ in range(5)] == [200] * 5
            assert [len(requests) for requests in backend.connections] == [2, 2, 1]


@pytest.mark.parametrize("request_", [get(), post(b"body")], ids=["get", "post"])
def test_a_kept_connection_that_was_closed_is_not_used(postern, backend, request_):
    with browse(postern) as client:
        kept(client, backend).close()
        client.send(request_)
        with backend.accept() as server:
            server.request()
            server.answer(b"second")
            assert client.response().body == b"second"


@pytest.mark.parametrize("together", [True, False])
def test_bytes_that_nobody_asked_for_never_become_an_answer(postern, backend, together):
    with browse(postern) as client:
        client.send(get())
        with backend.accept() as server:
            server.request()
            server.send(answer(b"asked for") + (answer(b"smuggled") if together else b""))
            assert client.response().body == b"asked for"
            if not together:
                server.send(answer(b"smuggled"))
            client.send(get())
            with backend.accept() as another:
                another.request()
                another.answer(b"second")
                assert client.response().body == b"second"


# ---- a kept connection dies with a request on it

@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
@pytest.mark.parametrize("death", ["close", "reset"])
def test_a_safe_request_is_repeated_once(postern, backend, method, death):
    with browse(postern) as client, kept(client, backend) as server:
        client.send(get("/again", method=method))
        assert server.request().start == f"{method} /again HTTP/1.1"
        getattr(server, death)()
        with backend.accept() as another:
            assert another.request().start == f"{method} /again HTTP/1.1"
            another.answer(b"" if method == "HEAD" else b"from another")
            assert client.response(method).status == 200
            upstream = postern.requests(client, 2)[1]["upstream"]
            assert (upstream["reused"], upstream["status"]) == (False, 200)


@pytest.mark.parametrize("request_", [post(b"body"), get(method="POST"), get(method="PATCH")],
                         ids=["post", "empty_post", "patch"])
def test_a_request_that_is_not_safe_to_repeat_is_502(postern, backend, request_):
    with browse(postern) as client, kept(client, backend) as server:
        client.send(request_)
        server.request()
        server.close()
        assert client.response().status == 502
        assert backend.nobody_comes()
        assert postern.requests(client, 2)[1]["close"]["reason"] == "upstream_closed"


def test_it_is_not_repeated_twice(postern, backend):
    with browse(postern) as client, kept(client, backend) as server:
        client.send(get())
        server.request()
        server.close()
        with backend.accept() as another:
            another.request()
        assert client.response().status == 502
        assert backend.nobody_comes()


def test_it_is_not_repeated_after_a_byte_of_the_answer(postern, backend):
    with browse(postern) as client, kept(client, backend) as server:
        client.send(get())
        server.request()
        server.send(b"H")
        until(lambda: client.hears_nothing(0.05), "the byte to arrive")
        server.close()
        assert client.response().status == 502
        assert backend.nobody_comes()


def test_on_a_new_connection_it_is_not_repeated(postern, backend):
    with browse(postern) as client:
        client.send(get())
        with backend.accept() as server:
            server.request()
        assert client.response().status == 502
        assert backend.nobody_comes()


# ---- connecting

def test_a_refused_connect_is_502_and_the_client_stays(site):
    with Postern(forwarder(site, f"http://{refusing()}")) as postern, browse(postern) as client:
        assert client.ask(get()).status == 502
        assert client.ask(post(b"body")).status == 502
        line = postern.requests(client, 2)[0]
        assert (line["status"], line["close"]["by"], line["close"]["reason"]) == (502, "upstream", "connect_refused")


def test_a_name_without_an_address_is_502(site):
    with Postern(forwarder(site, "http://no-such-host.invalid:80", proxy_connect_timeout="2s")) as postern:
        with browse(postern) as client:
            assert client.ask(get()).status == 502
            assert postern.requests(client)[0]["close"]["reason"] == "resolve_failed"


def test_a_connect_without_an_answer_is_504(site):
    with FullBacklog() as full:
        with Postern(forwarder(site, f"http://{full.address}", proxy_connect_timeout="300ms")) as postern:
            with browse(postern) as client:
                assert client.ask(get()).status == 504
                assert postern.requests(client)[0]["close"]["reason"] == "connect_timeout"


@pytest.mark.parametrize("request_", [get(), post(b"body")], ids=["get", "post"])
def test_a_peer_that_refuses_is_passed_over(site, request_):
    with Site() as alive:
        with Postern(forwarder(site, "http://group"), **group(refusing(), refusing(), alive.address)) as postern:
            with browse(postern) as client:
                assert [client.ask(request_).status for _ in range(4)] == [200] * 4
                peers = {line["upstream"]["peer"] for line in postern.requests(client, 4)}
                assert peers == {alive.address}


def test_a_silent_backend_is_504(site, backend):
    with Postern(forwarder(site, backend.destination, proxy_read_timeout="300ms")) as postern:
        with browse(postern) as client:
            client.send(get())
            with backend.accept() as server:
                server.request()
                assert client.response().status == 504
                assert server.how_it_ends()[1] == b""
                line = postern.requests(client)[0]
                assert (line["close"]["by"], line["close"]["reason"]) == ("upstream", "read_timeout")


def test_a_backend_that_falls_silent_in_its_answer_leaves_a_truncation(site, backend):
    with Postern(forwarder(site, backend.destination, proxy_read_timeout="300ms")) as postern:
        with browse(postern) as client:
            client.send(get())
            with backend.accept() as server:
                server.request()
                server.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345")
                with pytest.raises(Incomplete) as incomplete:
                    client.response()
                assert incomplete.value.how in ("reset", "eof")
                assert postern.requests(client)[0]["close"]["reason"] == "read_timeout"


def test_a_backend_that_takes_no_more_of_a_request_is_504(site, backend):
    with Postern(forwarder(site, backend.destination, proxy_send_timeout="500ms", client_body_timeout="60s")) as postern:
        with browse(postern) as client:
            client.send(get("/", "Content-Length: 200000000", method="POST"))
            client.connection.socket.settimeout(3)
            with backend.accept():
                with pytest.raises((TimeoutError, ConnectionError)):
                    while True:
                        client.send(b"x" * 65_536)
                line = postern.requests(client)[0]
                assert (line["status"], line["close"]["reason"]) == (504, "write_timeout")


# ---- clients that leave

def test_a_client_that_leaves_ends_the_backends_request(postern, backend):
    with browse(postern) as client:
        client.send(get())
        with backend.accept() as server:
            server.request()
            client.finish()
            client.close()
            assert server.how_it_ends()[1] == b""
            line = postern.requests(client)[0]
            assert (line["status"], line["close"]["by"], line["close"]["reason"]) == (499, "client", "client_closed")


def test_a_client_that_resets_in_its_upload_is_no_end_of_it(postern, backend):
    with browse(postern) as client:
        client.send(get("/", "Transfer-Encoding: chunked", method="POST") + b"4\r\nbody\r\n")
        with backend.accept() as server:
            server.request_head()
            server.receive_exactly(9)
            client.reset()
            assert server.how_it_ends()[1] == b""
            assert postern.requests(client)[0]["status"] == 499


def test_a_client_that_leaves_in_the_answer_ends_it(postern, backend):
    with browse(postern) as client:
        client.send(get())
        with backend.accept() as server:
            server.request()
            server.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
            client.receive_exactly(15)
            client.reset()
            with pytest.raises(ConnectionError):
                until(lambda: server.send(b"x" * 65_536), "the end")
            line = postern.requests(client)[0]
            assert (line["status"], line["close"]["by"]) == (200, "client")
