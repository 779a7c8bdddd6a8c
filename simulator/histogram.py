"""Read order statistics, quantiles and tail means from a log-linear histogram."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

MANTISSA_BITS = 10
"""Leading mantissa bits that number a bin: 1,024 bins an octave, each 2^-11 to 2^-10 of its values wide."""

SHIFT = 52 - MANTISSA_BITS
"""Bits that the bin of a float64 forgets."""

RELATIVE_ERROR = 2.0**-11
"""Largest relative error of an order statistic, quantile or tail mean, whatever lies inside the bins."""


class Tail(NamedTuple):
    """The upper tail of a histogram beyond a level."""

    mean: float
    variance: float


class Histogram:
    """Counts of values in bins.

    Parameters
    ----------
    lower, upper
        (bin) finite edges in ascending order; a bin with equal edges holds that value alone.
    count
        (bin) number of values in each bin, all positive.
    minimum, maximum
        Exact extremes of the values, where they are known: they cut the outermost bins, and values that are
        all equal come back exactly.

    Notes
    -----
    The k-th of the c values of a bin is taken to lie at lower + (k - 1/2)/c (upper - lower), then
    moved into [upper (1 - d), lower (1 + d)], d = 2^-11 (mirrored for negative bins). Every point of that
    range is within d of every value that the bin can hold, so the bound of `RELATIVE_ERROR` holds for a lump
    of equal values too, while values that fill the bin evenly are still interpolated where the bin is narrow
    enough.
    """

    def __init__(
        self,
        lower: np.ndarray,
        upper: np.ndarray,
        count: np.ndarray,
        minimum: float | None = None,
        maximum: float | None = None,
    ) -> None:
        self.lower = np.array(lower, dtype=np.float64)
        self.upper = np.array(upper, dtype=np.float64)
        self.count = np.asarray(count, dtype=np.int64)
        if not self.lower.shape == self.upper.shape == self.count.shape or self.count.ndim != 1:
            raise ValueError("lower, upper and count must be three arrays of one length")
        if self.count.size == 0:
            raise ValueError("a histogram without values has no quantiles")
        if minimum is not None:
            self.lower[0] = max(self.lower[0], minimum)
        if maximum is not None:
            self.upper[-1] = min(self.upper[-1], maximum)
        self._through = np.cumsum(self.count)
        self._safe = _safe_ranges(self.lower, self.upper)

    @property
    def total(self) -> int:
        """Number of values."""
        return int(self._through[-1])

    def order_statistics(self, ranks: np.ndarray) -> np.ndarray:
        """Estimate the values of the given ranks.

        Parameters
        ----------
        ranks
            (any shape) 1-based ranks; 0 and less give -inf, more than `total` gives +inf.

        Returns
        -------
        (shape of `ranks`) values, non-decreasing in the rank.
        """
        ranks = np.asarray(ranks, dtype=np.int64)
        inside = np.clip(ranks, 1, self.total)
        at = np.searchsorted(self._through, inside, side="left")
        place = (inside - (self._through[at] - self.count[at]) - 0.5) / self.count[at]
        values = self._inside(at, place)
        return np.where(ranks < 1, -np.inf, np.where(ranks > self.total, np.inf, values))

    def quantiles(self, levels: np.ndarray) -> np.ndarray:
        """Estimate quantiles, linearly between neighbouring order statistics.

        Parameters
        ----------
        levels
            (level) probabilities in [0, 1].

        Returns
        -------
        (level) quantiles by the definition of `numpy.quantile`: position (n - 1) q among ranks 0 … n - 1.
        """
        position = np.asarray(levels, dtype=np.float64) * (self.total - 1)
        below = np.floor(position)
        low = self.order_statistics(below.astype(np.int64) + 1)
        high = self.order_statistics(np.minimum(below.astype(np.int64) + 2, self.total))
        return low + (position - below) * (high - low)

    def tail(self, level: float) -> Tail:
        """Take the mean and the variance of the values beyond a quantile.

        Parameters
        ----------
        level
            Probability q in [0, 1) at which the tail begins.

        Returns
        -------
        Mean and variance of the (1 - q) n largest values; the one at the boundary counts with
        the fraction of it that lies beyond.

        Notes
        -----
        The mean is (1 / (1 - q)) times the integral of the empirical quantile function from q to 1.
        """
        wanted = self.total * (1.0 - level)
        beyond = self.total - self._through
        first = int(np.searchsorted(-beyond, -wanted, side="right"))
        weight = self.count[first:].astype(np.float64)
        weight[0] = wanted - beyond[first]
        value = self._inside(np.arange(first, self.count.size), np.full(weight.size, 0.5))
        value[:1] = self._inside(np.array([first]), np.array([1.0 - 0.5 * weight[0] / self.count[first]]))
        # a sum, not a dot product: BLAS adds in an order that depends on the processor
        mean = float(np.sum(weight * value) / wanted)
        variance = float(np.sum(weight * np.square(value - mean)) / wanted)
        return Tail(mean, variance)

    def _inside(self, at: np.ndarray, place: np.ndarray) -> np.ndarray:
        value = self.lower[at] + place * (self.upper[at] - self.lower[at])
        return np.minimum(np.maximum(value, self._safe[0][at]), self._safe[1][at])


def bin_index(values: np.ndarray) -> np.ndarray:
    """Number the bins of finite values: the top bits of the magnitude plus 1, signed; 0 for zero alone."""
    values = np.asarray(values, dtype=np.float64)
    magnitude = (np.abs(values).view(np.int64) >> SHIFT) + 1
    return np.where(values > 0, magnitude, np.where(values < 0, -magnitude, 0))


def bin_bounds(index: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give the edges (lower, upper) of bins: 2^e (1 + m/1024), 2^e (1 + (m + 1)/1024), or mirrored."""
    index = np.asarray(index, dtype=np.int64)
    magnitude = np.maximum(np.abs(index), 1)
    near = ((magnitude - 1) << SHIFT).view(np.float64)
    far = (magnitude << SHIFT).view(np.float64)
    lower = np.where(index > 0, near, np.where(index < 0, -far, 0.0))
    upper = np.where(index > 0, far, np.where(index < 0, -near, 0.0))
    return lower, upper


def _safe_ranges(lower: np.ndarray, upper: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give the points within `RELATIVE_ERROR` of every value of a bin; the middle where there are none."""
    stretch = 1.0 + RELATIVE_ERROR
    shrink = 1.0 - RELATIVE_ERROR
    negative = upper <= 0
    low = np.maximum(lower, upper * np.where(negative, stretch, shrink))
    high = np.minimum(upper, lower * np.where(negative, shrink, stretch))
    middle = lower + 0.5 * (upper - lower)
    crossed = low > high
    return np.where(crossed, middle, low), np.where(crossed, middle, high)
