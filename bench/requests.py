"""CPU time a request over kept connections: postern and nginx as HTTPS proxies, turn by turn on one machine. See README.md."""

import argparse
import contextlib
import json
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "lib"))
from kernel import cpu_seconds, machine  # noqa: E402  (it makes the tests' modules importable)

from certs import Authority  # noqa: E402
from nginx import Nginx  # noqa: E402
from peers import installed  # noqa: E402
from postern import Postern, forwarder  # noqa: E402

SUITE = "TLS_AES_128_GCM_SHA256"
SIZES = {"100 B": 100, "64 KiB": 64 * 1024}
TOOLS = ("wrk", "h2load")
FOREVER = 1_000_000_000  # requests on a connection

_backend = """
http {{
    access_log off;
    keepalive_requests {forever};
    server {{ listen 127.0.0.1:{port}; root {folder}; }}
}}
"""

# What its own users would write: kept connections to the backend, the usual headers, an access log.
_proxy = """
http {{
    access_log {folder}/access.log combined buffer=32k flush=1s;
    keepalive_requests {forever};
    upstream backend {{ server {backend}; keepalive 64; keepalive_requests {forever}; }}
    server {{
        listen 127.0.0.1:{port} ssl;
        ssl_certificate {identity.certificate};
        ssl_certificate_key {identity.key};
        ssl_protocols TLSv1.3;
        ssl_conf_command Ciphersuites {suite};
        location / {{
            proxy_pass http://backend;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header Host $http_host;
            proxy_set_header X-Forwarded-For $remote_addr;
            proxy_set_header X-Forwarded-Proto $scheme;
            proxy_set_header X-Forwarded-Host $http_host;
            proxy_set_header X-Forwarded-Port $server_port;
            proxy_set_header X-Real-IP $remote_addr;
        }}
    }}
}}
"""


def main():
    options = arguments()
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="postern-bench-"))
        os.chmod(folder, 0o755)
        identity = Authority(folder).issue("localhost")
        backend = stack.enter_context(Nginx(_backend, forever=FOREVER))
        for size in SIZES.values():
            (backend.folder / str(size)).write_bytes(random.Random(size).randbytes(size))
        address = f"127.0.0.1:{backend.port}"
        nginx = stack.enter_context(Nginx(_proxy, identity=identity, backend=address, suite=SUITE, forever=FOREVER))
        postern = stack.enter_context(Postern(
            forwarder(identity, "http://backend", {"protocols": ["TLSv1.3"], "ciphersuites": SUITE},
                      keepalive_requests=FOREVER),
            upstreams={"backend": {"servers": [address], "keepalive": 64, "keepalive_requests": FOREVER}},
            workers=1, log={"format": "text", "access": "access.log"}))
        servers = {"postern": (postern.process.pid, postern.address[1]), "nginx": (nginx.process.pid, nginx.port)}
        postern.entries = lambda: []  # lines are text here
        results = measure(servers, options)
    print(table(results))
    if options.json:
        Path(options.json).write_text(json.dumps(results, indent=2) + "\n")


def arguments():
    parser = argparse.ArgumentParser(prog="./dev bench requests", description=__doc__)
    parser.add_argument("--requests", type=int, default=50_000, help="requests a round, of h2load (%(default)s)")
    parser.add_argument("--seconds", type=int, default=3, help="length of a round of wrk (%(default)s)")
    parser.add_argument("--connections", type=int, default=16, help="kept by the client (%(default)s)")
    parser.add_argument("--rounds", type=int, default=5, help="of each tool and size on each server (%(default)s)")
    parser.add_argument("--json", metavar="FILE", help="write the figures there as well")
    parser.add_argument("--quick", action="store_true",
                        help="one second, one round: shows that the tool works, and nothing about the servers")
    options = parser.parse_args()
    if options.quick:
        options.requests, options.seconds, options.rounds = 1000, 1, 1
    return options


def measure(servers, options):
    figures = {}
    for turn in range(options.rounds):
        for tool in TOOLS:
            for what, size in SIZES.items():
                row = figures.setdefault(f"{tool}, {what}", {name: {"cpu_us": [], "rate": []} for name in servers})
                for name, (pid, port) in servers.items():
                    spent = cpu_seconds(pid)
                    requests, rate = load(tool, f"https://127.0.0.1:{port}/{size}", options)
                    row[name]["cpu_us"].append((cpu_seconds(pid) - spent) / requests * 1e6)
                    row[name]["rate"].append(rate)
        print(f"round {turn + 1} of {options.rounds}", file=sys.stderr)
    for row in figures.values():
        row["ratios"] = [a / b for a, b in zip(row["postern"]["cpu_us"], row["nginx"]["cpu_us"])]
    return {"machine": machine(installed("postern", "nginx")), "suite": SUITE, "connections": options.connections,
            "figures": figures}


def load(tool, url, options):
    """How many requests were answered with 200, and how many a second. A run with any other answer is void."""
    if tool == "wrk":
        said = run("wrk", "-t1", f"-c{options.connections}", f"-d{options.seconds}s", url)
        assert "Non-2xx" not in said and "Socket errors" not in said, said
        return (int(re.search(r"(\d+) requests in", said)[1]), float(re.search(r"Requests/sec:\s+([\d.]+)", said)[1]))
    said = run("h2load", "--h1", f"-n{options.requests}", f"-c{options.connections}", url)
    assert f"{options.requests} succeeded, 0 failed" in said, said
    return options.requests, float(re.search(r"([\d.]+) req/s", said)[1])


def run(*command):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=True).stdout


def table(results):
    rows = ["", f"TLS 1.3, {results['suite']}, {results['connections']} kept connections, one worker",
            *(f"{key}: {value}" for key, value in results["machine"].items()), "",
            "| client, response | postern, CPU us a request | nginx | postern / nginx, median | range "
            "| postern, requests a second | nginx |", "|---|---|---|---|---|---|---|"]
    for what, row in results["figures"].items():
        ours, theirs = ({key: statistics.median(row[name][key]) for key in ("cpu_us", "rate")}
                        for name in ("postern", "nginx"))
        rows.append(f"| {what} | {ours['cpu_us']:.1f} | {theirs['cpu_us']:.1f} | {statistics.median(row['ratios']):.2f} "
                    f"| {min(row['ratios']):.2f} to {max(row['ratios']):.2f} | {ours['rate']:.0f} "
                    f"| {theirs['rate']:.0f} |")
    return "\n".join(rows)


if __name__ == "__main__":
    main()
