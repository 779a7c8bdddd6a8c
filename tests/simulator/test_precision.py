"""Runs with a precision: when they end, what they then know, and that they are runs like any other."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from simulator import precision, storage
from simulator.kernel import layout as k
from simulator.lowering import lower
from simulator.plan import load_plan
from simulator.precision import (
    FIRST,
    INDIFFERENT,
    ORDERED,
    UNDECIDED,
    Contract,
    Known,
    contract_of,
    error_of_chances,
    judge,
    neighbours,
)
from simulator.run import run_blocks, simulate
from simulator.running import threads as runner
from simulator.running.checkpoint import Checkpoint
from simulator.running.identity import MismatchError
from simulator.running.watch import StoppedError

ROOT = Path(__file__).resolve().parents[2]
SEQUENCES = ("cheapest_probability_sequence", "saving_mean_sequence", "mean_gap_bound")


@cache
def plan(*overrides):
    return load_plan(ROOT / "configs" / "smoke.toml", overrides)


@cache
def precise():
    """Run the small plan to 0.6 %, which takes more than a round."""
    return simulate(plan(), precision=0.006)


def digest(dataset):
    return storage.values_digest(dataset)


def test_rounds_double_until_the_largest_number_of_lifetimes():
    assert Contract(0.002, 300_000).looks == (65_536, 131_072, 262_144, 300_000)
    assert Contract(0.002, FIRST).looks == (FIRST,)
    assert Contract(0.002, 2 * FIRST).looks == (FIRST, 2 * FIRST)


@pytest.mark.parametrize("tolerance", [0.0, -0.002, 0.2, 1e-6, float("nan")])
def test_a_tolerance_out_of_range_is_refused(tolerance):
    with pytest.raises(ValueError, match=r"precision must lie in \[1e-05, 0.1\]"):
        Contract(tolerance, FIRST)


def test_a_run_has_one_round_at_least():
    with pytest.raises(ValueError, match="max_lifetimes must be 65,536 or more, got 65535"):
        Contract(0.002, FIRST - 1)


def test_a_number_of_lifetimes_takes_the_place_of_the_plans_precision():
    asked = plan('run.precision="0.5%"', "run.max_lifetimes=70000")
    assert contract_of(asked) == Contract(0.005, 70_000)
    assert contract_of(asked, precision=0.01, max_lifetimes=FIRST) == Contract(0.01, FIRST)
    assert contract_of(asked, lifetimes=1000) is None
    assert contract_of(plan()) is None
    assert contract_of(plan(), precision=0.01) == Contract(0.01, 100_000_000)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"lifetimes": 1000, "precision": 0.01}, "lifetimes exclude a precision"),
        ({"lifetimes": 1000, "max_lifetimes": FIRST}, "lifetimes exclude a precision"),
        ({"max_lifetimes": FIRST}, "max_lifetimes goes with a precision"),
    ],
)
def test_arguments_that_contradict_one_another_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        simulate(plan(), **arguments)


def test_points_that_are_not_random_have_no_confidence_sequences():
    run = plan().run.model_copy(update={"sampler": "sobol"})
    with pytest.raises(ValueError, match='drawn at random, not sampler = "sobol"'):
        contract_of(SimpleNamespace(run=run), precision=0.002)


def test_a_run_ends_at_the_first_look_that_knows_enough():
    found = precise()
    lifetimes = found.attrs["lifetimes"]
    assert (found.attrs["precision"], found.attrs["max_lifetimes"]) == (0.006, 100_000_000)
    assert lifetimes == FIRST * 2 ** (found.attrs["rounds"] - 1) > FIRST
    lowered = lower(plan())
    for look in Contract(0.006, lifetimes).looks:
        tally = run_blocks(lowered, lifetimes=look, seed=7)
        assert judge(Contract(0.006, 100_000_000), tally).is_enough == (look == lifetimes)


def test_its_result_is_that_of_a_run_of_as_many_lifetimes():
    whole = simulate(plan(), lifetimes=int(precise().attrs["lifetimes"]))
    assert set(precise()) - set(whole) == set(SEQUENCES)
    assert digest(precise().drop_vars(SEQUENCES)) == digest(whole)


@pytest.mark.parametrize("options", [{"threads": 1}, {"threads": 3}, {"executor": 2}], ids=str)
def test_who_lives_the_lifetimes_changes_no_byte(options):
    if "executor" in options:
        with ThreadPoolExecutor(options["executor"]) as executor:
            assert digest(simulate(plan(), precision=0.006, executor=executor)) == digest(precise())
    else:
        assert digest(simulate(plan(), precision=0.006, **options)) == digest(precise())


def test_no_lifetime_is_lived_twice_and_progress_goes_on(monkeypatch):
    lived, told = [], []
    original = runner.Worker.run

    def run(self, first, count, record, sums=None):
        lived.append((first, count))
        return original(self, first, count, record, sums)

    monkeypatch.setattr(runner.Worker, "run", run)
    found = simulate(plan(), precision=0.006, threads=1, progress=lambda *numbers: told.append(numbers))
    lifetimes = int(found.attrs["lifetimes"])
    assert sorted({one for one in lived if one[1]}) == sorted(one for one in lived if one[1])
    assert sum(count for _, count in lived) == lifetimes
    done = [number for number, _ in told]
    assert done == sorted(done)
    assert told[-1] == (lifetimes, lifetimes)
    assert {total for _, total in told} == set(Contract(0.006, lifetimes).looks)


def test_a_run_ends_after_the_largest_number_of_lifetimes_and_owns_up_to_it():
    found = simulate(plan(), precision=0.0005, max_lifetimes=FIRST + 5)
    assert (found.attrs["lifetimes"], found.attrs["rounds"]) == (FIRST + 5, 2)
    shares = found["cheapest_probability"].values[:, -1]
    assert error_of_chances(shares, found["cheapest_probability_sequence"].values) > 0.0005


@pytest.mark.parametrize("blocks", [3, 16, 20])
def test_a_run_that_is_broken_off_goes_on_to_the_same_end(tmp_path, blocks):
    """In the first round, between two and in the second one."""
    path = tmp_path / "answer.nc.checkpoint"
    keeping = {"always": True, "every_s": 0.0, "share": 1e9}
    stop = threading.Event()

    def progress(done, _):
        if done >= blocks * k.BLOCK:
            stop.set()

    kept = Checkpoint(path, **keeping)
    with pytest.raises(StoppedError):
        simulate(plan(), precision=0.006, checkpoint=kept, stop=stop, progress=progress, threads=1)
    assert blocks * k.BLOCK <= kept.lifetimes < precise().attrs["lifetimes"]
    told, seen = [], []
    again = simulate(
        plan(),
        precision=0.006,
        checkpoint=Checkpoint(path, resume=True, log=told.append, **keeping),
        progress=lambda *numbers: seen.append(numbers),
    )
    assert told == [f"Continuing after {kept.lifetimes:,} lifetimes."]
    # not looked at again as if it had fewer
    assert all(done <= total for done, total in seen)
    assert digest(again) == digest(precise())
    assert again.attrs["rounds"] == precise().attrs["rounds"]


def test_a_run_with_a_short_last_block_is_not_gone_on_with(tmp_path):
    path = tmp_path / "answer.nc.checkpoint"
    simulate(plan(), lifetimes=20_000, checkpoint=Checkpoint(path, always=True))
    with pytest.raises(MismatchError, match="not all among those of this run of 100,000,000"):
        simulate(plan(), precision=0.01, checkpoint=Checkpoint(path, resume=True))


def test_what_is_known_is_what_the_lifetimes_say():
    """Shares and mean savings are those of the lifetimes; spreads exceed theirs by 2^-11 of their size at most."""
    lowered, lifetimes = lower(plan()), 10_000  # all of which are samples
    tally = run_blocks(lowered, lifetimes=lifetimes, seed=7)
    known = judge(Contract(0.01, FIRST), tally)
    costs = tally.samples["sample_present_cost"]
    saving = costs[:, np.newaxis, :] - costs[:, :, np.newaxis]
    np.testing.assert_allclose(known.saving, saving.mean(axis=0), rtol=1e-9, atol=1e-6)
    np.testing.assert_allclose(known.cheapest.sum(), 1.0, rtol=1e-12)
    first, second = np.triu_indices(3, 1)
    spreads = precision._spreads(tally.histograms["saving"], first, second, known.saving, lifetimes)
    exact = saving.std(axis=0)[first, second]
    size = np.sqrt(np.mean(saving**2, axis=0))[first, second]
    assert np.all(spreads >= exact)
    assert np.all(spreads <= exact + 2.1 * 2.0**-11 * size)
    half = 0.5 * (known.saving_sequence[..., 1] - known.saving_sequence[..., 0])
    lower_mean = np.minimum(costs.mean(axis=0)[:, np.newaxis], costs.mean(axis=0))
    np.testing.assert_allclose(known.gap, (np.abs(known.saving) + half) / lower_mean, rtol=1e-9)
    np.testing.assert_array_equal(known.saving_sequence[..., 0], -known.saving_sequence[..., 1].T)


def test_strategies_that_cost_the_same_are_indifferent_by_nothing(tmp_path):
    text = (ROOT / "configs" / "smoke.toml").read_text()
    (tmp_path / "twins.toml").write_text(text + '\n[strategies.twin]\nextends = "prompting"\n')
    found = simulate(load_plan(tmp_path / "twins.toml"), precision=0.02)
    pair = {"strategy": "prompting", "rival": "twin"}
    assert float(found["mean_gap_bound"].sel(pair)) == 0.0
    shares = found["cheapest_probability"].values[:, -1]
    low, high = found["cheapest_probability_sequence"].values.T
    assert np.all((low <= shares) & (shares <= high))
    ranking = neighbours(
        *(found[name].values for name in ("saving_mean", *SEQUENCES[1:])), found.attrs["precision"]
    )
    assert [status for *_, status in ranking].count(INDIFFERENT) == 1


def test_a_single_strategy_is_known_at_once(tmp_path):
    text = (ROOT / "configs" / "smoke.toml").read_text()
    cut = text[: text.index("[strategies.finetuned]")]
    (tmp_path / "one.toml").write_text(cut)
    found = simulate(load_plan(tmp_path / "one.toml"), precision=0.0005)
    assert found.attrs["lifetimes"] == FIRST


def known(low, high, gap, share=0.5, arm=0.001, tolerance=0.002):
    """Make what is known of two strategies, the first of which is cheaper by 5 on average."""
    sequence = np.zeros((2, 2, 2))
    sequence[0, 1], sequence[1, 0] = (low, high), (-high, -low)
    shares = np.array([share, 1 - share])
    return Known(
        Contract(tolerance, FIRST), FIRST, shares, shares[:, np.newaxis] + [-arm, arm],
        np.array([[0.0, 5.0], [-5.0, 0.0]]), sequence, np.full((2, 2), gap),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("one", "status", "enough"),
    [
        (known(1.0, 9.0, 0.01), ORDERED, True),
        (known(-1.0, 11.0, 0.0019), INDIFFERENT, True),
        (known(0.0, 10.0, 0.0021), UNDECIDED, False),
        (known(1.0, 9.0, 0.0019), ORDERED, True),
        (known(1.0, 9.0, 0.01, arm=0.0021), ORDERED, False),
        (known(-1.0, 11.0, 0.0019, arm=0.0021), INDIFFERENT, False),
    ],
)
def test_two_strategies_are_ordered_indifferent_or_undecided(one, status, enough):
    assert neighbours(one.saving, one.saving_sequence, one.gap, 0.002) == [(0, 1, status)]
    assert one.is_enough == enough
