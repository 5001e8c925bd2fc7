"""CPU time to move data through TLS, over HTTP and TCP: postern and its peers, turn by turn on one machine. See
README.md."""

import contextlib
import hashlib
import os
import ssl
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "lib"))
from kernel import CpuClock, machine, peak_memory, split_cpus  # noqa: E402  (it makes the tests' modules importable)

import peers  # noqa: E402
import report  # noqa: E402
import rounds  # noqa: E402
from certs import Authority  # noqa: E402
from transfer import BLOCK, bulk_backend, transfer  # noqa: E402

GIB = 1 << 30
ROWS = {f"{face} {direction}": (face, direction) for face in ("http", "tcp") for direction in ("down", "up")}


def main():
    options = arguments()
    blocks = round(options.gib * GIB) // len(BLOCK)
    figures, growth = {}, {}
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="postern-bench-"))
        Path(folder).chmod(0o755)
        authority = Authority(folder)
        identity = authority.issue("localhost", intermediate=True)
        client = ssl.create_default_context(cafile=str(authority.certificate))
        client.minimum_version = ssl.TLSVersion.TLSv1_3
        server_cpus, other_cpus = split_cpus()
        os.sched_setaffinity(0, other_cpus)  # we are the client, and fork the backend
        backend = stack.enter_context(bulk_backend())
        for face in options.face or ["http", "tcp"]:
            measure(face, peers.chosen(face, options), identity, backend, client, blocks, server_cpus, options, figures,
                    growth)
    everyone = {peer.name: peer for face in peers.KINDS for peer in peers.chosen(face, options)}
    results = {"machine": machine(everyone.values()), "suite": peers.SUITE, "bytes_a_transfer": blocks * len(BLOCK),
               "cpu_seconds": figures, "memory_growth_bytes": growth}
    gib = blocks * len(BLOCK) / GIB
    rows = {row: rounds.compared({name: [each / gib for each in values] for name, values in of_row.items()})
            for row, of_row in figures.items()}
    report.publish(options, f"CPU time a GiB, one connection, {gib:.4g} GiB a transfer, {peers.SUITE}", results, rows,
                   "seconds a GiB", 3, more=["", *memory(growth)])


def arguments():
    parser = report.parser("bulk", __doc__, rounds=5)
    parser.add_argument("--gib", type=float, default=1, help="GiB a transfer (%(default)s)")
    parser.add_argument("--face", choices=list(peers.KINDS), action="append", help="only this one")
    options = parser.parse_args()
    if options.quick:
        options.gib, options.rounds = 1 / 32, 1
    return options


def measure(face, programs, identity, backend, client, blocks, cpus, options, figures, growth):
    digest = hashlib.sha256()
    for _ in range(blocks):
        digest.update(BLOCK)
    with contextlib.ExitStack() as stack:
        servers = {peer.name: stack.enter_context(peers.Server(peer, face, identity, backend, pinned=True, cpus=cpus))
                   for peer in programs}
        before = {name: peak_memory(server.pid) for name, server in servers.items()}
        for row, (_, direction) in ((row, what) for row, what in ROWS.items() if what[0] == face):
            print(row, file=sys.stderr)
            for server in servers.values():
                transfer(client, server.port, face, direction, 8, None)  # what the first connection touches

            def run(name):
                server = servers[name]
                clock = CpuClock(server.pid)
                transfer(client, server.port, face, direction, blocks, digest.hexdigest())
                time.sleep(0.05)  # what the server does after the last byte is its work as well
                return clock.seconds()

            figures[row] = rounds.interleaved(servers, options.rounds, run)
        for name, server in servers.items():
            growth.setdefault(name, {})[face] = peak_memory(server.pid) - before[name]


def memory(growth):
    yield "Growth of the peak resident set: " + ", ".join(
        f"{name} {face} {size / (1 << 20):.1f} MiB" for name, faces in growth.items() for face, size in faces.items())


if __name__ == "__main__":
    main()
