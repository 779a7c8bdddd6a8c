"""Reach the workers of a dask cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from simulator.running.tasks import Machine, WorkerError, check_machine, describe

if TYPE_CHECKING:
    from distributed import Client

CONNECT_S = 10.0
"""Longest wait for a scheduler, and for its first worker [s]."""


@contextmanager
def connect(address: str) -> Iterator[Executor]:
    """Connect to a scheduler, check its workers, and give an executor.

    Parameters
    ----------
    address
        Such as ``tcp://host:8786``.

    Raises
    ------
    WorkerError
        If dask.distributed is not installed, the scheduler is not there, has no workers, or one of them does not fit.
    """
    try:
        from distributed import Client
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
    with client:
        try:
            client.wait_for_workers(1, timeout=CONNECT_S)
        except TimeoutError as error:
            raise WorkerError(
                f"the scheduler at {address} has no workers", f"start some with `dask worker {address}`"
            ) from error
        own = describe()
        for name, other in client.run(describe, on_error="return").items():
            if not isinstance(other, Machine):
                raise WorkerError(
                    f"the worker {name} cannot run this program: {other}",
                    "install it there, in the same version, and restart the worker",
                )
            check_machine(own, other, f"the worker {name}")
        yield Workers(client)


class Workers(Executor):
    """The workers of a cluster, of which there may be more or fewer from one moment to the next.

    Parameters
    ----------
    client
        Connected to the scheduler.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._executor = client.get_executor(pure=False)

    @property
    def _max_workers(self) -> int:
        """How many tasks run at a time: the name under which pools of the standard library have it."""
        return max(1, sum(self._client.nthreads().values()))

    def submit(self, function: Callable[..., Any], /, *arguments: Any, **named: Any) -> Future:
        """Hand in a task."""
        return self._executor.submit(function, *arguments, **named)
