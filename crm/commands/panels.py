"""Draw the panel of a focus group, invite it, and note who comes."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from crm.commands import checks
from crm.commands.checks import Saved
from crm.errors import Refused
from crm.queries import choices, focus_groups, panels
from crm.store.changes import Change
from crm.store.session import Session

CAME = "They were there: the session is on their timeline. Say under Session that they were not, then change it."


def draw_panel(session: Session, focus_group_id: UUID, *, seed: int | None = None) -> Saved:
    """Draw who is missing to the size, by chance and as mixed as the segment; who was drawn but not invited is drawn anew."""
    group = focus_groups.one(session, focus_group_id)
    kept = [row for row in panels.participants(session, focus_group_id) if row["state"] in ("invited", "accepted")]
    dropped = [row for row in panels.participants(session, focus_group_id) if row["state"] == "drawn"]
    missing = group["size"] - len(kept)
    if missing <= 0:
        raise Refused(f"{len(kept)} are invited already. Make the group larger to draw more.", "size")
    with session.change(f"Draw the panel of {group['name']}") as change:
        if seed is not None and seed != group["seed"]:
            change.update("focus_groups", focus_group_id, seed=seed)
        for row in dropped:
            change.archive("focus_participants", row["focus_participant_id"], version=row["version"])
        chosen = panels.drawn(session, group, missing, seed=seed)
        if not chosen:
            raise Refused("Nobody in this segment may be drawn. See below who is left out, and why.")
        _add(change, focus_group_id, chosen)
    return Saved.of(focus_group_id, change)


def _add(change: Change, focus_group_id: UUID, rows: Iterable[dict[str, Any]]) -> None:
    for row in rows:
        change.insert(
            "focus_participants",
            focus_group_id=focus_group_id,
            customer_id=row["customer_id"],
            contact_id=row["contact_id"],
            stratum=row["stratum"] or None,
            state="drawn",
        )


def invite(session: Session, focus_group_id: UUID, participants: Collection[UUID] | None = None) -> Saved:
    """Note that the invitation went out: to these, or to all who were drawn and still may be asked. Nothing is sent from here."""
    group = focus_groups.one(session, focus_group_id)
    rows = [row for row in panels.participants(session, focus_group_id) if row["state"] == "drawn" and row["may_be_asked"]]
    asked = [row for row in rows if participants is None or row["focus_participant_id"] in participants]
    if not asked:
        raise Refused("Nobody who was drawn waits for an invitation. Draw the panel first.")
    with session.change(f"Invite {len(asked)} to focus group {group['name']}") as change:
        for row in asked:
            change.update("focus_participants", row["focus_participant_id"], state="invited", invited_on=session.today)
    return Saved.of(focus_group_id, change)


def set_state(session: Session, focus_participant_id: UUID, state: str) -> Saved:
    """Note how somebody answered."""
    checks.one_of(choices.PANEL_STATES)(state, "Answer")
    row = _one(session, focus_participant_id)
    if row["interaction_id"] and state != "accepted":
        raise Refused(CAME, "state")
    invited: dict[str, Any] = {"invited_on": session.today} if state != "drawn" and not row["invited_on"] else {}
    with session.change(f"Note that somebody {'is ' if state in ('drawn', 'invited') else ''}{state}") as change:
        change.update("focus_participants", focus_participant_id, state=state, **invited)
    return Saved.of(focus_participant_id, change)


def replace_participant(session: Session, focus_participant_id: UUID) -> Saved:
    """Somebody declined: note it, and draw another of the same kind, else of any."""
    row = _one(session, focus_participant_id)
    if row["interaction_id"]:
        raise Refused(CAME)
    group = focus_groups.one(session, row["focus_group_id"])
    known = panels.participants(session, row["focus_group_id"])
    apart = {"seed": group["seed"] + len(known), "without": [each["customer_id"] for each in known]}
    chosen = panels.drawn(session, group, 1, stratum=row["stratum"] or "", **apart) or panels.drawn(session, group, 1, **apart)
    if not chosen:
        raise Refused("Nobody else in this segment may be drawn. See below who is left out, and why.")
    with session.change(f"Draw another for focus group {group['name']}") as change:
        change.update("focus_participants", focus_participant_id, version=row["version"], state="declined")
        _add(change, row["focus_group_id"], chosen)
    return Saved.of(focus_participant_id, change)


def add_participant(session: Session, focus_group_id: UUID, *, contact_id: UUID) -> Saved:
    """Put somebody on the panel by hand: who came along, or should be heard. Who withdrew their consent is not asked."""
    group = focus_groups.one(session, focus_group_id)
    row = session.row(
        "select contact_id, customer_id, name, consent from contacts where contact_id = $key and archived_at is null",
        key=contact_id,
    )
    if row is None or row["consent"] == "withdrawn":
        raise Refused("This contact cannot be asked: they are gone, or withdrew their consent.", "contact_id")
    with session.change(f"Put {row['name']} on the panel of {group['name']}") as change:
        _add(change, focus_group_id, [row | {"stratum": None}])
    return Saved.of(focus_group_id, change)


def mark_present(session: Session, focus_participant_id: UUID, *, is_present: bool) -> Saved:
    """Note who is there: the session stands on their timeline from now on; taken back, it is put aside."""
    row = _one(session, focus_participant_id)
    group = focus_groups.one(session, row["focus_group_id"])
    if is_present == (row["interaction_id"] is not None):
        return Saved(row["focus_participant_id"], None)
    with session.change(f"Note who {'was' if is_present else 'was not'} at {group['name']}") as change:
        if is_present:
            key = change.insert("interactions", **_session_of(session, group, row))
            change.update(
                "focus_participants", focus_participant_id, version=row["version"], interaction_id=key, state="accepted"
            )
        else:
            change.archive("interactions", row["interaction_id"])
            change.update("focus_participants", focus_participant_id, version=row["version"], interaction_id=None)
    return Saved.of(focus_participant_id, change)


def _session_of(session: Session, group: dict[str, Any], row: dict[str, Any]) -> dict[str, Any]:
    return {
        "customer_id": row["customer_id"],
        "contact_id": row["contact_id"],
        "employee_id": group["owner_id"] or session.actor.employee_id,
        "channel": "meeting",
        "occurred_at": min(group["held_at"] or session.now, session.now),
        "subject": f"Focus group: {group['name']}",
        "note": group["purpose"],
    }


def _one(session: Session, focus_participant_id: UUID | str) -> dict[str, Any]:
    row = session.row(
        "select * from focus_participants where focus_participant_id = $key and archived_at is null", key=focus_participant_id
    )
    if row is None:
        raise Refused("They are not on the panel any more.")
    return row
