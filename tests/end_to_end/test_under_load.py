"""Reloads and drains while clients come and go: whoever was accepted gets the answer."""

import signal

import pytest

from backends import Echo
from load import Load
from postern import Postern, forwarder
from waiting import LONG, until

RELOADS = 50


@pytest.fixture
def backend():
    with Echo() as b:
        yield b


@pytest.mark.parametrize("how", ["postern reload", "SIGHUP"])
def test_fifty_reloads_lose_nothing(authority, site, backend, how):
    server = forwarder(site, backend.destination)
    blocks = [site.block(), authority.issue("localhost", kind="rsa").block()]
    with Postern(server) as postern:
        with Load(postern.address) as load:
            for i in range(RELOADS):
                answered = load.answered
                server["ssl"] = blocks[i % 2]
                postern.write(server)
                if how == "SIGHUP":
                    postern.signal(signal.SIGHUP)
                else:
                    postern.reload_or_fail()
                until(lambda: load.answered > answered + 3, "answers after the reload")
        assert load.lost == {}
        # The address stayed the whole time, and so did its sockets.
        assert load.not_accepted == 0


def test_a_drain_loses_nothing_that_was_accepted(site, backend):
    for _ in range(5):
        with Postern(forwarder(site, backend.destination)) as postern:
            with Load(postern.address) as load:
                until(lambda: load.answered > 50, "traffic")
                postern.signal(signal.SIGTERM)
                assert postern.process.wait(2 * LONG) == 0
            assert load.lost == {}
            endings = {e["close"]["reason"] for e in postern.entries()}
            assert endings == {"closed"}


def test_the_log_has_a_line_for_each_connection(site, backend):
    with Postern(forwarder(site, backend.destination)) as postern:
        with Load(postern.address) as load:
            until(lambda: load.answered > 300, "traffic")
        postern.stop()
        entries = postern.entries()
        assert len(entries) == load.answered
        assert len({e["id"] for e in entries}) == len(entries)
        assert all(e["bytes"] == {"in": 2000, "out": 2000} for e in entries)
