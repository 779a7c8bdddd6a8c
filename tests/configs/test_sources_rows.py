"""What the five sources ask of a simulator, row by row: each of the 13 rows has a plan and a test that names it."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.crossover import crossover
from simulator.explain import describe
from simulator.plan import Plan
from simulator.rules import Judgement, judge
from simulator.run import simulate
from simulator.trace import Ledger
from tests.configs.sources import closed_form, crossing, ledger, running, source, upfront


def runs(book: Ledger, strategy: str) -> list[int]:
    """Give the months in which a strategy trains."""
    return (np.flatnonzero(book.training_runs[book.strategies.index(strategy)]) + 1).tolist()


def judgements(plan: Plan, **wanted: str) -> list[Judgement]:
    """Judge the rules of thumb by a small run of a plan, and keep those of one source and title."""
    found = judge(plan, simulate(plan, lifetimes=2_000, threads=1))
    kept = [each for each in found if (each.source.key, each.title) == (wanted["source"], wanted["title"])]
    assert kept
    return kept


def test_row_1_a_token_bill_is_requests_by_tokens_by_price_in_cached_and_out() -> None:
    bill = ledger("s4-token-bill")
    assert running(bill, "claude", "input_tokens") == pytest.approx(300.0)
    assert running(bill, "claude", "output_tokens") == pytest.approx(37_500.0)
    cached = ledger("s2-cached")
    whole = ledger("s2-cached", "strategies.prompting.cached=0%")
    assert running(cached, "prompting") / cached.requests == pytest.approx(0.00105)
    assert running(whole, "prompting") / whole.requests == pytest.approx(0.0051)


@pytest.mark.parametrize(
    ("name", "strategy", "calls"),
    [
        ("s1-break-even", "finetuned", 54),
        ("s2-crossover", "finetuned", 119_048),
        ("s3-retraining", "periodic", 119_048),
        ("s4-roi", "finetuned", 473_934),
    ],
)
def test_row_2_the_crossover_has_calls_and_months_with_point_values(
    name: str, strategy: str, calls: int
) -> None:
    curves = crossover(source(name), lifetimes=64, threads=1, factors=[1.0])
    found = crossing(curves, strategy, 0.5)
    assert found == pytest.approx(calls, abs=0.5)
    assert crossing(curves, strategy, 0.5, "months") == pytest.approx(found / ledger(name).requests[0])


@pytest.mark.parametrize("name", ["s1-spread", "s2-spread", "s3-spread", "s4-spread"])
def test_row_2_the_crossover_has_calls_and_months_as_a_distribution(name: str) -> None:
    curves = crossover(source(name), lifetimes=2_000, threads=1, factors=[0.1, 10.0])
    chance = curves["win_probability"].sel(strategy="finetuned").values
    assert chance[0] < chance[1] < chance[2]
    for what in ("calls", "months"):
        low, middle, high = (crossing(curves, "finetuned", level, what) for level in (0.1, 0.5, 0.9))
        assert 0 < low < middle < high
    assert crossing(curves, "finetuned", 0.9, "months") <= 36
    assert 0 < float(curves["crossover_probability"].sel(strategy="finetuned")) < 1


@pytest.mark.parametrize(
    ("override", "calls"),
    [
        ("strategies.finetuned.costs.upfront=200 USD", 47_619),
        ("strategies.finetuned.costs.upfront=2000 USD", 476_190),
        ("models.prompted.input_price=1.176470588235294 USD/Mtok", 454_545),
        ("models.tuned.input_price=1 USD/Mtok", 104_167),
    ],
)
def test_row_3_the_crossover_moves_with_upfront_cost_prompt_price_and_self_hosting(
    override: str, calls: int
) -> None:
    assert round(closed_form("s2-crossover", "finetuned", override)[0]) == calls


def test_row_4_items_have_ranges_in_every_cadence() -> None:
    plan = source("s5-spread")
    cadences = {item.cadence for strategy in plan.strategies.values() for item in strategy.costs.values()}
    assert {"upfront", "month", "quarter", "year", "run", "kreq"} <= cadences
    rows = {row.name: row for row in describe(plan)}
    for name, low, high in (
        ("strategies.finetuned.costs.experts", 50_000, 200_000),
        ("strategies.finetuned.costs.support", 3_000, 15_000),
        ("strategies.finetuned.costs.retraining", 2_000, 10_000),
        ("strategies.prompting.costs.oversight", 1_000, 5_000),
        ("strategies.prompting_metered.costs.api", 10, 100),
    ):
        assert (rows[name].p5, rows[name].p95) == pytest.approx((low, high), rel=1e-6)


def test_row_4_items_are_paid_in_their_cadence() -> None:
    """A quarter in months 1, 4, 7 and 10 of twelve; a run with each training; 1,000 requests with the volume."""
    quarterly = running(ledger("s5-ownership"), "finetuned_low") - 4_500.0
    assert quarterly == pytest.approx([2_000.0, 0.0, 0.0] * 4)
    yearly = running(ledger("s5-onshore"), "prompting_onshore", "other")
    assert yearly == pytest.approx(([4_000.0] + [0.0] * 11) * 3)
    per_run = running(ledger("s3-retraining"), "periodic", "other")
    assert np.flatnonzero(per_run).tolist() == [12, 24]
    assert per_run[12] == pytest.approx(436.0)
    double = ledger("s4-llama-8b", "demand.requests=2M req/month")
    assert running(double, "finetuned") == pytest.approx(2 * 500.0 + 200.0)


def test_row_5_training_costs_examples_by_tokens_by_epochs_or_gpus_by_hours() -> None:
    book = ledger("s4-llama-8b")
    assert upfront(book, "finetuned", "training") == pytest.approx(64.0)
    assert upfront(book, "tuned_by_the_token", "training") == pytest.approx(7.20)
    small = ledger("s4-llama-8b", "strategies.tuned_by_the_token.training.examples=100 example")
    assert upfront(small, "tuned_by_the_token", "training") == pytest.approx(4.0)  # the least a job costs
    assert upfront(ledger("s1-break-even"), "finetuned", "training") == pytest.approx(8.0)


@pytest.mark.parametrize(
    ("technique", "time"),
    [("lora-16", 0.15), ("lora-64", 0.25), ("qlora", 0.20), ("prefix", 0.18), ("prompt-tuning", 0.05)],
)
def test_row_5_training_time_is_scaled_by_the_technique(technique: str, time: float) -> None:
    book = ledger("s4-llama-8b", f"strategies.finetuned.training.technique={technique}")
    assert upfront(book, "finetuned", "training") == pytest.approx(64.0 * time)


def test_row_6_an_idle_gpu_costs_and_replicas_grow_with_load() -> None:
    month = 0.77 * 730
    idle, busy, full = (
        ledger("s4-self-hosting", f"demand.requests={requests} req/month") for requests in ("1", "100k", "1M")
    )
    for book, replicas_70b in ((idle, 1), (busy, 1), (full, 2)):
        assert running(book, "llama_70b", "serving") == pytest.approx(8 * month * replicas_70b)
    assert running(full, "llama_8b", "serving") == pytest.approx(month)
    more = ledger("s4-self-hosting", "demand.requests=5M req/month")
    assert running(more, "llama_8b", "serving") == pytest.approx(4 * month)
    assert running(more, "gpt_4o") == pytest.approx(50 * running(busy, "gpt_4o"))


def test_row_7_retrieval_is_a_strategy() -> None:
    book = ledger("s3-retrieval")
    assert upfront(book, "retrieval", "labor") == pytest.approx(6_000.0)
    assert running(book, "retrieval", "other") == pytest.approx(200.0 + 50 * 0.05)
    # 500 of instructions, 1,500 retrieved, 200 of the request at 3 USD/Mtok.
    assert running(book, "retrieval", "input_tokens") / book.requests == pytest.approx(0.0066)


def test_row_7_hybrid_routing_is_a_strategy() -> None:
    book = ledger("s4-hybrid")
    assert running(book, "hybrid", "input_tokens", "output_tokens") == pytest.approx(0.2 * 11_250.0)
    assert running(book, "hybrid", "other") == pytest.approx(0.8 * 500.0 + 200.0)
    assert upfront(book, "hybrid") == pytest.approx(upfront(book, "finetuned"))


def test_row_7_prompting_first_then_migrating_is_a_strategy() -> None:
    book = ledger("s2-migrate")
    assert np.flatnonzero(book.requests > 20_000)[:2].tolist() == [8, 9]  # months 9 and 10
    paid = running(book, "default_path", "other")
    assert np.flatnonzero(paid).tolist() == [10]  # the move begins in month 11
    assert paid[10] == pytest.approx(500.0)
    tokens = {name: running(book, name, "input_tokens") for name in book.strategies}
    np.testing.assert_array_equal(tokens["default_path"][:11], tokens["prompting"][:11])
    np.testing.assert_array_equal(tokens["default_path"][11:], tokens["finetuned"][11:])


@pytest.mark.parametrize(
    ("strategy", "months"),
    [
        ("periodic", [1, 13, 25]),
        ("on_change", [1, 7, 19, 31]),
        ("on_drift", [1, 14, 27]),
        ("on_retirement", [1, 18, 36]),
    ],
)
def test_row_8_retraining_is_periodic_or_on_change_on_drift_on_retirement(
    strategy: str, months: list[int]
) -> None:
    book = ledger("s3-retraining")
    assert runs(book, strategy) == months
    compute = running(book, strategy, "training")
    assert (np.flatnonzero(compute) + 1).tolist() == months[1:]
    assert compute[compute > 0] == pytest.approx(64.0)


def test_row_9_failures_cost_money_and_quality_decays_between_retrainings() -> None:
    book = ledger("s2-hidden-costs")
    assert running(book, "prompting", "failures") == pytest.approx(100_000 * 0.05 * 0.10)
    share = running(book, "finetuned", "failures") / (100_000 * 0.10)
    assert runs(book, "finetuned") == [1, 8, 15, 22]
    cycle = 0.02 + 0.005 * np.arange(7)
    assert share == pytest.approx(np.tile(cycle, 4)[:24])


def test_row_9_a_cheaper_technique_keeps_less_of_the_quality() -> None:
    def failing(technique: str) -> float:
        book = ledger("s2-hidden-costs", f"strategies.finetuned.training.technique={technique}")
        return float(running(book, "finetuned", "failures")[0] / (100_000 * 0.10))

    assert failing("full") == pytest.approx(0.02)
    assert failing("lora-16") == pytest.approx(1 - 0.98 * 0.98)
    assert failing("prefix") == pytest.approx(1 - 0.98 * 0.96)


def test_row_10_waiting_costs_money_and_longer_prompts_wait_longer() -> None:
    book = ledger("s2-hidden-costs")
    seconds = {
        name: running(book, name, "latency") / (book.requests * 0.0002) for name in ("prompting", "finetuned")
    }
    assert seconds["prompting"][0] == pytest.approx(0.5 + 0.1 * 1.7)
    assert seconds["prompting"][12] == pytest.approx(0.5 + 0.1 * 2.2)
    assert seconds["finetuned"] == pytest.approx(0.5 + 0.1 * 0.3)


def test_row_11_prompts_grow_with_time() -> None:
    book = ledger("s2-hidden-costs")
    call = running(book, "prompting", "input_tokens") / book.requests
    assert call[0] == pytest.approx(0.0051)
    assert call[12] == pytest.approx(2_200 * 3e-6)  # 1,500 have become 2,000; the request's 200 have not
    assert (np.diff(call) > 0).all()


def test_row_12_onshore_has_a_premium_and_compliance() -> None:
    book = ledger("s5-onshore")
    abroad, onshore = (
        running(book, name, "input_tokens", "output_tokens") for name in ("prompting", "prompting_onshore")
    )
    assert onshore == pytest.approx(1.25 * abroad)
    assert upfront(book, "prompting_onshore") - upfront(book, "prompting") == pytest.approx(15_000.0)
    assert running(book, "tuned_onshore", "serving") == pytest.approx(1.25 * 1.79 * 730)


@pytest.mark.parametrize("name", ["s1", "s2", "s3", "s4", "s5"])
def test_row_13_each_source_has_rules_that_stand_beside_the_simulation(name: str) -> None:
    plan = source(f"{name}-spread")
    found = judge(plan, simulate(plan, lifetimes=2_000, threads=1))
    own = [each for each in found if each.source.key == name.upper() and each.speaks]
    assert own
    for each in own:
        assert each.says in plan.strategies
        assert 0 <= each.cheapest_probability.value <= 1
        assert each.expected_regret.value >= each.best_regret.value


def test_row_13_the_break_even_rule_says_fine_tune_where_fine_tuning_never_pays() -> None:
    plan = source("s4-roi", "demand.requests=60k req/month")
    printed, corrected = judgements(plan, source="S4", title="calculate_roi")
    assert (printed.says, corrected.says) == ("finetuned", "prompting")
    assert (printed.agrees, corrected.agrees) == (False, True)
    assert printed.cheapest_probability.value == 0.0


def test_row_13_the_quality_rule_says_fine_tune_regardless_where_failures_cost_nothing() -> None:
    plan = source("s2-spread", "strategies.prompting.failures=20%")
    (quality,) = judgements(plan, source="S2", title="quality")
    assert quality.says == "finetuned"
    assert quality.agrees is False
    assert quality.cheapest_probability.high < 0.5
