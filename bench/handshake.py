"""CPU time of a short connection: a TLS handshake, one tiny request, and the end. postern and its peers, turn by turn
on one machine. See README.md."""

import contextlib
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "lib"))
from kernel import machine, split_cpus  # noqa: E402  (it makes the tests' modules importable)

import peers  # noqa: E402
import report  # noqa: E402
import rounds  # noqa: E402
from certs import Authority  # noqa: E402
from programs import backend, measured  # noqa: E402


@dataclass(frozen=True)
class Row:
    name: str
    face: str
    resume: bool
    pinned: bool = False
    key: str = "ec"


ROWS = [
    Row("full HTTP", "http", False),
    Row("resumed HTTP", "http", True),
    Row("full TCP", "tcp", False),
    Row("resumed TCP", "tcp", True),
    Row("full HTTP, pinned", "http", False, pinned=True),
    Row("resumed HTTP, pinned", "http", True, pinned=True),
    Row("full TCP, pinned", "tcp", False, pinned=True),
    Row("resumed TCP, pinned", "tcp", True, pinned=True),
    Row("full HTTP, RSA-2048", "http", False, key="rsa"),
]


def main():
    options = arguments()
    rows, details = {}, {}
    with tempfile.TemporaryDirectory(prefix="postern-bench-") as folder:
        Path(folder).chmod(0o755)
        authority = Authority(folder)
        identities = {kind: authority.issue("localhost", kind=kind, intermediate=True) for kind in ("ec", "rsa")}
        for row in (row for row in ROWS if not options.row or row.name in options.row):
            print(row.name, file=sys.stderr)
            details[row.name] = measure(row, identities[row.key], authority.certificate, options)
            rows[row.name] = rounds.compared(
                {name: [microseconds(run) for run in runs] for name, runs in details[row.name].items()})
    everyone = {peer.name: peer for face in peers.KINDS for peer in peers.chosen(face, options)}
    results = {"machine": machine(everyone.values()), "handshakes_a_round": options.count, "rounds": options.rounds,
               "runs": details}
    report.publish(options, "CPU time of a connection with one tiny request", results, rows, "microseconds",
                   more=["", *verdicts(rows, details)])


def arguments():
    parser = report.parser("handshake", __doc__, rounds=5)
    parser.add_argument("--count", type=int, default=10_000, help="connections a round (%(default)s)")
    parser.add_argument("--connections", type=int, default=32, help="at the same time (%(default)s)")
    parser.add_argument("--row", choices=[row.name for row in ROWS], action="append", metavar="NAME",
                        help="only this row; may be repeated")
    parser.add_argument("--tls", choices=["1.2", "1.3"], default="1.3")
    parser.add_argument("--group", default=peers.GROUP, help="the only one that the client offers (%(default)s)")
    parser.add_argument("--close", choices=["server", "clean", "reset"], default="server",
                        help="who closes, and how (%(default)s)")
    options = parser.parse_args()
    if options.quick:
        options.rounds, options.count = 1, 64
    return options


def measure(row, identity, authority, options):
    """{peer: the results of its rounds}. The servers of a row all live while it lasts."""
    server_cpus, other_cpus = split_cpus()
    with contextlib.ExitStack() as stack:
        port = stack.enter_context(backend(other_cpus))
        servers = {peer.name: stack.enter_context(peers.Server(peer, row.face, identity, port, row.pinned,
                                                               cpus=server_cpus))
                   for peer in peers.chosen(row.face, options)}
        asked = {"protocol": "http" if row.face == "http" else "line", "resume": row.resume, "tls": options.tls,
                 "groups": groups(options), "close": options.close, "connections": options.connections,
                 "cpus": other_cpus}
        for server in servers.values():
            # Code, memory and pools that the first connections touch; and whether the chain is one to trust.
            measured(server, **asked, ca=authority, count=min(options.count, 1000))

        def run(name):
            result = measured(servers[name], **asked, count=options.count)
            check(row, name, result, options)
            return result

        return rounds.interleaved(servers, options.rounds, run)


def groups(options):
    """In TLS 1.2 the groups also say which certificates a client can verify, and ours has a key on P-256."""
    return options.group if options.tls == "1.3" else f"{options.group}:P-256"


def check(row, name, result, options):
    """A round in which anything else happened than what its row says is void."""
    def require(good, why):
        assert good, f"void: {row.name}: {name}: {why}: {result}"

    require(result["answered"] == options.count and not result["failures"], "not every connection was answered")
    if row.resume:
        require(result["resumed"] == options.count, "not every handshake was resumed")
    else:
        require(result["full"] == options.count, "not every handshake was full")
        require(result["chains"] == {"2": options.count}, "not the whole chain was sent")
        require(result["tickets"] >= options.count, "not every client got a ticket")
    require(len(result["groups"]) <= 1, "another group than the one that was asked for")
    require(result["shares"] == result["distinct_shares"], "a key share came twice")
    require(options.tls == "1.2" or result["shares"] == options.count, "a handshake was without a key share")
    if row.pinned and options.tls == "1.3":
        require(list(result["suites"]) == [peers.SUITE], "another suite")
        require(row.resume or result["tickets"] == options.count, "another number of tickets")


def microseconds(run):
    return run["server_cpu_seconds"] / run["answered"] * 1e6


def verdicts(rows, details):
    """The sentence that each row is for, and what the handshakes of each server were."""
    for row, comparison in rows.items():
        if len(comparison) < 2:
            continue
        name = "nginx" if "HTTP" in row and "nginx" in comparison else rounds.best(comparison)
        ratio = comparison[name]["ratio"]
        yield f"- {row}: {ratio['median']:.2f} of {name} ({ratio['min']:.2f} to {ratio['max']:.2f})"
    yield ""
    yield "| row, server | suite | tickets a connection | user share (sampled) | connections a second |"
    yield "|---|---|---|---|---|"
    for row, servers in details.items():
        for name, runs in servers.items():
            last = runs[-1]
            share = rounds.summary([run["server_user_share"] or 0 for run in runs])["median"]
            rate = rounds.summary([run["answered"] / run["seconds"] for run in runs])["median"]
            yield (f"| {row}, {name} | {', '.join(last['suites'])} | {last['tickets'] / last['answered']:.2g} "
                   f"| {share:.0%} | {rate:.0f} |")


if __name__ == "__main__":
    main()
