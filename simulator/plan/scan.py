"""Refuse what would make the TOML parser slow or fail, before it runs."""

from __future__ import annotations

from simulator.plan.lexer import tokens

MOST_BYTES = 1_000_000
MOST_LINE = 100_000
MOST_BRACKETS = 64
MOST_PARTS = 32
MOST_KEYS = 30_000
MOST_DIGITS = 64


class RefusedError(Exception):
    """A text that is not read at all.

    Parameters
    ----------
    message, hint
        What is wrong, and what to do about it.
    line, column
        Where, counted from 1; None where it is the whole text.
    """

    def __init__(
        self, message: str, hint: str = "", line: int | None = None, column: int | None = None
    ) -> None:
        super().__init__(message)
        self.message, self.hint, self.line, self.column = message, hint, line, column


def decode(content: bytes) -> str:
    """Turn the bytes of a plan into text.

    Parameters
    ----------
    content
        The file's bytes; a UTF-8 byte-order mark is passed over.

    Returns
    -------
    str
        The text, with its line ends as they are.

    Raises
    ------
    RefusedError
        If there are more than 1 MB, or they are not UTF-8, or hold a NUL byte or a lone carriage return.
    """
    if len(content) > MOST_BYTES:
        raise RefusedError("the file is larger than 1 MB, a plan is at most 1 MB", "is this the right file?")
    content = content.removeprefix(b"\xef\xbb\xbf")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise RefusedError("the file is encoded as UTF-16, a plan is UTF-8", "save it as UTF-8", 1, 1)
    _refuse_nul(content)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line, column = _place(content[: error.start].decode("utf-8"))
        byte = content[error.start]
        read = f" ({bytes([byte]).decode('latin-1')!r} in Latin-1)" if byte >= 0xA0 else ""
        raise RefusedError(
            f"byte 0x{byte:02X}{read} is not UTF-8, a plan is UTF-8", "save it as UTF-8", line, column
        ) from None
    # CRLF has no lone CR left in it, so what is found is a line end that TOML does not know.
    lone = text.replace("\r\n", "\n\n").find("\r")
    if lone >= 0:
        raise RefusedError(
            "a carriage return (CR) alone is no line end in TOML",
            "save the file with LF or CRLF line ends",
            *_place(text[:lone]),
        )
    return text


def check(text: str) -> None:
    """Refuse text that no plan needs and that the TOML parser takes very long over.

    Parameters
    ----------
    text
        TOML text; it need not be valid.

    Raises
    ------
    RefusedError
        If a line, a number or a dotted key is too long, brackets are too deep, or keys too many.

    Notes
    -----
    tomllib takes time quadratic in the depth of a dotted key, recurses for every bracket, and converts
    integers of any length.
    """
    for number, line in enumerate(text.split("\n"), 1):
        if len(line) > MOST_LINE:
            raise RefusedError(
                f"the line has {len(line):,} characters, at most {MOST_LINE:,} are allowed",
                "break it into several lines",
                number,
                1,
            )
    brackets = dots = keys = 0
    for kind, piece, at in tokens(text):
        if kind == "mark":
            if piece == ".":
                dots += 1
                if dots >= MOST_PARTS:
                    raise RefusedError(
                        f"a dotted key has more than {MOST_PARTS} parts",
                        "no key of a plan has more than seven",
                        *_place(text[:at]),
                    )
                continue
            if piece in "[{":
                brackets += 1
                if brackets > MOST_BRACKETS:
                    raise RefusedError(
                        f"brackets are nested more than {MOST_BRACKETS} deep",
                        "no value of a plan is nested more than six deep",
                        *_place(text[:at]),
                    )
            elif piece in "]}":
                brackets = max(brackets - 1, 0)
            # Headers of tables open a bracket, elements of arrays end in commas.
            keys += piece in "=[{,"
            if keys > MOST_KEYS:
                raise RefusedError(
                    f"the file has more than {MOST_KEYS:,} keys and values",
                    "is this a plan?",
                    *_place(text[:at]),
                )
            dots = 0
        elif kind == "line":
            dots = 0
        elif kind == "bare" and len(piece) > MOST_DIGITS and piece.lstrip("+-")[:1].isdigit():
            raise RefusedError(
                f"a number of {len(piece):,} digits; numbers are at most 1e15",
                "use the suffixes k, M and B, or an exponent",
                *_place(text[:at]),
            )


def _refuse_nul(content: bytes) -> None:
    nul = content.find(b"\0")
    if nul < 0:
        return
    if content.count(b"\0") * 3 > len(content):
        raise RefusedError("the file looks like UTF-16, a plan is UTF-8", "save it as UTF-8", 1, 1)
    # Bytes before the NUL may not be UTF-8: the column is then that of the bytes read as well as may be.
    line, column = _place(content[:nul].decode("utf-8", errors="replace"))
    raise RefusedError("the file holds a NUL byte, a plan is text", "delete it", line, column)


def _place(before: str) -> tuple[int, int]:
    """Return line and column of the character that follows `before`."""
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
