"""How long a new client waits for its answer when clients come at a fixed rate. postern and its peers, turn by turn on
one machine. See README.md."""

import contextlib
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "lib"))
from kernel import machine, split_cpus  # noqa: E402  (it makes the tests' modules importable)

import peers  # noqa: E402
import report  # noqa: E402
import rounds  # noqa: E402
from certs import Authority  # noqa: E402
from programs import backend, measured  # noqa: E402


def main():
    options = arguments()
    server_cpus, other_cpus = split_cpus()
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="postern-bench-"))
        Path(folder).chmod(0o755)
        identity = Authority(folder).issue("localhost", intermediate=True)
        port = stack.enter_context(backend(other_cpus))
        programs = peers.chosen(options.face, options)
        servers = {peer.name: stack.enter_context(peers.Server(peer, options.face, identity, port, cpus=server_cpus))
                   for peer in programs}
        asked = {"protocol": "http" if options.face == "http" else "line", "resume": options.resume,
                 "cpus": other_cpus}
        capacity = {name: 1 / seconds_a_connection(measured(server, **asked, count=options.calibration))
                    for name, server in servers.items()}
        rates = {load: load / 100 * min(capacity.values()) for load in options.load}
        runs = {load: rounds.interleaved(servers, options.rounds, lambda name: checked(name, measured(
                    servers[name], **asked, connections=options.connections, rate=rate,
                    count=round(rate * options.seconds)))) for load, rate in rates.items()}
    results = {"machine": machine(programs), "capacity": capacity, "rates": rates, "runs": runs}
    rows = {f"{percentile} at {rates[load]:.0f} a second":
            rounds.compared({name: [run["answer_us"][percentile] / 1e3 for run in of_one]
                             for name, of_one in of_load.items()})
            for load, of_load in runs.items() for percentile in ("p50", "p99")}
    kind = f"{'resumed' if options.resume else 'full'} {options.face.upper()}"
    report.publish(options, f"Time from when a client was due to its answer, {kind}, open loop", results, rows,
                   "milliseconds", 2, more=["", *utilization(runs, rates)])


def arguments():
    parser = report.parser("latency", __doc__, rounds=5)
    parser.add_argument("--face", choices=list(peers.KINDS), default="http")
    parser.add_argument("--resume", action="store_true", help="clients come back with a ticket")
    parser.add_argument("--load", type=int, action="append", metavar="PERCENT",
                        help="of the capacity of the slowest server; may be repeated (50, 80)")
    parser.add_argument("--seconds", type=float, default=5, help="a round (%(default)s)")
    parser.add_argument("--connections", type=int, default=1000, help="at the same time, at most (%(default)s)")
    options = parser.parse_args()
    options.load = options.load or [50, 80]
    options.calibration = 5000
    if options.quick:
        options.rounds, options.seconds, options.connections, options.calibration = 1, 0.2, 50, 100
    return options


def seconds_a_connection(run):
    """Of one CPU."""
    return run["server_cpu_seconds"] / run["answered"]


def checked(name, run):
    assert not run["failures"], f"void: {name}: {run['failures']}"
    return run


def utilization(runs, rates):
    yield ("Utilization is CPU time of the server divided by the time of the run. A run in which clients began late "
           "says more about the client's machine than about the server.")
    yield ""
    yield "| rate, server | utilization | clients that began over 1 ms late |"
    yield "|---|---|---|"
    for load, of_load in runs.items():
        for name, of_one in of_load.items():
            used = rounds.summary([run["utilization"] for run in of_one])["median"]
            late = sum(run["late"] for run in of_one) / sum(run["answered"] for run in of_one)
            yield f"| {rates[load]:.0f} a second, {name} | {used:.0%} | {late:.1%} |"


if __name__ == "__main__":
    main()
