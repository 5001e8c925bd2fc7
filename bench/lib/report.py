"""Results for people (Markdown), for programs (JSON) and for the eye (SVG), and the options that all commands have."""

import argparse
import json
import signal
import sys
from pathlib import Path

from plot import ratios_plot


def parser(name, description, rounds):
    # Servers have sessions of their own, so whoever ends us must not leave them behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended by SIGTERM"))
    parser = argparse.ArgumentParser(prog=f"./dev bench {name}", description=description)
    parser.add_argument("--rounds", type=int, default=rounds, help="turns of each server (%(default)s)")
    parser.add_argument("--postern", metavar="PATH", help="measure this build of postern")
    parser.add_argument("--peer", metavar="NAME=PATH", type=_named_path, action="append", default=[],
                        help="another build of a peer; as PEER@WORD=PATH beside the usual one (postern@before=...); without "
                             "=PATH the same build in another configuration (postern@quiet)")
    parser.add_argument("--peers", metavar="A,B", help="only these, and postern")
    parser.add_argument("--json", metavar="FILE", help="write the figures there")
    parser.add_argument("--svg", metavar="FILE", help="draw the ratios there")
    parser.add_argument("--quick", action="store_true",
                        help="one short round: shows that the tool works, and nothing about the servers")
    return parser


def _named_path(text):
    name, equals, path = text.partition("=")
    kind, at, word = name.partition("@")
    if equals:
        good = name and path
    else:
        good = kind and at and word
    if not good:
        raise argparse.ArgumentTypeError(f"{text} is neither NAME=PATH, NAME@WORD=PATH nor NAME@WORD")
    return name, path


def table(rows, unit, digits=0):
    """`rows`: {row: comparison, as in rounds.py}. Under each peer: its figure, and postern's ratio to it."""
    if not rows:
        return "Every run was void."
    names = list(dict.fromkeys(name for comparison in rows.values() for name in comparison))
    lines = [f"| {unit} | {' | '.join(names)} |", "|---" * (len(names) + 1) + "|"]
    for row, comparison in rows.items():
        cells = [_cell(comparison[name], digits) if name in comparison else "" for name in names]
        lines.append(f"| {row} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _cell(entry, digits):
    text = f"{entry['value']['median']:.{digits}f}"
    if ratio := entry.get("ratio"):
        text += f" (**{ratio['median']:.2f}**, {ratio['min']:.2f} to {ratio['max']:.2f})"
    return text


EXPLANATION = "In brackets: postern's figure divided by that peer's in the same round, median and range."


def publish(options, title, results, rows, unit, digits=0, more=()):
    """Prints the table with the machine above it; writes what the options ask for."""
    print("\n".join(["", title, "", *(f"- {key}: {value}" for key, value in results["machine"].items()), "",
                     table(rows, unit, digits), "", EXPLANATION, *more]))
    if options.json:
        everything = {"title": title, "unit": unit, "rows": rows, **results}
        Path(options.json).write_text(json.dumps(everything, indent=2) + "\n")
    if options.svg:
        Path(options.svg).write_text(ratios_plot(title, rows))
