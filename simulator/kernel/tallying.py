"""Count and add up lane arrays: paged log-linear histograms, sums by batch (MODEL.md 15)."""

from __future__ import annotations

from distributions.jit import float_bits, kernel
from simulator.kernel.layout import BATCHES, BINS, LANES, OCTAVES, PAGES_USED, SPILLED

LOWEST_EXPONENT = 895
"""Biased exponent of the first octave: 2^-128; what is smaller counts as zero, 2^128 and above as the last octave."""


@kernel
def count_values(bins, histogram, values, row, n):
    """Count one lane array in a histogram.

    Writes: `pages` (page, 1024); `page` (histogram, octave) where an octave is met for the first time; `spill`.

    Notes
    -----
    The top 22 bits of a float are its sign, its exponent and ten bits of its mantissa: 1,024 bins an octave, 0.1 %
    wide at most, found without a logarithm. An octave gets its page of counts when it is first met.
    """
    page, pages, extremes, state = bins.page, bins.pages, bins.extremes, bins.state
    least = extremes[histogram, 0]
    greatest = extremes[histogram, 1]
    for j in range(n):
        bits = float_bits(values[row, j])
        ordered = bits ^ ((bits >> 63) & 0x7FFFFFFFFFFFFFFF)
        least = min(least, ordered)
        greatest = max(greatest, ordered)
    extremes[histogram, 0] = least
    extremes[histogram, 1] = greatest
    for j in range(n):
        bits = float_bits(values[row, j])
        octave = min(max(((bits >> 52) & 0x7FF) - LOWEST_EXPONENT, 0), OCTAVES // 2 - 1)
        octave += ((bits >> 63) & 1) * (OCTAVES // 2)
        mantissa = (bits >> 42) & (BINS - 1)
        number = page[histogram, octave]
        if number == 0:
            number = state[PAGES_USED]
            if number == pages.shape[0]:
                bins.spill[state[SPILLED], 0] = histogram
                bins.spill[state[SPILLED], 1] = octave * BINS + mantissa
                state[SPILLED] += 1
                continue
            page[histogram, octave] = number
            state[PAGES_USED] += 1
        pages[number, mantissa] += 1


@kernel
def recount_spilled(bins):
    """Count what found no page, once there are more of them; what still finds none stays spilled.

    Writes: `pages`, `page`, `spill`, `state`.
    """
    page, pages, spill, state = bins.page, bins.pages, bins.spill, bins.state
    kept = 0
    for k in range(state[SPILLED]):
        histogram, place = spill[k, 0], spill[k, 1]
        octave = place // BINS
        if page[histogram, octave] == 0:
            if state[PAGES_USED] == pages.shape[0]:
                spill[kept, 0] = histogram
                spill[kept, 1] = place
                kept += 1
                continue
            page[histogram, octave] = state[PAGES_USED]
            state[PAGES_USED] += 1
        pages[page[histogram, octave], place % BINS] += 1
    state[SPILLED] = kept


@kernel
def add_batches(sums, statistic, values, row, n):
    """Add one lane array to the batch sums of a statistic.

    Writes: `sums` (statistic, batch).

    Notes
    -----
    Lane j belongs to batch j % 64, so that a vector of batches is a vector of lanes and the order of additions is
    fixed: both branches add the same numbers in the same order.
    """
    if n == LANES:
        for k in range(BATCHES):
            total = sums[statistic, k] + values[row, k] + values[row, k + 64] + values[row, k + 128]
            total = total + values[row, k + 192] + values[row, k + 256] + values[row, k + 320]
            sums[statistic, k] = total + values[row, k + 384] + values[row, k + 448]
    else:
        for j in range(n):
            sums[statistic, j % BATCHES] += values[row, j]
