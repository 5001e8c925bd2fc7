"""Connections to backends that are kept: who gets them, when they end, and when one dies with a request on it."""

import pytest

from http_backends import Backend, Site, answer
from http_clients import browse, get, post
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


@pytest.mark.parametrize("method, head", [("HEAD", b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n"),
                                          ("GET", b"HTTP/1.1 304 Not Modified\r\n\r\n"),
                                          ("GET", b"HTTP/1.1 204 No Content\r\n\r\n")])
def test_a_body_where_none_may_be_never_becomes_the_next_answer(postern, backend, method, head):
    with browse(postern) as client:
        client.send(get(method=method))
        with backend.accept() as server:
            server.request()
            server.send(head + b"a body..")
            assert client.response(method).body == b""
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
