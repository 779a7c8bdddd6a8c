"""Simulate a plan with JAX on the CPU, chunk by chunk under `jax.jit`: the other peer of the simulator.

`python -m benchmarks.jax_version PLAN` is told runs on stdin, a line "LIFETIMES SEED" each, and says on stdout as JSON
what each has taken; with a third word, the name of a file for what was found. A process of its own, because the number
of threads and the width of floats are settled when JAX is imported.
"""

from __future__ import annotations

import json
import sys
import time
from functools import partial
from typing import NamedTuple

import jax

jax.config.update("jax_enable_x64", True)

import jax.numpy as jnp  # noqa: E402
import numpy as np  # noqa: E402

from benchmarks.jax_draws import settled  # noqa: E402
from benchmarks.jax_model import Model, Month, training_runs  # noqa: E402
from simulator.plan import load_plan  # noqa: E402
from tests.reference_model.money import COMPONENTS  # noqa: E402
from tests.reference_model.statistics import SAMPLES, TIE, budget_limits, wilson  # noqa: E402

CHUNK = 4096
BATCHES = 64
OCTAVES = 32
PER_OCTAVE = 1024
BINS = OCTAVES * PER_OCTAVE
_SHIFT = 13  # of a float32's 23 bits of fraction, the 10 that tell 1,024 bins of an octave apart are kept
_MONEY, _RATIO = 0, -16
"""Exponent of the least value that a bin holds: 1 (USD, requests), or 2^-16 (price levels, costs of a request)."""


class Tally(NamedTuple):
    """What chunks are added up in.

    Attributes
    ----------
    bins
        (variable x month, BINS) flat int32 counts.
    sums
        By variable, (…, 64) sums over lifetimes in 64 batches; counts of lifetimes without batches.
    """

    bins: jax.Array
    sums: dict[str, jax.Array]


class Simulator:
    """The compiled simulation of one plan.

    Parameters
    ----------
    plan
        A plan as `simulator.plan` reads it.
    chunk
        Lifetimes of one call, a multiple of 64.
    """

    def __init__(self, plan, chunk: int = CHUNK) -> None:
        self.plan = plan
        self.chunk = chunk
        self.model = Model(plan)
        self.many = len(self.model.compared)
        self.pairs = np.triu_indices(self.many, 1)
        horizon, calendar = plan.horizon, plan.calendar
        self.quarters = list(dict.fromkeys(calendar.fiscal_quarters))
        self.years = list(dict.fromkeys(calendar.fiscal_years))
        many, levels = self.many, len(plan.prices)
        # One histogram a row, month by month, then those of periods and of the whole; exponent of the first bin.
        self.monthly = dict.fromkeys(("monthly_cost", "cumulative_cost", "present_cost"), (many, _MONEY))
        self.monthly |= {"requests": (1, _MONEY), "price_level": (levels, _RATIO)}
        self.at_end = {
            "quarterly_cost": (len(self.quarters) * many, _MONEY),
            "fiscal_year_cost": (len(self.years) * many, _MONEY),
            "budget_cost": ((len(self.years) + 1) * many, _MONEY),
            "cost_per_kreq": (many, _RATIO),
        }
        self.rows_a_month = sum(rows for rows, _ in self.monthly.values())
        self.rows = horizon * self.rows_a_month + sum(rows for rows, _ in self.at_end.values())
        self._step = jax.jit(self._simulate, donate_argnums=0)

    def run(self, lifetimes: int, seed: int) -> tuple[dict[str, np.ndarray], float]:
        """Simulate `lifetimes` lifetimes, a multiple of the chunk.

        Returns
        -------
        found
            The dataset's variables by name, dims as there.
        seconds
            Wall time.

        Raises
        ------
        ValueError
            If a chunk would not be full: it would be compiled once more.
        """
        if lifetimes % self.chunk:
            raise ValueError(f"lifetimes must be a multiple of {self.chunk}, got {lifetimes}")
        started = time.perf_counter()
        key = jax.random.key(seed)
        tally = Tally(jnp.zeros(self.rows * BINS, jnp.int32), self._no_sums())
        kept, samples = [], []
        for number in range(lifetimes // self.chunk):
            tally, ends, sample = self._step(tally, key, number)
            kept.append(ends)
            if number * self.chunk < SAMPLES:
                samples.append(sample)
        ends = {name: np.concatenate([np.asarray(e[name]) for e in kept], axis=-1) for name in kept[0]}
        found = self._summarise(tally, ends, lifetimes)
        monthly = np.concatenate([np.asarray(s["monthly"], np.float32) for s in samples], axis=-1)
        found["sample_monthly_cost"] = monthly.transpose(2, 1, 0)[:SAMPLES]
        if self.model.lifetimes.names:
            found["sample_input"] = np.concatenate([np.asarray(s["inputs"]).T for s in samples])[:SAMPLES]
        found["sample_present_cost"] = ends["present"].T[:SAMPLES]
        return found, time.perf_counter() - started

    def _no_sums(self) -> dict[str, jax.Array]:
        shapes = jax.eval_shape(self._traced_sums, jax.random.key(0))
        return {name: jnp.zeros(sums.shape, sums.dtype) for name, sums in shapes.items()}

    def _traced_sums(self, key):
        return self._live(jnp.zeros(self.rows * BINS, jnp.int32), key)[1]

    def _simulate(self, tally: Tally, key, number):
        """Live one chunk and add it up."""
        bins, sums, ends, sample = self._live(tally.bins, jax.random.fold_in(key, number))
        return Tally(bins, jax.tree.map(jnp.add, tally.sums, sums)), ends, sample

    def _live(self, bins, key):
        plan, model, size, many = self.plan, self.model, self.chunk, self.many
        keys = jax.random.split(key, 5)
        once = model.lifetimes.draw(keys[0], size)
        intervals = model.interval_table(keys[1], size)
        happens = model.known_events(keys[2], size)
        tables = model.tables()

        def month_of(row, events):
            def drawn(key, names, draw):
                rows = draw(jax.random.fold_in(key, row["t"]), (len(names), size), jnp.float32)
                return dict(zip(names, settled(rows.astype(jnp.float64)), strict=True))

            return Month(
                row["t"],
                drawn(keys[3], model.normals, jax.random.normal),
                drawn(keys[4], model.uniforms, jax.random.uniform),
                row["seasonality"],
                row["scheduled"],
                events,
            )

        state = model.start(once, intervals, size)
        first = month_of(
            jax.tree.map(lambda a: jnp.asarray(a[0]), tables), {k: v[0] for k, v in happens.items()}
        )
        _, opening = model.live(once, intervals, state, first)
        upfront, upfront_paid = [], []
        for name in model.compared:
            paid = model.books[name].upfront(opening)
            for component, amount in model.books[name].first_runs(opening).items():
                paid[component] = paid.get(component, 0.0) + amount
            upfront_paid.append(paid)
        for covered in (COMPONENTS, plan.finance.compare_on, plan.finance.budget_covers):
            upfront.append(jnp.stack([self._total(paid, covered) for paid in upfront_paid]))
        monthly_discount = jnp.broadcast_to(jnp.log1p(once(plan.finance.discount)) / 12.0, (size,))
        compares_all = set(plan.finance.compare_on) == set(COMPONENTS)
        a, b = self.pairs

        def live_month(carry, row):
            state, bins, cumulative, present, compared, passed, behind = carry
            table, events = row
            t = table["t"]
            state, world = model.live(once, intervals, state, month_of(table, events))
            running, breakdown, runs = [[], [], []], [], []
            for s, name in enumerate(model.compared):
                paid = settled(model.books[name].running(world, world.clocks, world.volume))
                for sums, covered in zip(
                    running, (COMPONENTS, plan.finance.compare_on, plan.finance.budget_covers), strict=True
                ):
                    sums.append(self._total(paid, covered))
                cash = []
                for component in COMPONENTS:
                    opening_cost = upfront_paid[s].get(component, 0.0)
                    amount = paid.get(component, 0.0)
                    amount = amount + jnp.where(t == 1, opening_cost, 0.0)
                    cash.append(_batches(jnp.broadcast_to(amount, (size,))) if _is_array(amount) else None)
                breakdown.append(jnp.stack([jnp.zeros(BATCHES) if c is None else c for c in cash]))
                runs.append(_batches(jnp.broadcast_to(training_runs(model.books[name], world), (size,))))
            factor = jnp.exp(-monthly_discount * t)
            running = [jnp.stack(sums) for sums in running]
            first_month = t == 1
            monthly = running[0] + jnp.where(first_month, upfront[0], 0.0)
            covered = running[2] + jnp.where(first_month, upfront[2], 0.0)
            cumulative = cumulative + monthly
            present = present + running[0] * factor
            compared = present if compares_all else compared + running[1] * factor

            least = compared.min(axis=0)
            regret = compared - least
            is_cheapest = regret <= TIE * jnp.maximum(jnp.abs(compared), jnp.abs(least))
            cheapest = is_cheapest / is_cheapest.sum(axis=0)
            difference = compared[a] - compared[b]
            tolerance = TIE * jnp.maximum(jnp.abs(compared[a]), jnp.abs(compared[b]))
            above = jnp.concatenate([difference > tolerance, difference < -tolerance])
            month = t.astype(jnp.int8)
            passed = jnp.where((passed == 0) & ~above, month, passed)
            behind = jnp.where(above, month, behind)

            levels = [world.levels[name] for name in plan.prices]
            values = {
                "monthly_cost": monthly,
                "cumulative_cost": cumulative,
                "present_cost": present,
                "requests": world.volume[None],
            }
            if levels:
                values["price_level"] = jnp.stack(levels)
            stacked = jnp.concatenate(list(values.values()))
            low = np.repeat(
                [self.monthly[name][1] for name in values], [self.monthly[name][0] for name in values]
            )
            bins = _count(bins, stacked, low, (t - 1) * self.rows_a_month)
            sums = {f"{name}_mean": _batches(value) for name, value in values.items()}
            sums |= {
                "cost_breakdown": jnp.stack(breakdown),
                "training_runs": jnp.stack(runs),
                "cheapest_probability": _batches(cheapest),
                "expected_regret": _batches(regret),
                "above": above.sum(axis=1, dtype=jnp.int64),
            }
            carry = state, bins, cumulative, present, compared, passed, behind
            return carry, (sums, monthly, covered, world.volume)

        pairs = 2 * len(a)
        carry = (
            state,
            bins,
            jnp.zeros((many, size)),
            upfront[0],
            upfront[0] if compares_all else upfront[1],
            jnp.zeros((pairs, size), jnp.int8),
            jnp.zeros((pairs, size), jnp.int8),
        )
        carry, (sums, monthly, covered, volume) = jax.lax.scan(live_month, carry, (tables, happens))
        _, bins, cumulative, present, compared, passed, behind = carry
        sums["passed"] = _of_each_month(passed, plan.horizon)
        sums["behind"] = _of_each_month(behind, plan.horizon)
        periods = self._periods(monthly, covered)
        periods["cost_per_kreq"] = cumulative / (volume.sum(axis=0) / 1000.0)
        rows = plan.horizon * self.rows_a_month
        for name, (count, low) in self.at_end.items():
            flat = periods[name].reshape(count, size)
            bins = _count(bins, flat, np.full(count, low), rows)
            rows += count
            sums[f"{name}_mean"] = _batches(periods[name])
        if plan.finance.budget is not None:
            limits = jnp.asarray(budget_limits(plan))[:, None, None]
            held = periods["budget_cost"]
            sums["over"] = (held > limits).sum(axis=-1, dtype=jnp.int64)
            sums["expected_overrun"] = _batches(jnp.maximum(held - limits, 0.0))
        names = model.lifetimes.names
        inputs = jnp.stack(once.inputs()) if names else jnp.zeros((0, size))
        sample = {"monthly": monthly, "inputs": inputs}
        return bins, sums, {"present": present, "compared": compared}, sample

    def _total(self, paid: dict, components):
        amounts = [paid[component] for component in components if component in paid]
        return jnp.broadcast_to(sum(amounts), (self.chunk,))

    def _periods(self, monthly, covered) -> dict[str, jax.Array]:
        """Add months up to quarters and years, (period, strategy, lifetime)."""
        calendar = self.plan.calendar

        def added(values, labels, kinds):
            return jnp.stack([values[np.array(labels) == kind].sum(axis=0) for kind in kinds])

        held = added(covered, calendar.fiscal_years, self.years)
        return {
            "quarterly_cost": added(monthly, calendar.fiscal_quarters, self.quarters),
            "fiscal_year_cost": added(monthly, calendar.fiscal_years, self.years),
            "budget_cost": jnp.concatenate([held, held.sum(axis=0, keepdims=True)]),
        }

    def _summarise(self, tally: Tally, ends: dict, lifetimes: int) -> dict[str, np.ndarray]:
        """Turn counts and sums into means, probabilities and quantiles, on the host."""
        plan, many = self.plan, self.many
        quantiles = np.asarray(plan.run.quantiles)
        sums = {name: np.asarray(value) for name, value in tally.sums.items()}
        found: dict[str, np.ndarray] = {}
        for name, batches in sums.items():
            if (
                batches.ndim
                and batches.shape[-1] == BATCHES
                and name not in ("above", "passed", "behind", "over")
            ):
                by_strategy = _strategy_first(name, batches)
                found[name] = by_strategy.sum(axis=-1) / lifetimes
                found[f"{name}_mcse"] = by_strategy.std(axis=-1, ddof=1) * np.sqrt(BATCHES) / lifetimes
        self._quantiles_of_bins(np.asarray(tally.bins).reshape(self.rows, BINS), lifetimes, found)
        if plan.finance.budget is not None:
            limits = budget_limits(plan)
            found["over_budget_probability"] = np.where(np.isnan(limits), np.nan, sums["over"].T / lifetimes)
        self._compare(sums, lifetimes, found)
        compared = ends["compared"]
        least = compared.min(axis=0)
        place = quantiles * (lifetimes - 1)
        found["saving"] = np.empty((many, many, len(quantiles)))
        for name in ("saving_mean", "saving_mean_mcse"):
            found[name] = np.zeros((many, many))
        found["regret"] = np.empty((many, len(quantiles)))
        for s in range(many):
            found["regret"][s] = _of_ordered(np.sort(compared[s] - least), place)
            for r in range(many):
                saving = compared[r] - compared[s]
                found["saving"][s, r] = _of_ordered(np.sort(saving), place)
                found["saving_mean"][s, r] = saving.mean()
                found["saving_mean_mcse"][s, r] = saving.std(ddof=1) / np.sqrt(lifetimes)
        found["expected_shortfall"] = np.empty((many, len(quantiles)))
        found["expected_shortfall_mcse"] = np.empty((many, len(quantiles)))
        for s in range(many):
            ordered = np.sort(ends["present"][s])
            for k, q in enumerate(quantiles):
                tail = ordered[min(int(lifetimes * q), lifetimes - 1) :]
                cut = (lifetimes * (1.0 - q) - len(tail)) * tail[0]
                found["expected_shortfall"][s, k] = (tail.sum() + cut) / (lifetimes * (1.0 - q))
                excess = tail - tail[0]
                variance = np.square(excess).sum() / lifetimes - (excess.sum() / lifetimes) ** 2
                error = np.sqrt(max(variance, 0.0) / lifetimes) / (1.0 - q)
                found["expected_shortfall_mcse"][s, k] = error
        return found

    def _quantiles_of_bins(self, bins: np.ndarray, lifetimes: int, found: dict) -> None:
        quantiles = np.asarray(self.plan.run.quantiles)
        table = np.empty((self.rows, len(quantiles)))
        ranks = quantiles * (lifetimes - 1) + 0.5
        lows = np.repeat([low for _, low in self.monthly.values()], [n for n, _ in self.monthly.values()])
        lows = np.concatenate(
            [np.tile(lows, self.plan.horizon), *[np.full(rows, low) for rows, low in self.at_end.values()]]
        )
        for row in range(self.rows):
            reached = np.cumsum(bins[row])
            places = np.searchsorted(reached, ranks)
            octave, part = np.divmod(places, PER_OCTAVE)
            value = np.ldexp(1.0 + (part + 0.5) / PER_OCTAVE, octave + lows[row])
            table[row] = np.where(places == 0, 0.0, value)
        monthly = table[: self.plan.horizon * self.rows_a_month].reshape(
            self.plan.horizon, self.rows_a_month, -1
        )
        first = 0
        for name, (rows, _) in self.monthly.items():
            chosen = monthly[:, first : first + rows].transpose(1, 0, 2)
            if rows:
                found[name] = chosen[0] if name == "requests" else chosen
            first += rows
        first = self.plan.horizon * self.rows_a_month
        for name, (rows, _) in self.at_end.items():
            chosen = table[first : first + rows]
            if name != "cost_per_kreq":
                chosen = chosen.reshape(-1, self.many, len(quantiles)).transpose(1, 0, 2)
            found[name] = chosen
            first += rows

    def _compare(self, sums: dict, lifetimes: int, found: dict) -> None:
        many, horizon = self.many, self.plan.horizon
        a, b = self.pairs
        rows, columns = np.concatenate([a, b]), np.concatenate([b, a])
        # (pair) above: the row's strategy costs more than the column's
        above = np.zeros((many, many, horizon))
        above[rows, columns] = sums["above"].T
        ties = lifetimes - above - above.transpose(1, 0, 2)
        found["win_probability"] = (above.transpose(1, 0, 2) + 0.5 * ties) / lifetimes
        found["win_probability_interval"] = wilson(found["win_probability"], lifetimes)
        for name, counts in (
            ("first_passage_probability", sums["passed"][:, 1:]),
            ("break_even_probability", sums["behind"][:, :-1]),
        ):
            found[name] = np.zeros((many, many, horizon))
            found[name][:, :, 0] = np.eye(many)
            found[name][rows, columns] = counts / lifetimes
        found["never_breaks_even"] = np.zeros((many, many))
        found["never_breaks_even"][rows, columns] = sums["behind"][:, -1] / lifetimes


def _is_array(value) -> bool:
    return not isinstance(value, float | int)


def _batches(values):
    """Add lifetimes up in 64 batches."""
    return values.reshape(*values.shape[:-1], BATCHES, -1).sum(axis=-1)


def _count(bins, values, low, row):
    """Count (row, lifetime) values in rows `row`, `row` + 1, …; what lies outside counts in the end bins."""
    bits = jax.lax.bitcast_convert_type(values.astype(jnp.float32), jnp.int32) >> _SHIFT
    first = (127 + np.asarray(low, np.int32)) * PER_OCTAVE
    place = jnp.clip(bits - first[:, None].astype(np.int32), 0, BINS - 1)
    row_of = (row + jnp.arange(len(low), dtype=jnp.int32))[:, None]
    return bins.at[(row_of * BINS + place).ravel()].add(1, mode="promise_in_bounds")


def _of_each_month(months, horizon: int):
    """Count (pair, lifetime) months 0 … horizon, (pair, month)."""
    return jax.vmap(partial(jnp.bincount, length=horizon + 1))(months.astype(jnp.int32))


def _strategy_first(name: str, batches: np.ndarray) -> np.ndarray:
    """Put months and periods, which come first, behind strategies."""
    if name == "requests_mean":
        return batches[:, 0]
    if name in ("cost_per_kreq_mean",):
        return batches
    if name == "cost_breakdown":
        return batches.transpose(1, 2, 0, 3)
    return batches.transpose(1, 0, 2)


def _of_ordered(ordered: np.ndarray, place: np.ndarray) -> np.ndarray:
    below = np.minimum(place.astype(np.int64), max(len(ordered) - 2, 0))
    low, high = ordered[below], ordered[np.minimum(below + 1, len(ordered) - 1)]
    return low + (high - low) * (place - below)


def main() -> None:
    """Run what stdin asks for."""
    simulators: dict[int, Simulator] = {}
    plan = load_plan(sys.argv[1])
    chunk = int(sys.argv[2]) if len(sys.argv) > 2 else CHUNK
    for line in sys.stdin:
        words = line.split()
        simulator = simulators.setdefault(chunk, Simulator(plan, chunk))
        found, seconds = simulator.run(int(words[0]), int(words[1]))
        if len(words) > 2:
            np.savez(words[2], **found)
        print(json.dumps({"seconds": seconds}), flush=True)


if __name__ == "__main__":
    main()
