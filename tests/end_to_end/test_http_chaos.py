"""Clients and backends that break off anywhere, all at once: whoever behaves is served, and nothing is left behind."""

import contextlib
import random
from concurrent.futures import ThreadPoolExecutor

from backends import Threaded
from http_backends import answer
from http_clients import browse, chunked, get, post
from http_messages import Incomplete, Reader
from postern import Postern, forwarder
from waiting import until

SWITCHING = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: foo\r\nConnection: upgrade\r\n\r\n"


def erratic(connection):
    """Does what the path says; half of the time it breaks off somewhere in the answer."""
    reader, dice = Reader(lambda: connection.recv(65536)), random.Random(connection.getpeername()[1])
    while True:
        try:
            request = reader.request()
        except Incomplete:
            return
        body = request.start.encode() * dice.choice([1, 10, 3000])
        response = dice.choice([
            answer(body), b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(body, body),
            b"HTTP/1.1 103 Early\r\n\r\n" + answer(body), SWITCHING + b"more", b"no HTTP\r\n\r\n"])
        if "/well" in request.start:
            response = answer(request.start.encode())
        elif dice.random() < 0.5:
            connection.sendall(response[:dice.randrange(len(response))])
            return
        connection.sendall(response)


def misbehave(postern, seed):
    dice = random.Random(seed)
    request = dice.choice([
        get("/"), post(b"x" * 50_000), get("/", "Connection: upgrade", "Upgrade: foo") + b"early",
        get("/", "Transfer-Encoding: chunked", method="POST") + chunked(b"a" * 9000, b"b"),
        get("/", "Transfer-Encoding: chunked", method="POST") + b"5\r\nhello\r\nzz\r\n", get("/..", "X: y"),
        get("/", "Expect: 100-continue", "Content-Length: 5", method="POST"), b"\x00 / HTTP/1.1\r\n\r\n"])
    request += get("/next") * dice.choice([0, 0, 1, 5])
    with browse(postern) as client:
        client.send(request if dice.random() < 0.5 else request[:dice.randrange(1, len(request))])
        if dice.random() < 0.5:
            client.connection.socket.settimeout(0.1)
            with contextlib.suppress(Incomplete, TimeoutError):
                client.response()
        with contextlib.suppress(OSError):  # postern may have been first
            dice.choice([client.close, client.reset, client.finish, client.connection.fin])()


def behave(postern, seed):
    path = f"/well/{seed}"
    with browse(postern) as client:
        for request in [get(path), post(b"x" * 10_000, target=path)] * 3:
            response = client.ask(request)
            assert (response.status, response.body) == (200, request.split(b"\r\n")[0])


def test_whoever_behaves_is_served_and_nothing_is_left_behind(site):
    with Threaded(erratic) as backend:
        destination = backend.destination.replace("tcp://", "http://")
        with Postern(forwarder(site, destination, client_body_timeout="2s", proxy_timeout="2s")) as postern:
            behave(postern, "first")
            files = postern.open_files()
            with ThreadPoolExecutor(12) as pool:
                jobs = [pool.submit(behave if i % 3 == 0 else misbehave, postern, i) for i in range(600)]
                for job in jobs:
                    job.result()
            # Of what stays, a worker keeps 32 idle connections to a backend at most.
            until(lambda: postern.open_files() <= files + 64, "the connections to be closed")
            postern.reload_or_fail()
            until(lambda: postern.open_files() <= files, "the kept connections to be closed")
