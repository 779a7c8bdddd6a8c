"""Simulate a plan."""

from __future__ import annotations

import contextlib
import shlex
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from simulator.cli import parameters, report
from simulator.cli.background import Ahead, Interrupted, heeding_sigterm, in_background
from simulator.cli.group import ARGUMENTS
from simulator.cli.parameters import Blocks, Count, OutputFile, Tolerance
from simulator.cli.progress import reported
from simulator.cli.publish import name_of, publish

if TYPE_CHECKING:
    from simulator.lowering import Lowered
    from simulator.plan import Plan
    from simulator.running.checkpoint import Checkpoint
    from simulator.running.partial import Partial

BLOCK = 4096
"""Lifetimes of a block: that of the kernel, which is heavy to import."""

Log = Callable[[str], None]


@click.command("run", short_help="Simulate a plan (done when no command is named).")
@parameters.plan_argument
@click.option("--lifetimes", type=Count(1, 10**12), help="Lifetimes in place of the plan's: 1e6, 200k, 1M.")
@click.option("--precision", type=Tolerance(), help="Run until answers are known to SHARE: 0.2%.")
@click.option(
    "--max-lifetimes", type=Count(65_536, 10**12), help="With a precision: end after N at the latest."
)
@parameters.seed_option
@click.option("--threads", type=Count(1, 4096), help="Threads to work in; any number gives the same results.")
@click.option("--workers", type=Count(1, 4096), help="Processes to work in, in place of threads.")
@click.option("--cluster", metavar="ADDRESS", help="Work on a dask cluster: tcp://host:8786.")
@click.option(
    "--sampler",
    type=click.Choice(["random", "sobol"]),
    help="Lifetimes at random, or on scrambled Sobol points.",
)
@parameters.set_option
@click.option("-o", "--output", type=OutputFile(), metavar="FILE", help="The dataset; may replace a result.")
@click.option(
    "--checkpoint/--no-checkpoint", default=None,
    help="Keep what is done beside the dataset, or not; by default when it takes over 30 s.",
)  # fmt: skip
@click.option("--resume", is_flag=True, help="Continue a run that was interrupted.")
@click.option(
    "--blocks", type=Blocks(), metavar="A:B/N",
    help="Run blocks A … B-1 of N, each of 4,096 lifetimes, for `simulate merge`; FILE is a part.",
)  # fmt: skip
@parameters.json_option
@click.option("--quiet", is_flag=True, help="Show no progress and no log.")
@click.option("--no-figures", is_flag=True, help="Write the dataset alone.")
def command(
    plan: str,
    lifetimes: int | None,
    precision: float | None,
    max_lifetimes: int | None,
    seed: int | None,
    threads: int | None,
    workers: int | None,
    cluster: str | None,
    sampler: str | None,
    overrides: tuple[str, ...],
    output: str | None,
    checkpoint: bool | None,
    resume: bool,
    blocks: tuple[int, int, int] | None,
    as_json: bool,
    quiet: bool,
    no_figures: bool,
) -> None:
    """Simulate PLAN and say which strategy is cheapest, in how many of 100 futures.

    The dataset (netCDF) and, beside it, the figures go to results/<plan>-<hash>-<seed>.nc, or to FILE.

    \b
    Examples:
      simulate plan.toml
      simulate plan.toml --lifetimes 200k --seed 7 -o answer.nc
      simulate plan.toml --set finance.discount="12% / year" --json
      simulate plan.toml --lifetimes 1B --resume
      simulate plan.toml --precision 0.2%
    """
    _refuse_contradictions(threads, workers, cluster, checkpoint, resume)
    _refuse_two_lengths(lifetimes, precision, max_lifetimes, blocks)
    from simulator.plan import load_plan

    read = load_plan(plan, overrides if sampler is None else (*overrides, f'run.sampler="{sampler}"'))
    if not quiet:
        report.show_notes(read)
    seed = read.run.seed if seed is None else seed
    if blocks is not None:
        lifetimes = _lifetimes_of(blocks, lifetimes, read)
    options: dict[str, Any] = {"seed": seed, "threads": threads, "workers": workers}
    if _is_precise(read, lifetimes, precision, max_lifetimes):
        options |= {"precision": precision, "max_lifetimes": max_lifetimes}
    else:
        lifetimes = read.run.lifetimes if lifetimes is None else lifetimes
        options["lifetimes"] = lifetimes
    path = _target(read, seed, output, blocks)
    ahead = Ahead(lambda: _get_ready(figures=not no_figures))
    with heeding_sigterm():
        with reported(quiet) as (log, advance):
            if lifetimes is not None:
                lifetimes = report.tell_balance(log, lifetimes, read)
            kept = _checkpoint(path, checkpoint, resume, log)
            stop = threading.Event()
            options |= {"progress": ahead.at_first(advance), "checkpoint": kept, "stop": stop}
            try:
                # There is nothing to wait for where threads do the work and nothing is kept.
                waits = kept is not None or workers is not None or cluster is not None
                found = in_background(
                    lambda: _run(read, blocks, cluster, log, options), stop.set if waits else None
                )
            except KeyboardInterrupt:
                raise _interrupted(kept, lifetimes, checkpoint) from None
        ahead.wait()
        if blocks is not None:
            _publish_part(read, found, path, blocks, options["lifetimes"], seed, as_json)
            _remove(kept)
            return
        publish(
            found,
            path,
            plan=plan,
            as_json=as_json,
            notes=report.notes_of(read),
            figures=not no_figures,
            quiet=quiet,
            published=lambda: _remove(kept),
            rescue="the same command with --resume then has nothing left to simulate"
            if kept is not None and kept.lifetimes == found.attrs["lifetimes"]
            else None,
        )


def _refuse_contradictions(
    threads: int | None, workers: int | None, cluster: str | None, checkpoint: bool | None, resume: bool
) -> None:
    given = {"--threads": threads, "--workers": workers, "--cluster": cluster}
    named = [option for option, value in given.items() if value is not None]
    if len(named) > 1:
        raise click.UsageError(f"{named[0]} and {named[1]} exclude one another.")
    if resume and checkpoint is False:
        raise click.UsageError("--resume and --no-checkpoint exclude one another.")


def _refuse_two_lengths(
    lifetimes: int | None,
    precision: float | None,
    max_lifetimes: int | None,
    blocks: tuple[int, int, int] | None,
) -> None:
    """Refuse to be told both how many lifetimes to run and what they are to find out."""
    fixed = [name for name, given in (("--lifetimes", lifetimes), ("--blocks", blocks)) if given is not None]
    open_ended = {"--precision": precision, "--max-lifetimes": max_lifetimes}
    asked = [option for option, given in open_ended.items() if given is not None]
    if fixed and asked:
        raise click.UsageError(f"{fixed[0]} and {asked[0]} exclude one another.")


def _is_precise(
    plan: Plan, lifetimes: int | None, precision: float | None, max_lifetimes: int | None
) -> bool:
    """Tell whether the run ends when it knows enough, not after a given number of lifetimes."""
    if lifetimes is not None:
        return False
    if plan.run.precision is None and precision is None:
        if max_lifetimes is not None:
            raise click.UsageError("--max-lifetimes goes with --precision, or run.precision in the plan.")
        return False
    if plan.run.sampler != "random":
        where = "run.precision" if precision is None else "--precision"
        raise click.UsageError(
            f'{where} needs run.sampler = "random", not "{plan.run.sampler}": its intervals take lifetimes to be '
            "independent."
        )
    return True


def _lifetimes_of(blocks: tuple[int, int, int], lifetimes: int | None, plan: Plan) -> int:
    """Give the lifetimes of the whole run that these blocks are of."""
    from simulator.running.balance import balanced

    size = blocks[2]
    whole = size * BLOCK if lifetimes is None else lifetimes
    if balanced(whole, plan.run.sampler) != whole:
        raise click.UsageError(
            f"Sobol points are balanced at 16 times a power of two lifetimes, and {whole} are not: "
            f"write --blocks A:B/{balanced(size * BLOCK, plan.run.sampler) // BLOCK}."
        )
    if lifetimes is None:
        return whole
    if -(-lifetimes // BLOCK) != size:
        raise click.UsageError(f"--lifetimes {lifetimes} makes {-(-lifetimes // BLOCK)} blocks, not {size}.")
    return lifetimes


def _target(plan: Plan, seed: int, output: str | None, blocks: tuple[int, int, int] | None) -> Path:
    """Choose where the result goes, and refuse before the work what could not be written after it."""
    from simulator import storage

    if blocks is None:
        path = name_of(plan, seed, ".nc") if output is None else Path(output)
        storage.check_target(path)
        return path
    from simulator.running.parts import is_part

    start, end, size = blocks
    path = name_of(plan, seed, f"-{start}-{end}-of-{size}.part") if output is None else Path(output)
    storage.check_target(path, is_part, "part")
    return path


def _checkpoint(path: Path, wanted: bool | None, resume: bool, log: Log) -> Checkpoint | None:
    """Keep what is done beside the result, unless told not to."""
    if wanted is False:
        return None
    from simulator.running.checkpoint import Checkpoint

    return Checkpoint(
        path.with_name(f"{path.name}.checkpoint"), resume=resume, always=wanted is True, log=log
    )


def _run(
    plan: Plan,
    blocks: tuple[int, int, int] | None,
    cluster: str | None,
    log: Log,
    options: dict[str, Any],
) -> Any:
    """Give the dataset of the whole run, or the lowered plan, the tally and the seconds of some blocks of it."""
    from simulator import run

    with contextlib.ExitStack() as stack:
        if cluster is not None:
            from simulator.running.cluster import connect

            options = options | {"executor": stack.enter_context(connect(cluster, log))}
        else:
            report.tell_compiling(log)
        if blocks is None:
            return run.simulate(plan, **options)
        started = time.perf_counter()
        lowered, partial = run.tally_blocks(plan, blocks[:2], **options)
        return lowered, partial, time.perf_counter() - started


def _interrupted(kept: Checkpoint | None, lifetimes: int | None, asked: bool | None) -> Interrupted:
    """Say what is left of an interrupted run, and how to continue it."""
    if kept is None:
        return Interrupted("Interrupted.")
    if not kept.lifetimes and asked:
        return Interrupted("Interrupted before any lifetimes were kept.")
    if not kept.lifetimes:
        return Interrupted("Interrupted.", "of a run of under 30 s nothing is kept; --checkpoint would")
    arguments = click.get_current_context().meta.get(ARGUMENTS, [])
    again = shlex.join(["simulate", *(word for word in arguments if word != "--resume"), "--resume"])
    in_all = "" if lifetimes is None else f" of {lifetimes:,}"
    return Interrupted(
        f"Interrupted. {kept.lifetimes:,}{in_all} lifetimes are kept.", f"to continue: {again}"
    )


def _publish_part(
    plan: Plan,
    found: tuple[Lowered, Partial, float],
    path: Path,
    blocks: tuple[int, int, int],
    lifetimes: int,
    seed: int,
    as_json: bool,
) -> None:
    from simulator.running.parts import write_part

    lowered, partial, seconds = found
    write_part(path, plan, lowered, partial, lifetimes=lifetimes, seed=seed, seconds=seconds)
    start, end, size = blocks
    if as_json:
        files = {"plan": plan.path, "part": path}
        report.print_object(
            {"blocks": [start, end], "of": size, "lifetimes": partial.lifetimes, "files": files}
        )
    else:
        click.echo(
            f"Part  {path}  blocks {start:,} … {end - 1:,} of {size:,}, {partial.lifetimes:,} lifetimes"
        )


def _remove(kept: Checkpoint | None) -> None:
    if kept is not None:
        kept.remove()


def _get_ready(*, figures: bool) -> None:
    """Import what follows the simulation: it takes as long as hundreds of thousands of lifetimes."""
    from simulator import dataset, verdict  # noqa: F401

    dataset.warm_up()
    if figures:
        import simulator.figures  # noqa: F401
