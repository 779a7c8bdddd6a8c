"""The dataset of a synthetic world, against sorting, counting and averaging its lifetimes."""

from __future__ import annotations

import json
from datetime import date

import numpy as np
import pytest
import xarray as xr

from simulator.axes import COMPONENTS
from simulator.dataset import budget_amounts, build
from simulator.histogram import RELATIVE_ERROR
from tests.simulator.synthetic import (
    PROFILES,
    QUANTILES,
    synthetic_dataset,
    synthetic_plan,
    synthetic_world,
)

# name: (dims, unit)
TABLE = {
    "win_probability": ("strategy rival month", "1"),
    "win_probability_interval": ("strategy rival month bound", "1"),
    "cheapest_probability": ("strategy month", "1"),
    "expected_regret": ("strategy month", "EUR"),
    "first_passage_probability": ("strategy rival month", "1"),
    "break_even_probability": ("strategy rival month", "1"),
    "never_breaks_even": ("strategy rival", "1"),
    "monthly_cost": ("strategy month quantile", "EUR"),
    "cumulative_cost": ("strategy month quantile", "EUR"),
    "present_cost": ("strategy month quantile", "EUR"),
    "monthly_cost_mean": ("strategy month", "EUR"),
    "cumulative_cost_mean": ("strategy month", "EUR"),
    "present_cost_mean": ("strategy month", "EUR"),
    "quarterly_cost": ("strategy quarter quantile", "EUR"),
    "quarterly_cost_mean": ("strategy quarter", "EUR"),
    "expected_shortfall": ("strategy quantile", "EUR"),
    "saving": ("strategy rival quantile", "EUR"),
    "saving_mean": ("strategy rival", "EUR"),
    "regret": ("strategy quantile", "EUR"),
    "fiscal_year_cost": ("strategy fiscal_year quantile", "EUR"),
    "fiscal_year_cost_mean": ("strategy fiscal_year", "EUR"),
    "budget_cost": ("strategy budget_period quantile", "EUR"),
    "budget_cost_mean": ("strategy budget_period", "EUR"),
    "budget": ("budget_period", "EUR"),
    "over_budget_probability": ("strategy budget_period", "1"),
    "expected_overrun": ("strategy budget_period", "EUR"),
    "cost_per_kreq": ("strategy quantile", "EUR/kreq"),
    "cost_per_kreq_mean": ("strategy", "EUR/kreq"),
    "cost_breakdown": ("strategy component month", "EUR"),
    "requests": ("month quantile", "req/month"),
    "requests_mean": ("month", "req/month"),
    "price_level": ("process month quantile", "1"),
    "price_level_mean": ("process month", "1"),
    "training_runs": ("strategy month", "1"),
    "sample_present_cost": ("lifetime strategy", "EUR"),
    "sample_monthly_cost": ("lifetime strategy month", "EUR"),
    "sample_input": ("lifetime input", "see input_unit"),
}
MEANS = (
    *(name for name in TABLE if name.endswith("_mean")),
    "cost_breakdown",
    "training_runs",
    "expected_regret",
    "expected_overrun",
    "expected_shortfall",
)
PROBABILITIES = tuple(name for name in TABLE if "probability" in name and "interval" not in name)
QUANTILE_VARIABLES = tuple(
    name for name, (dims, _) in TABLE.items() if "quantile" in dims and name != "expected_shortfall"
)


@pytest.fixture(scope="module")
def world():
    plan = synthetic_plan(
        lifetimes=3001,
        currency="EUR",
        fiscal_start=4,
        compare_on=tuple(name for name in COMPONENTS if name != "latency"),
    )
    return synthetic_world(plan)


@pytest.fixture(scope="module")
def dataset(world):
    return world.dataset()


def test_every_variable_of_the_table_is_there_with_its_dimensions_and_unit(dataset):
    for name, (dims, unit) in TABLE.items():
        assert dataset[name].dims == tuple(dims.split()), name
        assert dataset[name].attrs["units"] == unit, name
    companions = {f"{name}_mcse" for name in MEANS}
    companions |= {f"{name}_interval" for name in (*PROBABILITIES, "never_breaks_even", *QUANTILE_VARIABLES)}
    assert set(dataset.data_vars) == set(TABLE) | companions


def test_every_variable_says_what_it_is_in_which_unit(dataset):
    for name, variable in dataset.data_vars.items():
        assert variable.attrs["units"], name
        assert len(variable.attrs["long_name"]) > 10, name
    for variable in dataset.coords.values():
        assert variable.attrs["long_name"]


@pytest.mark.parametrize("name", MEANS)
def test_every_mean_has_a_standard_error_of_its_dimensions(dataset, name):
    error = dataset[f"{name}_mcse"]
    assert error.dims == dataset[name].dims
    assert error.attrs["units"] == dataset[name].attrs["units"]


@pytest.mark.parametrize("name", [*PROBABILITIES, "never_breaks_even", *QUANTILE_VARIABLES])
def test_every_probability_and_quantile_lies_in_its_interval(dataset, name):
    interval = dataset[f"{name}_interval"]
    assert interval.dims == (*dataset[name].dims, "bound")
    assert bool((interval.sel(bound="low") <= dataset[name]).all())
    assert bool((dataset[name] <= interval.sel(bound="high")).all())


def test_coordinates_name_strategies_months_and_periods(dataset):
    assert dataset.strategy.values.tolist() == ["prompting", "rag", "finetuned"]
    assert dataset.rival.values.tolist() == dataset.strategy.values.tolist()
    assert dataset.strategy_label.sel(strategy="rag").item() == "Rag"
    assert dataset.month.values.tolist() == list(range(1, 37))
    assert str(dataset.date.sel(month=3).values)[:10] == "2027-01-01"
    assert dataset.fiscal_quarter.sel(month=1).item() == "FY2027-Q3"
    assert dataset.quarter.values[[0, -1]].tolist() == ["FY2027-Q3", "FY2030-Q3"]
    assert dataset.fiscal_year.values.tolist() == ["FY2027", "FY2028", "FY2029", "FY2030"]
    assert dataset.budget_period.values.tolist() == [*dataset.fiscal_year.values.tolist(), "horizon"]
    assert dataset["quantile"].values.tolist() == list(QUANTILES)
    assert dataset.component.values.tolist() == list(COMPONENTS)
    assert dataset.bound.values.tolist() == ["low", "high"]
    assert dataset.process.values.tolist() == ["api", "gpu"]
    assert dataset.input_unit.sel(input="demand.requests").item() == "req/month"


@pytest.mark.parametrize(
    "name",
    [
        "requests",
        "price_level",
        "monthly_cost",
        "cumulative_cost",
        "present_cost",
        "quarterly_cost",
        "fiscal_year_cost",
        "budget_cost",
        "cost_per_kreq",
        "saving",
        "regret",
    ],
)
def test_quantiles_and_means_are_those_of_the_sorted_lifetimes(world, dataset, name):
    values = world.values()[name]
    if name == "regret":
        values = values[..., -1]
    exact = np.moveaxis(np.quantile(values, QUANTILES, axis=0), 0, -1)
    around = np.abs(np.moveaxis(np.quantile(values, QUANTILES, axis=0, method="higher"), 0, -1))
    around = np.maximum(
        around, np.abs(np.moveaxis(np.quantile(values, QUANTILES, axis=0, method="lower"), 0, -1))
    )
    assert np.all(np.abs(dataset[name].values - exact) <= RELATIVE_ERROR * around * (1 + 1e-9))
    if name != "regret":
        np.testing.assert_allclose(dataset[f"{name}_mean"].values, values.mean(axis=0), rtol=1e-12, atol=1e-7)


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("cost_breakdown", "cost_breakdown"),
        ("training_runs", "training_runs"),
        ("expected_regret", "regret"),
        ("expected_overrun", "overrun"),
        ("present_cost_mean", "present_cost"),
    ],
)
def test_means_and_their_errors_are_those_of_the_lifetimes(world, dataset, name, source):
    """The spread of 64 batches knows a standard error to 9 %: within half of it, 5 of these."""
    values = world.values()[source]
    np.testing.assert_allclose(dataset[name].values, values.mean(axis=0), rtol=1e-12, atol=1e-7)
    error = values.std(axis=0, ddof=1) / np.sqrt(world.lifetimes)
    np.testing.assert_allclose(dataset[f"{name}_mcse"].values, error, rtol=5 / np.sqrt(2 * 63), atol=1e-12)


def test_probabilities_are_shares_of_the_lifetimes(world, dataset):
    cost = world.present(world.plan.finance.compare_on)
    for row in range(3):
        lowest = cost[:, row] == cost.min(axis=1)
        np.testing.assert_allclose(dataset.cheapest_probability.values[row], lowest.mean(axis=0), atol=1e-12)
        for column in set(range(3)) - {row}:
            pair = dataset.isel(strategy=row, rival=column)
            ahead = cost[:, row] < cost[:, column]
            np.testing.assert_array_equal(pair.win_probability.values, ahead.mean(axis=0))
            assert pair.never_breaks_even.item() == np.mean(~ahead[:, -1])
            first = [next((t for t in range(36) if life[t]), None) for life in ahead]
            last = [next((t for t in range(36) if life[t:].all()), None) for life in ahead]
            for name, months in (("first_passage_probability", first), ("break_even_probability", last)):
                shares = [np.mean([month == t for month in months]) for t in range(36)]
                np.testing.assert_allclose(pair[name].values, shares, atol=1e-15)


def test_probabilities_of_a_pair_and_of_all_add_up_to_one(dataset):
    wins = dataset.win_probability
    turned = wins.transpose("rival", "strategy", "month").values
    np.testing.assert_allclose(wins.values + turned, 1.0, atol=1e-15)
    np.testing.assert_allclose(dataset.cheapest_probability.sum("strategy").values, 1.0, atol=1e-12)
    settled = dataset.break_even_probability.sum("month") + dataset.never_breaks_even
    np.testing.assert_allclose(settled.values, 1.0, atol=1e-12)


def test_a_strategy_ties_with_itself_for_certain(dataset):
    for number in range(3):
        itself = dataset.isel(strategy=number, rival=number)
        for name in ("win_probability", "win_probability_interval"):
            np.testing.assert_array_equal(itself[name].values, 0.5)
        for name in ("first_passage_probability", "break_even_probability"):
            assert itself[name].values.tolist() == [1.0] + [0.0] * 35
            np.testing.assert_array_equal(itself[f"{name}_interval"].values.T, [itself[name].values] * 2)
        for name in ("never_breaks_even", "never_breaks_even_interval", "saving", "saving_interval"):
            np.testing.assert_array_equal(itself[name].values, 0.0)


def test_expected_shortfall_is_the_mean_beyond_the_quantile(world, dataset):
    cost = np.sort(world.present()[:, :, -1], axis=0)
    steps = np.arange(world.lifetimes + 1) / world.lifetimes
    for level in QUANTILES:
        weight = np.diff(np.maximum(steps, level)) / (1 - level)
        found = dataset.expected_shortfall.sel(quantile=level)
        np.testing.assert_allclose(found.values, weight @ cost, rtol=RELATIVE_ERROR)
        assert bool((found >= dataset.present_cost.sel(quantile=level).isel(month=-1)).all())
        excess = np.maximum(cost - np.quantile(cost, level, axis=0), 0.0)
        error = excess.std(axis=0) / (1 - level) / np.sqrt(world.lifetimes)
        np.testing.assert_allclose(
            dataset.expected_shortfall_mcse.sel(quantile=level).values, error, rtol=0.02
        )


def test_budgets_are_held_against_the_cash_they_cover(world, dataset):
    cash = world.budget_cost
    yearly = 180_000.0
    amounts = np.array([5, 12, 12, 7, 36]) / 12 * yearly
    np.testing.assert_allclose(dataset.budget.values, amounts, rtol=1e-15)
    np.testing.assert_allclose(dataset.over_budget_probability.values, (cash > amounts).mean(axis=0))
    overrun = np.maximum(cash - amounts, 0).mean(axis=0)
    np.testing.assert_allclose(dataset.expected_overrun.values, overrun, rtol=1e-12)


@pytest.mark.parametrize(("per", "factor"), [("month", 1.0), ("quarter", 1 / 3), ("year", 1 / 12)])
def test_a_budget_is_pro_rata_to_the_months_of_its_period(per, factor):
    plan = synthetic_plan(budget=(1200.0, per), horizon=16, start=date(2026, 5, 1), fiscal_start=1)
    np.testing.assert_allclose(budget_amounts(plan), 1200.0 * factor * np.array([8, 8, 16]), rtol=1e-15)


def test_a_budget_for_the_horizon_has_none_for_the_years():
    dataset = synthetic_dataset(budget=(200_000.0, "horizon"), lifetimes=300, horizon=14)
    assert np.isnan(dataset.budget.values[:-1]).all()
    assert dataset.budget.values[-1] == 200_000.0
    for name in ("over_budget_probability", "expected_overrun"):
        for variable in (dataset[name], dataset[f"{name}_{'interval' if 'prob' in name else 'mcse'}"]):
            assert bool(variable.sel(budget_period=["FY2026", "FY2027"]).isnull().all())
            assert bool(variable.sel(budget_period="horizon").notnull().all())


def test_without_a_budget_or_prices_their_variables_are_left_out():
    dataset = synthetic_dataset(budget=None, prices=(), lifetimes=100, horizon=3)
    for name in ("budget", "over_budget_probability", "expected_overrun", "price_level", "process"):
        assert name not in dataset.variables
    assert "budget_cost" in dataset
    assert "budget_amount" not in dataset.attrs


@pytest.mark.parametrize("lifetimes", [1, 2, 63, 65])
def test_few_lifetimes_warn_of_nothing_and_leave_only_errors_unknown(lifetimes):
    dataset = synthetic_dataset(lifetimes=lifetimes, horizon=5)
    for name, variable in dataset.data_vars.items():
        unknown = bool(variable.isnull().any())
        assert not unknown or name.endswith("_mcse"), name
        assert not unknown or lifetimes == 1 or name == "expected_shortfall_mcse", name
    assert np.isposinf(dataset.present_cost_interval.sel(quantile=0.99, bound="high").values).all()


def test_without_spread_probabilities_are_0_a_half_or_1_and_numbers_exact():
    world = synthetic_world(synthetic_plan(lifetimes=1000, horizon=30), spread=0.0)
    dataset = world.dataset()
    values = world.values()
    for name in (*PROBABILITIES, "never_breaks_even"):
        assert set(np.unique(dataset[name].values)) <= {0.0, 0.5, 1.0}, name
    for name in ("monthly_cost", "present_cost", "quarterly_cost", "budget_cost", "saving", "requests"):
        np.testing.assert_array_equal(dataset[f"{name}_mean"].values, values[name][0])
        np.testing.assert_array_equal(dataset[name].values[..., 3], values[name][0])
        np.testing.assert_array_equal(dataset[f"{name}_mean_mcse"].values, 0.0)
    np.testing.assert_allclose(
        dataset.expected_shortfall.values[:, 0], values["present_cost"][0, :, -1], rtol=1e-14
    )
    np.testing.assert_array_equal(dataset.expected_shortfall_mcse.values, 0.0)


def test_clones_tie_in_every_lifetime_and_share_the_first_place():
    plan = synthetic_plan(("prompting", "rag"), lifetimes=500, horizon=4)
    world = synthetic_world(plan)
    world.running[:, 1] = world.running[:, 0]
    world.cash[:, 1] = world.cash[:, 0]
    world.upfront[:, 1] = world.upfront[:, 0]
    dataset = world.dataset()
    np.testing.assert_array_equal(dataset.win_probability.values, 0.5)
    np.testing.assert_array_equal(dataset.cheapest_probability.values, 0.5)
    np.testing.assert_array_equal(dataset.never_breaks_even.values, 0.0)
    np.testing.assert_array_equal(dataset.saving.values, 0.0)
    # Seen in all lifetimes, not known beforehand: the interval keeps its width.
    assert float(dataset.win_probability_interval.isel(strategy=0, rival=1, month=0, bound=0)) < 0.5


def test_extremes_that_a_tally_does_not_keep_are_done_without(world, dataset):
    blind = synthetic_world(synthetic_plan(lifetimes=500, horizon=6))
    object.__setattr__(blind, "knows_extremes", False)
    exact = np.quantile(blind.present(), QUANTILES, axis=0)
    found = np.moveaxis(blind.dataset().present_cost.values, -1, 0)
    np.testing.assert_allclose(found, exact, rtol=RELATIVE_ERROR)


def test_one_strategy_in_one_month_without_inputs_is_a_dataset():
    world = synthetic_world(synthetic_plan(("rag",), horizon=1, lifetimes=70))
    tally = world.tally()
    tally.samples["sample_input"] = np.empty((70, 0))
    dataset = build(world.plan, tally, [], seed=0)
    assert dataset.sizes["input"] == 0
    np.testing.assert_array_equal(dataset.cheapest_probability.values, 1.0)
    np.testing.assert_array_equal(dataset.expected_regret.values, 0.0)


def test_a_histogram_that_misses_a_lifetime_is_refused(world):
    tally = world.tally()
    tally.lifetimes += 1
    with pytest.raises(ValueError, match=r"histogram monthly_cost\[0, 0\] holds 3001 of 3002 lifetimes"):
        build(world.plan, tally, world.inputs, seed=0)


def test_samples_are_the_first_lifetimes(world, dataset):
    assert dataset.sample_monthly_cost.dtype == np.float32
    np.testing.assert_array_equal(dataset.sample_present_cost.values, world.present()[:, :, -1])
    monthly = world.cash.sum(axis=2).astype(np.float32)
    np.testing.assert_array_equal(dataset.sample_monthly_cost.values, monthly)
    assert dataset.lifetime.values[[0, -1]].tolist() == [0, 3000]


def test_attributes_are_strings_and_numbers_that_say_what_was_run(world, dataset):
    attributes = dataset.attrs
    assert all(type(value) in (str, int, float) for value in attributes.values())
    assert attributes["plan"] == world.plan.text
    assert attributes["plan_sha256"] == world.plan.digest
    assert attributes["overrides"] == 'demand.growth="1% to 3% / month"'
    assert (attributes["seed"], attributes["lifetimes"], attributes["horizon"]) == (7, 3001, 36)
    assert (attributes["currency"], attributes["start"], attributes["baseline"]) == (
        "EUR",
        "2026-11-01",
        "prompting",
    )
    assert attributes["compare_on"].split(", ") == list(world.plan.finance.compare_on)
    assert (attributes["budget_amount"], attributes["budget_per"]) == (180_000.0, "year")
    assert {"python", "numpy", "numba", "xarray", "finetune-odds"} <= set(json.loads(attributes["versions"]))
    assert attributes["created"].endswith("+00:00")


def test_mean_quarters_and_years_are_the_sums_of_their_mean_months(dataset):
    for name, dim, label in (
        ("quarterly_cost_mean", "quarter", dataset.fiscal_quarter),
        ("fiscal_year_cost_mean", "fiscal_year", dataset.fiscal_quarter.str[:6]),
    ):
        total = dataset.monthly_cost_mean.groupby(label.rename(dim)).sum()
        xr.testing.assert_allclose(dataset[name].drop_attrs(), total.drop_attrs(), rtol=1e-12)


def test_all_synthetic_strategies_make_a_dataset():
    dataset = synthetic_dataset(strategies=tuple(PROFILES), lifetimes=200, horizon=6)
    assert dataset.sizes["strategy"] == len(PROFILES)
