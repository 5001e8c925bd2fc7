"""What more workers bring: new connections a second, and whether each costs more than with one worker. postern and its
peers, turn by turn on one machine. See README.md."""

import contextlib
import os
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "lib"))
from kernel import CpuClock, machine  # noqa: E402  (it makes the tests' modules importable)

import peers  # noqa: E402
import report  # noqa: E402
import rounds  # noqa: E402
from certs import Authority  # noqa: E402
from programs import Load, backend  # noqa: E402

FEWEST_CPUS = 6
SKIPPED = 77  # ctest knows it


def main():
    options = arguments()
    cpus = sorted(os.sched_getaffinity(0))
    if len(cpus) < FEWEST_CPUS and not options.quick:
        print(f"skipped: {len(cpus)} CPUs are too few to tell servers from clients; it takes {FEWEST_CPUS}")
        sys.exit(SKIPPED)
    # A client costs about as much as a server, and the backend needs a CPU too.
    most = max(len(cpus) // 3, 2)
    steps = [workers for workers in (1, 2, 4, 8, 16, 32, 64) if workers <= most]
    programs = peers.chosen(options.face, options)
    runs = {}
    with tempfile.TemporaryDirectory(prefix="postern-bench-") as folder:
        Path(folder).chmod(0o755)
        identity = Authority(folder).issue("localhost", intermediate=True)
        for workers in steps:
            print(f"{workers} workers", file=sys.stderr)
            runs[workers] = measure(programs, workers, cpus, identity, options)
    results = {"machine": machine(programs), "runs": runs}
    rows = {f"{workers} workers": rounds.compared({name: [run["cpu_us"] for run in of_one]
                                                   for name, of_one in of_step.items()})
            for workers, of_step in runs.items()}
    report.publish(options, f"CPU time of a new connection with more workers, full {options.face.upper()}", results,
                   rows, "microseconds", more=["", *rates(runs)])


def arguments():
    parser = report.parser("scaling", __doc__, rounds=3)
    parser.add_argument("--face", choices=list(peers.KINDS), default="http")
    parser.add_argument("--count", type=int, default=10_000, help="connections a worker and round (%(default)s)")
    options = parser.parse_args()
    if options.quick:
        options.rounds, options.count = 1, 100
    return options


def measure(programs, workers, cpus, identity, options):
    """A CPU a worker; clients and backend have all that are left, twice as many."""
    own, others = set(cpus[:workers]), set(cpus[workers:]) or set(cpus)
    with contextlib.ExitStack() as stack:
        port = stack.enter_context(backend(others))
        servers = {peer.name: stack.enter_context(
                       peers.Server(peer, options.face, identity, port, workers=workers, cpus=own))
                   for peer in programs}
        run = lambda name: connections(servers[name], workers, others, options)  # noqa: E731
        rounds.interleaved(servers, 1, run)  # what the first connections touch
        return rounds.interleaved(servers, options.rounds, run)


def connections(server, clients, cpus, options):
    """As many load clients as workers, each on one thread."""
    with contextlib.ExitStack() as stack:
        loads = [stack.enter_context(Load(server.port, cpus=cpus, count=options.count, connections=64,
                                          protocol="http" if options.face == "http" else "line"))
                 for _ in range(clients)]
        clock, begin = CpuClock(server.pid), time.monotonic()
        for load in loads:
            load.start()
        results = [load.result() for load in loads]
        seconds = time.monotonic() - begin
        assert not any(result["failures"] for result in results), f"void: {server.peer.name}: {results}"
        answered = clients * options.count
        return {"rate": answered / seconds, "cpu_us": clock.seconds() / answered * 1e6,
                "utilization": clock.seconds() / seconds / clients}


def rates(runs):
    yield "A server whose workers are not busy was held up by its clients, and could do more."
    yield ""
    yield "| workers, server | connections a second | of one worker's | workers busy |"
    yield "|---|---|---|---|"
    for workers, of_step in runs.items():
        for name, of_one in of_step.items():
            rate, alone, busy = (rounds.summary([run[what] for run in chosen])["median"] for what, chosen in (
                ("rate", of_one), ("rate", runs[1][name]), ("utilization", of_one)))
            yield f"| {workers}, {name} | {rate:.0f} | {rate / alone:.2f} | {busy:.0%} |"


if __name__ == "__main__":
    main()
