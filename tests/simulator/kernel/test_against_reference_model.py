"""The kernel against the slow model of `tests/reference_model`, lifetime by lifetime and cost by cost."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from simulator.kernel import layout as k
from simulator.lowering import Lowered, lower
from simulator.plan import Plan, load_plan
from simulator.trace import record_lifetimes
from tests.reference_model import COMPONENTS, Result, simulate
from tests.simulator.kernel.plans import compose

ROOT = Path(__file__).resolve().parents[3]
PLANS = {
    "smoke": ROOT / "configs" / "smoke.toml",
    "plan": ROOT / "configs" / "plan.toml",
    "every_key": ROOT / "tests" / "simulator" / "plan" / "every_key.toml",
}
COMPOSED = range(26)
WANTED = (
    "steps in two months running",
    "step decided in the month in which the step before is complete",
    "return to the strategy of the beginning",
    "training run in the month after a handover",
    "two training runs in one month",
    "all requests fail",
    "shares that pass one together",
    "no replica at all",
    "more replicas later on",
    "event in the last month",
)
LIFETIMES = 150
MANY = k.LANES + 70  # one lane array and a bit
FAR = 3 * 2**32 + 17  # lifetimes whose numbers need both words of the counter

# The same rounding errors in another order.
CLOSE = 1e-9

# The quantile of a mixture is read from a table that is right to 2e-9 of probability. One draw in some 3,000
# lies where no more than 1/3,000 is left of a tail, which is then wrong by 6e-6 of itself; the value by less.
TABLED = 1e-5

# The mixtures of a plan with a closed form in their place.
CLOSED_FORMS = {
    "plan": ('prices.market.change="0.4 to 2"', 'prices.pinned.change="0.3 to 2.5"'),
    "every_key": ('prices.pinned.change="0.3 to 2.5"',),
}


@dataclass(frozen=True)
class Pair:
    """The same lifetimes, lived twice."""

    plan: Plan
    lowered: Lowered
    kept: k.Record
    expected: Result


def live(plan: Plan, first: int = 0, count: int = LIFETIMES) -> Pair:
    lowered = lower(plan)
    kept = record_lifetimes(lowered, first, count, plan.run.seed)
    return Pair(plan, lowered, kept, simulate(plan, first + np.arange(count), plan.run.seed))


@cache
def of_file(name: str, overrides: tuple[str, ...] = (), count: int = LIFETIMES) -> Pair:
    return live(load_plan(PLANS[name], overrides), count=count)


@cache
def composed(seed: int) -> Pair:
    return live(compose(seed), first=FAR if seed % 3 == 0 else 0, count=MANY if seed % 5 == 0 else LIFETIMES)


def assert_agree(pair: Pair, rtol: float) -> None:
    """Compare everything that both models know of each lifetime; what tells months apart must be equal."""
    kept, expected, lowered = pair.kept, pair.expected, pair.lowered
    assert lowered.strategies == expected.strategies

    def close(name: str, actual: np.ndarray, desired: np.ndarray, tolerance: float = rtol) -> None:
        np.testing.assert_allclose(actual, desired, rtol=tolerance, atol=0.0, err_msg=name)

    assert {info.name for info in lowered.inputs} <= set(expected.inputs)
    for i, info in enumerate(lowered.inputs):
        close(info.name, kept.inputs[:, i], expected.inputs[info.name], CLOSE)
    for e, name in enumerate(lowered.events):
        np.testing.assert_array_equal(kept.event[:, e] == 1, expected.happens[name], err_msg=name)
    close("requests", kept.requests, expected.requests, CLOSE)
    for p, name in enumerate(lowered.processes):
        close(name, kept.price[:, p], expected.price_level[name])
    np.testing.assert_array_equal(kept.runs, expected.training_runs, err_msg="training runs")
    for s, name in enumerate(lowered.strategies):
        for c, component in enumerate(COMPONENTS):
            close(f"{name}: {component}", kept.cost[:, s, c], expected.cost[:, s, c])
        close(f"{name}: upfront", kept.opening[:, s], expected.upfront[:, s])
    for column, totals in enumerate((expected.monthly(), expected.cumulative(), expected.present())):
        close(("monthly", "cumulative", "present")[column], kept.totals[..., column], totals)


@pytest.mark.parametrize("seed", COMPOSED)
def test_composed_plans_cost_the_same_in_both_models(seed):
    assert_agree(composed(seed), CLOSE)


def test_the_smoke_plan_costs_the_same_in_both_models():
    assert_agree(of_file("smoke"), CLOSE)


@pytest.mark.parametrize("name", CLOSED_FORMS)
def test_plans_with_tabled_mixtures_cost_the_same_up_to_the_tables(name):
    assert_agree(of_file(name), TABLED)


@pytest.mark.parametrize("name", CLOSED_FORMS)
def test_without_mixtures_these_plans_cost_the_same_as_closely_as_the_others(name):
    assert_agree(of_file(name, CLOSED_FORMS[name]), CLOSE)


@pytest.mark.parametrize(
    ("name", "unused"),
    [("smoke", set()), ("plan", set()), ("every_key", {"strategies.hosted_twice.serving.capacity"})],
)
def test_the_inputs_are_all_that_is_drawn_once_but_for_parts_that_nobody_uses(name, unused):
    pair = of_file(name)
    assert set(pair.expected.inputs) - {info.name for info in pair.lowered.inputs} == unused


def test_the_composed_plans_reach_what_they_are_composed_for():
    """A comparison proves nothing about what never happens: count it over all plans and lifetimes."""
    seen = Counter()
    for seed in COMPOSED:
        pair = composed(seed)
        seen += happenings(pair.plan, pair.expected)
    assert {what: seen[what] for what in WANTED if seen[what] < 20} == {}


def happenings(plan: Plan, lived: Result) -> Counter:
    """Count, over the lifetimes of a plan, what is rare or easily got wrong."""
    seen = Counter()
    for name, stage in lived.stage.items():
        decided, steps = lived.decided[name], plan.strategies[name].then
        seen["steps in two months running"] += np.sum(
            (decided[:, 1:] == decided[:, :-1] + 1) & (decided[:, :-1] > 0)
        )
        for j, step in enumerate(steps):
            if step.migrate_to == plan.strategies[name].start_with:
                seen["return to the strategy of the beginning"] += np.sum((stage == j + 1).any(axis=1))
            late = np.flatnonzero(decided[:, j] > 2)
            before = stage[late, decided[late, j] - 2]
            seen["step decided in the month in which the step before is complete"] += np.sum(before == j - 1)
    if "hurried" in lived.stage:
        stage, runs = lived.stage["hurried"], lived.training_runs[:, lived.strategies.index("hurried")]
        new = np.diff(stage, axis=1, prepend=0) > 0
        seen["training run in the month after a handover"] += np.sum(new[:, :-1] & (runs[:, 1:] > 0))
    seen["two training runs in one month"] += np.sum(lived.training_runs[:, :, 1:] >= 2)
    seen["all requests fail"] += sum(np.sum(share == 1.0) for share in lived.failure_share.values())
    for shares in lived.route_share.values():
        rest = next(share for part, share in shares.items() if part in ("plain", "hosted"))
        seen["shares that pass one together"] += np.sum(rest == 0.0)
    if "divided" in lived.route_share and plan.strategies["hosted"].serving.min_replicas == 0:
        seen["no replica at all"] += np.sum(lived.route_share["divided"]["hosted"] == 0.0)
    if "hosted" in lived.strategies and plan.horizon > 1:
        serving = lived.cost[:, lived.strategies.index("hosted"), k.SERVING]
        seen["more replicas later on"] += np.sum(serving.max(axis=1) > 1.9 * serving[:, 0])
    seen["event in the last month"] += sum(np.sum(happens[:, -1]) for happens in lived.happens.values())
    return seen
