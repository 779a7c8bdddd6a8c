"""Follow a run: tell of its progress, keep what it has done, stop it when asked to."""

from __future__ import annotations

import threading
from collections.abc import Callable

from simulator.running.checkpoint import Checkpoint
from simulator.running.partial import Partial

Progress = Callable[[int, int], None]


class StoppedError(Exception):
    """A run was asked to stop."""


class Watch:
    """What a run reports to, between blocks.

    Parameters
    ----------
    lifetimes
        To be lived in all.
    done
        Lived before, in a run that is continued.
    progress
        Called with (lifetimes done, lifetimes in all).
    checkpoint
        Where to keep what is done.
    stop
        Ends the run when it is set.
    """

    def __init__(
        self,
        lifetimes: int,
        *,
        done: int = 0,
        progress: Progress | None = None,
        checkpoint: Checkpoint | None = None,
        stop: threading.Event | None = None,
    ) -> None:
        self.lifetimes = lifetimes
        self.done = done
        self._progress = progress
        self._checkpoint = checkpoint
        self._stop = stop
        self._started = False

    def start(self) -> None:
        """Begin to take the time, once: all that had to be compiled is."""
        if self._checkpoint is not None and not self._started:
            self._checkpoint.start(self.done, self.lifetimes)
        self._started = True
        if self.done:
            self.advance(0)

    def extend(self, lifetimes: int) -> None:
        """Go on to so many lifetimes in all."""
        self.lifetimes = lifetimes
        if self._checkpoint is not None:
            self._checkpoint.extend(lifetimes)

    def advance(self, lifetimes: int) -> None:
        """Tell of lifetimes lived."""
        self.done += lifetimes
        if self._progress is not None:
            self._progress(self.done, self.lifetimes)

    @property
    def is_stopped(self) -> bool:
        """Whether the run is to end."""
        return self._stop is not None and self._stop.is_set()

    def wants_rest(self) -> bool:
        """Tell whether no block should be begun, so that what is done can be kept."""
        if self.is_stopped:
            return True
        return self._checkpoint is not None and self._checkpoint.is_due(self.done)

    def rest(self, partial: Callable[[], Partial]) -> None:
        """Keep what is done, while nothing is under way.

        Raises
        ------
        StoppedError
            If the run is to end here.
        """
        self._keep(partial)
        if self.is_stopped:
            raise StoppedError

    def finish(self, partial: Callable[[], Partial]) -> None:
        """Keep what is done where a checkpoint is kept at all."""
        self._keep(partial)

    def _keep(self, partial: Callable[[], Partial]) -> None:
        if self.done and self._checkpoint is not None and self._checkpoint.is_active(self.done):
            self._checkpoint.save(partial, in_haste=self.is_stopped)
