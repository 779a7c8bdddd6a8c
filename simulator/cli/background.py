"""Keep Ctrl-C answered while long work is done, and use the time."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")

_STACK_BYTES = 64 * 2**20
_TICK_SECONDS = 0.2


def in_background(work: Callable[[], T]) -> T:
    """Do `work` in a thread and wait for it here; give its result or raise what it raised.

    Notes
    -----
    Python handles Ctrl-C in the main thread and between two bytecodes only, and compiling is one call of many
    seconds. A main thread that merely waits hears it at once. Work that writes files belongs outside, so that
    it can clean up.
    """
    outcome: dict[str, Any] = {}

    def target() -> None:
        try:
            outcome["result"] = work()
        except BaseException as error:
            outcome["error"] = error

    # The stack of a thread is as small as 512 kB on some systems, less than compiling takes.
    previous = threading.stack_size(_STACK_BYTES)
    try:
        thread = threading.Thread(target=target, name="simulate", daemon=True)
        thread.start()
    finally:
        threading.stack_size(previous)
    while thread.is_alive():
        thread.join(_TICK_SECONDS)
    if "error" in outcome:
        raise outcome["error"]
    return outcome["result"]


class Ahead:
    """Do in a thread what will be needed later, such as imports, while others do work that leaves Python free.

    Parameters
    ----------
    work
        What is to be done. If it fails, that stays untold: whoever needs it does it again, and hears of it.
    """

    def __init__(self, work: Callable[[], None]) -> None:
        self._work = work
        self._thread: threading.Thread | None = None

    def at_first(self, progress: Callable[[int, int], None] | None) -> Callable[[int, int], None]:
        """Give a `progress` that starts the work when it is called for the first time."""

        def advance(done: int, total: int) -> None:
            if self._thread is None:
                self._thread = threading.Thread(target=self._do, name="ahead", daemon=True)
                self._thread.start()
            if progress is not None:
                progress(done, total)

        return advance

    def wait(self) -> None:
        """Wait until the work is done, if it was started."""
        if self._thread is not None:
            self._thread.join()

    def _do(self) -> None:
        with contextlib.suppress(Exception):
            self._work()
