"""Clients that come and go without a pause, and an account of what each of them got."""

import ssl
import threading
from collections import Counter

from clients import Client, Truncated, context

QUESTION = b"what was asked must be answered".ljust(2000, b".")


class Load:
    """`threads` clients at a time, each with one question a connection, while the with block lasts."""

    def __init__(self, address, threads=4, settings=None):
        self._address = address
        self._settings = settings or context()
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self.answered = 0
        self.not_accepted = 0  # refused, or reset before a byte came: no one had taken the connection
        self.lost = Counter()
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(threads)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.end()

    def end(self):
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _run(self):
        while not self._stop.is_set():
            outcome = self._visit()
            with self._lock:
                if outcome == "answered":
                    self.answered += 1
                elif outcome == "not accepted":
                    self.not_accepted += 1
                else:
                    self.lost[outcome] += 1
            if outcome == "not accepted":
                self._stop.wait(0.01)

    def _visit(self):
        client = None
        try:
            client = Client(self._address, self._settings, handshake=False)
            client.handshake()
            if client.ask(QUESTION) != QUESTION:
                return "another answer"
            client.finish()
            return "answered" if client.receive_all() == b"" else "more than the answer"
        except (OSError, ssl.SSLError, Truncated, AssertionError) as e:
            if isinstance(e, ConnectionError) and (client is None or client.received == 0):
                return "not accepted"
            return repr(e)
        finally:
            if client:
                client.close()
