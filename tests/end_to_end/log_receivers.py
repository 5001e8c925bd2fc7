"""What stands behind a log that goes to datagrams: the journal's socket and syslog's, played by the test."""

import os
import socket
import tempfile

from waiting import LONG


class Datagrams:
    """A socket that keeps what it gets until the test takes it. At `path` in a folder of its own, or (port) on UDP."""

    def __init__(self, udp=False):
        self._folder = tempfile.TemporaryDirectory(prefix="postern-log-")
        os.chmod(self._folder.name, 0o755)
        if udp:
            self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.socket.bind(("127.0.0.1", 0))
            self.address = "127.0.0.1:%d" % self.socket.getsockname()[1]
        else:
            self.path = os.path.join(self._folder.name, "socket")
            self.listen()
        self.socket.settimeout(LONG)

    def listen(self):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        os.chmod(self.path, 0o666)
        self.socket.settimeout(LONG)

    def stop(self):
        self.socket.close()
        os.unlink(self.path)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()
        self._folder.cleanup()

    def take(self):
        return self.socket.recv(1 << 20).decode()

    def entry(self):
        """The next one as the journal reads it."""
        fields = [line.partition("=") for line in self.take().splitlines()]
        assert all(equals for _, equals, _ in fields)
        return {key: value for key, _, value in fields}

    def entry_with(self, **fields):
        """The next one that has these."""
        while True:
            entry = self.entry()
            if fields.items() <= entry.items():
                return entry
