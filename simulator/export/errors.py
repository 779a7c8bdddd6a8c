"""Say why a result cannot be exported."""

from __future__ import annotations

USAGE, DATA = 2, 3


class ExportError(Exception):
    """A result cannot be exported.

    Parameters
    ----------
    message
        What is wrong.
    hint
        What to do about it.
    exit_code
        2 for what another command line would do, 3 for a result that holds no such tables.
    """

    def __init__(self, message: str, hint: str, exit_code: int) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.exit_code = exit_code
