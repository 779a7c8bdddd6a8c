"""Compare the elementary functions with fifty digits."""

from __future__ import annotations

import math

import mpmath as mp
import numpy as np
import pytest

from distributions import elementary
from distributions.elementary import exp, expm1, log, log1p, normal_cdf, normal_ppf, normal_ppf_fast
from distributions.jit import kernel
from tests.reference.derive_elementary import log_cdf_inverse

RNG = np.random.default_rng(8)
INF, NAN = math.inf, math.nan
SMALL = 10.0 ** RNG.uniform(-20, -3, 200) * RNG.choice([-1, 1], 200)
CASES = {
    "exp": (
        mp.exp,
        np.concatenate(
            [
                RNG.uniform(-708, 709.7, 1500),
                RNG.uniform(-745, -708, 300),
                RNG.uniform(-1, 1, 500),
                SMALL,
                np.arange(-700, 700, 7) * math.log(2) / 2,  # where the reduction turns over
                [709.782712893384, -745.133, -708.3964185322641, 0.0, 5e-324],
            ]
        ),
        1.0,
    ),
    "expm1": (
        mp.expm1,
        np.concatenate([RNG.uniform(-80, 709.7, 1500), RNG.uniform(-1, 1, 1000), SMALL]),
        3.0,
    ),
    "log": (
        mp.log,
        np.concatenate(
            [
                np.exp(RNG.uniform(-708, 709, 1500)),
                RNG.uniform(0.5, 2, 1000),
                1.0 + SMALL,
                10.0 ** RNG.uniform(-323, -308, 300),
                [
                    5e-324,
                    2.2250738585072014e-308,
                    math.nextafter(1, 0),
                    math.nextafter(1, 2),
                    math.sqrt(0.5),
                    1.7e308,
                ],
            ]
        ),
        1.0,
    ),
    "log1p": (
        mp.log1p,
        np.concatenate([np.exp(RNG.uniform(-708, 709, 1000)), RNG.uniform(-1, 2, 1000), SMALL]),
        2.0,
    ),
}


def _ulps(got: float, exact) -> float:
    return float(abs(mp.mpf(got) - exact) / mp.mpf(math.ulp(float(exact))))


@pytest.mark.parametrize("name", CASES)
def test_exponentials_and_logarithms_err_by_a_unit_in_the_last_place(name):
    exact, points, bound = CASES[name]
    function = getattr(elementary, name)
    worst = max(
        (_ulps(function(x), exact(mp.mpf(x))), x) for x in map(float, points) if exact(mp.mpf(x)) != 0
    )
    assert worst[0] <= bound, worst


@pytest.mark.parametrize(
    ("function", "x", "expected"),
    [
        (exp, 0.0, 1.0),
        (exp, INF, INF),
        (exp, -INF, 0.0),
        (exp, 709.782712893385, INF),
        (exp, -745.2, 0.0),
        (exp, NAN, NAN),
        (expm1, 0.0, 0.0),
        (expm1, INF, INF),
        (expm1, -INF, -1.0),
        (expm1, NAN, NAN),
        (log, 0.0, -INF),
        (log, 1.0, 0.0),
        (log, INF, INF),
        (log, -1.0, NAN),
        (log, -INF, NAN),
        (log, NAN, NAN),
        (log1p, 0.0, 0.0),
        (log1p, -1.0, -INF),
        (log1p, INF, INF),
        (log1p, -1.5, NAN),
        (log1p, NAN, NAN),
        (normal_cdf, -INF, 0.0),
        (normal_cdf, 0.0, 0.5),
        (normal_cdf, INF, 1.0),
        (normal_cdf, NAN, NAN),
        (normal_ppf, 0.0, -INF),
        (normal_ppf, 0.5, 0.0),
        (normal_ppf, 1.0, INF),
        (normal_ppf, -0.1, NAN),
        (normal_ppf, 1.1, NAN),
        (normal_ppf, NAN, NAN),
    ],
)
def test_edges(function, x, expected):
    np.testing.assert_equal(function(x), expected)


def test_the_normal_probability_keeps_its_digits_in_both_tails():
    z = np.concatenate([RNG.uniform(-37, 8, 1000), RNG.normal(size=1000), SMALL])
    worst = max(
        (float(abs(mp.mpf(normal_cdf(x)) / (mp.erfc(-mp.mpf(x) / mp.sqrt(2)) / 2) - 1)), x)
        for x in map(float, z)
    )
    assert worst[0] <= 2e-15, worst


def _exact_ppf(u: float):
    if u <= 0.5:
        return -log_cdf_inverse(mp.log(mp.mpf(u)))
    return log_cdf_inverse(mp.log1p(-mp.mpf(u)))


def test_the_normal_quantile_keeps_its_digits_in_both_tails():
    two_words = (RNG.integers(0, 2**52, 500) + 0.5) * 2.0**-52
    u = np.concatenate(
        [
            two_words,
            [
                2.0**-53,
                3 * 2.0**-53,
                1 - 2.0**-53,
                0.075,
                math.nextafter(0.075, 0),
                0.925,
                math.nextafter(0.925, 1),
            ],
            10.0 ** RNG.uniform(-300, -1, 300),
            1.0 - 10.0 ** RNG.uniform(-15, -1, 200),
            0.5 + 10.0 ** RNG.uniform(-4, -1, 100),
        ]
    )
    worst = max((float(abs(mp.mpf(normal_ppf(x)) / _exact_ppf(x) - 1)), x) for x in map(float, u))
    assert worst[0] <= 2e-15, worst


def test_the_normal_quantile_is_straight_at_the_middle():
    """Compare with the first terms of the series: z = s + s^3 / 6, s = sqrt(2 pi) (u - 1/2)."""
    for u in (0.5 + 2.0**-52, 0.5 - 2.0**-53, 0.5 + 1e-9, 0.5 - 1e-7):
        s = math.sqrt(2 * math.pi) * (u - 0.5)
        assert normal_ppf(u) == pytest.approx(s + s**3 / 6, rel=1e-15)


def test_probability_and_quantile_undo_each_other():
    for z in np.linspace(-8, 0, 400):
        assert normal_ppf(normal_cdf(z)) == pytest.approx(z, rel=1e-14, abs=1e-15)


@kernel
def _lanes(u, x, exps, logs, cdfs, ppfs, fasts):
    for i in range(u.size):
        exps[i] = exp(x[i])
    for i in range(u.size):
        logs[i] = log(u[i])
    for i in range(u.size):
        cdfs[i] = normal_cdf(x[i])
    for i in range(u.size):
        ppfs[i] = normal_ppf(u[i])
    for i in range(u.size):
        fasts[i] = normal_ppf_fast(u[i])


def test_lanes_and_scalars_have_the_same_bits():
    u = (RNG.integers(0, 2**32, 1003) + 0.5) * 2.0**-32
    x = RNG.normal(size=1003) * 20
    out = np.empty((5, 1003))
    _lanes(u, x, *out)
    functions = (exp, log, normal_cdf, normal_ppf, normal_ppf_fast)
    for function, points, values in zip(functions, (x, u, x, u, u), out, strict=True):
        np.testing.assert_array_equal(values, [function(point) for point in points])


def _fast(words: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    u = (words + 0.5) * 2.0**-32
    out = np.empty((5, u.size))
    _lanes(u, u, *out)
    return u, out[4], out[3]


def _words() -> np.ndarray:
    """Give every 4099th word, and 600 neighbours around each place where an octave of 1 - y^2 begins."""
    u = (1 - np.sqrt(1 - 2.0 ** -np.arange(1, 32))) / 2
    joins = (u[:, None] * 2.0**32 + np.arange(-300, 300)).astype(np.int64).ravel()
    words = np.concatenate([np.arange(0, 2**31, 4099), joins, np.arange(2000), 2**31 - np.arange(1, 2000)])
    return np.unique(words[(words >= 0) & (words < 2**31)])


def test_the_fast_normal_quantile_errs_by_a_millionth_at_most():
    """Sample what `check_fast_normal.py` in tests/reference finds for all words: 8e-7, as float32 9.2e-7."""
    _, fast, exact = _fast(_words())
    assert np.abs(fast - exact).max() <= 8.1e-7
    assert np.abs(fast.astype(np.float32) - exact).max() <= 9.3e-7


def test_the_fast_normal_quantile_increases_from_word_to_word():
    _, fast, _ = _fast(_words())
    assert np.all(np.diff(fast) > 0.0)


def test_the_fast_normal_quantile_is_odd_to_the_bit():
    words = _words()
    np.testing.assert_array_equal(_fast(2**32 - 1 - words)[1], -_fast(words)[1])
