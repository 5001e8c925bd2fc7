"""How a connection ends behind its last response: whatever was sent arrives, and TLS says that it was all."""

import socket
import time

import pytest
from http_backends import Backend, Site, answer
from http_clients import Browser, Plain, browse, get
from postern import Postern, forwarder

LARGE = b"x" * 3_000_000
SOON = 1  # for a response to come to rest in the kernels' buffers; nothing tells when it has


def slowly(client):
    """Gives its kernel little room, so that much of a response waits in the other one's. With less, each window waits for
    a delayed acknowledgement, once the handshake has the size of a hybrid's."""
    client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 40_000)
    return client


@pytest.mark.parametrize("identity", ["site", None], ids=["tls", "tcp"])
def test_requests_behind_the_last_one_do_not_destroy_its_response(site, identity):
    with Site(lambda request: answer(LARGE)) as backend:
        server = forwarder(site if identity else None, backend.destination, keepalive_requests=1)
        with Postern(server, workers=1) as postern:
            open_ = postern.connect if identity else lambda: Plain(postern.address)
            with Browser(slowly(open_())) as client:
                client.send(get() * 5000)
                time.sleep(SOON)
                response = client.response()
                assert (response.get("Connection"), len(response.body)) == ("close", len(LARGE))
                assert client.is_closed_in_order()


def test_a_response_that_ends_with_its_connection_is_whole_for_a_slow_client(site):
    """The close_notify that says so may find no room in the socket."""
    def talk(request):
        size = int(request.start.split(" ")[1][1:])
        return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (size, b"x" * size)
    with Site(talk) as backend, Postern(forwarder(site, backend.destination), workers=1) as postern:
        for size in range(2_000_000, 6_000_000, 171_717):
            with Browser(slowly(postern.connect())) as client:
                client.send(get(f"/{size}", version="1.0"))
                time.sleep(0.05)
                assert len(client.response().body) == size
                assert client.is_closed_in_order(), size


def test_what_came_before_a_backend_broke_off_arrives(site):
    with Backend() as backend, Postern(forwarder(site, backend.destination), workers=1) as postern:
        for _ in range(10):
            with browse(postern) as client:
                client.send(get())
                with backend.accept() as server:
                    server.request()
                    server.send(answer(b"half of it")[:-3])
                    server.close()
                how, seen = client.how_it_ends()
                assert how in ("eof", "reset")
                assert seen.endswith(b"half of")
