"""Simulate a plan with plain NumPy, chunk by chunk: the peer that the simulator is timed against."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import numpy as np
from scipy import special

from tests.reference_model.compose import training_runs
from tests.reference_model.draws import Draws, correlated_groups
from tests.reference_model.families import OfScipy
from tests.reference_model.items import add_all
from tests.reference_model.model import compared, keep_books, paid_upfront
from tests.reference_model.money import COMPONENTS
from tests.reference_model.statistics import SAMPLES, TIE, budget_limits, wilson
from tests.reference_model.world import World

CHUNK = 16_384
BATCHES = 64


class GeneratorDraws(Draws):
    """Draws of a `numpy.random.Generator`: the samplers of NumPy and SciPy, no inverse functions.

    Parameters
    ----------
    plan
        A plan as `simulator.plan` reads it.
    size
        Number of lifetimes.
    generator
        Where every number comes from.
    shared
        What does not change from chunk to chunk; filled as it is asked for.
    """

    def __init__(self, plan, size: int, generator: np.random.Generator, shared: Shared):
        super().__init__(plan, size, shared.distributions)
        self.generator = generator
        self.shared = shared
        self._intervals: dict[str, np.ndarray] = {}
        self._correlated = {}
        for names, lower in shared.groups:
            normals = lower @ generator.standard_normal((len(names), size))
            self._correlated.update(zip(names, normals, strict=True))

    def variates(self, quantity) -> np.ndarray:
        """Return (lifetime) values of a quantity that is no constant."""
        distribution = self.distribution(quantity)
        if quantity.name not in self._correlated:
            return distribution.sample(self.generator, self.size)
        z = self._correlated[quantity.name]
        if isinstance(distribution, OfScipy):
            return np.interp(z, Shared.NORMALS, self.shared.table(quantity.name, distribution))
        return distribution.from_normal(z)

    def monthly_normals(self, stream: str) -> np.ndarray:
        """Return (month, lifetime) standard normals."""
        return self.generator.standard_normal((self.horizon, self.size))

    def monthly_happens(self, stream: str, probability) -> np.ndarray:
        """Return (month, lifetime) whether a uniform lies below `probability`."""
        return self.generator.random((self.horizon, self.size)) < probability

    def occurrence(self, quantity, rows: np.ndarray, slots: np.ndarray) -> np.ndarray:
        """Return a value of `quantity` for each of `rows`."""
        return self.distribution(quantity).sample(self.generator, len(rows))

    def intervals(self, quantity, rows: np.ndarray, slots: np.ndarray) -> np.ndarray:
        """Return the interval number `slots` of the lifetimes at `rows`; strategies share them by name."""
        drawn = self._intervals.get(quantity.name, np.empty((0, self.size)))
        missing = int(slots.max(initial=-1)) + 1 - len(drawn)
        if missing > 0:
            more = self.distribution(quantity).sample(self.generator, (missing, self.size))
            self._intervals[quantity.name] = drawn = np.concatenate([drawn, more])
        return drawn[slots, rows]


@dataclass
class Shared:
    """What chunks share: distributions, Cholesky factors, tables of families without closed form."""

    groups: list
    distributions: dict = field(default_factory=dict)
    tables: dict = field(default_factory=dict)

    NORMALS = np.linspace(-8.0, 8.0, 4001)

    def table(self, name: str, distribution) -> np.ndarray:
        """Return the quantiles of `distribution` at the cumulative probabilities of `NORMALS`."""
        if name not in self.tables:
            self.tables[name] = distribution.from_uniform(special.ndtr(self.NORMALS))
        return self.tables[name]


class Means:
    """Sums over lifetimes in 64 batches, for means and their standard errors."""

    def __init__(self):
        self.sums: dict[str, np.ndarray] = {}

    def add(self, name: str, shape: tuple[int, ...], index, values: np.ndarray) -> None:
        """Add one chunk's (lifetime) `values` of the element `index` of the variable `name`."""
        if name not in self.sums:
            self.sums[name] = np.zeros((*shape, BATCHES))
        self.sums[name][index] += batch_sums(values)

    def write(self, found: dict, lifetimes: int) -> None:
        """Write every mean and its standard error."""
        for name, sums in self.sums.items():
            found[name] = sums.sum(axis=-1) / lifetimes
            found[f"{name}_mcse"] = sums.std(axis=-1, ddof=1) * np.sqrt(BATCHES) / lifetimes


def batch_sums(values: np.ndarray) -> np.ndarray:
    """Return the sums of 64 parts of one chunk, as equal as can be."""
    size = values.shape[-1]
    if size % BATCHES == 0:
        return values.reshape(*values.shape[:-1], BATCHES, -1).sum(axis=-1)
    padded = np.zeros((*values.shape[:-1], -(-size // BATCHES) * BATCHES))
    padded[..., :size] = values
    return padded.reshape(*values.shape[:-1], -1, BATCHES).sum(axis=-2)


class Pairs:
    """Who is cheaper than whom by each month, in counts of lifetimes."""

    def __init__(self, strategies: int, horizon: int):
        shape = (strategies, strategies, horizon)
        self.wins, self.first, self.sustained = np.zeros(shape), np.zeros(shape), np.zeros(shape)
        self.never = np.zeros(shape[:2])

    def add(self, cost: np.ndarray) -> None:
        """Count one chunk's (strategy, month, lifetime) present cost."""
        strategies, _, size = cost.shape
        tolerance = TIE * np.abs(cost)
        for a in range(strategies):
            self.wins[a, a] += 0.5 * size
            self.first[a, a, 0] += size
            self.sustained[a, a, 0] += size
            for b in range(a):
                self._add_pair(a, b, cost[a], cost[b], tolerance[a], tolerance[b])

    def _add_pair(self, a: int, b: int, cost_a, cost_b, tolerance_a, tolerance_b) -> None:
        horizon, size = cost_a.shape
        a_above = np.empty((horizon, size), dtype=bool)
        b_above = np.empty((horizon, size), dtype=bool)
        for month in range(horizon):
            difference = cost_a[month] - cost_b[month]
            tolerance = np.maximum(tolerance_a[month], tolerance_b[month])
            np.greater(difference, tolerance, out=a_above[month])
            np.less(difference, -tolerance, out=b_above[month])
            above = np.count_nonzero(a_above[month]), np.count_nonzero(b_above[month])
            half_ties = 0.5 * (size - above[0] - above[1])
            self.wins[a, b, month] += above[1] + half_ties
            self.wins[b, a, month] += above[0] + half_ties
        for pair, above in (((a, b), a_above), ((b, a), b_above)):
            self._add_passages(pair, above)

    def _add_passages(self, pair: tuple[int, int], above: np.ndarray) -> None:
        """Count the first month in which one is not above the other, and the first from which on never."""
        horizon, size = above.shape
        until, since = np.ones(size, dtype=bool), np.zeros(size, dtype=bool)
        above_until, above_since = np.empty(horizon), np.empty(horizon)
        for month in range(horizon):
            until &= above[month]
            above_until[month] = np.count_nonzero(until)
        for month in reversed(range(horizon)):
            since |= above[month]
            above_since[month] = np.count_nonzero(since)
        self.first[pair] -= np.diff(above_until, prepend=size)
        self.sustained[pair] -= np.diff(above_since, prepend=size)
        self.never[pair] += above_since[-1]

    def write(self, found: dict, lifetimes: int) -> None:
        """Write the probabilities."""
        found["win_probability"] = self.wins / lifetimes
        found["win_probability_interval"] = wilson(found["win_probability"], lifetimes)
        found["first_passage_probability"] = self.first / lifetimes
        found["break_even_probability"] = self.sustained / lifetimes
        found["never_breaks_even"] = self.never / lifetimes


class Stored:
    """What quantiles need of every lifetime, the lifetime last."""

    def __init__(self, plan, strategies: int, lifetimes: int):
        horizon, periods = plan.horizon, len(plan.calendar.years) + 1
        self.monthly = np.empty((strategies, horizon, lifetimes))
        self.upfront = np.empty((strategies, lifetimes))
        self.discount = np.empty(lifetimes)
        self.compared = np.empty((strategies, lifetimes))
        self.covered = np.zeros((strategies, periods, lifetimes))
        self.requests = np.empty((horizon, lifetimes))
        self.levels = {name: np.empty((horizon, lifetimes)) for name in plan.prices}
        self.inputs: list[np.ndarray] = []  # (lifetime, input) of each chunk


def run(
    plan, lifetimes: int, seed: int, chunk: int = CHUNK, *, sorts: bool = False
) -> tuple[dict[str, np.ndarray], float]:
    """Simulate `lifetimes` lifetimes of `plan` in one thread.

    Parameters
    ----------
    plan
        A plan as `simulator.plan` reads it.
    lifetimes
        How many, 2 or more.
    seed
        In [0, 2^64).
    chunk
        Lifetimes that are worked through together.
    sorts
        Take quantiles from `np.sort`, which uses vector instructions and is several times as fast as `np.quantile`.

    Returns
    -------
    found
        The dataset's variables by name, dims as there.
    seconds
        Wall time.
    """
    started = time.perf_counter()
    shared = Shared(correlated_groups(plan.correlations))
    names = compared(plan)
    stored = Stored(plan, len(names), lifetimes)
    means, pairs = Means(), Pairs(len(names), plan.horizon)
    starts = range(0, lifetimes, chunk)
    for start, seeds in zip(starts, np.random.SeedSequence(seed).spawn(len(starts)), strict=True):
        here = slice(start, min(start + chunk, lifetimes))
        generator = np.random.Generator(np.random.SFC64(seeds))
        world = World(plan, GeneratorDraws(plan, here.stop - start, generator, shared))
        _simulate(plan, names, world, stored, here, means, pairs)
    found = _summarise(plan, stored, sorts)
    means.write(found, lifetimes)
    pairs.write(found, lifetimes)
    return found, time.perf_counter() - started


def _simulate(plan, names, world, stored: Stored, here: slice, means: Means, pairs: Pairs) -> None:
    """Work through one chunk, month by month, and keep what the end needs of it."""
    horizon, size, many = plan.horizon, world.size, len(names)
    books, clocks = keep_books(plan, world)
    inputs = world.draws.inputs()
    if inputs and here.start < SAMPLES:
        stored.inputs.append(np.stack(list(inputs.values()), axis=1)[: SAMPLES - here.start])
    stored.requests[:, here] = world.volume
    for name, level in world.levels.items():
        stored.levels[name][:, here] = level
    discount = world.once(plan.finance.discount)
    stored.discount[here] = discount
    period = [plan.calendar.years.index(label) for label in plan.calendar.fiscal_years]
    cost = np.empty((many, horizon, size))  # present cost of the compared components
    breakdown = (many, len(COMPONENTS), horizon)
    upfront = [paid_upfront(books[name]) for name in names]
    for s in range(many):
        stored.upfront[s, here] = total(upfront[s], COMPONENTS)
    chosen = {COMPONENTS, plan.finance.compare_on, plan.finance.budget_covers}
    for t in range(1, horizon + 1):
        factor = (1.0 + discount) ** (-t / 12.0)
        for s, name in enumerate(names):
            paid = books[name].running(t, clocks)
            sums = {components: total(paid, components) for components in chosen}
            before = total(upfront[s], plan.finance.compare_on) if t == 1 else cost[s, t - 2]
            np.add(before, sums[plan.finance.compare_on] * factor, out=cost[s, t - 1])
            if t == 1:
                add_all(paid, upfront[s])
                sums = {components: total(paid, components) for components in chosen}
            stored.monthly[s, t - 1, here] = sums[COMPONENTS]
            stored.covered[s, period[t - 1], here] += sums[plan.finance.budget_covers]
            for component, amount in paid.items():
                index = (s, COMPONENTS.index(component), t - 1)
                means.add("cost_breakdown", breakdown, index, np.broadcast_to(amount, (size,)))
            if _is_trained(books[name]):
                runs = training_runs(books[name], clocks, t, size)
                means.add("training_runs", (many, horizon), (s, t - 1), runs)
    for variable in ("cost_breakdown", "training_runs"):
        shape = breakdown if variable == "cost_breakdown" else (many, horizon)
        means.sums.setdefault(variable, np.zeros((*shape, BATCHES)))
    stored.compared[:, here] = cost[:, -1]
    pairs.add(cost)
    _rank(cost, means)


def _rank(cost: np.ndarray, means: Means) -> None:
    """Share the first place among the cheapest, and sum what the others cost more."""
    many, horizon, _ = cost.shape
    for month in range(horizon):
        of_month = cost[:, month]
        least = of_month.min(axis=0)
        regret = of_month - least
        cheapest = regret <= TIE * np.maximum(np.abs(of_month), np.abs(least))
        share = cheapest / cheapest.sum(axis=0)
        means.add("cheapest_probability", (many, horizon), (slice(None), month), share)
        means.add("expected_regret", (many, horizon), (slice(None), month), regret)


def _summarise(plan, stored: Stored, sorts: bool) -> dict[str, np.ndarray]:
    """Turn what is stored, variable by variable, into quantiles, means and shortfalls."""
    many, horizon, lifetimes = stored.monthly.shape
    quantiles = np.asarray(plan.run.quantiles)
    found: dict[str, np.ndarray] = {}
    table = Table(found, quantiles, sorts)
    stored.covered[:, -1] = stored.covered[:, :-1].sum(axis=1)
    total_requests = stored.requests.sum(axis=0)
    factors = [(1.0 + stored.discount) ** (-t / 12.0) for t in range(1, horizon + 1)]
    limits = None if plan.finance.budget is None else budget_limits(plan)
    found["sample_present_cost"] = np.empty((min(SAMPLES, lifetimes), many))
    for s in range(many):
        monthly = stored.monthly[s]
        cumulative = np.zeros(lifetimes)
        present = stored.upfront[s].copy()
        for month in range(horizon):
            running = monthly[month] - stored.upfront[s] if month == 0 else monthly[month]
            cumulative += monthly[month]
            present += running * factors[month]
            table.add("monthly_cost", (many, horizon), (s, month), monthly[month])
            table.add("cumulative_cost", (many, horizon), (s, month), cumulative)
            table.add("present_cost", (many, horizon), (s, month), present)
        table.shortfall(many, s, np.sort(present))
        found["sample_present_cost"][:, s] = present[:SAMPLES]
        table.add("cost_per_kreq", (many,), (s,), cumulative / (total_requests / 1000.0))
        for labels, name in (
            (plan.calendar.fiscal_quarters, "quarterly_cost"),
            (plan.calendar.fiscal_years, "fiscal_year_cost"),
        ):
            every = np.asarray(labels)
            kinds = list(dict.fromkeys(labels))
            for p, label in enumerate(kinds):
                table.add(name, (many, len(kinds)), (s, p), monthly[every == label].sum(axis=0))
        for p in range(stored.covered.shape[1]):
            held = stored.covered[s, p]
            shape = (many, stored.covered.shape[1])
            table.add("budget_cost", shape, (s, p), held)
            if limits is not None:
                over = np.nan if np.isnan(limits[p]) else np.count_nonzero(held > limits[p]) / lifetimes
                found.setdefault("over_budget_probability", np.empty(shape))[s, p] = over
                table.mean("expected_overrun", shape, (s, p), np.maximum(held - limits[p], 0.0))
        for r in range(many):
            table.add("saving", (many, many), (s, r), stored.compared[r] - stored.compared[s])
    least = stored.compared.min(axis=0)
    for s in range(many):
        table.add("regret", (many,), (s,), stored.compared[s] - least)
    for month in range(horizon):
        table.add("requests", (horizon,), (month,), stored.requests[month])
        for p, level in enumerate(stored.levels.values()):
            table.add("price_level", (len(stored.levels), horizon), (p, month), level[month])
    for suffix in ("mean", "mean_mcse"):
        del found[f"regret_{suffix}"]
    if stored.inputs:
        found["sample_input"] = np.concatenate(stored.inputs)
    found["sample_monthly_cost"] = stored.monthly[:, :, :SAMPLES].transpose(2, 0, 1).astype(np.float32)
    return found


class Table:
    """Quantiles, means and standard errors of one element after the other."""

    def __init__(self, found: dict, quantiles: np.ndarray, sorts: bool):
        self.found = found
        self.quantiles = quantiles
        self.sorts = sorts

    def add(self, name: str, shape, index, values: np.ndarray) -> None:
        """Write the quantiles and the mean of (lifetime) `values`."""
        shaped = self.found.setdefault(name, np.empty((*shape, len(self.quantiles))))
        shaped[index] = self._sorted(values) if self.sorts else np.quantile(values, self.quantiles)
        self.mean(f"{name}_mean", shape, index, values)

    def _sorted(self, values: np.ndarray) -> np.ndarray:
        """Return the quantiles by interpolation between order statistics, as `np.quantile` does."""
        ordered = np.sort(values)
        place = self.quantiles * (len(ordered) - 1)
        below = np.minimum(place.astype(np.int64), max(len(ordered) - 2, 0))
        above = np.minimum(below + 1, len(ordered) - 1)
        low, high = ordered[below], ordered[above]
        return low + (high - low) * (place - below)

    def mean(self, name: str, shape, index, values: np.ndarray) -> None:
        """Write the mean of (lifetime) `values` and its standard error."""
        sums = batch_sums(values)
        self.found.setdefault(name, np.empty(shape))[index] = sums.sum() / len(values)
        error = sums.std(ddof=1) * np.sqrt(BATCHES) / len(values)
        self.found.setdefault(f"{name}_mcse", np.empty(shape))[index] = error

    def shortfall(self, many: int, s: int, ordered: np.ndarray) -> None:
        """Write the mean of what lies above each quantile, one lifetime cut, and its standard error."""
        n = len(ordered)
        shape = (many, len(self.quantiles))
        for k, q in enumerate(self.quantiles):
            first = min(int(n * q), n - 1)
            tail = ordered[first:]
            above = (tail.sum() - (n * q - first) * tail[0]) / (n * (1.0 - q))
            self.found.setdefault("expected_shortfall", np.empty(shape))[s, k] = above
            excess = tail - tail[0]
            variance = np.square(excess).sum() / n - (excess.sum() / n) ** 2
            error = np.sqrt(max(variance, 0.0) / n) / (1.0 - q)
            self.found.setdefault("expected_shortfall_mcse", np.empty(shape))[s, k] = error


def total(paid: dict, components):
    """Return the sum of the named components, an array or 0."""
    amounts = [paid[component] for component in components if component in paid]
    return sum(amounts[1:], start=amounts[0]) if amounts else 0.0


def _is_trained(book) -> bool:
    return bool(book.trained) or any(part.trained for part in getattr(book, "books", {}).values())
