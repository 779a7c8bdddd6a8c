"""Hold what was measured against what is to be reached, as a table and as JSON."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from benchmarks.memory import MANY, CommandRuns
from benchmarks.reference_plan import PEER, THREADS, Throughput, contender

RATIO = 10.0
"""Least lifetimes a second on two threads, in those of the peer on one."""
PEAK_MB = 600.0
"""Peak memory lies below [MB]."""
GROWTH = 0.05
"""Memory counts as unchanged while it grows by no more than this share."""
SECOND_RUN_S = 12.0
"""The most that a run with warm caches takes [s]."""
FIRST_RUN_S = 90.0
"""A run with empty caches takes less [s]."""


@dataclass(frozen=True)
class Row:
    """One target: what was measured (None if it was not) and whether that reaches it."""

    name: str
    target: str
    measured: str | None
    met: bool | None


def rows(throughput: Throughput, runs: CommandRuns) -> list[Row]:
    """Hold every target against what was measured; those that were left out stay in the list."""
    ratio = throughput.ratio(contender(2))
    same = not throughput.different
    count, first, many = runs.lifetimes, runs.first, runs.many
    growth = None if many is None else many.peak_mb / runs.peak_mb - 1.0
    return [
        Row("Lifetimes/s on 2 threads, in NumPy's", f">= {RATIO:g} x", f"{ratio:.1f} x", ratio >= RATIO),
        Row("Same bytes on 1 and 2 threads", "yes", _yes(same), same),
        Row(
            f"Peak memory, {count:,} lifetimes",
            f"< {PEAK_MB:g} MB",
            f"{runs.peak_mb:.0f} MB",
            runs.peak_mb < PEAK_MB,
        ),
        Row(
            f"Peak memory, {MANY * count:,} lifetimes",
            f"+{GROWTH:.0%} at most",
            None if many is None else f"{many.peak_mb:.0f} MB ({growth:+.1%})",
            None if many is None else growth <= GROWTH and many.peak_mb < PEAK_MB,
        ),
        Row(
            f"Second run, {count:,} lifetimes",
            f"<= {SECOND_RUN_S:g} s",
            f"{runs.seconds:.1f} s",
            runs.seconds <= SECOND_RUN_S,
        ),
        Row(
            f"First run, {count:,} lifetimes",
            f"< {FIRST_RUN_S:g} s",
            None if first is None else f"{first.seconds:.1f} s ({first.peak_mb:.0f} MB)",
            None if first is None else first.seconds < FIRST_RUN_S,
        ),
    ]


def document(
    machine: Mapping[str, object], throughput: Throughput, runs: CommandRuns, draws: Sequence[str]
) -> dict[str, object]:
    """Put everything into one object for JSON."""
    names = [contender(threads) for threads in THREADS]
    return {
        "machine": dict(machine),
        "throughput": asdict(throughput)
        | {
            "lifetimes_per_second": {name: throughput.rate(name) for name in throughput.seconds},
            "ratio_of_medians": {name: throughput.ratio(name) for name in names},
            "paired_ratios": {name: throughput.paired_ratios(name) for name in names},
        },
        "command": asdict(runs),
        "draws": list(draws),
        "targets": [asdict(row) for row in rows(throughput, runs)],
    }


def machine_lines(machine: Mapping[str, object], load_after: Sequence[float]) -> list[str]:
    """Say where all this was measured."""
    versions: Mapping[str, str] = machine["versions"]
    shown = ", ".join(f"{name} {versions[name]}" for name in ("python", "numpy", "scipy", "numba"))

    def load(values: Sequence[float]) -> str:
        return " ".join(f"{value:.2f}" for value in values) or "unknown"

    return [
        f"{machine['cpu']}, {machine['cores']} cores, {machine['system']}",
        f"load average {load(machine['load_average'])} before, {load(load_after)} after",
        shown,
    ]


def throughput_lines(throughput: Throughput) -> list[str]:
    """Print one line a contender: rate, time of a lifetime, ratios, and what each step takes."""
    repetitions = len(throughput.seconds[PEER])
    lines = [
        f"{throughput.lifetimes:,} lifetimes a repetition, {repetitions} repetitions in turns, medians",
        f"{'':20}{'lifetimes/s':>12}{'µs each':>9}{'x NumPy':>9}  {'paired (least, most)':22}"
        f"{'lower':>8}{'lifetimes':>11}{'dataset':>9}",
    ]
    for name in throughput.seconds:
        rate = throughput.rate(name)
        line = f"{name:20}{rate:12,.0f}{1e6 / rate:9.2f}"
        if name != PEER:
            paired = throughput.paired_ratios(name)
            spread = f"{statistics.median(paired):.1f} ({min(paired):.1f}, {max(paired):.1f})"
            took = [f"{statistics.median(seconds):.2f} s" for seconds in throughput.steps[name].values()]
            line += f"{throughput.ratio(name):9.1f}  {spread:22}{took[0]:>8}{took[1]:>11}{took[2]:>9}"
        lines.append(line)
    if throughput.different:
        lines.append(f"NOT the same bytes: {', '.join(throughput.different)}")
    else:
        lines.append(f"The same bytes on 1 and 2 threads: {throughput.variables} variables, every repetition")
    return lines


def table_lines(targets: Sequence[Row]) -> list[str]:
    """Print one line a target."""
    cells = [("", "target", "measured", "met")]
    cells += [(row.name, row.target, row.measured or "not measured", _yes(row.met)) for row in targets]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return [
        f"{name:<{widths[0]}}  {target:>{widths[1]}}  {measured:>{widths[2]}}  {met:>{widths[3]}}".rstrip()
        for name, target, measured, met in cells
    ]


def _yes(fact: bool | None) -> str:
    return "" if fact is None else "yes" if fact else "no"
