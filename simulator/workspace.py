"""Allocate what a worker needs: lane arrays, counts, records."""

from __future__ import annotations

import math
import mmap

import numpy as np

from distributions.sobol import SCRATCH_ROWS
from simulator.kernel import layout as k
from simulator.lowering import Lowered

COMPONENTS = 8
PAGES_PER_HISTOGRAM = 24
"""Pages set aside for each histogram, twice what most need: memory is taken only as pages are used.

More are added when they run out, which takes as much again while they are moved."""

STAGED_BYTES = 1 << 25
"""Bytes of lane arrays, at the most, that wait to be counted in histograms; those of a block may take more."""

MOST_STAGED = 64
"""Lane arrays that wait to be counted at the most: a count of theirs has 16 bits."""

LINE = 64
"""Bytes of a cache line."""

CHUNK = 1 << 23
"""Bytes that are allocated at a time: NumPy asks for large pages of memory from 4 MiB on."""


class Arena:
    """Memory for lane arrays, in few large pages; each begins where a cache line does, as do its rows of float64."""

    def __init__(self) -> None:
        self._free = np.zeros(0, dtype=np.uint8)

    def zeros(self, shape: tuple[int, ...], dtype: type) -> np.ndarray:
        """Give a C-contiguous array of zeros."""
        size = math.prod(shape) * np.dtype(dtype).itemsize
        taken = -(-size // LINE) * LINE
        if taken > self._free.size:
            held = np.zeros(max(CHUNK, taken) + LINE, dtype=np.uint8)
            self._free = held[-held.ctypes.data % LINE :]
        out, self._free = self._free[:size], self._free[taken:]
        return out.view(dtype).reshape(shape)


def sparse_zeros(shape: tuple[int, ...], dtype: type) -> np.ndarray:
    """Give an array of zeros of which few will ever be written: memory in small pages, taken where it is."""
    if not hasattr(mmap, "MADV_NOHUGEPAGE"):
        return np.zeros(shape, dtype=dtype)
    held = mmap.mmap(
        -1, math.prod(shape) * np.dtype(dtype).itemsize, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS
    )
    held.madvise(mmap.MADV_NOHUGEPAGE)
    return np.frombuffer(held, dtype=dtype).reshape(shape)


def make_workspace(lowered: Lowered) -> k.Workspace:
    """Allocate the lane arrays of one worker, constants filled in."""
    plan = lowered.plan
    strategies, months = plan.compared.strategies.shape[0], plan.seasonality.size
    inputs, events, clocks = plan.draws.inputs, plan.events.shape[0], plan.training.clocks.shape[0]
    migrations, steps = plan.migrations.migrations.shape[0], plan.migrations.steps.shape[0]
    words = k.LANES // 64
    arena = Arena()

    def lanes(rows: int, dtype: type = np.float64) -> np.ndarray:
        return arena.zeros((rows, k.ROW), dtype)

    def listing(rows: int) -> np.ndarray:
        # Lists are filled without a branch: one entry past the last lane is written too.
        return lanes(rows, np.int64)

    value = lanes(lowered.rows)
    value[inputs : inputs + plan.constants.size] = plan.constants[:, None]
    expects = plan.compared.expects
    price = lanes(1 + plan.processes.shape[0] * (1 + expects))
    price[0] = 1.0
    active = lanes(plan.migrations.phases.shape[0])
    active[0] = 1.0
    lists = listing(2)
    lists[k.ALL] = np.arange(k.ROW)
    return k.Workspace(
        uniform=lanes(inputs),
        normal=lanes(inputs),
        points=k.PointLanes(
            words=lanes(SCRATCH_ROWS, np.int64),
            component=lanes(plan.points.rotations.shape[2], np.float32),
            total=lanes(1),
            path=lanes(plan.points.noises.size, np.float32),
        ),
        shared=k.Shared(
            value=value,
            growth=lanes(plan.growth.size),
            noise=lanes(4 * plan.noises.size, np.float32),
            chance=lanes(4 * plan.chances.size),
            month=lanes(k.MONTH_ROWS),
            price=price,
            prompt=lanes(plan.prompts.shape[0]),
        ),
        happening=k.Happening(
            hit=listing(events),
            hits=np.zeros(events, dtype=np.int64),
            renewal=lanes(events),
            renewals=lanes(events, np.int64),
        ),
        once=k.Once(
            mark=lanes(1, np.uint8)[0],
            slot=lanes(1, np.int64),
            uniform=lanes(1),
            normal=lanes(1),
            value=lanes(1),
            tail=lanes(2, np.int64),
        ),
        clocks=k.Clocks(
            last=lanes(clocks + 1),
            interval=lanes(clocks),
            runs=lanes(clocks, np.int64),
            run=lanes(clocks * k.RUN_ROWS),
            paid=listing(clocks),
            payments=np.zeros(clocks, dtype=np.int64),
        ),
        stages=k.Stages(
            active=active,
            stage=lanes(migrations, np.int64),
            decided=lanes(migrations, np.int64),
            until=lanes(migrations),
            streak=lanes(steps),
            move=lanes(migrations * k.RUN_ROWS),
            paid=listing(migrations),
            payments=np.zeros(migrations, dtype=np.int64),
        ),
        costs=k.Costs(
            bundle=lanes(plan.items.bundles.shape[0]),
            cost=lanes(COMPONENTS),
            opening=lanes(COMPONENTS),
            total=lanes(strategies * k.TOTAL_ROWS),
            scratch=lanes(k.SCRATCH_ROWS),
            below=lanes((k.BELOW_ROWS + strategies * k.BELOW_TOTALS) * expects),
        ),
        lanes=lists,
        ahead=np.zeros((strategies, strategies, months, words), dtype=np.int64),
        passed=np.zeros((strategies, strategies, words), dtype=np.int64),
        best=lanes(strategies, np.int64),
    )


def make_counts(lowered: Lowered) -> k.Counts:
    """Allocate the exact tallies of one worker, all zero."""
    plan = lowered.plan
    strategies, months = plan.compared.strategies.shape[0], plan.seasonality.size
    histograms = int(plan.accounts.histograms[-1])
    pages = 1 + histograms * PAGES_PER_HISTOGRAM
    block = k.BLOCK // k.LANES
    staged = STAGED_BYTES // (histograms * k.LANES * 2 * block) * block
    staged = min(max(staged, block), MOST_STAGED)
    pairs = (strategies, strategies, months)
    extremes = np.empty((histograms, 2), dtype=np.int64)
    extremes[:] = (np.iinfo(np.int64).max, np.iinfo(np.int64).min)
    return k.Counts(
        wins=np.zeros(pairs, dtype=np.int64),
        ties=np.zeros(pairs, dtype=np.int64),
        passage=np.zeros(pairs, dtype=np.int64),
        even=np.zeros(pairs, dtype=np.int64),
        cheapest=np.zeros((strategies, months, strategies), dtype=np.int64),
        overruns=np.zeros((strategies, plan.accounts.budgets.size), dtype=np.int64),
        bins=k.Bins(
            page=np.zeros((histograms, k.OCTAVES), dtype=np.uint32),
            units=np.zeros((pages * k.BINS // k.STRIP, k.STRIP), dtype=np.uint8),
            carries=sparse_zeros((pages * k.BINS // k.STRIP, k.STRIP), np.uint16),
            rests=sparse_zeros((pages * k.BINS // k.STRIP, k.STRIP), np.uint32),
            window=np.zeros(k.WINDOW * k.BINS, dtype=np.uint16),
            base=np.full(histograms, k.NONE),
            places=np.zeros((staged, histograms, k.LANES), dtype=np.uint16),
            sizes=np.zeros(staged, dtype=np.int64),
            outside=sparse_zeros((histograms * staged * k.LANES + 1,), np.int64),
            extremes=extremes,
            # page 0 stands for "none yet"
            state=np.array([1, 0, 0, 0, 0, 0], dtype=np.int64),
        ),
    )


def add_pages(counts: k.Counts) -> k.Counts:
    """Give the same counts with room for as many pages again."""

    def doubled(held: np.ndarray, pages: np.ndarray) -> np.ndarray:
        used = np.flatnonzero(held.any(axis=1))
        pages[used] = held[used]
        return pages

    bins = counts.bins
    shape = (2 * bins.units.shape[0], k.STRIP)
    units = doubled(bins.units, np.zeros(shape, dtype=bins.units.dtype))
    carries = doubled(bins.carries, sparse_zeros(shape, bins.carries.dtype))
    rests = doubled(bins.rests, sparse_zeros(shape, bins.rests.dtype))
    return counts._replace(bins=bins._replace(units=units, carries=carries, rests=rests))


def make_record(lowered: Lowered, *, samples: int = 0, ledgers: int = 0) -> k.Record:
    """Allocate room for the samples of so many lifetimes, and for the whole ledgers of so many."""
    plan = lowered.plan
    strategies, months = plan.compared.strategies.shape[0], plan.seasonality.size
    inputs = max(samples, ledgers)
    return k.Record(
        inputs=np.zeros((inputs, plan.draws.inputs)),
        present=np.zeros((samples, strategies)),
        monthly=np.zeros((samples, strategies, months), dtype=np.float32),
        cost=np.zeros((ledgers, strategies, COMPONENTS, months)),
        opening=np.zeros((ledgers, strategies, COMPONENTS)),
        totals=np.zeros((ledgers, strategies, months, 3)),
        requests=np.zeros((ledgers, months)),
        price=np.zeros((ledgers, plan.processes.shape[0], months)),
        event=np.zeros((ledgers, plan.events.shape[0], months), dtype=np.int8),
        runs=np.zeros((ledgers, strategies, months)),
    )
