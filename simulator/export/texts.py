"""Make what people have written in a plan safe to stand in a table."""

from __future__ import annotations

import re

from simulator.verdict.lettering import plain

# What a spreadsheet takes for the start of a formula, in the width of East Asian scripts too, at the start of a
# cell: of the field itself, or of what a reader that separates at semicolons makes of it.
_FORMULA = re.compile(r"(^|;)(\s*)(?=[=+\-@＝＋－＠])")

APOSTROPHE = "'"


def clean(text: object) -> str:
    """Put a text on one line without control characters."""
    return plain(str(text))


def is_formula(text: str) -> bool:
    """Tell whether a spreadsheet could take a text for a formula."""
    return _FORMULA.search(text) is not None


def defused(text: object) -> str:
    """Put an apostrophe before what a spreadsheet that opens a CSV file would take for a formula.

    Notes
    -----
    The apostrophe stays in the text: CSV has no other way to say that a field is text. See OWASP, "CSV
    Injection".
    """
    return _FORMULA.sub(rf"\1{APOSTROPHE}\2", clean(text))
