"""Make worlds of costs by brute force, with their tally and dataset, without a kernel.

Every array has a lifetime axis first, so that each number of the dataset can be computed a second time by
sorting, counting and averaging.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from types import SimpleNamespace

import numpy as np
import xarray as xr

from simulator.axes import COMPONENTS
from simulator.calendar import MONTH_NAMES, Calendar
from simulator.dataset import budget_amounts, build
from simulator.histogram import bin_bounds, bin_index
from simulator.statistics import BATCHES

QUANTILES = (0.05, 0.1, 0.25, 0.5, 0.75, 0.8, 0.9, 0.95, 0.99)
SAMPLES = 10_000
DISCOUNT = 0.08

# Per kreq: input tokens, output tokens, failures, latency; upfront: training, labor;
# monthly: serving, labor, other.
PROFILES = {
    "prompting": (9.0, 3.0, 6.0, 2.0, 0.0, 6_000.0, 0.0, 1_500.0, 0.0),
    "rag": (6.0, 3.0, 4.0, 2.5, 0.0, 18_000.0, 0.0, 2_000.0, 900.0),
    "finetuned": (2.0, 3.5, 3.0, 1.0, 2_500.0, 45_000.0, 0.0, 2_500.0, 200.0),
    "self_hosted": (0.0, 0.0, 4.0, 1.0, 4_000.0, 60_000.0, 5_200.0, 4_000.0, 500.0),
    "cascade": (5.0, 3.0, 4.5, 1.5, 2_500.0, 50_000.0, 0.0, 3_000.0, 200.0),
    "migrating": (7.0, 3.0, 5.0, 1.8, 1_500.0, 20_000.0, 0.0, 1_800.0, 100.0),
    "few_shot": (14.0, 3.0, 5.0, 3.0, 0.0, 4_000.0, 0.0, 1_000.0, 0.0),
}


@dataclass(frozen=True)
class World:
    """A plan-like object, its inputs, and what happened in each lifetime."""

    plan: SimpleNamespace
    inputs: list[SimpleNamespace]
    requests: np.ndarray  # (lifetime, month)
    price_level: np.ndarray  # (lifetime, process, month)
    upfront: np.ndarray  # (lifetime, strategy, component)
    running: np.ndarray  # (lifetime, strategy, component, month)
    training_runs: np.ndarray  # (lifetime, strategy, month)
    input_values: np.ndarray  # (lifetime, input)
    knows_extremes: bool = True
    cash: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        cash = self.running.copy()
        cash[..., 0] += self.upfront
        object.__setattr__(self, "cash", cash)

    @property
    def lifetimes(self) -> int:
        return len(self.requests)

    def present(self, components: tuple[str, ...] = COMPONENTS) -> np.ndarray:
        """Present cost until each month (lifetime, strategy, month)."""
        chosen = [COMPONENTS.index(name) for name in components]
        months = np.arange(1, self.plan.horizon + 1)
        discounted = self.running[:, :, chosen, :].sum(axis=2) * (1 + DISCOUNT) ** (-months / 12)
        return self.upfront[:, :, chosen].sum(axis=2)[:, :, np.newaxis] + np.cumsum(discounted, axis=-1)

    def by_label(self, values: np.ndarray, labels: tuple[str, ...]) -> np.ndarray:
        """Sum months (…, month) by their labels (…, label)."""
        distinct = list(dict.fromkeys(labels))
        columns = [values[..., [label == other for other in labels]].sum(axis=-1) for label in distinct]
        return np.stack(columns, axis=-1)

    @property
    def budget_cost(self) -> np.ndarray:
        """Cash of the covered components (lifetime, strategy, budget_period)."""
        chosen = [COMPONENTS.index(name) for name in self.plan.finance.budget_covers]
        covered = self.cash[:, :, chosen, :].sum(axis=2)
        years = self.by_label(covered, self.plan.calendar.fiscal_years)
        return np.concatenate([years, covered.sum(axis=-1, keepdims=True)], axis=-1)

    def values(self) -> dict[str, np.ndarray]:
        """Every number of a lifetime that a tally holds (lifetime, …), by the name of its sums."""
        monthly = self.cash.sum(axis=2)
        compared = self.present(self.plan.finance.compare_on)
        cumulative = np.cumsum(monthly, axis=-1)
        cheapest = compared.min(axis=1, keepdims=True)
        found = {
            "requests": self.requests,
            "monthly_cost": monthly,
            "cumulative_cost": cumulative,
            "present_cost": self.present(),
            "regret": compared - cheapest,
            "training_runs": self.training_runs,
            "cost_breakdown": self.cash,
            "quarterly_cost": self.by_label(monthly, self.plan.calendar.fiscal_quarters),
            "fiscal_year_cost": self.by_label(monthly, self.plan.calendar.fiscal_years),
            "budget_cost": self.budget_cost,
            "cost_per_kreq": cumulative[..., -1] / (self.requests.sum(axis=-1, keepdims=True) / 1000),
            "saving": compared[:, np.newaxis, :, -1] - compared[:, :, np.newaxis, -1],
        }
        if self.plan.prices:
            found["price_level"] = self.price_level
        if self.plan.finance.budget is not None:
            amounts = budget_amounts(self.plan)
            limits = np.where(np.isnan(amounts), np.inf, amounts)
            found["overrun"] = np.maximum(self.budget_cost - limits, 0.0)
        return found

    def shares(self) -> np.ndarray:
        """(strategy, month) lifetimes in which each is cheapest; among n that tie, 1/n each."""
        compared = self.present(self.plan.finance.compare_on)
        is_cheapest = compared <= compared.min(axis=1, keepdims=True) * (1 + 1e-9)
        return (is_cheapest / is_cheapest.sum(axis=1, keepdims=True)).sum(axis=0)

    def counts(self) -> dict[str, np.ndarray]:
        """Counts of wins, ties, passages and overruns."""
        compared = self.present(self.plan.finance.compare_on)
        mine, theirs = compared[:, :, np.newaxis, :], compared[:, np.newaxis, :, :]
        ties = np.abs(mine - theirs) <= 1e-9 * np.maximum(np.abs(mine), np.abs(theirs))
        wins = (mine < theirs) & ~ties
        no_dearer = wins | ties
        first = no_dearer & (np.cumsum(no_dearer, axis=-1) == 1)
        lasting = np.cumprod(no_dearer[..., ::-1], axis=-1)[..., ::-1].astype(bool)
        begins = lasting & ~np.concatenate([np.zeros_like(lasting[..., :1]), lasting[..., :-1]], axis=-1)
        found = {"wins": wins, "ties": ties, "first_passage": first, "break_even": begins}
        if self.plan.finance.budget is not None:
            found["over_budget"] = self.budget_cost > budget_amounts(self.plan)
        found = {name: happened.sum(axis=0, dtype=np.int64) for name, happened in found.items()}
        return found | {"cheapest": self.shares()}

    def tally(self) -> SimpleNamespace:
        """Summarise the lifetimes as the kernel's tally does."""
        values = self.values()
        batch = np.arange(self.lifetimes) % BATCHES
        sums = {}
        for name, value in values.items():
            sums[name] = np.zeros((*value.shape[1:], BATCHES))
            for number in range(BATCHES):
                sums[name][..., number] = value[batch == number].sum(axis=0)
        histograms = {
            name: BinnedValues(value[..., -1] if name == "regret" else value, self.knows_extremes)
            for name, value in values.items()
            if name not in ("training_runs", "cost_breakdown", "overrun")
        }
        samples = {
            "sample_present_cost": values["present_cost"][:SAMPLES, :, -1],
            "sample_monthly_cost": values["monthly_cost"][:SAMPLES].astype(np.float32),
            "sample_input": self.input_values[:SAMPLES],
        }
        return SimpleNamespace(
            lifetimes=self.lifetimes,
            sums=sums,
            counts=self.counts(),
            histograms=histograms,
            samples=samples,
            expected=frozenset(),
        )

    def dataset(self) -> xr.Dataset:
        """Build the dataset of this world."""
        return build(self.plan, self.tally(), self.inputs, seed=self.plan.run.seed, wall_s=1.5)


class BinnedValues:
    """Histograms (…) of values (lifetime, …), as the tally holds them."""

    def __init__(self, values: np.ndarray, knows_extremes: bool = True) -> None:
        self.values = values
        self.shape = values.shape[1:]
        if knows_extremes:
            self.minimum = values.min(axis=0)
            self.maximum = values.max(axis=0)

    def bins(self, *index: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        number, count = np.unique(bin_index(self.values[(slice(None), *index)]), return_counts=True)
        return (*bin_bounds(number), count)

    def runs(self, chosen: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        numbers = bin_index(self.values.reshape(len(self.values), -1)[:, chosen]).T
        found = [np.unique(row, return_counts=True) for row in numbers]
        starts = np.cumsum([0, *(len(number) for number, _ in found)])
        number, count = (np.concatenate(each) for each in zip(*found, strict=True))
        return starts, number, count[:, np.newaxis]


def synthetic_plan(
    strategies: tuple[str, ...] = ("prompting", "rag", "finetuned"),
    *,
    horizon: int = 36,
    lifetimes: int = 4096,
    seed: int = 7,
    start: date = date(2026, 11, 1),
    fiscal_start: int = 1,
    currency: str = "USD",
    budget: tuple[float, str] | None = (180_000.0, "year"),
    compare_on: tuple[str, ...] = COMPONENTS,
    budget_covers: tuple[str, ...] = tuple(
        name for name in COMPONENTS if name not in ("failures", "latency")
    ),
    quantiles: tuple[float, ...] = QUANTILES,
    prices: tuple[str, ...] = ("api", "gpu"),
) -> SimpleNamespace:
    """Make an object with the attributes of a plan that a dataset is built from."""
    kinds = {
        name: SimpleNamespace(name=name, label=name.replace("_", " ").capitalize(), part=False)
        for name in strategies
    }
    kinds["draft_model"] = SimpleNamespace(name="draft_model", label="Draft model", part=True)
    return SimpleNamespace(
        name="synthetic",
        text='name = "synthetic"\n# a plan with an accent: é\n',
        path="synthetic.toml",
        overrides=('demand.growth="1% to 3% / month"',),
        digest="0123456789abcdef" * 4,
        warnings=(),
        prices_as_of="",
        resolved_prices=(),
        resolved_presets=(),
        start=start,
        horizon=horizon,
        baseline=strategies[0],
        calendar=Calendar(start, horizon, fiscal_start),
        finance=SimpleNamespace(
            currency=currency,
            fiscal_start=MONTH_NAMES[fiscal_start - 1],
            budget=None if budget is None else SimpleNamespace(amount=budget[0], per=budget[1]),
            budget_level=0.8,
            budget_covers=budget_covers,
            compare_on=compare_on,
        ),
        run=SimpleNamespace(
            lifetimes=lifetimes, seed=seed, sampler="random", quantiles=quantiles, precision=None
        ),
        prices={name: SimpleNamespace() for name in prices},
        strategies=kinds,
    )


def synthetic_world(plan: SimpleNamespace | None = None, *, spread: float = 1.0) -> World:
    """Draw a world; `spread` scales every standard deviation, so that 0 makes all lifetimes equal."""
    plan = plan or synthetic_plan()
    rng = np.random.default_rng(plan.run.seed)
    names = [strategy.name for strategy in plan.strategies.values() if not strategy.part]
    n, horizon, size = plan.run.lifetimes, plan.horizon, len(names)
    months = np.arange(horizon)
    profile = np.array([PROFILES[name] for name in names])

    growth = 0.02 + 0.015 * spread * rng.standard_normal(n)
    start_requests = 100_000 * np.exp(0.4 * spread * rng.standard_normal(n))
    shocks = np.cumsum(0.08 * spread * rng.standard_normal((n, horizon)), axis=1)
    logs = np.log1p(growth)[:, np.newaxis] * months + shocks - shocks[:, :1]
    requests = start_requests[:, np.newaxis] * np.exp(logs)
    steps = 0.05 * spread * rng.standard_normal((n, max(len(plan.prices), 1), horizon))
    steps[..., 0] = 0.0
    price_level = np.exp(np.cumsum(steps - np.where(months > 0, 0.02, 0.0), axis=-1))

    own = np.exp(0.3 * spread * rng.standard_normal((n, size, 9))) * profile
    running = np.zeros((n, size, len(COMPONENTS), horizon))
    kreq = requests[:, np.newaxis, :] / 1000
    for component, column in (("input_tokens", 0), ("output_tokens", 1)):
        running[:, :, COMPONENTS.index(component)] = own[..., [column]] * (kreq * price_level[:, [0]])
    for component, column in (("failures", 2), ("latency", 3)):
        running[:, :, COMPONENTS.index(component)] = own[..., [column]] * kreq
    for component, column in (("serving", 6), ("labor", 7), ("other", 8)):
        running[:, :, COMPONENTS.index(component)] = own[..., [column]]
    upfront = np.zeros((n, size, len(COMPONENTS)))
    upfront[..., COMPONENTS.index("training")] = own[..., 4]
    upfront[..., COMPONENTS.index("labor")] = own[..., 5]
    training_runs = np.zeros((n, size, horizon))
    trains = profile[:, 4] > 0
    training_runs[..., 0] = trains
    if spread > 0:
        training_runs[..., 1:] = trains[:, np.newaxis] & (rng.random((n, size, horizon - 1)) < 0.1)
    running[:, :, COMPONENTS.index("training")] = own[..., [4]] * training_runs * (months > 0)
    inputs = [
        SimpleNamespace(name="demand.requests", unit="req/month"),
        SimpleNamespace(name="demand.growth", unit="1/year"),
        *(SimpleNamespace(name=f"strategies.{name}.costs.build", unit="h") for name in names),
    ]
    input_values = np.column_stack([start_requests, (1 + growth) ** 12 - 1, own[..., 5] / 90.0])
    return World(plan, inputs, requests, price_level, upfront, running, training_runs, input_values)


def synthetic_dataset(**plan: object) -> xr.Dataset:
    """Make a full dataset; the keywords are those of `synthetic_plan`."""
    return synthetic_world(synthetic_plan(**plan)).dataset()
