"""Run parts of the kernel alone, over the arrays of the kernel and in its order."""

from __future__ import annotations

import numpy as np

from distributions.jit import kernel
from distributions.streams import key_words
from simulator.kernel import layout as k
from simulator.kernel.accounting import tally_month
from simulator.kernel.block import draw_months, simulate_block, tally_shared
from simulator.kernel.comparison import compare_horizon, compare_month
from simulator.kernel.inputs import draw_inputs
from simulator.kernel.layout import LANES, STAGED, Span
from simulator.kernel.paths import draw_months_of_points, draw_paths
from simulator.kernel.row_length import of_row_length
from simulator.kernel.tallying import count_staged, stage_values
from simulator.lowering import Lowered
from simulator.workspace import add_pages, make_counts, make_record, make_workspace


@kernel
def draw_block(plan, work, key0, key1, first, n):
    """Draw what a block draws: inputs once, then month by month."""
    work, points = of_row_length(work), plan.points
    for offset in range(0, n, LANES):
        lanes = min(LANES, n - offset)
        at = Span(key0, key1, first + offset, lanes, 1)
        draw_inputs(plan.draws, points, work.points.words, work.uniform, work.normal, work.shared.value, at)
        if points.are_used:
            draw_paths(points, plan.noises, work.points, at)
        for t in range(1, plan.seasonality.shape[0] + 1):
            at = Span(key0, key1, first + offset, lanes, t)
            if t == 1 or t % 4 == 0:
                if points.are_used:
                    draw_months_of_points(points, plan.chances, work.points, work.shared, at)
                else:
                    draw_months(plan.noises, plan.chances, work.shared, at)


@kernel
def tally_block(plan, work, counts, sums, key0, key1, first, n):
    """Tally a block whose every month is as the last one was."""
    work = of_row_length(work)
    strategies, processes = plan.compared.strategies.shape[0], plan.processes.shape[0]
    month, costs, bins, histograms = work.shared.month, work.costs, counts.bins, plan.accounts.histograms
    for offset in range(0, n, LANES):
        lanes = min(LANES, n - offset)
        bins.sizes[bins.state[STAGED]] = lanes
        at = Span(key0, key1, first + offset, lanes, 1)
        for t in range(1, plan.seasonality.shape[0] + 1):
            at = Span(key0, key1, first + offset, lanes, t)
            tally_shared(plan.accounts, processes, work.shared, bins, sums, at)
            for s in range(strategies):
                # the kernel finds these places where it settles the month
                now = (t - 1) * strategies + s
                stage_values(bins, histograms[k.OF_MONTHLY] + now, month, k.CASH, at)
                for row, variable in ((k.CUMULATIVE, k.OF_CUMULATIVE), (k.PRESENT, k.OF_PRESENT)):
                    stage_values(bins, histograms[variable] + now, costs.total, s * k.TOTAL_ROWS + row, at)
                tally_month(plan.accounts, plan.compared, month, costs, bins, counts.overruns, sums, at, s)
            compare_month(
                plan.accounts,
                strategies,
                costs.total,
                month,
                work.ahead,
                work.passed,
                work.best,
                counts,
                sums,
                at,
            )
        compare_horizon(plan.accounts, strategies, costs.total, month, costs.scratch, work.ahead, counts, at)
        bins.state[STAGED] += 1


class Bench:
    """One plan's arrays, lived once so that they hold costs.

    Parameters
    ----------
    lowered
        The lowered plan.
    """

    lifetimes = k.BLOCK

    def __init__(self, lowered: Lowered) -> None:
        self._plan = plan = lowered.plan
        self._key = key_words(1)
        self._work = make_workspace(lowered)
        self._counts = {name: make_counts(lowered) for name in ("whole", "tallies")}
        self._sums = np.zeros((int(plan.accounts.sums[-1]), k.BATCHES))
        self._record = make_record(lowered)
        months = plan.seasonality.size
        self.numbers = {
            "normals": plan.noises.size * months + plan.draws.inputs,
            "uniforms": plan.chances.size * months,
        }

    def whole(self, block: int) -> None:
        """Live a block."""
        counts = self._with_room("whole")
        first, n = block * k.BLOCK, k.BLOCK
        simulate_block(self._plan, self._work, counts, self._sums, self._record, *self._key, first, n)

    def draws(self, block: int) -> None:
        """Draw for a block."""
        draw_block(self._plan, self._work, *self._key, block * k.BLOCK, k.BLOCK)

    def tallies(self, block: int) -> None:
        """Tally a block."""
        counts = self._with_room("tallies")
        tally_block(self._plan, self._work, counts, self._sums, *self._key, block * k.BLOCK, k.BLOCK)

    def _with_room(self, name: str) -> k.Counts:
        """Give counts in which a block can be staged; what is staged is counted first where there is no room."""
        bins = self._counts[name].bins
        if bins.state[STAGED] == bins.sizes.size:
            while not count_staged(self._counts[name].bins):
                self._counts[name] = add_pages(self._counts[name])
        return self._counts[name]
