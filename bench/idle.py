"""Memory of a connection that does nothing, after one answered request. postern and its peers, turn by turn on one
machine. See README.md."""

import contextlib
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "lib"))
from kernel import family, machine, proportional_memory  # noqa: E402  (it makes the tests' modules importable)

import peers  # noqa: E402
import report  # noqa: E402
import rounds  # noqa: E402
from certs import Authority  # noqa: E402
from processes import open_files  # noqa: E402
from programs import Load, backend  # noqa: E402

FACES = {"HTTP": "http", "TCP": "tcp"}


def main():
    options = arguments()
    figures = {}
    with tempfile.TemporaryDirectory(prefix="postern-bench-") as folder, backend() as port:
        Path(folder).chmod(0o755)
        identity = Authority(folder).issue("localhost", intermediate=True)
        for row, face in FACES.items():
            programs = {peer.name: peer for peer in peers.chosen(face, options)}

            def run(name):
                return bytes_a_connection(programs[name], face, identity, port, options)

            figures[row] = rounds.interleaved(programs, options.rounds, run)
    everyone = {peer.name: peer for face in peers.KINDS for peer in peers.chosen(face, options)}
    results = {"machine": machine(everyone.values()), "few": options.few, "many": options.many, "bytes": figures}
    rows = {row: rounds.compared({name: [each / 1024 for each in values] for name, values in of_row.items()})
            for row, of_row in figures.items()}
    report.publish(options, f"Memory of an idle TLS connection: growth of PSS from {options.few} to {options.many} "
                   "connections, divided by their number", results, rows, "KiB", 1)


def arguments():
    parser = report.parser("idle", __doc__, rounds=3)
    parser.add_argument("--few", type=int, default=1000, help="connections at the first look (%(default)s)")
    parser.add_argument("--many", type=int, default=4000, help="... and at the second (%(default)s)")
    parser.add_argument("--settle", type=float, default=2, metavar="SECONDS",
                        help="between the last answer and a look (%(default)s)")
    options = parser.parse_args()
    if options.quick:
        options.rounds, options.few, options.many, options.settle = 1, 20, 80, 0.2
    return options


def bytes_a_connection(peer, face, identity, port, options):
    """In a process of its own, because what earlier connections have left would be used again."""
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(peers.Server(peer, face, identity, port))
        sizes = []
        for wanted, more in ((options.few, options.few), (options.many, options.many - options.few)):
            stack.enter_context(Load(server.port, protocol="http" if face == "http" else "line", keep=True,
                                     connections=more))
            time.sleep(options.settle)
            held = sum(map(open_files, family(server.pid)))
            assert held >= wanted, f"void: {peer.name} has {held} open files, so it has closed connections"
            sizes.append(proportional_memory(server.pid))
        return (sizes[1] - sizes[0]) / (options.many - options.few)


if __name__ == "__main__":
    main()
