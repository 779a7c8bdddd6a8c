"""Rules of thumb: their bounds, the plan at its medians, and what the simulation makes of their advice."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from simulator.lowering import lower
from simulator.plan import Plan, load_plan
from simulator.plan.strategy import Plain
from simulator.rules import Judgement, judge, render, summary
from simulator.rules import break_even as s3
from simulator.rules import cost_benefit as s4
from simulator.rules import ownership as s5
from simulator.rules import real_cost as s2
from simulator.rules import tokenrate as s1
from simulator.rules.facts import Facts
from simulator.rules.judgement import Opinion
from simulator.rules.kinds import Advice, Kind, kind_of
from simulator.rules.medians import Costs, costs_at_medians, interval_of, median, requests_of, stand_still
from simulator.rules.wording import written
from simulator.run import simulate
from simulator.verdict.lettering import cells
from tests.simulator.kernel.small import TEXT, changed, read

ROOT = Path(__file__).resolve().parents[2]
PROMPT, FINE_TUNE, MIGRATE, RETRIEVE = Advice.PROMPT, Advice.FINE_TUNE, Advice.MIGRATE, Advice.RETRIEVE

POINT = """
name = "Point values"
start = 2027-01-01
horizon = "24 month"
baseline = "prompting"
finance = { currency = "USD" }
run = { lifetimes = 64, seed = 3 }
demand = { requests = "REQUESTS req/month" }
request = { input = "500 tok/req", output = "1000 tok/req" }

[models.big]
input_price = "2.5 USD/Mtok"
output_price = "10 USD/Mtok"

[models.own]
input_price = "0 USD/Mtok"
output_price = "0 USD/Mtok"
training_price = "0 USD/Mtok"

[strategies.prompting]
model = "big"
prompt = "0 tok/req"

[strategies.tuned]
model = "own"
prompt = "0 tok/req"
training = { examples = 1000, tokens_per_example = "5000 tok/example", epochs = 3 }
costs = { tune = "5000 USD", hosting = "700 USD/month" }
"""

CALLS = """
name = "The real cost"
start = 2027-01-01
horizon = "24 month"
baseline = "prompting"
finance = { currency = "USD" }
demand = { requests = "20k req/month" }
request = { input = "200 tok/req", output = "0 tok/req" }

[models.model]
input_price = "3 USD/Mtok"
output_price = "0 USD/Mtok"
training_price = "0 USD/Mtok"

[strategies.prompting]
model = "model"
prompt = "1500 tok/req"
failures = "10%"

[strategies.tuned]
model = "model"
prompt = "100 tok/req"
failures = "2%"
training = { examples = 1000, tokens_per_example = "500 tok/example", epochs = 1 }
costs.upfront = "500 USD"

[strategies.moving]
start_with = "prompting"
then = [{ migrate_to = "tuned", when = { at = 3 } }]
"""


def at(requests: float | str) -> Plan:
    return read(POINT.replace("REQUESTS", str(requests)))


@cache
def judged(plan: Plan, lifetimes: int = 64, seed: int | None = None) -> tuple[Judgement, ...]:
    return tuple(judge(plan, simulate(plan, lifetimes=lifetimes, seed=seed, threads=1)))


def rule(judgements: tuple[Judgement, ...], source: str, title: str, corrected: bool = False) -> Judgement:
    (found,) = (j for j in judgements if (j.source.key, j.title, j.corrected) == (source, title, corrected))
    return found


def inputs(judgement: Judgement | Opinion) -> dict[str, float | None]:
    return {seen.name: seen.value for seen in judgement.inputs}


# ------------------------------------------------------------------------------------------- bounds of the rules


def costs(**values: float | None) -> Costs:
    typical = {
        "upfront": 500.0,
        "running": 100.0,
        "untrained": 100.0,
        "tokens": 0.001,
        "quarterly": 0.0,
        "waiting": 0.0,
        "retrained_every": None,
        "failures": None,
        "examples": None,
    }
    return Costs(name="x", label="X", **(typical | values))


def facts(**values: object) -> Facts:
    typical = {
        "currency": "USD",
        "horizon": 24,
        "requests": 50_000.0,
        "later": None,
        "changes": 0.0,
        "examples": 1_000.0,
        "prompting": costs(upfront=0.0, running=200.0, untrained=200.0, tokens=0.005, failures=0.1),
        "tuned": costs(),
        "retrieves": False,
    }
    return Facts(**(typical | values))


def with_quality(quality: float | None, **values: object) -> Facts:
    failures = None if quality is None else 1 - quality
    return facts(prompting=costs(running=200.0, untrained=200.0, tokens=0.005, failures=failures), **values)


@pytest.mark.parametrize(
    ("requests", "changes", "advice"),
    [
        (999, 0, PROMPT),
        (1_000, 0, None),
        (4_999, 0, None),
        (5_000, 0, FINE_TUNE),
        (1e9, 3.99, FINE_TUNE),
        (1e9, 4, PROMPT),
        (3_000, 4, PROMPT),
    ],
)
def test_tokenrate_goes_by_volume_unless_requirements_change(requests, changes, advice):
    (opinion,) = s1.opinions(facts(requests=float(requests), changes=float(changes)))
    assert opinion.advice is advice


@pytest.mark.parametrize(
    ("requests", "quality", "advice"),
    [
        (9_999, 0.5, PROMPT),
        (10_000, 0.8499, FINE_TUNE),
        (10_000, 0.85, PROMPT),
        (99_999, 0.849, FINE_TUNE),
        (99_999, None, PROMPT),
        (100_000, 0.99, FINE_TUNE),
        (999_999, None, FINE_TUNE),
        (1_000_000, None, FINE_TUNE),
    ],
)
def test_the_real_cost_goes_by_classes_of_volume(requests, quality, advice):
    opinion = s2.opinions(with_quality(quality, requests=float(requests)))[0]
    assert opinion.advice is advice
    assert ("likely" in opinion.note) == (100_000 <= requests < 1_000_000)


@pytest.mark.parametrize(
    ("quality", "requests", "advice"),
    [
        (0.95, 1, PROMPT),
        (0.95, 1e9, PROMPT),
        (0.9499, 100_000, FINE_TUNE),
        (0.9499, 99_999, PROMPT),
        (0.85, 99_999, PROMPT),
        (0.85, 100_000, FINE_TUNE),
        (0.8499, 1, FINE_TUNE),
        (None, 1e9, None),
    ],
)
def test_the_real_cost_goes_by_classes_of_quality(quality, requests, advice):
    opinion = s2.opinions(with_quality(quality, requests=float(requests)))[1]
    assert opinion.advice is advice
    assert ("contradicts" in opinion.note) == (quality == 0.95 and requests >= 100_000)


@pytest.mark.parametrize(
    ("changed", "advice", "reason"),
    [
        ({}, MIGRATE, "All three hold"),
        ({"requests": 125_000 / 12}, MIGRATE, "All three hold"),
        ({"requests": 125_000 / 12.001}, PROMPT, "volume is not past"),
        ({"changes": 4.0}, PROMPT, "not stable"),
        ({"changes": 3.9}, MIGRATE, "All three hold"),
        ({"tuned": costs(tokens=0.005)}, PROMPT, "saves nothing"),
    ],
)
def test_the_default_path_wants_volume_a_stable_task_and_poor_quality(changed, advice, reason):
    opinion = s2.opinions(facts(**changed))[2]
    assert opinion.advice is advice
    assert reason in opinion.note


@pytest.mark.parametrize(("quality", "advice"), [(0.95, PROMPT), (0.9499, MIGRATE), (None, None)])
def test_the_default_path_needs_to_know_the_quality_of_prompting(quality, advice):
    assert s2.opinions(with_quality(quality))[2].advice is advice


def test_the_default_path_need_not_know_quality_where_volume_is_too_low():
    assert s2.opinions(with_quality(None, requests=1.0))[2].advice is PROMPT


@pytest.mark.parametrize(
    ("interval", "advice"), [(5.0, FINE_TUNE), (4.999, PROMPT), (None, FINE_TUNE), (24.0, FINE_TUNE)]
)
def test_upfront_costs_must_be_repaid_before_the_next_training(interval, advice):
    """500 upfront at 100 saved a month take 5 months; without retraining the plan's 24 are left."""
    opinion = s3.opinions(facts(tuned=costs(retrained_every=interval)))[0]
    assert inputs(opinion)["break-even"] == 5.0
    assert opinion.advice is advice


def test_what_never_pays_is_not_repaid_in_time():
    opinion = s3.opinions(facts(tuned=costs(untrained=201.0)))[0]
    assert opinion.advice is PROMPT
    assert inputs(opinion)["break-even"] == math.inf
    assert inputs(opinion)["saving"] == -1.0
    assert any(seen.words == "1 USD a month more to pay" for seen in opinion.inputs)


@pytest.mark.parametrize(("has", "advice"), [(True, RETRIEVE), (False, None)])
def test_retrieval_is_advised_where_the_plan_has_it(has, advice):
    assert s3.opinions(facts(retrieves=has))[1].advice is advice


@pytest.mark.parametrize(
    ("running", "printed", "corrected"),
    [
        (0.0, FINE_TUNE, FINE_TUNE),
        (158.3, FINE_TUNE, FINE_TUNE),  # 500 / 41.7 = 11.99 months
        (158.4, PROMPT, PROMPT),  # 500 / 41.6 = 12.02 months
        (200.0, PROMPT, PROMPT),  # nothing saved: no break-even
        (200.1, FINE_TUNE, PROMPT),  # the sign error
        (1e6, FINE_TUNE, PROMPT),
    ],
)
def test_a_negative_break_even_counts_as_below_twelve_months_until_corrected(running, printed, corrected):
    first, second, _ = s4.opinions(facts(tuned=costs(running=running)))
    assert (first.corrected, second.corrected) == (False, True)
    assert (first.advice, second.advice) == (printed, corrected)
    assert ("sign is wrong" in first.note) == (running > 200)


def test_the_sign_error_shows_where_nothing_is_paid_upfront():
    first, second, _ = s4.opinions(facts(tuned=costs(upfront=0.0, running=201.0)))
    assert (first.advice, second.advice) == (FINE_TUNE, PROMPT)


@pytest.mark.parametrize(
    ("quality", "examples", "waiting", "requests", "advice"),
    [
        (0.95, None, 1e9, 1e9, PROMPT),
        (0.94, 999, 1e9, 1e9, PROMPT),
        (0.94, 1_000, 20.0, 1, FINE_TUNE),
        (0.94, 1_000, 19.9, 999_999, PROMPT),
        (0.94, 1_000, 0.0, 1e6, FINE_TUNE),
        (0.94, None, 0.0, 1e6, None),
        (None, 1_000, 0.0, 1e6, None),
    ],
)
def test_the_flowchart_asks_four_questions_in_turn(quality, examples, waiting, requests, advice):
    failures = None if quality is None else 1 - quality
    prompting = costs(running=200.0, failures=failures, waiting=waiting)
    seen = facts(prompting=prompting, examples=examples, requests=float(requests))
    opinion = s4.opinions(seen)[-1]
    assert opinion.title == "flowchart"
    assert opinion.advice is advice
    assert bool(opinion.note) == (advice is None)


@pytest.mark.parametrize(
    ("quarterly", "printed", "corrected"), [(0.0, FINE_TUNE, FINE_TUNE), (140.0, PROMPT, FINE_TUNE)]
)
def test_a_cost_a_quarter_that_is_added_as_a_month_s_may_turn_the_choice(quarterly, printed, corrected):
    """Prompting 24 x 200 = 4,800; fine-tuning 500 + 24 x 100 = 2,900, as printed 24 x 2/3 x 140 = 2,240 more."""
    first, second = s5.opinions(facts(tuned=costs(quarterly=quarterly)))
    assert (first.advice, second.advice) == (printed, corrected)
    assert inputs(first)["fine-tuning in all"] == 2_900 + 16 * quarterly
    assert inputs(second)["fine-tuning in all"] == 2_900


@pytest.mark.parametrize("missing", ["prompting", "tuned"])
def test_without_a_pair_to_compare_what_reckons_is_silent_and_says_why(missing):
    seen = facts(**{missing: None})
    silent = [s2.opinions(seen)[2], s3.opinions(seen)[0], s4.opinions(seen)[0], s5.opinions(seen)[0]]
    assert [opinion.advice for opinion in silent] == [None] * 4
    assert all("compares no" in opinion.note for opinion in silent)


def test_a_rule_of_volume_tells_when_the_last_year_is_another_class():
    growing = facts(requests=4_000.0, later=6_000.0)
    assert "6,000 requests a month: of that it says fine-tune" in s1.opinions(growing)[0].note
    assert "last year" not in s1.opinions(replace(growing, later=4_500.0))[0].note
    assert "of that it says nothing" in s1.opinions(facts(requests=6_000.0, later=4_500.0))[0].note


@pytest.mark.parametrize(
    ("value", "bounds", "text"),
    [
        (0.47393364928, (), "0.474"),
        (119_047.6, (), "119,048"),
        (4_999.9, (5_000.0,), "4,999.9"),
        (11.996, (12.0,), "11.996"),
        (11.95, (12.0,), "11.9"),
        (95.0, (95.0,), "95"),
        (94.96, (95.0,), "94.96"),
        (0.0, (), "0"),
        (-2e6, (0.0,), "-2,000,000"),
        (0.0025, (), "0.0025"),
        (999.6, (), "1,000"),
    ],
)
def test_a_number_is_written_on_its_side_of_a_bound(value, bounds, text):
    assert written(value, *bounds) == text


def test_medians_of_what_is_uncertain_have_three_digits_but_stay_on_their_side_of_a_bound():
    assert written(339_411.25, whole=False) == "339,000"
    assert written(99_960.0, 100_000.0, whole=False) == "99,960"
    said = [one.words for one in s2.opinions(facts(requests=339_411.25, is_certain=False))[0].inputs]
    assert said[0] == "339,000 requests a month"


# ----------------------------------------------------------------------------------------- kinds of strategies


def test_strategies_are_told_by_their_structure():
    plan = load_plan(ROOT / "configs" / "plan.toml")
    found = {name: kind_of(plan, name) for name, strategy in plan.strategies.items() if not strategy.part}
    assert found == {
        "prompting": Kind.PROMPTING,
        "prompting_cached": Kind.PROMPTING,
        "retrieval": Kind.RETRIEVAL,
        "finetuned": Kind.TUNED,
        "self_hosted": Kind.TUNED_HOSTED,
        "hybrid": Kind.HYBRID,
        "migrating": Kind.MIGRATING,
    }


def test_a_migration_away_from_fine_tuning_is_no_start_with_prompting():
    extra = """
[strategies.back]
start_with = "finetuned"
then = [{ migrate_to = "prompting", when = { at = 3 } }]

[strategies.between]
start_with = "prompting"
then = [{ migrate_to = "hosted", when = { at = 3 } }]

[strategies.to_mixed]
start_with = "prompting"
then = [{ migrate_to = "mixed", when = { at = 3 } }]

[strategies.without]
extends = "prompting"
retrieved = "0 tok/req"
"""
    plan = read(TEXT + extra)
    kinds = [kind_of(plan, name) for name in ("hosted", "back", "between", "to_mixed", "without")]
    assert kinds == [
        Kind.HOSTED, Kind.OTHER_MIGRATION, Kind.OTHER_MIGRATION, Kind.MIGRATING, Kind.PROMPTING,
    ]  # fmt: skip


# ---------------------------------------------------------------------------------------- the plan at its medians


def test_a_world_that_stands_still_holds_nothing_uncertain():
    plan = load_plan(ROOT / "configs" / "plan.toml")
    names = tuple(n for n, s in plan.strategies.items() if isinstance(s, Plain) and not s.part)
    lowered = lower(stand_still(plan, names))
    assert lowered.inputs == ()
    assert lowered.plan.noises.size == lowered.plan.chances.size == 0
    np.testing.assert_array_equal(lowered.plan.growth.size, 1)


def test_costs_at_the_medians_are_those_of_arithmetic_by_hand():
    """Medians of a to b are sqrt(a b); rules change every 6 months, before the 6.7 of `every` are over."""
    requests, engineer = math.sqrt(60e3 * 300e3), math.sqrt(80 * 125)
    asked, answer = math.sqrt(800 * 1400), math.sqrt(150 * 300)
    short = math.sqrt(80 * 200)
    found = costs_at_medians(read(TEXT), ("prompting", "finetuned", "hosted"))

    tokens = ((math.sqrt(1200 * 1900) + asked) * 2 + answer * 10) / 1e6
    prompting = found["prompting"]
    assert prompting.tokens == pytest.approx(tokens, rel=1e-9)
    upkeep = math.sqrt(48) * engineer
    assert prompting.running == prompting.untrained == pytest.approx(requests * tokens + upkeep, rel=1e-9)
    assert prompting.upfront == 0
    wait = 0.5 + 0.1 * (math.sqrt(1200 * 1900) + asked) / 1000
    assert prompting.waiting == pytest.approx(requests * wait * 0.0002, rel=1e-9)
    odds = math.sqrt(0.03 / 0.97 * 0.08 / 0.92)
    assert prompting.failures == pytest.approx(odds / (1 + odds), rel=1e-9)
    assert prompting.retrained_every is None

    tuned = found["finetuned"]
    run = 4000 * 1500 * 3 * math.sqrt(3) / 1e6 + math.sqrt(8 * 30) * engineer
    assert tuned.retrained_every == 6
    assert tuned.examples == pytest.approx(4000)
    assert tuned.upfront == pytest.approx(run + math.sqrt(80 * 240) * engineer, rel=1e-9)
    assert tuned.running - tuned.untrained == pytest.approx(run / 6, rel=1e-9)
    tokens = ((short + asked) * 0.1 + answer * 0.4) / 1e6
    assert tuned.untrained == pytest.approx(requests * tokens + 200, rel=1e-9)

    load = requests * (short + asked + answer) * math.sqrt(6) / (math.sqrt(500 * 900) * 2_628_000)
    serving = math.ceil(load) * 730 * math.sqrt(3)
    assert found["hosted"].running == pytest.approx(serving, rel=1e-9)
    assert found["hosted"].tokens == pytest.approx(serving / requests, rel=1e-9)
    assert found["hosted"].upfront == pytest.approx(6000, rel=1e-9)


def test_cadences_are_averaged_over_whole_quarters_and_years():
    items = """
costs.a = "10 USD/month"
costs.b = "30 USD/quarter"
costs.c = "120 USD/year"
costs.d = { value = "2 h/quarter", role = "engineer" }
costs.e = "1 USD/kreq"
costs.f = { value = "5 USD", on = "events.launch" }
costs.g = { value = "7 USD", on = "models.big.retired" }
"""
    text = POINT.replace("REQUESTS", "3000").replace(
        'prompt = "0 tok/req"', 'prompt = "0 tok/req"' + items, 1
    )
    text = text.replace("[models.big]", "[models.big]\nretired_on = 2028-01-01")
    text += '[events.launch]\nat = [4, 12, 99]\n[people]\nengineer = "90 USD/h"\n'
    found = costs_at_medians(read(text), ("prompting",))["prompting"]
    items = 10 + 30 / 3 + 120 / 12 + 180 / 3 + 3 + 5 * 2 / 24 + 7 / 24
    assert found.running == pytest.approx(3000 * 0.01125 + items, rel=1e-9)
    assert found.quarterly == 30 + 180


@pytest.mark.parametrize(
    ("event", "months"),
    [('rate = "4 / year"', 3), ('every = "5 month"', 5), ("at = [2, 8]", 7), ("at = [99]", math.inf),
     ('rate = "0 / year"', math.inf)],
)  # fmt: skip
def test_events_come_at_regular_intervals(event, months):
    plan = read(changed(('rate = "1 to 4 / year"', event)))
    assert interval_of(plan, "rules") == months


def test_the_volume_is_the_median_at_the_start_and_stops_at_the_ceiling():
    assert requests_of(read(TEXT)) == pytest.approx(math.sqrt(60e3 * 300e3))
    low = '"60k to 300k req/month"\nceiling = "50k req/month"'
    assert requests_of(read(changed(('"60k to 300k req/month"', low)))) == 50_000


def test_the_median_of_a_shared_draw_is_the_product_of_medians():
    plan = read(TEXT)
    twin = plan.strategies["finetuned"].failures
    odds = math.sqrt(0.03 / 0.97 * 0.08 / 0.92)
    assert median(twin) == pytest.approx(odds / (1 + odds) * math.sqrt(0.7 * 1.3), rel=1e-9)


# ---------------------------------------------------------------------------------- the sources' own arithmetic


def test_calculate_roi_gives_what_follows_from_its_own_inputs():
    """S4: 11,250 a month against 700, 5,000 upfront: 0.474 months."""
    found = rule(judged(at(1_000_000)), "S4", "calculate_roi")
    seen = inputs(found)
    assert seen["prompting"] == pytest.approx(11_250, rel=1e-12)
    assert seen["fine-tuning"] == pytest.approx(700, rel=1e-12)
    assert seen["break-even"] == pytest.approx(5_000 / (11_250 - 700), rel=1e-12)
    assert any("0.474 months" in part.words for part in found.inputs)
    assert (found.advice, found.followed, found.agrees) == (FINE_TUNE, "tuned", True)


@pytest.mark.parametrize(("requests", "negative"), [(62_222, True), (62_223, False)])
def test_below_62222_requests_a_month_the_sign_error_advises_what_never_pays(requests, negative):
    found = judged(at(requests))
    printed, corrected = (rule(found, "S4", "calculate_roi", which) for which in (False, True))
    assert (inputs(printed)["break-even"] < 0) == negative
    assert printed.advice is (FINE_TUNE if negative else PROMPT)
    assert printed.agrees is (not negative)
    assert ("sign is wrong" in printed.note) == negative
    assert (corrected.advice, corrected.followed, corrected.agrees) == (PROMPT, "prompting", True)


@pytest.mark.parametrize(("requests", "months"), [("20k", 5.95), ("10k", 11.9)])
def test_the_crossover_of_the_real_cost_takes_119048_calls(requests, months):
    found = rule(judged(read(CALLS, f'demand.requests="{requests} req/month"')), "S2", "default path")
    seen = inputs(found)
    assert round(seen["crossover"]) == 119_048
    assert seen["crossover time"] == pytest.approx(months, abs=0.01)
    assert any("119,048 calls" in part.words for part in found.inputs)
    assert (found.advice, found.followed) == (MIGRATE, "moving")


@pytest.mark.parametrize(
    ("tuned", "prompting", "running", "printed", "other"),
    [
        ((75, 0.5, 2, 1, 3), (27, 1.7), 5_167, 6_500, 1_700),
        ((330, 2, 10, 5, 15), (110, 8.5), 25_333, 32_000, 8_500),
    ],
)
def test_the_total_cost_of_ownership_counts_a_quarter_as_three_months(
    tuned, prompting, running, printed, other
):
    upfront, hosting, updates, monitoring, support = (1000 * value for value in tuned)
    first, month = (1000 * value for value in prompting)
    items = (
        f'setup = "{upfront} USD", hosting = "{hosting} USD/month", updates = "{updates} USD/quarter", '
        f'monitoring = "{monitoring} USD/month", support = "{support} USD/month"'
    )
    text = POINT.replace("REQUESTS", "1000").replace('tune = "5000 USD", hosting = "700 USD/month"', items)
    text = text.replace("[strategies.tuned]", f'costs = {{ setup = "{first} USD", all = "{month} USD/month" }}\n'
                        "[strategies.tuned]")  # fmt: skip
    found = judged(read(text.replace('price = "2.5', 'price = "0').replace('price = "10 ', 'price = "0 ')))
    for corrected, wanted in ((False, printed), (True, running)):
        judgement = rule(found, "S5", "total cost of ownership", corrected)
        seen = inputs(judgement)
        assert round(seen["fine-tuning a month"]) == wanted
        assert (seen["fine-tuning upfront"], seen["prompting upfront"]) == (upfront, first)
        assert seen["prompting a month"] == pytest.approx(other)
        assert (judgement.advice, judgement.agrees) == (PROMPT, True)


# ------------------------------------------------------------------------------------- beside the simulation


def test_following_a_rule_means_the_member_of_its_class_with_the_lowest_regret():
    worse = '\n[strategies.worse]\nextends = "tuned"\ncosts.more = "900 USD/month"\n'
    found = rule(judged(read(POINT.replace("REQUESTS", "1M") + worse)), "S1", "volume")
    assert found.candidates == ("tuned", "worse")
    assert found.followed == "tuned"


def test_chances_and_regret_are_those_of_the_dataset():
    plan = read(TEXT)
    dataset = simulate(plan, lifetimes=2000, threads=1)
    for judgement in judge(plan, dataset):
        if judgement.followed is None:
            continue
        last = dataset.sel(strategy=judgement.followed).isel(month=-1)
        assert judgement.cheapest_probability.value == float(last["cheapest_probability"])
        assert judgement.expected_regret.value == float(last["expected_regret"])
        low, high = last["cheapest_probability_interval"].values
        assert (judgement.cheapest_probability.low, judgement.cheapest_probability.high) == (low, high)
        if judgement.followed == "prompting":
            assert judgement.win_probability is None
        else:
            assert judgement.win_probability.value == float(last["win_probability"].sel(rival="prompting"))
    lowest = int(np.argmin(dataset["expected_regret"].values[:, -1]))
    assert judgement.best == str(dataset["strategy"].values[lowest])


@pytest.mark.parametrize(("more", "agrees"), [("0", True), ("0.9", True), ("1.1", False)])
def test_a_choice_that_is_one_percent_dearer_still_agrees(more, agrees):
    """Prompting pays 100 USD a month, fine-tuning `more` USD besides: that many percent."""
    text = (
        POINT.replace("REQUESTS", "1M")
        .replace('price = "2.5', 'price = "0')
        .replace('price = "10 ', 'price = "0 ')
    )
    text = text.replace(
        'tune = "5000 USD", hosting = "700 USD/month"', f'a = "{100 + float(more)} USD/month"'
    )
    text = text.replace("[strategies.tuned]", 'costs.a = "100 USD/month"\n[strategies.tuned]')
    found = rule(judged(read(text)), "S1", "volume")
    assert found.followed == "tuned"
    assert found.agrees is agrees
    assert found.extra.value == pytest.approx(24 * float(more), abs=1e-9)


def test_few_lifetimes_leave_a_close_choice_undecided():
    """Both pay 50 to 200 a month, independently: twenty lifetimes cannot tell which is cheaper."""
    text = (
        POINT.replace("REQUESTS", "1M")
        .replace('price = "2.5', 'price = "0')
        .replace('price = "10 ', 'price = "0 ')
    )
    text = text.replace('tune = "5000 USD", hosting = "700 USD/month"', 'a = "50 to 200 USD/month"')
    text = text.replace("[strategies.tuned]", 'costs.a = "50 to 200 USD/month"\n[strategies.tuned]')
    found = judged(read(text), 20)
    other = {judgement.agrees for judgement in found if judgement.followed not in (None, judgement.best)}
    assert other == {None}
    dataset = simulate(read(text), lifetimes=20, threads=1)
    assert "Undecided: too few lifetimes to tell it from" in " ".join(render(found, dataset).split())


def test_a_plan_of_another_dataset_is_refused():
    dataset = simulate(at(1000), lifetimes=5, threads=1)
    with pytest.raises(
        ValueError, match="the dataset compares prompting, tuned, the plan compares prompting,"
    ):
        judge(read(CALLS), dataset)


def test_advice_without_a_strategy_cannot_be_followed():
    only = POINT.replace("REQUESTS", "1M")[: POINT.index("[strategies.tuned]") - len("REQUESTS") + 2]
    found = judged(read(only))
    volume = rule(found, "S1", "volume")
    assert (volume.advice, volume.followed, volume.agrees) == (FINE_TUNE, None, None)
    assert volume.expected_regret is None
    assert volume.says == "fine-tune"
    assert not rule(found, "S5", "total cost of ownership").speaks


def test_parts_take_no_part():
    text = POINT.replace("REQUESTS", "1M").replace('baseline = "prompting"', 'baseline = "mixed"')
    for name in ("prompting", "tuned"):
        text = text.replace(f"[strategies.{name}]", f"[strategies.{name}]\npart = true")
    text += '[strategies.mixed]\nroute = { tuned = "70%", prompting = "rest" }\n'
    found = judged(read(text))
    assert {judgement.followed for judgement in found} == {None}
    assert {judgement.title for judgement in found if judgement.speaks} == {"volume"}
    page = render(found, simulate(read(text), lifetimes=9, threads=1), 120)
    assert page.endswith("0 of the 2 rules that speak agree with the simulation, 2 cannot be followed here.")


# ----------------------------------------------------------------------------------------------- what is shown


@pytest.mark.parametrize("width", [40, 60, 80, 120, 200])
def test_the_page_fits_the_terminal(width):
    plan = read(
        TEXT.replace(
            "[strategies.moving]", '[strategies.moving]\nlabel = "移行 with a long label of its own"'
        )
    )
    dataset = simulate(plan, lifetimes=200, threads=1)
    lines = render(judge(plan, dataset), dataset, width).splitlines()
    assert max(map(cells, lines)) <= width
    assert all(line == line.rstrip() for line in lines)


def test_the_page_says_rule_inputs_advice_and_odds_of_each_source():
    plan = at(62_222)
    dataset = simulate(plan, lifetimes=64, threads=1)
    page = " ".join(render(judge(plan, dataset), dataset, 80).split())
    for source in ("S1", "S2", "S3", "S4", "S5"):
        assert f" {source} · " in page
    assert "a break-even of -2,000,000 months. Says Fine-tune: tuned. As printed its sign is wrong" in page
    assert "Corrected: Fine-tune if fine-tuning saves anything a month" in page
    assert "expected regret 5k USD. Disagrees: prompting (0 USD) is better by 5k USD on average." in page
    assert "Corrected, the rule says the same." in page
    assert page.endswith(
        "3 of the 5 rules that speak agree with the simulation; following them means an expected regret of 5k USD "
        "(tuned: S1 volume, S4 calculate_roi); 0 USD (prompting: S2 volume, S3 repaid in time, S5 total cost of "
        "ownership), where the best choice, prompting, has 0 USD."
    )


def test_a_correction_shows_what_it_reckons_differently():
    text = POINT.replace("REQUESTS", "62222").replace("700 USD/month", "2100 USD/quarter")
    dataset = simulate(read(text), lifetimes=9, threads=1)
    page = " ".join(render(judge(read(text), dataset), dataset, 80).split())
    assert "5,000 USD upfront; 2,100 USD a month for fine-tuning; 55,400 USD in all for fine-tuning." in page
    assert (
        "Corrected: 700 USD a month for fine-tuning; 21,800 USD in all for fine-tuning. The rule says the same."
        in page
    )


def test_the_object_holds_every_judgement_and_is_json():
    plan = at(62_222)
    dataset = simulate(plan, lifetimes=64, threads=1)
    found = judge(plan, dataset)
    document = json.loads(json.dumps(summary(found, dataset), allow_nan=False))
    assert document["plan"]["lifetimes"] == 64
    assert document["best"]["strategy"] == "prompting"
    assert len(document["rules"]) == len(found)
    printed, corrected = (r for r in document["rules"] if r["title"] == "calculate_roi")
    assert (printed["advice"], corrected["advice"]) == ("fine-tune", "prompt")
    assert (printed["agrees"], corrected["agrees"]) == (False, True)
    assert printed["expected_regret_money"]["value"] == pytest.approx(5_000, rel=1e-3)
    assert {seen["name"]: seen["value"] for seen in printed["inputs"]}["fine-tuning"] == pytest.approx(700)
    assert corrected["win_probability"] is None
    retrieval = next(r for r in document["rules"] if r["title"] == "retrieval")
    assert (retrieval["advice"], retrieval["followed"], retrieval["agrees"]) == (None, None, None)
