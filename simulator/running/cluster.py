"""Reach the workers of a dask cluster."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Executor, Future
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from simulator.running.tasks import Machine, WorkerError, check_machine, describe

if TYPE_CHECKING:
    from distributed import Client

CONNECT_S = 10.0
"""Longest wait for a scheduler, and for its first worker [s]."""

ALONE_S = 30.0
"""How long a cluster may be without workers before that is told [s]."""


@contextmanager
def connect(address: str, log: Callable[[str], None] = lambda _: None) -> Iterator[Executor]:
    """Connect to a scheduler, check its workers, and give an executor.

    Parameters
    ----------
    address
        Such as ``tcp://host:8786``.
    log
        Told when all workers have gone for a while: they may come back, so that ends nothing.

    Raises
    ------
    WorkerError
        If dask.distributed is not installed, the scheduler is not there, has no workers, lacks this program, or one
        of the workers does not fit; later, if the scheduler goes away or gives up a task.
    """
    try:
        from distributed import Client, KilledWorker
        from distributed.comm import CommClosedError
    except ImportError:
        raise WorkerError(
            "dask.distributed is not installed", "install it: pip install 'finetune-odds[cluster]'"
        ) from None
    try:
        client = Client(address, timeout=CONNECT_S, set_as_default=False)
    except (OSError, ValueError) as error:
        raise WorkerError(
            f"no scheduler answers at {address}", "start one with `dask scheduler`, or check the address"
        ) from error
    for name in ("distributed.client", "tornado.application"):
        # That the scheduler has gone is said below, in a line and not in a traceback.
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        with client:
            _check(client, address)
            yield Workers(client, address, log)
    except (CommClosedError, CancelledError) as error:
        raise _gone(address) from error
    except KilledWorker as error:
        raise WorkerError(
            "workers keep dying of the same task", "they may be short of memory: give each 1 GB"
        ) from error


def _check(client: Client, address: str) -> None:
    """Refuse a cluster on which tasks would fail, or would not do what they do here."""
    try:
        client.wait_for_workers(1, timeout=CONNECT_S)
    except TimeoutError as error:
        raise WorkerError(
            f"the scheduler at {address} has no workers", f"start some with `dask worker {address}`"
        ) from error
    try:
        client.run_on_scheduler(describe)  # which opens the tasks before it passes them on
    except ImportError as error:
        raise WorkerError(
            f"the scheduler at {address} cannot run this program: {error}",
            "install it there too, in the same version, and restart the scheduler",
        ) from error
    own = describe()
    for name, other in client.run(describe, on_error="return").items():
        if not isinstance(other, Machine):
            raise WorkerError(
                f"the worker {name} cannot run this program: {other}",
                "install it there, in the same version, and restart the worker",
            )
        check_machine(own, other, f"the worker {name}")


def _gone(address: str) -> WorkerError:
    return WorkerError(
        f"the scheduler at {address} has gone", "start it again; --resume continues what was kept"
    )


class Workers(Executor):
    """The workers of a cluster, of which there may be more or fewer from one moment to the next.

    Parameters
    ----------
    client
        Connected to the scheduler.
    address
        Of the scheduler.
    log
        Told when there have been none for a while.
    """

    def __init__(self, client: Client, address: str, log: Callable[[str], None]) -> None:
        self._client = client
        self._address = address
        self._log = log
        self._alone_since: float | None = None
        self._executor = client.get_executor(pure=False)

    @property
    def _max_workers(self) -> int:
        """How many tasks run at a time: the name under which pools of the standard library have it."""
        try:
            threads = sum(self._client.nthreads().values())
        except OSError as error:  # it is no CommClosedError where connecting again takes too long
            raise _gone(self._address) from error
        self._tell_if_alone(threads == 0)
        return max(1, threads)

    def _tell_if_alone(self, is_alone: bool) -> None:
        """Say once that there are no workers, when that has lasted."""
        if not is_alone:
            self._alone_since = None
        elif self._alone_since is None:
            self._alone_since = time.monotonic()
        elif time.monotonic() - self._alone_since >= ALONE_S:
            self._log(f"The scheduler at {self._address} has no workers left: waiting for some to connect.")
            self._alone_since = math.inf  # until there are some again

    def submit(self, function: Callable[..., Any], /, *arguments: Any, **named: Any) -> Future:
        """Hand in a task."""
        return self._executor.submit(function, *arguments, **named)
