"""Evaluate a plan at its medians, in a world in which nothing moves: what a rule of thumb reckons with."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from simulator.lowering import variate
from simulator.plan.dimensions import SPAN
from simulator.plan.forms import Constant, Quantity, SameAs
from simulator.plan.frozen import FrozenDict
from simulator.plan.schema import COMPONENTS, INVOICED
from simulator.plan.units import Unit

if TYPE_CHECKING:
    from simulator.plan.schema import Plan
    from simulator.plan.strategy import Plain
    from simulator.trace import Ledger

SPAN_MONTHS = 120
"""Months over which running costs are averaged, from month 2 on: whole quarters and years."""

TIE = 1e-9
"""Relative difference below which two amounts are the same."""

# What changes the world from month 2 on; a world that stands still has none of it.
_MOVES = {
    "demand": ("growth", "volatility", "seasonality"),
    "request": ("input_growth", "output_growth", "variation"),
    "finance": ("discount", "inflation", "budget"),
    "people": ("raise_",),
}
_PLAIN_MOVES = ("prompt_growth",)
_ITEM_MOVES = ("growth", "varies")
_PRICE_MOVES = ("drift", "volatility", "change_rate", "change")
_MONTH = Unit(text="month", signature="time", factor=1.0)


@dataclass(frozen=True)
class Costs:
    """What one plain strategy costs at the plan's medians, in what is invoiced.

    Parameters
    ----------
    name, label
        The strategy.
    upfront
        [currency] paid at the start.
    running
        [currency/month] on average, retraining included.
    untrained
        [currency/month] the same without retraining.
    tokens
        [currency/req] tokens and GPUs of one request.
    quarterly
        [currency/quarter] the part of `running` that the plan states a quarter, for a whole quarter.
    waiting
        [currency/month] the price of waiting, which nobody invoices.
    retrained_every
        [month] between two training runs; None where there is only the first one.
    failures
        Share of the requests in [0, 1]; None where the plan does not say.
    examples
        Training examples; None where the plan does not say.
    """

    name: str
    label: str
    upfront: float
    running: float
    untrained: float
    tokens: float
    quarterly: float
    waiting: float
    retrained_every: float | None
    failures: float | None
    examples: float | None


def median(quantity: Quantity) -> float:
    """Give the 50th percentile of a quantity in canonical units.

    Notes
    -----
    What is the same as another quantity is the product of the medians of both factors, a share at most 1.
    """
    if isinstance(quantity.form, SameAs):
        value = median(quantity.original)
        if quantity.form.times is not None:
            value *= median(quantity.form.times)
        return min(value, 1.0) if quantity.support == "share" else value
    value = float(variate(quantity).ppf(0.5))
    # exp(ln 100,000) misses 100,000 by its last bits, and a rule's bound may lie there.
    return value if quantity.is_constant else float(f"{value:.13g}")


def saved(dear: float, cheap: float) -> float:
    """Subtract two amounts; what differs by the rounding of sums alone is no saving."""
    return 0.0 if math.isclose(dear, cheap, rel_tol=TIE) else dear - cheap


def requests_of(plan: Plan) -> float:
    """Give the median requests of a month at the start, before the seasons [req/month]."""
    ceiling = plan.demand.ceiling
    limit = median(ceiling) if ceiling is not None and plan.demand.curve == "compound" else math.inf
    return min(median(plan.demand.requests), limit)


def interval_of(plan: Plan, event: str) -> float:
    """Give the months between two occurrences of an event at its median; infinite where it never happens.

    Parameters
    ----------
    plan
        A plan.
    event
        A name of [events].

    Notes
    -----
    12 over the median rate; the median interval; of fixed months, the horizon over how many lie within it.
    """
    written = plan.events[event]
    if written.rate is not None:
        rate = median(written.rate)
        return 12.0 / rate if rate > 0 else math.inf
    if written.every is not None:
        return median(written.every)
    within = sum(month <= plan.horizon for month in written.at)
    return plan.horizon / within if within else math.inf


def costs_at_medians(plan: Plan, names: tuple[str, ...]) -> dict[str, Costs]:
    """Evaluate plain strategies of a plan in a world that stands still at the plan's medians.

    Parameters
    ----------
    plan
        A plan.
    names
        Plain strategies that are no parts.

    Returns
    -------
    dict
        Name -> costs.

    Notes
    -----
    The kernel itself lives the one lifetime of a plan whose quantities are constants, so tokens, shares,
    capacities and cadences are counted as everywhere else. Demand, prices, wages and lengths stay as in month 1,
    nothing is discounted, and events come at regular intervals.
    """
    if not names:
        return {}
    still = stand_still(plan, names)
    running, untrained = _live(still), _live(_never_retrained(still))
    return {name: _costs(still, name, running, untrained) for name in names}


def stand_still(plan: Plan, names: tuple[str, ...]) -> Plan:
    """Give the plan with these plain strategies alone, each quantity at its median and nothing moving."""
    events = {name: _regular(plan, name) for name in plan.events}
    update: dict[str, Any] = {
        table: _without(getattr(plan, table), keys) for table, keys in _MOVES.items()
    } | {
        "start": date(2001, 1, 1),
        "horizon": 1 + SPAN_MONTHS,
        "baseline": names[0],
        "prices": FrozenDict(
            {
                name: _without(process, _PRICE_MOVES).model_copy(update={"scheduled": ()})
                for name, process in plan.prices.items()
            }
        ),
        "models": FrozenDict({name: _retired(plan, name) for name in plan.models}),
        "events": FrozenDict(events),
        "strategies": FrozenDict({name: _quiet(plan.strategies[name]) for name in names}),
        "correlations": (),
    }
    return _at_medians(plan.model_copy(update=update))


def _costs(still: Plan, name: str, running: Ledger, untrained: Ledger) -> Costs:
    strategy, row = still.strategies[name], running.strategies.index(name)
    invoiced = [COMPONENTS.index(component) for component in INVOICED]
    bills = [COMPONENTS.index(component) for component in ("input_tokens", "output_tokens", "serving")]

    def a_month(ledger: Ledger, components: list[int]) -> float:
        return float(ledger.cost[row, components, 1:].sum()) / SPAN_MONTHS

    runs = float(running.training_runs[row, 1:].sum())
    training = strategy.training
    return Costs(
        name=name,
        label=strategy.label,
        upfront=float(running.upfront[row, invoiced].sum()),
        running=a_month(running, invoiced),
        untrained=a_month(untrained, invoiced),
        tokens=a_month(running, bills) / float(running.requests[0]),
        quarterly=_quarterly(still, strategy),
        waiting=a_month(running, [COMPONENTS.index("latency")]),
        retrained_every=SPAN_MONTHS / runs if runs else None,
        failures=None if strategy.failures is None else median(strategy.failures),
        examples=None if training is None or training.examples is None else median(training.examples),
    )


def _quarterly(still: Plan, strategy: Plain) -> float:
    total = 0.0
    for item in strategy.costs.values():
        if item.cadence == "quarter" and item.on is None:
            wage = median(still.people.roles[item.role]) if item.kind == "hours" else 1.0
            total += median(item.quantity) * wage
    return total


def _live(still: Plan) -> Ledger:
    from simulator.trace import replay

    return replay(still, 0)


def _never_retrained(still: Plan) -> Plan:
    strategies = {
        name: strategy.model_copy(update={"retrain": None}) for name, strategy in still.strategies.items()
    }
    return still.model_copy(update={"strategies": FrozenDict(strategies)})


def _without(table: Any, keys: tuple[str, ...]) -> Any:
    return table.model_copy(update=dict.fromkeys(keys))


def _quiet(strategy: Plain) -> Plain:
    costs = {name: _without(item, _ITEM_MOVES) for name, item in strategy.costs.items()}
    return _without(strategy, _PLAIN_MOVES).model_copy(update={"costs": FrozenDict(costs)})


def _regular(plan: Plan, name: str) -> Any:
    interval = interval_of(plan, name)
    every = None if math.isinf(interval) else _months(f"events.{name}.every", interval)
    at = () if every is None else None
    return plan.events[name].model_copy(update={"rate": None, "every": every, "at": at, "demand": None})


def _retired(plan: Plan, name: str) -> Any:
    """Let a model retire at regular intervals; one whose only retirement is dated, once a horizon."""
    model = plan.models[name]
    if model.retired_on is None:
        return model
    months = (model.retired_on.year - plan.start.year) * 12 + model.retired_on.month - plan.start.month + 1
    # A date before month 2 means never, whatever the interval (MODEL.md 5).
    after = None if months < 2 else model.retired_after
    if after is None and 2 <= months <= plan.horizon:
        after = _months(f"models.{name}.retired_after", float(plan.horizon))
    return model.model_copy(update={"retired_on": None, "retired_after": after})


def _months(name: str, value: float) -> Quantity:
    return Quantity(name, SPAN, SPAN.support, Constant(value), _MONTH, f"{value:.15g} month")


def _at_medians(node: Any) -> Any:
    """Replace every quantity under a node by the constant that is its median."""
    if isinstance(node, Quantity):
        # Canonical: the unit's factor is spent, and a compound rate is per year.
        unit = replace(node.unit, factor=1.0, per=None if node.unit.per is None else 12)
        return replace(node, form=Constant(median(node)), unit=unit, original=None)
    if hasattr(type(node), "model_fields"):
        update = {name: _at_medians(getattr(node, name)) for name in type(node).model_fields}
        return node.model_copy(update=update)
    if isinstance(node, dict):
        return FrozenDict({name: _at_medians(value) for name, value in node.items()})
    return tuple(map(_at_medians, node)) if isinstance(node, tuple) else node
