"""What waits holds no buffers: requests with a slow backend, and connections between two requests."""

from contextlib import ExitStack

import pytest
from http_backends import Backend
from http_clients import browse_plainly, get, post
from postern import Postern, forwarder, sanitized

MANY = 500
BODY = b"x" * 60_000  # it fills a block, of which each has 72 KiB: one for each connection would be 36 MiB
GROWTH = 12 << 20

pytestmark = pytest.mark.skipif(sanitized(), reason="a sanitizer's memory is not ours to judge")


def test_requests_that_wait_and_connections_that_idle_hold_no_blocks():
    with ExitStack() as stack:
        backend = stack.enter_context(Backend())
        postern = stack.enter_context(Postern(forwarder(None, backend.destination), workers=1))
        warm = stack.enter_context(browse_plainly(postern.address))
        warm.send(get())
        server = stack.enter_context(backend.accept())
        server.request_head()
        server.answer(b"warm")
        assert warm.response().body == b"warm"
        before = postern.memory()
        clients, servers = [], []
        for n in range(MANY):
            client = stack.enter_context(browse_plainly(postern.address))
            client.send(post(BODY, target=f"/{n}"))
            clients.append(client)
            servers.append(server if n == 0 else stack.enter_context(backend.accept()))
            assert servers[-1].request_head().startswith(f"POST /{n} HTTP/1.1\r\n".encode())
            assert servers[-1].receive_exactly(len(BODY)) == BODY
        assert postern.memory() - before < GROWTH, "while the backend is waited for"
        for client, server in zip(clients, servers):
            server.answer(b"at last")
            assert client.response().body == b"at last"
        assert postern.memory() - before < GROWTH, "between two requests"
        targets = [e["request"]["target"] for client in clients for e in postern.requests(client)]
        assert targets == [f"/{n}" for n in range(MANY)]
