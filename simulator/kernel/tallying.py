"""Count and add up lane arrays: paged log-linear histograms, sums by batch (MODEL.md 15)."""

from __future__ import annotations

import numpy as np

from distributions.jit import atom, float_bits, kernel, lane_kernel, prefetch
from simulator.kernel.layout import BATCHES, BINS, OCTAVES, PAGES_USED, SPILLED

HALF = OCTAVES // 2
STRIDE = 8 * BATCHES

LOWEST_EXPONENT = 895
"""Biased exponent of the first octave: 2^-128; what is smaller counts as zero, 2^128 and above as the last octave."""


@atom
def add_one(units, carries, place):
    """Add 1 to a count whose low byte stands in `units`, the rest in `carries`."""
    low = np.uint8(units[place] + np.uint8(1))
    units[place] = low
    if low == 0:
        carries[place] += np.uint32(1)


@lane_kernel
def fetch_counts(bins, histogram):
    """Ask for the counts that a histogram is going to add to, while there is something else to do.

    Notes
    -----
    The counts of all histograms are larger than the cache that is near. Waiting for them at each increment took a
    third of the time.
    """
    least = octave_of(bins.extremes[histogram, 0])
    greatest = octave_of(bins.extremes[histogram, 1])
    for octave in range(min(least, greatest), max(least, greatest) + 1):
        start = np.int64(bins.page[histogram, octave]) * BINS
        if start > 0:
            for line in range(0, BINS, 64):
                prefetch(bins.units, start + line)


@atom
def octave_of(ordered):
    """Give the octave of a value, from the integer that sorts like it."""
    bits = ordered ^ ((ordered >> 63) & 0x7FFFFFFFFFFFFFFF)
    magnitude = ((bits >> 52) & 0x7FF) - LOWEST_EXPONENT
    return min(max(magnitude, 0), HALF - 1) + ((bits >> 63) & 1) * HALF


@lane_kernel
def count_values(bins, histogram, values, row, n):
    """Count one lane array in a histogram.

    Writes: `units`, `carries` (page * 1024); `page` (histogram, octave) where an octave is met first; `spill`.

    Notes
    -----
    The top 22 bits of a float are its sign, its exponent and ten bits of its mantissa: 1,024 bins an octave, 0.1 %
    wide at most, found without a logarithm. An octave gets its page of counts when it is first met. A count is a byte
    and a carry: the bytes of all histograms fit the cache, the carries are touched once in 256 times.
    """
    page, units, carries, extremes, places = bins.page, bins.units, bins.carries, bins.extremes, bins.places
    least = extremes[histogram, 0]
    greatest = extremes[histogram, 1]
    for j in range(n):
        bits = float_bits(values[row, j])
        ordered = bits ^ ((bits >> 63) & 0x7FFFFFFFFFFFFFFF)
        least = min(least, ordered)
        greatest = max(greatest, ordered)
        magnitude = ((bits >> 42) & 0x1FFFFF) - LOWEST_EXPONENT * BINS
        places[j] = min(max(magnitude, 0), HALF * BINS - 1) + ((bits >> 63) & 1) * (HALF * BINS)
    extremes[histogram, 0] = least
    extremes[histogram, 1] = greatest
    for j in range(n):
        # unsigned: numba would ask of every other index whether it counts from the end
        place = np.uint64(places[j])
        number = np.uint64(page[histogram, place >> np.uint64(10)])
        if number == 0:
            number = open_page(bins, histogram, places[j])
            if number == 0:
                continue
        add_one(units, carries, (number << np.uint64(10)) | (place & np.uint64(BINS - 1)))


@lane_kernel
def open_page(bins, histogram, place):
    """Give an octave that is met for the first time its page, or spill the value where there is none left: 0."""
    page, state = bins.page, bins.state
    number = state[PAGES_USED]
    if number * BINS == bins.units.size:
        bins.spill[state[SPILLED], 0] = histogram
        bins.spill[state[SPILLED], 1] = place
        state[SPILLED] += 1
        return np.uint64(0)
    page[histogram, place >> 10] = number
    state[PAGES_USED] += 1
    return np.uint64(number)


@kernel
def recount_spilled(bins):
    """Count what found no page, once there are more of them; what still finds none stays spilled.

    Writes: `units`, `carries`, `page`, `spill`, `state`.
    """
    page, spill, state = bins.page, bins.spill, bins.state
    kept = 0
    for k in range(state[SPILLED]):
        histogram, place = spill[k, 0], spill[k, 1]
        octave = place // BINS
        if page[histogram, octave] == 0:
            if state[PAGES_USED] * BINS == bins.units.size:
                spill[kept, 0] = histogram
                spill[kept, 1] = place
                kept += 1
                continue
            page[histogram, octave] = state[PAGES_USED]
            state[PAGES_USED] += 1
        add_one(bins.units, bins.carries, page[histogram, octave] * BINS + place % BINS)
    state[SPILLED] = kept


@lane_kernel
def add_batches(sums, statistic, values, row, n):
    """Add one lane array to the batch sums of a statistic.

    Writes: `sums` (statistic, batch).

    Notes
    -----
    Lane j belongs to batch j % 64, so that a vector of batches is a vector of lanes, and each batch adds its lanes in
    ascending order, whether eight at a time or one by one.
    """
    whole = n - n % STRIDE
    for start in range(0, whole, STRIDE):
        for k in range(BATCHES):
            j = start + k
            total = sums[statistic, k] + values[row, j] + values[row, j + 64] + values[row, j + 128]
            total = total + values[row, j + 192] + values[row, j + 256] + values[row, j + 320]
            sums[statistic, k] = total + values[row, j + 384] + values[row, j + 448]
    for j in range(whole, n):
        sums[statistic, j % BATCHES] += values[row, j]
