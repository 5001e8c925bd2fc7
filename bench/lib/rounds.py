"""Turns and what becomes of them: A B C, A B C, and ratios within a round."""

import statistics
import sys


def interleaved(names, rounds, run):
    """{name: [run(name), ...]}; each round has every name once, so that what changes with time meets all alike."""
    figures = {name: [] for name in names}
    for turn in range(rounds):
        for name in names:
            figures[name].append(run(name))
        print(f"  round {turn + 1} of {rounds}", file=sys.stderr)
    return figures


def ratios(ours, theirs):
    """Round by round."""
    return [a / b for a, b in zip(ours, theirs)]


def summary(values):
    """Median and range."""
    return {"median": statistics.median(values), "min": min(values), "max": max(values)}


def compared(figures, first="postern"):
    """For each name the summary of its figures, and of the first one's ratio to it."""
    comparison = {name: {"value": summary(values)} for name, values in figures.items()}
    for name, values in figures.items():
        if name != first and first in figures:
            comparison[name]["ratio"] = summary(ratios(figures[first], values))
    return comparison


def best(comparison, first="postern"):
    """The peer whose median is the lowest."""
    return min((name for name in comparison if name != first), key=lambda name: comparison[name]["value"]["median"])
