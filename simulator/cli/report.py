"""Tell what went wrong, to people and to programs."""

from __future__ import annotations

import functools
import json
import math
import os
import shutil
import sys
import textwrap
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TextIO

import click

from simulator.errors import DATA, USAGE, SimulatorError

if TYPE_CHECKING:
    from simulator.plan import Plan

OK = 0
INTERRUPTED = 130

FIELDS = ("file", "line", "column", "key", "message", "hint")

OPTIONS = ("--set", "--over")
"""Options that change a plan, with which the places of their errors begin."""

COMPILING = "Compiling for this machine (first run only, under a minute) …"


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, and where.

    Parameters
    ----------
    message
        What is wrong.
    file, line, column, key
        Where, as far as it has a place; lines and columns count from 1.
    hint
        What would be right.
    """

    message: str
    file: str | None = None
    line: int | None = None
    column: int | None = None
    key: str | None = None
    hint: str | None = None


def failure(error: Exception, *, as_json: bool) -> int:
    """Report `error` on stderr, on stdout too when a program asked, and return the exit code.

    Raises
    ------
    Exception
        `error` itself, when neither file, command nor machine is at fault: a bug keeps its traceback.
    """
    if not isinstance(error, click.ClickException):
        return tell(*_problems(error), as_json=as_json)
    problem = Problem(error.format_message(), key=_option_of(error))
    return tell([problem], error.exit_code, as_json=as_json, show=lambda _: error.show())


def tell(
    problems: Sequence[Any],
    code: int,
    *,
    as_json: bool,
    show: Callable[[Sequence[Any]], None] | None = None,
) -> int:
    """Print problems on stderr, by `show` where there is one, for a program on stdout too; return `code`.

    Notes
    -----
    Where a stream cannot be written to (a full disk, a reader that has left), the code still tells.
    """
    try:
        (show or show_problems)(problems)
    except OSError:
        discard(sys.stderr)
    try:
        if as_json:
            print_object({"errors": as_objects(problems)})
        sys.stdout.flush()
    except OSError:
        discard(sys.stdout)
    return code


def as_objects(problems: Sequence[Any]) -> list[dict[str, Any]]:
    """Give problems as the objects that ``--json`` prints: null for what one lacks."""
    return [_as_object(problem) for problem in problems]


def _as_object(problem: Any) -> dict[str, Any]:
    fields = {name: getattr(problem, name) or None for name in FIELDS}
    if fields["file"] is not None and fields["file"].startswith(OPTIONS):
        # Of a value on the command line, the place is an option and no file.
        fields |= {"file": None, "message": f"{problem.file}: {problem.message}"}
    return fields


def discard(stream: TextIO) -> None:
    """Let what is left in a stream's buffer go nowhere, or Python would fail once more when it exits."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def show_problems(problems: Sequence[Any]) -> None:
    """Print each problem on stderr, with its line of the file and a caret under its column."""
    # In a log file a message is one line, whatever its length: people search there.
    columns = width() if sys.stderr.isatty() else 10_000
    _source.cache_clear()
    for position, problem in enumerate(problems):
        if position:
            click.echo(err=True)
        for line in lines_of(problem, columns):
            click.echo(line, err=True, color=_colour())
    if len(problems) > 1:
        click.echo(f"\n{len(problems)} errors", err=True)


def print_object(document: dict[str, Any]) -> None:
    """Print one JSON object on stdout; numbers that JSON lacks become null, floats keep every digit."""
    click.echo(json.dumps(_plain(document), indent=2, allow_nan=False))


def lines_of(problem: Any, width: int) -> list[str]:
    """Lay out one problem as lines for a terminal.

    Parameters
    ----------
    problem
        A `Problem`, or anything with its fields.
    width
        Columns within which to stay.
    """
    parts = (problem.file, problem.line, problem.column)
    place = ":".join(str(part) for part in parts if part is not None)
    if problem.message.startswith(f"{place}: "):
        place = ""
    head = "  ".join(_printable(part) for part in (place, problem.key or "") if part)
    lines = [click.style(head, bold=True)] if head else []
    lines += _indented(problem.message, "  " if head else "", width)
    source = _source_line(problem.file, problem.line)
    if source is not None:
        text, offset = _window(source, problem.column or 1, min(width, 120) - 10)
        caret = " " * offset + click.style("^", fg="red", bold=True)
        for gutter, content in ((f"{problem.line:>6} |", text), (f"{'':6} |", caret)):
            lines.append(f"{click.style(gutter, fg='blue')} {content}")
    if problem.hint:
        first, *rest = _indented(problem.hint, "        ", width)
        lines += [f"  {click.style('hint:', fg='cyan')} {first[8:]}", *rest]
    return lines


def _indented(text: str, indent: str, width: int) -> list[str]:
    """Break a text into lines of `width` columns, leaving alone what was laid out by hand."""
    lines: list[str] = []
    for line in _printable(text).split("\n"):
        if len(indent) + len(line) <= width or line.startswith(" "):
            lines.append(indent + line)
        else:
            lines += textwrap.wrap(
                line, width, initial_indent=indent, subsequent_indent=indent,
                break_long_words=False, break_on_hyphens=False,
            )  # fmt: skip
    return lines


def _problems(error: Exception) -> tuple[list[Any], int]:
    if isinstance(error, SimulatorError):
        return list(error.errors), error.exit_code
    if isinstance(error, OSError):
        reason = error.strerror or str(error)
        return [Problem(reason, file=None if error.filename is None else str(error.filename))], DATA
    # Whoever raised it has loaded this module, which takes a second to import.
    copula = sys.modules.get("distributions.copula")
    if copula is not None and isinstance(error, copula.NotPositiveDefiniteError):
        return [Problem(str(error), key="correlations")], USAGE
    if isinstance(error, OverflowError):
        return [Problem(str(error))], USAGE
    if isinstance(error, MemoryError):
        return [Problem("out of memory", hint="a shorter horizon or fewer strategies need less")], DATA
    raise error


def _option_of(error: click.ClickException) -> str | None:
    name = getattr(error, "option_name", None)
    parameter = getattr(error, "param", None)
    if name is None and parameter is not None:
        name = max(parameter.opts, key=len)
    return name


def _colour() -> bool | None:
    # https://no-color.org: any value but the empty one; None lets click ask the stream.
    return False if os.environ.get("NO_COLOR") else None


@functools.lru_cache(maxsize=8)
def _source(path: str) -> tuple[str, ...]:
    try:
        with open(path, encoding="utf-8-sig", errors="replace", newline="") as file:
            return tuple(line.removesuffix("\r") for line in file.read(2**21).split("\n"))
    except (OSError, ValueError):
        return ()


def _source_line(path: str | None, line: int | None) -> str | None:
    source = _source(str(path)) if path is not None and line is not None else ()
    return source[line - 1] if line is not None and 1 <= line <= len(source) else None


def _window(source: str, column: int, width: int) -> tuple[str, int]:
    """Cut a long line around its column; return it and how many cells stand before the caret."""
    before, after = _printable(source[: column - 1]), _printable(source[column - 1 :])
    if len(before) + len(after) > width:
        if len(before) > width // 2:
            before = "…" + before[1 - width // 2 :]
        if len(after) > width - len(before):
            after = after[: width - len(before) - 1] + "…"
    return before + after, sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in before)


def _printable(text: str) -> str:
    """Disarm control characters: a plan must not be able to steer the terminal."""
    text = text.replace("\t", " ")
    return "".join(c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in text)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if hasattr(value, "tolist"):
        return _plain(value.tolist())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return str(value) if isinstance(value, os.PathLike) else value


def show_notes(plan: Plan) -> None:
    """Print on stderr what the reader of a plan has to know though nothing is wrong, a line each."""
    columns = width() if sys.stderr.isatty() else 10_000
    for note in ([plan.prices_as_of] if plan.prices_as_of else []) + [f"warning: {w}" for w in plan.warnings]:
        for line in _indented(note, "", columns):
            click.echo(line, err=True)
    sys.stderr.flush()


def tell_compiling(log: Callable[[str], None]) -> None:
    """Log that the kernel is going to be compiled, where it is."""
    from distributions import jit

    if not jit.is_compiled("simulate_block"):
        log(COMPILING)


def tell_balance(log: Callable[[str], None], lifetimes: int, plan: Plan) -> int:
    """Give the lifetimes that are run where so many are asked for; log a line where Sobol points take more."""
    from simulator.running.balance import balanced

    run = balanced(lifetimes, plan.run.sampler)
    if run != lifetimes:
        log(f"{run:,} lifetimes, not {lifetimes:,}: Sobol points are balanced at 16 times a power of two.")
    return run


def notes_of(plan: Plan) -> dict[str, Any]:
    """Give for ``--json`` what `show_notes` prints: the list `warnings`, and `prices_as_of` where it is told."""
    as_of = {"prices_as_of": plan.prices_as_of} if plan.prices_as_of else {}
    return as_of | {"warnings": list(plan.warnings)}


def to_stderr(line: str) -> None:
    """Print one line of the log."""
    click.echo(line, err=True)
    sys.stderr.flush()


def width() -> int:
    """Give the columns to lay text out in: the terminal's, or what COLUMNS says, else 80."""
    return max(40, shutil.get_terminal_size((80, 24)).columns)
