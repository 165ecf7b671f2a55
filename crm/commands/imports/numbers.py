"""Numbers as people write them: 1,234.50 or 1.234,50 or $1 234. Which mark is the decimal one is settled by the column.

A column in which both readings are possible (every number like 1.234) is refused rather than guessed at.
"""

from __future__ import annotations

from crm.commands.imports import fields
from crm.commands.imports.currency import GAPS, PARTS, SHAPE
from crm.commands.imports.incoming import Cast, Incoming, quoted
from crm.errors import Refused

# What needs no closer look, by the column's decimal mark.
PLAIN = {".": r"^-?[0-9]+(\.[0-9]+)?([eE]\+?[0-9]{1,2})?$", ",": r"^-?[0-9]+$"}
WHOLE_INTEGER = "{0} = trunc({0}) and abs({0}) < 2147483648"
FORMS = {  # kind → type, what fits, and what to call it
    fields.MONEY: ("decimal(14, 2)", "abs({0}) < 999999999999", "an amount"),
    fields.NUMBER: ("decimal(18, 6)", "abs({0}) < 999999999999", "a number"),
    fields.WHOLE: ("integer", WHOLE_INTEGER, "a whole number"),
    fields.YEAR: ("integer", f"{{0}} between 1000 and 9999 and {WHOLE_INTEGER}", "a year"),
}


def cast(incoming: Incoming, name: str, kind: str) -> Cast:
    """How a column of numbers becomes values."""
    kept, fits, what = FORMS[kind]
    parts = f"regexp_extract(trim({name}), '{SHAPE}', {PARTS})"
    mark = _decimal_mark(incoming, name)
    number = _number(parts, mark)
    plain = f"regexp_matches({name}, '{PLAIN[mark]}') then try_cast({name} as decimal(38, 6))"
    value = f"case when {plain} when {_is_known(parts)} then {number} end"
    foreign = f"regexp_matches({parts}.before || {parts}.after, '^([A-Za-z]{{3}}|[$€£¥₹])$') and not {_is_known(parts)}"
    convert = "' is not in the company''s currency: convert it to ' || (select code from currencies where word = '')"
    reason = f"case when {foreign} then {quoted(name)} || {convert} else {quoted(name)} || ' is not {what} that can be read' end"
    return Cast(value, reason, fits.format(name), kept)


def _is_known(parts: str) -> str:
    """Whether the company's own currency is meant, or one whose rate is given; `currency` says what the row is worth."""
    known = "(select word from currencies)"
    return f"(lower({parts}.before) in {known} and lower({parts}.after) in {known})"


def _number(parts: str, mark: str) -> str:
    """The number of a cell; null where its digits are not grouped the way this column groups them."""
    gap = f"[{',' if mark == '.' else '.'}{GAPS}]"
    grammar = f"^([0-9]+|[0-9]{{1,3}}({gap}[0-9]{{3}})+)?([{mark}][0-9]+)?$"
    bare = f"replace(regexp_replace({parts}.digits, '{gap}', '', 'g'), '{mark}', '.')"
    minus = f"({parts}.open = '(' or {parts}.sign || {parts}.second in ('-', '−'))"
    number = f"try_cast({bare} as decimal(38, 6))"
    return f"case when regexp_matches({parts}.digits, '{grammar}') then case when {minus} then -{number} else {number} end end"


COMMA_MARKS = r",[0-9]{1,2}[^0-9.,]*$|,[0-9]{4,}|\.[0-9]{3}[.,]"
DOT_MARKS = r"\.[0-9]{1,2}[^0-9.,]*$|\.[0-9]{4,}|,[0-9]{3}[.,]|^[^0-9]*0?\.[0-9]"
EITHER_MARKS = r"^[^0-9]*[1-9][0-9]{0,2}\.[0-9]{3}[^0-9.,]*$"


def _decimal_mark(incoming: Incoming, name: str) -> str:
    """The mark before the decimals of a column: what some number proves counts for all of them."""
    comma, dot, doubtful = incoming.rows(
        f"""
        select
            bool_or(regexp_matches({name}, '{COMMA_MARKS}')),
            bool_or(regexp_matches({name}, '{DOT_MARKS}')),
            any_value({name}) filter (where regexp_matches({name}, '{EITHER_MARKS}')),
        from texts
        """  # noqa: S608 - names come from fields.py
    )[0]
    if comma and not dot:
        return ","
    if doubtful and not dot:
        raise Refused(
            f"In column “{incoming.header(name)}”, “{doubtful.strip()}” can be thousands or decimals, and no other row settles "
            "it: write the numbers without thousands separators and with two decimals.",
            name,
        )
    return "."
