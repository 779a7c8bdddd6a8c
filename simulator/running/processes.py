"""Keep a pool of worker processes on this machine that end when this one does."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import sys
import tempfile
import threading
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from types import TracebackType
from typing import Any

_QUIET = "ignore:resource_tracker:UserWarning"


class Processes:
    """Worker processes, started afresh (never forked from one that has threads).

    Parameters
    ----------
    workers
        How many.

    Notes
    -----
    Results come in files. Processes share one pipe to send them: one that is killed in the middle of a long
    result would leave its reader waiting for the rest, and the others for their turn. A path is sent whole or not at
    all.
    """

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._folder = tempfile.TemporaryDirectory(prefix="simulate-", ignore_cleanup_errors=True)
        self._pool: ProcessPoolExecutor | None = None

    def open(self) -> ProcessPoolExecutor:
        """Start the processes, in place of those that are there."""
        self.close()
        if _QUIET not in sys.warnoptions:
            # What tracks the semaphores of the pool is told by these options. It tidies up after a run that was
            # killed, and would say so to someone who cannot do anything about it.
            sys.warnoptions.append(_QUIET)
        self._pool = _Pool(self._workers, self._folder)
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
        self._folder.cleanup()

    def close(self) -> None:
        """End the processes where they stand: what they were at is lost, and nobody waits for it."""
        if self._pool is None:
            return
        processes = list((self._pool._processes or {}).values())
        self._pool.shutdown(wait=False, cancel_futures=True)
        for process in processes:
            process.kill()
        self._pool = None


class _Pool(ProcessPoolExecutor):
    """An executor whose processes leave their results in files of a folder, and send the paths."""

    def __init__(self, workers: int, folder: tempfile.TemporaryDirectory) -> None:
        super().__init__(workers, mp_context=multiprocessing.get_context("spawn"), initializer=_settle)
        self._folder = folder

    def submit(self, function: Callable[..., Any], /, *arguments: Any) -> Future:
        read: Future = Future()

        def follow(written: Future) -> None:
            if read.set_running_or_notify_cancel():
                try:
                    read.set_result(_take(written.result()))
                except Exception as error:
                    read.set_exception(error)

        super().submit(_leave, self._folder.name, function, *arguments).add_done_callback(follow)
        return read


def _leave(folder: str, function: Callable[..., Any], *arguments: Any) -> str:
    """Call a function, write what it gives to a file, and give the file's path."""
    result = function(*arguments)
    with tempfile.NamedTemporaryFile(dir=folder, delete=False) as file:
        pickle.dump(result, file)
    return file.name


def _take(path: str) -> Any:
    """Read a result, and remove its file."""
    with open(path, "rb") as file:
        found = pickle.load(file)
    os.unlink(path)
    return found


def _settle() -> None:
    """Leave Ctrl-C to the process that started this one, and end when it ends, however it does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:

        def follow() -> None:
            parent.join()
            os.kill(os.getpid(), signal.SIGTERM)

        threading.Thread(target=follow, daemon=True).start()
