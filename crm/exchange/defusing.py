"""Cells that a spreadsheet program would run: an apostrophe before them keeps them text.

What people wrote stays as they wrote it in the store; only a list that leaves for a spreadsheet is defused. A number, a
phone number and a lone sign are harmless and stay as they are, else half of a price list would bear apostrophes.
"""

from __future__ import annotations

import re

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]

MARK = "'"
# What starts a formula: the signs, their wide forms, and both behind white space or a separator that may split the cell.
# Spelt so that Python, Arrow and DuckDB read it alike.
DANGER = r"[ \t\r\n\f\x0b\xa0;,|]*[=+\-@＝＋－＠]|[\t\r\n]"
GAP = "., '’\u00a0\u202f"
NUMBER = rf"[+-]? ?([0-9]+|[0-9]{{1,3}}([{GAP}][0-9]{{3}})+)([.,][0-9]+)?([eE][+-]?[0-9]+)? ?%?|[+-]?[.,][0-9]+"
PHONE = r"\+[0-9][0-9 ().\-/]{3,24}( ?(x|ext\.?) ?[0-9]{1,6})?"
SIGN = r"[=+\-@]|--"
HARMLESS = f"{NUMBER}|{PHONE}|{SIGN}"
_DANGER, _HARMLESS = re.compile(DANGER), re.compile(HARMLESS)


def is_dangerous(text: str) -> bool:
    """Whether a spreadsheet program may take a cell for a formula.

    >>> [is_dangerous(text) for text in ("=1+1", "@SUM(1)", "-12.50", "+49 30 901820", "-", "a=b", "- see notes")]
    [True, True, False, False, False, False, True]
    """
    return bool(_DANGER.match(text)) and not _HARMLESS.fullmatch(text)


def defused(text: str) -> str:
    """One cell that stays text.

    >>> defused("=1+1"), defused("-1")
    ("'=1+1", '-1')
    """
    return MARK + text if is_dangerous(text) else text


def defused_column(cells: pa.Array) -> pa.Array:
    """The same for a column of text; blank cells stay blank."""
    dangerous = pc.and_not(pc.match_substring_regex(cells, f"^({DANGER})"), pc.match_substring_regex(cells, f"^({HARMLESS})$"))
    if not pc.any(dangerous).as_py():
        return cells
    return pc.if_else(dangerous, pc.binary_join_element_wise(MARK, cells, ""), cells)


def restored_sql(column: str) -> str:
    """The cell in SQL as it was before it was defused: for a file that we know we wrote.

    >>> restored_sql("note").startswith("case when regexp_matches(note, '^''(")
    True
    """
    return f"case when regexp_matches({column}, '^''({DANGER})') then {column}[2:] else {column} end"
