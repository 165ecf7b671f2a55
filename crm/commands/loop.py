"""The loop: what we change because of what we were told, that it is changed, who was told so, and that we asked again.

An action belongs to a theme, or to none: one that came from a focus group or an employee's idea. Telling is one change set,
however many are told: an interaction on each one's timeline and a telling for each piece of feedback it answers. Whoever
sends the words one day calls the same function.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pandas as pd
from uuid_utils.compat import uuid7

from crm.commands import checks, invitations
from crm.commands.checks import Saved, checked
from crm.commands.invitations import Invited
from crm.errors import Refused
from crm.queries import choices, loop, records
from crm.store.changes import Change
from crm.store.session import Session

CHECKS: dict[str, checks.Check] = {
    "theme_id": checks.key,
    "name": checks.text(200, least=1, trimmed=True),
    "owner_id": checks.key,
    "due_on": checks.day,
    "changed_on": checks.day,
    "changed_note": checks.NOTE,
}
TOLD: dict[str, checks.Check] = {"words": checks.text(least=1), "channel": checks.one_of(choices.CHANNELS)}
# An answer of no action is the first one; of an action they may be told whatever they were told before.
UNTOLD = """
    select count(*) = 0
    from tellings
    inner join told on told.feedback_id::uuid = tellings.feedback_id
    where tellings.archived_at is null and ($action::uuid is null or tellings.action_id = $action::uuid)
"""
MEANWHILE = "Some of them were told of this already, by somebody else. Look who is left."
ANSWERED = "They were told already, by somebody else: it stands on their timeline. Whatever you add to it, log there."
NAME = "{name}"  # where the words name the person


@dataclass(frozen=True)
class Told:
    """How many were told, and the change set that says so."""

    people: int
    change_set_id: UUID | None


def start_action(
    session: Session,
    *,
    name: str,
    theme_id: UUID | None = None,
    owner_id: UUID | None = None,
    due_on: Any = None,
) -> Saved:
    """Say what we change; one's own to do unless another's."""
    with session.change(f"Start action {name}") as change:
        key = add_action(change, session, name=name, theme_id=theme_id, owner_id=owner_id, due_on=due_on)
    return Saved.of(key, change)


def add_action(change: Change, session: Session, **fields: Any) -> UUID:
    """The same inside another change set; gives the action's key."""
    values = checked(fields, CHECKS, {"name"})
    return change.insert("actions", **values | {"owner_id": values.get("owner_id") or session.actor.employee_id})


def edit_action(session: Session, action_id: UUID, *, version: UUID | None = None, **fields: Any) -> Saved:
    """Correct what we change, who does it, by when, and what was said of the change."""
    values = checked(fields, CHECKS, {"name"} & set(fields))
    current = _current(session, action_id)
    _refuse_future(session, values.get("changed_on"))
    with session.change(f"Edit action {values.get('name') or current['name']}") as change:
        change.update("actions", action_id, version=version, **values)
    return Saved.of(action_id, change)


def mark_changed(
    session: Session, action_id: UUID, *, note: str | None = None, on: Any = None, version: UUID | None = None
) -> Saved:
    """Say that it is changed, since when, and what is different now: from here on people can be told."""
    current = _current(session, action_id)
    if current["changed_on"]:
        raise Refused(f"“{current['name']}” was changed on {current['changed_on']:%d %b %Y} already.", "action_id")
    values = checked({"changed_note": note, "changed_on": on}, CHECKS)
    values["changed_on"] = values["changed_on"] or session.today
    _refuse_future(session, values["changed_on"])
    with session.change(f"Changed: {current['name']}") as change:
        change.update("actions", action_id, version=version or current["version"], **values)
    return Saved.of(action_id, change)


def archive_action(session: Session, action_id: UUID, *, version: UUID | None = None) -> Saved:
    """Put an action aside; who was told of it stays told."""
    with session.change(f"Archive action {_current(session, action_id)['name']}") as change:
        change.archive("actions", action_id, version=version)
    return Saved.of(action_id, change)


def tell(
    session: Session,
    action_id: UUID,
    feedback_ids: Sequence[UUID] | None = None,
    *,
    words: str,
    channel: str = "email",
) -> Told:
    """Tell those who said these things what became of them; without any, everyone who raised it and is ours to tell.

    `{name}` in the words stands for the first name of each. They are recorded as told; nothing is sent.
    """
    action = _current(session, action_id)
    if not action["changed_on"]:
        raise Refused("Say first that it is changed: until then there is nothing to tell.", "action_id")
    if feedback_ids is None:
        raised = [row for row in loop.raised_by(session, action_id) if not row["told_at"] and row["may_tell"]]
        feedback_ids = [key for row in raised for key in row["feedback_ids"]]
    if not feedback_ids:
        raise Refused("There is nobody left whom you could tell.", "feedback_ids")
    return _tell(session, feedback_ids, words, channel, f"Told what changed: {action['name']}", action_id)


def answer_feedback(session: Session, feedback_id: UUID, *, words: str, channel: str = "email") -> Told:
    """Answer one complaint, question or wish directly, without any action behind it; once, by whoever is first."""
    return _tell(session, [feedback_id], words, channel, "Answered what they told us", None)


def ask_again(session: Session, action_id: UUID, survey_id: UUID, *, base_url: str | None = None) -> Invited:
    """Invite those who were told to a survey, so that it shows whether the change helped."""
    action = _current(session, action_id)
    told = [row["contact_id"] for row in loop.raised_by(session, action_id) if row["told_at"] and row["contact_id"]]
    if not told:
        raise Refused("Nobody with a name was told yet. Tell those who raised it first.", "action_id")
    invited = invitations.invite(session, survey_id, told, base_url=base_url)
    if invited.links and action["survey_id"] != checks.key(survey_id, "Survey"):
        with session.change(f"Ask again: {action['name']}") as change:
            change.update("actions", action_id, survey_id=survey_id)
    return invited


def _tell(session: Session, feedback_ids: Sequence[UUID], words: str, channel: str, subject: str, action_id: UUID | None) -> Told:
    given = checked({"words": words, "channel": channel}, TOLD, TOLD)
    rows = loop.speakers(session, feedback_ids)
    if len(rows) < len(set(feedback_ids)):
        raise Refused("Some of this was said by nobody we know, so nobody can be told.", "feedback_ids")
    people = {row["person_id"]: uuid7() for row in rows}
    said = {row["person_id"]: given["words"].replace(NAME, row["called"]) for row in rows}
    frame = pd.DataFrame(
        {
            "feedback_id": [str(row["feedback_id"]) for row in rows],
            "customer_id": [str(row["customer_id"]) for row in rows],
            "contact_id": [str(row["contact_id"]) if row["contact_id"] else None for row in rows],
            "interaction_id": [str(people[row["person_id"]]) for row in rows],
            "words": [said[row["person_id"]] for row in rows],
        }
    ).astype("str")
    _refuse_long(said)
    with session.change(f"{subject} ({len(people):,} told)" if action_id else subject) as change:
        change.stage("told", frame)
        change.provided(UNTOLD, MEANWHILE if action_id else ANSWERED, action=action_id)
        _write(session, change, given["channel"], subject, action_id)
    return Told(len(people), change.change_set_id if change.counts else None)


def _write(session: Session, change: Change, channel: str, subject: str, action_id: UUID | None) -> None:
    """An interaction for each person, a telling for each piece of feedback."""
    change.insert_from(
        "interactions",
        """
        select
            interaction_id,
            any_value(customer_id) as customer_id,
            any_value(contact_id) as contact_id,
            $employee::uuid as employee_id,
            $channel as channel,
            'outbound' as direction,
            $now::timestamp as occurred_at,
            $subject as subject,
            any_value(words) as note,
        from told
        group by interaction_id
        """,
        employee=session.actor.employee_id,
        channel=channel,
        now=session.now,
        subject=subject[:300],
    )
    change.insert_from(
        "tellings",
        """
        select
            $action::uuid as action_id,
            *,
            $now::timestamp as told_at,
        from told
        """,
        action=action_id,
        now=session.now,
    )


def _refuse_long(said: dict[UUID, str]) -> None:
    for words in said.values():
        checks.NOTE(words, "Words")


def _refuse_future(session: Session, day: Any) -> None:
    if day and day > session.today:
        raise Refused("Changed lies in the future. Say it when it is so; until then it is due.", "changed_on")


def _current(session: Session, action_id: UUID) -> dict[str, Any]:
    row = records.one(session, "actions", action_id)
    if row is None:
        raise Refused("This action is no longer there. Look for it in History.", "action_id")
    if row["archived_at"]:
        raise Refused(f"“{row['name']}” was put aside. History brings it back.", "action_id")
    return row
