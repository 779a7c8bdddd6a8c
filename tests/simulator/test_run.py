"""Running the lifetimes of a plan: arguments, progress, threads, what is too large, what is broken off."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from distributions.streams import key_words
from simulator.kernel import layout as k
from simulator.lowering import lower
from simulator.run import SAMPLES, available_threads, run_blocks, simulate
from simulator.running import threads as runner
from simulator.trace import record_lifetimes
from tests.simulator.kernel.small import TEXT, changed, read

EXPLODING = changed(('growth = "0% to 60% / year"', 'growth = "1e15% / month"'), ('"14 month"', '"60 month"'))


def test_the_plan_says_how_many_lifetimes_and_which_seed():
    found = simulate(read(TEXT), threads=1)
    assert (found.attrs["lifetimes"], int(found.attrs["seed"])) == (1000, 11)
    assert found.sizes["lifetime"] == 1000
    again = simulate(read(TEXT), lifetimes=1000, seed=11, threads=1)
    np.testing.assert_array_equal(found["sample_input"].values, again["sample_input"].values)


@pytest.mark.parametrize(
    ("name", "value"), [("lifetimes", 0), ("lifetimes", -3), ("threads", 0), ("threads", -1)]
)
def test_counts_below_one_are_refused(name, value):
    with pytest.raises(ValueError, match=f"{name} must be 1 or more, got {value}"):
        simulate(read(TEXT), **{name: value})


@pytest.mark.parametrize("seed", [-1, 2**64])
def test_a_seed_outside_64_bits_is_refused(seed):
    with pytest.raises(ValueError, match="seed"):
        simulate(read(TEXT), lifetimes=10, seed=seed)


@pytest.mark.parametrize("seed", [0, 1, 2**32, 2**64 - 1])
def test_every_bit_of_a_seed_counts(seed):
    lowered = lower(read(TEXT))
    for bit in (0, 31, 32, 63):
        inputs = [
            run_blocks(lowered, lifetimes=20, seed=number, threads=1).samples["sample_input"]
            for number in (seed, seed ^ (1 << bit))
        ]
        assert np.all(inputs[0] != inputs[1])
    assert key_words(seed) == (seed % 2**32, seed // 2**32)


@pytest.mark.parametrize("lifetimes", [1, 2, 63, 65, k.LANES + 1])
def test_any_number_of_lifetimes_can_be_run(lifetimes):
    found = simulate(read(TEXT), lifetimes=lifetimes, threads=2)
    np.testing.assert_allclose(
        found["present_cost_mean"].isel(month=-1).values,
        found["sample_present_cost"].values.mean(axis=0),
        rtol=1e-13,
    )
    assert np.all(np.isnan(found["present_cost_mean_mcse"].values)) == (lifetimes == 1)


def test_samples_are_the_first_lifetimes_and_no_more_than_ten_thousand():
    lifetimes = SAMPLES + 2 * k.BLOCK
    tally = run_blocks(lower(read(TEXT)), lifetimes=lifetimes, seed=11, threads=2)
    assert {len(values) for values in tally.samples.values()} == {SAMPLES}
    last = record_lifetimes(lower(read(TEXT)), SAMPLES - 5, 5, 11)
    np.testing.assert_array_equal(tally.samples["sample_present_cost"][-5:], last.totals[:, :, -1, 2])
    np.testing.assert_array_equal(tally.samples["sample_input"][-5:], last.inputs)
    np.testing.assert_array_equal(
        tally.samples["sample_monthly_cost"][-5:], last.totals[..., 0].astype(np.float32)
    )


def test_progress_is_told_of_every_block_in_order():
    told = []
    lifetimes = 3 * k.BLOCK + 5
    simulate(read(TEXT), lifetimes=lifetimes, threads=2, progress=lambda *numbers: told.append(numbers))
    assert told == [
        (k.BLOCK, lifetimes),
        (2 * k.BLOCK, lifetimes),
        (3 * k.BLOCK, lifetimes),
        (lifetimes, lifetimes),
    ]


def test_costs_that_are_too_large_for_a_number_are_an_error():
    with pytest.raises(OverflowError, match="costs are too large for a number in some lifetimes: look for"):
        simulate(read(EXPLODING), lifetimes=100)


@pytest.mark.parametrize("threads", [1, 3])
def test_breaking_off_leaves_no_thread_behind(threads):
    """An interrupt goes through, blocks that wait are not begun, and the next run is a whole one."""
    plan, lifetimes = read(TEXT), 400 * k.BLOCK
    before = set(threading.enumerate())
    told = []

    def interrupt(done: int, _: int) -> None:
        told.append(done)
        if len(told) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        simulate(plan, lifetimes=lifetimes, threads=threads, progress=interrupt)
    assert told == [k.BLOCK, 2 * k.BLOCK]
    assert set(threading.enumerate()) == before
    usual = simulate(plan, lifetimes=100, threads=1)
    np.testing.assert_array_equal(
        usual["sample_present_cost"].values, record_lifetimes(lower(plan), 0, 100, 11).totals[:, :, -1, 2]
    )


def test_an_error_in_a_block_goes_through_and_leaves_no_thread_behind(monkeypatch):
    before = set(threading.enumerate())
    original = runner.Worker.run

    def fail(self, first, count, record, sums=None):
        if first == 2 * k.BLOCK:
            raise MemoryError("no room")
        return original(self, first, count, record, sums)

    monkeypatch.setattr(runner.Worker, "run", fail)
    with pytest.raises(MemoryError, match="no room"):
        simulate(read(TEXT), lifetimes=50 * k.BLOCK, threads=2)
    assert set(threading.enumerate()) == before


def test_threads_are_those_that_the_process_may_use():
    assert 1 <= available_threads() <= 4096
