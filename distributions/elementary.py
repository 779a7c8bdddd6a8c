"""Compute exp, log and the normal distribution from + - * / sqrt and fused multiply-add alone.

Functions of the C library differ in their last bits from one processor to the next; these do not. All are
without branches, so that loops over lanes vectorise: both sides are computed and `select` takes one. The
coefficients come from `tests/reference/derive_elementary.py`.
"""

from __future__ import annotations

from math import sqrt

from distributions.jit import atom, bits_float, float_bits, fma, polynomial, scalar, select

__all__ = ["exp", "expm1", "log", "log1p", "normal_cdf", "normal_ppf", "normal_ppf_fast"]

_EXP = (
    0.5000000000000001,
    0.16666666666666669,
    0.04166666666662413,
    0.008333333333330062,
    0.0013888888917213717,
    0.00019841269863053618,
    2.4801521295954376e-05,
    2.7557268459997064e-06,
    2.7620088445409746e-07,
    2.510038549551032e-08,
)

_LOG = (
    0.666666666666667,
    0.39999999999899444,
    0.2857142862600327,
    0.22222211130259878,
    0.18182889455674947,
    0.15331710618210773,
    0.14616585424888623,
)

_CENTRE_ABOVE = (
    3.3871328727963665,
    133.129388461362,
    1971.1902322122455,
    13727.06063900732,
    45899.02928884561,
    67219.20454605372,
    33399.89318408805,
    2506.136083426961,
)

_CENTRE_BELOW = (
    1.0,
    42.309705384589876,
    687.0578064959526,
    5392.51984553244,
    21204.08359085009,
    39283.03985715352,
    28705.0735882797,
    5220.923825512588,
)

_TAIL_ABOVE = (
    1.4234371107496837,
    4.769916402632033,
    6.253444828749731,
    4.306054629828048,
    1.733495793052949,
    0.4238620131508562,
    0.06251967847693181,
    0.005290889722854582,
    0.00023253924108229692,
    4.465726433393736e-06,
    2.6032213281520234e-08,
)

_TAIL_BELOW = (
    1.0,
    2.1512490367062775,
    1.8987270688222189,
    0.8938994426104242,
    0.24387094737977347,
    0.03898256137369192,
    0.003494874190253617,
    0.000159491592271414,
    3.1283223116087333e-06,
    1.8407518326547295e-08,
)

_MILLS = (
    0.729083690133373,
    -0.50933198191749,
    0.23001771997460368,
    -0.04726302514292172,
    -0.010462867023309811,
    0.006972621238880609,
    0.0010275922589893913,
    -0.0010458285990398509,
    -0.0002565753435054921,
    0.00015439426231460667,
    7.881264329401229e-05,
    -1.3244941486425609e-05,
    -2.0688992367067843e-05,
    -3.5216120993913375e-06,
    3.639661016328273e-06,
    2.2657541545091404e-06,
    8.436576374559394e-09,
    -6.074709787998142e-07,
    -2.7328560573942945e-07,
    5.684486037424846e-08,
    9.487232199276363e-08,
    1.657033137527329e-08,
    -1.3135933402247276e-08,
    -4.7870720959922925e-09,
)

_FAST_LOG2 = (
    1.442545096844404,
    -0.7181474913844673,
    0.45755340450638365,
    -0.27790185305820864,
    0.12178602584975029,
    -0.025835182757862035,
)

_FAST_FACTOR = (
    4.475361898350537,
    0.14806741437564955,
    -0.002243859657762808,
    6.519108655246454e-05,
    -2.185389575615751e-06,
    7.130526925551107e-08,
    -1.373678732511639e-09,
    -2.1128849880348062e-10,
    2.3085968088449076e-11,
    4.707733663621725e-13,
    -5.385868950774436e-14,
    -1.442706478335486e-14,
    8.875801243094727e-16,
    4.7050667099559535e-17,
    -3.445221101660786e-18,
    -4.272333487683217e-20,
    3.928908113282431e-21,
)

_exp_remainder = polynomial(_EXP, strands=2)
_log_remainder = polynomial(_LOG)
_centre_above = polynomial(_CENTRE_ABOVE)
_centre_below = polynomial(_CENTRE_BELOW)
_tail_above = polynomial(_TAIL_ABOVE)
_tail_below = polynomial(_TAIL_BELOW)
_mills = polynomial(_MILLS, strands=2)
_fast_log2 = polynomial(_FAST_LOG2)
_fast_factor = polynomial(_FAST_FACTOR, strands=2)

_INFINITY = float("inf")
_LN2_HIGH = 0.693147180369123816490  # ln 2 to 32 bits: an integer below 2^20 times it is exact
_LN2_LOW = 1.90821492927058770002e-10
_LOG2_E = 1.4426950408889634
_SHIFTER = 6755399441055744.0  # 1.5 x 2^52: adding it rounds to an integer, which then stands in the low bits
_TWO_52 = 4503599627370496.0
_BITS_TWO_52 = 0x4330000000000000
_BITS_ONE = 0x3FF0000000000000
_BITS_ROOT_HALF = 0x3FE6A09E667F3BCD
_MANTISSA = 0x000FFFFFFFFFFFFF
_LOWEST_NORMAL = 2.2250738585072014e-308
_TWO_54 = 18014398509481984.0


@scalar
def exp(x):
    """Compute e^x within one unit in the last place: x = k ln 2 + r, e^r = 1 + r + r^2 q(r)."""
    # The bounds keep k small where the result is inf or 0 anyway; a NaN passes them and the arithmetic.
    bounded = select(x > 710.0, 710.0, x)
    bounded = select(bounded < -746.0, -746.0, bounded)
    k = fma(bounded, _LOG2_E, _SHIFTER) - _SHIFTER
    r = fma(k, -_LN2_LOW, fma(k, -_LN2_HIGH, bounded))
    mantissa = 1.0 + fma(r * r, _exp_remainder(r), r)
    # 2^k in two factors, for k passes the range of one exponent; only the second product can round.
    first = fma(k, 0.5, _SHIFTER)
    second = (k - (first - _SHIFTER)) + _SHIFTER
    return (
        mantissa
        * bits_float((float_bits(first) + 1023) << 52)
        * bits_float((float_bits(second) + 1023) << 52)
    )


@scalar
def expm1(x):
    """Compute e^x - 1 with a small relative error for small x too: 2^k (e^r - 1) + (2^k - 1)."""
    bounded = select(x > 710.0, 710.0, x)
    bounded = select(bounded < -60.0, -60.0, bounded)
    k = fma(bounded, _LOG2_E, _SHIFTER) - _SHIFTER
    r = fma(k, -_LN2_LOW, fma(k, -_LN2_HIGH, bounded))
    part = fma(r * r, _exp_remainder(r), r)
    first = fma(k, 0.5, _SHIFTER)
    second = (k - (first - _SHIFTER)) + _SHIFTER
    scale1 = bits_float((float_bits(first) + 1023) << 52)
    scale2 = bits_float((float_bits(second) + 1023) << 52)
    scale = scale1 * scale2
    small = fma(scale, part, scale - 1.0)
    return select(bounded > 60.0, (1.0 + part) * scale1 * scale2, small)


@atom
def _split(x):
    """Give k and f with x = 2^k (1 + f), 1 + f in [sqrt(1/2), sqrt 2); x positive, finite, not subnormal."""
    bits = float_bits(x) + (_BITS_ONE - _BITS_ROOT_HALF)
    exponent = bits_float(((bits >> 52) & 0xFFF) | _BITS_TWO_52) - (_TWO_52 + 1023.0)
    return exponent, bits_float((bits & _MANTISSA) + _BITS_ROOT_HALF) - 1.0


@atom
def _assemble(exponent, f, correction):
    """Compute k ln 2 + ln(1 + f) + correction, ln(1 + f) = f - (h - s (h + R)), h = f^2 / 2."""
    s = f / (2.0 + f)
    s2 = s * s
    half = 0.5 * f * f
    rest = s * (half + s2 * _log_remainder(s2)) + fma(exponent, _LN2_LOW, correction)
    return fma(exponent, _LN2_HIGH, f - (half - rest))


@scalar
def log(x):
    """Compute ln x within one unit in the last place; -inf at 0, NaN below."""
    is_subnormal = x < _LOWEST_NORMAL
    exponent, f = _split(select(is_subnormal, x * _TWO_54, x))
    value = _assemble(exponent - select(is_subnormal, 54.0, 0.0), f, 0.0)
    value = select(x < _INFINITY, value, x)  # inf and NaN are their own logarithms
    value = select(x == 0.0, -_INFINITY, value)
    return select(x < 0.0, _INFINITY - _INFINITY, value)


@scalar
def log1p(x):
    """Compute ln(1 + x) with a small relative error for small x too; -inf at -1, NaN below."""
    total = 1.0 + x
    lost = select(x > 1.0, 1.0 - (total - x), x - (total - 1.0))  # what the sum has rounded away, exactly
    exponent, f = _split(total)
    value = _assemble(exponent, f, lost / total)
    value = select(x < _INFINITY, value, x)
    value = select(x == -1.0, -_INFINITY, value)
    return select(x < -1.0, _INFINITY - _INFINITY, value)


@scalar
def normal_cdf(z):
    """Compute Phi(z), relative error below 1e-13 in both tails: Q(|z|) = exp(-z^2 / 2) M(|z|).

    Notes
    -----
    M(z) (z + 3) is a polynomial in (z - 3) / (z + 3), after Shepherd and Laframboise (1981), Mathematics of
    Computation 36, 249-253, doi:10.1090/S0025-5718-1981-0595058-X, who do so for erfc. Below -39 the result
    is 0.
    """
    size = select(z < 0.0, -z, z)
    size = select(size > 39.0, 39.0, size)
    reciprocal = 1.0 / (size + 3.0)
    square = size * size
    lost = fma(size, size, -square)
    tail = exp(-0.5 * square) * fma(-0.5, lost, 1.0) * (_mills((size - 3.0) * reciprocal) * reciprocal)
    return select(z > 0.0, 1.0 - tail, tail)


@scalar
def normal_ppf(u):
    """Compute the standard normal quantile, relative error below 1e-14 on (0, 1); -inf at 0, inf at 1.

    Notes
    -----
    With q = u - 1/2: for |q| <= 0.425, z = q times a rational function of 0.425^2 - q^2; beyond, one of
    sqrt(-ln min(u, 1 - u)). After Wichura (1988), Algorithm AS 241, Applied Statistics 37, 477-484,
    doi:10.2307/2347330, with one tail instead of two and coefficients of our own.
    """
    return select(is_central(u), normal_ppf_centre(u), normal_ppf_tail(u))


@atom
def is_central(u):
    """Tell whether `normal_ppf_centre` gives the standard normal quantile; else `normal_ppf_tail` does."""
    return select(u < 0.5, u, 1.0 - u) >= 0.075


@scalar
def normal_ppf_centre(u):
    """Compute `normal_ppf` of a uniform that `is_central`."""
    q = u - 0.5
    v = fma(-q, q, 0.180625)
    return q * _centre_above(v) / _centre_below(v)


@scalar
def normal_ppf_tail(u):
    """Compute `normal_ppf` of a uniform near 0 or 1."""
    r = sqrt(-log(select(u < 0.5, u, 1.0 - u))) - 1.6
    z = _tail_above(r) / _tail_below(r)
    z = select(u < 0.5, -z, z)
    z = select(u == 0.0, -_INFINITY, z)
    return select(u == 1.0, _INFINITY, z)


@scalar
def normal_ppf_fast(u):
    """Compute the standard normal quantile within 1e-6 of u = (word + 0.5) 2^-32; increasing, odd about 1/2.

    Notes
    -----
    z = y H(v), y = 2 u - 1, v = -log2(1 - y^2) from 0 to 31. The logarithm of the mantissa is a polynomial
    that is exact where octaves join, so that z stays monotone from one u to the next.
    """
    y = 2.0 * u - 1.0
    bits = float_bits(fma(-y, y, 1.0))
    exponent = bits_float(((bits >> 52) & 0x7FF) | _BITS_TWO_52) - (_TWO_52 + 1023.0 - 16.0)
    f = bits_float((bits & _MANTISSA) | _BITS_ONE) - 1.0
    return y * _fast_factor(-fma(f, _fast_log2(f), exponent))
