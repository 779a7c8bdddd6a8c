"""Draw what happens anew at each occurrence: intervals, jumps of demand, changes of a price, noise of one month."""

from __future__ import annotations

import numpy as np

from distributions.elementary import normal_ppf_fast
from distributions.jit import lane_kernel
from distributions.streams import word_uniform
from distributions.variate import fill_normal_ppf, fill_quantiles
from simulator.kernel.layout import CODE, STREAM, TABLE_LENGTH, TABLE_START

TOGETHER = 16
"""Places of a list that are worked out side by side: two vectors."""


@lane_kernel
def draw_occurrences(draws, once, at, variate, lanes, listed, count):
    """Draw a variate for one occurrence in each lane of a list; `once.slot` holds its month, or its place in the row.

    Writes: `once` arrays (1, place in the list); the variates stand in `once.value`.
    """
    # Lists are short: a few places more, whatever stands in them, cost less than what vectors leave over.
    count += -count % TOGETHER
    stream = draws.variates[variate, STREAM]
    for h in range(count):
        lifetime = at.first + lanes[listed, h]
        once.uniform[0, h] = word_uniform(at.key0, at.key1, stream, lifetime, once.slot[0, h])
    fill_normal_ppf(once.uniform, 0, count, once.tail, once.normal, 0)
    start, length = draws.variates[variate, TABLE_START], draws.variates[variate, TABLE_LENGTH]
    code = draws.variates[variate, CODE]
    fill_quantiles(
        code,
        draws.parameters,
        variate,
        draws.tables,
        start,
        length,
        once.uniform,
        once.normal,
        0,
        count,
        once.value,
        0,
    )


@lane_kernel
def draw_noise(at, stream, lane):
    """Draw the standard normal of one lane and month, the same bits as the lane arrays hold."""
    return np.float32(normal_ppf_fast(word_uniform(at.key0, at.key1, stream, at.first + lane, at.t)))
