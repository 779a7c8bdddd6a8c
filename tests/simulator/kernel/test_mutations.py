"""Prove that the statistical checks are strong: each fails for bugs of the kind that are made in practice.

A bug is seeded into the arrays that the kernel reads, so that nothing is compiled anew; every check passes
without it (`test_against_closed_forms`).
"""

from __future__ import annotations

from collections.abc import Callable
from math import expm1, log

import numpy as np
import pytest

from simulator import run
from simulator.kernel import layout as k
from simulator.lowering import Lowered, lower
from tests.simulator.kernel import checks
from tests.simulator.kernel.checks import CHECKS, SIGMAS
from tests.simulator.kernel.small import read
from tests.simulator.kernel.test_against_closed_forms import SEED

Bug = Callable[[k.KernelPlan], k.KernelPlan]


def constant(old: float, new: float) -> Bug:
    """Read another number where the plan has this one."""

    def seed(plan: k.KernelPlan) -> k.KernelPlan:
        is_old = np.abs(plan.constants - old) <= 1e-12 * abs(old)
        assert is_old.any(), "the number to change is not there"
        return plan._replace(constants=np.where(is_old, new, plan.constants))

    return seed


def no_growth(plan: k.KernelPlan) -> k.KernelPlan:
    """Forget the growth of demand."""
    demand = plan.demand.copy()
    zeros = plan.derivation.copy()
    step = zeros[:, k.OUT] == demand[k.LOG_GROWTH]
    assert step.sum() == 1
    # ln(1 + growth) / 12 becomes growth x 0
    nothing = plan.draws.inputs + plan.constants.size - 1
    zeros[step, k.OPERATION], zeros[step, k.RIGHT] = k.PRODUCT, nothing
    return plan._replace(derivation=zeros, constants=np.append(plan.constants[:-1], 0.0))


def month_late(plan: k.KernelPlan) -> k.KernelPlan:
    """Look up the season of the month before."""
    return plan._replace(seasonality=np.roll(plan.seasonality, 1))


def change_late(plan: k.KernelPlan) -> k.KernelPlan:
    """Let scheduled price changes wait for a month."""
    return plan._replace(scheduled=np.roll(plan.scheduled, 1, axis=1))


def event_early(plan: k.KernelPlan) -> k.KernelPlan:
    """Let events of fixed months happen a month before."""
    return plan._replace(fixed_months=np.roll(plan.fixed_months, -1, axis=1))


def strategies_swapped(plan: k.KernelPlan) -> k.KernelPlan:
    """Put the numbers of the first strategy under the name of the second, and the other way round."""
    order = np.array([1, 0, *range(2, len(plan.compared.strategies))])
    compared = plan.compared
    return plan._replace(
        compared=compared._replace(
            strategies=compared.strategies[order],
            components=compared.components[order],
            trains=compared.trains[order],
        )
    )


def correlation_turned(plan: k.KernelPlan) -> k.KernelPlan:
    """Turn the sign of every correlation."""
    mixing = plan.draws.mixing.copy()
    off = ~np.eye(len(mixing), dtype=bool)
    mixing[off] *= -1.0
    return plan._replace(draws=plan.draws._replace(mixing=mixing))


def correlation_dropped(plan: k.KernelPlan) -> k.KernelPlan:
    """Draw correlated quantities independently."""
    return plan._replace(draws=plan.draws._replace(mixing=np.eye(len(plan.draws.mixing))))


def factor_without_its_diagonal(plan: k.KernelPlan) -> k.KernelPlan:
    """Forget the diagonal of the Cholesky factor, so that the second quantity spreads too far."""
    mixing = plan.draws.mixing.copy()
    np.fill_diagonal(mixing, 1.0)
    return plan._replace(draws=plan.draws._replace(mixing=mixing))


def one_stream_for_all(plan: k.KernelPlan) -> k.KernelPlan:
    """Draw every quantity from the stream of the first."""
    variates = plan.draws.variates.copy()
    variates[:, k.STREAM] = variates[0, k.STREAM]
    return plan._replace(draws=plan.draws._replace(variates=variates))


def one_noise_for_all(plan: k.KernelPlan) -> k.KernelPlan:
    """Draw the changes of prices from the stream of their occurrence."""
    variates = plan.draws.variates.copy()
    variates[-1, k.STREAM] = plan.chances[0]
    return plan._replace(draws=plan.draws._replace(variates=variates))


def undiscounted(plan: k.KernelPlan) -> k.KernelPlan:
    """Forget the discount."""
    demand = plan.demand.copy()
    demand[k.DISCOUNT] = k.NONE
    return plan._replace(demand=demand)


def items_without_growth(plan: k.KernelPlan) -> k.KernelPlan:
    """Let no item grow."""
    buckets = plan.items.buckets.copy()
    buckets[:, k.GROWTH] = 0
    return plan._replace(items=plan.items._replace(buckets=buckets))


def paid_by_the_quarter(plan: k.KernelPlan) -> k.KernelPlan:
    """Pay monthly items in the months of a quarter alone."""
    buckets = plan.items.buckets.copy()
    buckets[buckets[:, k.CADENCE] == k.MONTHLY, k.CADENCE] = k.QUARTERLY
    return plan._replace(items=plan.items._replace(buckets=buckets))


def two_months_above(plan: k.KernelPlan) -> k.KernelPlan:
    """Ask for two months above the bound instead of one."""
    steps = plan.migrations.steps.copy()
    steps[:, k.STEP_FOR] = 2
    return plan._replace(migrations=plan.migrations._replace(steps=steps))


BUGS = [
    ("demand", "growth dropped", no_growth),
    ("demand", "volatility squared", constant(checks.VOLATILITY, checks.VOLATILITY**2)),
    ("demand", "season of the month before", month_late),
    ("demand", "one stream for all quantities", one_stream_for_all),
    ("brownian", "drift dropped", constant(checks.DRIFT, 0.0)),
    ("brownian", "drift of the mean, not of the median", constant(checks.DRIFT, expm1(0.05))),
    ("brownian", "drift a year for a month", constant(checks.DRIFT, (1.0 + checks.DRIFT) ** 12 - 1.0)),
    ("brownian", "volatility squared", constant(checks.SPREAD, checks.SPREAD**2)),
    ("brownian", "volatility a year for a month", constant(checks.SPREAD, 0.2)),
    ("changing", "drift dropped", constant(checks.CHANGE_DRIFT, 0.0)),
    ("changing", "changes on schedule a month late", change_late),
    ("changing", "rate of changes linear", constant(checks.RATE, -12.0 * log(1.0 - checks.RATE / 12.0))),
    ("changing", "size and occurrence of a change from one stream", one_noise_for_all),
    ("margrabe 0.4", "correlation of the other sign", correlation_turned),
    ("margrabe 0.4", "correlation dropped", correlation_dropped),
    ("margrabe 0.4", "strategies swapped", strategies_swapped),
    ("margrabe 0.9", "Cholesky factor without its diagonal", factor_without_its_diagonal),
    ("margrabe 0.0", "one stream for both costs", one_stream_for_all),
    ("margrabe 0.0", "strategies swapped", strategies_swapped),
    ("best of three", "strategies swapped", strategies_swapped),
    ("passage in a year", "drift dropped", constant(expm1(0.5), 0.0)),
    ("passage in a year", "two months for one", two_months_above),
    ("passage in three years", "two months for one", two_months_above),
    ("geometric", "chance linear in the rate", constant(2.0, -12.0 * log(1.0 - 2.0 / 12.0))),
    ("geometric", "months counted from 0", event_early),
    ("arithmetic", "discount dropped", undiscounted),
    ("arithmetic", "discount nominal", constant(checks.DISCOUNT, (1.0 + checks.DISCOUNT / 12.0) ** 12 - 1.0)),
    ("arithmetic", "strategies swapped", strategies_swapped),
    ("arithmetic", "wages that do not rise", items_without_growth),
    ("arithmetic", "rent by the quarter", paid_by_the_quarter),
]  # fmt: skip


@pytest.mark.parametrize(("name", "bug", "seed"), BUGS, ids=[f"{name}: {bug}" for name, bug, _ in BUGS])
def test_a_check_fails_for_a_seeded_bug(name: str, bug: str, seed: Bug, monkeypatch):
    check = CHECKS[name]

    def lower_wrongly(plan) -> Lowered:
        lowered = lower(plan)
        mutated = seed(lowered.plan)
        return Lowered(**{**vars(lowered), "plan": mutated})

    monkeypatch.setattr(run, "lower", lower_wrongly)
    found = run.simulate(read(check.text), lifetimes=check.lifetimes, seed=SEED)
    assert np.abs(check.deviations(found)).max() > 1.5 * SIGMAS, bug
