"""What must not change, or change in a known way, when a plan is changed: to the bit wherever it can be."""

from __future__ import annotations

from functools import cache
from itertools import combinations, pairwise

import numpy as np
import pytest
import xarray as xr

from simulator.kernel import layout as k
from simulator.lowering import lower
from simulator.run import run_blocks, simulate
from simulator.trace import record_lifetimes
from tests.simulator.kernel.small import TEXT, changed, in_other_money, read

LIFETIMES = 1500


@cache
def run(text: str = TEXT, lifetimes: int = LIFETIMES, overrides: tuple[str, ...] = ()) -> xr.Dataset:
    return simulate(read(text, *overrides), lifetimes=lifetimes, threads=1)


def assert_same(first: xr.Dataset, second: xr.Dataset, *, but: tuple[str, ...] = ()) -> None:
    """Compare every variable but some, bit for bit; NaN equals NaN."""
    for name in sorted(set(first.data_vars) - set(but)):
        np.testing.assert_array_equal(first[name].values, second[name].values, err_msg=name)


def is_money(variable: xr.DataArray) -> bool:
    return variable.attrs["units"].split("/")[0] == "USD"


def test_money_of_half_the_worth_doubles_every_cost_and_moves_no_probability():
    once, twice = run(), run(in_other_money(TEXT, 2.0))
    assert sum(map(is_money, once.data_vars.values())) > 30
    for name, values in once.data_vars.items():
        factor = 2.0 if is_money(values) else 1.0
        if name == "sample_input":
            factor = np.where(np.char.startswith(once["input_unit"].values.astype(str), "USD"), 2.0, 1.0)
            assert set(np.unique(factor)) == {1.0, 2.0}
        np.testing.assert_array_equal(twice[name].values, factor * values.values, err_msg=name)


def test_money_of_a_third_of_the_worth_moves_no_probability():
    once, thrice = run(), run(in_other_money(TEXT, 3.0))
    for name, values in once.data_vars.items():
        if values.attrs["units"] == "1":
            np.testing.assert_array_equal(thrice[name].values, values.values, err_msg=name)
    present = once["sample_present_cost"].values
    np.testing.assert_allclose(thrice["sample_present_cost"].values, 3.0 * present, rtol=1e-13)


def in_order(text: str, names: tuple[str, ...]) -> str:
    """Write the strategies in another order."""
    head, *tables = text.split("\n[strategies.")
    by_name = {table.split("]")[0]: table for table in tables}
    return "\n[strategies.".join([head, *(by_name[name] for name in names)])


@pytest.mark.parametrize(
    "names",
    [
        ("moving", "mixed", "hosted", "finetuned", "prompting"),
        ("hosted", "moving", "prompting", "mixed", "finetuned"),
    ],
)
def test_the_order_of_the_strategies_changes_nothing_but_the_order_of_the_results(names):
    usual, other = run(), run(in_order(TEXT, names))
    assert tuple(other["strategy"].values) == names
    back = other.sel(strategy=usual["strategy"], rival=usual["rival"], input=usual["input"])
    assert_same(usual, back)


def test_a_name_is_the_address_of_draws_and_changes_nothing_else():
    """Where every number of the strategies is a constant, another name gives the same bits."""
    constant = changed(
        ('"1.2k to 1.9k tok/req"', '"1500 tok/req"'),
        ('"80 to 200 tok/req"', '"150 tok/req"'),
        ('failures = "3% to 8%"', 'failures = "5%"'),
        ('failures = "3% to 7%"', 'failures = "4%"'),
        ('times = "0.7 to 1.3"', "times = 0.9"),
        ('"4 to 12 h/month", role = "engineer", varies = "20%"', '"8 h/month", role = "engineer"'),
        ('examples = "2k to 8k"', "examples = 4000"),
        ('every = "5 to 9 month"', 'every = "7 month"'),
        ('"80 to 240 h"', '"150 h"'),
        ('"8 to 30 h/run"', '"16 h/run"'),
        ('{ min = 100, max = 300, unit = "USD/month" }', '"200 USD/month"'),
        ('"1 to 3 USD/GPU-h"', '"2 USD/GPU-h"'),
        ('"500 to 900 tok/s"', '"700 tok/s"'),
        ('"2 to 3"', "2.5"),
        ('"4000 to 9000 USD"', '"6000 USD"'),
        ('"60% to 90%"', '"70%"'),
    )
    renamed = constant.replace("finetuned", "zebra").replace("prompting", "aardvark")
    first, second = run(constant), run(renamed)
    assert list(second["strategy"].values)[:2] == ["aardvark", "zebra"]
    assert_same(first, second)


def test_identical_strategies_tie_in_every_lifetime():
    text = TEXT + '\n[strategies.clone]\nextends = "finetuned"\n'
    tally = run_blocks(lower(read(text)), lifetimes=LIFETIMES, seed=3, threads=1)
    a, b = 1, 5
    for first, second in ((a, b), (b, a)):
        assert np.all(tally.counts["ties"][first, second] == LIFETIMES)
        assert np.all(tally.counts["wins"][first, second] == 0)
        assert tally.counts["first_passage"][first, second].tolist() == [LIFETIMES] + 13 * [0]
        assert tally.counts["break_even"][first, second].tolist() == [LIFETIMES] + 13 * [0]
        lower_edge, upper_edge, count = tally.histograms["saving"].bins(first, second)
        assert (lower_edge, upper_edge, count) == (0.0, 0.0, LIFETIMES)
    np.testing.assert_array_equal(tally.counts["cheapest"][a], tally.counts["cheapest"][b])
    np.testing.assert_array_equal(
        tally.samples["sample_present_cost"][:, a], tally.samples["sample_present_cost"][:, b]
    )


def test_a_clone_takes_half_of_what_its_model_won_and_nothing_from_others():
    text = TEXT + '\n[strategies.clone]\nextends = "finetuned"\n'
    alone, beside = run(), run(text)
    share = alone["cheapest_probability"].values
    expected = np.concatenate([share, share[1:2]])
    expected[[1, 5]] /= 2.0
    np.testing.assert_allclose(beside["cheapest_probability"].values, expected, rtol=0.0, atol=1e-12)
    pairs = alone["win_probability"].values
    np.testing.assert_array_equal(beside["win_probability"].values[:5, :5], pairs)


def test_more_lifetimes_keep_the_first_ones():
    few, many = run(lifetimes=700), run()
    for name in ("sample_present_cost", "sample_monthly_cost", "sample_input"):
        np.testing.assert_array_equal(many[name].values[:700], few[name].values, err_msg=name)


def test_zero_rates_and_spreads_that_are_written_out_change_nothing():
    zeros = changed(
        ('discount = "8% / year"\ninflation = "1% to 4% / year"\n', ""),
        ('growth = "0% to 60% / year"\nvolatility = "8% / month"\n', ""),
        ('variation = "10% / month"\n', ""),
        ('raise = "2% / year"\n', ""),
        ('drift = "-50% to 0% / year"\nvolatility = "10% / month"\n', 'volatility = "0% / month"\n'),
        (', varies = "20%"', ""),
    )
    written = changed(
        (
            'discount = "8% / year"\ninflation = "1% to 4% / year"',
            'discount = "0% / year"\ninflation = "0% / month"',
        ),
        ('"0% to 60% / year"\nvolatility = "8% / month"', '"0% / year"\nvolatility = "0% / month"'),
        (
            'variation = "10% / month"',
            'variation = "0% / month"\ninput_growth = "0% / year"\noutput_growth = 0',
        ),
        ('raise = "2% / year"', 'raise = "0% / year"'),
        (
            'drift = "-50% to 0% / year"\nvolatility = "10% / month"',
            'drift = "0% / quarter"\nchange_rate = "0 / year"\nchange = 0.5',
        ),
        ('varies = "20%"', 'varies = "0%", growth = "0% / year"'),
        (
            "[strategies.hosted]",
            '[strategies.hosted]\nretries = "0%"\nfailure_drift = "0 pp/month"\nprompt_growth = "0% / year"',
        ),
        ('model = "large"', 'model = "large"\nbatched = "0%"\ncached = "0%"\nretrieved = "0 tok/req"'),
        ('peak = "2 to 3" }', 'peak = "2 to 3", premium = "0%" }'),
        ('cost = "2000 USD"', 'cost = "2000 USD"\nhours = "0 h"\nrole = "engineer"'),
    ).replace("output_growth = 0", 'output_growth = "0% / year"')
    assert_same(run(zeros), run(written))


def test_no_volatility_no_spread_gives_one_lifetime_again_and_again():
    kept = record_lifetimes(lower(read(CERTAIN)), 0, 600, 5)
    for name, values in kept._asdict().items():
        if len(values):
            np.testing.assert_array_equal(values, np.broadcast_to(values[:1], values.shape), err_msg=name)


CERTAIN = """
name = "Certain"
start = 2027-01-01
horizon = "14 month"
baseline = "a"
finance = { currency = "USD", discount = "8% / year", inflation = "2% / year" }
demand = { requests = "100k req/month", growth = "3% / month", volatility = "0% / month" }
request = { input = "900 tok/req", output = "200 tok/req", variation = "0% / month" }
quality = { cost_per_failure = "0.05 USD/failure" }
prices.market = { drift = "-20% / year" }
events.audit = { every = "5 month" }
[models.m]
input_price = "2 USD/Mtok"
output_price = "8 USD/Mtok"
training_price = "3 USD/Mtok"
prices = "market"
[strategies.a]
model = "m"
prompt = "1500 tok/req"
failures = "5%"
[strategies.b]
model = "m"
prompt = "150 tok/req"
failures = "4%"
failure_drift = "0.2 pp/month"
training = { examples = 4000, tokens_per_example = "1.5k tok/example", epochs = 3 }
retrain = { on = ["events.audit"], every = "4 month" }
"""


@pytest.mark.parametrize(
    "risk",
    [
        '[events.unused]\nrate = "2 to 9 / year"\n',
        '[events.never]\nrate = "0 / year"\ndemand = "1.5 to 3"\n',
        '[events.late]\nat = [15, 40]\ndemand = "1.5 to 3"\n',
        '[models.unused]\ninput_price = "1 to 90 USD/Mtok"\noutput_price = "3 USD/Mtok"\n',
        '[strategies.unused]\npart = true\nmodel = "large"\nprompt = "10 to 90 tok/req"\n',
    ],
)
def test_a_risk_that_touches_nothing_changes_no_other_number(risk):
    usual, other = run(), run(TEXT + "\n" + risk)
    shared = [name for name in other["input"].values if name in usual["input"].values]
    assert list(usual["input"].values) == shared
    assert_same(usual, other.sel(input=shared))


def test_an_unused_price_process_changes_no_other_number():
    usual, other = (
        run(),
        run(TEXT.replace("[prices.market]", '[prices.spare]\ndrift = "9% / year"\n[prices.market]')),
    )
    assert_same(usual, other.sel(process=["market"], input=usual["input"]))


def test_a_longer_horizon_keeps_the_months_before():
    short, long = run(), run(changed(('"14 month"', '"27 month"')))
    early = long.sel(month=short["month"])
    for name in (
        "requests", "price_level", "monthly_cost", "cumulative_cost", "present_cost", "cost_breakdown",
        "training_runs", "win_probability", "cheapest_probability", "first_passage_probability",
        "expected_regret", "sample_monthly_cost", "sample_input",
    ):  # fmt: skip
        np.testing.assert_array_equal(early[name].values, short[name].values, err_msg=name)
    np.testing.assert_array_equal(
        long["fiscal_year_cost"].sel(fiscal_year="FY2027").values,
        short["fiscal_year_cost"].sel(fiscal_year="FY2027").values,
    )


# What a strategy pays for, and a dearer price of it: name of the strategy, key, dearer value.
DEARER = [
    ("prompting", 'models.large.input_price="2.5 USD/Mtok"'),
    ("prompting", 'models.large.output_price="14 USD/Mtok"'),
    ("prompting", 'strategies.prompting.retries="3%"'),
    ("prompting", 'strategies.prompting.latency.base="0.7 s/req"'),
    ("finetuned", 'models.small.training_price="1.5 to 4.5 USD/Mtok"'),
    ("finetuned", 'strategies.finetuned.costs.curation={ value = "100 to 300 h", role = "engineer" }'),
    ("finetuned", 'strategies.finetuned.costs.refresh={ value = "10 to 37.5 h/run", role = "engineer" }'),
    ("finetuned", 'strategies.finetuned.failure_drift="0.3 pp/month"'),
    ("hosted", 'strategies.hosted.serving.gpu_price="1.2 to 3.6 USD/GPU-h"'),
    ("hosted", "strategies.hosted.serving.min_replicas=4"),
    ("hosted", 'strategies.hosted.costs.setup="5000 to 11250 USD"'),
]
ALONE = TEXT[: TEXT.index("[strategies.mixed]")]  # no strategy pays for another one


@pytest.mark.parametrize(("name", "override"), DEARER)
def test_what_makes_a_strategy_dearer_lets_it_win_on_no_path_where_it_lost(name, override):
    cheap, dear = read(ALONE), read(ALONE, override)
    before, after = (record_lifetimes(lower(plan), 0, 1000, 1).totals[..., 2] for plan in (cheap, dear))
    own = list(cheap.strategies).index(name)
    for rival in {0, 1, 2} - {own}:
        np.testing.assert_array_equal(after[:, rival], before[:, rival])
        assert not np.any((after[:, own] < after[:, rival]) & ~(before[:, own] < before[:, rival]))
    assert np.all(after[:, own] >= before[:, own])
    assert np.any(after[:, own, -1] > before[:, own, -1])


def test_present_cost_without_discount_is_the_cash_that_was_paid():
    kept = record_lifetimes(lower(read(TEXT, 'finance.discount="0% / year"')), 0, 1000, 1)
    np.testing.assert_array_equal(kept.totals[..., 2], kept.totals[..., 1])


def test_a_cost_that_all_pay_moves_no_comparison():
    """Deterministic for the seed; a pair that came within a billionth of a tie would be another matter."""
    amount = 2.0**20
    text = ALONE + "".join(
        f'\n[strategies.{name}.costs.shared]\nvalue = "{amount:.0f} USD"\n'
        for name in ("prompting", "finetuned", "hosted")
    )
    alone, shared = run(ALONE), run(text)
    for name in (
        "win_probability",
        "cheapest_probability",
        "first_passage_probability",
        "break_even_probability",
    ):
        np.testing.assert_array_equal(shared[name].values, alone[name].values, err_msg=name)
    present = alone["sample_present_cost"].values + amount
    np.testing.assert_allclose(shared["sample_present_cost"].values, present, rtol=1e-14)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"2 USD/Mtok"', '"0.002 USD/ktok"'),
        ('"60k to 300k req/month"', '"60 to 300 kreq/month"'),
        ('"60k to 300k req/month"', '"720k to 3.6M req/year"'),
        ('"1.2k to 1.9k tok/req"', '"1.2 to 1.9 ktok/req"'),
        ('"80 to 240 h"', '"4800 to 14400 min"'),
        ('"1.5k tok/example"', '"1_500 tok/example"'),
        ('"0.0002 USD/s"', '"0.72 USD/h"'),
        ('"3% to 8%"', "{ p5 = 0.03, p95 = 0.08 }"),
        ('"3% to 8%"', '{ p5 = 3, p95 = 8, unit = "%" }'),
        ('"1 to 4 / year"', '"0.0833333333333333333 to 0.33333333333333333333 / month"'),
    ],
)
def test_the_same_amount_in_another_unit_is_the_same(old, new):
    usual, other = run(), run(changed((old, new)))
    for name, values in usual.data_vars.items():
        tolerance = 1e-6 if values.dtype == np.float32 else 1e-12
        if name.endswith("interval") or values.attrs["units"] == "1":
            tolerance = 1e-9
        np.testing.assert_allclose(other[name].values, values.values, rtol=tolerance, atol=1e-9, err_msg=name)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"2 USD/Mtok"', '"0.002 USD/ktok"'),
        ('"10 USD/Mtok"', '"0.01 USD/ktok"'),
        ('"1.5k tok/example"', '"1_500 tok/example"'),
        ('"150k req/month"', '"0.15 Mreq/month"'),
        ('"3% to 8%"', "{ p5 = 0.03, p95 = 0.08 }"),
    ],
)
def test_units_that_differ_by_a_factor_without_rounding_give_the_same_bits(old, new):
    assert_same(run(), run(changed((old, new))))


def test_the_order_of_tables_and_keys_changes_nothing():
    head, *tables = TEXT.split("\n[")
    world = [table for table in tables if not table.startswith(("strategies", "[strategies", "models"))]
    rest = [table for table in tables if table not in world]
    shuffled = "\n[".join([head, *reversed(world), *rest]).replace(
        'model = "small"\nprompt = "80 to 200 tok/req"', 'prompt  =  "80 to 200 tok/req"\nmodel = "small"'
    )
    assert shuffled != TEXT
    usual, other = run(), run(shuffled)
    assert usual.attrs["plan_sha256"] != other.attrs["plan_sha256"]
    assert_same(usual, other.sel(input=usual["input"]))


def test_threads_and_the_blocks_that_they_take_change_no_byte():
    plan = read()
    lifetimes = 3 * k.BLOCK + 777
    alone = simulate(plan, lifetimes=lifetimes, threads=1)
    for threads in (2, 3):
        together = simulate(plan, lifetimes=lifetimes, threads=threads)
        assert set(together.data_vars) == set(alone.data_vars)
        for name, values in alone.data_vars.items():
            assert together[name].values.tobytes() == values.values.tobytes(), (name, threads)


@pytest.mark.parametrize("cuts", [(0, 1, 2, 700), (0, 64, 512, 700), (0, 511, 513, 700)])
def test_lifetimes_in_pieces_are_the_lifetimes_in_one_go(cuts):
    lowered, first = lower(read()), 2**32 - 300
    whole = record_lifetimes(lowered, first, cuts[-1], 9)
    for begin, end in pairwise(cuts):
        part = record_lifetimes(lowered, first + begin, end - begin, 9)
        for name, values in whole._asdict().items():
            np.testing.assert_array_equal(getattr(part, name), values[begin:end], err_msg=name)


def test_another_seed_gives_other_lifetimes():
    plan = read()
    first, second = (simulate(plan, lifetimes=200, seed=seed, threads=1) for seed in (1, 2**63))
    assert np.all(first["sample_present_cost"].values != second["sample_present_cost"].values)


def test_quantiles_rise_and_the_mean_of_a_tail_lies_above_its_quantile():
    found = run()
    final = found["present_cost"].isel(month=-1).values
    assert np.all(np.diff(final, axis=-1) > 0.0)
    assert np.all(found["expected_shortfall"].values > final)
    assert np.all(np.diff(found["expected_shortfall"].values, axis=-1) > 0.0)


def test_of_two_strategies_one_wins_or_they_tie():
    wins = run()["win_probability"].values
    for a, b in combinations(range(wins.shape[0]), 2):
        np.testing.assert_allclose(wins[a, b] + wins[b, a], 1.0, rtol=0.0, atol=1e-15)
