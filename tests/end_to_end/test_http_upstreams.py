"""When no backend can be reached, when one stands still, and when the client leaves."""

import pytest

from backends import FullBacklog, refusing
from http_backends import Backend, Site
from http_clients import browse, get, post
from http_messages import Incomplete
from postern import Postern, forwarder
from streaming import BLOCK, Sending
from waiting import until


@pytest.fixture
def backend():
    with Backend() as b:
        yield b


@pytest.fixture
def postern(site, backend):
    with Postern(forwarder(site, backend.destination), workers=1) as p:
        yield p


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
        group = {"servers": [refusing(), refusing(), alive.address]}
        with Postern(forwarder(site, "http://group"), upstreams={"group": group}) as postern:
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
    blocks = [BLOCK] * 1000
    server = forwarder(site, backend.destination, proxy_send_timeout="500ms")
    with Postern(server) as postern, browse(postern) as client:
        client.send(get("/", f"Content-Length: {len(BLOCK) * len(blocks)}", method="POST"))
        with backend.accept(), Sending(client.send, *blocks, may_fail=True):
            assert client.response().status == 504
            assert postern.requests(client)[0]["close"]["reason"] == "write_timeout"


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


@pytest.mark.parametrize("leave", [lambda c: c.reset(), lambda c: c.finish(), lambda c: c.connection.fin()],
                         ids=["reset", "close_notify", "fin"])
@pytest.mark.parametrize("length", ["Transfer-Encoding: chunked", "Content-Length: 20"])
def test_a_client_that_leaves_in_its_upload_is_no_end_of_it(postern, backend, length, leave):
    with browse(postern) as client:
        client.send(get("/", length, method="POST") + b"4\r\nbody\r\n")
        with backend.accept() as server:
            server.request_head()
            server.receive_exactly(9)
            leave(client)
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
