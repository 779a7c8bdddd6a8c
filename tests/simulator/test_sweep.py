"""A sweep: every point is a run of its own, all points are checked first, what they do not share is missing."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest

from simulator import storage
from simulator.plan import load_plan
from simulator.plan.errors import DataErrors, PlanErrors
from simulator.run import simulate
from simulator.sweep import prepare, sweep
from simulator.sweep.grid import MOST_POINTS, as_coordinate
from simulator.verdict.lettering import cells
from simulator.verdict.numerals import Estimate
from simulator.verdict.sweep import Sweep, render, summary
from tests.simulator.kernel.small import TEXT

LIFETIMES = 300


@pytest.fixture(scope="module")
def plan(tmp_path_factory):
    path = tmp_path_factory.mktemp("sweep") / "plan.toml"
    path.write_text(TEXT)
    return path


def run(plan, **grid):
    return sweep(plan, {key.replace("__", "."): values for key, values in grid.items()}, lifetimes=LIFETIMES)


@pytest.fixture(scope="module")
def two_keys(plan):
    return sweep(
        plan,
        {
            "finance.discount": ["2% / year", "20% / year"],
            "strategies.finetuned.training.epochs": ["2", "3", "9"],
        },
        lifetimes=LIFETIMES,
    )


def point_of(plan, *overrides):
    return simulate(load_plan(plan, overrides), lifetimes=LIFETIMES, threads=1)


def errors_of(plan, grid, kind=PlanErrors):
    with pytest.raises(kind) as caught:
        prepare(plan, grid)
    return list(caught.value)


# --- values


def test_every_point_is_the_run_with_these_values_to_the_bit(plan, two_keys):
    alone = point_of(plan, "finance.discount=20% / year", "strategies.finetuned.training.epochs=9")
    at = two_keys.sel({"finance.discount": "20% / year", "strategies.finetuned.training.epochs": 9.0})
    kept = [name for name in alone.data_vars if "lifetime" not in alone[name].dims]
    assert set(two_keys.data_vars) == {*kept, "horizon_months"}
    for name in kept:
        np.testing.assert_array_equal(at[name], alone[name], err_msg=name)
        assert at[name].attrs == alone[name].attrs


def test_the_dims_are_the_keys_and_the_coordinates_what_was_given(two_keys):
    assert two_keys["saving"].dims[:2] == ("finance.discount", "strategies.finetuned.training.epochs")
    assert two_keys["finance.discount"].values.tolist() == ["2% / year", "20% / year"]
    assert two_keys["strategies.finetuned.training.epochs"].values.tolist() == [2.0, 3.0, 9.0]
    assert json.loads(two_keys.attrs["over"])["strategies.finetuned.training.epochs"] == ["2", "3", "9"]
    assert two_keys.attrs["kind"] == "sweep"


def test_values_that_are_all_numbers_become_numbers():
    assert as_coordinate(["1", "2.5", "1e3"]) == [1.0, 2.5, 1000.0]
    assert as_coordinate(["1", "2k"]) == ["1", "2k"]
    assert as_coordinate(["true", "1"]) == ["true", "1"]
    assert as_coordinate(["0.5\nx = 1"]) == [0.5]


def test_what_a_key_does_not_touch_is_the_same_at_every_point(two_keys):
    """Costs of prompting do not hang on the epochs of the fine-tuned strategy: not by a bit."""
    cost = two_keys["present_cost_mean"].sel(strategy="prompting", month=14)
    assert (cost == cost.isel({"strategies.finetuned.training.epochs": 0})).all()
    assert len(np.unique(cost)) == 2


@pytest.mark.parametrize(
    ("key", "values"),
    [
        ("demand.curve", ["compound", "logistic"]),
        ("demand.ceiling", ["200k req/month", "9M req/month"]),
        ("demand.seasonality", ["[1,1,1,1,1,1,1,1,1,1,1,1]", "[2,1,1,1,1,1,1,1,1,1,1,1]"]),
        ("strategies.finetuned.retrain.when_failures_exceed", ["1%", "99%"]),
        ("strategies.moving.then[0].takes", ["0 month", "3 month"]),
        ("strategies.prompting.costs.upkeep.value", ["4 h/month", "80 h/month"]),
        ("people.engineer", ["50 USD/h", "150 USD/h"]),
        ("finance.compare_on", ['["labor"]', '["labor", "other"]']),
        ("models.large.output_price", ["1 USD/Mtok", "99 USD/Mtok"]),
    ],
)
def test_any_quantity_or_constant_can_be_swept(plan, key, values):
    overrides = ("demand.ceiling=400k req/month",) if key == "demand.curve" else ()
    found = sweep(plan, {key: values}, overrides=overrides, lifetimes=200)
    assert found[key].values.tolist() == values
    assert not (found["saving_mean"].isel({key: 0}) == found["saving_mean"].isel({key: 1})).all()


# --- what points do not share


def test_months_behind_the_horizon_of_a_point_are_missing(plan):
    found = run(plan, horizon=["6 month", "14 month"])
    short = point_of(plan, "horizon=6 month")
    assert found["horizon_months"].values.tolist() == [6, 14]
    at = found.sel(horizon="6 month")
    np.testing.assert_array_equal(
        at["present_cost_mean"].sel(month=short["month"]), short["present_cost_mean"]
    )
    assert np.isnan(at["present_cost_mean"].sel(month=slice(7, None))).all()
    assert not np.isnan(found["present_cost_mean"].sel(horizon="14 month")).any()
    assert found["budget_period"].values[-1] == "horizon"
    np.testing.assert_array_equal(
        at["budget_cost_mean"].sel(budget_period="horizon"),
        short["budget_cost_mean"].sel(budget_period="horizon"),
    )
    assert found["date"].dims == ("month",)
    assert found["date"].values[13] == np.datetime64("2028-02-01")


def test_a_strategy_that_is_a_part_at_a_point_is_missing_there(plan):
    found = run(plan, strategies__mixed__part=["true", "false"])
    assert found["strategy"].values.tolist() == ["prompting", "finetuned", "hosted", "mixed", "moving"]
    assert np.isnan(found["saving_mean"].sel({"strategy": "mixed", "strategies.mixed.part": "true"})).all()
    assert not np.isnan(found["saving_mean"].sel({"strategies.mixed.part": "false"})).any()
    told = summary(found)["points"][0]
    assert set(told["strategies"]) == {"prompting", "finetuned", "hosted", "moving"}


def test_dates_that_differ_stand_under_the_key(plan):
    found = run(plan, start=["2027-01-01", "2027-08-01"])
    assert found["date"].dims == ("start", "month")
    assert found["date"].sel(start="2027-08-01").values[0] == np.datetime64("2027-08-01")
    assert not np.isnan(found["monthly_cost"]).any()


def test_a_sweep_is_kept_as_what_it_is(plan, tmp_path):
    found = run(plan, horizon=["2 month", "3 month"])[["saving_mean", "present_cost_mean"]]
    assert np.isnan(found["present_cost_mean"]).any()
    path = storage.write(found, tmp_path / "sweep.nc")
    assert storage.read(path, kind="sweep").equals(found)
    with pytest.raises(storage.StorageError, match="is the result of a sweep, and a run is needed"):
        storage.read(path, kind="run")


# --- what is refused, before anything is run


@pytest.mark.parametrize(
    ("key", "message", "hint"),
    [
        ("run.seed", "run alike", "use --lifetimes and --seed"),
        ("run.lifetimes", "run alike", "use --lifetimes and --seed"),
        ("baseline", "changes no cost", "--set baseline"),
        ("people.enginer", "no role 'enginer'", "did you mean engineer?"),
        ("models.huge.premium", "no model 'huge'", "the plan has large and small"),
        ("strategies.finetund.prompt", "no strategy 'finetund'", "did you mean finetuned?"),
        ("strategies.finetuned.costs.curaton", "no cost item 'curaton'", "did you mean curation?"),
        (
            "strategies.mixed.route.hostd",
            "no part of the route 'hostd'",
            "the plan has finetuned and prompting",
        ),
        ("prices.gpus.drift", "no price process 'gpus'", "the plan has market"),
        ("events.rule.rate", "no event 'rule'", "did you mean rules?"),
        ("demand growth", "'demand growth' is no dotted key", "demand.growth"),
    ],
)
def test_a_key_that_varies_nothing_is_refused(plan, key, message, hint):
    (error,) = errors_of(plan, {key: ["1", "2"]})
    assert (error.key, error.file) == (key, "--over")
    assert message in error.message
    assert hint in error.hint


def test_an_unknown_key_is_told_once_whatever_its_values(plan):
    (error,) = errors_of(
        plan, {"demand.grwth": ["1% / year", "2% / year"], "horizon": ["2 month", "3 month"]}
    )
    assert error.file == "--over demand.grwth"
    assert error.message.startswith("unknown key, [demand] takes requests, growth")
    assert error.hint == "did you mean growth?"


def test_a_wrong_value_is_named_among_right_ones(plan):
    grid = {"demand.growth": ["1% / year", "fast"], "horizon": ["2 month", "0 month", "500 month"]}
    errors = errors_of(plan, grid)
    files = {error.file for error in errors}
    assert files == {"--over demand.growth=fast", "--over horizon=0 month", "--over horizon=500 month"}
    assert not [error for error in errors if "grid point" in str(error) or "with demand" in str(error)]


def test_values_that_do_not_go_together_are_named_together(plan):
    grid = {"demand.curve": ["compound", "logistic"], "demand.ceiling": ["0 req/month", "9M req/month"]}
    assert {error.file for error in errors_of(plan, grid)} == {"--over demand.ceiling=0 req/month"}
    grid = {
        "strategies.mixed.route.finetuned": ["60%", "0.3"],
        "strategies.mixed.route.prompting": ["rest", "40%"],
    }
    errors = errors_of(plan, grid)
    assert errors
    for error in errors:
        assert "40%" in str(error)


def test_correlations_that_contradict_one_another_are_found_before_the_first_run(plan, tmp_path):
    pairs = [("demand.requests", "demand.growth"), ("demand.growth", "request.input")]
    pairs.append(("demand.requests", "request.input"))
    entries = [f'[[correlations]]\nbetween = ["{a}", "{b}"]\nspearman = 0.5\n' for a, b in pairs]
    path = tmp_path / "plan.toml"
    path.write_text(TEXT + "\n".join(entries))
    (error,) = errors_of(path, {"correlations[2].spearman": ["0.5", "-0.9"]})
    assert error.key == "correlations[0]"
    assert error.message.splitlines()[-1] == "with correlations[2].spearman = -0.9"


def test_a_grid_that_is_too_large_is_refused_by_its_size(plan):
    many = [f"{n} month" for n in range(1, 41)]
    (error,) = errors_of(
        plan, {"horizon": many, "strategies.finetuned.training.epochs": [str(n) for n in range(40)]}
    )
    assert error.message == f"40 x 40 values make 1,600 grid points, at most {MOST_POINTS:,} are run"


@pytest.mark.parametrize(
    ("grid", "message"),
    [
        ({}, "there is no key to sweep over"),
        ({"horizon": []}, "the key has no value"),
        ({"horizon": ["2 month", " 2 month"]}, "the value '2 month' stands twice"),
        ({"horizon": ["1 year", "2 month", "12 month"]}, "'1 year' and '12 month' are the same value"),
        ({"demand.growth": ["1% / year"], 'demand."growth"': ["2% / year"]}, "the key stands twice"),
    ],
)
def test_a_grid_has_keys_and_each_value_once(plan, grid, message):
    (error,) = errors_of(plan, grid)
    assert error.message == message


def test_a_plan_that_is_wrong_as_it_stands_is_told_as_such(tmp_path):
    with pytest.raises(DataErrors):
        prepare(tmp_path / "none.toml", {"horizon": ["2 month"]})
    path = tmp_path / "plan.toml"
    path.write_text(TEXT.replace('horizon = "14 month"', "horizon = 14"))
    (error,) = errors_of(path, {"finance.discount": ["1% / year", "2% / year"]})
    assert (error.file, error.line) == (str(path), 4)


def test_an_overflow_names_the_point(plan):
    with pytest.raises(OverflowError, match=r"with demand\.growth = 1000000% / month: costs are too large"):
        sweep(plan, {"demand.growth": ["1000000% / month"]}, overrides=["horizon=120 month"], lifetimes=1)


def test_progress_counts_all_points(plan):
    told = []
    sweep(plan, {"horizon": ["1 month", "2 month"]}, lifetimes=100, progress=lambda *said: told.append(said))
    assert told == [(100, 200), (200, 200)]


# --- the page


def test_the_page_has_a_row_a_point_and_fits_the_terminal(two_keys):
    for width in (80, 120):
        page = render(two_keys, width)
        lines = page.splitlines()
        assert max(map(cells, lines)) <= width
        assert lines[0].startswith("Small: sweep over finance.discount (2 values) and")
        assert sum(line.startswith(("2% / year", "20% / year")) for line in lines) >= 6
    table = page.split("\n\n")[1].splitlines()
    assert table[0].split() == ["discount", "epochs", "best", "chance", "regret", "cost", "second", "regret"]
    assert table[1].startswith("2% / year   2 ")
    assert table[2].startswith("            3 ")
    assert " nan" not in page


def test_the_page_reads_each_point_at_its_own_horizon(plan):
    found = run(plan, horizon=["6 month", "14 month"])
    short = point_of(plan, "horizon=6 month").sel(month=6)
    told = summary(found)["points"][0]
    assert told["at"] == {"horizon": "6 month"}
    assert told["horizon_months"] == 6
    best = str(short["strategy"].values[np.argmin(short["expected_regret"].values)])
    assert told["recommended"] == best
    for name, told_of in told["strategies"].items():
        win = short["win_probability"].sel(strategy=name, rival="prompting").item()
        assert told_of["win_probability"]["value"] == win
    assert "6 month" in render(found).splitlines()[4]


def test_the_page_shows_labels_and_names_where_the_points_differ_in_them(plan):
    grid = {"finance.discount": ["2% / year", "20% / year"]}
    labels = ['strategies.prompting.label="As it is"', 'strategies.finetuned.label="Fine-tuned"']
    found = sweep(plan, grid, overrides=labels, lifetimes=LIFETIMES)
    page = render(found)
    assert "Chance of ending cheaper than As it is, in 100" in page
    assert "Fine-tuned" in page
    assert "finetuned" not in page
    assert summary(found)["points"][0]["strategies"]["finetuned"]["label"] == "Fine-tuned"
    found = run(plan, strategies__finetuned__label=["One", "Two"])
    assert "finetuned" in render(found)


def test_labels_that_begin_alike_are_told_apart_in_every_row(plan):
    begin = "Customer support assistant, prompting GPT-4.1"
    ends = {"prompting": "with cache", "finetuned": "fine-tuned"}
    labels = [f'strategies.{name}.label="{begin} {end}"' for name, end in ends.items()]
    found = sweep(
        plan, {"finance.discount": ["2% / year", "20% / year"]}, overrides=labels, lifetimes=LIFETIMES
    )
    for width in (80, 120):
        page = render(found, width)
        assert max(map(cells, page.splitlines())) <= width
        assert "Customer support as…" not in page
        assert re.search("Chance of ending cheaper than Cust[a-z ]*…with cache", page)
        assert "…fine-tuned" in page


def test_labels_are_as_long_as_the_terminal_allows(plan):
    label = "A small model of our own, fine-tuned"
    labels = [
        f'strategies.{name}.label="{label} {name}"' for name in ("prompting", "finetuned", "hosted", "mixed")
    ]
    found = sweep(
        plan, {"finance.discount": ["2% / year", "20% / year"]}, overrides=labels, lifetimes=LIFETIMES
    )
    assert f"{label} " not in render(found, 80)
    assert f"{label} " in render(found, 160)


def test_the_page_says_what_its_columns_mean(two_keys):
    assert "cost: its mean present cost" in " ".join(render(two_keys).split())


@pytest.mark.parametrize(("error", "marked"), [(5.0, True), (0.1, False)])
def test_a_tie_in_print_is_marked_where_the_lifetimes_cannot_tell_the_two_apart(
    two_keys, monkeypatch, error, marked
):
    def estimate(self, name, point, *where):
        return {
            "expected_regret": Estimate.of(690.0 + 0.1 * where[0], 3.0),
            "saving_mean": Estimate.of(1.0, error),
            "cheapest_probability": Estimate.of(0.5, 0.002),
            "win_probability": Estimate.of(0.5, 0.002),
        }.get(name, Estimate.of(5e4, 100.0))

    monkeypatch.setattr(Sweep, "estimate", estimate)
    page = render(two_keys, 120)
    rows = page.split("\n\n")[1].splitlines()[1:7]
    assert all(("= 690" in row) == marked and row.count("690") == 2 for row in rows)
    assert ("=: these lifetimes cannot tell the two apart" in " ".join(page.split())) == marked
