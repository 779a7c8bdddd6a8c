"""Format the cells of a workbook."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format

INK, RULE, SHADE, MUTED = "#1f2933", "#8a9097", "#eef1f5", "#5b6570"

TOP = {"valign": "top"}
STYLES: dict[str, dict[str, object]] = {
    "title": {"bold": True, "font_size": 16, "font_color": INK},
    "reading": {"italic": True, "font_color": MUTED},
    "paragraph": {"text_wrap": True, **TOP},
    "section": {"bold": True, "font_size": 12, "font_color": INK},
    "head": {
        "bold": True, "text_wrap": True, "valign": "vcenter", "bg_color": SHADE, "bottom": 1,
        "bottom_color": RULE,
    },
    "text": TOP,
    "words": {"text_wrap": True, **TOP},
    "date": {"num_format": "yyyy-mm-dd", "align": "left", **TOP},
    "month": {"num_format": "mmm yyyy", "align": "left", **TOP},
    "money": {"num_format": "#,##0", **TOP},
    "cents": {"num_format": "#,##0.00", **TOP},
    "price": {"num_format": "#,##0.00", **TOP},
    "small": {"num_format": "0.000000", **TOP},
    "chance": {"num_format": "0.0%", **TOP},
    "count": {"num_format": "0", **TOP},
    "figure": {"num_format": "#,##0.00", **TOP},
    "whole": {"num_format": "#,##0", **TOP},
    "fine": {"num_format": "0.0000", **TOP},
    "tiny": {"num_format": "0.00E+00", **TOP},
}  # fmt: skip


class Styles:
    """The formats of one workbook.

    Parameters
    ----------
    workbook
        An open workbook of xlsxwriter.
    """

    def __init__(self, workbook: Workbook) -> None:
        self._workbook = workbook
        self._made: dict[tuple[str, bool], Format] = {}

    def of(self, style: str, quoted: bool = False) -> Format:
        """Give the format of a style; `quoted` marks the cell as text."""
        if (style, quoted) not in self._made:
            properties = STYLES[style] | ({"quote_prefix": True} if quoted else {})
            self._made[style, quoted] = self._workbook.add_format(properties)
        return self._made[style, quoted]

    @staticmethod
    def fitting(style: str, value: float) -> str:
        """Choose the decimals of a number by its size: only the format is rounded, never the value."""
        size = abs(value)
        if style == "money" and 0 < size < 100:
            return "cents"
        if style == "price" and 0 < size < 0.1:
            return "small"
        if style == "figure":
            if size >= 1000 or (value == round(value) and size < 1e15):
                return "whole"
            if 0 < size < 1:
                return "fine" if size >= 0.001 else "tiny"
        return style
