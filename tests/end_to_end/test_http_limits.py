"""What a client may not do: how large, how slow and how malformed its requests may be, and how it hears of it."""

import time

import pytest

from http_backends import Backend, Site
from http_clients import browse, browse_plainly, chunked, get, post
from postern import Postern, forwarder
from streaming import Sending
from waiting import LONG


@pytest.fixture
def backend():
    with Backend() as b:
        yield b


def serving(site, backend, **keys):
    return Postern(forwarder(site, backend.destination, **keys), workers=1)


def is_refused(client, status, header=None):
    """This answer comes, with the header if one is named, and then the end."""
    response = client.response()
    assert header is None or response.get(header)
    assert (response.status, response.get("Connection")) == (status, "close")
    assert client.is_closed_in_order()
    return True


def test_a_request_split_at_every_byte_is_one_request(site):
    request = get("/a?b", "X-Some: thing", "Transfer-Encoding: chunked", method="POST") + \
        chunked(b"body", b"more", trailers=["X-Sum: 1"])
    with Site() as backend, serving(site, backend) as postern, browse(postern) as client:
        for at in range(1, len(request)):
            client.send(request[:at])
            time.sleep(0.001)
            client.send(request[at:])
            assert client.response().status == 200
        for at in range(len(request)):
            client.send(request[at:at + 1])
        assert client.response().status == 200
        assert len(backend.requests) == len(request)
        assert len({r.head for r in backend.requests}) == 1
        assert {(r.body, *r.trailers) for r in backend.requests} == {(b"bodymore", ("X-Sum", "1"))}


@pytest.mark.parametrize("request_", [
    b"GET / HTTP/1.1\nHost: localhost\n\n", b"GET  / HTTP/1.1\r\nHost: localhost\r\n\r\n", b"GET /\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: localhost\rX: y\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", get("/", "X : y"), get("/", "X: a\0b"), get("/", "X: a", " b"),
    get("/", "Content-Length: 1", "Content-Length: 2", method="POST") + b"x",
    get("/", "Content-Length: 1", "Transfer-Encoding: chunked", method="POST") + chunked(b"x"),
    get("/", "Transfer-Encoding: xchunked", method="POST") + chunked(b"x"),
    get("/", "Transfer-Encoding: chunked", method="POST", version="1.0") + chunked(b"x"),
    get("/", "Content-Length: -1", method="POST"), get("/../etc/passwd"), get("/%zz"), get("/%00")])
def test_what_two_readers_may_take_for_two_things_is_refused(site, backend, request_):
    with serving(site, backend) as postern, browse(postern) as client:
        client.send(request_ + get("/hidden"))
        response = client.response()
        assert response.status in (400, 501)
        assert client.is_closed_in_order()
        assert backend.nobody_comes(0.05)
        line = postern.requests(client)[0]
        assert (line["status"], line["close"]["by"], line["close"]["reason"]) == \
            (response.status, "client", "bad_request")


@pytest.mark.parametrize("body", [b"x\r\n", b"-1\r\n", b"2\r\nabc\r\n", b"2\nab\r\n", b"fffffffffffffffff\r\n"])
def test_a_malformed_chunk_ends_it(site, backend, body):
    with serving(site, backend) as postern, browse(postern) as client:
        client.send(get("/", "Transfer-Encoding: chunked", method="POST") + body + b"0\r\n\r\n" + get("/hidden"))
        assert is_refused(client, 400)
        assert postern.requests(client)[0]["close"]["reason"] == "bad_request"


def test_a_malformed_chunk_behind_good_ones_never_looks_like_an_end_to_the_backend(site, backend):
    with serving(site, backend) as postern, browse(postern) as client:
        client.send(get("/", "Transfer-Encoding: chunked", method="POST") + b"4\r\ngood\r\n")
        with backend.accept() as server:
            server.request_head()
            server.receive_exactly(9)
            client.send(b"zz\r\n")
            assert is_refused(client, 400)
            assert server.how_it_ends()[1] == b""


@pytest.mark.parametrize("method", ["CONNECT", "TRACE"])
def test_methods_that_are_not_for_us_are_405(site, backend, method):
    with serving(site, backend) as postern, browse(postern) as client:
        client.send(get("localhost:443" if method == "CONNECT" else "/", method=method))
        assert is_refused(client, 405, "Allow")
        assert backend.nobody_comes(0.05)


def test_a_server_without_a_destination_answers_404(site):
    with Postern(forwarder(site, None)) as postern, browse(postern) as client:
        assert client.ask(get()).status == 404
        assert client.ask(get(method="HEAD")).status == 404
        assert client.ask(post(b"body")).status == 404
        assert client.ask(get("/")).status == 404


def test_another_version_of_http_is_505(site, backend):
    with serving(site, backend) as postern, browse(postern) as client:
        client.send(get(version="2.0"))
        assert is_refused(client, 505)


def test_a_request_line_that_is_too_long_is_414(site, backend):
    with serving(site, backend, large_client_header_buffers="2 1k") as postern, browse(postern) as client:
        client.send(get("/" + "a" * 2000))
        assert is_refused(client, 414)


@pytest.mark.parametrize("lines", [["X: " + "a" * 2000], [f"X-{i}: {'a' * 500}" for i in range(5)]])
def test_headers_that_are_too_long_are_431(site, backend, lines):
    with serving(site, backend, large_client_header_buffers="2 1k") as postern, browse(postern) as client:
        client.send(get("/", *lines))
        assert is_refused(client, 431)


def test_what_fits_by_default_is_forwarded(site):
    with Site() as backend, serving(site, backend) as postern, browse(postern) as client:
        assert client.ask(get("/" + "a" * 8000, *[f"X-{i}: {'b' * 7000}" for i in range(3)])).status == 200
        client.send(get("/", *[f"X-{i}: {'b' * 8000}" for i in range(5)]))
        assert is_refused(client, 431)


def test_a_body_that_says_it_is_too_large_is_413_and_no_backend_is_asked(site, backend):
    with serving(site, backend, client_max_body_size="1k") as postern, browse(postern) as client:
        client.send(post(b"x" * 1025))
        assert is_refused(client, 413)
        assert backend.nobody_comes(0.05)
        assert postern.requests(client)[0]["close"]["reason"] == "body_too_large"


def test_a_chunked_body_that_becomes_too_large_is_413(site, backend):
    with serving(site, backend, client_max_body_size="1k") as postern, browse(postern) as client:
        client.send(get("/", "Transfer-Encoding: chunked", method="POST") + b"200\r\n" + b"x" * 512 + b"\r\n")
        with backend.accept() as server:
            server.request_head()
            client.send(b"201\r\n" + b"x" * 513 + b"\r\n")
            assert is_refused(client, 413)
            assert not server.how_it_ends()[1].endswith(b"0\r\n\r\n")


def test_a_body_of_the_largest_size_passes(site):
    with Site() as backend, serving(site, backend, client_max_body_size="1k") as postern, browse(postern) as client:
        assert client.ask(post(b"x" * 1024)).status == 200
        assert client.ask(get("/", "Transfer-Encoding: chunked", method="POST") + chunked(b"x" * 1024)).status == 200


def test_a_location_has_a_largest_size_of_its_own(site):
    with Site() as backend:
        locations = [{"path": "/", "proxy_pass": backend.destination},
                     {"path": "/large", "proxy_pass": backend.destination, "client_max_body_size": "4k"},
                     {"path": "/any", "proxy_pass": backend.destination, "client_max_body_size": "0"}]
        with Postern(forwarder(site, None, locations=locations, client_max_body_size="1k")) as postern:
            for target, size, status in [("/", 1025, 413), ("/large", 4096, 200), ("/large", 4097, 413),
                                         ("/any", 100_000, 200)]:
                with browse(postern) as client:
                    assert client.ask(post(b"x" * size, target=target)).status == status


@pytest.mark.parametrize("open_", [browse, lambda postern: browse_plainly(postern.address)], ids=["tls", "plain"])
def test_a_client_that_is_still_sending_reads_why_it_was_refused(site, backend, open_):
    server = forwarder(site if open_ is browse else None, backend.destination, client_max_body_size="1k")
    with Postern(server) as postern, open_(postern) as client:
        client.send(get("/", "Content-Length: 4000000", method="POST"))
        # Unread bytes in a socket that is closed would become a reset, which destroys the answer.
        for _ in range(80):
            client.send(b"x" * 50_000)
        assert client.response().status == 413
        assert client.is_closed_in_order()


def test_a_slow_head_is_408(site, backend):
    with serving(site, backend, client_header_timeout="300ms") as postern, browse(postern) as client:
        client.send(b"GET / HTTP/1.1\r\nHost: loc")
        assert is_refused(client, 408)
        line = postern.requests(client)[0]
        assert (line["status"], line["close"]["reason"]) == (408, "request_timeout")


def test_a_head_that_trickles_is_slow_as_a_whole(site, backend):
    with serving(site, backend, client_header_timeout="1s") as postern, browse(postern) as client:
        begun = time.monotonic()
        client.send(b"GET / HTTP/1.1\r\nX: ")
        with Sending(lambda part: (client.send(part), time.sleep(0.1)), *[b"x"] * 100, may_fail=True):
            assert client.response().status == 408
            assert time.monotonic() - begun < LONG
            client.close()


def test_a_client_that_says_nothing_is_closed_without_a_word(site, backend):
    with serving(site, backend, client_header_timeout="300ms") as postern, browse(postern) as client:
        assert client.is_closed_in_order()
        assert postern.ending(client)[2] == "idle_timeout"


def test_a_body_that_stands_still_is_408(site, backend):
    with serving(site, backend, client_body_timeout="300ms") as postern, browse(postern) as client:
        client.send(get("/", "Content-Length: 10", method="POST") + b"12345")
        with backend.accept() as server:
            server.request_head()
            assert is_refused(client, 408)
            assert server.how_it_ends()[1] == b"12345"
            assert postern.requests(client)[0]["close"]["reason"] == "body_timeout"


def test_a_client_that_takes_nothing_is_given_up(site, backend):
    with serving(site, backend, send_timeout="500ms") as postern, browse(postern) as client:
        client.send(get())
        with backend.accept() as server:
            server.request()
            server.send(b"HTTP/1.1 200 OK\r\nContent-Length: 200000000\r\n\r\n")
            with Sending(server.send, *[b"x" * 100_000] * 2000, may_fail=True):
                assert postern.requests(client)[0]["close"]["reason"] == "send_timeout"
