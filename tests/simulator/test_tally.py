"""The tallies of a run against sorting, counting and averaging the very lifetimes that were run."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from simulator import worker, workspace
from simulator.histogram import RELATIVE_ERROR, Histogram
from simulator.kernel import layout as k
from simulator.lowering import Lowered, lower
from simulator.run import run_blocks, simulate
from simulator.running.harvest import harvest
from simulator.statistics import BATCHES, mean_of_batches
from simulator.tally import Tally
from simulator.trace import record_lifetimes
from tests.reference_model import simulate as simulate_by_reference
from tests.reference_model.statistics import statistics
from tests.simulator.kernel.plans import compose
from tests.simulator.kernel.small import changed, read

SEED = 11
LIFETIMES = k.BLOCK + 300  # two blocks, the second one neither whole lane arrays nor whole batches
TEXT = changed(
    ('horizon = "14 month"', 'horizon = "17 month"'),
    # a clone and a free strategy, so that there are ties and zeros to count
    ("[strategies.mixed]", '[strategies.clone]\nextends = "finetuned"\n[strategies.mixed]'),
)
NAMES = ("monthly_cost", "cumulative_cost", "present_cost")


@cache
def lowered() -> Lowered:
    return lower(read(TEXT))


@cache
def tally() -> Tally:
    return run_blocks(lowered(), lifetimes=LIFETIMES, seed=SEED, threads=2)


@cache
def lived() -> dict[str, np.ndarray]:
    """Give, by variable, (lifetime, …) what every single lifetime did, in pieces that a lane array holds."""
    parts = [
        record_lifetimes(lowered(), first, min(k.LANES, LIFETIMES - first), SEED)
        for first in range(0, LIFETIMES, k.LANES)
    ]
    kept = k.Record(*(np.concatenate(arrays) for arrays in zip(*parts, strict=True)))
    accounts = lowered().plan.accounts
    monthly, cumulative, present = (kept.totals[..., column] for column in range(3))
    by_year = accounts.calendar[:, k.FISCAL_YEAR]
    by_quarter = accounts.calendar[:, k.QUARTER]
    covered = np.tensordot(kept.cost, accounts.covered, axes=([2], [0]))
    final = present[..., -1]
    return {
        "requests": kept.requests,
        "price_level": kept.price,
        "monthly_cost": monthly,
        "cumulative_cost": cumulative,
        "present_cost": present,
        "cost_breakdown": kept.cost,
        "training_runs": kept.runs,
        "quarterly_cost": sums_of(monthly, by_quarter),
        "fiscal_year_cost": sums_of(monthly, by_year),
        "budget_cost": np.concatenate(
            [sums_of(covered, by_year), covered.sum(axis=2, keepdims=True)], axis=2
        ),
        "cost_per_kreq": 1000.0 * cumulative[..., -1] / kept.requests.sum(axis=1, keepdims=True),
        "saving": final[:, None, :] - final[:, :, None],
        "regret": present - present.min(axis=1, keepdims=True),
    }


def sums_of(monthly: np.ndarray, period: np.ndarray) -> np.ndarray:
    """Add up the months, the last axis, of each period."""
    return np.stack([monthly[..., period == p].sum(axis=-1) for p in range(period[-1] + 1)], axis=-1)


def indicators() -> tuple[np.ndarray, np.ndarray]:
    """Give (lifetime, strategy, rival, month) whether a strategy is cheaper, and whether both tie."""
    cost = lived()["present_cost"]
    own, other = cost[:, :, None, :], cost[:, None, :, :]
    tie = np.abs(own - other) <= 1e-9 * np.maximum(own, other)
    return ~tie & (own < other), tie


@pytest.mark.parametrize(
    "name",
    [
        "requests",
        "price_level",
        *NAMES,
        "quarterly_cost",
        "fiscal_year_cost",
        "budget_cost",
        "cost_per_kreq",
        "saving",
        "regret",
    ],
)
def test_order_statistics_of_a_histogram_are_those_of_the_lifetimes(name):
    """Every rank, not some quantiles: within 0.05 %, the least and the greatest exactly."""
    histograms, values = tally().histograms[name], lived()[name]
    if name == "regret":
        values = values[..., -1]
    assert values.shape[1:] == histograms.shape
    ranks = np.arange(1, LIFETIMES + 1)
    rounding = 1e-12 * np.abs(lived()["present_cost"]).max() if name in ("saving", "regret") else 0.0
    for index in np.ndindex(histograms.shape):
        if name == "saving" and index[0] == index[1]:
            continue
        exact = np.sort(values[(slice(None), *index)])
        lower_edge, upper_edge, count = histograms.bins(*index)
        assert count.sum() == LIFETIMES
        assert np.all(lower_edge[1:] >= upper_edge[:-1])
        found = Histogram(lower_edge, upper_edge, count).order_statistics(ranks)
        np.testing.assert_allclose(found, exact, rtol=1.01 * RELATIVE_ERROR, atol=rounding)
        np.testing.assert_allclose(histograms.minimum[index], exact[0], rtol=1e-13, atol=rounding)
        np.testing.assert_allclose(histograms.maximum[index], exact[-1], rtol=1e-13, atol=rounding)


def test_a_bin_holds_the_lifetimes_between_its_edges():
    values = lived()["monthly_cost"][:, 1, 4]
    lower_edge, upper_edge, count = tally().histograms["monthly_cost"].bins(1, 4)
    ordered = np.sort(values)
    held = np.searchsorted(ordered, upper_edge, side="left") - np.searchsorted(
        ordered, lower_edge, side="left"
    )
    np.testing.assert_array_equal(held, count)


@pytest.mark.parametrize(
    "name", ["monthly_cost", "cumulative_cost", "present_cost", "price_level", "requests"]
)
def test_the_extremes_of_a_histogram_are_exact(name):
    values, histograms = lived()[name], tally().histograms[name]
    np.testing.assert_array_equal(histograms.minimum, values.min(axis=0))
    np.testing.assert_array_equal(histograms.maximum, values.max(axis=0))


@pytest.mark.parametrize(
    "name",
    [
        "requests", "price_level", *NAMES, "cost_breakdown", "training_runs", "quarterly_cost",
        "fiscal_year_cost", "budget_cost", "cost_per_kreq", "saving", "regret",
    ],
)  # fmt: skip
def test_sums_are_those_of_the_lifetimes_of_each_batch(name):
    values = lived()[name]
    batch = np.arange(LIFETIMES) % BATCHES
    expected = np.stack([values[batch == b].sum(axis=0) for b in range(BATCHES)], axis=-1)
    sums = tally().sums[name]
    assert sums.shape == expected.shape
    scale = np.abs(lived()["present_cost"]).sum() / BATCHES if name in ("saving", "regret") else 0.0
    np.testing.assert_allclose(sums, expected, rtol=1e-12, atol=1e-14 * scale)


@pytest.mark.parametrize(
    "name", ["requests", "monthly_cost", "present_cost", "cost_per_kreq", "regret", "training_runs"]
)
def test_standard_errors_are_those_of_the_lifetimes_up_to_their_own_error(name):
    """With 63 degrees of freedom a standard error is known to 9 %: k = 5 allows 45 % either way."""
    values = lived()[name]
    _, error = mean_of_batches(tally().sums[name], LIFETIMES)
    exact = values.std(axis=0, ddof=1) / np.sqrt(LIFETIMES)
    varies = exact > 1e-9 * values.mean(axis=0)
    assert varies.any()
    ratio = error[varies] / exact[varies]
    assert np.all(np.abs(ratio - 1.0) < 5.0 / np.sqrt(2.0 * (BATCHES - 1)))


def test_wins_and_ties_are_those_of_the_lifetimes():
    wins, ties = indicators()
    np.testing.assert_array_equal(tally().counts["wins"], wins.sum(axis=0))
    np.testing.assert_array_equal(tally().counts["ties"], ties.sum(axis=0))
    assert tally().counts["ties"][1, 3, 0] == LIFETIMES  # the clone


def test_first_passage_and_break_even_are_those_of_the_lifetimes():
    wins, ties = indicators()
    ahead = wins | ties
    first = np.where(ahead.any(axis=3), ahead.argmax(axis=3), -1)
    behind = ~ahead[..., ::-1]
    lasting = np.where(
        ahead[..., -1],
        ahead.shape[3] - np.where(behind.any(axis=3), behind.argmax(axis=3), ahead.shape[3]),
        -1,
    )
    for name, month in (("first_passage", first), ("break_even", lasting)):
        expected = np.stack([(month == t).sum(axis=0) for t in range(ahead.shape[3])], axis=-1)
        np.testing.assert_array_equal(tally().counts[name], expected, err_msg=name)
    assert np.any(tally().counts["first_passage"] != tally().counts["break_even"])


def test_the_cheapest_are_those_of_the_lifetimes():
    wins, ties = indicators()
    unbeaten = (wins | ties).all(axis=2)
    expected = (unbeaten / unbeaten.sum(axis=1, keepdims=True)).sum(axis=0)
    np.testing.assert_allclose(tally().counts["cheapest"], expected, rtol=1e-13)
    np.testing.assert_allclose(tally().counts["cheapest"].sum(axis=0), LIFETIMES, rtol=1e-13)


def test_overruns_are_those_of_the_lifetimes():
    budgets = lowered().plan.accounts.budgets
    np.testing.assert_allclose(budgets, [15_000.0, 60_000.0, 10_000.0, 85_000.0])
    held = lived()["budget_cost"]
    np.testing.assert_array_equal(tally().counts["over_budget"], (held > budgets).sum(axis=0))
    over = np.maximum(held - budgets, 0.0)
    batch = np.arange(LIFETIMES) % BATCHES
    expected = np.stack([over[batch == b].sum(axis=0) for b in range(BATCHES)], axis=-1)
    np.testing.assert_allclose(tally().sums["overrun"], expected, rtol=1e-11, atol=1e-9)
    assert np.all(tally().counts["over_budget"].sum(axis=1) > 0)


# Estimated differently: from 64 batches here, from all lifetimes there.
ESTIMATED = "_mcse"


@pytest.mark.parametrize("seed", [3, 4, 7, 9, 11, 16, 23])
def test_the_dataset_of_a_composed_plan_is_what_the_reference_model_counts(seed):
    """Budgets of each kind, subsets of components, fiscal years, short horizons, every kind of strategy."""
    plan, lifetimes = compose(seed), 300
    found = simulate(plan, lifetimes=lifetimes, threads=1)
    expected = statistics(simulate_by_reference(plan, np.arange(lifetimes), plan.run.seed))
    scale = float(np.abs(expected["present_cost_mean"]).max())
    rounding = {"regret": 1e-10, "expected_regret": 1e-10, "expected_overrun": 1e-10}
    # between a loss and a gain a quantile is what is left of two large numbers
    rounding["saving"] = 2e-6
    # a strategy compared with itself is certain to tie: there the dataset's interval has no width
    own = np.arange(found.sizes["strategy"])
    expected["win_probability_interval"][own, own] = 0.5
    compared = 0
    for name, values in expected.items():
        if name == "sample_input" or name.endswith(ESTIMATED) or name not in found:
            continue
        is_quantile = "quantile" in found[name].dims
        rtol = 1.01 * RELATIVE_ERROR if is_quantile else 1e-6 if values.dtype == np.float32 else 1e-9
        atol = scale * rounding.get(name.removesuffix("_mean"), 0.0) + 1e-12
        np.testing.assert_allclose(found[name].values, values, rtol=rtol, atol=atol, err_msg=name)
        compared += 1
    assert compared >= 28


def test_pages_that_run_out_are_added_and_change_nothing(monkeypatch):
    plan = read(TEXT)
    usual = simulate(plan, lifetimes=LIFETIMES, threads=1)
    added = []

    def add_pages(counts: k.Counts) -> k.Counts:
        added.append(counts.bins.units.size // k.BINS)
        return workspace.add_pages(counts)

    monkeypatch.setattr(workspace, "PAGES_PER_HISTOGRAM", 0)
    monkeypatch.setattr(worker, "add_pages", add_pages)
    for threads in (1, 2):
        added.clear()
        scarce = simulate(plan, lifetimes=LIFETIMES, threads=threads)
        # from the one page that stands for none, doubled until all have room
        assert {1, 2, 4, 8, 16, 32, 64, 128} <= set(added)
        for name, values in usual.data_vars.items():
            np.testing.assert_array_equal(scarce[name].values, values.values, err_msg=name)


CERTAIN = """
name = "Certain"
start = 2027-01-01
horizon = "1 month"
baseline = "a"
finance = { currency = "USD" }
demand = { requests = "100 req/month" }
request = { input = "0 tok/req", output = "0 tok/req" }
models.m = { input_price = "1 USD/Mtok", output_price = "1 USD/Mtok" }
strategies.a = { model = "m", prompt = "0 tok/req", costs.rent = "3 USD/month" }
strategies.free.model = "m"
strategies.free.prompt = "0 tok/req"
"""


@pytest.mark.parametrize("lifetimes", [1, 255, 256, 257, 512, 70_000, 140_000])
def test_a_bin_counts_on_when_its_low_digits_are_full(lifetimes):
    counted = run_blocks(lower(read(CERTAIN)), lifetimes=lifetimes, seed=0, threads=1 + (lifetimes < 100_000))
    lower_edge, upper_edge, count = counted.histograms["monthly_cost"].bins(0, 0)
    assert (lower_edge.tolist(), upper_edge.tolist(), count.tolist()) == ([3.0], [3.0 + 2.0**-9], [lifetimes])
    lower_edge, upper_edge, count = counted.histograms["monthly_cost"].bins(1, 0)
    assert (lower_edge.tolist(), upper_edge.tolist(), count.tolist()) == ([0.0], [0.0], [lifetimes])
    # what the dearer one saves is negative, and bins below zero are mirrored
    lower_edge, upper_edge, count = counted.histograms["saving"].bins(0, 1)
    assert (lower_edge.tolist(), upper_edge.tolist(), count.tolist()) == (
        [-3.0 - 2.0**-9],
        [-3.0],
        [lifetimes],
    )


@pytest.mark.parametrize("counted", [2**8 - 1, 2**16 - 1, 2**24 - 1, 2**32 - 1, 2**40 - 1])
def test_a_bin_counts_on_when_any_digit_is_full(counted):
    lowered = lower(read(CERTAIN))
    one = worker.Worker(lowered, 0)
    nothing = workspace.make_record(lowered)
    one.run(0, 1, nothing)
    bins = one.counts.bins
    held = bins.units > 0
    bins.units[held], bins.carries[held], bins.rests[held] = (
        counted & 0xFF,
        counted >> 8 & 0xFFFF,
        counted >> 24,
    )
    one.run(1, 1, nothing)
    for number in range(len(bins.extremes)):
        _, counts = harvest(one.counts).pages(number)
        assert counts.sum() in (0, counted + 1)  # a strategy's saving against itself is counted nowhere


def test_values_far_apart_and_of_both_signs_are_counted_too():
    """Costs and savings over a hundred octaves: most lie outside of the window that is counted at once."""
    wide = CERTAIN.replace('"3 USD/month"', '"1e-14 to 1e14 USD/month"')
    wide += 'strategies.free.costs.rent = "1e-13 to 1e15 USD/month"'
    count = k.BLOCK
    lowered = lower(read(wide))
    tally = run_blocks(lowered, lifetimes=count, seed=3, threads=1)
    cash = record_lifetimes(lowered, 0, count, 3).totals[:, :, 0, 0]
    saving = cash[:, 1] - cash[:, 0]
    for name, index, values in (
        ("monthly_cost", (0, 0), cash[:, 0]),
        ("monthly_cost", (1, 0), cash[:, 1]),
        ("saving", (0, 1), saving),
        ("saving", (1, 0), -saving),
    ):
        exact = np.sort(values)
        histogram = tally.histograms[name]
        found = Histogram(*histogram.bins(*index)).order_statistics(np.arange(1, count + 1))
        np.testing.assert_allclose(found, exact, rtol=1.01 * RELATIVE_ERROR)
        assert np.ptp(np.log2(np.abs(exact))) > k.WINDOW
        assert (histogram.minimum[index], histogram.maximum[index]) == (exact[0], exact[-1])
