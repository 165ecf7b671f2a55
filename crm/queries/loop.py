"""The loop of what we are told: what we change, who raised it, who was told, who was asked again, and whether it helped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from crm.queries.loop_effect import FEW, effect, verdict
from crm.store.session import Session

NOUNS = (
    *("actions", "tellings", "feedback", "themes", "theme_marks", "comment_themes"),
    *("contacts", "customers", "employees", "surveys", "survey_invitations"),
    *("focus_groups", "focus_findings", "focus_quotes", "finding_quotes", "finding_outcomes", "ideas"),
)
NOBODY, OWNED, CHANGED, ASKED = "nobody yet", "owned", "changed", "asked again"
Row = dict[str, Any]
ACTIONS = """
    select
        actions.*,
        heirs.heir_id,
        owners.name as owner_name,
        surveys.name as survey_name,
        origins.text as origin_text,
        origins.focus_group_id,
        focus_groups.name as focus_group_name,
        ideas.idea_id,
        ideas.kind as idea_kind,
        ideas.state as idea_state,
        ideas.answer as idea_answer,
        ideas.answered_on as idea_answered_on,
        ideas.version as idea_version,
        authors.name as author_name,
        coalesce(people.raised_count, 0) + (ideas.idea_id is not null)::integer as raised_count,
        coalesce(people.told_count, 0) + coalesce((ideas.state = 'done')::integer, 0) as told_count,
        coalesce(people.asked_count, 0) as asked_count,
        people.told_at,
        people.asked_at,
        spans.since_at,
    from actions
    left join theme_heirs as heirs on heirs.theme_id = actions.theme_id
    left join employees as owners on owners.employee_id = actions.owner_id
    left join action_spans as spans on spans.action_id = actions.action_id
    left join surveys on surveys.survey_id = actions.survey_id
    left join action_origins as origins on origins.action_id = actions.action_id
    left join focus_groups on focus_groups.focus_group_id = origins.focus_group_id
    left join ideas on ideas.idea_id = origins.idea_id
    left join employees as authors on authors.employee_id = ideas.employee_id
    left join (
        select
            people.action_id,
            count(distinct people.person_id) as raised_count,
            count(distinct people.person_id) filter (where people.told_at is not null) as told_count,
            count(distinct people.person_id) filter (where asked.invited_at >= people.told_at) as asked_count,
            min(people.told_at) as told_at,
            min(asked.invited_at) filter (where asked.invited_at >= people.told_at) as asked_at,
        from action_people as people
        inner join actions as asking on asking.action_id = people.action_id
        left join survey_invitations as asked
            on asked.survey_id = asking.survey_id and asked.contact_id = people.contact_id and asked.archived_at is null
        group by people.action_id
    ) as people on people.action_id = actions.action_id
    where actions.archived_at is null and {which}
    order by actions.created_at desc, actions.action_id desc
"""


def action(session: Session, action_id: UUID | str) -> Row | None:
    """One row: an action with its owner, what it came from, how many raised it, were told and asked again, and its `state`.

    An idea is raised by who had it, and told by the answer that it is done, which is read also by who stays unknown.
    """
    return next(iter(_stated(session, "actions.action_id = $action_id", action_id=action_id)), None)


def actions_of(session: Session, theme_id: UUID | str) -> list[Row]:
    """One row per action of a theme, and of those that were merged into it, the latest first."""
    return _stated(session, "heirs.heir_id = $theme_id", theme_id=theme_id)


def of_owner(session: Session, owner_id: UUID | str | None = None) -> list[Row]:
    """One row per action that is not yet changed, of an employee (of anybody without one), the earliest due first."""
    mine = "actions.changed_on is null and ($owner_id::uuid is null or actions.owner_id = $owner_id::uuid)"
    rows = _stated(session, mine, owner_id=owner_id)
    return sorted(rows, key=lambda row: (row["due_on"] is None, row["due_on"] or session.today))


def states_of(session: Session, theme_ids: Sequence[UUID | str]) -> dict[UUID, str]:
    """One entry per theme: how far its loop is, in words: that of its latest action, “nobody yet” where there is none."""
    keys = [UUID(str(key)) for key in theme_ids]
    rows = _stated(session, "list_contains($keys::uuid[], heirs.heir_id)", keys=keys) if keys else []
    latest = {row["heir_id"]: row["state"] for row in reversed(rows)}
    return {key: latest.get(key, NOBODY) for key in keys}


def raised_by(session: Session, action_id: UUID | str) -> list[Row]:
    """One row per person who raised what an action changes, who is not yet told first: what they said, and when they were told.

    `feedback_ids` are their pieces of feedback, the latest first; `may_tell` says whether the person at the page may tell them.
    """
    rows = session.rows(
        """
        select
            people.*,
            customers.name as customer_name,
            contacts.name as contact_name,
            contacts.email,
            contacts.consent,
            customers.owner_id,
            owners.name as owner_name,
        from action_people as people
        inner join customers on customers.customer_id = people.customer_id
        left join contacts on contacts.contact_id = people.contact_id
        left join employees as owners on owners.employee_id = customers.owner_id
        where people.action_id = $action_id
        order by people.told_at is not null, people.received_at desc, people.person_id
        """,
        action_id=action_id,
    )
    return [row | {"may_tell": _may_tell(session, row)} for row in rows]


def speakers(session: Session, feedback_ids: Sequence[UUID]) -> list[Row]:
    """One row per piece of feedback that somebody known gave: who that is, and how they are `called`."""
    return session.rows(
        """
        with wanted as materialized (
            select distinct unnest($keys::uuid[]) as feedback_id
        )

        select
            speakers.*,
            coalesce(contacts.first_name, contacts.name, customers.name) as called,
        from feedback_speakers as speakers
        inner join wanted on wanted.feedback_id = speakers.feedback_id
        inner join customers on customers.customer_id = speakers.customer_id
        left join contacts on contacts.contact_id = speakers.contact_id
        order by speakers.feedback_id
        """,
        keys=[str(key) for key in feedback_ids],
    )


def _may_tell(session: Session, row: Mapping[str, Any]) -> bool:
    """Managers tell anybody; a member the own customers, nobody's, and those whose complaint is theirs."""
    me = session.actor.employee_id
    return session.may("manager") or row["owner_id"] in (None, me) or me in row["owner_ids"]


def _stated(session: Session, which: str, **values: Any) -> list[Row]:
    """Actions with their state in words; only of those that were asked again it is computed whether they helped."""
    rows = session.rows(ACTIONS.format(which=which), **values)
    return [row | {"state": _state(session, row)} for row in rows]


def _state(session: Session, row: Mapping[str, Any]) -> str:
    if not row["changed_on"]:
        return OWNED if row["owner_id"] else NOBODY
    if not row["told_count"]:
        return CHANGED
    if not row["asked_count"]:
        return f"told {row['told_count']:,} of {row['raised_count']:,}"
    found = verdict(effect(session, row["action_id"]))
    return ASKED if found == FEW and _is_recent(session, row["asked_at"]) else found


def _is_recent(session: Session, asked_at: datetime) -> bool:
    """Answers take a while: until two weeks have passed, too few is no verdict."""
    return session.now - asked_at < timedelta(days=14)
