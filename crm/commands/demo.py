"""The demo company: made as one change set, and taken away by undoing it, but for what people made of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from crm.demo import company
from crm.errors import Conflict, Refused
from crm.store.rules import key_of, noun
from crm.store.session import Session
from crm.store.undo import undo

TITLE = "Demo company"
# tables whose kept rows are called by their names; of the others only the number is said
NAMED = (
    *("teams", "employees", "customers", "contacts", "products"),
    *("tags", "deals", "tasks", "objectives", "external_events"),
)


@dataclass(frozen=True)
class DemoResult:
    """What was made or taken away, and what stayed because people use it."""

    change_set_id: UUID
    counts: dict[str, int]
    kept: dict[str, list[str]]
    made: bool

    def as_json(self) -> dict[str, Any]:
        """The result for a program."""
        return {"change_set_id": str(self.change_set_id), "records": self.counts, "kept": self.kept}

    def summary(self) -> str:
        """The result for a person."""
        named = {table: noun(table) if number == 1 else table for table, number in self.counts.items()}
        rows = ", ".join(
            f"{self.counts[table]:,} {name.replace('_', ' ').replace('enps', 'eNPS')}" for table, name in named.items()
        )
        if self.made:
            return f"A demo company is here: {rows}."
        stayed = "; ".join(f"{table.replace('_', ' ')}: {', '.join(names)}" for table, names in self.kept.items())
        return f"The demo is gone: {rows}." + (f" What you made your own stays, with what it needs: {stayed}." if stayed else "")


def is_there(session: Session) -> bool:
    """Whether the demo company is in this file."""
    return _change_set(session) is not None


def make_demo(session: Session) -> DemoResult:
    """Make the demo company, with dates that lead up to today."""
    session.require("manager", "Making a demo company")
    if is_there(session):
        raise Refused("The demo company is already here. Take it away first.")
    try:
        with session.change(TITLE) as change:
            for table, frame in company(session.today).items():
                change.stage(f"demo_{table}", frame)
                change.insert_from(table, f"from demo_{table}")
    except Conflict:
        raise Refused(
            "Rows of an earlier demo company are still here, because you made them your own. "
            "Undo its removal in the history, or make a demo company in another file."
        ) from None
    return DemoResult(change.change_set_id, {table: number for (table, _), number in change.counts.items()}, {}, made=True)


def remove_demo(session: Session) -> DemoResult:
    """Take exactly the demo away; rows that somebody edited, or that something entered hangs on, stay and are listed."""
    session.require("manager", "Taking the demo company away")
    wanted = _change_set(session)
    if wanted is None:
        raise Refused("There is no demo company in this file.")
    undone = undo(session, wanted, keeping=True)
    counts = {table: number for (table, _), number in undone.counts.items()}
    return DemoResult(undone.change_set_id, counts, _names(session, undone.kept), made=False)


def _change_set(session: Session) -> UUID | None:
    found: UUID | None = session.value(
        "select change_set_id from change_sets where title = $title and undone_by is null order by made_at desc limit 1",
        title=TITLE,
    )
    return found


def _names(session: Session, kept: list[tuple[str, UUID]]) -> dict[str, list[str]]:
    """The rows that stayed, by table: by name where they have one, else how many."""
    names: dict[str, list[str]] = {}
    nameless: Counter[str] = Counter()
    for table, key in kept:
        column = {"tasks": "title"}.get(table, "name")
        if table in NAMED:
            sql = f"select {column} from {table} where {key_of(table)} = $key"  # noqa: S608 - from the list above
            names.setdefault(table, []).append(str(session.value(sql, key=key)))
        else:
            nameless[table] += 1
    return names | {table: [f"{number:,}"] for table, number in nameless.items()}
