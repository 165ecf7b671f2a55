"""A person planted in every table that can hold one: each text that has to go bears a mark, each row refers to them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import count
from typing import Any
from uuid import UUID

from crm.store import personal
from crm.store.names import column_types
from crm.store.rules import REFERENCES, key_of
from crm.store.session import Session

MARK = "plant7f3a"
NAME = "Zyxwvut Qwertzuiop"
WHO = {
    "name": NAME,
    "first_name": "Zyxwvut",
    "last_name": "Qwertzuiop",
    "email": "zyx.qwertz@plant.example",
    "phone": "+49 170 5557713",
    "street": "Flöckchenallee 1717",
}
SAYING = (MARK, *WHO.values(), "5557713")
PLAIN: dict[str, Any] = {
    "TIMESTAMP": datetime(2026, 3, 4, 5, 6),
    "DATE": date(2026, 3, 4),
    "DOUBLE": 0.7,
    "BOOLEAN": False,
}
STAMPS = {"created_at", "updated_at", "version", "archived_at"}
_numbers = count()


@dataclass
class Planted:
    """Whom and what was planted: the person's keys, their rows by table, and the change sets that wrote those."""

    contact_id: UUID
    customer_id: UUID
    theirs: dict[str, list[UUID]] = field(default_factory=dict)
    linked: dict[str, list[UUID]] = field(default_factory=dict)
    change_sets: list[UUID] = field(default_factory=list)

    @property
    def rows(self) -> set[tuple[str, UUID]]:
        """Every row that refers to the person, or to a row of theirs."""
        return {(table, key) for many in (self.theirs, self.linked) for table, keys in many.items() for key in keys}


def plant(session: Session, kind: str) -> Planted:
    """A contact at a company, or a customer who is a `person`, with a row for each reference that leads to them."""
    whole = kind == "person"
    with session.change(f"Add {NAME}") as change:
        named = _row(session, "customers", mark=whole, kind=kind, lifecycle_stage="customer")
        customer_id = change.insert("customers", **named | {"name": NAME if whole else "Harbour Ltd"})
        contact_id = change.insert("contacts", **_row(session, "contacts", customer_id=customer_id, consent="given") | WHO)
    planted = Planted(contact_id, customer_id, {"contacts": [contact_id]}, change_sets=[change.change_set_id])
    if whole:
        planted.theirs["customers"] = [customer_id]
    for child, column, parent in personal.links():
        if parent in planted.theirs and child not in ("customers", "contacts"):
            _hang(session, planted, child, column, parent)
    for table, keys in list(planted.theirs.items()):
        for key in keys:
            _edit(session, planted, table, key)
    return planted


def _hang(session: Session, planted: Planted, child: str, column: str, parent: str) -> None:
    goes = personal.FATES[child][column] in (personal.DELETE, personal.EMPTY)
    fields = {column: planted.theirs[parent][0]}
    for name, other in REFERENCES[child].items():
        if name in required(session, child) and name not in fields:
            fields[name] = planted.customer_id if other == "customers" else _some(session, other)
    with session.change(f"Add {NAME}") as change:
        key = change.insert(child, **_row(session, child, mark=goes, **fields))
    (planted.theirs if goes else planted.linked).setdefault(child, []).append(key)
    if goes:
        planted.change_sets.append(change.change_set_id)


def _some(session: Session, table: str) -> UUID:
    """Anybody who is there; of other things a new one, because some may be referred to only once."""
    known = f"select {key_of(table)} from {table} order by 1 limit 1"
    return (session.value(known) if table in ("customers", "contacts") else None) or _add(session, table)


def _add(session: Session, table: str) -> UUID:
    """A row of another table that one of theirs needs, with what that row needs itself."""
    needed = required(session, table) - {key_of(table)}
    parents = {name: _some(session, other) for name, other in REFERENCES.get(table, {}).items() if name in needed}
    row = {name: value for name, value in _row(session, table, mark=False).items() if name in needed}
    with session.change(f"Add to {table}") as change:
        return change.insert(table, **row | parents)


def _edit(session: Session, planted: Planted, table: str, key: UUID) -> None:
    """Change the texts of a row, so that the history has them before and after."""
    texts = [name for name, held in personal.COLUMNS[table].items() if held == personal.TEXT and name != "own"]
    kinds = column_types(session.database.cursor(), table)
    values = {name: f"{MARK} changed {name}" for name in texts if kinds[name] == "VARCHAR"}
    if values:
        with session.change(f"Edit {NAME}") as change:
            change.update(table, key, **values)
        planted.change_sets.append(change.change_set_id)


def _row(session: Session, table: str, *, mark: bool = True, **fields: Any) -> dict[str, Any]:
    """A row with every column filled: texts bear the mark, shared words the person's name, all else is plain."""
    held = personal.COLUMNS.get(table, {})
    made: dict[str, Any] = {}
    for name, kind in column_types(session.database.cursor(), table).items():
        if name in STAMPS or kind == "UUID" or held.get(name) == personal.MADE:
            continue
        if kind == "VARCHAR":
            made[name] = _text(f"{table} {name}", held.get(name, personal.TEXT), mark)
        elif kind == "JSON":
            made[name] = f'{{"0190aaaa-0000-7000-8000-000000000001": "{MARK if mark else "plain"} own"}}'
        else:
            made[name] = PLAIN.get(kind, 7)
    return made | fields


def _text(name: str, kind: str, mark: bool) -> str:
    if kind == personal.WORD:
        return "open"
    if kind == personal.SHARED and mark:
        return f"Street of {NAME}"
    return f"{MARK if mark else 'plain'} {name} {next(_numbers)}"


def required(session: Session, table: str) -> set[str]:
    """The columns that may not be blank."""
    described = session.database.cursor().execute(f"describe {table}").fetchall()
    return {name for name, _, null, *_ in described if null == "NO" and name not in STAMPS}


def everything(session: Session) -> str:
    """All that any table says, as one text."""
    cursor = session.database.cursor()
    tables = cursor.execute("select table_name from duckdb_tables() where not internal and not temporary").fetchall()
    return "\n".join(f"{table}: {row}" for (table,) in tables for row in cursor.execute(f"from {table}").fetchall())


def said(text: str) -> list[str]:
    """What a text says of the person."""
    return [word for word in SAYING if word in text]
