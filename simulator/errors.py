"""End a command with what is wrong, what to do about it, and an exit code."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

USAGE, DATA = 2, 3
"""Exit codes: another plan or command line would do; a file, its content or a machine is in the way."""


class SimulatorError(Exception):
    """What ends a command though the program is in order.

    Parameters
    ----------
    message
        What is wrong, with the name of the file where there is one.
    hint
        What to do about it; may be empty.
    exit_code
        `USAGE` or `DATA`; that of the class by default.
    file
        The file, where one is the matter; `message` names it too.
    """

    exit_code = DATA
    file: str | None = None
    line = column = key = None
    """Where it is wrong: what has a place of its own says so in `errors`."""

    def __init__(
        self,
        message: str,
        hint: str = "",
        exit_code: int | None = None,
        file: str | os.PathLike[str] | None = None,
    ) -> None:
        super().__init__(message, hint, exit_code)
        self.message = message
        self.hint = hint
        if exit_code is not None:
            self.exit_code = exit_code
        if file is not None:
            self.file = str(file)

    def __str__(self) -> str:
        return self.message

    @property
    def errors(self) -> Sequence[Any]:
        """All that is wrong, each with `file`, `line`, `column`, `key`, `message` and `hint`."""
        return (self,)
