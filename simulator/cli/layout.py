"""Set columns of numbers into the width of a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence


def columns(
    heads: Sequence[str], rows: Sequence[Sequence[str]], width: int, *, keys: int = 1
) -> Iterator[str]:
    """Yield the lines of a table; one that is too wide goes on below, with its key columns repeated.

    Parameters
    ----------
    heads
        (column) Names of the columns.
    rows
        (row, column) Cells.
    width
        Columns of the terminal.
    keys
        How many of the first columns name the row; they are set to the left, all others to the right.

    Notes
    -----
    No cell is ever cut: a single column wider than the terminal runs over.
    """
    sizes = [max(len(cell) for cell in cells) for cells in zip(heads, *rows, strict=True)]
    margin = sum(sizes[:keys]) + 2 * (keys - 1)
    part: list[int] = []
    parts = [part]
    used = margin
    for column in range(keys, len(heads)):
        if part and used + 2 + sizes[column] > width:
            part = []
            parts.append(part)
            used = margin
        part.append(column)
        used += 2 + sizes[column]
    for position, part in enumerate(parts):
        if position:
            yield ""
        for cells in (heads, *rows):
            left = [f"{cells[k]:<{sizes[k]}}" for k in range(keys)]
            right = [f"{cells[k]:>{sizes[k]}}" for k in part]
            yield "  ".join(left + right).rstrip()
