"""Bodies on their way through: framing, trailers, backpressure, expectations and answers that come early."""

import time

import pytest

from http_backends import Backend, answer
from http_clients import browse, chunked, get, post
from postern import Postern, forwarder, sanitized
from streaming import BLOCK, Sending

CHUNKED = "Transfer-Encoding: chunked"


@pytest.fixture
def backend():
    with Backend() as b:
        yield b


@pytest.fixture
def postern(site, backend):
    with Postern(forwarder(site, backend.destination), workers=1) as p:
        yield p


@pytest.mark.parametrize("size", [0, 1, 1000, 16_384, 100_000, 3_000_000])
def test_a_body_with_a_length_arrives_with_it(postern, backend, size):
    body = bytes(i % 251 for i in range(1000)) * (size // 1000) + b"x" * (size % 1000)
    with browse(postern) as client:
        with Sending(client.send, post(body)), backend.accept() as server:
            request = server.request()
            assert (request.get("Content-Length"), request.body) == (str(size), body)
            with Sending(server.send, answer(body)):
                response = client.response()
                assert (response.get("Content-Length"), response.body) == (str(size), body)


@pytest.mark.parametrize("around", [16_384, 65_536, 73_728])
def test_a_message_of_about_a_buffers_size_is_not_cut(postern, backend, around):
    """Head and body together, up and down."""
    with browse(postern) as client:
        server = None
        for size in range(around - 260, around + 20, 7):
            body = b"x" * (size - 1) + b"."
            client.send(post(body))
            server = server or backend.accept()
            assert server.request().body == body
            server.answer(body)
            assert client.response().body == body
        server.close()


def test_thousands_of_small_chunks_are_one_body(postern, backend):
    body = b"".join(b"%d," % i for i in range(5000))
    parts = [body[i:i + 3] for i in range(0, len(body), 3)]
    with browse(postern) as client:
        with Sending(client.send, get("/", CHUNKED, method="POST") + chunked(*parts)), backend.accept() as server:
            assert server.request().body == body
            with Sending(server.send, f"HTTP/1.1 200 OK\r\n{CHUNKED}\r\n\r\n".encode() + chunked(*parts)):
                assert client.response().body == body


@pytest.mark.parametrize("parts", [[], [b"x"], [b"some", b"thing"], [b"a" * 70_000, b"b", b"c" * 70_000]])
def test_a_chunked_body_arrives_in_chunks(postern, backend, parts):
    with browse(postern) as client:
        client.send(get("/", CHUNKED, method="POST") + chunked(*parts))
        with backend.accept() as server:
            request = server.request()
            assert (request.get("Transfer-Encoding"), request.body) == ("chunked", b"".join(parts))
            server.send(f"HTTP/1.1 200 OK\r\n{CHUNKED}\r\n\r\n".encode() + chunked(*parts))
            response = client.response()
            assert (response.get("Transfer-Encoding"), response.body) == ("chunked", b"".join(parts))
            client.send(get("/again"))
            assert server.request().start == "GET /again HTTP/1.1"


def test_chunk_extensions_are_dropped(postern, backend):
    with browse(postern) as client:
        client.send(get("/", CHUNKED, method="POST") + b"4;a=b;c=\"d\"\r\nbody\r\n0;e\r\n\r\n")
        with backend.accept() as server:
            assert server.request().raw.endswith(b"\r\n\r\n4\r\nbody\r\n0\r\n\r\n")


def test_a_body_up_to_the_end_of_the_backend_is_chunked_for_the_client(postern, backend):
    with browse(postern) as client:
        client.send(get())
        with backend.accept() as server:
            server.request()
            server.send(b"HTTP/1.0 200 OK\r\n\r\nup to the end")
            server.close()
            response = client.response()
            assert (response.get("Transfer-Encoding"), response.body) == ("chunked", b"up to the end")
            assert response.get("Connection") is None


def test_trailers_go_both_ways(postern, backend):
    with browse(postern) as client:
        client.send(get("/", CHUNKED, "Trailer: X-Sum", method="POST") + chunked(b"up", trailers=["X-Sum: 1"]))
        with backend.accept() as server:
            assert server.request().trailers == [("X-Sum", "1")]
            head = f"HTTP/1.1 200 OK\r\n{CHUNKED}\r\nTrailer: X-Sum\r\n\r\n".encode()
            server.send(head + chunked(b"down", trailers=["X-Sum: 2", "X-More: 3"]))
            response = client.response()
            assert response.body == b"down"
            assert response.trailers == [("X-Sum", "2"), ("X-More", "3")]


@pytest.mark.parametrize("trailer", ["Host: other", "Content-Length: 5", "Transfer-Encoding: chunked",
                                     "X-Forwarded-For: 10.0.0.1", "X_Real_IP: 10.0.0.1", "Authorization: Basic eDp5"])
def test_trailers_that_must_not_be_are_dropped(postern, backend, trailer):
    with browse(postern) as client:
        client.send(get("/", CHUNKED, method="POST") + chunked(b"up", trailers=[trailer, "X-Sum: 1"]))
        with backend.accept() as server:
            assert server.request().trailers == [("X-Sum", "1")]
            server.answer()
            assert client.response().status == 200


def test_events_are_not_held_back(postern, backend):
    with browse(postern) as client:
        client.send(get())
        with backend.accept() as server:
            server.request()
            server.send(f"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n{CHUNKED}\r\n\r\n".encode())
            client.receive_exactly(len(b"HTTP/1.1 200 OK"))
            seen = b""
            for i in range(3):
                event = b"data: %d\n\n" % i
                server.send(b"%x\r\n%s\r\n" % (len(event), event))
                while event not in seen:
                    seen += client.receive_exactly(1)


def test_an_upload_is_not_held_back(postern, backend):
    with browse(postern) as client:
        client.send(get("/", "Content-Length: 30", method="POST"))
        with backend.accept() as server:
            server.request_head()
            for part in [b"0123456789", b"abcdefghij", b"ABCDEFGHIJ"]:
                client.send(part)
                assert server.receive_exactly(10) == part
            server.answer()
            assert client.response().status == 200


def test_a_slow_upload_is_not_the_backends_silence(site, backend):
    """The backend's time to answer begins when it has the whole request, as in nginx."""
    with Postern(forwarder(site, backend.destination, proxy_read_timeout="500ms")) as postern:
        with browse(postern) as client:
            client.send(get("/", "Content-Length: 20", method="POST"))
            with backend.accept() as server:
                server.request_head()
                for _ in range(20):
                    client.send(b"x")
                    assert server.receive_exactly(1) == b"x"
                    time.sleep(0.1)
                server.answer(b"all there")
                assert client.response().body == b"all there"


def test_100_continue_is_the_backends_word(postern, backend):
    with browse(postern) as client:
        client.send(get("/", "Expect: 100-continue", "Content-Length: 4", method="POST"))
        with backend.accept() as server:
            assert b"\r\nexpect: 100-continue\r\n" in server.request_head().lower()
            assert client.hears_nothing()
            server.send(b"HTTP/1.1 100 Continue\r\n\r\n")
            assert client.response().status == 100
            client.send(b"body")
            assert server.receive_exactly(4) == b"body"
            server.answer(b"thanks")
            assert client.response().body == b"thanks"
            client.send(get("/next"))
            assert server.request().start == "GET /next HTTP/1.1"


def test_an_expectation_may_be_refused_without_the_body(postern, backend):
    with browse(postern) as client:
        client.send(get("/", "Expect: 100-continue", "Content-Length: 4", method="POST"))
        with backend.accept() as server:
            server.request_head()
            server.answer(b"no", status="417 Expectation Failed")
            response = client.response()
            assert (response.status, response.body, response.get("Connection")) == (417, b"no", "close")
            # Nobody knows whether the client sends its body now.
            assert client.is_closed_in_order()
            assert server.how_it_ends()[1] == b""


def test_our_own_answer_to_an_expectation_closes(site):
    with Postern(forwarder(site, None)) as postern, browse(postern) as client:
        client.send(get("/", "Expect: 100-continue", "Content-Length: 4", method="POST"))
        response = client.response()
        assert (response.status, response.get("Connection")) == (404, "close")
        assert client.is_closed_in_order()


@pytest.mark.parametrize("length", ["Content-Length: 5000000", CHUNKED])
def test_an_answer_may_come_before_the_body(site, backend, length):
    group = {"servers": [backend.address], "keepalive_timeout": "10m"}  # longer than the test waits
    with Postern(forwarder(site, "http://group"), upstreams={"group": group}) as postern, browse(postern) as client:
        client.send(get("/", length, method="POST"))
        with backend.accept() as server:
            server.request_head()
            server.answer(b"log in first", status="401 Unauthorized")
            response = client.response()
            assert (response.status, response.body, response.get("Connection")) == (401, b"log in first", "close")
            # It is not kept: another request on it would be the body's continuation.
            assert server.how_it_ends()[1] == b""


def test_an_answer_before_the_body_reaches_a_client_that_is_still_sending(postern, backend):
    with browse(postern) as client:
        client.send(get("/", "Content-Length: 5000000", method="POST") + b"x" * 100_000)
        with backend.accept() as server:
            server.request_head()
            server.answer(b"enough", status="401 Unauthorized")
            server.close()
            # It reads only when it has sent, and no reset may be faster.
            client.send(b"x" * 4_900_000)
            assert client.response().body == b"enough"


def test_a_body_that_comes_with_its_answer_under_way_is_still_delivered(postern, backend):
    """As an echo does: the answer begins before the request has ended."""
    with browse(postern) as client:
        client.send(get("/", CHUNKED, method="POST") + b"5\r\nfirst\r\n")
        with backend.accept() as server:
            server.request_head()
            assert server.receive_exactly(10) == b"5\r\nfirst\r\n"
            server.send(f"HTTP/1.1 200 OK\r\n{CHUNKED}\r\n\r\n5\r\nfirst\r\n".encode())
            client.receive_exactly(len(b"HTTP/1.1 200 OK"))
            client.send(b"6\r\nsecond\r\n0\r\n\r\n")
            assert server.receive_exactly(16) == b"6\r\nsecond\r\n0\r\n\r\n"
            server.send(b"6\r\nsecond\r\n0\r\n\r\n")
            assert client.how_it_ends()[1].endswith(b"second\r\n0\r\n\r\n")


def test_a_slow_client_holds_the_backend_back(postern, backend):
    blocks = [BLOCK] * 1536
    with browse(postern) as client:
        client.send(get())
        with backend.accept() as server:
            server.request()
            server.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (len(BLOCK) * len(blocks)))
            before = postern.memory()
            with Sending(server.send, *blocks) as sending:
                assert sending.until_stuck() < len(BLOCK) * len(blocks) / 2
                assert sanitized() or postern.memory() - before < 8 * 1024 * 1024
                assert client.response().body == b"".join(blocks)


def test_a_slow_backend_holds_the_client_back(postern, backend):
    blocks = [BLOCK] * 1536
    with browse(postern) as client:
        client.send(get("/", f"Content-Length: {len(BLOCK) * len(blocks)}", method="POST"))
        with backend.accept() as server:
            before = postern.memory()
            with Sending(client.send, *blocks) as sending:
                assert sending.until_stuck() < len(BLOCK) * len(blocks) / 2
                assert sanitized() or postern.memory() - before < 8 * 1024 * 1024
                assert server.request().body == b"".join(blocks)
            server.answer(b"at last")
            assert client.response().body == b"at last"
