"""CPU time to move data through TLS: postern and nginx's stream proxy, turn by turn on one machine. See README.md."""

import argparse
import contextlib
import hashlib
import json
import multiprocessing
import os
import random
import socket
import ssl
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "lib"))
from kernel import cpu_seconds, machine, peak_memory  # noqa: E402  (it makes the tests' modules importable)

from certs import Authority  # noqa: E402
from nginx import Nginx  # noqa: E402
from peers import installed  # noqa: E402
from postern import Postern, forwarder  # noqa: E402

SUITE = "TLS_AES_128_GCM_SHA256"
GIB = 1 << 30
BLOCK = random.Random(1).randbytes(1 << 20)
DIRECTIONS = ("down", "up")  # as the client sees it

_stream = """
stream {{
    server {{
        listen 127.0.0.1:{port} ssl;
        ssl_certificate {identity.certificate};
        ssl_certificate_key {identity.key};
        ssl_protocols TLSv1.3;
        ssl_conf_command Ciphersuites {suite};
        proxy_pass {backend};
    }}
}}
"""


def main():
    options = arguments()
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="postern-bench-"))
        os.chmod(folder, 0o755)
        authority = Authority(folder)
        identity = authority.issue("localhost")
        backend = stack.enter_context(background(serve_backend))
        settings = {"protocols": ["TLSv1.3"], "ciphersuites": SUITE}
        postern = stack.enter_context(Postern(forwarder(identity, f"tcp://{backend}", settings), workers=1))
        nginx = stack.enter_context(Nginx(_stream, "load_module /usr/lib/nginx/modules/ngx_stream_module.so;",
                                          identity=identity, backend=backend, suite=SUITE))
        servers = {"postern": (postern.process.pid, postern.address),
                   "nginx": (nginx.process.pid, ("127.0.0.1", nginx.port))}
        client = ssl.create_default_context(cafile=str(authority.certificate))
        client.minimum_version = ssl.TLSVersion.TLSv1_3
        results = measure(servers, client, options)
    print(table(results))
    if options.json:
        Path(options.json).write_text(json.dumps(results, indent=2) + "\n")


def arguments():
    parser = argparse.ArgumentParser(prog="./dev bench bulk", description=__doc__)
    parser.add_argument("--gib", type=float, default=1, help="GiB a transfer (%(default)s)")
    parser.add_argument("--rounds", type=int, default=5, help="transfers of each, in each direction (%(default)s)")
    parser.add_argument("--json", metavar="FILE", help="write the figures there as well")
    parser.add_argument("--quick", action="store_true",
                        help="64 MiB, two rounds: shows that the tool works, and nothing about the servers")
    options = parser.parse_args()
    if options.quick:
        options.gib, options.rounds = 1 / 16, 2
    return options


def measure(servers, client, options):
    blocks = round(options.gib * GIB) // len(BLOCK)
    digest = hashlib.sha256()
    for _ in range(blocks):
        digest.update(BLOCK)
    before = {name: peak_memory(pid) for name, (pid, _) in servers.items()}
    for _, address in servers.values():
        for direction in DIRECTIONS:
            transfer(client, address, direction, 8, None)  # pages, sockets and code that the first connection touches
    cpu = {direction: {name: [] for name in servers} for direction in DIRECTIONS}
    wall = {direction: {name: [] for name in servers} for direction in DIRECTIONS}
    for turn in range(options.rounds):
        for direction in DIRECTIONS:
            for name, (pid, address) in servers.items():
                spent, begun = cpu_seconds(pid), time.monotonic()
                transfer(client, address, direction, blocks, digest.hexdigest())
                wall[direction][name].append(time.monotonic() - begun)
                time.sleep(0.05)  # what the server does after the last byte is its work as well
                cpu[direction][name].append(cpu_seconds(pid) - spent)
        print(f"round {turn + 1} of {options.rounds}", file=sys.stderr)
    return {
        "machine": machine(installed("postern", "nginx")),
        "suite": SUITE,
        "bytes_a_transfer": blocks * len(BLOCK),
        "cpu_seconds": cpu,
        "wall_seconds": wall,
        "ratios": {d: [ours / theirs for ours, theirs in zip(cpu[d]["postern"], cpu[d]["nginx"])] for d in DIRECTIONS},
        "memory_growth_bytes": {name: peak_memory(pid) - before[name] for name, (pid, _) in servers.items()},
    }


def table(results):
    gib = results["bytes_a_transfer"] / GIB
    rows = ["", f"TLS 1.3, {results['suite']}, one connection, one worker, {gib:.4g} GiB a transfer",
            *(f"{key}: {value}" for key, value in results["machine"].items()), "",
            "| direction | postern, CPU s a GiB | nginx, CPU s a GiB | postern / nginx, median | range |",
            "|---|---|---|---|---|"]
    for direction in DIRECTIONS:
        cpu, ratios = results["cpu_seconds"][direction], results["ratios"][direction]
        ours, theirs = (statistics.median(cpu[name]) / gib for name in ("postern", "nginx"))
        rows.append(f"| {direction} | {ours:.3f} | {theirs:.3f} | {statistics.median(ratios):.2f} "
                    f"| {min(ratios):.2f} to {max(ratios):.2f} |")
    growth = ", ".join(f"{name} {size / (1 << 20):.1f} MiB" for name, size in results["memory_growth_bytes"].items())
    return "\n".join([*rows, "", f"growth of the peak resident set: {growth}"])


# What moves the data. Client and backend run in processes of their own, so that neither holds up the other; their CPU
# time is not counted.


@contextlib.contextmanager
def background(serve):
    """`serve(listener)` in another process; its address as text."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        process = multiprocessing.get_context("fork").Process(target=serve, args=(listener,), daemon=True)
        process.start()
        try:
            yield "127.0.0.1:%d" % listener.getsockname()[1]
        finally:
            process.terminate()
            process.join()


def serve_backend(listener):
    """A request is 9 bytes: d or u, and how many blocks. Down sends them; up takes them and answers their SHA-256."""
    while True:
        connection, _ = listener.accept()
        with connection, contextlib.suppress(ConnectionError):
            request = connection.recv(9, socket.MSG_WAITALL)
            if len(request) < 9:
                continue  # somebody who only wanted to know whether a server accepts
            blocks = int.from_bytes(request[1:], "big")
            if request[:1] == b"d":
                for _ in range(blocks):
                    connection.sendall(BLOCK)
            else:
                connection.sendall(digest_of(connection, blocks * len(BLOCK)))


def transfer(settings, address, direction, blocks, digest):
    """One connection. Fails unless what arrived has this SHA-256 (None: not looked at)."""
    with socket.create_connection(address) as plain, settings.wrap_socket(plain, server_hostname="localhost") as tls:
        assert tls.cipher()[0] == SUITE, tls.cipher()
        tls.sendall(direction[:1].encode() + blocks.to_bytes(8, "big"))
        if direction == "down":
            seen = digest_of(tls, blocks * len(BLOCK))
        else:
            for _ in range(blocks):
                tls.sendall(BLOCK)
            seen = b""
            while len(seen) < 64 and (part := tls.recv(64)):
                seen += part
        assert digest is None or seen.decode() == digest, f"{direction}: other bytes arrived than were sent"


def digest_of(stream, size):
    """The SHA-256 of the next `size` bytes, as text; of fewer when the stream ends before."""
    seen, left, buffer = hashlib.sha256(), size, memoryview(bytearray(1 << 20))
    while left and (count := stream.recv_into(buffer[:min(left, len(buffer))])):
        seen.update(buffer[:count])
        left -= count
    return seen.hexdigest().encode()


if __name__ == "__main__":
    main()
