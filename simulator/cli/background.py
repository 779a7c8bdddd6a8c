"""Keep Ctrl-C answered while long work is done, and use the time."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

T = TypeVar("T")

_STACK_BYTES = 64 * 2**20
_TICK_SECONDS = 0.2
_GRACE_SECONDS = 0.75


class Interrupted(KeyboardInterrupt):
    """Ctrl-C, with what to say.

    Parameters
    ----------
    message
        What has become of the work.
    hint
        How to go on.
    """

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


def in_background(work: Callable[[], T], stop: Callable[[], None] | None = None) -> T:
    """Do `work` in a thread and wait for it here; give its result or raise what it raised.

    Parameters
    ----------
    work
        What to do.
    stop
        Called at Ctrl-C: asks the work to end, which is waited for, but not for long.

    Notes
    -----
    Python handles Ctrl-C in the main thread and between two bytecodes only, and compiling is one call of many
    seconds. A main thread that merely waits hears it at once. Work that writes files belongs outside, so that
    it can clean up.
    """
    outcome: dict[str, Any] = {}
    # Not Thread.join: interrupted, it takes the thread for ended (https://bugs.python.org/issue45274).
    ended = threading.Event()

    def target() -> None:
        try:
            outcome["result"] = work()
        except BaseException as error:
            outcome["error"] = error
        finally:
            ended.set()

    # The stack of a thread is as small as 512 kB on some systems, less than compiling takes.
    previous = threading.stack_size(_STACK_BYTES)
    try:
        thread = threading.Thread(target=target, name="simulate", daemon=True)
        thread.start()
    finally:
        threading.stack_size(previous)
    try:
        while not ended.wait(_TICK_SECONDS):
            pass
    except KeyboardInterrupt:
        if stop is not None:
            stop()
            ended.wait(_GRACE_SECONDS)
        raise
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


@contextlib.contextmanager
def heeding_sigterm() -> Iterator[None]:
    """Take SIGTERM, which schedulers send, for Ctrl-C."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    previous = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, previous)
