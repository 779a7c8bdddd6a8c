"""Refuse, before any work is done, a file that could not or should not be written."""

from __future__ import annotations

import errno
import os
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
        from simulator.atomic import in_the_way

        obstacle = in_the_way(path.parent)
        wrong = (
            f"there is no directory {path.parent}." if obstacle is None else f"{obstacle} is no directory."
        )
        raise click.BadParameter(wrong, param_hint=hint)
    if path.exists() and not path.is_file():
        # Renamed onto a device such as /dev/null, a file would take its place for everyone.
        raise click.BadParameter(f"{path} is no ordinary file.", param_hint=hint)
    if (path.exists() or path.is_symlink()) and not may_replace(path):
        raise click.BadParameter(f"{path} is there already {advice}", param_hint=hint)
    if not os.access(path.parent, os.W_OK | os.X_OK):
        raise PermissionError(errno.EACCES, "no permission to write in this directory", str(path.parent))


def replace(path: Path, content: bytes) -> None:
    """Write a file whole or not at all; a link stays a link, and what it names is replaced."""
    from simulator.atomic import whole

    with whole(path) as file:
        file.write(content)
