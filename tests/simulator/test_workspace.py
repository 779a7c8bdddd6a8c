"""Memory of a worker: rows where cache lines begin, zeros that take no memory."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest

from simulator import workspace
from simulator.kernel import layout as k
from simulator.lowering import lower
from simulator.plan import load_plan
from tests.simulator.kernel.small import changed, read

EVERY_KEY = Path(__file__).parent / "plan" / "every_key.toml"


def arrays_of(one):
    """Give the arrays of a nest of named tuples."""
    if isinstance(one, np.ndarray):
        return [one]
    return [found for part in one for found in arrays_of(part)] if isinstance(one, tuple) else []


def lane_arrays(one):
    """Give those whose rows hold a lane array each."""
    return [array for array in arrays_of(one) if array.ndim == 2 and array.shape[1] == k.ROW]


def test_every_lane_array_begins_where_a_cache_line_does():
    arrays = lane_arrays(workspace.make_workspace(lower(read(changed()))))
    assert len(arrays) > 20
    for array in arrays:
        assert array.ctypes.data % workspace.LINE == 0
        assert array.strides[0] % workspace.LINE in (0, 32)  # rows of float32 begin at every second half


def test_rows_are_as_long_as_the_kernel_takes_them_to_be():
    found = [
        array for array in arrays_of(workspace.make_workspace(lower(load_plan(EVERY_KEY)))) if array.ndim == 2
    ]
    assert len(found) > 20
    assert {array.shape[1] for array in found} == {k.ROW}


def test_no_two_arrays_of_a_worker_share_memory():
    lowered = lower(load_plan(EVERY_KEY))
    held = [*workspace.make_workspace(lowered), *workspace.make_counts(lowered)]
    found = [array for array in arrays_of(tuple(held)) if array.size]
    spans = sorted(np.lib.array_utils.byte_bounds(array) for array in found)
    assert len(spans) > 50
    assert all(end <= start for (_, end), (start, _) in itertools.pairwise(spans))


def test_arrays_of_an_arena_are_zero_and_share_nothing():
    arena = workspace.Arena()
    sizes = [1, 7, workspace.CHUNK // 2, workspace.CHUNK // 2, 3 * workspace.CHUNK, 5]
    arrays = [arena.zeros((1, size), np.uint8) for size in sizes]
    for number, array in enumerate(arrays, 1):
        assert not array.any()
        array[:] = number
    assert [set(np.unique(array).tolist()) for array in arrays] == [{n} for n in range(1, len(sizes) + 1)]


@pytest.mark.skipif(
    "not hasattr(__import__('mmap'), 'MADV_NOHUGEPAGE')", reason="Linux alone tells of its pages"
)
def test_sparse_zeros_take_memory_where_they_are_written():
    def resident():
        with open("/proc/self/statm") as file:
            return int(file.read().split()[1]) * 4096

    before = resident()
    zeros = workspace.sparse_zeros((1 << 14, 1 << 10), np.uint32)  # 64 MiB
    zeros[::1024] = 1
    assert zeros.sum() == (1 << 14) // 1024 * (1 << 10)
    assert resident() - before < 1 << 22
