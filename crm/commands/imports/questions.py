"""What only a person can say about a file: how its short dates are meant, and which of our words its unknown words are.

The whole file is looked through for this, but only the columns about which there can be a question, and nothing is locked.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from rapidfuzz import fuzz, process

from crm.commands.imports import customers_of, dates, lookup
from crm.commands.imports.columns import Columns
from crm.commands.imports.fields import CHOICES, DAY, FIELDS, INSTANT
from crm.commands.imports.goals import KNOWN_FIGURES
from crm.commands.imports.incoming import Incoming, Options
from crm.commands.imports.mapping import Mapping
from crm.commands.imports.settling import settle
from crm.commands.imports.values import NOT_LETTERS
from crm.exchange.headers import normalised
from crm.exchange.reading import Reading
from crm.queries.registry import FIGURES
from crm.store.session import Session

# So many unknown words are asked, the commonest first, and so many answers offered.
MOST_ASKED, MOST_OFFERED = 50, 2_000
LIKENESS = 80.0
# field → the table it names a record of, and how that is found; where nobody makes it on the way
LOOKED_UP: dict[str, tuple[str, lookup.Keys]] = {
    "owner": ("employees", lookup.EMPLOYEES),
    "complaint_owner": ("employees", lookup.EMPLOYEES),
    "manager": ("employees", lookup.EMPLOYEES),
    "product": ("products", lookup.PRODUCTS),
    "team": ("teams", lookup.TEAMS),
    "objective": ("objectives", lookup.OBJECTIVES),
}
MADE_ON_THE_WAY = {"employees": ("team", "manager"), "orders": ("product",)}
OF_CUSTOMERS = ("deals", "orders", "interactions", "feedback", "tasks")


@dataclass(frozen=True)
class DayQuestion:
    """A column whose short dates can be read in several ways: one of them, and what it means in each order (dmy, mdy, ymd)."""

    header: str
    field: str
    cell: str
    readings: dict[str, date]


@dataclass(frozen=True)
class Unknown:
    """A word of the file that nothing here is called: in how many rows, and what is called nearly so."""

    text: str
    rows: int
    suggestion: str | None = None


@dataclass(frozen=True)
class ValueQuestion:
    """The unknown words of a field, the commonest first, and what may be answered; `may_create` says that it can be made."""

    field: str
    header: str
    values: tuple[Unknown, ...]
    choices: tuple[str, ...]
    may_create: bool


@dataclass(frozen=True)
class Questions:
    """All that is open about a file."""

    days: tuple[DayQuestion, ...]
    unknown: tuple[ValueQuestion, ...]


def questions(session: Session, columns: Columns, read: Reading, choice: Mapping) -> Questions:
    """What is open about a file, once its columns are chosen and some words explained."""
    kind = columns.kind
    fields = {name: header for name, header in columns.fields.items() if _may_be_asked(kind, name)}
    if not fields:
        return Questions((), ())
    with session.change("Look through a file") as change:
        incoming = Incoming(session, change, kind, kind, fields, options=Options(mapping=choice))
        incoming.stage(read)
        settle(incoming)
        incoming.run("create or replace temp table typed as from texts")
        days = [found for name in fields if FIELDS[kind][name] in (DAY, INSTANT) for found in _days(incoming, name)]
        unknown = [found for name in fields for found in _unknown(incoming, name)]
    return Questions(tuple(days) if choice.day_order is None else (), tuple(unknown))


def _may_be_asked(kind: str, name: str) -> bool:
    form = FIELDS[kind][name]
    named = name in LOOKED_UP and name not in MADE_ON_THE_WAY.get(kind, ())
    customers = kind in OF_CUSTOMERS and name in ("customer", "customer_external_id")
    return form in (DAY, INSTANT) or form in CHOICES or named or customers or name in ("stage", "figure")


def _days(incoming: Incoming, name: str) -> list[DayQuestion]:
    _, doubt = dates.settled(incoming, name)
    if doubt is None:
        return []
    return [DayQuestion(incoming.header(name), name, doubt, dates.readings(incoming.session, doubt.split()[0]))]


def _unknown(incoming: Incoming, name: str) -> list[ValueQuestion]:
    kind = incoming.kind
    if FIELDS[kind][name] in CHOICES:
        return _of_choice(incoming, name)
    if name in LOOKED_UP and name not in MADE_ON_THE_WAY.get(kind, ()):
        return _of_table(incoming, name)
    if name == "stage":
        return _of_stages(incoming)
    if name == "figure":
        return _of_figures(incoming)
    return _of_customers(incoming) if name == "customer" and kind in OF_CUSTOMERS else []


def _of_choice(incoming: Incoming, name: str) -> list[ValueQuestion]:
    known = CHOICES[FIELDS[incoming.kind][name]]
    incoming.run("create or replace temp table known_words (word varchar)")
    for word in known:
        incoming.run("insert into known_words values ($word)", word=word)
    bare = f"regexp_replace(lower({name}), '{NOT_LETTERS}', '', 'g')"
    offered = tuple(dict.fromkeys(value.replace("_", " ") for value in known.values()))
    return _asked(incoming, name, f"{bare} not in (select word from known_words)", offered, may_create=False)  # noqa: S608


def _of_table(incoming: Incoming, name: str) -> list[ValueQuestion]:
    table, keys = LOOKED_UP[name]
    lookup.search(incoming, name, table, keys)
    role = lookup.MADE[table][0] if table in lookup.MADE else None
    may_create = role is not None and incoming.session.may(role)
    return _asked(incoming, name, f"{name} not in (select word from {name}_found)", _names(incoming, table), may_create)  # noqa: S608


def _of_stages(incoming: Incoming) -> list[ValueQuestion]:
    """In a company without deals the file brings its own stages, and nothing is asked."""
    if incoming.session.may("admin") and not incoming.count("select count(*) from deals"):
        return []
    unknown = """
        name_key(stage) not in (select name_key(name) from stages where archived_at is null)
        and coalesce(loose_key(stage), '') not in (select loose_key(alias) from stage_aliases where archived_at is null)
    """
    return _asked(incoming, "stage", unknown, _names(incoming, "stages"), may_create=False)


def _of_figures(incoming: Incoming) -> list[ValueQuestion]:
    words = [word for (word,) in incoming.rows("select distinct figure from typed where figure is not null")]
    incoming.run("create or replace temp table known_words (word varchar)")
    for word in words:
        if normalised(word) in KNOWN_FIGURES:
            incoming.run("insert into known_words values ($word)", word=word)
    offered = tuple(figure.title for figure in FIGURES.values())
    return _asked(incoming, "figure", "figure not in (select word from known_words)", offered, may_create=False)


def _of_customers(incoming: Incoming) -> list[ValueQuestion]:
    customers_of.search(incoming)
    unknown = "name_key(customer) in (select name_key(name) from words where customer_id is null)"
    if incoming.kind == "orders" and incoming.has("customer_external_id"):
        unknown += " and customer_external_id is null"  # those with an id are made on the way
    return _asked(incoming, "customer", unknown, _names(incoming, "customers"), may_create=True)


def _names(incoming: Incoming, table: str) -> tuple[str, ...]:
    """The names that may be answered; none where they are too many to choose from."""
    rows = incoming.rows(
        f"select distinct name from {table} where archived_at is null order by lower(name), name limit {MOST_OFFERED + 1}"  # noqa: S608
    )
    return tuple(name for (name,) in rows) if len(rows) <= MOST_OFFERED else ()


def _asked(incoming: Incoming, name: str, unknown: str, offered: tuple[str, ...], may_create: bool) -> list[ValueQuestion]:
    rows = incoming.rows(
        f"""
        select {name}, count(*)
        from typed
        where {name} is not null and {unknown}
        group by {name}
        order by count(*) desc, {name}
        limit {MOST_ASKED}
        """  # noqa: S608 - names come from fields.py
    )
    values = tuple(Unknown(text, number, _alike(text, offered)) for text, number in rows)
    return [ValueQuestion(name, incoming.header(name), values, offered, may_create)] if values else []


def _alike(text: str, offered: tuple[str, ...]) -> str | None:
    likely = process.extractOne(text, offered, scorer=fuzz.WRatio, score_cutoff=LIKENESS)
    return str(likely[0]) if likely else None
