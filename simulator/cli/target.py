"""Refuse, before any work is done, a file that could not or should not be written."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import click


def check(path: Path, hint: str, *, may_replace: Callable[[Path], bool], advice: str) -> None:
    """Refuse a file that is not to be written.

    Parameters
    ----------
    path
        The file.
    hint
        What the file is called on the command line, such as ``"FILE"``.
    may_replace
        Tells of a file that exists whether it may be replaced.
    advice
        Ends the sentence about a file that may not, such as ``"and is no JSON schema"``.

    Raises
    ------
    click.BadParameter
        When `path` is a directory or a device, lies in no directory, or may not be replaced.
    PermissionError
        When its directory cannot be written to.
    """
    if path.is_dir():
        raise click.BadParameter(f"{path} is a directory.", param_hint=hint)
    if not path.parent.is_dir():
        raise click.BadParameter(f"there is no directory {path.parent}.", param_hint=hint)
    if path.exists() and not path.is_file():
        # Renamed onto a device such as /dev/null, a file would take its place for everyone.
        raise click.BadParameter(f"{path} is no ordinary file.", param_hint=hint)
    if (path.exists() or path.is_symlink()) and not may_replace(path):
        raise click.BadParameter(f"{path} is there already {advice}", param_hint=hint)
    if not os.access(path.parent, os.W_OK | os.X_OK):
        raise PermissionError(errno.EACCES, "no permission to write in this directory", str(path.parent))


def replace(path: Path, content: bytes) -> None:
    """Write a file whole or not at all; a link stays a link, and what it names is replaced."""
    path = Path(os.path.realpath(path))
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        # mkstemp makes files that only their owner reads; this one is like any other.
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(name, 0o666 & ~mask)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise
