"""Tell how well a run knows what its plan is decided on, however often it has been asked."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from simulator.histogram import RELATIVE_ERROR
from simulator.plan.constants import LEAST_TOLERANCE, MOST_TOLERANCE
from simulator.plan.schema import FIRST_LOOK
from simulator.sequences import Mixture
from simulator.statistics import CONFIDENCE

if TYPE_CHECKING:
    from simulator.plan import Plan
    from simulator.tally import Histograms, Tally

FIRST = FIRST_LOOK
"""Lifetimes before the first look; each round doubles them."""

ORDERED, INDIFFERENT, UNDECIDED = "ordered", "indifferent", "undecided"
"""What may be said of two strategies: whose mean is lower; that the means differ by the tolerance at most; neither."""


@dataclass(frozen=True)
class Contract:
    """What a run is to know before it ends.

    Parameters
    ----------
    tolerance
        In [1e-5, 0.1]: of chances the largest error, of means the largest difference that makes no difference, over
        the lower one.
    max_lifetimes
        After which it ends all the same, `FIRST` or more.

    Raises
    ------
    ValueError
        If one of them lies outside its domain.
    """

    tolerance: float
    max_lifetimes: int

    def __post_init__(self) -> None:
        if not LEAST_TOLERANCE <= self.tolerance <= MOST_TOLERANCE:
            allowed = f"[{LEAST_TOLERANCE:g}, {MOST_TOLERANCE:g}]"
            raise ValueError(f"precision must lie in {allowed}, got {self.tolerance}")
        if self.max_lifetimes < FIRST:
            raise ValueError(f"max_lifetimes must be {FIRST:,} or more, got {self.max_lifetimes}")

    @property
    def looks(self) -> tuple[int, ...]:
        """Lifetimes at which the run is looked at, ascending; the last one is `max_lifetimes`."""
        looks = [FIRST]
        while looks[-1] < self.max_lifetimes:
            looks.append(min(2 * looks[-1], self.max_lifetimes))
        return tuple(looks)


@dataclass(frozen=True)
class Known:
    """What is known at a look.

    Parameters
    ----------
    contract
        What is to be known.
    lifetimes
        Lived so far.
    cheapest
        (strategy) share of the lifetimes in which each is cheapest at the horizon.
    cheapest_sequence
        (strategy, bound) [1] confidence sequence of the chance of it.
    saving
        (strategy, rival) [currency] rival's minus strategy's mean present cost at the horizon.
    saving_sequence
        (strategy, rival, bound) [currency] confidence sequence of its mean.
    gap
        (strategy, rival) [1] the largest difference of the two means that the sequence allows, over the lower mean.
    """

    contract: Contract
    lifetimes: int
    cheapest: np.ndarray
    cheapest_sequence: np.ndarray
    saving: np.ndarray
    saving_sequence: np.ndarray
    gap: np.ndarray

    @property
    def rounds(self) -> int:
        """Number of the look."""
        return 1 + self.contract.looks.index(self.lifetimes)

    @property
    def is_enough(self) -> bool:
        """Whether the contract is fulfilled."""
        tolerance = self.contract.tolerance
        chances = error_of_chances(self.cheapest, self.cheapest_sequence) <= tolerance
        pairs = neighbours(self.saving, self.saving_sequence, self.gap, tolerance)
        return chances and all(status != UNDECIDED for *_, status in pairs)


def contract_of(
    plan: Plan, lifetimes: int | None = None, precision: float | None = None, max_lifetimes: int | None = None
) -> Contract | None:
    """Say what a run of a plan is to know; None where its number of lifetimes is given.

    Parameters
    ----------
    lifetimes, precision, max_lifetimes
        In place of the plan's. A number of lifetimes takes the place of the plan's precision too.

    Raises
    ------
    ValueError
        If both lifetimes and a precision are given, if there is a largest number of lifetimes and no precision, or
        if the plan's sampler does not draw lifetimes at random.
    """
    if lifetimes is not None and (precision is not None or max_lifetimes is not None):
        raise ValueError(
            "lifetimes exclude a precision, and the largest number of lifetimes that goes with it"
        )
    tolerance = plan.run.precision if precision is None else precision
    if lifetimes is not None or (tolerance is None and max_lifetimes is None):
        return None
    if tolerance is None:
        raise ValueError("max_lifetimes goes with a precision, which is not given")
    if plan.run.sampler != "random":
        raise ValueError(
            f'a precision needs lifetimes drawn at random, not sampler = "{plan.run.sampler}": '
            "confidence sequences take them to be independent"
        )
    return Contract(tolerance, plan.run.max_lifetimes if max_lifetimes is None else max_lifetimes)


def judge(contract: Contract, tally: Tally) -> Known:
    """Tell what a tally knows.

    Notes
    -----
    One chance for each of S strategies and one difference for each of S (S - 1)/2 pairs share the error of 5 % evenly
    (Bonferroni), so that all sequences hold at every look with 95 %. Sequences are those of `sequences`. The
    standard deviation of a difference is taken from its histogram: the batches' would not settle as a run goes on.
    """
    strategies = tally.counts["cheapest"].shape[0]
    error = (1.0 - CONFIDENCE) / (strategies * (strategies + 1) // 2)
    mixture = Mixture.for_tolerance(error, contract.tolerance, contract.max_lifetimes)
    wins = np.clip(tally.counts["cheapest"][:, -1], 0.0, tally.lifetimes)
    # the only strategy is the cheapest one without a draw
    chances = np.stack(mixture.chances(wins, tally.lifetimes), axis=-1) if strategies > 1 else np.ones((1, 2))
    saving = tally.sums["saving"].sum(axis=-1) / tally.lifetimes
    first, second = np.triu_indices(strategies, 1)
    low, high = mixture.means(
        saving[first, second],
        _spreads(tally.histograms["saving"], first, second, saving, tally.lifetimes),
        tally.lifetimes,
    )
    sequence = np.zeros((strategies, strategies, 2))
    sequence[first, second] = np.stack([low, high], axis=-1)
    sequence[second, first] = np.stack([-high, -low], axis=-1)
    means = tally.sums["compared_cost"].sum(axis=-1) / tally.lifetimes
    lower = np.abs(np.minimum(means[:, np.newaxis], means))
    largest = np.abs(sequence).max(axis=-1)
    gap = np.divide(largest, lower, out=np.where(largest > 0.0, np.inf, 0.0), where=lower > 0.0)
    return Known(contract, tally.lifetimes, wins / tally.lifetimes, chances, saving, sequence, gap)


def error_of_chances(cheapest: np.ndarray, sequence: np.ndarray) -> float:
    """Give the largest distance of a chance from the ends of its sequence, (strategy) and (strategy, bound)."""
    return float(np.abs(sequence - cheapest[:, np.newaxis]).max())


def neighbours(
    saving: np.ndarray, sequence: np.ndarray, gap: np.ndarray, tolerance: float
) -> list[tuple[int, int, str]]:
    """Say of each two strategies that follow one another by mean whether their order is known.

    Parameters
    ----------
    saving, sequence, gap
        As in `Known`.
    tolerance
        Of the contract.

    Returns
    -------
    (cheaper, dearer, status) from the cheapest on; strategies of equal mean stand in file order.
    """
    # the saving of any one against all of them orders their means
    order = np.argsort(saving[0], kind="stable").tolist()
    found = []
    for cheaper, dearer in pairwise(order):
        if sequence[cheaper, dearer, 0] > 0.0:
            status = ORDERED
        else:
            status = INDIFFERENT if gap[cheaper, dearer] <= tolerance else UNDECIDED
        found.append((cheaper, dearer, status))
    return found


def _spreads(
    histograms: Histograms, first: np.ndarray, second: np.ndarray, means: np.ndarray, lifetimes: int
) -> np.ndarray:
    """Bound the standard deviations of the savings of some pairs from above, (pair).

    Notes
    -----
    A value lies within 2^-11 of the middle of its bin, relatively. So by Minkowski's inequality its standard deviation
    is at most the root mean square of (middle - mean), and 2^-11 of that of the middles.
    """
    spreads = np.zeros(first.size)
    for place, (a, b) in enumerate(zip(first.tolist(), second.tolist(), strict=True)):
        lower, upper, count = histograms.bins(a, b)
        middle = 0.5 * (lower + upper)
        about = np.sqrt(np.sum(count * (middle - means[a, b]) ** 2) / lifetimes)
        size = np.sqrt(np.sum(count * middle**2) / lifetimes)
        # of equal values the middle is not needed: their extremes are exact
        constant = histograms.minimum[a, b] == histograms.maximum[a, b]
        spreads[place] = 0.0 if constant else about + RELATIVE_ERROR * size
    return spreads
