"""What becomes of established clients while new ones arrive at twice the rate that one worker can take. postern and its
peers, turn by turn on one machine. See README.md."""

import contextlib
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "lib"))
from kernel import listen_drops, machine, split_cpus  # noqa: E402  (it makes the tests' modules importable)

import peers  # noqa: E402
import report  # noqa: E402
import rounds  # noqa: E402
from certs import Authority  # noqa: E402
from programs import Load, backend, measured  # noqa: E402


def main():
    options = arguments()
    server_cpus, other_cpus = split_cpus()
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="postern-bench-"))
        Path(folder).chmod(0o755)
        identity = Authority(folder).issue("localhost", kind=options.key, intermediate=True)
        port = stack.enter_context(backend(other_cpus, urgent=True))
        programs = peers.chosen("http", options)
        servers = {peer.name: stack.enter_context(peers.Server(peer, "http", identity, port, cpus=server_cpus,
                                                           urgent=True))
                   for peer in programs}
        capacity = {name: capacity_of(server, other_cpus, options) for name, server in servers.items()}
        rate = options.factor * max(capacity.values())
        options.seconds = min(options.seconds, longest(rate))
        runs = rounds.interleaved(servers, options.rounds,
                                  lambda name: storm(servers[name], rate, other_cpus, options))
    results = {"machine": machine(programs), "capacity": capacity, "asked_rate": rate, "runs": runs}
    good = good_rounds(runs, capacity, options)
    served = {name: of_one for name, of_one in runs.items() if not any(map(lost_a_client, of_one))}
    rows = {f"{percentile} {when}": rounds.compared(
                {name: [of_one[i][when]["answer_us"][percentile] / 1e3 for i in good] for name, of_one in served.items()})
            for when in ("calm", "storm") for percentile in ("p50", "p99") if good and served}
    report.publish(options, f"Time to answer a request of {options.established} established clients, in calm and while "
                   f"{rate:.0f} new ones a second arrive for {options.seconds:.1f} s", results, rows, "milliseconds", 2,
                   more=["", *account(runs, capacity, options)])


def arguments():
    parser = report.parser("storm", __doc__, rounds=5)
    parser.add_argument("--established", type=int, default=50, help="clients with a kept connection (%(default)s)")
    parser.add_argument("--requests", type=float, default=500, help="a second, of all of these (%(default)s)")
    parser.add_argument("--factor", type=float, default=2,
                        help="new clients a second, in capacities of the fastest worker (%(default)s)")
    parser.add_argument("--seconds", type=float, default=2,
                        help="a storm lasts, unless the kernel's queue would be full before (%(default)s)")
    parser.add_argument("--key", choices=["ec", "rsa", "rsa3072"], default="ec",
                        help="rsa costs the server more and the client less, for machines with few CPUs (%(default)s)")
    options = parser.parse_args()
    options.calibration = 5000
    if options.quick:
        options.rounds, options.seconds, options.factor, options.calibration = 1, 0.3, 0.2, 100
    return options


def longest(rate):
    """Seconds of a storm that fits into a listener's queue even if nobody takes anything from it: what the kernel refuses
    comes again a second later, and is no storm."""
    return 0.9 * int(Path("/proc/sys/net/core/somaxconn").read_text()) / rate


def capacity_of(server, cpus, options):
    """Connections a second that would keep one CPU busy."""
    run = measured(server, cpus=cpus, count=options.calibration)
    return run["answered"] / run["server_cpu_seconds"]


def storm(server, rate, cpus, options):
    """The established clients alone, then with the storm."""
    # Established clients and backend stand for machines of their own: the crowd must not take their CPU.
    established = {"urgent": True, "keep": True, "connections": options.established, "rate": options.requests, "cpus": cpus,
                   "count": round(options.requests * options.seconds)}
    calm = measured(server, **established)
    drops = listen_drops()
    with (Load(server.port, **established) as kept,
          Load(server.port, connections=12_000, rate=rate, count=round(rate * options.seconds), cpus=cpus) as crowd):
        crowd.start()
        kept.start()
        return {"calm": calm, "storm": kept.result(), "crowd": crowd.result(), "listen_drops": listen_drops() - drops}


def good_rounds(runs, capacity, options):
    """Those in which no server's run is void, for ratios are taken within a round. The account says why others are."""
    return [i for i in range(options.rounds)
            if not any(void(of_one[i], capacity[name], options) for name, of_one in runs.items())]


def void(run, capacity, options):
    """Why a run says nothing; empty when it does."""
    if run["listen_drops"]:
        return "the kernel refused connections (ListenDrops)"
    if factor(run, capacity) < 0.9 * options.factor:
        return "the client could not make the storm"
    return ""


def lost_a_client(run):
    return run["calm"]["failures"] or run["storm"]["failures"]


def factor(run, capacity):
    crowd = run["crowd"]
    return (crowd["answered"] + sum(crowd["failures"].values())) / crowd["arrival_seconds"] / capacity


def account(runs, capacity, options):
    yield "| server | capacity, connections a second | arrived, in capacities | new clients that failed | void runs |"
    yield "|---|---|---|---|---|"
    for name, of_one in runs.items():
        arrived = rounds.summary([factor(run, capacity[name]) for run in of_one])["median"]
        failed = sum(sum(run["crowd"]["failures"].values()) for run in of_one)
        reasons = [why for run in of_one if (why := void(run, capacity[name], options))]
        told = sorted({*reasons, *("an established client failed" for run in of_one if lost_a_client(run))})
        yield (f"| {name} | {capacity[name]:.0f} | {arrived:.1f} | {failed} "
               f"| {len(reasons)} of {len(of_one)}{': ' + ', '.join(told) if told else ''} |")


if __name__ == "__main__":
    main()
