"""Compare the strategies lifetime by lifetime: who is dearer, first passage, break-even, regret (MODEL.md 14)."""

from __future__ import annotations

from distributions.jit import lane_kernel, popcount
from simulator.kernel.layout import (
    COMPARED,
    LEAST,
    OF_REGRET,
    OF_SAVING,
    PRESENT,
    RUNNING,
    SUM_LEAST,
    TOTAL_ROWS,
)
from simulator.kernel.masks import dearer_lanes, valid_lanes
from simulator.kernel.tallying import add_batches, stage_values

TIE = 1e-9
"""Costs that differ by less than this share of the larger one are a tie."""


@lane_kernel
def compare_month(accounts, strategies, total, month, ahead, passed, best, counts, sums, at):
    """Compare every pair of strategies on their cost by month t, and find the cheapest.

    Writes: `ahead`, `passed` bit masks; `month` row LEAST [currency]; counts `wins`, `ties`, `passage`, `cheapest`.
    """
    n, t = at.n, at.t
    words = (n + 63) // 64
    column = PRESENT if accounts.compares_all else COMPARED
    for a in range(strategies):
        for b in range(a):
            wins_a, wins_b, passes_a, passes_b, ties = 0, 0, 0, 0, 0
            for word in range(words):
                valid = valid_lanes(word, n)
                rows = a * TOTAL_ROWS + column, b * TOTAL_ROWS + column
                a_dearer, b_dearer = dearer_lanes(total, rows[0], rows[1], 64 * word, TIE)
                a_dearer &= valid
                b_dearer &= valid
                wins_a += popcount(b_dearer)
                wins_b += popcount(a_dearer)
                ties += popcount(valid & ~(a_dearer | b_dearer))
                a_ahead = valid & ~a_dearer
                b_ahead = valid & ~b_dearer
                ahead[a, b, t - 1, word] = a_ahead
                ahead[b, a, t - 1, word] = b_ahead
                passes_a += popcount(a_ahead & ~passed[a, b, word])
                passes_b += popcount(b_ahead & ~passed[b, a, word])
                passed[a, b, word] |= a_ahead
                passed[b, a, word] |= b_ahead
            counts.wins[a, b, t - 1] += wins_a
            counts.wins[b, a, t - 1] += wins_b
            counts.ties[a, b, t - 1] += ties
            counts.ties[b, a, t - 1] += ties
            counts.passage[a, b, t - 1] += passes_a
            counts.passage[b, a, t - 1] += passes_b
    count_cheapest(ahead, best, counts.cheapest, strategies, words, n, t)
    for j in range(n):
        month[LEAST, j] = total[column, j]
    for s in range(1, strategies):
        row = s * TOTAL_ROWS + column
        for j in range(n):
            month[LEAST, j] = min(month[LEAST, j], total[row, j])
    add_batches(sums, accounts.sums[SUM_LEAST] + t - 1, month, LEAST, n)


@lane_kernel
def count_cheapest(ahead, best, cheapest, strategies, words, n, t):
    """Count the lifetimes in which a strategy is dearer than no other, by the number of those that tie for it.

    Writes: `cheapest` (strategy, month, strategy); `best` (strategy, word).
    """
    for word in range(words):
        seen, shared = 0, 0
        for s in range(strategies):
            bits = valid_lanes(word, n)
            for r in range(strategies):
                if r != s:
                    bits &= ahead[s, r, t - 1, word]
            best[s, word] = bits
            shared |= seen & bits
            seen |= bits
        for s in range(strategies):
            cheapest[s, t - 1, 0] += popcount(best[s, word] & ~shared)
        while shared != 0:
            lane = shared & -shared
            shared ^= lane
            tied = 0
            for s in range(strategies):
                tied += best[s, word] & lane != 0
            for s in range(strategies):
                if best[s, word] & lane != 0:
                    cheapest[s, t - 1, tied - 1] += 1


@lane_kernel
def compare_horizon(accounts, strategies, total, month, scratch, ahead, counts, at):
    """Tally what is known at the horizon alone: break-even that lasts, savings, regret.

    Writes: counts `even`, histograms OF_SAVING, OF_REGRET [currency].
    """
    histograms = accounts.histograms
    months = accounts.calendar.shape[0]
    column = PRESENT if accounts.compares_all else COMPARED
    n = at.n
    for a in range(strategies):
        for b in range(strategies):
            if a == b:
                continue
            for word in range((n + 63) // 64):
                lasting = valid_lanes(word, n)
                for t in range(months, 0, -1):
                    still = lasting & ahead[a, b, t - 1, word]
                    if t < months:
                        # what was lost in month t has broken even in the month after
                        counts.even[a, b, t] += popcount(lasting & ~still)
                    lasting = still
                counts.even[a, b, 0] += popcount(lasting)
            mine = a * TOTAL_ROWS + column
            theirs = b * TOTAL_ROWS + column
            for j in range(n):
                scratch[RUNNING, j] = total[theirs, j] - total[mine, j]
            stage_values(counts.bins, histograms[OF_SAVING] + a * strategies + b, scratch, RUNNING, at)
        row = a * TOTAL_ROWS + column
        for j in range(n):
            scratch[RUNNING, j] = total[row, j] - month[LEAST, j]
        stage_values(counts.bins, histograms[OF_REGRET] + a, scratch, RUNNING, at)
