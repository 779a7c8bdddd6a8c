"""Describe what is wrong with a plan, and where."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from simulator.errors import USAGE, SimulatorError

_LONGEST = 4_000


@dataclass(frozen=True)
class PlanError:
    """One thing that is wrong.

    Parameters
    ----------
    file
        The plan's path as it was given, or the override, such as ``--set demand.growth=2``.
    line, column
        Position in `file`, counted from 1; None where there is none.
    key
        Dotted key, such as ``strategies.rag.then[0].when``; empty for the file as a whole.
    message
        What is wrong: the value and what is allowed.
    hint
        What to write instead; may be empty.
    """

    file: str
    line: int | None
    column: int | None
    key: str
    message: str
    hint: str = ""

    def __post_init__(self) -> None:
        # What a file holds is quoted on a terminal, where an escape character would act.
        for name in ("file", "key", "message", "hint"):
            object.__setattr__(self, name, _printable(getattr(self, name)))

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)
        head = f"{place}  {self.key}" if self.key else place
        lines = [head, *(f"  {line}" for line in self.message.splitlines())]
        if self.hint:
            first, *rest = self.hint.splitlines()
            lines += [f"  hint: {first}", *(f"        {line}" for line in rest)]
        return "\n".join(lines)


def _printable(text: str) -> str:
    """Escape what cannot be printed, line ends left out, and cut what no one would read."""
    text = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() or one == "\n" else repr(one)[1:-1] for one in text)


class ReadingError(SimulatorError):
    """Everything that is wrong with what was read, sorted by position.

    Parameters
    ----------
    errors
        At least one error.
    """

    def __init__(self, errors: Iterable[PlanError]) -> None:
        self._errors = tuple(errors)
        super().__init__("\n\n".join(map(str, self._errors)))
        self.args = (self._errors,)  # by which it is pickled

    @property
    def errors(self) -> tuple[PlanError, ...]:
        """The errors."""
        return self._errors

    def __iter__(self) -> Iterator[PlanError]:
        return iter(self.errors)

    def __len__(self) -> int:
        return len(self.errors)


class PlanErrors(ReadingError):  # noqa: N818 (it holds several)
    """What is wrong with the plan itself or with an override, bad data files included."""

    exit_code = USAGE


class DataErrors(ReadingError):  # noqa: N818 (it holds several)
    """What is wrong with data files or the file system alone."""


def nearest(word: str, allowed: Iterable[str]) -> str | None:
    """Find the allowed word that `word` was probably meant to be.

    Parameters
    ----------
    word
        What was written.
    allowed
        What could have been written.

    Returns
    -------
    str or None
        The nearest word; None where nothing is near.
    """
    # Imported here because a plan without errors never needs it.
    from difflib import get_close_matches

    words = {one.casefold().replace("-", "_"): one for one in allowed}
    # difflib is quadratic in the length of the words: names are at most 64 long, anything longer is none.
    found = get_close_matches(word.casefold().replace("-", "_")[:80], list(words), n=1, cutoff=0.6)
    return words[found[0]] if found else None


def listing(words: Sequence[str], none: str = "none", last: str = "or", limit: int = 30) -> str:
    """Write words as prose: ``a, b or c``.

    Parameters
    ----------
    words
        The words, in the order in which they are to stand.
    none
        What to write when there are none.
    last
        The word before the last one.
    limit
        How many words to write at the most; the others are counted.
    """
    if not words:
        return none
    if len(words) > limit:
        return f"{', '.join(words[:limit])} {last} {len(words) - limit} others"
    if len(words) == 1:
        return words[0]
    return f"{', '.join(words[:-1])} {last} {words[-1]}"
