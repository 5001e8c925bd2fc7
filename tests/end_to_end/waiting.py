"""Waiting for what must happen. The limit is only there so that a hang becomes a failure with a message."""

import time

LONG = 90.0  # seconds; generous, because a loaded machine is slow and not wrong


def until(condition, what, limit=LONG):
    """Returns the first true value of condition(); fails with `what` when there is none in time."""
    give_up = time.monotonic() + limit
    pause = 0.002
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > give_up:
            raise AssertionError(f"waited {limit:.0f} s in vain for {what}")
        time.sleep(pause)
        pause = min(pause * 1.5, 0.1)
