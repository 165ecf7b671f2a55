"""Everything that hangs on a person: who they are in the store, which rows are theirs, and what becomes of each.

It follows the references of the rules, so that a table that comes later is found without being named here. Rows that an undo
took away hang on them, too, as long as the history keeps what they said.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from crm.errors import Refused
from crm.store import personal
from crm.store.finding import Execute, has_key
from crm.store.names import identifier
from crm.store.rules import key_of

Rows = dict[str, set[UUID]]


@dataclass
class Reach:
    """A person's rows: `people` are themselves, `fates` says what becomes of each row, `ghosts` stand in the history alone."""

    people: Rows
    fates: dict[str, dict[UUID, str]] = field(default_factory=dict)
    ghosts: Rows = field(default_factory=dict)
    known: list[dict[str, Any]] = field(default_factory=list)

    def with_fate(self, *wanted: str) -> dict[str, list[UUID]]:
        """The rows of each table that have one of these fates."""
        found = {table: [key for key, fate in rows.items() if fate in wanted] for table, rows in self.fates.items()}
        return {table: rows for table, rows in found.items() if rows}

    @property
    def theirs(self) -> set[tuple[str, UUID]]:
        """Every row that is about them, those in the history among them: what it says goes with it."""
        rows = self.with_fate(personal.DELETE, personal.EMPTY)
        return {(table, key) for many in (rows, self.ghosts) for table, keys in many.items() for key in keys}


def reach(execute: Execute, keys: Iterable[UUID], *, is_again: bool = False) -> Reach:
    """What hangs on the people with these keys, each of a contact or of a customer who is a person.

    A key of nobody is refused; `is_again` passes over it: a store of before may not have them yet.
    """
    found = Reach(_people(execute, keys, is_again=is_again))
    living = {table: _living(execute, table, rows) for table, rows in found.people.items()}
    found.fates = {
        "contacts": dict.fromkeys(living["contacts"], personal.DELETE),
        "customers": dict.fromkeys(living["customers"], personal.EMPTY),
    }
    found.ghosts = {table: rows - living[table] for table, rows in found.people.items()}
    while _follow(execute, found):
        pass
    while _follow_ghosts(execute, found):
        pass
    for table, columns in personal.LOOSE.items():
        rows = _named_in(execute, table, columns, found.people)
        if rows:
            found.fates[table] = dict.fromkeys(rows, personal.DELETE)
    found.known = _known(execute, found.people)
    _drop_bare(execute, found)
    return found


def _people(execute: Execute, keys: Iterable[UUID], *, is_again: bool) -> Rows:
    people: Rows = {"contacts": set(), "customers": set()}
    for key in keys:
        try:
            people[_table_of(execute, key)].add(key)
        except Refused:
            if not is_again:
                raise
    while _widen(execute, people):
        pass
    return people


def _table_of(execute: Execute, key: UUID) -> str:
    """Which of the two it is; a refusal where it is neither."""
    if _living(execute, "contacts", {key}):
        return "contacts"
    kind = execute("select kind, name from customers where customer_id = $key", key=key).fetchone()
    if kind and kind[0] == "person":
        return "customers"
    if kind:
        raise Refused(f"{kind[1]} is a company: erase its contacts, who are people. A company itself can be archived.")
    if _living(execute, "employees", {key}):
        raise Refused("This is an employee: who did what stays true. Archive them in Settings when they leave.")
    past = execute("select made_at from erasures where contains(records::varchar, $key)", key=str(key)).fetchone()
    if past:
        raise Refused(f"This person was erased on {past[0]:%d %B %Y}; nothing of them is left to show or to erase.")
    gone = execute(
        "select table_name from changes where record_id = $key and table_name in ('contacts', 'customers') limit 1", key=key
    ).fetchone()
    if not gone:
        raise Refused(f"There is nobody with the id {key}: give that of a contact, or of a customer who is a person.")
    return str(gone[0])


def _widen(execute: Execute, people: Rows) -> int:
    """A customer who is a person and their one contact are the same person; how many that added."""
    before = sum(map(len, people.values()))
    pairs = execute(
        """
        select
            contacts.contact_id,
            customers.customer_id,
        from contacts
        inner join customers on customers.customer_id = contacts.customer_id
        where customers.kind = 'person'
        and (
            contacts.contact_id in (select unnest($contacts::uuid[]))
            or customers.customer_id in (select unnest($customers::uuid[]))
        )
        """,
        contacts=list(people["contacts"]),
        customers=list(people["customers"]),
    ).fetchall()
    for contact_id, customer_id in [*pairs, *_undone_pairs(execute, people)]:
        people["contacts"].add(contact_id)
        people["customers"].add(customer_id)
    for verdicts, one, other, table in personal.SAME:
        people[table] |= _paired(execute, verdicts, one, other, people[table])
    return sum(map(len, people.values())) - before


def _undone_pairs(execute: Execute, people: Rows) -> list[tuple[UUID, UUID]]:
    """The same of contacts and customers that an undo took away, as the history knows them."""
    return execute(
        """
        with gone as (
            select
                table_name,
                record_id,
                before,
            from changes
            where operation = 'delete' and before is not null and table_name in ('contacts', 'customers')
        )

        select distinct
            contact.record_id,
            customer.record_id,
        from gone as contact
        inner join gone as customer
            on customer.table_name = 'customers'
            and json_extract_string(customer.before, 'kind') = 'person'
            and customer.record_id::varchar = json_extract_string(contact.before, 'customer_id')
        where contact.table_name = 'contacts'
        and (
            contact.record_id in (select unnest($contacts::uuid[]))
            or customer.record_id in (select unnest($customers::uuid[]))
        )
        """,
        contacts=list(people["contacts"]),
        customers=list(people["customers"]),
    ).fetchall()


def _paired(execute: Execute, verdicts: str, one: str, other: str, rows: set[UUID]) -> set[UUID]:
    pairs = execute(
        f"""
        select {one}, {other}
        from {verdicts}
        where archived_at is null
        and ({one} in (select unnest($rows::uuid[])) or {other} in (select unnest($rows::uuid[])))
        """,  # noqa: S608 - names come from personal.py
        rows=list(rows),
    ).fetchall()
    return {key for pair in pairs for key in pair}


def _living(execute: Execute, table: str, rows: Iterable[UUID]) -> set[UUID]:
    key = key_of(table)
    found = execute(f"select {key} from {identifier(table)} where {key} in (select unnest($rows::uuid[]))", rows=list(rows))  # noqa: S608
    return {key for (key,) in found.fetchall()}


def _follow(execute: Execute, found: Reach) -> int:
    """Go one reference further from every row that is theirs; how many rows that added, or made go instead of stay."""
    theirs, more = found.with_fate(personal.DELETE, personal.EMPTY), 0
    for child, column, parent in personal.links():
        if parent not in theirs:
            continue
        fate = personal.fate_of(child, column, is_required=is_required(execute, child, column))
        rows = found.fates.setdefault(child, {})
        for key in _children(execute, child, column, theirs[parent]):
            stronger = personal.stronger(rows.get(key), fate)
            more += rows.get(key) != stronger
            rows[key] = stronger
    return more


def _named_in(execute: Execute, table: str, columns: Sequence[str], people: Rows) -> list[UUID]:
    """The rows of a table that name them without being a reference; results without a key of their own are not among them."""
    if not has_key(execute, table):
        return []
    return [key for column in columns for keys in people.values() for key in _children(execute, table, column, list(keys))]


def _children(execute: Execute, child: str, column: str, parents: Sequence[UUID]) -> list[UUID]:
    rows = execute(
        f"select {key_of(child)} from {identifier(child)} where {identifier(column)} in (select unnest($parents::uuid[]))",  # noqa: S608
        parents=list(parents),
    ).fetchall()
    return [key for (key,) in rows]


def is_required(execute: Execute, table: str, column: str) -> bool:
    """Whether a column may not be blank, so that its row cannot merely stop referring to somebody."""
    return any(name == column and null == "NO" for name, _, null, *_ in execute(f"describe {identifier(table)}").fetchall())


def _follow_ghosts(execute: Execute, found: Reach) -> int:
    """Rows that an undo took away, whose content in the history refers to the person: how many that added."""
    more = 0
    for child, column, parent in personal.links():
        fate = personal.fate_of(child, column, is_required=False)
        living = found.with_fate(personal.DELETE, personal.EMPTY).get(parent, [])
        parents = [str(key) for key in (*found.ghosts.get(parent, ()), *living)]
        if not parents or fate not in (personal.DELETE, personal.EMPTY):
            continue
        gone = execute(
            f"""
            select distinct record_id
            from changes
            where table_name = $child and operation = 'delete'
            and json_extract_string(before, $column) in (select unnest($parents::varchar[]))
            and record_id not in (select {key_of(child)} from {identifier(child)})
            """,  # noqa: S608 - names come from rules.py
            child=child,
            column=column,
            parents=parents,
        ).fetchall()
        rows = found.ghosts.setdefault(child, set())
        before = len(rows)
        rows.update(key for (key,) in gone)
        more += len(rows) - before
    return more


def _known(execute: Execute, people: Rows) -> list[dict[str, Any]]:
    """Every row that says or once said who they are."""
    known: list[dict[str, Any]] = []
    for table, keys in people.items():
        result = execute(f"select * from {table} where {key_of(table)} in (select unnest($keys::uuid[]))", keys=list(keys))  # noqa: S608
        names = [column[0] for column in result.description]
        known += [dict(zip(names, row, strict=True)) for row in result.fetchall()]
        past = execute(
            """
            select before, after
            from changes
            where table_name = $table
            and record_id in (select unnest($keys::uuid[]))
            and (before is not null or after is not null)
            """,
            table=table,
            keys=list(keys),
        ).fetchall()
        known += [json.loads(side) for row in past for side in row if side]
    return known


def _drop_bare(execute: Execute, found: Reach) -> None:
    """A customer on whom nothing hangs when all is done goes altogether."""
    for key in list(found.fates.get("customers", {})):
        if found.fates["customers"][key] == personal.EMPTY and not _is_held(execute, found, key):
            found.fates["customers"][key] = personal.DELETE


def _is_held(execute: Execute, found: Reach, customer_id: UUID) -> bool:
    return any(
        found.fates.get(child, {}).get(key) in (personal.EMPTY, personal.KEEP)
        for child, column, parent in personal.links()
        if parent == "customers"
        for key in _children(execute, child, column, [customer_id])
    )
