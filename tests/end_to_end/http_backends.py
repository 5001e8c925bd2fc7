"""HTTP backends: one that a test commands message by message, and one that answers by itself and remembers."""

import threading

from backends import Accepted, Listening, Threaded
from http_messages import Incomplete, Reader


def answer(body=b"ok", *lines, status="200 OK"):
    """A response with Content-Length."""
    head = "\r\n".join([f"HTTP/1.1 {status}", *lines, f"Content-Length: {len(body)}", "", ""])
    return head.encode("latin-1") + body


class Backend(Listening):
    """Accepts when the test says so."""

    def __init__(self, **more):
        super().__init__(**more)
        self.destination = self.destination.replace("tcp://", "http://")

    def accept(self):
        connection, _ = self.socket.accept()
        return Peer(connection)

    def nobody_comes(self, seconds=0.2):
        """For what must not happen: no further connection arrives."""
        limit = self.socket.gettimeout()
        self.socket.settimeout(seconds)
        try:
            self.socket.accept()[0].close()
            return False
        except TimeoutError:
            return True
        finally:
            self.socket.settimeout(limit)


class Peer(Accepted):
    """The backend's end of one connection."""

    def __init__(self, connection):
        super().__init__(connection)
        self.reader = Reader(lambda: self.socket.recv(65536))

    def request(self):
        """The next one, whole. Incomplete when the connection ends inside it or before it."""
        return self.reader.request()

    def request_head(self):
        """... up to its body."""
        return self.reader.up_to(b"\r\n\r\n")

    def receive_exactly(self, count):
        data = self.reader.take(count)
        return data + super().receive_exactly(count - len(data))

    def how_it_ends(self):
        how, data = super().how_it_ends()
        return how, self.reader.take(len(self.reader.waiting)) + data

    def answer(self, *arguments, **more):
        self.send(answer(*arguments, **more))


class Site(Threaded):
    """Answers each request by the bytes of respond(request), on kept connections; None closes the connection."""

    def __init__(self, respond=lambda request: answer(), **more):
        self._respond = respond
        self._lock = threading.Lock()
        self.connections = []  # the requests of each, in the order of the connections
        super().__init__(self._talk_http, **more)
        self.destination = self.destination.replace("tcp://", "http://")

    @property
    def requests(self):
        with self._lock:
            return [request for connection in self.connections for request in connection]

    def _talk_http(self, connection):
        reader, mine = Reader(lambda: connection.recv(65536)), []
        with self._lock:
            self.connections.append(mine)
        while True:
            try:
                request = reader.request()
            except Incomplete:
                return
            with self._lock:
                mine.append(request)
            response = self._respond(request)
            if response is None:
                return
            connection.sendall(response)
