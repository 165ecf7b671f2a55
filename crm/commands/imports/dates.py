"""Dates and times as people write them. ISO first, then what can be read in one way only; the column settles the rest.

01-03-17 can be read day first or month first. A column keeps the reading that fits all its cells; if both do and disagree,
the person is asked once for the file, because a wrong guess would move money between months unseen.
"""

from __future__ import annotations

from datetime import date

from crm.commands.imports.incoming import Cast, Incoming, quoted
from crm.commands.imports.mapping import ORDERS
from crm.errors import Refused
from crm.store.session import Session

ISO_DAY = r"^\d{4}-\d{2}-\d{2}$"
ISO_INSTANT = r"^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?)?$"
YEAR_FIRST = r"^\d{4}[-/.]\d{1,2}[-/.]\d{1,2}$"
DOTTED = r"^\d{1,2}\.\s?\d{1,2}\.\s?(\d{2}|\d{4})$"
SHORT = r"^\d{1,2}[-/]\d{1,2}[-/](\d{2}|\d{4})$"
WEEKDAY = r"^(?i:mon|tue|wed|thu|fri|sat|sun)[a-z]*[,.]?\s+"
# Two digits before four: %Y would take 17 for the year 17.
WITH_MONTH = "['%d %b %y', '%d %B %y', '%b %d %y', '%d %b %Y', '%d %B %Y', '%b %d %Y', '%B %d %Y', '%Y %b %d', '%Y %B %d']"
# A date, then perhaps a time of day, half of the day and a zone.
TIME = r"(\d{1,2}):(\d{2})(?::(\d{2}(?:\.\d{1,6})?)\d*)?\s*(?:([AaPp])\.?[Mm]\.?)?\s*(Z|z|UTC|GMT|[+-]\d{2}:?(?:\d{2})?)?"
SHAPE = rf"^(.+?)(?:(?:[Tt]|,?\s)\s*{TIME})?$"
PARTS = "['date', 'hour', 'minute', 'second', 'half', 'zone']"
# How a short date may be meant; year first counts only where the year has two digits and nothing else fits.
READINGS = {
    "day first": ("%d-%m-%y", "%d-%m-%Y"),
    "month first": ("%m-%d-%y", "%m-%d-%Y"),
    "year first": ("%y-%m-%d",),
}
SANE = "year({0}) between 1800 and 2200"


def day(incoming: Incoming, name: str) -> Cast:
    """A column of company days; a time with a zone is brought to the company's clock first."""
    reading = _reading(incoming, name)
    zoned = f"(({_instant(name, reading)} at time zone 'UTC') at time zone $zone)::date"
    value = f"""
        case
            when regexp_matches({name}, '{ISO_DAY}') then try_cast({name} as date)
            when {_parts(name)}.zone <> '' then {zoned}
            else {_day(name, reading)}
        end"""
    return Cast(value, f"{quoted(name)} || ' is not a date: write it as 2017-03-01'", SANE.format(name), "date")


def instant(incoming: Incoming, name: str) -> Cast:
    """A column of instants in UTC; without a zone they are on the company's clock, without a time its day begins."""
    iso = f"(try_cast({name} as timestamp) at time zone $zone) at time zone 'UTC'"
    value = f"case when regexp_matches({name}, '{ISO_INSTANT}') then {iso} else {_instant(name, _reading(incoming, name))} end"
    reason = f"{quoted(name)} || ' is not a date or time: write it as 2017-03-01 14:30'"
    return Cast(value, reason, SANE.format(name), "timestamp")


def _parts(name: str) -> str:
    return f"regexp_extract(trim({name}), '{SHAPE}', {PARTS})"


def _day(name: str, reading: str) -> str:
    date = f"trim({_parts(name)}.date)"
    dashed = f"regexp_replace(translate({date}, '/.', '--'), '\\s', '', 'g')"
    words = f"regexp_replace(regexp_replace({date}, '{WEEKDAY}', ''), '[-,./\\s]+', ' ', 'g')"
    return f"""
        case
            when regexp_matches({date}, '{YEAR_FIRST}') then try_strptime({dashed}, '%Y-%m-%d')
            when regexp_matches({date}, '^\\d{{8}}$') then try_strptime({date}, '%Y%m%d')
            when regexp_matches({date}, '{DOTTED}') then {_short(dashed, "day first")}
            when regexp_matches({date}, '{SHORT}') then {_short(dashed, reading)}
            else try_strptime({words}, {WITH_MONTH})
        end::date"""


def _short(dashed: str, reading: str) -> str:
    """A short date in one reading, with a year of four digits or of two."""
    attempts = ", ".join(f"try_strptime({dashed}, '{form}')" for form in READINGS[reading])
    return f"coalesce({attempts})"


def _instant(name: str, reading: str) -> str:
    parts = _parts(name)
    hour = f"try_cast({parts}.hour as integer)"
    halved = f"case lower({parts}.half) when 'p' then {hour} % 12 + 12 when 'a' then {hour} % 12 else {hour} end"
    seconds = f"3600 * {halved} + 60 * try_cast({parts}.minute as integer)"
    fraction = f"coalesce(try_cast({parts}.second as double), 0)"
    local = f"({_day(name, reading)}::timestamp + to_seconds(coalesce({seconds} + {fraction}, 0)))"
    sign = f"case when {parts}.zone like '-%' then -60 else 60 end"
    digits = f"replace({parts}.zone, ':', '')"
    ahead = f"coalesce({sign} * (60 * try_cast({digits}[2:3] as integer) + coalesce(try_cast({digits}[4:5] as integer), 0)), 0)"
    return f"""
        case
            when {parts}.hour <> '' and {hour} > 23 then null
            when {parts}.zone = '' then ({local} at time zone $zone) at time zone 'UTC'
            else {local} - to_seconds({ahead})
        end"""


def _reading(incoming: Incoming, name: str) -> str:
    """The reading of a column's short dates: the one that they prove, else the one that was told, else a refusal that asks."""
    reading, doubt = settled(incoming, name)
    if doubt is None:
        return reading
    if told := incoming.options.mapping.day_order:
        return ORDERS[told]
    raise Refused(
        f"“{doubt}” in column “{incoming.header(name)}” can be read day first or month first, and the other rows do not settle "
        "it: say which (--day-order dmy or mdy), or write the dates as 2017-03-01.",
        name,
    )


def settled(incoming: Incoming, name: str) -> tuple[str, str | None]:
    """The likeliest reading of a column's short dates, and a cell that leaves it open, if one does."""
    incoming.run(
        f"""
        create or replace temp table short_dates as
        select row_no, {name} as cell, translate({_parts(name)}.date, '/', '-') as dashed
        from texts
        where regexp_matches({name}, '^\\s*\\d{{1,2}}[-/]\\d') and regexp_matches(trim({_parts(name)}.date), '{SHORT}')
        """  # noqa: S608 - names come from fields.py
    )
    fits = ", ".join(f"count({_short('dashed', reading)})" for reading in READINGS)
    day_first, month_first, year_first = incoming.rows(f"select {fits} from short_dates")[0]  # noqa: S608
    candidates = list(READINGS)[:2] if year_first <= max(day_first, month_first) else list(READINGS)[2:]
    if month_first > day_first:
        candidates.reverse()
    return candidates[0], _doubt(incoming, candidates)


def _doubt(incoming: Incoming, candidates: list[str]) -> str | None:
    """Where the best reading fails and the next does not, or where both fit as often and differ, nobody can know."""
    if len(candidates) < 2:
        return None
    best, other = (_short("dashed", reading) for reading in candidates)
    settled = f"(select count({best}) > count({other}) from short_dates)"  # noqa: S608 - formats are constants of this module
    found = incoming.rows(
        f"""
        select cell
        from short_dates
        where {other} is not null and {best} is distinct from {other} and ({best} is null or not {settled})
        order by row_no
        limit 1
        """  # noqa: S608 - formats are constants of this module
    )
    return str(found[0][0]).strip() if found else None


def readings(session: Session, cell: str) -> dict[str, date]:
    """What a short date means in each order that it can be read in."""
    dashed = "trim($cell).replace('/', '-')"
    found = {order: session.value(f"select ({_short(dashed, words)})::date", cell=cell) for order, words in ORDERS.items()}
    return {order: day for order, day in found.items() if day}
