"""The five sources as plans: every figure that follows from their inputs comes out of the program."""

from __future__ import annotations

import re

import numpy as np
import pytest
from click.testing import CliRunner

from simulator.cli import main
from simulator.crossover import crossover
from simulator.plan import load_plan
from simulator.run import simulate
from tests.configs.sources import ROOT, SOURCES, closed_form, crossing, ledger, running, source, upfront


def head_of(name: str) -> str:
    """Give the comment with which a plan begins."""
    return (SOURCES / f"{name}.toml").read_text(encoding="utf-8").split("\nname")[0]


PLANS = sorted(path.stem for path in SOURCES.glob("*.toml"))
POINTS = [name for name in PLANS if not name.endswith("-spread")]
SPREADS = [name for name in PLANS if name.endswith("-spread")]
PRICED = [name for name in SPREADS if name != "s5-spread"]  # S5 prices nothing by the token

SHORT_PROMPT = (
    "strategies.prompting.prompt=2k tok/req",
    "strategies.finetuned.input=0 tok/req",
    "strategies.finetuned.output=1k tok/req",
)

# Plan, overrides, calls that seeds.md says follow.
CROSSOVERS = {
    "S1, long prompt": ("s1-break-even", (), 8 / 0.148, 54),
    "S1, short prompt": ("s1-break-even", SHORT_PROMPT, 8 / 0.056, 143),
    "S1, printed 2,000 needs 112 USD": (
        "s1-break-even",
        (*SHORT_PROMPT, "strategies.finetuned.costs.unnamed=104 USD"),
        2_000,
        2_000,
    ),
    "S1, printed 5,000 needs 740 USD": (
        "s1-break-even",
        ("strategies.finetuned.costs.unnamed=732 USD",),
        5_000,
        5_000,
    ),
    "S2": ("s2-crossover", (), None, 119_048),
    "S2, upfront 200": ("s2-crossover", ("strategies.finetuned.costs.upfront=200 USD",), None, 47_619),
    "S2, upfront 2,000": ("s2-crossover", ("strategies.finetuned.costs.upfront=2000 USD",), None, 476_190),
    "S2, prompt at 0.002": (
        "s2-crossover",
        ("models.prompted.input_price=1.176470588235294 USD/Mtok",),
        None,
        454_545,
    ),
    "S2, self-hosted at 0.0003": ("s2-crossover", ("models.tuned.input_price=1 USD/Mtok",), None, 104_167),
    "S2, 100 USD an hour": (
        "s2-labour",
        ("strategies.prompting.costs.writing.value=0 h",),
        None,
        1_238_095,
    ),
    "S2, 6 USD an hour": (
        "s2-labour",
        ("strategies.prompting.costs.writing.value=0 h", "people.engineer=6 USD/h"),
        None,
        119_048,
    ),
    "S2, net of prompting's hours": ("s2-labour", (), None, 285_714),
    "S2, answers at 1.5 times": ("s2-output-counted", (), None, 222_222),
    "S2, answers at 2 times": ("s2-output-counted", ("models.tuned.premium=100%",), None, 1_666_667),
    "S2, answers at the base price": ("s2-output-counted", ("models.tuned.premium=0%",), None, 119_048),
    "S2, cached": ("s2-cached", (), None, 3_333_333),
    "S2, cached not": ("s2-cached", ("strategies.prompting.cached=0%",), None, 119_048),
    "S4, calculate_roi": ("s4-roi", (), None, 473_934),
}


@pytest.mark.parametrize("case", CROSSOVERS)
def test_the_crossover_of_a_source_comes_out_in_closed_form(case: str) -> None:
    name, overrides, exact, calls = CROSSOVERS[case]
    found, months, _ = closed_form(name, "finetuned", *overrides)
    assert round(found) == calls
    if exact is not None:
        assert found == pytest.approx(exact, rel=1e-12)
    volume = ledger(name, *overrides).requests[0]
    assert months == pytest.approx(found / volume, rel=1e-12)


@pytest.mark.parametrize("case", CROSSOVERS)
def test_the_crossover_of_a_source_comes_out_of_the_months(case: str) -> None:
    """The lifetimes cross where the closed form says, for all of them are the same."""
    name, overrides, _, calls = CROSSOVERS[case]
    curves = crossover(source(name, *overrides), lifetimes=64, threads=1, factors=[1.0])
    for level in (0.1, 0.5, 0.9):
        assert crossing(curves, "finetuned", level) == pytest.approx(calls, abs=0.5)
    assert float(curves["crossover_probability"].sel(strategy="finetuned")) == 1.0


def test_s1_bills_600_to_1500_usd_for_prompting_and_20_to_40_for_the_fine_tune() -> None:
    long, short = ledger("s1-break-even"), ledger("s1-break-even", *SHORT_PROMPT)
    assert running(short, "prompting") == pytest.approx(600.0)
    assert running(long, "prompting") == pytest.approx(1_500.0)
    assert running(long, "finetuned") == pytest.approx(20.0)
    assert running(short, "finetuned") == pytest.approx(40.0)


def test_s1_trains_on_a_million_tokens_for_8_usd() -> None:
    assert upfront(ledger("s1-break-even"), "finetuned", "training") == pytest.approx(8.0)


def test_s2_breaks_even_in_12_months_at_10k_calls_and_in_6_at_20k() -> None:
    _, slow, _ = closed_form("s2-crossover", "finetuned")
    _, fast, _ = closed_form("s2-crossover", "finetuned", "demand.requests=20k req/month")
    assert slow == pytest.approx(11.905, abs=0.0005)
    assert fast == pytest.approx(5.952, abs=0.0005)


def test_s2_charges_0_0051_and_0_0009_usd_a_call() -> None:
    book = ledger("s2-crossover")
    assert running(book, "prompting") / book.requests == pytest.approx(0.0051)
    assert running(book, "finetuned") / book.requests == pytest.approx(0.0009)


def test_s2_pays_5200_usd_where_its_hours_are_paid() -> None:
    book = ledger("s2-labour")
    assert upfront(book, "finetuned") == pytest.approx(5_200.0)
    assert upfront(book, "prompting") == pytest.approx(4_000.0)
    assert upfront(ledger("s2-labour", "people.engineer=6 USD/h"), "finetuned") == pytest.approx(500.0)


@pytest.mark.parametrize(
    ("months", "breaks_even", "stays_ahead"), [(5, False, False), (6, True, False), (12, True, True)]
)
def test_s3_fine_tuning_repays_itself_if_retraining_waits_for_5_95_months(
    months: int, breaks_even: bool, stays_ahead: bool
) -> None:
    plan = source("s3-retraining", f"strategies.periodic.retrain.every={months} month")
    result = simulate(plan, lifetimes=64, threads=1)
    passed = result["first_passage_probability"].sel(strategy="periodic", rival="prompting")
    assert float(passed[:months].sum()) == breaks_even
    # For good: from month 6 on, the interval's own end, or not at all before the last month.
    from_then_on = result["break_even_probability"].sel(strategy="periodic", rival="prompting")
    assert float(from_then_on[:12].sum()) == stays_ahead


def test_s3_retrieval_is_cheapest_until_the_handbook_is_cached() -> None:
    def cheapest(*overrides: str) -> str:
        result = simulate(source("s3-retrieval", *overrides), lifetimes=64, threads=1)
        chances = result["cheapest_probability"].values[:, -1]
        return str(result["strategy"].values[chances.argmax()])

    assert cheapest() == "retrieval"
    assert cheapest("strategies.prompting.cached=100%") == "prompting"


def test_s4_token_bill_is_250_and_50k_for_gpt_4o_300_and_37500_for_claude_and_754_for_llama() -> None:
    book = ledger("s4-token-bill")
    assert running(book, "gpt_4o", "input_tokens") == pytest.approx(250.0)
    assert running(book, "gpt_4o", "output_tokens") == pytest.approx(50_000.0)
    assert running(book, "claude", "input_tokens") == pytest.approx(300.0)
    assert running(book, "claude", "output_tokens") == pytest.approx(37_500.0)
    assert running(book, "llama_70b") == pytest.approx(754.40)
    printed = ledger("s4-token-bill", "strategies.gpt_4o.output=25k tok/req")
    assert running(printed, "gpt_4o", "output_tokens") == pytest.approx(25_000.0)


def test_s4_llama_8b_costs_64_and_2000_then_700_usd_a_month() -> None:
    book = ledger("s4-llama-8b")
    assert upfront(book, "finetuned", "training") == pytest.approx(64.0)
    assert upfront(book, "finetuned", "labor") == pytest.approx(2_000.0)
    assert upfront(book, "finetuned") == pytest.approx(2_064.0)
    assert running(book, "finetuned") == pytest.approx(700.0)


def test_s4_llama_70b_costs_768_and_8000_then_2500_usd_a_month() -> None:
    book = ledger("s4-llama-70b")
    assert upfront(book, "finetuned", "training") == pytest.approx(768.0)
    assert upfront(book, "finetuned", "labor") == pytest.approx(8_000.0)
    assert upfront(book, "finetuned") == pytest.approx(8_768.0)
    assert running(book, "finetuned") == pytest.approx(2_500.0)


def test_s4_roi_is_11250_usd_a_month_and_0_474_months() -> None:
    book = ledger("s4-roi")
    assert running(book, "prompting") == pytest.approx(11_250.0)
    assert running(book, "prompting", "input_tokens") == pytest.approx(1_250.0)
    assert running(book, "finetuned") == pytest.approx(700.0)
    calls, months, volume = closed_form("s4-roi", "finetuned")
    assert months == pytest.approx(0.474, abs=0.0005)
    assert calls == pytest.approx(months * 1e6)
    assert round(volume) == 62_222


@pytest.mark.parametrize(("requests", "pays"), [("62000 req/month", False), ("62.5k req/month", True)])
def test_s4_fine_tuning_never_pays_under_62222_requests_a_month(requests: str, pays: bool) -> None:
    override = f"demand.requests={requests}"
    calls, months, _ = closed_form("s4-roi", "finetuned", override)
    assert np.isfinite(calls) == np.isfinite(months) == pays
    book = ledger("s4-roi", override)
    assert bool((running(book, "finetuned") < running(book, "prompting")).all()) == pays


def test_s5_totals_are_75k_to_330k_and_27k_to_110k_upfront() -> None:
    book = ledger("s5-ownership")
    assert upfront(book, "finetuned_low") == pytest.approx(75_000.0)
    assert upfront(book, "finetuned_high") == pytest.approx(330_000.0)
    assert upfront(book, "prompting_low") == pytest.approx(27_000.0)
    assert upfront(book, "prompting_high") == pytest.approx(110_000.0)


def test_s5_runs_at_5167_to_25333_usd_a_month_against_1700_to_8500_so_3_times() -> None:
    book = ledger("s5-ownership")
    low, high = (running(book, f"finetuned_{end}").mean() for end in ("low", "high"))
    assert (round(low), round(high)) == (5_167, 25_333)
    cheap, dear = (running(book, f"prompting_{end}").mean() for end in ("low", "high"))
    assert (cheap, dear) == pytest.approx((1_700.0, 8_500.0))
    assert (low / cheap, high / dear) == pytest.approx((3.0, 3.0), abs=0.05)


def test_s5_printed_total_takes_a_quarter_for_a_month() -> None:
    book = ledger(
        "s5-ownership",
        "strategies.finetuned_low.costs.retraining=2k USD/month",
        "strategies.finetuned_high.costs.retraining=10k USD/month",
    )
    assert running(book, "finetuned_low") == pytest.approx(6_500.0)
    assert running(book, "finetuned_high") == pytest.approx(32_000.0)


@pytest.mark.parametrize("end", ["low", "high"])
@pytest.mark.parametrize("factor", [0.01, 100.0])
def test_s5_fine_tuning_never_breaks_even_at_any_volume(end: str, factor: float) -> None:
    curves = crossover(
        source("s5-ownership"), against=f"prompting_{end}", lifetimes=64, threads=1, factors=[factor]
    )
    assert not curves["win_probability"].sel(strategy=f"finetuned_{end}").any()
    assert float(curves["crossover_probability"].sel(strategy=f"finetuned_{end}")) == 0.0


@pytest.mark.parametrize("name", POINTS)
def test_a_point_plan_has_no_spread(name: str) -> None:
    result = simulate(source(name), lifetimes=64, threads=1)
    assert set(np.unique(result["win_probability"])) <= {0.0, 0.5, 1.0}
    assert not result["present_cost_mean_mcse"].any()


@pytest.mark.parametrize("name", SPREADS)
def test_a_spread_plan_has_spread_on_every_strategy(name: str) -> None:
    result = simulate(source(name), lifetimes=2_000, threads=1)
    last = result["present_cost"].isel(month=-1)
    assert (last.sel(quantile=0.9) > 1.2 * last.sel(quantile=0.1)).all()


@pytest.mark.parametrize("source_name", ["s1", "s2", "s3", "s4", "s5"])
def test_every_source_has_a_point_plan_and_a_spread_plan(source_name: str) -> None:
    assert any(name.startswith(source_name) for name in POINTS)
    assert f"{source_name}-spread" in SPREADS


@pytest.mark.parametrize("name", PLANS)
def test_a_plan_begins_with_its_source_its_claim_what_follows_and_how_to_run_it(name: str) -> None:
    text = (SOURCES / f"{name}.toml").read_text(encoding="utf-8")
    head = head_of(name)
    assert all(line.startswith("#") or not line for line in head.splitlines())
    assert head.startswith(f"# {name[:2].upper()} · ")
    assert "\n# Printed: " in head
    assert "\n# Follows: " in head
    assert f"configs/sources/{name}.toml" in head
    assert max(map(len, text.splitlines())) <= 140


@pytest.mark.parametrize("name", PLANS)
def test_every_number_of_a_source_plan_names_its_source(name: str) -> None:
    silent = []
    told = False
    for number, line in enumerate((SOURCES / f"{name}.toml").read_text(encoding="utf-8").splitlines(), 1):
        text = line.strip()
        if text.startswith("#"):
            told = True
        elif text.startswith("[") or not text:
            told = False
        elif re.search(r"=.*\d", text):
            named = "#" in text or "source =" in text
            if not (
                named
                or told
                or re.match(r"(name|baseline|lifetimes|seed|label|extends|model|prices|retrain)\s*=", text)
            ):
                silent.append(f"{number}: {text}")
            told = told and not named
    assert silent == []


@pytest.mark.parametrize("name", PLANS)
def test_the_overrides_that_a_plan_suggests_are_valid(name: str) -> None:
    head = head_of(name)
    for key, value in re.findall(r'--set ([\w.]+)="([^"]+)"', head):
        load_plan(SOURCES / f"{name}.toml", (f"{key}={value}",))


@pytest.mark.parametrize("name", [name for name in PLANS if "simulate trace" in head_of(name)])
def test_the_ledger_that_a_plan_suggests_can_be_read(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    (command,) = re.findall(r"simulate (trace .*)", head_of(name))
    shown = CliRunner().invoke(main, command.split())
    assert shown.exit_code == 0, shown.output


@pytest.mark.parametrize("name", PRICED)
def test_prompting_follows_the_market_and_a_fine_tune_is_pinned(name: str) -> None:
    plan = source(name)
    presets = {preset.process: preset.preset for preset in plan.resolved_presets}
    followed = {model: presets[plan.models[model].prices] for model in plan.models}
    tuned = {strategy.model for strategy in plan.strategies.values() if getattr(strategy, "training", None)}
    assert followed == {model: "pinned" if model in tuned else "tier_2025" for model in followed}


def test_no_plan_names_a_path_of_a_machine() -> None:
    for name in PLANS:
        text = (SOURCES / f"{name}.toml").read_text(encoding="utf-8")
        assert not re.search(r"(^|[\s\"'(])(/|~/|\.\./|[A-Z]:\\)\w", text), name
