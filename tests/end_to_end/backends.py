"""What stands behind postern: sockets that a test commands step by step, and servers that run by themselves."""

import hashlib
import os
import selectors
import socket
import struct
import tempfile
import threading

from ports import free_port
from waiting import LONG, until


class Listening:
    """Accepts when the test says so; the test is the backend's program."""

    def __init__(self, backlog=128, unix=False, port=0):
        if unix:
            self._folder = tempfile.TemporaryDirectory(prefix="postern-backend-")
            os.chmod(self._folder.name, 0o755)
            self.path = os.path.join(self._folder.name, "app.sock")
            self.socket = socket.socket(socket.AF_UNIX)
            self.socket.bind(self.path)
            os.chmod(self.path, 0o777)
            self.destination = f"unix:{self.path}"
        else:
            self.socket = socket.socket()
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self.socket.bind(("127.0.0.1", port))
            self.address = "127.0.0.1:%d" % self.socket.getsockname()[1]
            self.destination = f"tcp://{self.address}"
        self.socket.listen(backlog)
        self.socket.settimeout(LONG)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def accept(self):
        connection, _ = self.socket.accept()
        return Accepted(connection)

    def close(self):
        self.socket.close()


class Accepted:
    """The backend's end of one connection."""

    def __init__(self, connection):
        self.socket = connection
        self.socket.settimeout(LONG)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def send(self, data):
        self.socket.sendall(data)

    def receive_exactly(self, count):
        data = b""
        while len(data) < count:
            more = self.socket.recv(count - len(data))
            assert more, f"FIN after {len(data)} of {count} bytes"
            data += more
        return data

    def how_it_ends(self):
        """ "fin" or "reset", with the bytes before it."""
        data = b""
        try:
            while more := self.socket.recv(65536):
                data += more
            return "fin", data
        except ConnectionResetError:
            return "reset", data

    def fin(self):
        self.socket.shutdown(socket.SHUT_WR)

    def reset(self):
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def close(self):
        self.socket.close()


def refusing():
    """host:port that nobody listens on."""
    return f"127.0.0.1:{free_port()}"


class FullBacklog:
    """A listener whose queue is full: the kernel drops further SYNs, so a connect neither succeeds nor fails."""

    def __init__(self):
        self.listener = socket.socket()
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen(0)
        where = self.listener.getsockname()
        self.address = "127.0.0.1:%d" % where[1]
        self.fillers = []
        for _ in range(4):
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex(where)
            self.fillers.append(filler)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for s in [*self.fillers, self.listener]:
            s.close()


class Threaded:
    """Runs `talk(socket)` in a thread for each connection."""

    def __init__(self, talk, unix=False, port=0):
        self._talk = talk
        self.listening = Listening(unix=unix, port=port)
        self.destination = self.listening.destination
        self.accepted = 0
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        # close() alone would not wake the thread in accept().
        self.listening.socket.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self.listening.close()

    @property
    def address(self):
        return self.listening.address

    def _accept(self):
        while True:
            try:
                connection, _ = self.listening.socket.accept()
            except TimeoutError:
                continue
            except OSError:
                return
            connection.settimeout(2 * LONG)
            self.accepted += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        with connection:
            try:
                self._talk(connection)
            except OSError:
                pass  # how postern ends a connection is what the tests look at, from outside


def answers(text):
    """A backend that says `text` to everybody and ends."""
    def talk(connection):
        connection.sendall(text)
        connection.shutdown(socket.SHUT_WR)
        connection.recv(1)
    return Threaded(talk)


def digests():
    """Reads up to FIN, then answers with the count and the SHA-256 of what came."""
    def talk(connection):
        seen, count = hashlib.sha256(), 0
        while part := connection.recv(256 * 1024):
            seen.update(part)
            count += len(part)
        connection.sendall(f"{count} {seen.hexdigest()}".encode())
    return Threaded(talk)


class Echo:
    """Sends back what it gets, for any number of connections in one thread; FIN follows FIN."""

    def __init__(self, prefix=b"", port=0):
        self._prefix = prefix  # said once at the start of each connection
        self.listening = Listening(backlog=4096, port=port)
        self.destination = self.listening.destination
        self.address = self.listening.address
        self.accepted = 0
        self._wake, self._woken = socket.socketpair()
        self._selector = selectors.DefaultSelector()
        self._pending = {}  # connection -> bytes not yet echoed
        self._ended = set()  # have sent FIN
        self.listening.socket.setblocking(False)
        self._selector.register(self.listening.socket, selectors.EVENT_READ)
        self._selector.register(self._woken, selectors.EVENT_READ)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._wake.send(b"x")
        self._thread.join()
        for connection in self._pending:
            connection.close()
        self.listening.close()
        self._selector.close()
        self._wake.close()
        self._woken.close()

    @property
    def open(self):
        return len(self._pending)

    def until_open(self, count):
        until(lambda: self.open == count, f"{count} connections at the backend")

    def _run(self):
        while True:
            for key, events in self._selector.select():
                if key.fileobj is self._woken:
                    return
                if key.fileobj is self.listening.socket:
                    self._accept()
                else:
                    self._serve(key.fileobj, events)

    def _accept(self):
        try:
            connection, _ = self.listening.socket.accept()
        except OSError:
            return
        connection.setblocking(False)
        self.accepted += 1
        self._pending[connection] = bytearray(self._prefix)
        self._selector.register(connection, selectors.EVENT_READ)
        self._serve(connection, 0)

    def _serve(self, connection, events):
        waiting = self._pending[connection]
        try:
            if events & selectors.EVENT_READ:
                part = connection.recv(65536)
                waiting += part
                if not part:
                    self._ended.add(connection)
            if waiting:
                del waiting[:connection.send(waiting)]
        except BlockingIOError:
            pass
        except OSError:
            return self._drop(connection)
        if waiting:
            self._selector.modify(connection, selectors.EVENT_WRITE)  # and read no more: a slow reader must be felt
        elif connection in self._ended:
            self._drop(connection)
        else:
            self._selector.modify(connection, selectors.EVENT_READ)

    def _drop(self, connection):
        self._selector.unregister(connection)
        self._ended.discard(connection)
        del self._pending[connection]
        connection.close()
