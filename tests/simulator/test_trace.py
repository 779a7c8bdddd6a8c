"""A replayed lifetime: the run's own bits, and a ledger that adds up."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
import xarray as xr

from simulator.kernel import layout as k
from simulator.lowering import lower
from simulator.run import simulate
from simulator.trace import MOST_LIFETIMES, Ledger, record_lifetimes, replay
from tests.simulator.kernel.small import TEXT, read

LIFETIMES = k.BLOCK + 70
CHOSEN = (0, 1, 63, 64, k.LANES - 1, k.LANES, k.BLOCK - 1, k.BLOCK, LIFETIMES - 1)


@cache
def found() -> xr.Dataset:
    return simulate(read(), lifetimes=LIFETIMES, threads=2)


@cache
def ledger(lifetime: int, seed: int | None = None) -> Ledger:
    return replay(read(), lifetime, seed)


@pytest.mark.parametrize("lifetime", CHOSEN)
def test_a_replay_gives_the_bits_of_the_run(lifetime):
    again, of_run = ledger(lifetime), found().sel(lifetime=lifetime)
    np.testing.assert_array_equal(again.present[:, -1], of_run["sample_present_cost"].values)
    np.testing.assert_array_equal(again.monthly.astype(np.float32), of_run["sample_monthly_cost"].values)
    assert list(again.inputs) == list(of_run["input"].values)
    np.testing.assert_array_equal(
        [value for value, _ in again.inputs.values()], of_run["sample_input"].values
    )
    assert [unit for _, unit in again.inputs.values()] == list(of_run["input_unit"].values)


@pytest.mark.parametrize("lifetime", CHOSEN)
def test_a_ledger_adds_up(lifetime):
    """Components to the cash of a month, months to what has been paid, discounted to what is present."""
    kept = ledger(lifetime)
    np.testing.assert_allclose(kept.cost.sum(axis=1), kept.monthly, rtol=1e-13)
    np.testing.assert_allclose(np.cumsum(kept.monthly, axis=1), kept.cumulative, rtol=1e-13)
    running = kept.cost.copy()
    running[:, :, 0] -= kept.upfront
    assert np.all(running >= -1e-9)
    months = np.arange(1, running.shape[2] + 1)
    discounted = np.cumsum(running.sum(axis=1) * 1.08 ** (-months / 12.0), axis=1)
    np.testing.assert_allclose(kept.upfront.sum(axis=1)[:, None] + discounted, kept.present, rtol=1e-12)


def test_a_ledger_names_its_axes():
    kept = ledger(5)
    assert kept.strategies == ("prompting", "finetuned", "hosted", "mixed", "moving")
    assert kept.components == tuple(found()["component"].values)
    assert [day.isoformat() for day in kept.months[:2]] == ["2027-01-01", "2027-02-01"]
    assert kept.processes == ("market",)
    assert kept.price_level.shape == (1, 14)
    assert set(kept.events) == {"events.rules"}
    assert kept.events["events.rules"].dtype == bool
    assert kept.cost.shape == (5, 8, 14)
    assert (kept.lifetime, kept.seed) == (5, 11)


def test_training_runs_and_events_are_those_that_were_paid():
    for lifetime in CHOSEN:
        kept = ledger(lifetime)
        trained = kept.cost[1, k.TRAINING] > 0.0
        np.testing.assert_array_equal(trained, kept.training_runs[1] > 0.0)
        assert kept.training_runs[1, 0] == 1.0
        assert np.all(trained[kept.events["events.rules"]])
        np.testing.assert_array_equal(kept.training_runs[[0, 2]], 0.0)


def test_a_lifetime_that_was_never_run_can_be_lived():
    last = ledger(MOST_LIFETIMES - 1)
    kept = record_lifetimes(lower(read()), MOST_LIFETIMES - 3, 3, 11)
    np.testing.assert_array_equal(last.cost, kept.cost[2])
    assert np.all(np.isfinite(last.present))


def test_another_seed_is_another_lifetime():
    assert np.all(ledger(5, 12).present != ledger(5).present)
    assert ledger(5, 11).present.tobytes() == ledger(5).present.tobytes()


@pytest.mark.parametrize("lifetime", [-1, MOST_LIFETIMES])
def test_a_lifetime_outside_its_range_is_refused(lifetime):
    with pytest.raises(ValueError, match=rf"lifetime must lie in \[0, {MOST_LIFETIMES}\), got {lifetime}"):
        replay(read(), lifetime)


@pytest.mark.parametrize("seed", [-1, 2**64])
def test_a_seed_outside_its_range_is_refused(seed):
    with pytest.raises(ValueError, match="seed"):
        replay(read(), 0, seed)


def test_the_plan_of_one_month_has_one_month():
    kept = replay(read(TEXT.replace('"14 month"', '"1 month"')), 3)
    np.testing.assert_array_equal(kept.monthly, kept.cumulative)
    np.testing.assert_allclose(kept.cumulative[:, 0], kept.cost.sum(axis=(1, 2)), rtol=1e-14)
