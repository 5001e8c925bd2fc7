"""What moves the data of bulk.py: a backend and a client, in HTTP or over plain TCP. Each runs in a process of its own,
so that neither holds up the other; their CPU time does not count."""

import contextlib
import hashlib
import multiprocessing
import random
import socket

import kernel  # noqa: F401  (it makes the tests' modules importable)

from peers import SUITE

BLOCK = random.Random(1).randbytes(1 << 20)
_DIGEST = 64  # characters of a SHA-256


@contextlib.contextmanager
def bulk_backend():
    """Its port. Down it sends blocks, up it takes them and answers their SHA-256."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        process = multiprocessing.get_context("fork").Process(target=_serve, args=(listener,), daemon=True)
        process.start()
        try:
            yield listener.getsockname()[1]
        finally:
            process.terminate()
            process.join()


def _serve(listener):
    while True:
        connection, _ = listener.accept()
        with connection, contextlib.suppress(ConnectionError):
            head = _head(connection)
            if head.startswith((b"GET ", b"PUT ")):
                _answer(connection, *head.split()[:2], _http_answer)
            elif head:
                _answer(connection, *head.split(), lambda size: b"")


def _head(stream):
    """A request's head: an HTTP one, or a line of a method and a number of blocks."""
    seen = b""
    while not seen.endswith(b"\r\n\r\n") and not (seen.endswith(b"\n") and seen[:1].islower()):
        # One byte at a time, to leave alone what follows; that is nothing beside a GiB.
        if not (byte := stream.recv(1)):
            return b""
        seen += byte
    return seen


def _answer(connection, method, target, head):
    blocks = int(target.strip(b"/"))
    if method.upper() == b"GET":
        connection.sendall(head(blocks * len(BLOCK)))
        for _ in range(blocks):
            connection.sendall(BLOCK)
    else:
        digest = digest_of(connection, blocks * len(BLOCK))
        connection.sendall(head(_DIGEST) + digest)


def _http_answer(size):
    return b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % size


def transfer(settings, port, face, direction, blocks, digest):
    """One connection. Fails unless what arrived has this SHA-256 (None: not looked at)."""
    method = "get" if direction == "down" else "put"
    size = blocks * len(BLOCK)
    with (socket.create_connection(("127.0.0.1", port)) as plain,
          settings.wrap_socket(plain, server_hostname="localhost") as tls):
        assert tls.cipher()[0] == SUITE, tls.cipher()
        if face == "http":
            length = f"Content-Length: {size}\r\n" if direction == "up" else ""
            tls.sendall(f"{method.upper()} /{blocks} HTTP/1.1\r\nHost: localhost\r\n{length}\r\n".encode())
        else:
            tls.sendall(f"{method} {blocks}\n".encode())
        if direction == "up":
            for _ in range(blocks):
                tls.sendall(BLOCK)
        if face == "http":
            head = _head(tls)
            assert head.startswith(b"HTTP/1.1 200"), head
        seen = digest_of(tls, size) if direction == "down" else _exactly(tls, _DIGEST)
        assert digest is None or seen.decode() == digest, f"{face} {direction}: other bytes arrived than were sent"


def digest_of(stream, size):
    """The SHA-256 of the next `size` bytes, as text; of fewer when the stream ends before."""
    seen, left, buffer = hashlib.sha256(), size, memoryview(bytearray(1 << 20))
    while left and (count := stream.recv_into(buffer[:min(left, len(buffer))])):
        seen.update(buffer[:count])
        left -= count
    return seen.hexdigest().encode()


def _exactly(stream, size):
    seen = b""
    while len(seen) < size and (part := stream.recv(size - len(seen))):
        seen += part
    return seen
