"""Names in place of keys: a few at a time, for the lines that are shown."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from crm.store.rules import REFERENCES, key_of
from crm.store.session import Session


def _of(table: str, parent: str, name: str) -> str:
    """What a row of a parent table is called, for a row that only says of it."""
    return f"(select {name} from {parent} where {parent}.{key_of(parent)} = {table}.{key_of(parent)})"  # noqa: S608 - names below


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
    "feedback": "left(coalesce(text, kind), 80)",
    "actions": "name",
    "tellings": "left(coalesce(words, 'Told'), 80)",
    "objectives": "name",
    "external_events": "name",
    "segments": "name",
    "focus_groups": "name",
    "focus_questions": "left(text, 80)",
    "focus_findings": "left(text, 80)",
    "ideas": "left(text, 80)",
    "enps_answers": "strftime(starts_on, '%Y-%m-%d')",
    "brand_readings": "replace(measure, '_', ' ')",
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
    "surveys": "name",
    "survey_questions": "coalesce(json_extract_string(texts, '$.*.question')[1], kind)",
    **{table: _of(table, "surveys", "name") for table in ("survey_tokens", "survey_responses", "survey_answers")},
    **{table: _of(table, "contacts", "name") for table in ("focus_participants", "survey_invitations", "survey_refusals")},
    "themes": "name",
    "theme_phrases": "phrase",
    "theme_dismissals": "name",
    "theme_marks": _of("theme_marks", "themes", "name"),
    "sentiment_marks": "sentiment",
    **{table: _of(table, "focus_findings", "left(text, 80)") for table in ("finding_quotes", "finding_outcomes")},
    "focus_quotes": _of("focus_quotes", "feedback", "left(text, 80)"),
    "idea_votes": _of("idea_votes", "ideas", "left(text, 80)"),
    "customer_tags": _of("customer_tags", "tags", "name"),
    "segment_members": _of("segment_members", "customers", "name"),
    "ideal_attributes": "concat('weight ', weight)",
    "import_mappings": "kind",
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


def called(session: Session, column: str, key: UUID) -> str | None:
    """What the row is called to which a column of this name leads."""
    parents = {parent for columns in REFERENCES.values() for name, parent in columns.items() if name == column}
    return next((name for table in sorted(parents) for name in names(session, table, [key]).values()), None)
