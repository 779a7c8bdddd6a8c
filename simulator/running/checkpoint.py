"""Keep what a long run has done, so that it can be continued."""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

from simulator import atomic
from simulator.running import identity, tallyfile
from simulator.running.job import Job
from simulator.running.partial import Partial
from simulator.running.records import MAGIC

LONG_S = 30.0
"""Work worth keeping [s]: shorter runs leave no file."""

EVERY_S = 10.0
"""Shortest time between two records [s]."""

SHARE = 0.015
"""Largest share of the time that keeping may take."""

FORESEEN_S = 1.0
"""Work after which the length of the run is foreseen [s]."""

RECORDS = 8
"""Records in a file before it is written anew with the last one alone."""

ANEW = "leave out --resume to start at the beginning"
"""What to do about a checkpoint that cannot be continued."""


class Checkpoint:
    """A file beside the result that grows by a record from time to time.

    Parameters
    ----------
    path
        The file.
    resume
        Whether to continue what is there.
    always
        Whether to keep short runs too; by default those of over 30 s, foreseen or passed.
    log
        Told in one line what a user should know.
    every_s
        Shortest time between two records [s].
    share
        Largest share of the time that keeping may take.

    Attributes
    ----------
    lifetimes
        In the last record; 0 without one.

    Notes
    -----
    Each record holds the tally of all blocks done so far, so the last whole one is enough, and a torn one costs the
    work since the one before. Samples are records of their own, written once. The file of an earlier run that is not
    continued stays as it is until the first record takes its name: it is renamed then, and back when this run's own is
    removed. What is removed is a file that this run has written or continued, no other.
    """

    def __init__(
        self,
        path: Path,
        *,
        resume: bool = False,
        always: bool = False,
        log: Callable[[str], None] = lambda line: None,
        every_s: float = EVERY_S,
        share: float = SHARE,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.path = path
        self.lifetimes = 0
        self._seconds_before = 0.0
        self._resume = resume
        self._always = always
        self._log = log
        self._every_s = every_s
        self._share = share
        self._clock = clock
        self._head: dict[str, Any] = {}
        self._file: BinaryIO | None = None
        self._records = 0
        self._known: set[int] = set()
        self._own: tuple[int, int] | None = None
        self._worthless: tuple[int, int] | None = None
        self._aside: Path | None = None
        self._refused = False
        self._active = always
        self._started = self._last = clock()
        self._cost_s = 0.0
        self._first = 0
        self._total = 0

    def open(self, head: Mapping[str, Any], job: Job) -> Partial | None:
        """Say of which run this is; give what has been done of it, if it is to be continued.

        Parameters
        ----------
        head
            What `identity.identify` gives, and whatever else is to be kept.
        job
            What is to be lived.

        Raises
        ------
        identity.MismatchError
            If the file is that of another run, or holds blocks that are not of this job.
        tallyfile.DamagedError
            If it is no such file, or damaged so that it is not known what it holds.
        OSError
            If it cannot be read.

        Notes
        -----
        A file that ends before its first tally, or is empty, holds nothing that could be lost: that is said, and the
        run starts at the beginning.
        """
        self._head = {**head, "lifetimes": job.lifetimes}
        if not self.path.exists():
            if self._resume:
                self._log(f"There is no checkpoint {self.path}: starting at the beginning.")
            return None
        if not self._resume:
            self._leave_alone(head, job)
            return None
        try:
            stored = tallyfile.load(self.path)
        except tallyfile.DamagedError as error:
            raise tallyfile.DamagedError(error.message, ANEW) from error
        partial = stored.partial
        if partial is None:
            what = "is damaged, and nothing in it can be used" if self.path.stat().st_size else "is empty"
            self._log(f"The checkpoint {self.path} {what}: starting at the beginning.")
            self._own = self._place()
            return None
        self._check(stored, partial, head, job)
        self._own = self._place()
        self.lifetimes = partial.lifetimes
        self._seconds_before = float(stored.values.get("seconds", 0.0))
        self._log(f"Continuing after {partial.lifetimes:,} lifetimes.")
        self._active = True
        # Into a file of its own: whoever has written the old one may be alive.
        self.save(lambda: partial)
        return partial

    @property
    def seconds_before(self) -> float:
        """Time that the runs before this one took [s]."""
        return self._seconds_before

    def start(self, done: int, total: int) -> None:
        """Begin to take the time: `done` of `total` lifetimes have been lived before."""
        self._first, self._total = done, total
        self._started = self._clock()

    def extend(self, total: int) -> None:
        """Take the run to be of so many lifetimes from now on."""
        self._total = total

    def is_active(self, done: int) -> bool:
        """Tell whether the run is long enough to be kept."""
        if self._refused:
            return False
        if not self._active:
            passed = self._clock() - self._started
            if passed >= LONG_S:
                self._active = True
            elif passed >= FORESEEN_S and done > self._first:
                share = (done - self._first) / (self._total - self._first)
                self._active = passed / share >= LONG_S
        return self._active

    def is_due(self, done: int) -> bool:
        """Tell whether it is time for a record."""
        if done == self.lifetimes or not self.is_active(done):
            return False
        if not self._records:
            return True  # with the samples in it, so that the next ones are short
        return self._clock() - self._last >= max(self._every_s, self._cost_s / self._share)

    def save(self, partial: Callable[[], Partial], *, in_haste: bool = False) -> None:
        """Append a record; where that fails say so and keep none from then on.

        Parameters
        ----------
        partial
            Gives what is done.
        in_haste
            Leave it to the system when the record goes to the disk: it outlives this process, if not a power cut.
        """
        began = self._clock()
        try:
            self._write(partial(), in_haste)
        except OSError as error:
            self._refused = True
            kept = f" {self.lifetimes:,} lifetimes are kept." if self.lifetimes else ""
            reason = error.strerror or str(error)
            self._log(f"The checkpoint {self.path} cannot be written: {reason}. Going on without.{kept}")
            self.close()
        self._last = self._clock()
        self._cost_s = self._last - began

    def close(self) -> None:
        """Let go of the file, which stays where it is."""
        if self._file is not None:
            with suppress(OSError):
                self._file.close()
            self._file = None

    def remove(self) -> None:
        """Remove the file that this run has written or continued: the result is published."""
        self.close()
        with suppress(OSError):
            if self._own is not None and self._own == self._place():
                self.path.unlink()
                if self._aside is not None and self._aside.exists():
                    self._aside.rename(self.path)
                    self._log(f"{self._aside} is {self.path} again.")
                    self._aside = None

    def _write(self, partial: Partial, in_haste: bool) -> None:
        values = {"seconds": self._seconds_before + self._clock() - self._started}
        if self._file is None or self._records >= RECORDS:
            self.close()
            self._publish(partial, values)
            self._file = self.path.open("r+b")
            self._file.seek(0, 2)
            self._own = _place_of(os.fstat(self._file.fileno()))
            self._records = 1
        else:
            self._append(self._file, partial, values, in_haste)
            self._records += 1
        self._known = set(partial.samples)
        self.lifetimes = partial.lifetimes

    def _publish(self, partial: Partial, values: Mapping[str, Any]) -> None:
        """Write the file anew; what an earlier run has left under its name gets another one before."""
        aside = None
        if self._own is None and self.path.exists() and self._place() != self._worthless:
            aside = self._free_name()
            self.path.rename(aside)
        try:
            tallyfile.publish(self.path, self._head, partial, values)
        except OSError:
            if aside is not None:
                with suppress(OSError):
                    aside.rename(self.path)
            raise
        if aside is not None:
            self._aside = aside
            self._log(f"{self.path} is of this run from now on; the one that was there is now {aside}.")

    def _free_name(self) -> Path:
        """Name a file beside this one that does not exist."""
        names = (self.path.with_name(f"{self.path.name}.{number}") for number in itertools.count(1))
        return next(name for name in names if not os.path.lexists(name))

    def _append(self, file: BinaryIO, partial: Partial, values: Mapping[str, Any], in_haste: bool) -> None:
        end = file.tell()
        try:
            tallyfile.write_tally(file, partial, values, self._known)
            file.flush()
            if not in_haste:
                atomic.flush(file)
        except OSError:
            with suppress(OSError):
                file.truncate(end)
            raise

    def _check(self, stored: tallyfile.Stored, partial: Partial, head: Mapping[str, Any], job: Job) -> None:
        """Refuse another run, blocks that the job has not, and a short last block of a run of another length."""
        identity.check(head, stored.head, str(self.path), ANEW)
        start, end = partial.blocks[0][0], partial.blocks[-1][1]
        fits = job.range[0] <= start and end <= job.range[1]
        expected = sum(job.lifetimes_of(*one) for one in partial.blocks) if fits else 0
        if not fits or expected != partial.lifetimes:
            raise identity.MismatchError(
                f"{self.path}: holds {partial.lifetimes:,} of {stored.head['lifetimes']:,} lifetimes that are not all "
                f"among those of this run of {job.lifetimes:,}",
                ANEW,
            )

    def _leave_alone(self, head: Mapping[str, Any], job: Job) -> None:
        """Say of a file that is there whether this run could have continued it."""
        try:
            stored = tallyfile.load(self.path)
            if stored.partial is None:
                self._worthless = self._place()
                return
            self._check(stored, stored.partial, head, job)
            told = f"--resume would continue {self.path} after {stored.partial.lifetimes:,} lifetimes"
        except identity.MismatchError as error:
            reason = error.message.removeprefix(f"{self.path}: ")
            told = f"--resume would not continue {self.path}, which {reason}"
        except tallyfile.DamagedError:
            if not self._is_ours():
                self._refused = True
                self._log(f"{self.path} exists and is no checkpoint of this program: none is kept.")
                return
            told = f"--resume would not continue {self.path}, which is damaged"
        except OSError as error:
            self._refused = True
            self._log(f"{self.path} exists and cannot be read: {error.strerror or error}. None is kept.")
            return
        self._log(f"Starting at the beginning; {told}.")

    def _is_ours(self) -> bool:
        try:
            with self.path.open("rb") as file:
                return file.read(len(MAGIC)) == MAGIC
        except OSError:
            return False

    def _place(self) -> tuple[int, int]:
        """Tell the file from others that had or will have its name."""
        return _place_of(self.path.stat())


def _place_of(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino
