"""Make files appear whole or not at all."""

from __future__ import annotations

import os
import re
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

_PARTIAL = re.compile(r"\.simulate-(?P<host>.+)-(?P<pid>\d+)-[0-9a-f]{8}\.partial")


@contextmanager
def whole(path: str | Path) -> Iterator[BinaryIO]:
    """Open a file that takes its name only when everything in it is on the disk; a link stays a link.

    Parameters
    ----------
    path
        The file; an earlier one of that name is replaced in one step.

    Raises
    ------
    OSError
        If the file system refuses, with the file's name; what had the name before is untouched then.
    """
    target = Path(os.path.realpath(path))
    remove_abandoned(target.parent)
    partial = partial_path(target.parent)
    try:
        with partial.open("x+b") as file:
            yield file
            flush(file)
        os.replace(partial, target)
        flush_directory(target.parent)
    except OSError as error:
        _name(error, path, partial)
        raise
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)


def _name(error: OSError, path: str | Path, partial: Path) -> None:
    """Name the file that was to appear, where an error names none, or the partial one, which is gone by then."""
    # Without a number there is no place for a name: the text of the error would be lost.
    if error.errno is not None and error.filename in (None, str(partial)):
        error.filename = str(path)
        error.filename2 = None


def in_the_way(directory: Path) -> Path | None:
    """Find what stands where a directory that is missing, or one around it, would have to be."""
    nearest = next((path for path in (directory, *directory.parents) if os.path.lexists(path)), None)
    return None if nearest is None or nearest.is_dir() else nearest


def partial_path(directory: Path) -> Path:
    """Name a file that is being written, so that others can tell whether its writer lives."""
    return directory / f".simulate-{host()}-{os.getpid()}-{secrets.token_hex(4)}.partial"


def remove_abandoned(directory: Path) -> None:
    """Remove the partial files that dead processes of this machine have left."""
    for path in directory.glob(".simulate-*.partial"):
        match = _PARTIAL.fullmatch(path.name)
        if match and match["host"] == host() and not _is_alive(int(match["pid"])):
            with suppress(OSError):
                path.unlink()


def flush(file: BinaryIO) -> None:
    """Flush what was written to a file to the disk."""
    file.flush()
    os.fsync(file.fileno())


def flush_directory(directory: Path) -> None:
    """Flush the names in a directory to the disk."""
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def host() -> str:
    """Give the name of this machine, as far as it may stand in the name of a file."""
    return re.sub(r"[^A-Za-z0-9.]", "_", socket.gethostname()) or "localhost"


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        pass
    return True
