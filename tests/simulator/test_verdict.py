"""The verdict says who is cheapest, how sure that is, and nothing that its lifetimes do not support."""

from __future__ import annotations

import json
import math
import re
import unicodedata
from functools import cache

import numpy as np
import pytest
import xarray as xr
from costed import COMPONENTS, LABELS, dataset_of, drawn_cash, typical_dataset
from synthetic import synthetic_dataset

from simulator.verdict import find, render, summary
from simulator.verdict.lettering import alike, cells, shorten, shorten_apart, wrap
from simulator.verdict.numerals import Estimate, chance, futures, money
from simulator.verdict.tables import Column, budget_table, set_table
from simulator.verdict.words import percent

LONG = (
    "Prompting mit sehr langem System-Prompt und Beispielen (GPT-4.1)",
    "微调的小模型与检索增强生成的混合路由策略以及人工复核流程",
    "Retrieval-augmented generation with nightly re-indexing & review",
    "Ünïcödé 🚀 $5/$10 labels_with_underscores_and_no_spaces_at_all_64x",
)


@pytest.fixture(scope="module")
def typical():
    return typical_dataset(draws=400)


def split_winners(lifetimes=400):
    """Strategy 0 wins in 60 of 100 futures by a little and loses the others by much."""
    upfront = np.zeros((lifetimes, 3, len(COMPONENTS)))
    running = np.zeros((lifetimes, 3, len(COMPONENTS), 12))
    upfront[:, 0, 0] = np.where(np.arange(lifetimes) % 10 < 6, 90.0, 500.0)
    upfront[:, 1, 0] = 100.0
    upfront[:, 2, 0] = 120.0
    return dataset_of(upfront, running, labels=("Gamble", "Steady", "Old way"), baseline=2)


def certain(*amounts, lifetimes=50, **options):
    """Strategies of the same cost in every lifetime."""
    upfront = np.zeros((lifetimes, len(amounts), len(COMPONENTS)))
    upfront[:, :, 0] = amounts
    running = np.zeros((lifetimes, len(amounts), len(COMPONENTS), options.pop("horizon", 12)))
    return dataset_of(upfront, running, **options)


def display_width(text):
    """Cells of a text, counted apart from the package."""
    zero = ("Mn", "Me", "Cf")
    return sum(
        0 if unicodedata.category(c) in zero else 1 + (unicodedata.east_asian_width(c) in "WF") for c in text
    )


CASES = {
    "one strategy": {"strategies": 1},
    "two strategies": {"strategies": 2},
    "seven strategies, three years": {"strategies": 7},
    "seven strategies, five years": {"strategies": 7, "horizon": 60},
    "ten years": {"strategies": 7, "horizon": 120},
    "twenty strategies": {"strategies": 20},
    "long labels": {"strategies": 4, "labels": LONG},
    "one month": {"strategies": 3, "horizon": 1},
    "ten lifetimes": {"strategies": 4, "draws": 10, "lifetimes": 10},
    "no budget": {"strategies": 3, "budget": None},
    "other quantiles": {"strategies": 3, "quantiles": (0.02, 0.5, 0.98)},
    "compared on some": {"strategies": 3, "compare_on": COMPONENTS[:3]},
    "wild scales": {"strategies": 5, "scales": [1, 0.001, 1000, 1, 1]},
}


@cache
def case_dataset(case):
    return typical_dataset(**{"draws": 100} | CASES[case])


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("case", CASES)
def test_the_page_holds_at_most_forty_lines_none_wider_than_the_terminal(case, width):
    text = render(case_dataset(case), width)
    lines = text.split("\n")
    assert len(lines) <= 40
    assert max(display_width(line) for line in lines) <= width
    assert not any(line != line.rstrip() for line in lines)
    budget = budget_table(find(case_dataset(case)), width)
    assert lines[-len(budget) :] == budget


@pytest.mark.parametrize("horizon", [36, 60])
def test_seven_strategies_all_stand_in_both_tables_at_80_columns(horizon):
    lines = render(typical_dataset(7, horizon, draws=400), 80).split("\n")
    rows = [line for line in lines if line[:2] in ("> ", "  ") and re.search(r"\d", line)]
    for label in LABELS:
        assert sum(row[2:].startswith(label[:8]) for row in rows) >= 2


def test_the_first_sentence_names_the_winner_its_chance_and_its_regret(typical):
    f = find(typical)
    words = " ".join(render(typical, 80).split("\n")[3:6])
    assert words.startswith(f"{f.labels[f.most_often]} is cheapest in ")
    assert chance(f.cheapest(f.most_often)) + " of 100 futures" in words
    assert "expected regret" in words
    assert money(f.regret(f.most_often).value, f.regret(f.most_often).error) in words


def test_differing_winners_are_said_plainly():
    dataset = split_winners()
    text = " ".join(render(dataset, 80).split())
    told = summary(dataset)["verdict"]
    assert "Gamble is cheapest in 55 to 65 of 100 futures" in text
    assert "winning most often is not being cheapest on average" in text
    assert "Steady" in text.split("on average:")[1][:40]
    assert "The lowest regret decides" in text
    assert (told["most_often_cheapest"], told["recommended"]) == ("s0", "s1")
    assert told["winners_agree"] is False


def test_agreeing_winners_are_not_called_different(typical):
    assert "winning most often is not" not in render(typical_dataset(2, draws=200))


def test_winners_whose_chances_round_to_the_same_number_are_told_apart_by_a_decimal():
    lifetimes = 1000
    upfront = np.zeros((lifetimes, 2, len(COMPONENTS)))
    running = np.zeros((lifetimes, 2, len(COMPONENTS), 3))
    upfront[:, 0, 0] = np.where(np.arange(lifetimes) < 502, 90.0, 500.0)
    upfront[:, 1, 0] = 100.0
    text = " ".join(render(dataset_of(upfront, running, lifetimes=10_000_000)).split())
    assert "in 50.2 of 100 futures" in text
    assert "in 49.8 of 100 futures" in text


def test_certainty_is_said_in_words():
    text = " ".join(render(certain(100.0, 80.0)).split())
    assert "is cheapest in all of 50 lifetimes (always)" in text
    assert "never" in text
    assert "100.0" not in text


def test_identical_strategies_are_called_so():
    everything = render(certain(100.0, 100.0, 100.0))
    assert everything.split("\n")[3].startswith("All 3 strategies cost the same in every one of 50 lifetimes")
    assert "tie" in everything
    pair = " ".join(render(certain(100.0, 90.0, 90.0)).split())
    assert "Fine-tuned API and Retrieval (RAG) cost the same in every lifetime" in pair


def test_no_cost_at_all_is_a_zero_not_a_failure():
    text = render(certain(0.0, 0.0))
    assert "Both strategies cost the same" in text
    assert "nan" not in text.lower()


def test_strategies_within_their_error_are_not_ranked_silently():
    upfront, running = drawn_cash(2, 12, 100)
    rng = np.random.default_rng(3)
    upfront[:, 1] = upfront[:, 0] * np.exp(0.5 * rng.standard_normal((100, 1)))
    running[:, 1] = running[:, 0]
    dataset = dataset_of(upfront, running)
    assert "100 lifetimes cannot tell apart" in " ".join(render(dataset).split())
    assert summary(dataset)["verdict"]["alike_on_average"] == [["s0", "s1"]] or (
        summary(dataset)["verdict"]["alike_on_average"] == [["s1", "s0"]]
    )


def test_a_paired_difference_decides_where_the_spreads_overlap():
    """The means differ by 1 with a spread of 1,000, but by the same 1 in every lifetime."""
    rng = np.random.default_rng(5)
    upfront = np.zeros((200, 2, len(COMPONENTS)))
    upfront[:, 0, 0] = 10_000 + 1_000 * rng.standard_normal(200)
    upfront[:, 1, 0] = upfront[:, 0, 0] - 1.0
    dataset = dataset_of(upfront, np.zeros((200, 2, len(COMPONENTS), 6)))
    assert summary(dataset)["verdict"]["alike_on_average"] == []
    assert "cannot tell apart" not in render(dataset)


def test_the_baseline_as_the_choice_is_said():
    text = " ".join(render(certain(80.0, 100.0)).split())
    assert (
        "The baseline is the choice. Against it Fine-tuned API, the nearest rival, costs 20 USD more" in text
    )


def test_a_strategy_alone_is_compared_with_nothing():
    text = render(typical_dataset(1, draws=100))
    assert "is the only strategy: nothing is compared" in text
    assert "regret" not in text
    assert "best" not in text


def test_the_month_from_which_it_is_ahead_lasts_to_the_horizon():
    upfront = np.zeros((40, 2, len(COMPONENTS)))
    running = np.zeros((40, 2, len(COMPONENTS), 12))
    running[:, 0, 0] = 10.0
    upfront[:, 1, 0] = 45.0
    running[:, 1, 0, :2] = -20.0  # ahead for a while, then behind, then ahead from month 7 on
    running[:, 1, 0, 2:4] = 40.0
    cost = np.cumsum(running[0, :, 0], axis=1) + upfront[0, :, [0]].T
    ahead = cost[1] < cost[0]
    expected = int(np.flatnonzero(~ahead)[-1]) + 2
    dataset = dataset_of(upfront, running)
    assert summary(dataset)["strategies"]["s1"]["against_baseline"]["ahead_from_month"] == expected
    assert f"from month {expected} (" in " ".join(render(dataset).split())


def test_the_budget_is_told_by_year_and_horizon(typical):
    f = find(typical)
    lines = render(typical, 80).split("\n")
    head = next(i for i, line in enumerate(lines) if line.startswith("Budget: "))
    assert lines[head].split()[-4:] == ["FY2026", "FY2027", "FY2028", "horizon"]
    wanted = typical["budget_cost"].sel(quantile=0.8).values[f.recommended]
    for said, value in zip(lines[head + 1].split()[-4:], wanted, strict=True):
        assert read_money(said) == pytest.approx(value, rel=0.006)
    middle = typical["budget_cost"].sel(quantile=0.5).values[f.recommended]
    for said, value in zip(lines[head + 2].split()[-4:], wanted - middle, strict=True):
        assert read_money(said) == pytest.approx(value, rel=0.06)
    assert lines[head + 3].startswith("  chance of an overrun")


def test_without_a_budget_the_level_and_its_contingency_stay():
    text = render(typical_dataset(3, draws=200, budget=None))
    assert "P80 budget, USD" in text
    assert "above P50" in text
    assert "overrun" not in text


def test_a_budget_of_the_horizon_alone_has_no_yearly_chance():
    lines = render(typical_dataset(3, draws=200, budget={"horizon": 3e5})).split("\n")
    row = next(line for line in lines if "chance of an overrun" in line)
    assert row.split()[-4:-1] == ["-", "-", "-"]
    assert row.split()[-1] != "-"


def test_what_is_invoiced_and_what_is_not_add_up_to_the_expected_cash(typical):
    told = summary(typical)["strategies"]
    total = typical["cost_breakdown"].sum(["component", "month"])
    for i, name in enumerate(told):
        parts = [told[name][k]["value"] for k in ("cash_invoiced_money", "cash_not_invoiced_money")]
        assert sum(parts) == pytest.approx(float(total[i]), rel=1e-12)
        aside = typical["cost_breakdown"].sel(component=["failures", "latency"]).sum(["component", "month"])
        assert parts[1] == pytest.approx(float(aside[i]), rel=1e-12)


def test_rows_left_out_are_counted_and_the_baseline_stays():
    text = render(typical_dataset(20, draws=100, baseline=6))
    assert re.search(r"of 20 strategies, here \d+; all of them: --json", text)
    assert text.count(" *  ") + text.count(" * ") >= 2


def test_a_comparison_on_some_components_is_owned_up_to():
    text = " ".join(render(typical_dataset(2, draws=100, compare_on=("serving", "labor"))).split())
    assert "Compared on serving, labor only." in text


def test_more_lifetimes_print_more_digits():
    few, many = (typical_dataset(2, draws=300, lifetimes=n) for n in (300, 10**8))

    def digits(text):
        table = text[text.index("Present cost") : text.index("Beats")]
        return sum(c.isdigit() for amount in re.findall(r"[\d.]+(?=[kM])", table) for c in amount)

    assert digits(render(few)) < digits(render(many))


def test_the_object_is_json_with_stable_keys(typical):
    told = summary(typical)
    assert json.loads(json.dumps(told, allow_nan=False)) == told
    assert list(told) == ["plan", "verdict", "strategies"]
    assert list(told["strategies"]) == [f"s{i}" for i in range(7)]
    one = told["strategies"]["s1"]
    assert one["present_cost_money"]["p50"]["value"] == float(
        typical["present_cost"].sel(strategy="s1", month=36, quantile=0.5)
    )
    assert one["budget"]["FY2027"]["given_money"] == 150e3
    assert told["strategies"]["s0"]["against_baseline"] is None


def test_what_has_no_value_is_null_in_the_object():
    told = summary(typical_dataset(2, draws=100, budget={"horizon": 1e5}))
    year = told["strategies"]["s1"]["budget"]["FY2026"]
    assert year["given_money"] is None
    assert year["over_budget_probability"] is None


def test_a_baseline_that_is_no_strategy_is_refused_by_name():
    dataset = typical_dataset(2, draws=50)
    dataset.attrs["baseline"] = "rag"
    with pytest.raises(ValueError, match="baseline: one of s0, s1 is needed, got 'rag'"):
        render(dataset)


SUFFIX = {"k": 1e3, "M": 1e6, "B": 1e9, "T": 1e12}


def read_money(text):
    return float(text.rstrip("kMBT")) * SUFFIX.get(text[-1], 1.0)


@pytest.mark.parametrize(
    ("value", "error", "said"),
    [
        (1_239_000, 100, "1.24M"),
        (1_239_000, 30_000, "1.24M"),
        (1_239_000, 300_000, "1.2M"),
        (482_300, 20_000, "480k"),
        (999_600, 10, "1.00M"),
        (999_600, 0, "1M"),
        (11_250, 0, "11.3k"),
        (45, 0.2, "45.0"),
        (0.42, 0, "0.42"),
        (-166_400, 500, "-166k"),
        (300, 2_000, "~0"),
        (300_000, math.inf, "~300k"),
        (300_000, math.nan, "~300k"),
        (0, 0, "0"),
        (0.001, 0, "<0.01"),
        (2.5e9, 1e6, "2.50B"),
        (-2.5e12, 0, "-2.5T"),
        (9.991e14, 1e9, "999T"),
        (9.996e14, 1e9, "1.00e15"),
        (1e15, 0, "1e15"),
        (5.08e22, 1e19, "5.08e22"),
        (5.08e22, 1e21, "5.1e22"),
        (5.08e22, math.inf, "~5e22"),
        (math.nan, 0, "-"),
    ],
)
def test_money_is_written_short_and_no_finer_than_its_error(value, error, said):
    assert money(value, error) == said


@pytest.mark.parametrize("error", [1e-3, 0.2, 3.0, 70.0, 900.0, 2e4, 3e5])
@pytest.mark.parametrize("value", [1.0, 7.77, 123.4, 9_999.0, 55_555.0, 1.2e6, 8.1e8])
def test_the_last_digit_of_money_is_no_finer_than_the_first_digit_of_its_error(value, error):
    said = money(value, error)
    if error >= value:
        assert said == "~0"
        return
    number = said.rstrip("kMBT")
    unit = SUFFIX.get(said[-1], 1.0) * 10.0 ** -(len(number.split(".")[1]) if "." in number else 0)
    # Zeros that only fill up to the suffix are no digits; the leading digit always stays.
    if "." in number:
        assert unit >= 10.0 ** math.floor(math.log10(error)) * (1 - 1e-9) or len(number.strip("0.")) <= 1
    assert abs(read_money(said) - value) <= 0.5 * max(
        10.0 ** math.floor(math.log10(error)), 10.0 ** (math.floor(math.log10(value)) - 2)
    ) * (1 + 1e-9)


def wilson(p, n):
    z = 1.96
    centre, half = p + z * z / 2 / n, z * math.sqrt(p * (1 - p) / n + z * z / 4 / n / n)
    low, high = ((centre + side * half) / (1 + z * z / n) for side in (-1, 1))
    return Estimate(p, (high - low) / 2 / z, low, high)


@pytest.mark.parametrize(
    ("p", "lifetimes", "said", "in_words"),
    [
        (0.6212, 10**6, "62", "in 62 of 100 futures"),
        (0.6212, 1000, "59-65", "in 59 to 65 of 100 futures"),
        (0.0003, 10**6, "<0.1", "in fewer than 1 of 1,000 futures"),
        (0.9999, 10**6, ">99.9", "in more than 999 of 1,000 futures"),
        (0.004, 10**6, "0.4", "in 0.4 of 100 futures"),
        (0.996, 10**6, "99.6", "in 99.6 of 100 futures"),
        (0.004, 10_000, "0.4", "in 0.4 of 100 futures"),
        (0.002, 2_000, "<1", "in fewer than 1 of 100 futures"),
        (0.0, 10**6, "never", "in none of 1,000,000 lifetimes (never)"),
        (1.0, 500, "always", "in all of 500 lifetimes (always)"),
    ],
)
def test_chances_are_counts_of_futures_and_only_certainty_is_always_or_never(p, lifetimes, said, in_words):
    assert chance(wilson(p, lifetimes)) == said
    assert futures(wilson(p, lifetimes), lifetimes) == in_words


def test_labels_are_cut_by_the_cells_that_they_take():
    assert cells("微调") == 4
    assert cells("é") == 1
    for label in LONG:
        for width in range(1, 70):
            cut = shorten(label, width)
            assert display_width(cut) <= width
            assert cut == label or cut.endswith("…")


GPT = "Customer support assistant, prompting GPT-4.1"
ALIKE = (f"{GPT} with cache", f"{GPT} fine-tuned")


def test_labels_that_begin_alike_keep_what_tells_them_apart():
    short = ("Customer…with cache", "Customer…fine-tuned", "migrating")
    assert shorten_apart([*ALIKE, "migrating"], 20) == short
    assert shorten_apart([GPT, ALIKE[0]], 20) == ("Customer…GPT-4.1", "Customer…with cache")
    assert shorten_apart([f"{GPT}, version {i}" for i in (1, 2)], 24) == (
        "Customer…version 1",
        "Customer…version 2",
    )
    long_words = ["a" * 50 + "x", "a" * 50 + "y"]
    assert shorten_apart(long_words, 12) == ("aaaaaaaaaa…x", "aaaaaaaaaa…y")
    assert shorten_apart(ALIKE, 3, ("p", "f")) == ("p", "f")


@pytest.mark.parametrize(
    "labels", [LONG, ALIKE, (*ALIKE, GPT, f"{GPT} mini"), (ALIKE[0], ALIKE[0], ALIKE[1])]
)
def test_labels_cut_side_by_side_fit_and_differ_where_they_did(labels):
    names = [str(labels.index(label)) for label in labels]
    for width in range(1, 70):
        cut = shorten_apart(labels, width, names)
        assert all(display_width(text) <= width for text in cut)
        assert len(set(cut)) == len(set(labels))
        alone = [shorten(label, width) for label in labels]
        if not alike(labels, alone):
            assert list(cut) == alone


@pytest.mark.parametrize("width", [60, 80, 120])
def test_labels_that_begin_alike_are_told_apart_on_the_page(width):
    page = render(typical_dataset(3, draws=100, labels=[*ALIKE, "migrating"]), width)
    tables = page.split("Present cost, ")[1].splitlines()
    rows = [line for line in tables if line[:2] in ("> ", "  ") and "us" in line[:12]]
    starts = [line[2:].split("  ")[0].rstrip(" *0123456789.kM") for line in rows]
    assert len(starts) >= 4
    assert all("…with" in start or "…fine" in start or "…w" in start or "…f" in start for start in starts)
    assert len({start.split("…")[1][0] for start in starts}) == 2


def test_control_characters_never_reach_the_terminal():
    assert shorten("a\x1b[31m\tb\nc", 40) == "a[31m b c"


@pytest.mark.parametrize(
    "text", ["((((((((((((((((((((((", "word " * 9, "微调的小模型与检索增强生成的混合路由", "", "a" * 50]
)
def test_wrapping_loses_nothing_and_keeps_the_width(text):
    lines = wrap(text, 12, "  ")
    assert all(display_width(line) <= 12 for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_a_narrow_table_gives_up_its_most_dispensable_columns_first():
    columns = [Column("a", ("1",), 0), Column("bbbbbbbbbbbb", ("2",), 5), Column("cccccccccccc", ("3",), 2)]
    head = set_table("name", ["row"], columns, 32)[0]
    assert "cccc" in head
    assert "bbbb" not in head
    assert head.split()[1] == "a"


@pytest.mark.parametrize("width", [60, 80])
def test_labels_keep_their_cells_beside_amounts_beyond_all_measure(width):
    amounts = [5.08e22, 7.31e22, 1.2e23]
    page = render(certain(*amounts), width)
    assert max(map(display_width, page.splitlines())) <= width
    assert "5.08e22" in page
    assert not re.search(r"[0-9]{9}", page)
    table = page.split("Present cost, ")[1].splitlines()[1:4]
    assert all(re.match(r"[> ] \w{4}", line) for line in table)


@pytest.mark.parametrize("lifetimes", [1, 10, 1024])
def test_a_dataset_as_the_simulator_builds_it_is_rendered_and_summed_up(lifetimes):
    dataset = synthetic_dataset(lifetimes=lifetimes, horizon=14)
    text = render(dataset, 80)
    assert max(display_width(line) for line in text.split("\n")) <= 80
    assert "nan" not in text
    assert "inf" not in text.replace("invoiced", "")
    assert "180k USD" not in text  # the yearly budget is told pro rata to the plan's 14 months
    assert "the budget of 210k USD" in " ".join(text.split())
    told = json.loads(json.dumps(summary(dataset), allow_nan=False))
    assert told["plan"]["lifetimes"] == lifetimes


def with_precision(dataset, tolerance, arm, half, most=1_000_000):
    """Give a dataset the sequences of a run with a precision, as wide as told."""
    shares = dataset["cheapest_probability"].isel(month=-1)
    arms = xr.DataArray([-arm, arm], dims="bound")
    saving, means = dataset["saving_mean"], dataset["present_cost_mean"].isel(month=-1).values
    sequence = saving + xr.DataArray([-half, half], dims="bound") * (saving["strategy"] != saving["rival"])
    gap = np.abs(sequence).max("bound") / np.minimum(means[:, None], means)
    return dataset.assign(
        cheapest_probability_sequence=(("strategy", "bound"), (shares + arms).values),
        saving_mean_sequence=(("strategy", "rival", "bound"), sequence.values),
        mean_gap_bound=(("strategy", "rival"), gap.values),
    ).assign_attrs(precision=tolerance, rounds=4, max_lifetimes=most)


def sentence_on_precision(dataset, width=80):
    said = [line for line in find_words(dataset) if line.startswith(("Known to", "Not yet known to"))]
    lines = render(dataset, width).split("\n")
    assert len(lines) <= 40
    return said[0]


def find_words(dataset):
    return summary(dataset)["verdict"]["words"]


def test_a_run_without_a_precision_says_nothing_of_one(typical):
    assert summary(typical)["verdict"]["precision"] is None
    assert "nown to" not in render(typical)


def test_a_precision_that_was_reached_is_said_in_one_sentence(typical):
    dataset = with_precision(typical, 0.002, 0.0015, 1e-6)
    assert (
        sentence_on_precision(dataset)
        == "Known to 0.2 %: every chance of being cheapest and the order of mean costs."
    )
    told = summary(dataset)["verdict"]["precision"]
    assert (told["reached"], told["rounds"], told["max_lifetimes"]) == (True, 4, 1_000_000)
    assert [pair["status"] for pair in told["order"]] == ["ordered"] * 6
    means = typical["present_cost_mean"].isel(month=-1)
    order = [told["order"][0]["cheaper"], *(pair["dearer"] for pair in told["order"])]
    assert order == [str(name) for name in means["strategy"].values[np.argsort(means.values)]]
    assert told["chances_known_to"] == pytest.approx(0.0015)


@pytest.mark.parametrize("strategies", [2, 7, 20])
@pytest.mark.parametrize("half", [1e-6, 200.0, 1e4, 1e7])
@pytest.mark.parametrize("arm", [0.0015, 0.03])
def test_what_is_said_of_a_precision_takes_two_lines_and_never_claims_too_much(strategies, half, arm):
    dataset = with_precision(typical_dataset(strategies, draws=300), 0.05, arm, half)
    said = sentence_on_precision(dataset)
    assert len(wrap(said, 80)) <= 2
    told = summary(dataset)["verdict"]["precision"]
    undecided = [pair for pair in told["order"] if pair["status"] == "undecided"]
    assert told["reached"] == (not undecided and arm <= 0.05)
    assert said.startswith("Known to 5 %" if told["reached"] else "Not yet known to 5 %")
    alike = {pair["status"] for pair in told["order"]}
    assert ("indifferent (means at most " in said) == ("indifferent" in alike)
    assert ("undecided (means at most " in said) == ("undecided" in alike)
    for pair in told["order"]:
        assert (pair["status"] == "indifferent") <= (pair["mean_gap_bound"] <= 0.05)


def test_the_sequences_decide_which_means_are_alike(typical):
    """Not the intervals of one look, which stopping at a look of one's choice makes too narrow."""
    assert summary(with_precision(typical, 0.002, 0.001, 1e-6))["verdict"]["alike_on_average"] == []
    wide = summary(with_precision(typical, 0.002, 0.001, 1e9))["verdict"]
    assert len(wide["alike_on_average"]) == 6


@pytest.mark.parametrize(
    ("share", "said"),
    [(0.002, "0.2 %"), (0.00141, "0.15 %"), (0.0, "0 %"), (0.31, "31 %"), (math.inf, "any share")],
)
def test_a_bound_in_percent_is_rounded_up(share, said):
    assert percent(share) == said
