"""Report how far work has come."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator

from simulator.cli import report


@contextlib.contextmanager
def reported(quiet: bool) -> Iterator[tuple[Callable[[str], None], Callable[[int, int], None] | None]]:
    """Yield how to log a line and how to report progress, on stderr; a bar needs a terminal."""
    if quiet or not sys.stderr.isatty():
        yield (lambda line: None) if quiet else report.to_stderr, None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        TextColumn("{task.completed:,.0f} of {task.total:,.0f} lifetimes"),
        TimeRemainingColumn(compact=True),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Simulating", total=None, visible=False)

        def advance(done: int, total: int) -> None:
            # What follows the last lifetime takes seconds where there are many.
            now = "Summarising" if done >= total else "Simulating"
            bar.update(task, completed=done, total=total, visible=True, description=now)

        def log(line: str) -> None:
            bar.console.print(line, markup=False, highlight=False)

        yield log, advance
