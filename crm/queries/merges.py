"""Records that became one: where an old link leads, what can be taken back, who else a record may be merged with."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from crm.store.rules import key_of
from crm.store.session import Session


def winner_of(session: Session, noun: str, key: UUID | str) -> UUID | None:
    """The record that an archived one was merged into, over any number of merges; None where it was not."""
    found: UUID | None = session.value(
        "select winner_id from merged_into where noun = $noun and loser_id = $key", noun=noun, key=key
    )
    return found


def standing(session: Session, limit: int = 50) -> list[dict[str, Any]]:
    """One row per merge that stands, the latest first: who went into whom, when, by whom."""
    return session.rows(
        """
        with merged as (
            select
                merges.*,
                coalesce(contact_winner.name, customer_winner.name) as winner_name,
                coalesce(contact_loser.name, customer_loser.name) as loser_name,
                coalesce(contact_winner.customer_id, merges.winner_id) as customer_id,
            from merges
            left join contacts as contact_winner on contact_winner.contact_id = merges.winner_id
            left join contacts as contact_loser on contact_loser.contact_id = merges.loser_id
            left join customers as customer_winner on customer_winner.customer_id = merges.winner_id
            left join customers as customer_loser on customer_loser.customer_id = merges.loser_id
            where merges.archived_at is null
        )

        select
            merged.merge_id,
            merged.change_set_id,
            merged.noun,
            merged.winner_id,
            merged.loser_id,
            merged.winner_name,
            merged.loser_name,
            merged.customer_id,
            merged.created_at as merged_at,
            change_sets.actor_name,
        from merged
        left join change_sets on change_sets.change_set_id = merged.change_set_id
        where merged.winner_name is not null and merged.loser_name is not null
        -- A person is a contact and a customer: one line tells of both.
        qualify row_number() over (partition by merged.change_set_id order by merged.noun) = 1
        order by merged.created_at desc, merged.merge_id desc
        limit $limit
        """,
        limit=limit,
    )


_OTHERS = {
    "contacts": """
        select
            found.contact_id as record_id,
            found.name,
            concat_ws(' · ', nullif(customers.name, found.name), found.email, found.phone) as detail,
        from found
        inner join customers on customers.customer_id = found.customer_id
        order by lower(found.name), detail
    """,
    "customers": """
        select
            found.customer_id as record_id,
            found.name,
            concat_ws(' · ', found.lifecycle_stage, found.city) as detail,
        from found
        where found.kind = 'company'
        order by lower(found.name), detail
    """,
}


def others(session: Session, noun: str, key: UUID | str, text: str, limit: int = 6) -> list[dict[str, Any]]:
    """One row per record of a noun that fits a few letters, without the one they are to be merged with."""
    if len(text.strip()) < 2:
        return []
    return session.rows(
        f"""
        with found as materialized (
            select *
            from {noun}
            where archived_at is null and {key_of(noun)} <> $key and contains(search_text, search_key($text))
        )

        {_OTHERS[noun]}
        limit $limit
        """,  # noqa: S608 - one of two nouns
        key=key,
        text=" ".join(text.split()),
        limit=limit,
    )


def way_out(session: Session, change_set_id: UUID | str) -> str:
    """What else may be done where a merge cannot simply be undone; nothing where the change is no merge."""
    found = session.value("select 1 from merges where change_set_id = $key limit 1", key=change_set_id)
    return " Or unmerge them in Data, Duplicates: what was done since then stays." if found else ""
