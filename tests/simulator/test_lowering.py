"""From a plan to arrays: units, streams, what is folded, what is derived, what is correlated."""

from __future__ import annotations

from math import pi, sin

import numpy as np
import pytest

from distributions.streams import stream_id
from simulator.kernel import layout as k
from simulator.lowering import Lowered, lower, variate
from simulator.lowering import rows as lowering_rows
from simulator.lowering.rows import Rows, Symbol
from simulator.trace import record_lifetimes
from tests.simulator.kernel.small import TEXT, changed, read

FREE = """
name = "Free"
start = 2027-01-01
horizon = "14 month"
baseline = "a"
finance = {{ currency = "USD" }}
request = {{ input = "0 tok/req", output = "0 tok/req" }}
demand = {{ requests = "1000 req/month"{demand} }}
people = {{ engineer = "100 USD/h" }}
models.m = {{ input_price = "1 USD/Mtok", output_price = "1 USD/Mtok", training_price = "1 USD/Mtok"{model} }}
[strategies.a]
model = "m"
prompt = "0 tok/req"
{strategy}
"""


def free(strategy: str = "", demand: str = "", model: str = "") -> Lowered:
    """Lower a plan whose one strategy costs nothing but what is added."""
    return lower(read(FREE.format(strategy=strategy, demand=demand, model=model)))


def cash(lowered: Lowered) -> np.ndarray:
    """Give (component, month) the cash of a lifetime of a plan without spread."""
    return record_lifetimes(lowered, 0, 1, 0).cost[0, 0]


@pytest.mark.parametrize(
    ("unit", "months", "amount"),
    [
        ("", {1}, 1.0),
        ("/h", set(range(1, 15)), 730.0),
        ("/day", set(range(1, 15)), 730.0 / 24.0),
        ("/month", set(range(1, 15)), 1.0),
        ("/quarter", {1, 4, 7, 10, 13}, 1.0),
        ("/year", {1, 13}, 1.0),
        ("/run", {1, 6, 11}, 1.0),
        ("/req", set(range(1, 15)), 1000.0),
        ("/kreq", set(range(1, 15)), 1.0),
    ],
)
@pytest.mark.parametrize("kind", ["USD", "h"])
def test_an_item_is_paid_by_its_cadence(kind, unit, months, amount):
    note = ', role = "engineer"' if kind == "h" else ""
    training = """
        training = { examples = 0, tokens_per_example = "1 tok/example", epochs = 1 }
        retrain.every = "5 month"
    """
    paid = cash(free(f'{training}\ncosts.item = {{ value = "2 {kind}{unit}"{note} }}'))
    component = k.LABOR if kind == "h" else k.OTHER
    each = 2.0 * amount * (100.0 if kind == "h" else 1.0)
    expected = [each if t in months else 0.0 for t in range(1, 15)]
    np.testing.assert_allclose(paid[component], expected, rtol=1e-14)
    assert np.all(np.delete(paid, component, axis=0) == 0.0)


@pytest.mark.parametrize(
    ("written", "yearly"),
    [
        ("12% / year", 0.12),
        ("1% / month", 1.01**12 - 1.0),
        ("3% / quarter", 1.03**4 - 1.0),
        ("-60% / year", -0.6),
        ("0% / month", 0.0),
    ],
)
def test_a_compound_rate_is_lowered_to_a_year(written, yearly):
    plan = read(changed(('"0% to 60% / year"', f'"{written}"')))
    assert variate(plan.demand.growth).parameters[0] == pytest.approx(yearly, rel=1e-14)


@pytest.mark.parametrize("period", ["year", "quarter", "month"])
def test_the_quantiles_of_a_compound_rate_are_compounded(period):
    """The distribution is that of the rate as stated, compounded afterwards."""
    number = {"year": 1, "quarter": 4, "month": 12}[period]
    for written in (f'"-1% to 4% / {period}"', f'{{ min = -1, max = 4, unit = "% / {period}" }}'):
        found = variate(read(changed(('"0% to 60% / year"', written))).demand.growth)
        ends = found.ppf(np.array([0.05, 0.95]))
        stated = (-0.01, 0.04) if written.startswith('"') else (-0.01 + 0.05 * 0.05, 0.04 - 0.05 * 0.05)
        np.testing.assert_allclose(ends, [(1.0 + r) ** number - 1.0 for r in stated], rtol=1e-12)


@pytest.mark.parametrize("written", ["6 / year", "0.5 / month", "1.5 / quarter"])
def test_a_rate_of_occurrence_is_lowered_to_a_year_and_does_not_compound(written):
    plan = read(changed(('rate = "1 to 4 / year"', f'rate = "{written}"')))
    assert variate(plan.events["rules"].rate).parameters[0] == pytest.approx(6.0, rel=1e-15)


@pytest.mark.parametrize(
    ("strategy", "component", "expected"),
    [
        # 1,000 requests a month of 500 tokens, 1 USD/Mtok
        ('retrieved = "0.5 ktok/req"', k.INPUT_TOKENS, 0.5),
        ('output = "0.5 ktok/req"', k.OUTPUT_TOKENS, 0.5),
        ('output = "500 tok/req"\nretries = "10%"', k.OUTPUT_TOKENS, 0.55),
        ('output = "500 tok/req"\nbatched = 0.4', k.OUTPUT_TOKENS, 0.5 * (1.0 - 0.4 * 0.5)),
        ('failures = "2%"\ncost_per_failure = "3 USD/failure"', k.FAILURES, 60.0),
    ],
)
def test_amounts_of_a_request_arrive_in_canonical_units(strategy, component, expected):
    paid = cash(free(strategy))
    np.testing.assert_allclose(paid[component], expected, rtol=1e-14)


@pytest.mark.parametrize("written", ["0.1 pp/month", "1.2 pp/year", "0.3 pp/quarter"])
def test_a_drift_of_failures_is_lowered_to_a_month(written):
    text = f'failures = "2%"\nfailure_drift = "{written}"\ncost_per_failure = "1 USD/failure"'
    np.testing.assert_allclose(cash(free(text))[k.FAILURES], 20.0 + np.arange(14.0), rtol=1e-12)


@pytest.mark.parametrize(
    ("capacity", "replicas"),
    [("0.0001 req/s", 4), ("0.36 req/h", 4), ("0.1 tok/s", 4), ("1 req/s", 1)],
)
def test_replicas_follow_the_capacity_in_requests_or_tokens(capacity, replicas):
    """1,000 requests of 1,000 tokens in 2,628,000 seconds: 0.00038 req/s, 0.38 tok/s."""
    text = FREE.format(demand="", model="", strategy="").replace(
        'model = "m"\nprompt = "0 tok/req"',
        f'prompt = "1000 tok/req"\nserving = {{ gpu_price = "2 USD/GPU-h", capacity = "{capacity}" }}',
    )
    np.testing.assert_allclose(cash(lower(read(text)))[k.SERVING], replicas * 730.0 * 2.0, rtol=1e-14)


@pytest.mark.parametrize(
    ("day", "first"),
    [("2027-01-31", 1), ("2027-02-01", 2), ("2028-02-29", 14), ("2026-11-05", 0), ("2019-01-01", 0)],
)
def test_a_retirement_on_a_day_happens_in_its_month(day, first):
    lowered = free('costs.move = { value = "1 USD", on = "models.m.retired" }', model=f", retired_on = {day}")
    assert lowered.events == ("models.m.retired",)
    assert lowered.plan.events[0, k.EVENT_FIRST] == first
    assert (np.flatnonzero(cash(lowered)[k.OTHER]) + 1).tolist() == ([first] if first > 1 else [])


# --- streams


def test_every_draw_has_the_stream_of_its_name():
    lowered = lower(read(TEXT))
    streams = lowered.plan.draws.variates[:, k.STREAM]
    names = [info.name for info in lowered.inputs]
    assert [stream_id(name) for name in names] == streams[: len(names)].tolist()
    assert stream_id("strategies.finetuned.retrain.every") in streams[len(names) :]
    assert lowered.plan.noises.tolist() == [
        stream_id(name)
        for name in (
            "prices.market:volatility",
            "strategies.prompting.costs.upkeep:varies",
            "demand:volatility",
            "request.input:variation",
            "request.output:variation",
        )
    ]
    assert lowered.plan.chances.tolist() == [stream_id("events.rules:rate")]


def test_two_names_of_one_stream_are_an_error_that_names_both(monkeypatch):
    alike = {"people.engineer": 7, "strategies.hosted.costs.setup": 7}
    monkeypatch.setattr(lowering_rows, "stream_id", lambda name: alike.get(name, stream_id(name)))
    with pytest.raises(ValueError, match="share one random stream: rename one of them") as error:
        lower(read(TEXT))
    assert all(f"'{name}'" in str(error.value) for name in alike)


def test_constants_are_no_inputs_and_what_is_taken_over_is_one_input():
    lowered = lower(read(TEXT + '\n[strategies.other]\nextends = "prompting"\nretries = "2%"\n'))
    names = [info.name for info in lowered.inputs]
    assert len(names) == len(set(names))
    assert not any(name.startswith("strategies.other") for name in names)
    assert "quality.cost_per_second" not in names  # a constant
    assert "strategies.finetuned.failures" not in names  # the same as another one
    assert "strategies.finetuned.failures.times" in names
    assert "strategies.finetuned.retrain.every" not in names  # drawn at each occurrence
    units = {info.name: info.unit for info in lowered.inputs}
    assert units["people.engineer"] == "USD/h"
    assert units["demand.requests"] == "req/month"


# --- arithmetic


@pytest.fixture
def drawn() -> tuple[Rows, Symbol, Symbol]:
    """Give rows with two uncertain values."""
    plan = read(TEXT)
    rows = Rows("USD")
    return rows, rows.value(plan.demand.requests), rows.value(plan.people.roles["engineer"])


def test_known_numbers_are_worked_out_at_once(drawn):
    rows = drawn[0]
    assert rows.product(2.0, 3.0, 0.5) == 3.0
    assert rows.sum(2.0, 0.0, 3.0) == 5.0
    assert rows.complement(0.25) == 0.75
    assert rows.reciprocal(4.0) == 0.25
    assert rows.share_scale(1.6) == 0.625
    assert rows.share_scale(0.5) == 1.0
    assert rows.rest(0.7) == pytest.approx(0.3, rel=1e-15)
    assert rows.rest(1.2) == 0.0
    assert (rows.monthly_log(0.0), rows.monthly_factor(0.0), rows.monthly_chance(0.0)) == (0.0, 1.0, 0.0)
    assert len(rows.derivation()) == 0


def test_nothing_times_something_is_nothing_and_one_times_it_is_itself(drawn):
    rows, a, b = drawn
    assert rows.product(a, 0.0, b) == 0.0
    assert rows.product(1.0, a, 1.0) == a
    assert rows.sum(0.0, a) == a
    assert len(rows.derivation()) == 0


def test_equal_steps_are_one_step(drawn):
    rows, a, b = drawn
    first, second = rows.product(a, b, 3.0), rows.product(a, b, 3.0)
    assert first == second
    assert rows.product(a, b) != first
    assert len(rows.derivation()) == 2


def test_rows_of_inputs_constants_and_steps_follow_one_another(drawn):
    rows, a, b = drawn
    total = rows.sum(a, rows.product(b, 2.0))
    table = rows.resolve(np.array([rows.row(a), rows.row(b), rows.row(2.0), rows.row(total), k.NONE]))
    steps = rows.resolve(rows.derivation())
    assert rows.size == 2 + len(rows.constants) + 2
    np.testing.assert_array_equal(table, [0, 1, 2, rows.size - 1, k.NONE])
    assert rows.constants[0] == 2.0
    np.testing.assert_array_equal(steps[:, k.OUT], [rows.size - 2, rows.size - 1])
    np.testing.assert_array_equal(steps[0, [k.OPERATION, k.LEFT, k.RIGHT]], [k.PRODUCT, 1, 2])


def test_a_step_never_reads_what_a_later_one_writes():
    for text in (TEXT, TEXT + '\n[strategies.other]\nextends = "finetuned"\nbatched = "10% to 20%"\n'):
        lowered = lower(read(text))
        known = len(lowered.inputs) + lowered.plan.constants.size
        for out, left, right in lowered.plan.derivation[:, [k.OUT, k.LEFT, k.RIGHT]]:
            assert out == known
            assert max(left, right) < out
            known += 1
        assert known == lowered.rows


def test_items_that_are_paid_alike_are_one_bucket():
    text = """
        [strategies.a.costs]
        first = "3 USD/month"
        second = "2 USD/h"
        third = { value = "5 USD/month", growth = "2% / year" }
        fourth = { value = "7 USD/month", varies = "10%" }
        fifth = { value = "1 h/month", role = "engineer" }
    """
    lowered = free(text)
    buckets = lowered.plan.items.buckets
    assert len(buckets) == 4
    amounts = lowered.plan.constants[buckets[:, k.AMOUNT] - len(lowered.inputs)]
    assert sorted(amounts) == [5.0, 7.0, 100.0, 3.0 + 2.0 * 730.0]
    assert (buckets[:, k.COMPONENT] == k.LABOR).sum() == 1
    assert (buckets[:, k.VARIES] != k.NONE).sum() == 1


def test_strategies_that_pay_the_same_share_a_bundle_and_those_that_do_not_have_their_own():
    text = """
        costs.upkeep = { value = "7 USD/month", varies = "10%" }
        costs.check = "1 h/month"
        [strategies.b]
        extends = "a"
        prompt = "5 tok/req"
        [strategies.c]
        extends = "a"
        costs.upkeep = { value = "8 USD/month", varies = "10%" }
        [strategies.d]
        extends = "a"
        costs.seats = "2 USD/kreq"
    """.replace('"1 h/month"', '{ value = "1 h/month", role = "engineer" }')
    items = free(text).plan.items
    a, b, c, d = items.owners
    assert a[k.FIXED_LABOR] == b[k.FIXED_LABOR] == c[k.FIXED_LABOR] == d[k.FIXED_LABOR] != k.NONE
    assert a[k.FIXED_OTHER] == b[k.FIXED_OTHER] == d[k.FIXED_OTHER] != k.NONE
    assert c[k.FIXED_OTHER] not in (a[k.FIXED_OTHER], k.NONE)
    assert [one[k.USE_OTHER] == k.NONE for one in (a, b, c, d)] == [True, True, True, False]
    assert items.bundles[:, k.BY_REQUEST].tolist() == [int(n == d[k.USE_OTHER]) for n in range(4)]


def test_what_requests_of_two_strategies_hold_alike_is_one_prompt():
    lowered = free("""
        prompt_growth = "10% / year"
        [strategies.b]
        extends = "a"
        latency = { base = "1 s/req" }
        [strategies.c]
        extends = "a"
        prompt = "9 tok/req"
    """)
    first, second, third = lowered.plan.plains[:, k.PROMPT_COST]
    assert first == second != third
    assert lowered.plan.prompts[third, k.PROMPT_GROWTH] > 0
    # of what a strategy does not have there is one, which does not grow
    nothing = lowered.plan.plains[0, k.PROMPT_LATENCY]
    assert lowered.plan.prompts[nothing, k.PROMPT_GROWTH] == 0


# --- correlations

CORRELATED = """
[[correlations]]
between = ["people.engineer", "strategies.prompting.failures", "demand.requests"]
spearman = 0.4
[[correlations]]
between = ["strategies.prompting.prompt", "strategies.finetuned.prompt"]
spearman = -0.7
"""


def test_correlated_inputs_are_mixed_by_the_cholesky_factor_of_each_group():
    lowered = lower(read(TEXT + CORRELATED))
    draws = lowered.plan.draws
    names = [lowered.inputs[i].name for i in draws.correlated]
    prompts = [name.endswith(".prompt") for name in names]
    for group in (False, True):
        members = [name for name, of_group in zip(names, prompts, strict=True) if of_group is group]
        assert members == sorted(members)
        assert len(members) == (2 if group else 3)
    normal = {rho: 2.0 * sin(pi * rho / 6.0) for rho in (0.4, -0.7)}
    expected = np.eye(5)
    for i, first in enumerate(prompts):
        for j, second in enumerate(prompts):
            if i != j and first == second:
                expected[i, j] = normal[-0.7 if first else 0.4]
    np.testing.assert_allclose(draws.mixing @ draws.mixing.T, expected, rtol=0.0, atol=1e-15)
    np.testing.assert_array_equal(draws.mixing, np.tril(draws.mixing))


def test_without_correlations_nothing_is_mixed():
    draws = lower(read(TEXT)).plan.draws
    assert (draws.correlated.size, draws.mixing.size) == (0, 0)


def test_correlations_leave_the_first_of_a_group_and_all_others_as_they_are():
    """z = L e: a correlation moves only the later names of its own group."""
    alone, coupled = (record_lifetimes(lower(read(TEXT + more)), 0, 400, 11) for more in ("", CORRELATED))
    names = [info.name for info in lower(read(TEXT)).inputs]
    assert names == [info.name for info in lower(read(TEXT + CORRELATED)).inputs]
    moved = {
        name for i, name in enumerate(names) if not np.array_equal(alone.inputs[:, i], coupled.inputs[:, i])
    }
    first = {"demand.requests", "strategies.finetuned.prompt"}
    later = {"people.engineer", "strategies.prompting.failures", "strategies.prompting.prompt"}
    assert later <= moved <= later | first
    for name in first:
        at = names.index(name)
        np.testing.assert_allclose(coupled.inputs[:, at], alone.inputs[:, at], rtol=1e-13)
