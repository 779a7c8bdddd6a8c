"""The reference model against closed forms, and against arithmetic by hand on plans without spread."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special, stats

from simulator.plan import load_plan
from tests.reference_model import COMPONENTS, simulate
from tests.reference_model.draws import AddressedDraws

HEAD = """
name = "Test"
start = {start}
horizon = "{horizon} month"
baseline = "{baseline}"
[finance]
currency = "USD"
{finance}
[demand]
{demand}
[request]
{request}
"""
MODEL = """
[models.m]
input_price = "2 USD/Mtok"
cached_price = "0.5 USD/Mtok"
output_price = "10 USD/Mtok"
training_price = "25 USD/Mtok"
"""
PLAIN = """
[strategies.a]
model = "m"
prompt = "0 tok/req"
"""


@pytest.fixture
def read(tmp_path):
    """Read a plan from its tables, with a head of the given numbers."""

    def reader(
        *tables: str,
        start: str = "2027-01-01",
        horizon: int = 12,
        baseline: str = "a",
        finance: str = "",
        demand: str = 'requests = "1000 req/month"',
        request: str = 'input = "0 tok/req"\noutput = "0 tok/req"',
    ):
        head = HEAD.format(
            start=start, horizon=horizon, baseline=baseline, finance=finance, demand=demand, request=request
        )
        path = tmp_path / "plan.toml"
        path.write_text("\n".join([head, *tables]), encoding="utf-8")
        return load_plan(path)

    return reader


def one(plan):
    """Simulate one lifetime."""
    return simulate(plan, np.arange(1), 1)


def paid(result, component: str, strategy: int = 0) -> np.ndarray:
    """Return the cash of one component of lifetime 0 by month."""
    return result.cost[0, strategy, COMPONENTS.index(component)]


def months_of(flags: np.ndarray) -> list[int]:
    """Return the months in which lifetime 0 has a flag or a count."""
    return (np.flatnonzero(flags) + 1).tolist()


def test_a_token_bill_is_requests_times_tokens_times_price(read):
    tokens = """
        [strategies.a]
        model = "m"
        prompt = "1000 tok/req"
        prompt_growth = "21% / year"
        retrieved = "300 tok/req"
        cached = "40%"
        batched = "25%"
        retries = "10%"
        output_ratio = 1.5
    """
    plan = read(MODEL, tokens, horizon=13, request='input = "200 tok/req"\noutput = "100 tok/req"')
    result = one(plan)
    use = 1000 * 1.1 * (1 - 0.25 * 0.5) / 1e6
    first = ((1000 * 0.6 + 300 + 200) * 2 + 1000 * 0.4 * 0.5) * use
    year_later = ((1210 * 0.6 + 300 + 200) * 2 + 1210 * 0.4 * 0.5) * use
    assert paid(result, "input_tokens")[0] == pytest.approx(first, rel=1e-12)
    assert paid(result, "input_tokens")[12] == pytest.approx(year_later, rel=1e-12)
    np.testing.assert_allclose(paid(result, "output_tokens"), 150 * 10 * use, rtol=1e-12)


def test_items_follow_their_cadence_inflation_and_wages(read):
    items = """
        [people]
        raise = "4% / year"
        engineer = "100 USD/h"
        [events.e]
        at = [4, 6]
        [strategies.a.costs]
        upfront = "500 USD"
        hourly = "1 USD/h"
        daily = "3 USD/day"
        monthly = "10 USD/month"
        quarterly = "30 USD/quarter"
        yearly = "120 USD/year"
        per_request = "0.01 USD/req"
        per_thousand = "2 USD/kreq"
        grown = { value = "10 USD/month", growth = "100% / year" }
        work = { value = "2 h/month", role = "engineer" }
        at_event = { value = "7 USD", on = "events.e" }
    """
    result = one(read(MODEL, PLAIN, items, horizon=14, finance='inflation = "10% / year"'))
    t = np.arange(1, 15)
    grows = (t - 1) / 12
    money = 730 + 3 * 730 / 24 + 10 + 1000 * 0.01 + 1 * 2.0
    money = money + np.isin(t, (1, 4, 7, 10, 13)) * 30 + np.isin(t, (1, 13)) * 120 + np.isin(t, (4, 6)) * 7
    expected = money * 1.1**grows + 10 * 2.0**grows
    expected[0] += 500
    np.testing.assert_allclose(paid(result, "other"), expected, rtol=1e-12)
    np.testing.assert_allclose(paid(result, "labor"), 200 * 1.04**grows, rtol=1e-12)
    assert result.upfront[0, 0].sum() == pytest.approx(500)


def test_upfront_costs_are_not_discounted_and_running_ones_from_their_month_on(read):
    items = '[strategies.a.costs]\nupfront = "500 USD"\nmonthly = "10 USD/month"'
    result = one(read(MODEL, PLAIN, items, finance='discount = "8% / year"'))
    t = np.arange(1, 13)
    np.testing.assert_allclose(result.present()[0, 0], 500 + np.cumsum(10 * 1.08 ** (-t / 12)), rtol=1e-13)
    np.testing.assert_allclose(result.cumulative()[0, 0], 500 + 10 * t, rtol=1e-13)


def test_failures_grow_until_the_threshold_is_exceeded(read):
    trained = """
        [quality]
        cost_per_failure = "2 USD/failure"
        [strategies.a]
        model = "m"
        prompt = "0 tok/req"
        failures = "4%"
        failure_drift = "1 pp/month"
        training = { examples = "1000 example", tokens_per_example = "500 tok/example", epochs = 2 }
        retrain = { when_failures_exceed = "8%" }
    """
    result = one(read(MODEL, trained, horizon=12))
    # 4 % + 4 pp after four months is no more than 8 %; in month 6 it would be 9 %.
    assert months_of(result.training_runs[0, 0]) == [1, 6, 11]
    shares = [0.04, 0.05, 0.06, 0.07, 0.08] * 2 + [0.04, 0.05]
    np.testing.assert_allclose(paid(result, "failures"), 1000 * 2 * np.array(shares), rtol=1e-12)
    np.testing.assert_allclose(paid(result, "training")[[0, 5, 10]], 1000 * 500 * 2 * 25 / 1e6, rtol=1e-12)


def test_a_run_costs_the_minimum_or_its_tokens_times_its_attempts(read):
    trained = """
        [strategies.a]
        model = "m"
        prompt = "0 tok/req"
        [strategies.a.training]
        examples = "1000 example"
        tokens_per_example = "500 tok/example"
        epochs = 2
        minimum = "40 USD/run"
        attempts = 3
    """
    result = one(read(MODEL, trained))
    assert paid(result, "training").tolist() == [120.0] + [0.0] * 11


def test_a_technique_scales_gpu_hours_and_quality(read):
    trained = """
        [strategies.a]
        model = "m"
        prompt = "0 tok/req"
        failures = "10%"
        costs.evaluation = "5 USD/run"
        training = { gpu_hours = "100 GPU-h", gpu_price = "4 USD/GPU-h", premium = "50%", technique = "qlora"}
        retrain = { every = "6 month" }
    """
    result = one(read(MODEL, trained))
    np.testing.assert_allclose(paid(result, "training")[[0, 6]], 100 * 0.2 * 4 * 1.5, rtol=1e-12)
    assert paid(result, "other")[[0, 6]].tolist() == [5.0, 5.0]
    assert result.failure_share["a"][0, 0] == pytest.approx(1 - 0.9 * 0.97, rel=1e-12)


@pytest.mark.parametrize(("interval", "horizon"), [(6, 36), (5, 12), (12, 13), (1, 4), (40, 36)])
def test_a_constant_interval_k_gives_floor_of_h_minus_1_over_k_further_runs(read, interval, horizon):
    trained = f"""
        [strategies.a]
        model = "m"
        prompt = "0 tok/req"
        training = {{ gpu_hours = "1 GPU-h", gpu_price = "1 USD/GPU-h" }}
        retrain = {{ every = "{interval} month" }}
        [events.e]
        every = "{interval} month"
    """
    result = one(read(MODEL, trained, horizon=horizon))
    runs = months_of(result.training_runs[0, 0])
    assert runs == list(range(1, horizon + 1, interval))
    assert len(runs) - 1 == (horizon - 1) // interval
    assert months_of(result.happens["events.e"][0]) == runs[1:]


def test_replicas_are_a_whole_number_and_an_idle_one_costs(read):
    served = """
        [strategies.a]
        prompt = "60 tok/req"
        retries = "25%"
        serving = { gpu_price = "2 USD/GPU-h", gpus = 4, capacity = "100 tok/s", peak = 2, min_replicas = 2 }
    """
    # 100 tokens a request; one replica carries 2,628,000 / (1.25 x 2) requests a month.
    request = 'input = "10 tok/req"\noutput = "30 tok/req"'
    for requests, replicas in ((1_051_200, 2), (2_102_400, 2), (3_153_600, 3), (3_153_601, 4)):
        plan = read(served, request=request, demand=f'requests = "{requests} req/month"')
        np.testing.assert_allclose(paid(one(plan), "serving"), replicas * 4 * 730 * 2, rtol=1e-13)


def test_latency_costs_what_waiting_for_all_input_tokens_costs(read):
    slow = """
        [quality]
        cost_per_second = "0.001 USD/s"
        [strategies.a]
        model = "m"
        prompt = "500 tok/req"
        retrieved = "300 tok/req"
        latency = { base = "0.5 s/req", per_input = "0.2 s/ktok" }
    """
    result = one(read(MODEL, slow, request='input = "200 tok/req"\noutput = "9 tok/req"'))
    np.testing.assert_allclose(paid(result, "latency"), 1000 * 0.7 * 0.001, rtol=1e-12)


def test_seasons_multiply_what_the_ceiling_has_cut(read):
    demand = """
        requests = "1000 req/month"
        growth = "100% / month"
        ceiling = "3000 req/month"
        seasonality = [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 0.5]
    """
    plan = read(MODEL, PLAIN, demand=demand, start="2027-11-01", horizon=4)
    np.testing.assert_allclose(one(plan).requests[0], [2000, 1000, 3000, 3000], rtol=1e-12)


def test_logistic_growth_slows_down_as_the_ceiling_comes_near(read):
    demand = (
        'requests = "1000 req/month"\ngrowth = "10% / month"\nceiling = "1500 req/month"\ncurve = "logistic"'
    )
    volume = one(read(MODEL, PLAIN, demand=demand, horizon=60)).requests[0]
    step = np.log(1.1) * (1 - volume[:-1] / 1500)
    np.testing.assert_allclose(np.diff(np.log(volume)), step, rtol=1e-9, atol=1e-14)
    assert volume[-1] < 1500


def test_announced_price_changes_and_drift_compound(read):
    prices = """
        [prices.p]
        drift = "44% / year"
        scheduled = [{ at = 3, change = 2.0 }, { at = 3, change = 0.75 }]
        [models.dear]
        input_price = "2 USD/Mtok"
        output_price = "0 USD/Mtok"
        premium = "20%"
        prices = "p"
        [strategies.a]
        model = "dear"
        prompt = "0 tok/req"
    """
    result = one(read(prices, horizon=13, request='input = "1000 tok/req"\noutput = "1 tok/req"'))
    level = 1.44 ** (np.arange(13) / 12) * np.where(np.arange(13) >= 2, 1.5, 1.0)
    np.testing.assert_allclose(result.price_level["p"][0], level, rtol=1e-12)
    np.testing.assert_allclose(paid(result, "input_tokens"), 2 * 1.2 * level, rtol=1e-12)


def test_a_retirement_by_date_falls_in_its_month_and_the_next_count_from_it(read):
    model = MODEL + 'retired_on = 2027-03-20\nretired_after = "4 month"'
    result = one(read(model, PLAIN, horizon=14))
    assert months_of(result.happens["models.m.retired"][0]) == [3, 7, 11]


ROUTED = """
[strategies.b]
model = "m"
prompt = "1000 tok/req"
part = true
costs = { upkeep = "10 USD/month", setup = "100 USD", call = "0.01 USD/req" }
[strategies.c]
model = "m"
prompt = "0 tok/req"
part = true
training = { gpu_hours = "1 GPU-h", gpu_price = "50 USD/GPU-h" }
retrain = { every = "4 month" }
costs = { upkeep = "20 USD/month", setup = "200 USD", exam = "5 USD/run" }
[strategies.a]
costs = { gateway = "0.001 USD/req", router = "1000 USD" }
"""


def test_a_routed_strategy_pays_use_by_share_and_everything_else_in_full(read):
    result = one(read(MODEL, ROUTED, 'route = { b = "30%", c = "rest" }', horizon=9))
    np.testing.assert_allclose(paid(result, "input_tokens"), 300 * 1000 * 2 / 1e6, rtol=1e-12)
    assert months_of(result.training_runs[0, 0]) == [1, 5, 9]
    np.testing.assert_allclose(paid(result, "training")[[0, 4, 8]], 50, rtol=1e-12)
    other = np.full(9, 30 + 300 * 0.01 + 1000 * 0.001)
    other[0] += 100 + 200 + 1000
    other[[0, 4, 8]] += 5
    np.testing.assert_allclose(paid(result, "other"), other, rtol=1e-12)
    assert result.strategies == ("a",)


def test_shares_that_pass_one_are_scaled_and_leave_no_rest(read):
    third = '[strategies.d]\nextends = "b"\npart = true\n'
    route = 'route = { b = "40% to 90%", d = { min = 0.2, max = 0.6 }, c = "rest" }'
    plan = read(MODEL, third, ROUTED, route)
    shares = simulate(plan, np.arange(500), 3).route_share["a"]
    raw = simulate(plan, np.arange(500), 3).inputs
    total = raw["strategies.a.route.b"] + raw["strategies.a.route.d"]
    assert 0 < (total > 1).sum() < 500
    np.testing.assert_allclose(shares["b"] + shares["c"] + shares["d"], 1.0, rtol=1e-14)
    np.testing.assert_allclose(shares["c"], np.maximum(1 - total, 0), atol=1e-15)
    np.testing.assert_allclose(shares["b"], raw["strategies.a.route.b"] / np.maximum(total, 1), rtol=1e-14)


MIGRATING = """
[people]
raise = "5% / year"
engineer = "100 USD/h"
[strategies.p]
model = "m"
prompt = "1000 tok/req"
part = true
costs = { upkeep = "10 USD/month", setup = "100 USD", audit = "3 USD/quarter" }
[strategies.f]
model = "m"
prompt = "0 tok/req"
part = true
failures = "1%"
failure_drift = "1 pp/month"
training = { gpu_hours = "1 GPU-h", gpu_price = "50 USD/GPU-h" }
costs = { upkeep = "20 USD/month", setup = "200 USD", exam = "5 USD/run" }
[strategies.a]
start_with = "p"
costs = { lead = "1 USD/month", kickoff = "70 USD" }
"""


def test_a_migration_pays_both_sides_in_their_months(read):
    then = """
        [[strategies.a.then]]
        migrate_to = "f"
        when = { at = 4 }
        takes = "1.5 month"
        cost = "1000 USD"
        hours = "10 h"
        role = "engineer"
    """
    retrain = '[strategies.f.retrain]\nevery = "3 month"'
    plan = read(MODEL, MIGRATING, then, retrain, horizon=12, finance='inflation = "10% / year"')
    result = one(plan)
    assert result.decided["a"].tolist() == [[4]]
    # Decided in month 4, two months side by side, so the new one is paid from month 6 on.
    assert result.stage["a"][0].tolist() == [0] * 5 + [1] * 7
    assert months_of(result.training_runs[0, 0]) == [4, 9, 12]
    growth = 1.1 ** (np.arange(12) / 12)
    other = np.full(12, 1.0)
    other[:5] += 10
    other[[0, 3]] += 3
    other[5:] += 20
    other[0] += 100 + 70
    other[3] += 1000 + 200 + 5
    other[[8, 11]] += 5
    np.testing.assert_allclose(paid(result, "other"), other * growth, rtol=1e-12)
    np.testing.assert_allclose(paid(result, "training")[[3, 8, 11]], 50, rtol=1e-12)
    assert paid(result, "labor")[3] == pytest.approx(1000 * 1.05**0.25, rel=1e-12)
    assert (paid(result, "input_tokens") > 0).tolist() == [True] * 5 + [False] * 7
    assert result.upfront[0, 0].sum() == pytest.approx(170)


def test_who_returns_pays_its_training_again_but_not_its_setup(read):
    then = """
        [[strategies.a.then]]
        migrate_to = "f"
        when = { at = 3 }
        [[strategies.a.then]]
        migrate_to = "p"
        when = { on = "events.e" }
        [[strategies.a.then]]
        migrate_to = "f"
        when = { at = 8 }
        [events.e]
        at = [2, 3, 5]
        [quality]
        cost_per_failure = "1 USD/failure"
    """
    result = one(read(MODEL, MIGRATING, then, horizon=10))
    assert result.decided["a"].tolist() == [[3, 5, 8]]
    assert months_of(result.training_runs[0, 0]) == [3, 8]
    assert paid(result, "other")[[2, 4, 7]].tolist() == [1 + 20 + 200 + 5, 1 + 10, 1 + 20 + 5]
    # a = 0 in the first month of use.
    np.testing.assert_allclose(
        paid(result, "failures") / 1000, [0, 0, 0.01, 0.02, 0, 0, 0, 0.01, 0.02, 0.03], atol=1e-15
    )


def test_a_step_whose_month_has_passed_is_never_taken(read):
    then = """
        [[strategies.a.then]]
        migrate_to = "f"
        when = { at = 3 }
        takes = "4 month"
        [[strategies.a.then]]
        migrate_to = "p"
        when = { at = 6 }
        [[strategies.a.then]]
        migrate_to = "f"
        when = { at = 9 }
    """
    assert one(read(MODEL, MIGRATING, then)).decided["a"].tolist() == [[3, 0, 0]]


@pytest.mark.parametrize(
    ("condition", "month"), [("", 4), (', for = "3 month"', 6), (', not_before = "9 month"', 10)]
)
def test_demand_must_have_been_above_the_bound_before_the_decision(read, condition, month):
    when = f'when = {{ requests_above = "1200 req/month"{condition} }}'
    then = f'[[strategies.a.then]]\nmigrate_to = "f"\n{when}'
    # V = 1000, 1100, 1210, …: above the bound from month 3 on.
    demand = 'requests = "1000 req/month"\ngrowth = "10% / month"'
    assert one(read(MODEL, MIGRATING, then, demand=demand)).decided["a"].tolist() == [[month]]


def test_intervals_go_on_where_they_stopped_when_a_strategy_returns(read):
    then = """
        [[strategies.a.then]]
        migrate_to = "f"
        when = { at = 2 }
        [[strategies.a.then]]
        migrate_to = "p"
        when = { at = 12 }
        [[strategies.a.then]]
        migrate_to = "f"
        when = { at = 13 }
        [strategies.f.retrain]
        every = { values = [2, 3, 4], unit = "month" }
    """
    plan = read(MODEL, MIGRATING, then, horizon=24)
    lifetimes = np.arange(50)
    runs = simulate(plan, lifetimes, 5).training_runs[:, 0]
    draws = AddressedDraws(plan, lifetimes, 5)
    for lifetime in lifetimes:
        slots = np.arange(24)
        intervals = draws.intervals(plan.strategies["f"].retrain.every, np.full(24, lifetime), slots)
        expected: list[int] = []
        for month, end in ((2, 12), (13, 25)):
            while month < end:
                expected.append(month)
                month += int(intervals[len(expected) - 1])
        assert months_of(runs[lifetime]) == expected


def test_strategies_in_use_from_the_start_and_adopted_ones_share_their_draws(read):
    then = '[[strategies.a.then]]\nmigrate_to = "f"\nwhen = { at = 2 }'
    alone = '[strategies.alone]\nextends = "f"'
    spread = MIGRATING.replace('"20 USD/month"', '"20 to 40 USD/month"')
    result = simulate(read(MODEL, spread, then, alone), np.arange(50), 5)
    other = result.cost[:, :, COMPONENTS.index("other")]
    assert result.strategies == ("a", "alone")
    np.testing.assert_allclose(other[:, 0, 5] - 1, other[:, 1, 5], rtol=1e-12)


def test_lognormal_demand_has_the_mean_and_spread_of_the_closed_form(read):
    """Biases above 5 standard errors (some 3 % of the mean at month 36, 2.5 % of the sd of logs) fail."""
    n = 20_000
    demand = """
        requests = "60k to 300k req/month"
        growth = "5% to 40% / year"
        volatility = "8% / month"
    """
    volume = simulate(read(MODEL, PLAIN, demand=demand, horizon=36), np.arange(n), 11).requests
    z = 2 * special.ndtri(0.95)
    mu_r, s_r = np.log(60e3 * 300e3) / 2, np.log(5) / z
    mu_g, s_g = np.log(1.05 * 1.4) / 24, np.log(1.4 / 1.05) / z / 12
    for t in (1, 2, 12, 36):
        mu = mu_r + (t - 1) * mu_g
        s2 = s_r**2 + (t - 1) ** 2 * s_g**2 + (t - 1) * 0.08**2
        logs = np.log(volume[:, t - 1])
        assert abs(logs.mean() - mu) < 5 * np.sqrt(s2 / n)
        assert abs(logs.var() - s2) < 5 * s2 * np.sqrt(2 / n)
        mean = np.exp(mu + s2 / 2)
        assert abs(volume[:, t - 1].mean() - mean) < 5 * mean * np.sqrt(np.expm1(s2) / n)


@pytest.mark.parametrize("spearman", [None, 0.6, -0.5])
def test_two_upfront_lognormal_costs_compare_as_margrabe_says(read, spearman):
    n = 20_000
    pair = """
        [strategies.a.costs]
        x = "60 to 150 USD"
        [strategies.b]
        model = "m"
        prompt = "0 tok/req"
        costs.x = "50 to 300 USD"
    """
    if spearman:
        pair += f'[[correlations]]\nbetween = ["strategies.*.costs.x"]\nspearman = {spearman}'
    result = simulate(read(MODEL, PLAIN, pair, horizon=1), np.arange(n), 12)
    cost = result.cumulative()[:, :, 0]
    z = 2 * special.ndtri(0.95)
    mu, s = np.log([60 * 150, 50 * 300]) / 2, np.log([2.5, 6.0]) / z
    r = 2 * np.sin(np.pi * (spearman or 0) / 6)
    p = special.ndtr((mu[1] - mu[0]) / np.sqrt(s[0] ** 2 + s[1] ** 2 - 2 * r * s[0] * s[1]))
    assert abs((cost[:, 0] < cost[:, 1]).mean() - p) < 5 * np.sqrt(p * (1 - p) / n)
    found = stats.spearmanr(cost[:, 0], cost[:, 1]).statistic
    assert abs(found - (spearman or 0)) < 5 / np.sqrt(n)


def test_price_levels_have_the_mean_of_the_closed_form(read):
    n, t = 20_000, 24
    prices = """
        [prices.p]
        drift = "-30% / year"
        volatility = "8% / month"
        change_rate = "0.5 / year"
        change = { values = [0.5, 2], weights = [3, 1] }
    """
    level = simulate(read(MODEL, PLAIN, prices, horizon=t), np.arange(n), 13).price_level["p"][:, t - 1]
    p = -np.expm1(-0.5 / 12)
    step = 0.7 ** (1 / 12) * (1 - p + p * (0.75 * 0.5 + 0.25 * 2.0))
    mean = step ** (t - 1) * np.exp((t - 1) * 0.08**2 / 2)
    square = 0.7 ** (2 / 12) * (1 - p + p * (0.75 * 0.25 + 0.25 * 4.0)) * np.exp(2 * 0.08**2)
    error = np.sqrt((square ** (t - 1) - mean**2) / n)
    assert abs(level.mean() - mean) < 5 * error


def test_events_by_rate_come_in_geometric_months_and_never_in_the_first(read):
    n = 20_000
    result = simulate(read(MODEL, PLAIN, '[events.e]\nrate = "3 / year"', horizon=24), np.arange(n), 14)
    happens = result.happens["events.e"]
    p = -np.expm1(-3 / 12)
    assert not happens[:, 0].any()
    first = np.where(happens.any(axis=1), happens.argmax(axis=1), 24)
    for k in (1, 2, 6, 12):
        share = (1 - p) ** (k - 1) * p
        assert abs((first == k).mean() - share) < 5 * np.sqrt(share * (1 - share) / n)


def test_an_event_multiplies_demand_from_its_month_on(read):
    event = "[events.e]\nat = [3, 5]\ndemand = 2"
    volume = one(read(MODEL, PLAIN, event, horizon=6)).requests[0]
    np.testing.assert_allclose(volume, [1000, 1000, 2000, 2000, 4000, 4000], rtol=1e-12)


def test_a_same_quantity_is_the_very_draw_times_a_factor_of_its_own(read):
    same = """
        [strategies.a.costs]
        x = "60 to 150 USD/month"
        y = { same_as = "strategies.a.costs.x", times = "2 to 3" }
    """
    result = simulate(read(MODEL, PLAIN, same, horizon=1), np.arange(100), 1)
    x, times = result.inputs["strategies.a.costs.x"], result.inputs["strategies.a.costs.y.times"]
    np.testing.assert_allclose(result.cumulative()[:, 0, 0], x * (1 + times), rtol=1e-12)


def test_monthly_noise_has_mean_one(read):
    n = 20_000
    noisy = '[strategies.a.costs]\nx = { value = "100 USD/month", varies = "30%" }'
    cost = simulate(read(MODEL, PLAIN, noisy, horizon=2), np.arange(n), 2).monthly()[:, 0]
    assert (np.abs(cost.mean(axis=0) - 100) < 5 * 100 * np.sqrt(np.expm1(0.09) / n)).all()
    assert abs(np.log(cost).std() - 0.3) < 5 * 0.3 / np.sqrt(2 * n)
    assert abs(np.corrcoef(np.log(cost).T)[0, 1]) < 5 / np.sqrt(n)


def test_a_lifetime_does_not_depend_on_its_company(read):
    demand = 'requests = "60k to 300k req/month"\nvolatility = "8% / month"'
    plan = read(MODEL, PLAIN, '[strategies.a.costs]\nx = "1 to 3 USD/kreq"', demand=demand)
    many = simulate(plan, np.arange(64), 9)
    few = simulate(plan, np.array([40, 3]), 9)
    np.testing.assert_array_equal(few.cost, many.cost[[40, 3]])
