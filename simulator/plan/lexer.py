"""Split TOML text into tokens, in time linear in its length."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

# Possessive quantifiers never give back what they matched, so no input makes the expression backtrack.
_TOKEN = re.compile(
    r"""
      (?P<long>\"{3}|'{3})
    | (?P<string>"[^"\\\n]*+(?:\\.[^"\\\n]*+)*+"? | '[^'\n]*+'?)
    | (?P<comment>\#[^\n]*+)
    | (?P<line>\n)
    | (?P<bare>[A-Za-z0-9_+-]++)
    | (?P<mark>[][{}.,=])
    """,
    re.VERBOSE,
)
_LONG_END = {
    '"""': re.compile(r'[^"\\]*+(?:(?:\\[\s\S]|"(?!""))[^"\\]*+)*+"""(?:"(?!"))?+(?:""(?!"))?+'),
    "'''": re.compile(r"[^']*+(?:'(?!'')[^']*+)*+'''(?:'(?!'))?+(?:''(?!'))?+"),
}


class Token(NamedTuple):
    """A piece of TOML text.

    Parameters
    ----------
    kind
        ``"string"``, ``"line"`` (a line end), ``"bare"`` (a key, number, date or boolean, or a part of one)
        or ``"mark"`` (one of ``[ ] { } . , =``). Comments and blanks are no tokens.
    text
        The piece as it stands in the text, quotes included.
    start
        Index of its first character in the text.
    """

    kind: str
    text: str
    start: int


def tokens(text: str) -> Iterator[Token]:
    """Yield the tokens of a text, which need not be valid TOML.

    Parameters
    ----------
    text
        TOML text with LF or CRLF line ends.

    Notes
    -----
    A string without an end reaches to the end of its line, one in triple quotes to the end of the text:
    what is malformed is left for the TOML parser to report.
    """
    position = 0
    while True:
        for match in _TOKEN.finditer(text, position):
            kind = match.lastgroup
            if kind == "comment":
                continue
            if kind == "long":
                end = _LONG_END[match.group()].match(text, match.end())
                position = end.end() if end else len(text)
                yield Token("string", text[match.start() : position], match.start())
                break
            yield Token(kind, match.group(), match.start())
        else:
            return
