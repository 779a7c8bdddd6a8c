"""Read order statistics, quantiles and tail means from log-linear histograms."""

from __future__ import annotations

from collections.abc import Callable
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


class Histograms:
    """Many histograms, read all at once.

    Parameters
    ----------
    starts
        (histogram + 1) where the runs of each histogram begin in the other arrays, and where the last one's end.
    number
        (run) of the first bin of a run of consecutive ones, as `bin_index` numbers them; ascending within a
        histogram.
    count
        (run, bin) number of values in each bin.
    minimum, maximum
        (histogram) exact extremes of the values, where they are known.

    Raises
    ------
    ValueError
        If a histogram is empty.

    Notes
    -----
    Each gives the very numbers of a `Histogram` of its own. The running total goes through all histograms,
    so that one search finds the ranks of all of them, and edges are only computed of bins that are asked for.
    """

    def __init__(
        self,
        starts: np.ndarray,
        number: np.ndarray,
        count: np.ndarray,
        minimum: np.ndarray | None = None,
        maximum: np.ndarray | None = None,
    ) -> None:
        self._number, self._count = number, count.ravel()
        self._length = count.shape[1]
        self._through = np.cumsum(self._count)
        ends = np.concatenate([[0], self._through])[starts * self._length]
        self._before = ends[:-1, np.newaxis]
        self.totals = np.diff(ends)
        if not self.totals.all():
            raise ValueError("a histogram without values has no quantiles")
        _, self._first = self._find(np.ones(1, dtype=np.int64))
        _, self._last = self._find(self.totals[:, np.newaxis])
        self._minimum, self._maximum = minimum, maximum

    def _find(self, ranks: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Find the bins (histogram, rank) of ranks 1 … total: their places and their numbers."""
        at = np.searchsorted(self._through, ranks + self._before, side="left")
        return at, self._number[at // self._length] + at % self._length

    def order_statistics(self, ranks: np.ndarray) -> np.ndarray:
        """Estimate the values of the given ranks: (histogram, *shape of `ranks`), see `Histogram`."""
        ranks = np.asarray(ranks, dtype=np.int64)
        flat = ranks.reshape(1, -1)
        totals = self.totals[:, np.newaxis]
        inside = np.clip(flat, 1, totals)
        at, number = self._find(inside)
        count = self._count[at]
        place = (inside + self._before - (self._through[at] - count) - 0.5) / count
        lower, upper = bin_bounds(number)
        if self._minimum is not None:
            least = self._minimum[:, np.newaxis]
            lower = np.where((number == self._first) & (least > lower), least, lower)
        if self._maximum is not None:
            greatest = self._maximum[:, np.newaxis]
            upper = np.where((number == self._last) & (greatest < upper), greatest, upper)
        values = _inside(lower, upper, place)
        values = np.where(flat < 1, -np.inf, np.where(flat > totals, np.inf, values))
        return values.reshape(-1, *ranks.shape)

    def quantiles(self, levels: np.ndarray) -> np.ndarray:
        """Estimate quantiles: (histogram, level), see `Histogram`; all histograms hold as many values."""
        return _quantiles(self.order_statistics, int(self.totals[0]), levels)


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
        values = _inside(self.lower[at], self.upper[at], place)
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
        return _quantiles(self.order_statistics, self.total, levels)

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
        place = np.full(weight.size, 0.5)
        place[0] = 1.0 - 0.5 * weight[0] / self.count[first]
        value = _inside(self.lower[first:], self.upper[first:], place)
        # a sum, not a dot product: BLAS adds in an order that depends on the processor
        mean = float(np.sum(weight * value) / wanted)
        variance = float(np.sum(weight * np.square(value - mean)) / wanted)
        return Tail(mean, variance)


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


def _quantiles(
    order_statistics: Callable[[np.ndarray], np.ndarray], total: int, levels: np.ndarray
) -> np.ndarray:
    """Interpolate between order statistics: position (n - 1) q among ranks 0 … n - 1."""
    position = np.asarray(levels, dtype=np.float64) * (total - 1)
    below = np.floor(position)
    rank = below.astype(np.int64) + 1
    neighbours = order_statistics(np.stack([rank, np.minimum(rank + 1, total)]))
    low, high = neighbours[..., 0, :], neighbours[..., 1, :]
    return low + (position - below) * (high - low)


def _inside(lower: np.ndarray, upper: np.ndarray, place: np.ndarray) -> np.ndarray:
    """Go the way `place` from the lower to the upper edge of bins, then into their safe ranges."""
    low, high = _safe_ranges(lower, upper)
    return np.minimum(np.maximum(lower + place * (upper - lower), low), high)


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
