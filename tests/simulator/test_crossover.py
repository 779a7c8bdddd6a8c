"""The crossover over volume, in calls and in months: closed forms, a slow search, what must not move."""

from __future__ import annotations

from functools import cache
from statistics import NormalDist

import numpy as np
import pytest

from simulator import storage
from simulator.crossover import crossover
from simulator.crossover.closed_form import closed_form, is_certain
from simulator.crossover.grid import CLOSEST, FACTORS, STEEP, equal_cost, passing, refine, shape
from simulator.crossover.lifetimes import find_crossings
from simulator.lowering import lower
from simulator.plan import Plan, parse_plan
from simulator.run import simulate
from simulator.trace import replay
from tests.simulator.kernel import plans
from tests.simulator.kernel.small import TEXT

PLAN = """
name = "Calls"
start = 2027-01-01
horizon = "12 month"
baseline = "prompting"
finance.currency = "USD"
run = { lifetimes = 1000, seed = 3 }
demand.requests = "20k req/month"
request = { input = "0 tok/req", output = "0 tok/req" }
models.base = { input_price = "3 USD/Mtok", output_price = "0 USD/Mtok" }
[strategies.prompting]
model = "base"
prompt = "1700 tok/req"
[strategies.finetuned]
model = "base"
prompt = "300 tok/req"
costs.upfront = "500 USD"
"""

# Sets of the plan above that make it another source's calculation.
ROI = (
    "demand.requests=1M req/month",
    "models.base.output_price=10 USD/Mtok",
    "models.base.input_price=2.5 USD/Mtok",
    "strategies.prompting.prompt=500 tok/req",
    "strategies.prompting.output=1000 tok/req",
    "strategies.finetuned.prompt=0 tok/req",
    "strategies.finetuned.costs.upfront=5000 USD",
    "strategies.finetuned.costs.monthly=700 USD/month",
)
SAVED = 0.0051 - 0.0009
EXACT = 1e-12


def read(*overrides: str, text: str = PLAN) -> Plan:
    return parse_plan(text.encode(), "plan.toml", overrides)


@cache
def curves(*overrides: str, **options):
    return crossover(read(*overrides), threads=1, **options)


def form(*overrides: str, against: str | None = None):
    """Give calls, months, volume and note of the fine-tuned strategy in closed form."""
    found = crossover(read(*overrides), against=against, lifetimes=1, factors=[1.0], threads=1)
    return [
        found[f"closed_form_{name}"].sel(strategy="finetuned").item()
        for name in ("calls", "months", "volume", "note")
    ]


# --- closed form


@pytest.mark.parametrize(
    ("override", "calls"),
    [
        ("strategies.finetuned.costs.upfront=500 USD", 119_048),
        ("strategies.finetuned.costs.upfront=200 USD", 47_619),
        ("strategies.finetuned.costs.upfront=2000 USD", 476_190),
        ("strategies.finetuned.prompt=100 tok/req", 104_167),
        ("strategies.finetuned.costs.upfront=5200 USD", 1_238_095),
    ],
)
def test_crossover_calls_are_upfront_difference_over_saving_a_call(override, calls):
    assert round(form(override)[0]) == calls


def test_months_and_the_volume_of_equal_cost_follow_from_fixed_costs():
    calls, months, volume, note = form(*ROI)
    assert months == pytest.approx(5000 / (11_250 - 700), rel=EXACT)
    assert round(months, 3) == 0.474
    assert calls == pytest.approx(1e6 * 5000 / (11_250 - 700), rel=1e-11)
    assert round(volume) == 62_222
    assert volume == pytest.approx(700 / 0.01125, rel=1e-11)
    assert note == "cheaper to run above that volume"


@pytest.mark.parametrize(("saved", "calls"), [((50_000, 667), 54), ((20_000, 1_333), 143)])
def test_eight_dollars_of_training_are_repaid_by_few_calls(saved, calls):
    """8 USD of training against 0.15 or 0.06 USD a call before, 0.002 or 0.004 after (at 3 USD/Mtok)."""
    before, after = saved
    found = form(
        "strategies.finetuned.costs.upfront=8 USD",
        f"strategies.prompting.prompt={before} tok/req",
        f"strategies.finetuned.prompt={after} tok/req",
    )
    assert round(found[0]) == calls


def test_the_closed_form_has_no_horizon_but_the_distribution_has():
    short = curves("horizon=3 month", lifetimes=64, factors=(1.0,)).sel(strategy="finetuned")
    long = curves(lifetimes=64, factors=(1.0,)).sel(strategy="finetuned")
    assert short["closed_form_calls"].item() == long["closed_form_calls"].item()
    assert short["crossover_probability"].item() == 0.0
    assert np.isnan(short["crossover_calls"]).all()
    np.testing.assert_allclose(long["crossover_calls"], 500 / SAVED, rtol=1e-11)
    np.testing.assert_allclose(long["crossover_months"], 500 / SAVED / 20_000, rtol=1e-11)


@pytest.mark.parametrize(
    ("overrides", "note"),
    [
        (("finance.discount=8% / year",), "no closed form: costs are discounted"),
        (("demand.growth=1% / month",), "no closed form: the months of finetuned differ"),
        (("strategies.prompting.costs.fee=9 USD/quarter",), "no closed form: the months of prompting differ"),
        (("strategies.finetuned.costs.upkeep=900 USD/quarter", "strategies.finetuned.prompt=1700 tok/req"),
         "never: dearer upfront and in no month cheaper"),
        (("strategies.finetuned.costs.upkeep=90 USD/month",), "never: dearer upfront and no cheaper to run; "
         "cheaper to run above that volume"),
        (("strategies.finetuned.prompt=1700 tok/req",), "never: dearer upfront and no cheaper to run; "
         "costs the same to run at every volume"),
        (("strategies.prompting.costs.fee=600 USD",), "no dearer from the start; cheaper to run at every volume"),
        (("strategies.finetuned.costs.upfront=0 USD", "strategies.finetuned.prompt=1700 tok/req"),
         "costs the same; costs the same to run at every volume"),
        (("strategies.prompting.costs.fee=668 USD", "strategies.finetuned.costs.upkeep=126 USD/month"),
         "cheaper at first only, for 4 months; cheaper to run above that volume"),
    ],
)  # fmt: skip
def test_the_closed_form_says_why_there_is_none(overrides, note):
    calls, months, _, said = form(*overrides)
    assert said == note
    free = note.startswith(("costs the same", "no dearer"))
    assert (calls, months) == (0.0, 0.0) if free else np.isnan([calls, months]).all()


def test_no_volume_of_equal_cost_is_claimed_where_cost_grows_in_steps():
    serving = '{ gpu_price = "2 USD/GPU-h", capacity = "0.01 req/s" }'
    plan = PLAN.replace(
        '[strategies.finetuned]\nmodel = "base"', f"[strategies.finetuned]\nserving = {serving}"
    )
    found = closed_form(lower(read(text=plan)), 0)
    assert np.isnan(found.volume[1])
    assert "running cost is not proportional to volume" in found.note[1]


def test_only_a_plan_without_any_uncertainty_has_a_closed_form():
    assert is_certain(lower(read()))
    assert is_certain(lower(read("events.audit.every=5 month")))
    for override in (
        "demand.requests=10k to 30k req/month",
        "demand.volatility=5% / month",
        "events.audit.rate=2 / year",
        "events.audit.every=2 to 5 month",
    ):
        assert not is_certain(lower(read(override))), override
    assert not [name for name in uncertain() if name.startswith("closed_form")]


# --- distributions against their closed form


@cache
def uncertain():
    return curves("strategies.finetuned.costs.upfront=200 to 2000 USD", "horizon=60 month", lifetimes=20_000)


def test_uncertain_upfront_cost_gives_the_curve_and_the_crossover_of_a_lognormal():
    """Saved by month 60: 0.0042 V 60. Against an upfront cost U it wins with Phi(ln of that over U).

    Tolerance 5 standard errors of a share; a curve that is a month off moves by 0.6 % in volume, 8 errors.
    """
    upfront = NormalDist(np.log(200 * 2000) / 2, np.log(2000 / 200) / 2 / NormalDist().inv_cdf(0.95))
    found = uncertain().sel(strategy="finetuned")
    exact = np.array([upfront.cdf(np.log(SAVED * v * 60)) for v in found["volume"].values])
    error = np.sqrt(exact * (1 - exact) / 20_000)
    assert (np.abs(found["win_probability"] - exact) <= 5 * error + 1e-12).all()
    for level in (0.1, 0.5, 0.9):
        volume = np.exp(upfront.inv_cdf(level)) / SAVED / 60
        low, high = found["volume_at_probability_interval"].sel(probability=level).values
        # 5 errors are 2.6 of the interval's arms; and a straight line between neighbours bends away a little.
        reach = 2.6 * (high - low) / 2 + 0.01 * volume
        assert abs(found["volume_at_probability"].sel(probability=level).item() - volume) <= reach
        assert low < found["volume_at_probability"].sel(probability=level).item() < high
        # of 8,192 lifetimes, all of which cross: 5 errors of the quantile
        calls = found["crossover_calls"].sel(quantile=level).item()
        width = 5 * np.sqrt(level * (1 - level) / 8192)
        ends = [np.exp(upfront.inv_cdf(level + sign * width)) / SAVED for sign in (-1, 1)]
        assert ends[0] < calls < ends[1]
        months = found["crossover_months"].sel(quantile=level).item()
        assert months == pytest.approx(calls / 20_000, rel=1e-9)


# --- lifetime by lifetime


def slow_crossing(ledger, plan: Plan, strategy: int, rival: int, rate: float) -> tuple[float, float] | None:
    """Search one lifetime from its last month back; calls and months, None where the strategy ends dearer."""
    chosen = [ledger.components.index(name) for name in plan.finance.compare_on]
    costs = []
    for s in (strategy, rival):
        path = [sum(ledger.upfront[s, c] for c in chosen)]
        for t in range(plan.horizon):
            cash = sum(ledger.cost[s, c, t] for c in chosen) - (path[0] if t == 0 else 0.0)
            path.append(path[-1] + cash / (1 + rate) ** ((t + 1) / 12))
        costs.append(path)
    gaps = [a - b if abs(a - b) > 1e-9 * max(a, b) else 0.0 for a, b in zip(*costs, strict=True)]
    if gaps[-1] > 0:
        return None
    t = plan.horizon
    while t > 0 and gaps[t - 1] <= 0:
        t -= 1
    if t == 0:
        return 0.0, 0.0
    share = gaps[t - 1] / (gaps[t - 1] - gaps[t])
    return sum(ledger.requests[: t - 1]) + share * ledger.requests[t - 1], t - 1 + share


def discount_of(plan: Plan, ledger) -> float:
    if plan.finance.discount is None:
        return 0.0
    if "finance.discount" in ledger.inputs:
        return ledger.inputs["finance.discount"][0]
    return plan.finance.discount.form.value


@pytest.mark.parametrize("number", [0, 3, 11, 17, 20, 21, 23])
def test_the_crossing_of_a_lifetime_is_the_one_of_a_slow_search_through_its_replay(number):
    plan = plans.read(plans.Composer(number).text())
    lowered = lower(plan)
    rival = lowered.strategies.index(plan.baseline)
    found = find_crossings(plan, lowered, lifetimes=12, seed=plan.run.seed, against=rival)
    kinds = set()
    for lifetime in range(12):
        ledger = replay(plan, lifetime)
        for s in range(len(lowered.strategies)):
            expected = slow_crossing(ledger, plan, s, rival, discount_of(plan, ledger))
            got = found.calls[lifetime, s], found.months[lifetime, s]
            kinds.add(None if expected is None else expected[1] == 0)
            if expected is None:
                assert np.isnan(got).all()
            else:
                np.testing.assert_allclose(got, expected, rtol=1e-7, atol=1e-9)
    assert {None, False} <= kinds


def test_an_uncertain_discount_and_a_choice_of_components_are_those_of_the_lifetime():
    text = TEXT.replace(
        'discount = "8% / year"', 'discount = "2% to 30% / year"\ncompare_on = ["input_tokens", "labor"]'
    )
    plan = read(text=text)
    lowered = lower(plan)
    found = find_crossings(plan, lowered, lifetimes=12, seed=11, against=0)
    crossed = 0
    for lifetime in range(12):
        ledger = replay(plan, lifetime)
        for s in range(1, len(lowered.strategies)):
            expected = slow_crossing(ledger, plan, s, 0, ledger.inputs["finance.discount"][0])
            got = found.calls[lifetime, s], found.months[lifetime, s]
            if expected is not None and expected[1] > 0:
                crossed += 1
                np.testing.assert_allclose(got, expected, rtol=1e-9)
    assert crossed > 5


def test_the_month_of_the_crossing_is_the_one_of_the_sustained_break_even():
    plan = read(text=TEXT)
    lowered = lower(plan)
    found = find_crossings(plan, lowered, lifetimes=700, seed=plan.run.seed, against=0)
    run = simulate(plan, lifetimes=700, threads=1)
    for s, name in enumerate(lowered.strategies):
        months = np.maximum(np.ceil(found.months[:, s]), 1)
        counted = [np.sum(months == t) for t in range(1, plan.horizon + 1)]
        told = run["break_even_probability"].sel(strategy=name, rival=lowered.strategies[0])
        np.testing.assert_array_equal(counted, np.rint(700 * told.values))


# --- volume


@cache
def small(*overrides: str, **options):
    return crossover(read(*overrides, text=TEXT), threads=1, lifetimes=1500, **options)


def test_at_factor_1_it_is_the_run_itself():
    run = simulate(read(text=TEXT), lifetimes=1500, threads=1).sel(rival="prompting")
    now = small(factors=(0.5, 2.0)).sel(volume_factor=1.0)
    np.testing.assert_array_equal(now["win_probability"], run["win_probability"].isel(month=-1))
    np.testing.assert_array_equal(
        now["win_probability_interval"], run["win_probability_interval"].isel(month=-1)
    )
    for name in ("saving_mean", "saving_mean_mcse"):
        np.testing.assert_array_equal(now[name], run[name])
    np.testing.assert_allclose(1 - now["crossover_probability"], run["never_breaks_even"], rtol=0, atol=1e-15)
    np.testing.assert_array_equal(now["volume"], run["requests"].sel(quantile=0.5).isel(month=0))


def test_twice_the_season_is_factor_2_to_the_bit():
    doubled = small(f"demand.seasonality={[2.0] * 12}", factors=(0.5, 1.0))
    single = small(factors=(1.0, 2.0))
    for name in ("win_probability", "saving_mean", "saving_mean_mcse", "volume"):
        np.testing.assert_array_equal(
            doubled[name].sel(volume_factor=[0.5, 1.0]).values,
            single[name].sel(volume_factor=[1.0, 2.0]).values,
        )


def test_twice_the_requests_are_factor_2():
    """Logarithms round, so costs agree to 1e-12 and no more; no lifetime changes sides."""
    doubled = small("demand.requests=120k to 600k req/month", factors=(1.0,)).sel(volume_factor=1.0)
    single = small(factors=(1.0, 2.0)).sel(volume_factor=2.0)
    np.testing.assert_array_equal(doubled["win_probability"], single["win_probability"])
    np.testing.assert_allclose(doubled["saving_mean"], single["saving_mean"], rtol=1e-10)


def test_neither_threads_nor_other_volumes_change_a_bit():
    one = crossover(read(text=TEXT), lifetimes=5000, threads=1, factors=[3.0])
    two = crossover(read(text=TEXT), lifetimes=5000, threads=2, factors=[0.1, 3.0])
    for name in one.data_vars:
        if "volume_factor" not in one[name].dims and not name.startswith(("volume_at", "curve")):
            np.testing.assert_array_equal(one[name], two[name])
        elif "volume_factor" in one[name].dims:
            same = [1.0, 3.0]
            np.testing.assert_array_equal(
                one[name].sel(volume_factor=same), two[name].sel(volume_factor=same)
            )


def test_the_rival_ties_with_itself_at_every_volume():
    itself = small(factors=(0.5, 2.0), against="finetuned").sel(strategy="finetuned")
    assert (itself["win_probability"] == 0.5).all()
    assert (itself["win_probability_interval"] == 0.5).all()
    assert (itself["saving_mean"] == 0).all()
    assert itself["crossover_probability"] == 1
    assert (itself["crossover_calls"] == 0).all()


def test_against_another_rival_chances_add_up():
    ours = small(factors=(0.5, 2.0)).sel(strategy="finetuned")
    theirs = small(factors=(0.5, 2.0), against="finetuned").sel(strategy="prompting")
    np.testing.assert_allclose(ours["win_probability"] + theirs["win_probability"], 1, rtol=0, atol=1e-15)
    np.testing.assert_array_equal(ours["saving_mean"], -theirs["saving_mean"])


# --- the grid


def test_the_grid_spans_four_decades_and_is_fine_where_the_curve_is_steep():
    found = uncertain()
    factors, wins = found["volume_factor"].values, found["win_probability"].sel(strategy="finetuned").values
    assert set(FACTORS) <= set(factors)
    assert (factors[0], factors[-1]) == (0.01, 100.0)
    assert len(factors) > len(FACTORS)
    assert np.diff(wins).max() <= STEEP


def test_a_jump_is_closed_in_on_and_where_cost_is_certain_its_volume_is_exact():
    found = curves(lifetimes=64).sel(strategy="finetuned")
    factors, wins = found["volume_factor"].values, found["win_probability"].values
    (jump,) = np.flatnonzero(np.diff(wins))
    assert 1 < factors[jump + 1] / factors[jump] <= CLOSEST
    np.testing.assert_allclose(found["volume_at_probability"], 500 / SAVED / 12, rtol=1e-9)


def test_the_steepest_gaps_come_first_when_room_is_short():
    factors = np.array([1.0, 2.0, 4.0, 8.0])
    steps = np.array([[0.0, 0.1, 0.5, 0.7], [0.5, 0.5, 0.5, 0.5]])
    assert refine(factors, steps, most=5) == pytest.approx([np.sqrt(8)])
    assert refine(factors, steps, most=6) == pytest.approx([np.sqrt(8), np.sqrt(32)])
    assert refine(factors, steps, most=4) == []
    assert refine(factors, 0.05 * steps) == []


def test_a_level_is_passed_upward_first():
    volume = np.array([1.0, 10.0, 100.0, 1000.0])
    assert passing(volume, np.array([0.0, 0.4, 0.6, 1.0]), 0.5) == pytest.approx(10**1.5)
    assert passing(volume, np.array([0.9, 0.1, 0.3, 0.7]), 0.5) == pytest.approx(10**2.5)
    assert passing(volume, np.array([0.9, 0.1, 0.0, 0.0]), 0.5) == pytest.approx(10**0.5)
    assert np.isnan(passing(volume, np.array([0.6, 0.7, 0.8, 0.9]), 0.5))
    assert equal_cost(volume, np.array([-3.0, 3.0, 4.0, 5.0])) == pytest.approx(5.5)
    assert equal_cost(volume, np.array([3.0, -3.0, -4.0, -5.0])) == pytest.approx(5.5)
    assert np.isnan(equal_cost(volume, np.array([1.0, 1.0, 1.0, 1.0])))


def test_a_curve_has_one_of_four_courses():
    assert shape(np.array([0.1, 0.5, 0.495, 0.9]), 1000) == "rising"
    assert shape(np.array([0.9, 0.5, 0.2]), 1000) == "falling"
    assert shape(np.array([0.5, 0.505, 0.5]), 1000) == "flat"
    assert shape(np.array([0.1, 0.5, 0.3, 0.9]), 1000) == "not monotone"


# --- arguments and files


def test_lifetimes_are_the_plans_own_unless_said_and_100_000_at_most(monkeypatch):
    assert curves("run.lifetimes=300", factors=(1.0,)).attrs["lifetimes"] == 300
    monkeypatch.setattr("simulator.crossover.curves.DEFAULT_LIFETIMES", 200)
    assert crossover(read(), factors=[1.0], threads=1).attrs["lifetimes"] == 200


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"against": "rag"}, "against must be one of prompting, finetuned, got 'rag'"),
        ({"factors": [1.0, 0.0]}, "factors must be positive and finite, got 0.0"),
        ({"lifetimes": 0}, "lifetimes must be 1 or more, got 0"),
        ({"threads": 0, "lifetimes": 1}, "threads must be 1 or more, got 0"),
    ],
)
def test_a_wrong_argument_is_named(options, message):
    with pytest.raises(ValueError, match=message):
        crossover(read(), **options)


def test_an_overflow_names_the_volume():
    wild = read("demand.growth=1000000% / month", "horizon=120 month")
    with pytest.raises(OverflowError, match="at 1 times the volume: costs are too large"):
        crossover(wild, lifetimes=1, factors=[10.0])


def test_progress_goes_from_nothing_to_all_that_is_planned():
    told = []
    crossover(read(), lifetimes=5000, factors=[0.5, 2.0], threads=1, progress=lambda *said: told.append(said))
    assert told[-1] == (15_000, 15_000)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_a_crossover_is_kept_as_what_it_is(tmp_path):
    found = curves("strategies.finetuned.costs.upfront=9000 to 90000 USD", lifetimes=64, factors=(0.1,))
    assert np.isnan(found["crossover_calls"]).any()
    path = storage.write(found, tmp_path / "volume.nc")
    again = storage.read(path, kind="crossover")
    assert again.equals(found)
    assert again.attrs["kind"] == "crossover"
    with pytest.raises(
        storage.StorageError, match="is the result of a crossover, and a run is needed"
    ) as caught:
        storage.read(path, kind="run")
    assert caught.value.exit_code == 3
    assert caught.value.hint == "name a result that `simulate run` has written"
    assert storage.check_target(path) == path


def test_every_variable_has_a_unit_and_a_name():
    for name, variable in small(factors=(0.5,)).data_vars.items():
        assert variable.attrs["units"], name
        assert variable.attrs["long_name"], name
