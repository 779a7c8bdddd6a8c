"""Hold what was measured against what is to be reached, as tables and as JSON."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, is_dataclass

from benchmarks import draws, growth, phases, sampling, threads
from benchmarks.memory import MANY, CommandRuns
from benchmarks.reference_plan import JAX, PEER, SORTING, Throughput, contender


@dataclass(frozen=True)
class Target:
    """One figure to reach.

    Attributes
    ----------
    section
        What measures it, as of `--only`.
    name
        What it is.
    bound
        What it is to be.
    at_least
        Whether more is better.
    unit
        As printed behind the number.
    """

    section: str
    name: str
    bound: float
    at_least: bool
    unit: str

    def show(self, value: float) -> str:
        """Print a value with the unit."""
        digits = 0 if abs(value) >= 100 else 2 if abs(value) < 3 else 1
        return f"{value:,.{digits}f} {self.unit}"


TARGETS = {
    "numpy": Target("peers", "Lifetimes/s, 2 threads, in NumPy's", 25.0, True, "x"),
    "jax": Target("peers", "Lifetimes/s, 2 threads, in JAX's", 5.0, True, "x"),
    "bytes": Target("peers", "Variables that differ, 1 and 2 threads", 0.0, False, ""),
    "normal": Target("draws", "One-word normal, in MKL's fastest", 1.3, False, "x"),
    "kernel": Target("parts", "A lifetime, in MKL's time for its normals", 5.0, False, "x"),
    "threads": Target("threads", "2 threads, in the speed of 1", 1.85, True, "x"),
    "million": Target("threads", "1,000,000 lifetimes, 2 threads, kernel", 3.0, False, "s"),
    "lifetimes": Target("growth", "Off a line, lifetimes", 100 * growth.STRAY, False, "%"),
    "months": Target("growth", "Off a line, months", 100 * growth.STRAY, False, "%"),
    "strategies": Target("growth", "Off a line, strategies", 100 * growth.STRAY, False, "%"),
    "start": Target("steps", "Import and start", 1.5, False, "s"),
    "second": Target("command", "Command to prompt, caches warm", 5.0, False, "s"),
    "first": Target("command", "Command to prompt, first run", 30.0, False, "s"),
    "peak": Target("command", f"Peak memory, lifetimes x {MANY}", 500.0, False, "MB"),
    "memory": Target("command", "The same, in that of lifetimes x 1", 1.05, False, "x"),
    "sobol": Target("sampling", "Least gain in standard error by Sobol", 5.0, True, "x"),
}


@dataclass(frozen=True)
class Row:
    """One target and what was measured, None where nothing was."""

    target: Target
    value: float | None

    @property
    def met(self) -> bool | None:
        """Whether it is reached; None where nothing was measured."""
        if self.value is None:
            return None
        return self.value >= self.target.bound if self.target.at_least else self.value <= self.target.bound

    @property
    def verdict(self) -> str:
        """Met, or by how much it is missed."""
        if self.met is None:
            return ""
        if self.met:
            return "met"
        if self.target.bound == 0:
            return "missed"
        share = self.value / self.target.bound
        return f"missed: {share:.0%} of it" if self.target.at_least else f"missed: {share:.2g} times it"


@dataclass
class Found:
    """What was measured, section by section; None where a section was left out."""

    peers: Throughput | None = None
    draws: list[draws.Row] | None = None
    parts: phases.Parts | None = None
    steps: dict[str, list[float]] | None = None
    threads: threads.Scaling | None = None
    growth: list[growth.Growth] | None = None
    command: CommandRuns | None = None
    sampling: dict[str, sampling.Accuracy] | None = None

    @property
    def normals_ns(self) -> float | None:
        """What MKL needs for the normals of one lifetime [ns]."""
        if self.draws is None or self.parts is None:
            return None
        each = draws.mkl_normal_ns(self.draws)
        return None if each is None else each * self.parts.normals


def rows(found: Found) -> list[Row]:
    """Hold every target against what was measured; those that were left out stay in the list."""
    values: dict[str, float | None] = dict.fromkeys(TARGETS)
    if found.peers is not None:
        values["numpy"] = found.peers.ratio(contender(2))
        values["jax"] = found.peers.ratio(contender(2), JAX) if JAX in found.peers.seconds else None
        values["bytes"] = float(len(found.peers.different))
    if found.draws is not None and (fastest := draws.mkl_normal_ns(found.draws)) is not None:
        own = next(row for row in found.draws if row.name == draws.NORMAL).ours
        values["normal"] = own / fastest
    if found.normals_ns is not None:
        values["kernel"] = found.parts.whole * 1e3 / found.normals_ns
    if found.threads is not None:
        values["threads"], values["million"] = found.threads.speedup, found.threads.million_s
    for one in found.growth or ():
        if one.axis in values:
            values[one.axis] = 100 * one.stray
    if found.steps is not None:
        values["start"] = sum(statistics.median(found.steps[step]) for step in phases.START)
    if found.command is not None:
        runs = found.command
        values["second"] = runs.seconds
        values["first"] = None if runs.first is None else runs.first.seconds
        if runs.many is not None:
            values["peak"], values["memory"] = runs.many.peak_mb, runs.many.peak_mb / runs.peak_mb
    if found.sampling is not None:
        values["sobol"] = min(sampling.gains(found.sampling).values())
    return [Row(target, values[key]) for key, target in TARGETS.items()]


def document(machine: Mapping[str, object], found: Found) -> dict[str, object]:
    """Put everything into one object for JSON."""
    made: dict[str, object] = {"machine": dict(machine)}
    for field in fields(found):
        made[field.name] = _plain(getattr(found, field.name))
    if found.peers is not None:
        peers = found.peers
        made["peers"]["lifetimes_per_second"] = {name: peers.rate(name) for name in peers.seconds}
        made["peers"]["ratio_of_medians"] = {
            name: {peer: peers.ratio(name, peer) for peer in _peers(peers)} for name in peers.steps
        }
    if found.parts is not None:
        made["parts"]["model"] = found.parts.model
    made["targets"] = [asdict(row.target) | {"value": row.value, "met": row.met} for row in rows(found)]
    return made


def _plain(value: object) -> object:
    if is_dataclass(value):
        return asdict(value)
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    return value


def machine_lines(machine: Mapping[str, object], load_after: Sequence[float]) -> list[str]:
    """Say where all this was measured."""
    versions: Mapping[str, str] = machine["versions"]
    shown = ", ".join(f"{name} {version}" for name, version in versions.items())

    def load(values: Sequence[float]) -> str:
        return " ".join(f"{value:.2f}" for value in values) or "unknown"

    return [
        f"{machine['cpu']}, {machine['cores']} cores, {machine['system']}",
        f"load average {load(machine['load_average'])} before, {load(load_after)} after",
        shown,
    ]


def _peers(throughput: Throughput) -> list[str]:
    return [name for name in (PEER, SORTING, JAX) if name in throughput.seconds]


def throughput_lines(throughput: Throughput) -> list[str]:
    """Print one line a contender: rate, time of a lifetime, ratios, and what each step takes."""
    repetitions = len(throughput.seconds[PEER])
    peers = _peers(throughput)
    short = {PEER: "x NumPy", SORTING: "x np.sort", JAX: "x JAX"}
    lines = [
        f"{throughput.lifetimes:,} lifetimes a repetition, {repetitions} repetitions in turns, medians",
        f"{'':20}{'lifetimes/s':>12}{'µs each':>9}"
        + "".join(f"{short[peer]:>11}" for peer in peers)
        + f"{'lower':>9}{'lifetimes':>11}{'dataset':>9}",
    ]
    for name in throughput.seconds:
        rate = throughput.rate(name)
        line = f"{name:20}{rate:12,.0f}{1e6 / rate:9.2f}"
        if name in throughput.steps:
            line += "".join(f"{throughput.ratio(name, peer):11.1f}" for peer in peers)
            took = [f"{statistics.median(seconds):.2f} s" for seconds in throughput.steps[name].values()]
            line += f"{took[0]:>9}{took[1]:>11}{took[2]:>9}"
        lines.append(line)
    for name in throughput.steps:
        kernel = "".join(f"{throughput.kernel_ratio(name, peer):11.1f}" for peer in peers)
        lines.append(f"{'  lifetimes alone':41}{kernel}   {name}")
    two = throughput.paired_ratios(contender(2))
    lines.append(f"Ratios to NumPy of neighbouring runs, 2 threads: {min(two):.1f} to {max(two):.1f}")
    if throughput.different:
        lines.append(f"NOT the same bytes: {', '.join(throughput.different)}")
    else:
        lines.append(f"The same bytes on 1 and 2 threads: {throughput.variables} variables, every repetition")
    return lines


def part_lines(found: Found) -> list[str]:
    """Print what a lifetime costs in the kernel, and beside it what MKL needs for its normals."""
    parts = found.parts
    lines = [
        f"{name:10}{took:7.2f} µs{took / parts.whole:6.0%}"
        for name, took in (("draws", parts.draws), ("model", parts.model), ("tallies", parts.tallies))
    ]
    lines.append(f"{'together':10}{parts.whole:7.2f} µs   {parts.normals} normals, {parts.uniforms} uniforms")
    if found.normals_ns is not None:
        lines.append(f"{'MKL':10}{found.normals_ns / 1e3:7.2f} µs   the {parts.normals} normals alone")
    return lines


def step_lines(steps: Mapping[str, Sequence[float]]) -> list[str]:
    """Print what each step of the command takes."""
    return [f"{step:12}{statistics.median(seconds):7.2f} s" for step, seconds in steps.items()]


def command_lines(runs: CommandRuns) -> list[str]:
    """Print wall time and peak memory of the command."""
    shown = [("caches empty", runs.lifetimes, runs.first)]
    shown += [("caches warm", runs.lifetimes, run) for run in runs.again]
    shown.append((f"x {MANY}", MANY * runs.lifetimes, runs.many))
    return [
        f"{name:13}{lifetimes:13,} lifetimes{run.seconds:9.1f} s{run.peak_mb:8.0f} MB"
        for name, lifetimes, run in shown
        if run is not None
    ]


def table_lines(targets: Sequence[Row]) -> list[str]:
    """Print one line a target."""
    cells = [("", "target", "measured", "")]
    for row in targets:
        bound = f"{'>=' if row.target.at_least else '<='} {row.target.show(row.target.bound)}".strip()
        measured = "not measured" if row.value is None else row.target.show(row.value).strip()
        cells.append((row.target.name, bound, measured, row.verdict))
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return [
        f"{name:<{widths[0]}}  {bound:>{widths[1]}}  {measured:>{widths[2]}}  {verdict}".rstrip()
        for name, bound, measured, verdict in cells
    ]


def blocks(found: Found) -> list[list[str]]:
    """Print every section that was measured, a heading and its lines, then the targets."""
    sections = [
        ("Lifetimes a second", found.peers, throughput_lines),
        ("Draws and elementary functions, one thread", found.draws, draws.lines),
        ("One lifetime in the kernel, one thread", found.parts and found, part_lines),
        ("Steps of the command, one after the other", found.steps, step_lines),
        ("Kernel on one thread and on two", found.threads, threads.lines),
        ("Growth, one thread", found.growth, growth.lines),
        ("The command", found.command, command_lines),
        ("Random against Sobol", found.sampling, sampling.lines),
    ]
    shown = [[title, *lines(value)] for title, value, lines in sections if value is not None]
    return [*shown, ["Targets", *table_lines(rows(found))]]
