"""Name groups of customers: by a rule, or by a list that people put customers on and take them off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from crm.commands import checks
from crm.commands.checks import Saved, checked
from crm.errors import Refused
from crm.queries import segments
from crm.queries.comparisons import entered
from crm.queries.conditions import Condition, Group, as_json, asked, conditions, parsed, resolved
from crm.queries.subjects import known
from crm.store.changes import Change
from crm.store.session import Session

MEMBERS_OF = """
    select
        $segment_id::uuid as segment_id,
        customers.customer_id,
    from customers
    inner join (select distinct unnest($customer_ids::uuid[]) as customer_id) as given
        on given.customer_id = customers.customer_id
    where customers.customer_id not in (
        select customer_id
        from segment_members
        where segment_id = $segment_id::uuid and archived_at is null
    )
"""


def add_segment(
    session: Session, *, name: str, rule: Group | Mapping[str, Any] | str | None = None, note: str | None = None
) -> Saved:
    """Keep a rule under a name; without one, an empty list."""
    values = checked({"name": name, "note": note}, _checks(), {"name"})
    kept = None if rule is None else checked_rule(session, rule)
    with session.change(f"Add segment {values['name']}") as change:
        key = _insert(session, change, "rule" if kept else "list", kept, **values)
    return Saved.of(key, change)


def edit_segment(session: Session, segment_id: UUID, *, version: UUID | None = None, **fields: Any) -> Saved:
    """Change the name, the note, the owner or the rule of a segment."""
    rule = {"rule": checked_rule(session, fields.pop("rule"))} if "rule" in fields else {}
    if rule and segments.one(session, segment_id)["kind"] == "list":
        raise Refused("A list has no rule to change. Put customers on it, or make a segment with a rule.", "rule")
    values = checked(fields, _checks(), {"name"} & set(fields))
    with session.change(f"Edit segment {values.get('name') or _name(session, segment_id)}") as change:
        change.update("segments", segment_id, version=version, **values, **rule)
    return Saved.of(segment_id, change)


def archive_segment(session: Session, segment_id: UUID, *, version: UUID | None = None) -> Saved:
    """Put a segment aside; nothing is deleted, and History brings it back."""
    with session.change(f"Archive segment {_name(session, segment_id)}") as change:
        change.archive("segments", segment_id, version=version)
    return Saved.of(segment_id, change)


def duplicate_segment(session: Session, segment_id: UUID) -> Saved:
    """The same rule, or the same members, once more, to be changed by whoever asks."""
    found = segments.one(session, segment_id)
    with session.change(f"Duplicate segment {found['name']}") as change:
        name = _free_name(session, f"{found['name']} (copy)")
        key = _insert(session, change, found["kind"], found["rule"], name=name, note=found["note"])
        if found["kind"] == "list":
            _put_on(change, key, _members(session, segment_id))
    return Saved.of(key, change)


def list_from(session: Session, segment_id: UUID, name: str | None = None) -> Saved:
    """Keep whom a rule finds today as a list, which stays as it is until it is refreshed."""
    found = segments.one(session, segment_id)
    wanted = checks.NAME(name, "Name") if name else _free_name(session, f"{found['name']}, {session.today:%d %b %Y}")
    with session.change(f"Make list {wanted}") as change:
        key = _insert(session, change, "list", found["rule"], name=wanted, note=found["note"])
        _put_on(change, key, _members(session, segment_id))
    return Saved.of(key, change)


def refresh_list(session: Session, segment_id: UUID) -> Saved:
    """Bring a list that was taken from a rule to whom the rule finds now."""
    found = segments.one(session, segment_id)
    if found["kind"] != "list" or not found["rule"]:
        raise Refused("This segment follows its rule by itself, or was put together by hand: there is nothing to refresh.")
    sql, values = asked(session, parsed(found["rule"]))
    wanted = [row["customer_id"] for row in session.rows(sql, **values)]
    gone = set(_members(session, segment_id)) - set(wanted)
    with session.change(f"Refresh list {found['name']}") as change:
        _put_on(change, segment_id, wanted)
        _take_off(session, change, segment_id, list(gone))
    return Saved.of(segment_id, change)


def put_on_list(
    session: Session, customer_ids: Sequence[UUID], *, segment_id: UUID | None = None, name: str | None = None
) -> Saved:
    """Put customers on a list, all in one change: one that is there, by its key or its name, else a new one of that name."""
    known_as = {"name": name} if segment_id is None else {}
    values = checked(known_as, _checks(), set(known_as))
    found = segments.one(session, segment_id) if segment_id else _called(session, values["name"])
    if found and found["kind"] != "list":
        raise Refused(f"“{found['name']}” follows a rule: nobody is put on it by hand. Choose a list, or a new name.", "name")
    with session.change(f"Put {len(set(customer_ids)):,} on list {found['name'] if found else values['name']}") as change:
        key = found["segment_id"] if found else _insert(session, change, "list", None, **values)
        _put_on(change, key, customer_ids)
    return Saved.of(key, change)


def take_off_list(session: Session, segment_id: UUID, customer_ids: Sequence[UUID]) -> Saved:
    """Take customers off a list."""
    with session.change(f"Take {len(set(customer_ids)):,} off list {_name(session, segment_id)}") as change:
        _take_off(session, change, segment_id, customer_ids)
    return Saved.of(segment_id, change)


def checked_rule(session: Session, rule: Group | Mapping[str, Any] | str) -> str:
    """A rule as it is kept; refused where a row is not complete, names nothing that is known, or makes no sense."""
    group = rule if isinstance(rule, Group) else parsed(rule)
    rows = list(conditions(group))
    if not rows:
        raise Refused("A rule needs at least one row. Say who belongs to it.", "rule")
    subjects = known(session)
    for number, row in enumerate(rows, 1):
        _check_row(number, row, resolved(subjects, row))
    return as_json(group)


def _check_row(number: int, row: Condition, found: Any) -> None:
    if found is None:
        raise Refused(f"Row {number} asks about “{row.subject[:40]}”, which is not known. Choose another.", "rule")
    subject, comparison, _ = found
    try:
        if comparison.takes == "parts":
            _check_parts(subject, row.value or {})
        elif entered(comparison.takes, subject.kind, row.value) is None:
            raise Refused("its value is missing. Fill it in, or take the row away.")
    except Refused as error:
        raise Refused(f"Row {number} ({subject.label}): {error.message}", "rule") from None


def _check_parts(subject: Any, value: Mapping[str, Any]) -> None:
    unknown = set(value) - {part.key for part in subject.parts}
    if unknown:
        raise Refused(f"there is no “{min(unknown)}” in it.")
    given = {part.key for part in subject.parts if entered(part.takes, part.kind, value.get(part.key)) is not None}
    if subject.key == "feedback" and given & {"least", "most"} and "scale" not in given:
        raise Refused("a rating says nothing without its scale. Choose the scale.")


def _checks() -> dict[str, checks.Check]:
    return {"name": checks.NAME, "note": checks.NOTE, "owner_id": checks.key}


def _insert(session: Session, change: Change, kind: str, rule: str | None, **values: Any) -> UUID:
    owner = session.actor.employee_id
    return change.insert("segments", kind=kind, rule=rule, owner_id=owner, **values)


def _put_on(change: Change, segment_id: UUID, customer_ids: Sequence[UUID]) -> None:
    change.insert_from("segment_members", MEMBERS_OF, segment_id=segment_id, customer_ids=list(customer_ids))


def _take_off(session: Session, change: Change, segment_id: UUID, customer_ids: Sequence[UUID]) -> None:
    change.update_from(
        "segment_members",
        """
        select
            segment_member_id,
            $now::timestamp as archived_at,
        from segment_members
        where
            segment_id = $segment_id
            and archived_at is null
            and customer_id in (select unnest($customer_ids::uuid[]))
        """,
        now=session.now,
        segment_id=segment_id,
        customer_ids=list(customer_ids),
    )


def _members(session: Session, segment_id: UUID) -> list[UUID]:
    sql, values = segments.within(session, segment_id)
    return [row["customer_id"] for row in session.rows(sql, **values)]


def _name(session: Session, segment_id: UUID) -> str:
    return str(segments.one(session, segment_id)["name"])


def _called(session: Session, name: str) -> dict[str, Any] | None:
    return session.row(
        "select segment_id, name, kind from segments where lower(name) = lower($name) and archived_at is null", name=name
    )


def _free_name(session: Session, name: str) -> str:
    """The name, with a number after it where another segment bears it."""
    wanted, number = name, 2
    while _called(session, wanted):
        wanted, number = f"{name} {number}", number + 1
    return wanted
