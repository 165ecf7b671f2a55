"""Focus groups: what each is for, its guide with the notes, what was said, and what was found."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from crm.errors import Refused
from crm.store.session import Session

NOUNS = ("focus_groups", "focus_questions", "focus_participants", "focus_quotes", "focus_findings")
Row = dict[str, Any]


def every(session: Session) -> list[Row]:
    """One row per focus group, the next and latest first: who leads it, how many are on its panel, came, quotes, findings."""
    return session.rows(
        """
        select
            focus_groups.*,
            owners.name as owner_name,
            segments.name as segment_name,
            coalesce(counts.participants, 0) as participants,
            coalesce(counts.present, 0) as present,
            coalesce(counts.quotes, 0) as quotes,
            coalesce(counts.findings, 0) as findings,
        from focus_groups
        left join employees as owners on owners.employee_id = focus_groups.owner_id
        left join segments on segments.segment_id = focus_groups.segment_id
        left join focus_counts as counts on counts.focus_group_id = focus_groups.focus_group_id
        where focus_groups.archived_at is null
        order by focus_groups.held_at desc nulls first, focus_groups.focus_group_id desc
        """
    )


def one(session: Session, focus_group_id: UUID | str) -> Row:
    """One row: a focus group, as `every` gives it; refused where it is not there."""
    row = next((row for row in every(session) if str(row["focus_group_id"]) == str(focus_group_id)), None)
    if row is None:
        raise Refused("This focus group is not there any more.", "focus_group_id")
    return row


def questions(session: Session, focus_group_id: UUID | str) -> list[Row]:
    """One row per question of the guide, in order, with what was noted."""
    return session.rows(
        """
        select
            focus_question_id,
            position,
            text,
            note,
            version,
        from focus_questions
        where focus_group_id = $group and archived_at is null
        order by position, focus_question_id
        """,
        group=focus_group_id,
    )


def quotes(session: Session, focus_group_id: UUID | str) -> list[Row]:
    """One row per quote, by question and time: the words, who said them, to which question."""
    return session.rows(
        """
        select
            quotes.focus_quote_id,
            quotes.focus_question_id,
            quotes.focus_participant_id,
            quotes.feedback_id,
            quotes.version,
            feedback.version as feedback_version,
            feedback.kind,
            feedback.text,
            feedback.received_at,
            contacts.contact_id,
            contacts.name as contact,
            customers.customer_id,
            customers.name as customer,
            questions.text as question,
        from focus_quotes as quotes
        inner join feedback on feedback.feedback_id = quotes.feedback_id and feedback.archived_at is null
        left join contacts on contacts.contact_id = feedback.contact_id
        left join customers on customers.customer_id = feedback.customer_id
        left join focus_questions as questions on questions.focus_question_id = quotes.focus_question_id
        where quotes.focus_group_id = $group and quotes.archived_at is null
        order by questions.position nulls last, feedback.received_at, quotes.focus_quote_id
        """,
        group=focus_group_id,
    )


def findings(session: Session, focus_group_id: UUID | str) -> list[Row]:
    """One row per finding: its words, the keys of those of its quotes that were not put aside, and what it became."""
    rows = session.rows(
        """
        select
            findings.focus_finding_id,
            findings.text,
            findings.version,
            array_agg(quotes.focus_quote_id) filter (where quotes.focus_quote_id is not null) as quotes,
        from focus_findings as findings
        left join finding_quotes as links on links.focus_finding_id = findings.focus_finding_id and links.archived_at is null
        left join focus_quotes as quotes on quotes.focus_quote_id = links.focus_quote_id and quotes.archived_at is null
        where findings.focus_group_id = $group and findings.archived_at is null
        group by findings.focus_finding_id, findings.text, findings.version
        order by findings.focus_finding_id
        """,
        group=focus_group_id,
    )
    became: dict[UUID, list[Row]] = {}
    for row in outcomes(session, focus_group_id):
        became.setdefault(row["focus_finding_id"], []).append(row)
    return [row | {"quotes": row["quotes"] or [], "outcomes": became.get(row["focus_finding_id"], [])} for row in rows]


def outcomes(session: Session, focus_group_id: UUID | str) -> list[Row]:
    """One row per theme, action or trait that a finding became: which, its name, and of a trait whose it is."""
    return session.rows(
        """
        select
            outcomes.finding_outcome_id,
            outcomes.focus_finding_id,
            outcomes.theme_id,
            outcomes.action_id,
            outcomes.trait_id,
            case
                when outcomes.theme_id is not null then 'theme'
                when outcomes.action_id is not null then 'action'
                else 'trait'
            end as kind,
            coalesce(themes.name, actions.name, traits.kind || ': ' || traits.text) as name,
            owners.name as owner_name,
            actions.due_on,
            actions.changed_on,
            customers.customer_id,
            customers.name as customer,
        from finding_outcomes as outcomes
        inner join focus_findings as findings on findings.focus_finding_id = outcomes.focus_finding_id
        left join themes on themes.theme_id = outcomes.theme_id and themes.archived_at is null
        left join actions on actions.action_id = outcomes.action_id and actions.archived_at is null
        left join employees as owners on owners.employee_id = actions.owner_id
        left join traits on traits.trait_id = outcomes.trait_id and traits.archived_at is null
        left join customers on customers.customer_id = traits.customer_id
        where
            findings.focus_group_id = $group
            and outcomes.archived_at is null
            and coalesce(themes.theme_id, actions.action_id, traits.trait_id) is not null
        order by outcomes.finding_outcome_id
        """,
        group=focus_group_id,
    )
