"""Count and add up lane arrays: paged log-linear histograms, sums by batch (MODEL.md 15)."""

from __future__ import annotations

import numpy as np

from distributions.jit import atom, float_bits, lane_kernel
from simulator.kernel.layout import (
    BATCHES,
    BINS,
    NEXT_HISTOGRAM,
    NEXT_PLACE,
    OCTAVES,
    PAGES_USED,
    STRIP,
    WINDOW,
)

HALF = OCTAVES // 2
STRIDE = 8 * BATCHES

STRIPS = BINS // STRIP
MOST_UNITS = np.uint32(0xFFFF)
LOWEST_EXPONENT = 895
"""Biased exponent of the first octave: 2^-128; what is smaller counts as zero, 2^128 and above as the last octave."""


@atom
def octave_of(ordered):
    """Give the octave of a value, from the integer that sorts like it."""
    bits = ordered ^ ((ordered >> 63) & 0x7FFFFFFFFFFFFFFF)
    magnitude = ((bits >> 52) & 0x7FF) - LOWEST_EXPONENT
    return min(max(magnitude, 0), HALF - 1) + ((bits >> 63) & 1) * HALF


@lane_kernel
def stage_values(bins, histogram, values, row, at):
    """Find the bins of one lane array, to be counted when the block is done.

    Writes: `places` (histogram, lifetime of the block), `extremes`.

    Notes
    -----
    The top 22 bits of a float are its sign, its exponent and ten bits of its mantissa: 1,024 bins an octave, 0.1 %
    wide at most, found without a logarithm. The counts of all histograms do not fit the cache that is near: a
    histogram is counted for a whole block at once, so that they are fetched once a block.
    """
    extremes, places = bins.extremes, bins.places
    least = extremes[histogram, 0]
    greatest = extremes[histogram, 1]
    for j in range(at.n):
        bits = float_bits(values[row, j])
        ordered = bits ^ ((bits >> 63) & 0x7FFFFFFFFFFFFFFF)
        least = min(least, ordered)
        greatest = max(greatest, ordered)
        magnitude = ((bits >> 42) & 0x1FFFFF) - LOWEST_EXPONENT * BINS
        place = min(max(magnitude, 0), HALF * BINS - 1) + ((bits >> 63) & 1) * (HALF * BINS)
        places[histogram, at.offset + j] = place
    extremes[histogram, 0] = least
    extremes[histogram, 1] = greatest


@lane_kernel
def count_staged(bins, n):
    """Count the n lifetimes of a block in every histogram; say whether there were pages enough.

    Writes: `units`, `carries` (strip, 64), `page` (histogram, octave) where an octave is met first, `state`.

    Notes
    -----
    Where pages run out, counting goes on with that histogram once there are more.
    """
    for histogram in range(bins.state[NEXT_HISTOGRAM], bins.page.shape[0]):
        least, greatest = bins.extremes[histogram, 0], bins.extremes[histogram, 1]
        if least > greatest:
            continue  # a strategy's saving against itself
        lowest, highest = octave_of(least), octave_of(greatest)
        if 0 <= highest - lowest < WINDOW:
            counted = count_near(bins, histogram, lowest, highest, n)
        else:
            counted = count_far(bins, histogram, n)
        if not counted:
            bins.state[NEXT_HISTOGRAM] = histogram
            return False
    bins.state[NEXT_HISTOGRAM] = 0
    return True


@lane_kernel
def count_near(bins, histogram, lowest, highest, n):
    """Count values of one sign that span a few octaves, in an array that fits the nearest cache, then add it up.

    Writes: `units`, `carries`, `page`, `state`; `window` (`strips` and `words` are the same array), which ends all zero
    as it began.
    """
    page, units, window, places, state = bins.page, bins.units, bins.window, bins.places, bins.state
    carries, strips, words = bins.carries, bins.strips, bins.words
    if state[PAGES_USED] + highest - lowest + 1 > units.shape[0] // STRIPS:
        return False
    base = np.uint64(lowest * BINS)
    for j in range(n):
        # unsigned: numba would ask of every other index whether it counts from the end
        window[np.uint64(places[histogram, j]) - base] += np.uint16(1)
    for octave in range(lowest, highest + 1):
        # most strips of the outer octaves have counted nothing
        for strip in range((octave - lowest) * STRIPS, (octave - lowest + 1) * STRIPS):
            found = np.uint64(0)
            for word in range(STRIP // 4):
                found |= words[strip, word]
            if found != 0:
                number = page_of(page, state, histogram, octave)
                row = (number - (octave - lowest)) * STRIPS + strip
                over = np.uint32(0)
                for b in range(STRIP):
                    total = np.uint32(units[row, b]) + np.uint32(strips[strip, b])
                    units[row, b] = np.uint16(total)
                    over |= total
                if over > MOST_UNITS:
                    for b in range(STRIP):
                        # less is left than was added: it has passed 65,535
                        carries[row, b] += np.uint32(units[row, b] < strips[strip, b])
                for b in range(STRIP):
                    strips[strip, b] = np.uint16(0)
    return True


@lane_kernel
def count_far(bins, histogram, n):
    """Count values of both signs, or of many octaves, one by one.

    Writes: `units`, `carries`, `page`, `state`.
    """
    page, units, carries, places, state = bins.page, bins.units, bins.carries, bins.places, bins.state
    for j in range(state[NEXT_PLACE], n):
        place = np.int64(places[histogram, j])
        if page[histogram, place >> 10] == 0 and state[PAGES_USED] == units.shape[0] // STRIPS:
            state[NEXT_PLACE] = j
            return False
        row = page_of(page, state, histogram, place >> 10) * STRIPS + (place & (BINS - 1)) // STRIP
        b = place & (STRIP - 1)
        units[row, b] += np.uint16(1)
        if units[row, b] == 0:
            carries[row, b] += np.uint32(1)
    state[NEXT_PLACE] = 0
    return True


@atom
def page_of(page, state, histogram, octave):
    """Give the page of an octave, a new one where it is met for the first time."""
    if page[histogram, octave] == 0:
        page[histogram, octave] = state[PAGES_USED]
        state[PAGES_USED] += 1
    return np.int64(page[histogram, octave])


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
