"""Replay one lifetime."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from simulator.cli import parameters, report
from simulator.cli.background import in_background
from simulator.cli.layout import columns
from simulator.cli.parameters import Count

if TYPE_CHECKING:
    from datetime import date

    from simulator.plan import Plan
    from simulator.trace import Ledger

TOTALS = ("monthly", "cumulative", "present")


@click.command("trace", short_help="Replay one lifetime month by month.")
@parameters.plan_argument
@click.option("--lifetime", type=Count(0, 10**12 - 1), required=True, help="Number of the lifetime, from 0.")
@click.option(
    "--strategy", "names", multiple=True, metavar="NAME", help="This strategy only; may be repeated."
)
@parameters.seed_option
@parameters.set_option
@parameters.json_option
@click.option("--csv", "as_csv", is_flag=True, help="Print one row a strategy and month instead.")
def command(
    plan: str,
    lifetime: int,
    names: tuple[str, ...],
    seed: int | None,
    overrides: tuple[str, ...],
    as_json: bool,
    as_csv: bool,
) -> None:
    """Replay one lifetime of PLAN: what was drawn, what happened, what each strategy paid in each month.

    Its sums are those of the simulation, to the last bit; --json and --csv give every digit.

    \b
    Examples:
      simulate trace plan.toml --lifetime 123456
      simulate trace plan.toml --lifetime 7 --strategy rag --csv > ledger.csv
    """
    if as_json and as_csv:
        raise click.UsageError("--json and --csv exclude each other.")
    from simulator.plan import load_plan

    read = load_plan(plan, overrides)
    for name in names:
        _check_strategy(name, read)
    ledger = in_background(lambda: _replay(read, lifetime, seed))
    chosen = [k for k, name in enumerate(ledger.strategies) if not names or name in names]
    if as_json:
        report.print_object(_document(ledger, chosen, plan))
    elif as_csv:
        click.echo(_csv(ledger, chosen), nl=False)
    else:
        for line in _lines(ledger, chosen, read, report.width()):
            click.echo(line)


def _check_strategy(name: str, plan: Plan) -> None:
    from simulator.plan.errors import nearest

    compared = [known for known, strategy in plan.strategies.items() if not strategy.part]
    if name not in compared:
        near = nearest(name, compared)
        advice = f"Did you mean {near!r}?" if near else f"Strategies: {', '.join(compared)}."
        raise click.BadParameter(
            f"there is no strategy {name!r} to compare. {advice}", param_hint="--strategy"
        )


def _replay(plan: Plan, lifetime: int, seed: int | None) -> Ledger:
    from simulator import trace

    report.tell_compiling(report.to_stderr)
    return trace.replay(plan, lifetime, seed=seed)


def _document(ledger: Ledger, chosen: Sequence[int], plan: str) -> dict[str, Any]:
    return {
        "file": plan,
        "seed": ledger.seed,
        "lifetime": ledger.lifetime,
        "months": [month.isoformat() for month in ledger.months],
        "inputs": {name: {"value": value, "unit": unit} for name, (value, unit) in ledger.inputs.items()},
        "requests": ledger.requests,
        "price_level": dict(zip(ledger.processes, ledger.price_level, strict=True)),
        "events": ledger.events,
        "strategies": {
            ledger.strategies[k]: {
                "cost": dict(zip(ledger.components, ledger.cost[k], strict=True)),
                "upfront": dict(zip(ledger.components, ledger.upfront[k], strict=True)),
                **{total: getattr(ledger, total)[k] for total in TOTALS},
                "training_runs": ledger.training_runs[k],
            }
            for k in chosen
        },
    }


def _csv(ledger: Ledger, chosen: Sequence[int]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    levels = [f"price_level.{name}" for name in ledger.processes]
    addresses = ("lifetime", "seed", "strategy", "month", "date")
    writer.writerow(
        [*addresses, "requests", *levels, *ledger.events, *ledger.components, *TOTALS, "training_runs"]
    )
    for k in chosen:
        for t, month in enumerate(ledger.months):
            writer.writerow(
                [ledger.lifetime, ledger.seed, ledger.strategies[k], t + 1, month.isoformat()]
                + [_exact(ledger.requests[t])]
                + [_exact(level[t]) for level in ledger.price_level]
                + [int(happened[t]) for happened in ledger.events.values()]
                + [_exact(cost) for cost in ledger.cost[k, :, t]]
                + [_exact(getattr(ledger, total)[k, t]) for total in TOTALS]
                + [int(ledger.training_runs[k, t])]
            )
    return text.getvalue()


def _exact(number: float) -> str:
    return repr(float(number))


def _lines(ledger: Ledger, chosen: Sequence[int], plan: Plan, width: int) -> Iterator[str]:
    drawn = "" if plan.run.sampler == "random" else f" on scrambled {plan.run.sampler.capitalize()} points"
    yield f"Lifetime {ledger.lifetime:,} of seed {ledger.seed}{drawn}, amounts in {plan.finance.currency}"
    yield ""
    yield "Drawn"
    longest = max((len(name) for name in ledger.inputs), default=0)
    for name, (value, unit) in _as_in_plan(ledger, plan).items():
        number = _amount(value, 0) if abs(value) >= 1e5 else f"{value:,.6g}"
        yield f"  {name:<{longest}}  {number:>12}  {unit}".rstrip()
    yield ""
    yield "What happened"
    yield from columns(*_happenings(ledger), width)
    for k in chosen:
        yield ""
        yield f"{ledger.strategies[k]} (upfront {_amount(ledger.upfront[k].sum(), 0)})"
        yield from columns(*_payments(ledger, k), width)


def _as_in_plan(ledger: Ledger, plan: Plan) -> dict[str, tuple[float, str]]:
    """Give what was drawn in the units in which the plan says it, as `explain` does."""
    from simulator.explain import quantities
    from simulator.explain.numbers import as_written
    from simulator.explain.words import shown_unit

    known = {quantity.name: quantity for quantity in quantities(plan)}
    return {
        name: (float(as_written(known[name], value)), shown_unit(known[name].unit.text))
        if name in known
        else (value, unit)
        for name, (value, unit) in ledger.inputs.items()
    }


def _amount(value: float, digits: int) -> str:
    """Write an amount with its thousands set off; one that no float holds to the unit as in ``5.08e22``."""
    return f"{value:,.{digits}f}" if abs(value) < 2**53 else f"{value:.6g}".replace("e+", "e")


def _happenings(ledger: Ledger) -> tuple[list[str], list[list[str]]]:
    heads = ["month", "requests", *ledger.processes, *map(_event, ledger.events)]
    rows = []
    for t, month in enumerate(ledger.months):
        levels = [f"{level[t]:.4f}" for level in ledger.price_level]
        marks = ["yes" if happened[t] else "." for happened in ledger.events.values()]
        rows.append([_when(t, month), _amount(ledger.requests[t], 0), *levels, *marks])
    return heads, rows


def _event(name: str) -> str:
    """Shorten ``"events.launch"`` to ``"launch"``, ``"models.big.retired"`` to ``"big retired"``."""
    return name.partition(".")[2].replace(".", " ")


def _payments(ledger: Ledger, strategy: int) -> tuple[list[str], list[list[str]]]:
    """Leave out the components for which this strategy never pays."""
    paid = [c for c in range(len(ledger.components)) if ledger.cost[strategy, c].any()]
    trains = ledger.training_runs[strategy].any()
    heads = ["month", *(ledger.components[c] for c in paid), *TOTALS, *(["runs"] if trains else [])]
    digits = 0 if ledger.cumulative[strategy, -1] >= 10_000 else 2
    rows = []
    for t, month in enumerate(ledger.months):
        parts = [ledger.cost[strategy, c, t] for c in paid]
        totals = [_amount(getattr(ledger, total)[strategy, t], digits) for total in TOTALS]
        runs = [f"{int(ledger.training_runs[strategy, t]) or '.'}"] if trains else []
        shown = [_amount(part, digits) if part else "." for part in parts]
        rows.append([_when(t, month), *shown, *totals, *runs])
    return heads, rows


def _when(t: int, month: date) -> str:
    return f"{t + 1:>3} {month:%Y-%m}"
