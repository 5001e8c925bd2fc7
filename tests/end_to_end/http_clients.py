"""A client that sends exactly the bytes it is given, over TLS or over TCP alone, and reads one response at a time."""

import socket
import struct

from http_messages import Incomplete, Reader
from waiting import LONG


def get(target="/", *lines, host="localhost", method="GET", version="1.1"):
    """A request without a body."""
    return "\r\n".join([f"{method} {target} HTTP/{version}", f"Host: {host}", *lines, "", ""]).encode("latin-1")


def post(body, *lines, target="/", host="localhost"):
    return get(target, *lines, f"Content-Length: {len(body)}", host=host, method="POST") + body


def chunked(*parts, trailers=()):
    """A body in chunks."""
    framed = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts)
    return framed + b"0\r\n" + "".join(f"{line}\r\n" for line in trailers).encode("latin-1") + b"\r\n"


class Plain:
    """TCP alone, with the words of clients.Client."""

    def __init__(self, address):
        self.socket = socket.create_connection(address, timeout=LONG)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.port = self.socket.getsockname()[1]

    def send(self, data):
        self.socket.sendall(data)

    def receive(self):
        return self.socket.recv(65536)

    def finish(self):
        self.socket.shutdown(socket.SHUT_WR)

    def reset(self):
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def close(self):
        self.socket.close()


class Browser:
    """HTTP on a connection (a clients.Client or a Plain)."""

    def __init__(self, connection):
        self.connection = connection
        self.port = connection.port
        self._reader = Reader(connection.receive)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.connection.close()

    def send(self, data):
        self.connection.send(data)

    def response(self, to="GET"):
        """Exactly one response to such a method; Incomplete when it is not whole."""
        return self._reader.response(to)

    def ask(self, request):
        self.send(request)
        return self.response(request.split(b" ", 1)[0].decode("latin-1"))

    def receive_exactly(self, count):
        """Bytes that are no HTTP."""
        while len(self._reader.waiting) < count:
            more = self.connection.receive()
            assert more, f"end after {self._reader.waiting!r}"
            self._reader.waiting += more
        return self._reader.take(count)

    def how_it_ends(self):
        """ "end" in order, "eof" (TCP without close_notify) or "reset", with the bytes before it."""
        try:
            return "end", self._reader.rest()
        except Incomplete as e:
            return e.how, e.seen

    def is_closed_in_order(self):
        """Nothing comes any more but the end."""
        return self.how_it_ends() == ("end", b"")

    def hears_nothing(self, seconds=0.2):
        """For what must not come: no byte, and no end."""
        self.connection.socket.settimeout(seconds)
        try:
            self._reader.waiting += self.connection.receive()
            return False
        except TimeoutError:
            return True
        finally:
            self.connection.socket.settimeout(LONG)

    def finish(self):
        self.connection.finish()

    def reset(self):
        self.connection.reset()

    def close(self):
        self.connection.close()


def browse(postern, settings=None, name="localhost", **more):
    """Over TLS, to the first server's address."""
    return Browser(postern.connect(settings, name, **more))


def browse_plainly(address):
    return Browser(Plain(address))

