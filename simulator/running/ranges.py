"""Keep track of which blocks are done, as ranges."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

Range = tuple[int, int]
"""The blocks start … end - 1."""


def join(*groups: Iterable[Range]) -> tuple[Range, ...]:
    """Join ranges that share no block into as few as possible, in ascending order.

    Raises
    ------
    ValueError
        If a block is in two of them.
    """
    joined: list[Range] = []
    for start, end in sorted(one for group in groups for one in group):
        if joined and start < joined[-1][1]:
            raise ValueError(f"block {start} is there twice")
        if joined and start == joined[-1][1]:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return tuple(joined)


def missing(done: Iterable[Range], start: int, end: int) -> tuple[Range, ...]:
    """Give the ranges of start … end - 1 that are not among joined ones."""
    gaps: list[Range] = []
    for first, last in done:
        if start < min(first, end):
            gaps.append((start, min(first, end)))
        start = max(start, last)
    if start < end:
        gaps.append((start, end))
    return tuple(gaps)


def blocks_of(ranges: Iterable[Range]) -> Iterator[int]:
    """Yield the blocks one by one."""
    for start, end in ranges:
        yield from range(start, end)


def size_of(ranges: Iterable[Range]) -> int:
    """Count the blocks."""
    return sum(end - start for start, end in ranges)


def holds(ranges: Iterable[Range], block: int) -> bool:
    """Tell whether a block is in one of them."""
    return any(start <= block < end for start, end in ranges)
