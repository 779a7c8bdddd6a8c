"""Lifetimes on scrambled Sobol points: the kernel's draws, their bytes, and the errors that come out."""

from __future__ import annotations

import math
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from distributions import sobol
from distributions.elementary import normal_ppf_fast
from distributions.streams import stream_id
from distributions.variate import quantiles
from simulator import storage
from simulator.crossover import crossover
from simulator.kernel import layout as k
from simulator.lowering import lower, variate
from simulator.lowering import points as placing
from simulator.plan import load_plan
from simulator.plan.contents import quantities
from simulator.run import run_blocks, simulate
from simulator.running.balance import SCRAMBLES, balanced
from simulator.running.job import Job
from simulator.running.threads import Threads
from simulator.statistics import mean_of_batches
from simulator.trace import record_lifetimes, replay
from tests.simulator.kernel.small import TEXT, read, read_with_price_changes
from tests.simulator.lived import content_of

LIFETIMES = 4 * k.BLOCK
SEED = 11


@cache
def plan():
    return read(TEXT, 'run.sampler="sobol"')


@cache
def of_changing_prices():
    return read_with_price_changes('run.sampler="sobol"')


@cache
def of_reference():
    return load_plan(Path(__file__).resolve().parents[2] / "configs" / "plan.toml", ['run.sampler="sobol"'])


EITHER = pytest.mark.parametrize("of", [plan, of_changing_prices], ids=["points", "and expected prices"])


@cache
def lowered():
    return lower(plan())


@cache
def found():
    return simulate(plan(), lifetimes=LIFETIMES, threads=2)


@cache
def kept():
    return record_lifetimes(lowered(), 0, 300, SEED)


# --- which draw takes which dimension


def test_the_widest_quantities_come_first_then_demand_then_the_rest():
    points, names = lowered().plan.points, [info.name for info in lowered().inputs]
    written = {quantity.name: quantity for quantity in quantities(plan())}
    ends = np.array([variate(written[names[i]]).ppf([0.05, 0.95]) for i in np.argsort(points.inputs)])
    spreads = np.diff(ends, axis=1)[:, 0] / np.abs(ends).sum(axis=1)
    assert np.all(np.diff(spreads) <= 0.0)
    assert spreads[0] > 2 * spreads[-1]
    assert sorted(points.inputs) == list(range(len(names)))
    months, count = 14, len(names)
    streams = list(lowered().plan.noises)
    demand = streams.index(stream_id("demand:volatility"))
    np.testing.assert_array_equal(points.noises[demand], count + np.arange(months))
    others = np.concatenate([np.delete(points.noises, demand, axis=0), points.chances])
    first = count + months
    np.testing.assert_array_equal(others, first + np.arange(others.size).reshape(months, -1).T)
    assert points.directions.shape == (first + others.size, 32)


def test_a_plan_with_random_points_has_no_dimension():
    points = lower(read()).plan.points
    assert not points.are_used
    assert points.directions.size == points.inputs.size == points.noises.size == 0


@pytest.mark.parametrize("months", [1, 2, 3, 12, 36, 120])
def test_components_are_turned_without_a_change_of_length(months):
    """Orthogonal: independent normals stay independent normals, at 1e-13."""
    for table in placing.rotations(months):
        inner = table[:, 1 : months + 1]
        np.testing.assert_allclose(inner @ inner.T, np.eye(months), atol=1e-13)
        assert np.all(table[:, 0] == 0.0)
        assert np.all(table[:, months + 1 :] == 0.0)


def test_components_of_a_walk_are_its_principal_ones():
    """The walk's covariance min(s, t) - 1 in their terms is diagonal and falls; the first one holds 81 % of it."""
    months = 36
    inner = placing.rotations(months)[k.WALK, 1:, 1:months]
    walk = np.cumsum(inner, axis=0)
    moments = walk.T @ walk
    np.testing.assert_allclose(moments - np.diag(np.diag(moments)), 0.0, atol=1e-9)
    variances = np.diag(moments)
    assert np.all(np.diff(variances) < 0)
    np.testing.assert_allclose(variances[0] / variances.sum(), 0.8109, atol=1e-4)
    covariance = np.minimum.outer(np.arange(1, months), np.arange(1, months)).astype(float)
    np.testing.assert_allclose(variances, np.linalg.eigvalsh(covariance)[::-1], rtol=1e-10)


def test_cosines_are_those_of_the_library():
    for denominator in (1, 2, 3, 24, 97, 482):
        for numerator in range(-3 * denominator, 3 * denominator + 1):
            expected = math.cos(math.pi * (numerator / denominator))
            assert placing.cosine(numerator, denominator) == pytest.approx(expected, abs=3e-15)


# --- what the kernel draws


def test_inputs_are_quantiles_of_the_points():
    """Against the array API; within rounding, since lanes take the normal first."""
    written = {quantity.name: quantity for quantity in quantities(plan())}
    lifetimes = np.arange(300)
    for number, info in enumerate(lowered().inputs):
        dimension = lowered().plan.points.inputs[number]
        u = sobol.points(SEED, stream_id(info.name), dimension, lifetimes)
        expected = quantiles(variate(written[info.name]), u)
        np.testing.assert_allclose(kept().inputs[:, number], expected, rtol=1e-12)


def monthly_normals(name: str, turn: int) -> np.ndarray:
    """Work out (lifetime, month) the normals of a process, from points and the table of weights."""
    number = list(lowered().plan.noises).index(stream_id(name))
    ppf = np.vectorize(normal_ppf_fast)
    components = np.stack(
        [
            ppf(sobol.points(SEED, stream_id(name), dimension, np.arange(300), slot))
            for slot, dimension in enumerate(lowered().plan.points.noises[number], 1)
        ],
        axis=1,
    )
    return components @ placing.rotations(14)[turn, :, 1:15].T


def value_of(name: str) -> np.ndarray:
    return kept().inputs[:, [info.name for info in lowered().inputs].index(name)]


def test_a_price_moves_by_the_components_of_its_walk():
    """Volatility is 10 %: its normals come back from the levels to 1e-5."""
    moves = (
        np.diff(np.log(kept().price[:, 0]), axis=1) - np.log1p(value_of("prices.market.drift"))[:, None] / 12
    )
    np.testing.assert_allclose(
        moves / 0.10, monthly_normals("prices.market:volatility", k.WALK)[:, 1:], atol=2e-5
    )


def test_demand_moves_by_the_components_of_its_walk():
    moves = np.diff(np.log(kept().requests), axis=1) - np.log1p(value_of("demand.growth"))[:, None] / 12
    np.testing.assert_allclose(moves / 0.08, monthly_normals("demand:volatility", k.WALK)[:, 1:], atol=2e-5)


def test_an_event_happens_where_the_point_of_its_month_lies_below_its_chance():
    chance = -np.expm1(-value_of("events.rules.rate") / 12)
    number = list(lowered().plan.chances).index(stream_id("events.rules:rate"))
    for month in range(2, 15):
        dimension = lowered().plan.points.chances[number, month - 1]
        u = sobol.points(SEED, stream_id("events.rules:rate"), dimension, np.arange(300), month)
        np.testing.assert_array_equal(kept().event[:, 0, month - 1] == 1, u < chance)


def test_what_has_no_dimension_is_random(monkeypatch):
    """With room for the inputs and one component, all other normals and uniforms are those of random points."""
    inputs = len(lowered().inputs)
    monkeypatch.setattr(placing, "MOST_DIMENSIONS", inputs + 1)
    few, random = lower(plan()), lower(read())
    assert np.sum(few.plan.points.noises >= 0) == 1
    assert np.all(few.plan.points.chances == k.NONE)
    of_few, of_random = (record_lifetimes(one, 0, 300, SEED) for one in (few, random))
    rate = of_random.inputs[:, [info.name for info in random.inputs].index("events.rules.rate")]
    same_side = of_few.event[:, 0, 1:] == of_random.event[:, 0, 1:]
    assert np.all(rate > 0)
    assert same_side.mean() > 0.9  # the rates differ, the uniforms do not
    from distributions.streams import monthly_uniforms

    u = monthly_uniforms(SEED, stream_id("events.rules:rate"), np.arange(300), np.arange(2, 15))
    held = of_few.inputs[:, [info.name for info in few.inputs].index("events.rules.rate")]
    np.testing.assert_array_equal(of_few.event[:, 0, 1:] == 1, u < -np.expm1(-held / 12)[:, None])
    assert not np.array_equal(of_few.price, kept().price)


# --- the same bytes


def test_threads_change_no_byte():
    digests = {
        storage.values_digest(simulate(plan(), lifetimes=LIFETIMES, threads=threads)) for threads in (1, 2)
    }
    assert digests == {storage.values_digest(found())}


def test_blocks_in_any_order_give_the_same_bytes():
    contents = []
    for order in (range(4), (2, 0, 3, 1)):
        crew = Threads(Job(lowered(), SEED, LIFETIMES), 1)
        crew.run_here(order)
        contents.append(content_of(crew.partial()))
    assert contents[0] == contents[1]


@pytest.mark.parametrize("lifetime", [0, 1, 15, 16, k.LANES - 1, k.LANES + 5, k.BLOCK, 9_999])
def test_a_replay_gives_the_bits_of_the_run(lifetime):
    again, of_run = replay(plan(), lifetime), found().sel(lifetime=lifetime)
    np.testing.assert_array_equal(again.present[:, -1], of_run["sample_present_cost"].values)
    np.testing.assert_array_equal(
        [value for value, _ in again.inputs.values()], of_run["sample_input"].values
    )


# --- lifetimes


@pytest.mark.parametrize(
    ("asked", "run"), [(1, 16), (16, 16), (17, 32), (1000, 1024), (131_072, 131_072), (10**6, 2**20)]
)
def test_lifetimes_are_rounded_up_to_sixteen_times_a_power_of_two(asked, run):
    assert balanced(asked, "sobol") == run
    assert balanced(asked, "random") == asked


def test_a_rounded_run_says_what_was_asked_for():
    rounded = simulate(plan(), lifetimes=1000)
    assert (rounded.attrs["lifetimes"], rounded.attrs["lifetimes_asked"]) == (1024, 1000)
    assert rounded.attrs["sampler"] == "sobol"
    assert "lifetimes_asked" not in found().attrs
    assert "lifetimes_asked" not in simulate(read(), lifetimes=1000).attrs


# --- errors


def test_scrambles_are_counted_alike_everywhere():
    assert sobol.SCRAMBLES == SCRAMBLES
    assert k.BATCHES % SCRAMBLES == 0


def test_a_standard_error_is_that_of_sixteen_scrambles():
    costs = simulate(plan(), lifetimes=8192)["sample_present_cost"].values[:, 0]
    dataset = simulate(plan(), lifetimes=8192)
    means = costs.reshape(-1, SCRAMBLES).mean(axis=0)
    found = float(dataset["present_cost_mean_mcse"].isel(strategy=0, month=-1))
    np.testing.assert_allclose(found, means.std(ddof=1) / np.sqrt(SCRAMBLES), rtol=1e-9)


def test_intervals_of_counts_say_that_they_are_those_of_random_points():
    for name in ("win_probability_interval", "present_cost_interval", "expected_shortfall_mcse"):
        assert "as for random points" in found()[name].attrs["long_name"]
        assert "as for random" not in simulate(read())[name].attrs["long_name"]


@EITHER
def test_standard_errors_are_honest(of):
    """Reported variance over that of the means of 40 seeds. Its log has the standard error
    sqrt(2/39 + 2/(15 40)) = 0.23; k = 5 sees a factor of 3.2. Batches of 64, which are no scrambles, are off by 2 to 8.
    """
    means, errors, naive = [], [], []
    for seed in range(40):
        sums = run_blocks(lower(of()), lifetimes=1024, seed=seed, threads=1).sums["present_cost"][:, -1]
        mean, error = mean_of_batches(sums, 1024, SCRAMBLES)
        means.append(mean)
        errors.append(error)
        naive.append(mean_of_batches(sums, 1024)[1])
    spread = np.var(means, axis=0, ddof=1)
    logs = np.log(np.mean(np.square(errors), axis=0) / spread)
    assert np.abs(logs).max() < 5 * np.sqrt(2 / 39 + 2 / (15 * 40))
    assert np.mean(np.square(naive), axis=0).sum() > 1.5 * spread.sum()


def test_means_agree_with_those_of_random_points():
    """Within 5 standard errors of the difference."""
    random = simulate(read(), lifetimes=65_536)
    for name in ("present_cost_mean", "requests_mean", "price_level_mean"):
        both = np.hypot(found()[f"{name}_mcse"].values, random[f"{name}_mcse"].values)
        apart = np.abs(found()[name].values - random[name].values)
        assert np.all(apart <= 5 * both + 1e-9 * np.abs(random[name].values))


def test_win_probabilities_are_surer_than_at_random():
    """Variance over 20 seeds in that of as many random lifetimes, p (1 - p) / n; pairs of the reference plan.

    On average 0.5 to 0.7 is usual, with a standard error of sqrt(2/19) / sqrt(4) = 0.16 if the 21 pairs of 7 costs are
    worth 4 independent ones.
    """
    chances, reference = [], lower(of_reference())
    for seed in range(20):
        counts = run_blocks(reference, lifetimes=16_384, seed=seed, threads=2).counts
        chances.append((counts["wins"] + 0.5 * counts["ties"])[*np.triu_indices(7, 1), -1] / 16_384)
    p = np.mean(chances, axis=0)
    assert np.mean(np.var(chances, axis=0, ddof=1) / (p * (1.0 - p) / 16_384)) < 1.0


@EITHER
def test_a_crossover_and_a_run_agree(of):
    """At the plan's own volume: the same lifetimes, the same scrambles behind the errors."""
    curve = crossover(of(), lifetimes=1000, factors=[1.0]).isel(volume_factor=0)
    run = simulate(of(), lifetimes=1000).sel(rival="prompting")
    assert curve.attrs["lifetimes"] == 1024
    chance = run["win_probability"].isel(month=-1)
    np.testing.assert_array_equal(curve["win_probability"].values, chance.values)
    for name in ("saving_mean", "saving_mean_mcse"):
        np.testing.assert_array_equal(curve[name].values, run[name].values)
        assert ("at their expectation" in curve[name].attrs["long_name"]) == (of is of_changing_prices)
    for name in ("win_probability_interval", "crossover_calls_interval"):
        assert "as for random points" in curve[name].attrs["long_name"]
