"""Backends that die in their answer, or that answer what is no HTTP: never is a part taken for the whole."""

import pytest

from http_backends import Backend
from http_clients import browse, chunked, get
from http_messages import Incomplete
from postern import Postern, forwarder

answers = {
    "length": b"HTTP/1.1 200 OK\r\nX-Some: thing\r\nContent-Length: 12\r\n\r\nhello, world",
    "chunked": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" +
               chunked(b"hello, ", b"world", trailers=["X-Sum: 1"]),
    "until_close": b"HTTP/1.1 200 OK\r\nX-Some: thing\r\n\r\nhello, world",
}


@pytest.fixture
def backend():
    with Backend() as b:
        yield b


@pytest.fixture
def postern(site, backend):
    with Postern(forwarder(site, backend.destination), workers=1) as p:
        yield p


def what_the_client_sees(postern, backend, sent, death):
    """The response's status, or "incomplete"."""
    with browse(postern) as client:
        client.send(get())
        with backend.accept() as server:
            server.request()
            server.send(sent)
            getattr(server, death)()
        try:
            return client.response().status
        except Incomplete as e:
            # A close_notify would say that this was all.
            assert e.how in ("reset", "eof")
            return "incomplete"


@pytest.mark.parametrize("death", ["close", "reset"])
@pytest.mark.parametrize("framing", answers)
def test_a_backend_that_dies_at_any_byte_is_noticed(postern, backend, framing, death):
    whole = answers[framing]
    head = whole.index(b"\r\n\r\n") + 4
    for at in range(len(whole)):
        seen = what_the_client_sees(postern, backend, whole[:at], death)
        if at < head:
            assert seen == 502, at
        elif framing == "until_close" and death == "close":
            assert seen == 200, at  # which is how it ends
        elif death == "reset":
            assert seen in (502, "incomplete"), at  # a reset may overtake what was sent
        else:
            assert seen == "incomplete", at


@pytest.mark.parametrize("framing", answers)
def test_the_same_answers_are_fine_when_they_are_whole(postern, backend, framing):
    assert what_the_client_sees(postern, backend, answers[framing], "close") == 200


@pytest.mark.parametrize("death", ["close", "reset"])
def test_http_1_0_hears_of_a_truncation_too(postern, backend, death):
    """It has no chunks: only the end of the connection can tell."""
    with browse(postern) as client:
        client.send(get(version="1.0"))
        with backend.accept() as server:
            server.request()
            server.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
            client.receive_exactly(len(b"HTTP/1.1 200 OK"))
            getattr(server, death)()
        assert client.how_it_ends()[0] in ("reset", "eof")


malformed = [
    b"hello\r\n\r\n",
    b"\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
    b"HTTP/2.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
    b"HTTP/1.1 20 OK\r\nContent-Length: 2\r\n\r\nok",
    b"HTTP/1.1 999 OK\r\nContent-Length: 2\r\n\r\nok",
    b"HTTP/1.1 200 OK\nContent-Length: 2\n\nok",
    b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok",
    b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\nok",
    b"HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\nok",
    b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nok",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nok",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    b"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 2\r\n\r\nok",
    b"HTTP/1.1 200 OK\r\nX : a\r\nContent-Length: 2\r\n\r\nok",
    b"HTTP/1.1 200 OK\r\nX: a\0b\r\nContent-Length: 2\r\n\r\nok",
    b"HTTP/1.1 200 OK\r\nX: a\rb\r\nContent-Length: 2\r\n\r\nok",
    b"HTTP/1.1 200 OK\r\nno colon\r\nContent-Length: 2\r\n\r\nok",
    b"HTTP/1.1 200 OK\r\n: no name\r\nContent-Length: 2\r\n\r\nok",
    b"HTTP/1.1 200 OK\r\nX: " + b"a" * 70_000 + b"\r\nContent-Length: 2\r\n\r\nok",
    b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: foo\r\n\r\n",
]


@pytest.mark.parametrize("sent", malformed, ids=[str(i) for i in range(len(malformed))])
def test_what_is_no_answer_is_502(postern, backend, sent):
    with browse(postern) as client:
        client.send(get())
        with backend.accept() as server:
            server.request()
            server.send(sent)
            assert client.response().status == 502
            assert server.how_it_ends()[1] == b""
        line = postern.requests(client)[0]
        assert (line["status"], line["close"]["by"], line["close"]["reason"]) == (502, "upstream", "bad_response")
        # The client has done nothing wrong.
        client.send(get())
        with backend.accept() as server:
            server.request()
            server.answer(b"better")
            assert client.response().body == b"better"


@pytest.mark.parametrize("chunks", [b"x\r\n", b"-1\r\n", b"3\r\nabcd\r\n", b"3\nabc\r\n", b"0\r\nX : y\r\n\r\n"])
def test_a_malformed_chunk_leaves_a_truncation(postern, backend, chunks):
    with browse(postern) as client:
        client.send(get())
        with backend.accept() as server:
            server.request()
            server.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\ngood\r\n" + chunks)
            with pytest.raises(Incomplete) as incomplete:
                client.response()
            assert incomplete.value.how in ("reset", "eof")
            assert postern.requests(client)[0]["close"]["reason"] == "bad_response"


def test_more_than_the_length_is_not_passed_on(postern, backend):
    with browse(postern) as client:
        client.send(get())
        with backend.accept() as server:
            server.request()
            server.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok and more")
            assert client.response().body == b"ok"
            assert client.hears_nothing()
            assert server.how_it_ends()[1] == b""
