"""The tidy rows: what each says is what the dataset holds, and what should add up does."""

from __future__ import annotations

import math
from datetime import date

import pytest

from simulator.export import COLUMNS, ExportError, rows
from tests.simulator.export.conftest import make

LISTED = (
    "plan", "version", "as_of", "strategy", "measure", "component", "period_kind", "period_start", "period_end",
    "fiscal_label", "statistic", "amount", "currency", "unit",
)  # fmt: skip


@pytest.fixture(scope="module")
def table(dataset):
    return list(rows(dataset))


@pytest.fixture(scope="module")
def choose(table):
    return lambda **where: [row for row in table if all(getattr(row, k) == v for k, v in where.items())]


@pytest.fixture(scope="module")
def amount(choose):
    def only(**where):
        (row,) = choose(**where)
        return row.amount

    return only


def test_the_columns_are_those_that_are_promised_and_no_two_rows_are_about_the_same(table):
    assert COLUMNS[: len(LISTED)] == LISTED
    keys = [(*row[:11], row.rival) for row in table]
    assert len(set(keys)) == len(keys)
    assert all(math.isfinite(row.amount) for row in table)


def test_every_row_names_plan_version_and_day(table, dataset):
    assert {(row.plan, row.version) for row in table} == {("synthetic", "01234567-7")}
    assert {row.as_of.isoformat() for row in table} == {dataset.attrs["created"][:10]}


def test_periods_hold_the_days_that_lie_in_the_plan(choose):
    spans = {
        (row.period_kind, row.fiscal_label): (row.period_start, row.period_end)
        for row in choose(measure="cost", strategy="rag", component="all", statistic="mean")
        if row.period_kind != "month"
    }
    assert spans["quarter", "FY2026-Q4"] == (date(2026, 11, 1), date(2026, 12, 31))
    assert spans["quarter", "FY2028-Q1"] == (date(2028, 1, 1), date(2028, 3, 31))
    assert spans["fiscal_year", "FY2027"] == (date(2027, 1, 1), date(2027, 12, 31))
    assert spans["fiscal_year", "FY2028"] == (date(2028, 1, 1), date(2028, 3, 31))
    assert spans["horizon", "horizon"] == (date(2026, 11, 1), date(2028, 3, 31))
    months = choose(measure="requests", statistic="P50")
    assert [row.period_end.day for row in months[:5]] == [30, 31, 31, 28, 31]
    assert months[16].period_end == date(2028, 3, 31)
    assert [row.fiscal_label for row in months[:3]] == ["FY2026-Q4", "FY2026-Q4", "FY2027-Q1"]


def test_amounts_are_those_of_the_dataset(amount, dataset):
    rag = {"strategy": "rag"}
    first = {"period_kind": "month", "period_start": date(2026, 11, 1)}
    expected = {
        ("cost", "P95", "horizon"): dataset["cumulative_cost"].sel(**rag, quantile=0.95)[-1],
        ("present_cost", "P5", "horizon"): dataset["present_cost"].sel(**rag, quantile=0.05)[-1],
        ("present_cost", "expected shortfall beyond P95", "horizon"): dataset["expected_shortfall"].sel(
            **rag, quantile=0.95
        ),
        ("cost_per_kreq", "P50", "horizon"): dataset["cost_per_kreq"].sel(**rag, quantile=0.5),
        ("regret", "mean", "horizon"): dataset["expected_regret"].sel(**rag)[-1],
        ("regret", "P90", "horizon"): dataset["regret"].sel(**rag, quantile=0.9),
        ("cheapest_probability", "probability", "horizon"): dataset["cheapest_probability"].sel(**rag)[-1],
    }
    for (measure, statistic, kind), value in expected.items():
        where = {"component": "all"} if measure == "cost" else {}
        found = amount(measure=measure, statistic=statistic, period_kind=kind, **rag, **where)
        assert found == float(value), (measure, statistic)
    for measure, name in (("cost", "monthly_cost"), ("cumulative_cost", "cumulative_cost")):
        found = amount(measure=measure, component="all", statistic="P25", **rag, **first)
        assert found == float(dataset[name].sel(**rag, quantile=0.25)[0])
    quarter = {"period_kind": "quarter", "fiscal_label": "FY2027-Q2", "component": "all"}
    found = amount(measure="cost", statistic="P80", **rag, **quarter)
    assert found == float(dataset["quarterly_cost"].sel(**rag, quarter="FY2027-Q2", quantile=0.8))


def test_comparisons_name_both_strategies_and_never_one_with_itself(choose, amount, dataset):
    pair = {"strategy": "rag", "rival": "prompting"}
    assert amount(measure="saving", statistic="mean", **pair) == float(dataset["saving_mean"].sel(**pair))
    won = amount(measure="win_probability", period_kind="horizon", **pair)
    assert won == float(dataset["win_probability"].sel(**pair)[-1])
    for measure in ("saving", "win_probability", "break_even_probability", "never_breaks_even"):
        assert {(row.strategy, row.rival) for row in choose(measure=measure)} == {
            (a, b) for a in dataset["strategy"].values for b in dataset["rival"].values if a != b
        }


def test_means_add_up_over_components_and_periods(choose, dataset):
    for strategy in map(str, dataset["strategy"].values):
        mean = {"measure": "cost", "strategy": strategy, "statistic": "mean"}
        whole = [row for row in choose(**mean) if row.component == "all"]
        parts = [row for row in choose(**mean) if row.component != "all"]
        by_kind = {
            kind: math.fsum(row.amount for row in whole if row.period_kind == kind)
            for kind in ("month", "quarter", "fiscal_year", "horizon")
        }
        assert list(by_kind.values()) == pytest.approx([by_kind["horizon"]] * 4, rel=1e-12)
        for row in whole:
            span = [one.amount for one in parts if one[6:10] == row[6:10]]
            assert len(span) == 8
            assert math.fsum(span) == pytest.approx(row.amount, rel=1e-12)


def test_allocated_rows_add_up_to_the_percentile_and_plain_ones_do_not(choose, amount):
    p80 = {"measure": "cost", "component": "all", "strategy": "finetuned"}
    total = amount(period_kind="horizon", statistic="P80", **p80)
    for kind in ("month", "quarter", "fiscal_year"):
        allocated = choose(period_kind=kind, statistic="P80 of the horizon, allocated", **p80)
        assert math.fsum(row.amount for row in allocated) == pytest.approx(total, rel=1e-12)
        plain = choose(period_kind=kind, statistic="P80", **p80)
        assert math.fsum(row.amount for row in plain) != pytest.approx(total, rel=1e-4)
    for kind in ("month", "quarter"):
        allocated = choose(period_kind=kind, statistic="P80 of the fiscal year, allocated", **p80)
        years = choose(period_kind="fiscal_year", statistic="P80", **p80)
        for year in years:
            inside = [row.amount for row in allocated if row.fiscal_label.startswith(year.fiscal_label)]
            assert math.fsum(inside) == pytest.approx(year.amount, rel=1e-12)


def test_every_percentile_says_that_it_does_not_add_up_and_every_allocated_one_that_it_does(table):
    for row in table:
        if row.statistic.endswith("allocated"):
            assert row.note.startswith("Adds up over the months to P80 of the ")
        elif row.statistic.startswith("P"):
            assert "Percentiles do not add up" in row.note
        assert row.note


def test_money_has_a_currency_and_what_is_none_has_not(table):
    for row in table:
        assert (row.currency == "USD") == (row.unit in ("USD", "USD/kreq")), row
        assert row.unit in ("USD", "USD/kreq", "1", "req/month")


def test_budgets_have_rows_where_there_are_any(choose):
    assert {row.fiscal_label for row in choose(measure="budget")} == {"FY2026", "FY2027", "FY2028", "horizon"}
    for_horizon = list(rows(make(horizon=5, budget=(9_000.0, "horizon"))))
    for measure in ("budget", "over_budget_probability", "overrun"):
        assert {row.period_kind for row in for_horizon if row.measure == measure} == {"horizon"}
    without = {row.measure for row in rows(make(horizon=5, budget=None))}
    assert not {"budget", "over_budget_probability", "overrun"} & without
    assert "budget_cost" in without


def test_a_single_strategy_one_month_and_no_prices_make_a_table(dataset):
    small = list(rows(make(strategies=("rag",), horizon=1, prices=(), budget=None)))
    assert {row.strategy for row in small} == {"rag", ""}
    assert not {row.measure for row in small} & {"saving", "win_probability", "price_level"}


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda d: d.assign_attrs(kind="sweep"), "result of a sweep"),
        (lambda d: d.assign_attrs(kind="crossover"), "result of a crossover"),
        (lambda d: d.drop_vars("sample_monthly_cost"), "lacks sample_monthly_cost"),
        (lambda d: d.drop_attrs(deep=False), "lacks plan_name, plan, plan_sha256 and "),
        (lambda d: d.assign_attrs(created="yesterday"), "'yesterday', which is no time"),
        (lambda d: d.assign_attrs(baseline="nobody"), "'nobody', is none of its strategies"),
    ],
)
def test_what_is_no_run_is_refused(dataset, spoil, said):
    with pytest.raises(ExportError, match=said) as refused:
        list(rows(spoil(dataset)))
    assert refused.value.exit_code == 3
