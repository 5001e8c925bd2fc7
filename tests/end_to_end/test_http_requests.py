"""Requests and their answers on a client's connection: which follow which, how long they are, and when it ends."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from http_backends import Backend, Site, answer
from http_clients import browse, browse_plainly, chunked, get, post
from postern import Postern, forwarder
from streaming import Sending


@pytest.fixture
def backend():
    with Backend() as b:
        yield b


@pytest.fixture
def postern(site, backend):
    with Postern(forwarder(site, backend.destination), workers=1) as p:
        yield p


def paths(request):
    """A site that says what it was asked for."""
    return answer(request.start.split()[1].encode())


def test_a_connection_is_kept_for_the_next_request(site):
    with Site(paths) as backend, Postern(forwarder(site, backend.destination)) as postern:
        with browse(postern) as client:
            for path in ["/1", "/2", "/3"]:
                response = client.ask(get(path))
                assert (response.status, response.body) == (200, path.encode())
                assert response.get("Connection") is None
            assert client.hears_nothing()


def test_plain_connections_are_kept_too(site):
    with Site(paths) as backend, Postern(forwarder(None, backend.destination)) as postern:
        with browse_plainly(postern.address) as client:
            assert client.ask(get("/1")).body == b"/1"
            assert client.ask(get("/2")).body == b"/2"


def test_pipelined_requests_are_answered_in_their_order(site):
    with Site(paths) as backend, Postern(forwarder(site, backend.destination)) as postern:
        with browse(postern) as client:
            client.send(get("/1") + post(b"x" * 5, target="/2") + get("/3", method="HEAD") + get("/4"))
            assert client.response().body == b"/1"
            assert client.response().body == b"/2"
            assert client.response("HEAD").get("Content-Length") == "2"
            assert client.response().body == b"/4"
        assert [r.body for r in backend.requests] == [b"", b"xxxxx", b"", b""]


def test_a_pipelined_request_waits_until_the_one_before_is_answered(postern, backend):
    with browse(postern) as client:
        client.send(get("/1") + get("/2"))
        with backend.accept() as server:
            assert server.request().start == "GET /1 HTTP/1.1"
            assert backend.nobody_comes()
            server.answer(b"one")
            assert server.request().start == "GET /2 HTTP/1.1"
            server.answer(b"two")
            assert [client.response().body, client.response().body] == [b"one", b"two"]


def test_hundreds_of_requests_at_once_are_answered_one_by_one(site):
    """More than any buffer holds, so that heads and bodies are cut everywhere."""
    requests = [get(f"/{i}", "X: " + "a" * (i % 700)) if i % 3 else post(b"b" * (i * 7), target=f"/{i}")
                for i in range(400)]
    with Site(paths) as backend, Postern(forwarder(site, backend.destination), workers=1) as postern:
        with browse(postern) as client, Sending(client.send, b"".join(requests)):
            assert [client.response().body for _ in requests] == [b"/%d" % i for i in range(len(requests))]
        assert [len(r.body) for r in backend.requests] == [0 if i % 3 else i * 7 for i in range(len(requests))]


def test_a_client_that_has_said_all_still_gets_all_answers(site):
    with Site(paths) as backend, Postern(forwarder(site, backend.destination)) as postern:
        with browse(postern) as client:
            client.send(get("/1") + get("/2"))
            client.finish()
            assert [client.response().body, client.response().body] == [b"/1", b"/2"]
            assert client.is_closed_in_order()


def test_clients_side_by_side_get_their_own_answers(site):
    def talk(number):
        with browse(postern) as client:
            for i in range(20):
                path = f"/{number}/{i}"
                request = get(path) if i % 2 else post(path.encode() * 100, target=path)
                response = client.ask(request)
                assert response.body == path.encode() + b" " + path.encode() * (0 if i % 2 else 100)

    def respond(request):
        return answer(request.start.split()[1].encode() + b" " + request.body)
    with Site(respond) as backend, Postern(forwarder(site, backend.destination)) as postern:
        with ThreadPoolExecutor(16) as pool:
            assert list(pool.map(talk, range(16))) == [None] * 16
        assert len(backend.requests) == 16 * 20


def test_a_large_head_of_an_answer_goes_through(postern, backend):
    lines = [f"X-{i}: {'a' * 1000}" for i in range(60)]
    with browse(postern) as client:
        client.send(get())
        with backend.accept() as server:
            server.request()
            server.answer(b"ok", *lines)
            response = client.response()
            assert [f"{n}: {v}" for n, v in response.headers[:60]] == lines
            assert response.body == b"ok"


def test_the_client_says_that_it_was_the_last_one(postern, backend):
    with browse(postern) as client:
        client.send(get("/", "Connection: close"))
        with backend.accept() as server:
            assert server.request().get("Connection") is None
            server.answer()
            response = client.response()
            assert response.get("Connection") == "close"
            assert client.is_closed_in_order()


def test_connection_close_of_the_backend_is_between_it_and_us(postern, backend):
    with browse(postern) as client:
        client.send(get())
        with backend.accept() as server:
            server.request()
            server.answer(b"ok", "Connection: close")
            assert client.response().get("Connection") is None
            assert server.how_it_ends()[1] == b""
        client.send(get())
        with backend.accept() as server:
            server.request()
            server.answer(b"again")
            assert client.response().body == b"again"


def test_http_1_0_closes(postern, backend):
    with browse(postern) as client:
        client.send(get(version="1.0"))
        with backend.accept() as server:
            assert server.request().start == "GET / HTTP/1.1"
            server.answer(b"old")
            response = client.response()
            assert (response.status, response.body, response.get("Connection")) == (200, b"old", "close")
            assert client.is_closed_in_order()


def test_http_1_0_may_ask_to_be_kept(postern, backend):
    with browse(postern) as client:
        client.send(get("/", "Connection: keep-alive", version="1.0"))
        with backend.accept() as server:
            server.request()
            server.answer(b"old")
            response = client.response()
            assert (response.body, response.get("Connection").lower()) == (b"old", "keep-alive")
            client.send(get("/", "Connection: keep-alive", version="1.0"))
            server.request()
            server.answer(b"again")
            assert client.response().body == b"again"


def test_http_1_0_needs_no_host(site, backend):
    with Postern(forwarder(site, backend.destination, server_name=["www.example.org", "localhost"])) as postern:
        with browse(postern) as client:
            client.send(b"GET / HTTP/1.0\r\n\r\n")
            with backend.accept() as server:
                assert server.request().get("Host") == "www.example.org"
                server.answer()
                assert client.response().status == 200


@pytest.mark.parametrize("kept", [[], ["Connection: keep-alive"]])
def test_http_1_0_gets_no_chunks(postern, backend, kept):
    with browse(postern) as client:
        client.send(get("/", *kept, version="1.0"))
        with backend.accept() as server:
            server.request()
            server.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(b"some", b"thing"))
            response = client.response()
            assert response.body == b"something"
            assert response.get("Transfer-Encoding") is None
            assert response.get("Connection") == "close"


def test_an_answer_to_head_has_a_length_and_no_body(postern, backend):
    with browse(postern) as client:
        client.send(get(method="HEAD"))
        with backend.accept() as server:
            assert server.request().start == "HEAD / HTTP/1.1"
            server.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n")
            response = client.response("HEAD")
            assert (response.get("Content-Length"), response.body) == ("1234", b"")
            client.send(get(method="HEAD"))
            server.request()
            server.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            assert client.response("HEAD").get("Content-Length") is None
            client.send(get())
            server.request()
            server.answer(b"and the connection goes on")
            assert client.response().body == b"and the connection goes on"


@pytest.mark.parametrize("head", [b"HTTP/1.1 204 No Content\r\n\r\n",
                                  b"HTTP/1.1 304 Not Modified\r\nETag: \"a\"\r\n\r\n",
                                  b"HTTP/1.1 304 Not Modified\r\nContent-Length: 77\r\n\r\n"])
def test_answers_that_never_have_a_body_end_with_their_head(postern, backend, head):
    with browse(postern) as client:
        client.send(get())
        with backend.accept() as server:
            server.request()
            server.send(head)
            assert client.response().start.encode() == head.split(b"\r\n")[0]
            client.send(get())
            server.request()
            server.answer(b"next")
            assert client.response().body == b"next"


def test_the_reason_phrase_goes_through(postern, backend):
    with browse(postern) as client:
        client.send(get())
        with backend.accept() as server:
            server.request()
            server.answer(b"short and stout", status="418 I'm a teapot")
            assert client.response().start == "HTTP/1.1 418 I'm a teapot"


def test_103_reaches_http_1_1_before_the_answer(postern, backend):
    with browse(postern) as client:
        client.send(get())
        with backend.accept() as server:
            server.request()
            server.send(b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n")
            early = client.response()
            assert (early.status, early.get("Link")) == (103, "</a.css>; rel=preload")
            server.send(b"HTTP/1.1 103 Early Hints\r\nLink: </b.css>; rel=preload\r\n\r\n" + answer(b"page"))
            assert client.response().get("Link") == "</b.css>; rel=preload"
            assert client.response().body == b"page"


def test_103_does_not_reach_http_1_0(postern, backend):
    with browse(postern) as client:
        client.send(get(version="1.0"))
        with backend.accept() as server:
            server.request()
            server.send(b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n" + answer(b"page"))
            assert client.response().body == b"page"


def test_after_so_many_requests_the_connection_is_closed(site):
    with Site() as backend, Postern(forwarder(site, backend.destination, keepalive_requests=3)) as postern:
        with browse(postern) as client:
            closing = [client.ask(get()).get("Connection") for _ in range(3)]
            assert closing == [None, None, "close"]
            assert client.is_closed_in_order()


def test_an_idle_connection_is_closed_in_order(site):
    with Site() as backend, Postern(forwarder(site, backend.destination, keepalive_timeout="300ms")) as postern:
        with browse(postern) as client:
            assert client.ask(get()).get("Connection") is None
            assert client.is_closed_in_order()
            assert postern.requests(client)[0]["close"]["reason"] == "answered"


def test_without_keepalive_every_answer_closes(site):
    with Site() as backend, Postern(forwarder(site, backend.destination, keepalive_timeout="0s")) as postern:
        with browse(postern) as client:
            assert client.ask(get()).get("Connection") == "close"
            assert client.is_closed_in_order()


def test_a_client_that_ends_between_requests_is_let_go(site):
    with Site() as backend, Postern(forwarder(site, backend.destination)) as postern:
        with browse(postern) as client:
            assert client.ask(get()).status == 200
            client.finish()
            assert client.is_closed_in_order()


def test_empty_lines_before_a_request_are_passed_over(site):
    with Site(paths) as backend, Postern(forwarder(site, backend.destination)) as postern:
        with browse(postern) as client:
            assert client.ask(post(b"body") + b"\r\n").status == 200
            assert client.ask(get("/next")).body == b"/next"
