"""Let the standard streams take whatever is printed, and name them where they do not."""

from __future__ import annotations

import io
import os
import sys

OUTPUT = "standard output"


class _Output(io.FileIO):
    """The standard output, whose errors name it as those of files name theirs."""

    def write(self, content: bytes) -> int | None:
        """Write to it."""
        try:
            return super().write(content)
        except OSError as error:
            error.filename = OUTPUT
            raise


def prepare(*, own: bool) -> None:
    """Make the standard streams take any text, even where they are closed.

    Parameters
    ----------
    own
        Whether the process is a command line and nothing else, so that its streams may be exchanged.
    """
    if own:
        _name_output()
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            # Python has no object for a stream that is closed; what is printed goes nowhere.
            setattr(sys, name, open(os.devnull, "w"))  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        # A label that the terminal's encoding lacks must not end a run of minutes.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def _name_output() -> None:
    """Put an output in place of a file's that names itself when it fails; any other stream stays as it is."""
    old = sys.stdout
    buffer = getattr(old, "buffer", None)
    # Python leaves the buffer out where it is told to (python -u).
    if not isinstance(getattr(buffer, "raw", buffer), io.FileIO):
        return
    output = _Output(old.fileno(), "wb", closefd=False)
    sys.stdout = io.TextIOWrapper(
        output if isinstance(buffer, io.FileIO) else io.BufferedWriter(output),
        encoding=old.encoding,
        line_buffering=old.line_buffering,
        write_through=old.write_through,
    )
