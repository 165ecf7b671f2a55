"""All that we hold on a person: every row of every table that hangs on them, what was changed on it, and where others wrote
of them. The tables are found by their references, so that a later one is in it without being named here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from crm.errors import Refused
from crm.queries import custom_fields
from crm.queries.history import in_words
from crm.queries.names import names
from crm.store import personal
from crm.store.finding import Execute, has_key, search
from crm.store.needles import needles
from crm.store.reach import Reach, reach
from crm.store.rules import REFERENCES, STAMPS, key_of
from crm.store.session import Session

HIDDEN = {*STAMPS, "archived_at"}
ABOUT_TEXTS = {"comment_id": "feedback", "theme_id": "themes"}  # what these columns name where they are no reference


@dataclass(frozen=True)
class Held:
    """What is held: rows by table as they stand, their history in words, and in how many texts of others they are named."""

    name: str
    people: dict[str, list[UUID]]
    tables: dict[str, list[dict[str, Any]]]
    history: list[dict[str, Any]]
    mentions: int

    @property
    def row_count(self) -> int:
        """All rows together."""
        return sum(map(len, self.tables.values())) + len(self.history)


def reading(session: Session) -> Execute:
    """How the store's search runs its SQL within a session."""
    return lambda sql, **values: session.execute(sql, values)


def held(session: Session, key: UUID | str) -> Held:
    """All that hangs on a contact, or on a customer who is a person."""
    session.require(personal.EXPORT_ROLE, "Taking out all we hold on a person")
    with session.database.passing():
        found = reach(reading(session), [key_of_person(key)])
        return Held(
            name_of(found),
            {table: sorted(keys) for table, keys in found.people.items() if keys},
            dict(_rows(session, found)),
            _history(session, found),
            len(_mentions(session, found)),
        )


def name_of(found: Reach) -> str:
    """What the person is called; of one who stands in the history alone, what they were called."""
    return str(next((row["name"] for row in reversed(found.known) if row.get("name")), "Nobody"))


def key_of_person(key: UUID | str) -> UUID:
    try:
        return UUID(str(key))
    except ValueError:
        raise Refused(f"“{key}” is no id: give that of a contact, or of a customer who is a person.", "person") from None


def _rows(session: Session, found: Reach) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    for table, keys in found.fates.items():
        sql = f"select * from {table} where {key_of(table)} in (select unnest($keys::uuid[]))"  # noqa: S608 - names of rules.py
        rows = [{name: row[name] for name in row if not _is_made(table, name)} for row in session.rows(sql, keys=list(keys))]
        if rows:
            yield table, rows
    for table, columns, named in _named(session, found):
        which = " or ".join(f"{column} in (select unnest($keys::uuid[]))" for column in columns)
        rows = session.rows(f"select * from {table} where {which}", keys=named)  # noqa: S608 - names of personal.py
        if rows:
            yield table, rows


def _named(session: Session, found: Reach) -> Iterator[tuple[str, tuple[str, ...], list[UUID]]]:
    """Tables that name them, or a text of theirs, without a reference: by which columns, and what to look for there."""
    everybody = [key for keys in found.people.values() for key in keys]
    for table, columns in personal.LOOSE.items():
        if not has_key(reading(session), table):
            yield table, columns, everybody
    texts = [key for table, key in found.theirs if table == "feedback"]
    for table in personal.ABOUT_TEXTS:
        yield table, ("comment_id",), texts


def _is_made(table: str, name: str) -> bool:
    return personal.kind_of(table, name) == personal.MADE


def _history(session: Session, found: Reach) -> list[dict[str, Any]]:
    """One row per field that somebody changed on one of their rows, the oldest first."""
    keys = [key for _, key in found.theirs]
    rows = session.rows(
        """
        select
            changes.change_set_id,
            changes.table_name,
            changes.record_id,
            changes.operation,
            changes.before,
            changes.after,
            change_sets.made_at,
            change_sets.actor_name,
        from changes
        inner join change_sets on change_sets.change_set_id = changes.change_set_id
        where changes.record_id in (select unnest($keys::uuid[]))
        order by change_sets.made_at, changes.change_set_id, changes.position, changes.record_id
        """,
        keys=keys,
    )
    made = {row["change_set_id"]: {"made_at": row["made_at"], "by": row["actor_name"]} for row in rows}
    return [line | made[line["change_set_id"]] for line in in_words(session, rows)]


def _mentions(session: Session, found: Reach) -> set[tuple[str, UUID | None, str]]:
    sure = [needle for needle in needles(found.known) if needle.is_sure]
    return {
        hit.place
        for hit in search(reading(session), sure)
        if (hit.table, hit.record_id) not in found.theirs
        and personal.kind_of(hit.table, hit.column) == personal.TEXT
        and hit.table != "change_sets"
    }


def in_sections(session: Session, known: Held) -> Iterator[tuple[str, list[list[tuple[str, str]]]]]:
    """The rows table by table as people read them: a heading, and for each row its labels and values."""
    fields = {field.key: field for field in custom_fields.every(session, archived=True)}
    for table, rows in known.tables.items():
        references = REFERENCES.get(table, {}) | (ABOUT_TEXTS if table in personal.ABOUT_TEXTS else {})
        called = {column: names(session, parent, [row.get(column) for row in rows]) for column, parent in references.items()}
        yield table, [list(_cells(session, table, row, called, fields)) for row in rows]


def _cells(
    session: Session,
    table: str,
    row: dict[str, Any],
    called: dict[str, dict[UUID, str]],
    fields: dict[str, custom_fields.CustomField],
) -> Iterator[tuple[str, str]]:
    for column, value in row.items():
        if value is None or column in HIDDEN or column == key_of(table):
            continue
        if column == "own":
            yield from _own(value, table, fields)
        elif column in called:
            yield words(column), called[column].get(value) or f"{words(column)} {value}"
        else:
            yield words(column), f"{session.local(value):%Y-%m-%d %H:%M}" if column.endswith("_at") else str(value)
    yield "entered", f"{session.local(row['created_at']):%Y-%m-%d %H:%M}" if row.get("created_at") else ""


def _own(own: str, table: str, fields: dict[str, custom_fields.CustomField]) -> Iterator[tuple[str, str]]:
    for field in fields.values():
        if field.noun == table:
            text = custom_fields.as_text(field, custom_fields.value(field, own))
            if text:
                yield field.name, text


def words(column: str) -> str:
    """A column's name as people read it.

    >>> words("born_on"), words("customer_id"), words("email")
    ('born on', 'customer', 'e-mail')
    """
    column = column if column == "external_id" else column.removesuffix("_id")
    return column.replace("email", "e-mail").replace("_", " ")
