"""Confidence sequences: what they must hold however often one looks, and what an interval of one look does not."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.special import betaln

from simulator.sequences import Mixture
from simulator.statistics import wilson_interval

SEEDS = 500
ERROR = 0.05
LOOKS = np.unique(np.round(np.geomspace(4_096, 1_048_576, 40)).astype(np.int64))

# Of 500 sequences that fail with a chance of 5 % at most, the share that fails, and five standard errors.
MOST = ERROR + 5 * math.sqrt(ERROR * (1 - ERROR) / SEEDS)


def categories(chances, seed):
    """Draw how often each category has come at each look: (look, seed, category)."""
    steps = np.diff(LOOKS, prepend=0)
    random = np.random.default_rng(seed)
    drawn = [random.multinomial(step, chances, size=SEEDS) for step in steps]
    return np.cumsum(drawn, axis=0)


def failing(low, high, truth):
    """Give the share of seeds whose bounds (look, seed, …) miss the truth at any look."""
    missed = (truth < low) | (truth > high)
    return missed.reshape(len(LOOKS), SEEDS, -1).any(axis=(0, 2)).mean()


def chance_bounds(mixture, sums):
    return (
        np.stack(ends)
        for ends in zip(
            *(mixture.chances(one, n) for one, n in zip(sums, LOOKS.tolist(), strict=True)), strict=True
        )
    )


@pytest.mark.parametrize("chance", [0.5, 0.1, 0.003])
def test_a_chance_stays_inside_its_sequence_and_leaves_the_intervals_of_one_look(chance):
    """Bounds that fail for over 10 % of the seeds are found out; Wilson's fail for over a quarter."""
    sums = categories([chance, 1 - chance], seed=1)[..., 0]
    sequence = failing(*chance_bounds(Mixture.for_tolerance(ERROR, 0.002), sums), chance)
    naive = failing(*wilson_interval(sums, LOOKS[:, np.newaxis]), chance)
    assert sequence <= MOST
    assert naive > 2 * MOST
    assert naive > sequence


def test_all_chances_hold_together_where_strategies_tie():
    """Three strategies, two of which tie at times: shares of a half lie in [0, 1] like any other."""
    alone = np.array([0.35, 0.25, 0.1])
    both = 0.3  # the first two, half each
    counted = categories([*alone, both], seed=2)
    sums = counted[..., :3] + counted[..., 3:] * np.array([0.5, 0.5, 0.0])
    truth = alone + both * np.array([0.5, 0.5, 0.0])
    mixture = Mixture.for_tolerance(ERROR / 3, 0.002)
    assert failing(*chance_bounds(mixture, sums), truth) <= MOST
    naive = wilson_interval(sums, LOOKS[:, np.newaxis, np.newaxis], confidence=1 - ERROR / 3)
    assert failing(*naive, truth) > MOST


@pytest.fixture(scope="module")
def skewed_costs():
    """Draw means and standard deviations of paired skewed costs at every look: (look, seed) each, and the truth."""
    looks, lanes = len(LOOKS), 768
    random = np.random.default_rng(3)
    total, squares = np.zeros(SEEDS), np.zeros(SEEDS)
    means, spreads = [], []
    for look in range(1, looks + 1):
        shared = random.standard_normal((SEEDS, lanes), dtype=np.float32)
        own = random.standard_normal((SEEDS, lanes), dtype=np.float32)
        difference = np.exp(0.8 * shared + 0.3 * own) - np.exp(0.8 * shared)
        total += difference.sum(axis=1, dtype=np.float64)
        squares += np.square(difference).sum(axis=1, dtype=np.float64)
        mean = total / (look * lanes)
        means.append(mean)
        spreads.append(np.sqrt(squares / (look * lanes) - mean**2))
    truth = math.exp(0.32 + 0.045) - math.exp(0.32)
    return np.stack(means), np.stack(spreads), lanes * np.arange(1, looks + 1), truth


def test_a_mean_of_skewed_paired_costs_stays_inside_its_sequence(skewed_costs):
    means, spreads, lifetimes, truth = skewed_costs
    for weight in (500.0, 5_000.0):
        bounds = [
            Mixture(ERROR, weight).means(*one, n)
            for *one, n in zip(means, spreads, lifetimes.tolist(), strict=True)
        ]
        assert failing(*(np.stack(ends) for ends in zip(*bounds, strict=True)), truth) <= MOST
    half = 1.96 * spreads / np.sqrt(lifetimes)[:, np.newaxis]
    assert failing(means - half, means + half, truth) > 2 * MOST


def test_the_evidence_is_the_mixed_likelihood_over_the_own_one():
    """With r m = r (1 - m) = 1 the mixture is uniform, and its likelihood 1/((n + 1) C(n, S))."""
    mixture = Mixture(0.05, 2.0)
    found = mixture._evidence(np.array(0.5), np.array(7.0), 20)
    assert found == pytest.approx(-math.log(21 * math.comb(20, 7)) + 20 * math.log(2), rel=1e-13)


@pytest.mark.parametrize("lifetimes", [1, 2, 50, 65_536, 10**6])
@pytest.mark.parametrize("weight", [1.0, 26.0, 71_000.0])
def test_bounds_are_where_the_evidence_is_one_in_twenty_and_all_between_has_less(lifetimes, weight):
    mixture = Mixture(ERROR, weight)
    sums = np.unique(np.clip([0, 0.5, 1, 1.5, 2, 0.3 * lifetimes, 0.5 * lifetimes, lifetimes], 0, lifetimes))
    low, high = mixture.chances(sums, lifetimes)
    assert np.all((low >= 0) & (low <= sums / lifetimes) & (sums / lifetimes <= high) & (high <= 1))
    rounding = 2e-7
    width = np.maximum(high - low - 2 * rounding, 0.0)
    inside = 0.5 * (low + high - width) + width * np.linspace(0.001, 0.999, 999)[:, np.newaxis]
    beyond = [
        low * np.linspace(0.001, 0.999, 999)[:, np.newaxis],
        1 - (1 - high) * np.linspace(0.001, 0.999, 999)[:, np.newaxis],
    ]
    level = math.log(1 / ERROR)
    assert np.all(mixture._evidence(inside, sums, lifetimes) < level + 1e-3)
    for values, edge in zip(beyond, (low > 1e-6, high < 1 - 1e-6), strict=True):
        assert np.all(mixture._evidence(values, sums, lifetimes)[:, edge] > level - 1e-3)


def test_what_never_and_what_always_happens_is_bounded_on_one_side():
    low, high = Mixture(ERROR, 100.0).chances(np.array([0.0, 1000.0]), 1000)
    assert (low[0], high[1]) == (0.0, 1.0)
    assert high[0] == pytest.approx(1 - low[1], abs=2e-7)
    assert 0 < high[0] < 0.05


def test_the_weight_makes_a_chance_of_a_half_known_soonest():
    """No other weight reaches the tolerance with fewer lifetimes."""
    error, tolerance = 0.05 / 28, 0.002

    def half(weight, lifetimes):
        low, high = Mixture(error, weight).chances(np.array(0.5 * lifetimes), lifetimes)
        return float(high - low) / 2

    best = Mixture.for_tolerance(error, tolerance).weight
    factor = 1 + 2 * math.log(1 / error)
    for _ in range(60):
        factor = 1 + 2 * math.log(1 / error) + math.log(factor)
    needed = int(factor / (4 * tolerance**2))
    assert half(best, needed) == pytest.approx(tolerance, rel=1e-3)
    assert half(best / 1.5, needed) > half(best, needed) < half(best * 1.5, needed)


def test_where_the_last_look_comes_sooner_it_is_made_the_best_one():
    assert Mixture.for_tolerance(0.05, 0.001).weight > Mixture.for_tolerance(0.05, 0.001, 70_000).weight
    needed = 70_000
    halves = [
        float(
            np.diff(Mixture.for_tolerance(0.05, 0.001, most).chances(np.array(0.5 * needed), needed), axis=0)[
                0
            ]
        )
        for most in (needed, 4 * needed, needed / 4)
    ]
    assert halves[0] == min(halves)


def test_a_mean_without_spread_is_known():
    assert Mixture(ERROR, 100.0).means(np.array(3.0), np.array(0.0), 10) == (3.0, 3.0)


def test_bounds_of_a_mean_are_those_of_the_normal_mixture():
    """The mixture of exp(l S - l^2 n/2) over l ~ N(0, 1/r) is 1/a at the bound."""
    mixture, lifetimes = Mixture(ERROR, 300.0), 5_000
    _, high = mixture.means(np.array(0.0), np.array(1.0), lifetimes)
    total = float(high) * lifetimes
    evidence = 0.5 * total**2 / (lifetimes + 300) - 0.5 * math.log(1 + lifetimes / 300)
    assert evidence == pytest.approx(math.log(1 / ERROR), abs=1e-7)


def test_the_evidence_against_the_truth_is_one_on_average_and_less_where_ties_are_shared():
    """Over all numbers of heads of 100 coins; and where all of 100 lifetimes are ties of two."""
    mixture = Mixture(ERROR, 50.0)
    wins = np.arange(101)
    log_chance = -betaln(wins + 1, 101 - wins) - math.log(101) - 100 * math.log(2)
    coins = float(np.sum(np.exp(mixture._evidence(np.full(101, 0.5), wins.astype(float), 100) + log_chance)))
    assert coins == pytest.approx(1.0, rel=1e-10)
    assert float(np.exp(mixture._evidence(np.array(0.5), np.array(50.0), 100))) < 1.0
