"""Share work between this process and a copy of it."""

from __future__ import annotations

import os
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

T = TypeVar("T")


def shared(work: Callable[[T], bytes], items: Sequence[T]) -> list[bytes]:
    """
    Do some work for each item, for every second one in a copy of this process.

    Parameters
    ----------
    work
        Gives bytes and changes nothing that is needed afterwards.
    items
        What it is done for.

    Returns
    -------
    list of bytes
        In the order of `items`.

    Raises
    ------
    Exception
        Whatever `work` raises.

    Notes
    -----
    The copy is a forked one: it has everything imported and in memory, so it starts within milliseconds. Only
    Linux forks reliably, and only while there is one thread; elsewhere, or where there is one processor, all
    work is done here. So is what a copy fails to deliver.
    """
    if len(items) < 2 or not _can_fork():
        return [work(item) for item in items]
    import multiprocessing

    context = multiprocessing.get_context("fork")
    receiving, sending = context.Pipe(duplex=False)
    copy = context.Process(target=_deliver, args=(work, items[1::2], sending), daemon=True)
    with warnings.catch_warnings():
        # Python 3.12 counts the threads of BLAS, which take care of themselves when a process forks.
        warnings.simplefilter("ignore", DeprecationWarning)
        copy.start()
    sending.close()
    found: list[bytes] = [b""] * len(items)
    theirs: list[bytes] | None = None
    try:
        found[0::2] = [work(item) for item in items[0::2]]
        with suppress(EOFError, OSError):
            theirs = receiving.recv()
    finally:
        receiving.close()
        # Not SIGTERM: until the copy has got to `_deliver`, it would answer it as this process does.
        copy.kill()
        copy.join()
    found[1::2] = theirs or [work(item) for item in items[1::2]]
    return found


def _can_fork() -> bool:
    return sys.platform == "linux" and threading.active_count() == 1 and len(os.sched_getaffinity(0)) > 1


def _deliver(work: Callable[[T], bytes], items: Sequence[T], sending: Connection) -> None:
    # Terminals send Ctrl-C to both, schedulers SIGTERM; the one that started this process answers, and ends this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    # What goes wrong here goes wrong there too, and is reported from there.
    with suppress(Exception):
        sending.send([work(item) for item in items])
