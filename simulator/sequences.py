"""Bound what is looked at again and again: confidence sequences of chances and of means."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln

_HALVINGS = 45
"""Bisections of a bound of a chance: far more than the decimals that are kept."""

_PLACES = 7
"""Decimals of bounds: fewer than those in which the logarithms of two machines differ."""


@dataclass(frozen=True)
class Mixture:
    """A mixture over what the truth might be, the same at every look.

    Parameters
    ----------
    error
        Chance a in (0, 1) that the sequence ever fails to hold the truth.
    weight
        r > 0 [lifetime]: how many lifetimes the mixing distribution is worth; small ones spread it widely.

    Notes
    -----
    With an observation of variance v, the bounds lie sqrt(v (n + r) (2 ln(1/a) + ln(1 + n/r))) / n from the mean of n
    lifetimes, about.
    """

    error: float
    weight: float

    @classmethod
    def for_tolerance(cls, error: float, tolerance: float, most: float = math.inf) -> Mixture:
        """Choose the mixture whose bounds are tightest when a chance of 1/2 is known to a tolerance.

        Parameters
        ----------
        error
            a, in (0, 1).
        tolerance
            e, in (0, 1): the half-width wanted.
        most
            The last look, where that comes sooner [lifetime].

        Notes
        -----
        The factor (1 + r/n) (2 ln(1/a) + ln(1 + n/r)) is least, and then equal to w, at n/r = w - 1 with w - ln w = 1 +
        2 ln(1/a). A chance of 1/2 is then known to e after n = w/(4 e^2) lifetimes. So r follows from a, e and the
        last look before a lifetime has been lived, as it must; it is rounded up to a whole number.
        """
        level = 1.0 - 2.0 * math.log(error)
        factor = level
        for _ in range(_HALVINGS):
            factor = level + math.log(factor)
        return cls(error, float(math.ceil(min(factor / (4.0 * tolerance**2), most) / (factor - 1.0))))

    def chances(self, sums: np.ndarray, lifetimes: int) -> tuple[np.ndarray, np.ndarray]:
        """Bound the means of what lies in [0, 1], such as chances.

        Parameters
        ----------
        sums
            (any shape) sums S over the lifetimes, in [0, `lifetimes`]; shares of a tie may be fractions.
        lifetimes
            Number of lifetimes n >= 1.

        Returns
        -------
        (low, high), each of the shape of `sums`, in [0, 1] and around S/n; rounded outwards to seven decimals.

        Notes
        -----
        All m with M_n(m) < 1/a, M_n(m) = B(r m + S, r (1 - m) + n - S) / (B(r m, r (1 - m)) m^S (1 - m)^(n - S)): the
        likelihood of a rate that is mixed over Beta(r m, r (1 - m)), over that of the rate m. For any rate q,
        (q/m)^X ((1 - q)/(1 - m))^(1 - X) is convex in X, so below its chord on [0, 1], whose mean is 1 where X has the
        mean m. Hence M_n(m) is a supermartingale that starts at 1, whether X is 0, 1 or the share of a tie, and by
        Ville's inequality it ever reaches 1/a with a chance of a at most: exact for every n.

        References
        ----------
        Robbins, H. (1970). Statistical methods related to the law of the iterated logarithm. Ann. Math. Statist. 41,
        1397-1409. doi:10.1214/aoms/1177696786. Howard, S. R., Ramdas, A., McAuliffe, J., Sekhon, J. (2021).
        Time-uniform, nonparametric, nonasymptotic confidence sequences. Ann. Statist. 49, 1055-1080 (two-sided
        beta-binomial mixture). doi:10.1214/20-AOS1991.
        """
        sums = np.clip(np.asarray(sums, dtype=np.float64), 0.0, lifetimes)
        share = sums / lifetimes
        low = self._bisect(sums, lifetimes, np.zeros_like(share), share)
        high = self._bisect(sums, lifetimes, np.ones_like(share), share)
        unit = 10.0**_PLACES
        low, high = np.floor(low * unit) / unit, np.ceil(high * unit) / unit
        return np.where(sums == 0.0, 0.0, low), np.where(sums == lifetimes, 1.0, high)

    def means(self, means: np.ndarray, spreads: np.ndarray, lifetimes: int) -> tuple[np.ndarray, np.ndarray]:
        """Bound the means of what may be of any size.

        Parameters
        ----------
        means
            (any shape) averages over the lifetimes.
        spreads
            (any shape) standard deviations of one lifetime, in the same unit.
        lifetimes
            Number of lifetimes n >= 1.

        Returns
        -------
        (low, high), each of the shape of `means`.

        Notes
        -----
        mean +- s sqrt((n + r)/n^2 (2 ln(1/a) + ln(1 + n/r))), with s the standard deviation so far: an asymptotic
        confidence sequence. Its error tends to a as the first look is taken later; it rests on a finite variance.

        References
        ----------
        Waudby-Smith, I., Arbour, D., Sinha, R., Kennedy, E. H., Ramdas, A. (2024). Time-uniform central limit theory
        and asymptotic confidence sequences. Ann. Statist. 52, 2613-2640 (theorem 2.2 with rho^2 = 1/r).
        doi:10.1214/24-AOS2408.
        """
        factor = math.log1p(lifetimes / self.weight) - 2.0 * math.log(self.error)
        factor = math.ceil(factor * 10.0**_PLACES) / 10.0**_PLACES
        half = np.asarray(spreads) * math.sqrt((lifetimes + self.weight) * factor) / lifetimes
        return np.asarray(means) - half, np.asarray(means) + half

    def _bisect(self, sums: np.ndarray, lifetimes: int, outer: np.ndarray, inner: np.ndarray) -> np.ndarray:
        """Find where the evidence reaches 1/a between an end of [0, 1] and the share, from without."""
        for _ in range(_HALVINGS):
            middle = 0.5 * (outer + inner)
            within = self._evidence(middle, sums, lifetimes) < -math.log(self.error)
            outer, inner = np.where(within, outer, middle), np.where(within, middle, inner)
        return outer

    def _evidence(self, chance: np.ndarray, sums: np.ndarray, lifetimes: int) -> np.ndarray:
        """Give ln M_n of chances inside (0, 1); none at their ends, which bisection leaves to its caller."""
        with np.errstate(divide="ignore", invalid="ignore"):
            first, second = self.weight * chance, self.weight * (1.0 - chance)
            # not betaln: of a large and a tiny argument it is infinite
            mixed = (
                gammaln(first + sums) + gammaln(second + lifetimes - sums) - gammaln(self.weight + lifetimes)
            )
            mixed += gammaln(self.weight) - gammaln(first) - gammaln(second)
            own = sums * np.log(chance) + (lifetimes - sums) * np.log1p(-chance)
            return np.nan_to_num(mixed - own, nan=-np.inf)
