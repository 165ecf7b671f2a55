"""Names in place of keys: a few at a time, for the lines that are shown."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from crm.store.rules import key_of
from crm.store.session import Session

# What a row of a table is called where people read about it.
NAMES = {
    "teams": "name",
    "employees": "name",
    "customers": "name",
    "contacts": "name",
    "traits": "text",
    "products": "name",
    "pipelines": "name",
    "stages": "name",
    "stage_aliases": "alias",
    "deals": "name",
    "stage_changes": "(select name from stages where stage_id = to_stage_id)",
    "orders": "coalesce(number, strftime(ordered_at, '%Y-%m-%d'))",
    "interactions": "coalesce(subject, channel)",
    "tasks": "title",
    "tags": "name",
    "customer_tags": "(select name from tags where tags.tag_id = customer_tags.tag_id)",
    "feedback": "left(coalesce(text, kind), 80)",
    "actions": "name",
    "tellings": "left(coalesce(words, 'Told'), 80)",
    "objectives": "name",
    "external_events": "name",
    "segments": "name",
    "focus_groups": "name",
    "focus_questions": "left(text, 80)",
    "focus_participants": "(select name from contacts where contacts.contact_id = focus_participants.contact_id)",
    "focus_quotes": "(select left(text, 80) from feedback where feedback.feedback_id = focus_quotes.feedback_id)",
    "focus_findings": "left(text, 80)",
    "ideas": "left(text, 80)",
    "idea_votes": "(select left(text, 80) from ideas where ideas.idea_id = idea_votes.idea_id)",
    "enps_answers": "strftime(starts_on, '%Y-%m-%d')",
    "brand_readings": "replace(measure, '_', ' ')",
    "segment_members": "(select name from customers where customers.customer_id = segment_members.customer_id)",
    "goals": "figure",
    "settings": "name",
    "merges": """coalesce(
        (select name from contacts where contact_id = loser_id),
        (select name from customers where customer_id = loser_id)
    )""",
    "not_duplicates": """coalesce(
        (select name from contacts where contact_id = one_id),
        (select name from customers where customer_id = one_id)
    )""",
    "custom_fields": "name",
    "custom_choices": "name",
}


def names(session: Session, table: str, keys: Iterable[UUID | str | None]) -> dict[UUID, str]:
    """One entry per key that is there: what the row is called."""
    wanted = sorted({str(key) for key in keys if key})
    if not wanted or table not in NAMES:
        return {}
    key = key_of(table)
    rows = session.rows(
        f"""
        with wanted as materialized (
            select unnest($keys::uuid[]) as {key}
        )
        select
            {table}.{key} as key,
            {NAMES[table]} as name,
        from {table}
        inner join wanted on wanted.{key} = {table}.{key}
        """,  # noqa: S608 - the table is one of NAMES
        keys=wanted,
    )
    return {row["key"]: row["name"] for row in rows}
