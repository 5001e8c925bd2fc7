"""Sending in the background, while the test reads or looks on."""

import threading
import time

from waiting import LONG

BLOCK = bytes(range(256)) * 256


class Sending:
    """Sends these parts in a thread, while the with block lasts and until all are sent."""

    def __init__(self, send, *parts, may_fail=False):
        self.sent = 0
        self._failed = None
        self._may_fail = may_fail
        self._thread = threading.Thread(target=self._run, args=(send, parts), daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, kind, *_):
        if kind:
            return
        self._thread.join(2 * LONG)
        assert not self._thread.is_alive(), f"stuck after {self.sent} bytes"
        if self._failed and not self._may_fail:
            raise self._failed

    def until_stuck(self):
        """Returns how much has been sent when nothing more is taken."""
        seen, since = self.sent, time.monotonic()
        while time.monotonic() - since < 1:
            time.sleep(0.05)
            if self.sent != seen:
                seen, since = self.sent, time.monotonic()
        return seen

    def _run(self, send, parts):
        try:
            for part in parts:
                send(part)
                self.sent += len(part)
        except OSError as e:
            self._failed = e
