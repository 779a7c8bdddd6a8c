"""Keep Ctrl-C answered while long work is done."""

from __future__ import annotations

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
