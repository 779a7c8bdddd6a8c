"""Round lifetimes to what quasi-random points need to be balanced."""

from __future__ import annotations

SCRAMBLES = 16
"""Scrambles that a run consists of."""


def balanced(lifetimes: int, sampler: str) -> int:
    """Give the lifetimes that are run where so many are asked for.

    Parameters
    ----------
    lifetimes
        1 or more.
    sampler
        "random", which takes any number, or "sobol".

    Returns
    -------
    The least 16 · 2^k that is not below `lifetimes`: the first 2^k points of a scramble fill the cube evenly, other
    numbers of them do not.
    """
    if sampler != "sobol":
        return lifetimes
    return SCRAMBLES << (max(-(-lifetimes // SCRAMBLES), 1) - 1).bit_length()
