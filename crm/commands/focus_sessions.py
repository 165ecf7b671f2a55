"""What is taken down while a focus group talks: notes along the guide, and quotes, which are feedback from then on."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from crm.commands import checks
from crm.commands.checks import Saved, checked
from crm.commands.feedback import with_duty
from crm.errors import Refused
from crm.queries import choices, focus_groups, panels, records
from crm.store.session import Session

CHECKS: dict[str, checks.Check] = {
    "text": checks.text(least=1),
    "kind": checks.one_of([kind for kind in choices.FEEDBACK_KINDS if kind != "survey_answer"]),
    **dict.fromkeys(("focus_question_id", "focus_participant_id", "theme_id"), checks.key),
}
KIND = "suggestion"


def note_answer(session: Session, focus_question_id: UUID, *, note: str | None, version: UUID | None = None) -> Saved:
    """Keep what was said to a question; whoever wrote there meanwhile is not written over."""
    values = checked({"note": note}, {"note": checks.NOTE})
    with session.change("Note what a focus group said") as change:
        change.update("focus_questions", focus_question_id, version=version, **values)
    return Saved.of(focus_question_id, change)


def note_aside(session: Session, focus_group_id: UUID, *, note: str | None, version: UUID | None = None) -> Saved:
    """Keep what belongs to no question."""
    values = checked({"note": note}, {"note": checks.NOTE})
    with session.change("Note what a focus group said") as change:
        change.update("focus_groups", focus_group_id, version=version, **values)
    return Saved.of(focus_group_id, change)


def add_quote(session: Session, focus_group_id: UUID, *, kind: str = KIND, **fields: Any) -> Saved:
    """Keep a quote: feedback of the person who said it, pinned to its theme, and known to come from this session."""
    values = checked(fields | {"kind": kind}, CHECKS, {"text", "kind"})
    group = focus_groups.one(session, focus_group_id)
    theme, question = values.pop("theme_id", None), values.pop("focus_question_id", None)
    speaker = _speaker(session, focus_group_id, values.pop("focus_participant_id", None))
    said = with_duty(
        session,
        values
        | {
            "channel": "focus group",
            "customer_id": speaker.get("customer_id"),
            "contact_id": speaker.get("contact_id"),
            "interaction_id": speaker.get("interaction_id"),
            "employee_id": session.actor.employee_id,
            "received_at": min(group["held_at"] or session.now, session.now),
        },
    )
    with session.change(f"Keep a quote of focus group {group['name']}") as change:
        feedback = change.insert("feedback", **said)
        key = change.insert(
            "focus_quotes",
            focus_group_id=focus_group_id,
            focus_question_id=question,
            focus_participant_id=speaker.get("focus_participant_id"),
            feedback_id=feedback,
        )
        if theme:
            change.insert("theme_marks", theme_id=theme, comment_id=feedback, fits=True)
    return Saved.of(key, change)


def edit_quote(
    session: Session, focus_quote_id: UUID, *, version: UUID | None = None, quote_version: UUID | None = None, **fields: Any
) -> Saved:
    """Put a quote right: its words, its kind, who said it, to which question; `version` is that of the feedback that it is."""
    values = checked(fields, CHECKS, {"text", "kind"} & set(fields))
    row = _quote(session, focus_quote_id)
    said = records.one(session, "feedback", row["feedback_id"]) or {}
    place = {name: values.pop(name) for name in ("focus_question_id", "focus_participant_id") if name in values}
    if place.get("focus_participant_id", row["focus_participant_id"]) != row["focus_participant_id"]:
        speaker = _speaker(session, row["focus_group_id"], place["focus_participant_id"])
        values |= {name: speaker.get(name) for name in ("customer_id", "contact_id", "interaction_id")}
    if values.get("kind") == "complaint" != said["kind"]:
        duty = with_duty(session, said | values)
        values |= {name: duty[name] for name in ("owner_id", "due_on")}
    with session.change("Correct a quote of a focus group") as change:
        if place:
            change.update("focus_quotes", focus_quote_id, version=quote_version, **place)
        change.update("feedback", row["feedback_id"], version=version, **values)
    return Saved.of(focus_quote_id, change)


def archive_quote(session: Session, focus_quote_id: UUID, *, version: UUID | None = None) -> Saved:
    """Put a quote aside, with the feedback that it is."""
    row = _quote(session, focus_quote_id)
    with session.change("Put a quote of a focus group aside") as change:
        change.archive("focus_quotes", focus_quote_id, version=version)
        change.archive("feedback", row["feedback_id"])
    return Saved.of(focus_quote_id, change)


def _speaker(session: Session, focus_group_id: UUID, focus_participant_id: UUID | None) -> dict[str, Any]:
    if focus_participant_id is None:
        return {}
    on_it = panels.participants(session, focus_group_id)
    found = next((row for row in on_it if row["focus_participant_id"] == focus_participant_id), None)
    if found is None:
        raise Refused("They are not on the panel of this focus group. Put them on it first.", "focus_participant_id")
    return found


def _quote(session: Session, focus_quote_id: UUID) -> dict[str, Any]:
    """A quote that was not put aside."""
    row = records.one(session, "focus_quotes", focus_quote_id)
    if row is None or row["archived_at"]:
        raise Refused("This quote is not there any more.")
    return row
