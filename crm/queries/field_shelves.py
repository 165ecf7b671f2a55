"""Own fields and their choices as Settings shows them: in use, in order, with the rows that hold them counted."""

from __future__ import annotations

from typing import Any

from crm.queries.custom_fields import NOUNS
from crm.store.names import identifier
from crm.store.session import Session

ID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"


def used(session: Session) -> dict[str, int]:
    """One entry per field or choice that has values: in how many rows that are not archived."""
    parts = [
        f"""
        select unnest(regexp_extract_all(own::varchar, $id)) as key
        from {identifier(noun)}
        where own is not null and archived_at is null
        """  # noqa: S608 - one of NOUNS
        for noun in NOUNS
    ]
    rows = session.rows(f"select key, count(*) as number from ({' union all '.join(parts)}) group by key", id=ID)  # noqa: S608
    return {row["key"]: row["number"] for row in rows}


def shelves(session: Session) -> list[dict[str, Any]]:
    """One row per own field and per choice that is in use, for Settings: with the version that an edit must name."""
    return session.rows(
        """
        with shelved as (
            select
                custom_field_id,
                null::uuid as custom_choice_id,
                noun,
                name,
                kind,
                is_required,
                is_listed,
                position,
                version,
            from custom_fields
            where archived_at is null
            union all
            select
                choice.custom_field_id,
                choice.custom_choice_id,
                field.noun,
                choice.name,
                field.kind,
                false as is_required,
                false as is_listed,
                choice.position,
                choice.version,
            from custom_choices as choice
            inner join custom_fields as field on field.custom_field_id = choice.custom_field_id
            where choice.archived_at is null and field.archived_at is null
        )

        select *
        from shelved
        order by position, lower(name)
        """
    )
