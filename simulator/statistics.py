"""State the error of what a finite number of lifetimes can tell."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Any

import numpy as np
from scipy.special import betainc

from simulator.running.balance import SCRAMBLES

BATCHES = 64
"""Number of batches behind every standard error of a mean; lifetime i belongs to batch i % 64."""

CONFIDENCE = 0.95
"""Coverage of every interval."""

EXPECTED = "; random price changes at their expectation"
"""What to add to the name of a mean that knows the price changes of each lifetime exactly."""

ROUNDING = 1e-12
"""Relative spread below which values differ by the rounding of their sums alone."""


def wilson_interval(
    successes: np.ndarray, lifetimes: int, confidence: float = CONFIDENCE
) -> tuple[np.ndarray, np.ndarray]:
    """Bound a probability by Wilson's score interval.

    Parameters
    ----------
    successes
        (any shape) number of lifetimes in [0, `lifetimes`] in which it happened; a tie may count one half.
    lifetimes
        Number of lifetimes n >= 1.
    confidence
        Coverage in (0, 1).

    Returns
    -------
    (low, high), each of the shape of `successes`, in [0, 1] and around successes / lifetimes.

    Notes
    -----
    The roots p of (k/n - p)^2 = z^2 p (1 - p) / n. With half ties the variance of a lifetime's score is
    p (1 - p) - t/4 for a tie share t, so the interval covers at least as often as it says.

    References
    ----------
    Wilson (1927), doi:10.1080/01621459.1927.10502953; Newcombe (1998),
    doi:10.1002/(SICI)1097-0258(19980430)17:8<857::AID-SIM777>3.0.CO;2-E.
    """
    z = NormalDist().inv_cdf(0.5 + 0.5 * confidence)
    share = np.asarray(successes, dtype=np.float64) / lifetimes
    spread = z * z / lifetimes
    centre = (share + 0.5 * spread) / (1.0 + spread)
    half = np.sqrt(spread * (share * (1.0 - share) + 0.25 * spread)) / (1.0 + spread)
    low = np.where(share <= 0.0, 0.0, np.clip(centre - half, 0.0, share))
    high = np.where(share >= 1.0, 1.0, np.clip(centre + half, share, 1.0))
    return low, high


def quantile_ranks(
    lifetimes: int, levels: np.ndarray, confidence: float = CONFIDENCE
) -> tuple[np.ndarray, np.ndarray]:
    """Find the order statistics that enclose a quantile.

    Parameters
    ----------
    lifetimes
        Number of lifetimes n >= 1.
    levels
        (level) probabilities in (0, 1).
    confidence
        Coverage in (0, 1).

    Returns
    -------
    (low, high), each (level), 1-based ranks. Rank 0 stands for -inf and n + 1 for +inf: too
    few lifetimes to bound the quantile on that side.

    Notes
    -----
    With B ~ Binomial(n, q), the quantile lies in [x_(low), x_(high)) with probability P(low <= B
    < high); low is the smallest k with P(B <= k) >= a/2, high one more than the smallest k with P(B <= k) >=
    1 - a/2.
    """
    levels = np.asarray(levels, dtype=np.float64)
    outside = 0.5 * (1.0 - confidence)
    low = _binomial_quantile(outside, lifetimes, levels)
    high = _binomial_quantile(1.0 - outside, lifetimes, levels) + 1
    return low, high


def replicates(sampler: str) -> int:
    """Give how many independent parts a run has: 64 batches, or 16 scrambles of quasi-random points."""
    return SCRAMBLES if sampler == "sobol" else BATCHES


def as_random(sampler: str) -> str:
    """Give what to add to the name of an interval whose width takes lifetimes for independent ones.

    Notes
    -----
    What is counted over all lifetimes says nothing of single scrambles; with quasi-random points such intervals are as
    a rule too wide.
    """
    return ", as for random points" if sampler == "sobol" else ""


def batch_sizes(lifetimes: int, parts: int = BATCHES) -> np.ndarray:
    """Count the lifetimes of each part (part): those i < `lifetimes` with i % `parts` = part."""
    return (lifetimes - 1 - np.arange(parts)) // parts + 1


def mean_of_batches(sums: np.ndarray, lifetimes: int, parts: int = BATCHES) -> tuple[np.ndarray, np.ndarray]:
    """Take a mean and its standard error from the sums of the batches.

    Parameters
    ----------
    sums
        (…, batch) sums over the lifetimes of each of the 64 batches.
    lifetimes
        Number of lifetimes n >= 1.
    parts
        Into how many independent parts the batches are joined, a divisor of 64: batch b goes to part b % `parts`.

    Returns
    -------
    (mean, standard error), each (…). The standard error is NaN for a single lifetime, and 0
    where the batches differ by no more than the rounding of their sums.

    Notes
    -----
    SE^2 = sum of r_b^2 / (n^2 - sum of n_b^2), r_b = S_b - n_b mean, n_b the size of part b:
    unbiased whatever the sizes. It is the variance of the means of the parts over their number where the sizes are
    equal, and the sample variance over n where no part has more than one lifetime. Lifetimes of one scramble are not
    independent: only whole scrambles are, and parts must be scrambles then.
    """
    sums = np.asarray(sums, dtype=np.float64)
    sizes = batch_sizes(lifetimes, parts).astype(np.float64)
    mean = sums.sum(axis=-1) / lifetimes
    if lifetimes == 1:
        return mean, np.full(mean.shape, np.nan)
    joined = sums.reshape(*sums.shape[:-1], -1, parts).sum(axis=-2) if parts != BATCHES else sums
    residuals = joined - mean[..., np.newaxis] * sizes
    error = np.sqrt(np.square(residuals).sum(axis=-1) / (float(lifetimes) ** 2 - np.square(sizes).sum()))
    return mean, np.where(error <= ROUNDING * np.abs(mean), 0.0, error)


def mean_of(tally: Any, name: str, parts: int = BATCHES) -> tuple[np.ndarray, np.ndarray, str]:
    """Take the mean of a statistic of a tally.

    Parameters
    ----------
    tally
        Sums, histograms and what is `expected` (`simulator.tally`).
    name
        Of the sums, and of the histograms where there are any.
    parts
        As for `mean_of_batches`.

    Returns
    -------
    Mean and standard error, each (…), and what to add to the mean's name. A mean of what is drawn lies between the
    extremes, whatever the rounding of its sums; an expected one need not.
    """
    mean, error = mean_of_batches(tally.sums[name], tally.lifetimes, parts)
    if name in tally.expected:
        return mean, error, EXPECTED
    histograms = tally.histograms.get(name)
    minimum = getattr(histograms, "minimum", None)
    if minimum is not None and np.shape(minimum) == mean.shape:
        mean = np.clip(mean, minimum, histograms.maximum)
    return mean, error, ""


def shortfall_error(
    tail_mean: float, tail_variance: float, quantile: float, level: float, lifetimes: int
) -> float:
    """Estimate the standard error of an expected shortfall.

    Parameters
    ----------
    tail_mean, tail_variance
        Mean [c] and variance [c^2] of the values beyond the quantile.
    quantile
        The quantile at `level` [c].
    level
        Probability q in (0, 1).
    lifetimes
        Number of lifetimes n >= 1.

    Returns
    -------
    Standard error [c]; NaN where fewer than two lifetimes lie beyond the quantile, 0 where
    the values do not vary.

    Notes
    -----
    SE^2 = (Var(X | X >= Q(q)) + q (ES - Q(q))^2) / ((1 - q) n). The second term is the error of
    the quantile itself.

    References
    ----------
    Trindade, Uryasev, Shapiro, Zrazhevsky (2007), doi:10.1016/j.jbankfin.2007.04.014.
    """
    beyond = (1.0 - level) * lifetimes
    if beyond < 2.0:
        return math.nan
    error = math.sqrt((tail_variance + level * (tail_mean - quantile) ** 2) / beyond)
    return 0.0 if error <= ROUNDING * abs(tail_mean) else error


def decimals(standard_error: float, most: int = 2) -> int:
    """Choose the number of decimals that a standard error supports.

    Parameters
    ----------
    standard_error
        Standard error >= 0 of the number to print.
    most
        Decimals of a number without error.

    Returns
    -------
    Decimals, negative for tens, hundreds, …, such that the last digit printed stands where
    the standard error has its first one; 0 where the error is unknown (NaN, infinite).
    """
    if not math.isfinite(standard_error):
        return 0
    if standard_error == 0.0:
        return most
    return min(most, -math.floor(math.log10(standard_error)))


def round_to_error(value: float, standard_error: float, most: int = 2) -> float:
    """Round a number to the digits that its standard error supports."""
    return round(value, decimals(standard_error, most))


def _binomial_quantile(probability: float, trials: int, levels: np.ndarray) -> np.ndarray:
    """Find the smallest k with P(B <= k) = I_(1 - q)(n - k, k + 1) >= probability, B ~ Binomial(n, q)."""
    low = np.zeros(levels.shape, dtype=np.int64)
    high = np.full(levels.shape, trials, dtype=np.int64)
    while np.any(low < high):
        middle = (low + high) // 2
        # In a settled element the middle may be n, where P(B <= n) = 1 has no beta function.
        reached = betainc(np.maximum(trials - middle, 1), middle + 1.0, 1.0 - levels) >= probability
        high = np.where(reached & (low < high), middle, high)
        low = np.where(reached | (low == high), low, middle + 1)
    return low
