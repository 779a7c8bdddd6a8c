"""Count and add up lane arrays: paged log-linear histograms, sums by batch (MODEL.md 15)."""

from __future__ import annotations

import numpy as np

from distributions.jit import atom, float_bits, kernel, lane_kernel, select
from simulator.kernel.layout import (
    BATCHES,
    BINS,
    NEXT_HISTOGRAM,
    NEXT_OUTSIDE,
    NONE,
    OCTAVES,
    OUTSIDE,
    PAGES_USED,
    STAGED,
    STRIP,
    WINDOW,
)
from simulator.kernel.masks import filled_bins, lowest_bit, move_bins

HALF = OCTAVES // 2
STRIDE = 8 * BATCHES

SIDE = WINDOW // 2
STRIPS = BINS // STRIP
MOST_UNITS = 0xFF
LARGEST = 0x7FFFFFFFFFFFFFFF
LOWEST_EXPONENT = 895
"""Biased exponent of the first octave: 2^-128; what is smaller counts as zero, 2^128 and above as the last octave."""
LOWEST_BITS = (LOWEST_EXPONENT * BINS + 1) << 42
PLACE_OUTSIDE = 1
"""Place of a value outside of its window; the bins of that octave, but zero's, are not used otherwise."""


@atom
def in_order(bits):
    """Give the integer that sorts like a float, from its bits; applied twice it gives the bits again."""
    return bits ^ ((bits >> 63) & LARGEST)


@atom
def bin_of(bits):
    """Give the bin of a value, from its bits."""
    magnitude = ((bits >> 42) & 0x1FFFFF) - LOWEST_EXPONENT * BINS
    return min(max(magnitude, 0), HALF * BINS - 1) + ((bits >> 63) & 1) * (HALF * BINS)


@atom
def octave_of(ordered):
    """Give the octave of a value, from the integer that sorts like it."""
    return bin_of(in_order(ordered)) // BINS


@lane_kernel
def place_window(bins, histogram, values, row, n):
    """Lay the window of a histogram around the largest of the first values that it is given.

    Writes: `base` (histogram).
    """
    largest = 0.0
    for j in range(n):
        largest = max(largest, abs(values[row, j]))
    octave = octave_of(float_bits(largest)) - SIDE // 2
    bins.base[histogram] = min(max(octave, 0), HALF - SIDE) * BINS


@lane_kernel
def stage_values(bins, histogram, values, row, at):
    """Find the bins of one lane array, to be counted together with those of others (`count_staged`).

    Writes: `places` (lane array, histogram, lane), `outside`, `extremes`.

    Notes
    -----
    The top 22 bits of a float are its sign, its exponent and ten bits of its mantissa: 1,024 bins an octave, 0.1 %
    wide at most, found without a logarithm. The counts of all histograms do not fit the cache that is near: a
    histogram is counted for some blocks at once, so that they are fetched once for these. What waits for it is kept
    small: the place in a window of 31 octaves of positive and of negative values. Zero and what counts as zero has
    place 0; values outside, few in most plans, are listed one by one.
    """
    places, part = bins.places, bins.state[STAGED]
    start = first_place(bins, histogram)
    least, greatest = LARGEST, -LARGEST - 1
    for j in range(at.n):
        bits = float_bits(values[row, j])
        least = min(least, bits)
        greatest = max(greatest, bits)
        places[part, histogram, j] = (bits >> 42) - start
    finish_staging(bins, histogram, values, row, at, least, greatest)


@atom
def first_place(bins, histogram):
    """Give what the place of a positive value lies below the top 22 bits of it."""
    return bins.base[histogram] + (LOWEST_EXPONENT - 1) * BINS


@lane_kernel
def finish_staging(bins, histogram, values, row, at, least, greatest):
    """Accept the places of a lane array, given the least and the greatest bits of its values, or find them anew.

    Writes: `extremes`; `places` (lane array, histogram, lane), `outside`, `base`.
    """
    start = first_place(bins, histogram)
    is_new = bins.base[histogram] == NONE
    if not is_new and (least >> 42) - start >= BINS and (greatest >> 42) - start < SIDE * BINS:
        # all are positive and inside of the window, as in most histograms
        bins.extremes[histogram, 0] = min(bins.extremes[histogram, 0], least)
        bins.extremes[histogram, 1] = max(bins.extremes[histogram, 1], greatest)
    else:
        if is_new:
            place_window(bins, histogram, values, row, at.n)
        stage_anywhere(bins, histogram, values, row, at)


@lane_kernel
def stage_anywhere(bins, histogram, values, row, at):
    """Find the bins of one lane array of which some values may be zero, negative or outside of the window.

    Writes: `places` (lane array, histogram, lane), `outside`, `extremes`.
    """
    places, part = bins.places, bins.state[STAGED]
    start = first_place(bins, histogram)
    least, greatest = LARGEST, -LARGEST - 1
    outside = 0
    for j in range(at.n):
        bits = float_bits(values[row, j])
        ordered = in_order(bits)
        least = min(least, ordered)
        greatest = max(greatest, ordered)
        place = ((bits >> 42) & 0x1FFFFF) - start
        is_zero = (bits >= 0) & (bits < LOWEST_BITS)
        is_inside = (place >= BINS) & (place < SIDE * BINS)
        place += (bits >> 63) & (SIDE * BINS)
        places[part, histogram, j] = select(is_inside, place, select(is_zero, 0, PLACE_OUTSIDE))
        outside += not (is_inside | is_zero)
    bins.extremes[histogram, 0] = min(bins.extremes[histogram, 0], least)
    bins.extremes[histogram, 1] = max(bins.extremes[histogram, 1], greatest)
    if outside > 0:
        list_outside(bins, histogram, values, row, at)


@lane_kernel
def list_outside(bins, histogram, values, row, at):
    """List the values of one lane array that lie outside of the histogram's window.

    Writes: `outside`, `state`.
    """
    part = bins.state[STAGED]
    for j in range(at.n):
        bins.outside[bins.state[OUTSIDE]] = (histogram << 32) | bin_of(float_bits(values[row, j]))
        bins.state[OUTSIDE] += bins.places[part, histogram, j] == PLACE_OUTSIDE


@kernel
def count_staged(bins):
    """Count in every histogram what is staged for it.

    Returns
    -------
    Whether all is counted; else the histograms ran out of pages: add some and call again.

    Notes
    -----
    Writes: `units`, `carries`, `rests` (strip, 64), `page` (histogram, octave) where an octave is met first, `state`.
    """
    if not count_outside(bins):
        return False
    for histogram in range(bins.state[NEXT_HISTOGRAM], bins.page.shape[0]):
        if bins.base[histogram] != NONE and not count_window(bins, histogram):
            bins.state[NEXT_HISTOGRAM] = histogram
            return False
    bins.state[NEXT_HISTOGRAM] = 0
    bins.state[STAGED] = 0
    return True


@lane_kernel
def count_window(bins, histogram):
    """Count the values in the window of a histogram, in an array that fits a near cache, then add it up.

    Writes: `units`, `carries`, `rests`, `page`, `state`; `window`, which ends all zero as it began.
    """
    window, places, state = bins.window, bins.places, bins.state
    if state[PAGES_USED] + WINDOW > bins.units.shape[0] // STRIPS:
        return False
    for part in range(state[STAGED]):
        for j in range(bins.sizes[part]):
            # unsigned: numba would ask of every other index whether it counts from the end
            window[np.uint64(places[part, histogram, j])] += np.uint16(1)
    if window[0] > 0:
        count_times(bins, histogram, 0, np.int64(window[0]))
        window[0] = 0
    window[PLACE_OUTSIDE] = 0
    start = bins.base[histogram] // BINS - 1
    least, greatest = bins.extremes[histogram, 0], bins.extremes[histogram, 1]
    lowest = octave_of(least) if least >= 0 else 0
    if greatest >= 0:
        count_side(bins, histogram, lowest, octave_of(greatest), start, 0)
    lowest = octave_of(greatest) - HALF if greatest < 0 else 0
    if least < 0:
        count_side(bins, histogram, lowest, octave_of(least) - HALF, start, 1)
    return True


@lane_kernel
def count_side(bins, histogram, lowest, highest, start, side):
    """Add up what has been counted of positive values (side 0), or of negative ones (side 1).

    Writes: `units`, `carries`, `rests`, `page`, `state`, `window`.
    """
    page, state, units, window = bins.page, bins.state, bins.units, bins.window
    for octave in range(max(lowest, start + 1), min(highest, start + SIDE - 1) + 1):
        first = (side * SIDE + octave - start) * BINS
        # most strips of the outer octaves have counted nothing
        for strip in range(STRIPS):
            if filled_bins(window, first + strip * STRIP) != 0:
                number = page_of(page, state, histogram, side * HALF + octave)
                row = number * STRIPS + strip
                passed = move_bins(window, first + strip * STRIP, units, row)
                while passed != 0:
                    b = lowest_bit(passed)
                    carry(bins, row, b, window[first + strip * STRIP + b])
                    window[first + strip * STRIP + b] = 0
                    passed &= passed - 1


@lane_kernel
def count_outside(bins):
    """Count the values outside of their windows, one by one.

    Writes: `units`, `carries`, `rests`, `page`, `state`.
    """
    page, units, state = bins.page, bins.units, bins.state
    for i in range(state[NEXT_OUTSIDE], state[OUTSIDE]):
        histogram, place = bins.outside[i] >> 32, bins.outside[i] & 0xFFFFFFFF
        if page[histogram, place >> 10] == 0 and state[PAGES_USED] == units.shape[0] // STRIPS:
            state[NEXT_OUTSIDE] = i
            return False
        count_times(bins, histogram, place, 1)
    state[OUTSIDE] = 0
    state[NEXT_OUTSIDE] = 0
    return True


@lane_kernel
def count_times(bins, histogram, place, times):
    """Count one bin, so many times, below 65,536.

    Writes: `units`, `carries`, `rests`, `page`, `state`.
    """
    row = page_of(bins.page, bins.state, histogram, place >> 10) * STRIPS + (place & (BINS - 1)) // STRIP
    b = place & (STRIP - 1)
    total = np.int64(bins.units[row, b]) + times
    bins.units[row, b] = np.uint8(total)
    if total > MOST_UNITS:
        carry(bins, row, b, np.uint16(total >> 8))


@atom
def carry(bins, row, b, times):
    """Count on in the higher digits of a bin whose lowest one has passed 255, so many times."""
    bins.carries[row, b] += times
    if bins.carries[row, b] < times:
        bins.rests[row, b] += np.uint32(1)


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
