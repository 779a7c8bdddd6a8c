"""Keep a pool of worker processes on this machine that end when this one does."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from concurrent.futures import ProcessPoolExecutor
from types import TracebackType

_QUIET = "ignore:resource_tracker:UserWarning"


class Processes:
    """Worker processes, started afresh (never forked from one that has threads).

    Parameters
    ----------
    workers
        How many.
    """

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._pool: ProcessPoolExecutor | None = None

    def open(self) -> ProcessPoolExecutor:
        """Start the processes, in place of those that are there."""
        self.close()
        if _QUIET not in sys.warnoptions:
            # What tracks the semaphores of the pool is told by these options. It tidies up after a run that was
            # killed, and would say so to someone who cannot do anything about it.
            sys.warnoptions.append(_QUIET)
        self._pool = ProcessPoolExecutor(
            self._workers, mp_context=multiprocessing.get_context("spawn"), initializer=_settle
        )
        return self._pool

    def __enter__(self) -> Processes:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None and self._pool is not None:
            self._pool.shutdown()
        else:
            self.close()

    def close(self) -> None:
        """End the processes where they stand: what they were at is lost, and nobody waits for it."""
        if self._pool is None:
            return
        processes = list((self._pool._processes or {}).values())
        self._pool.shutdown(wait=False, cancel_futures=True)
        for process in processes:
            process.kill()
        self._pool = None


def _settle() -> None:
    """Leave Ctrl-C to the process that started this one, and end when it ends, however it does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:

        def follow() -> None:
            parent.join()
            os.kill(os.getpid(), signal.SIGTERM)

        threading.Thread(target=follow, daemon=True).start()
