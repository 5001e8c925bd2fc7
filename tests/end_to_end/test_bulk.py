"""Much data through one connection: 128 MiB each way, 1 GiB with FULL=1."""

import hashlib
import os
import random

import pytest

from backends import Echo, Threaded, digests
from clients import TLS_1_2, TLS_1_3, context, exchange
from postern import Postern, forwarder, sanitized

TOTAL = (1 << 30) if os.environ.get("FULL") == "1" else (128 << 20)
BLOCK = random.Random(2).randbytes(1 << 20)
GROWTH = 64 << 20

VERSIONS = pytest.mark.parametrize("versions", [TLS_1_2, TLS_1_3], ids=["TLSv1.2", "TLSv1.3"])


def expected_digest():
    seen = hashlib.sha256()
    for _ in range(TOTAL // len(BLOCK)):
        seen.update(BLOCK)
    return seen.hexdigest()


@VERSIONS
def test_an_upload_arrives_whole(site, versions):
    with digests() as backend, Postern(forwarder(site, backend.destination)) as postern:
        with postern.connect(context(versions=versions)) as client:
            before = postern.memory("VmHWM")
            for _ in range(TOTAL // len(BLOCK)):
                client.send(BLOCK)
            client.finish()
            assert client.receive_all().decode() == f"{TOTAL} {expected_digest()}"
            check_growth(postern, before)
            assert postern.entry(client)["bytes"]["in"] == TOTAL


@VERSIONS
def test_a_download_arrives_whole(site, versions):
    def source(connection):
        for _ in range(TOTAL // len(BLOCK)):
            connection.sendall(BLOCK)
    with Threaded(source) as backend, Postern(forwarder(site, backend.destination)) as postern:
        with postern.connect(context(versions=versions)) as client:
            before = postern.memory("VmHWM")
            seen, count = hashlib.sha256(), 0
            while part := client.receive(1 << 20):
                seen.update(part)
                count += len(part)
            assert (count, seen.hexdigest()) == (TOTAL, expected_digest())
            check_growth(postern, before)
            client.finish()
            assert postern.entry(client)["bytes"]["out"] == TOTAL


def test_both_directions_at_once_arrive_whole(site):
    with Echo() as backend, Postern(forwarder(site, backend.destination)) as postern:
        with postern.connect() as client:
            before = postern.memory("VmHWM")
            assert exchange(client, BLOCK, TOTAL) == (TOTAL, expected_digest())
            check_growth(postern, before)


def check_growth(postern, before):
    growth = postern.memory("VmHWM") - before
    print(f"grew by {growth >> 10} KiB, {postern.cpu_seconds():.2f} s of CPU for {TOTAL >> 20} MiB")
    assert sanitized() or growth < GROWTH
