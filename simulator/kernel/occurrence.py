"""Draw what happens anew at each occurrence: intervals, jumps of demand, changes of a price, noise of one month."""

from __future__ import annotations

import numpy as np

from distributions.elementary import normal_ppf, normal_ppf_fast
from distributions.jit import lane_kernel
from distributions.streams import word_uniform
from distributions.variate import quantile
from simulator.kernel.layout import CODE, STREAM, TABLE_LENGTH, TABLE_START


@lane_kernel
def draw_occurrence(draws, at, variate, lane, slot):
    """Draw a variate for one occurrence in one lane, the slot being its month or its place in the sequence."""
    u = word_uniform(at.key0, at.key1, draws.variates[variate, STREAM], at.first + lane, slot)
    start, length = draws.variates[variate, TABLE_START], draws.variates[variate, TABLE_LENGTH]
    code = draws.variates[variate, CODE]
    return quantile(code, draws.parameters, variate, draws.tables, start, length, u, normal_ppf(u))


@lane_kernel
def draw_noise(at, stream, lane):
    """Draw the standard normal of one lane and month, the same bits as the lane arrays hold."""
    return np.float32(normal_ppf_fast(word_uniform(at.key0, at.key1, stream, at.first + lane, at.t)))
