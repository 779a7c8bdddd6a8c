"""Write a file whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO


@contextmanager
def whole(path: str | Path) -> Iterator[BinaryIO]:
    """Open a file that takes its name only when everything in it is written; a link stays a link.

    Parameters
    ----------
    path
        The file; an earlier one of that name is replaced in one step.

    Raises
    ------
    OSError
        If the file system refuses; what had the name before is untouched.
    """
    target = Path(os.path.realpath(path))
    # The name of a file may be as long as the file system allows; that of its forerunner must not be longer.
    handle, partial = tempfile.mkstemp(prefix=f".{target.name[:40]}.", dir=target.parent)
    try:
        with os.fdopen(handle, "w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        # mkstemp makes files that only their owner reads; this one is like any other.
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(partial, 0o666 & ~mask)
        os.replace(partial, target)
    except BaseException:
        with suppress(OSError):
            os.unlink(partial)
        raise
