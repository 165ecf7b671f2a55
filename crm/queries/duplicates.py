"""Who may be here already: shown beside a form while somebody types, and as pairs that a search of the store found.

Both go by the same thought: rows that share a key are compared (crm/queries/likeness weighs all fields of all rows, the form
only what is typed). The pairs are stored with what they were found in, because the search takes longer than a page may.
"""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from crm.queries import likeness
from crm.store.rules import key_of
from crm.store.session import Session

NOUNS = tuple(likeness.KINDS)
READ = ("contacts", "customers")
LIKENESS = 0.92
SURE = likeness.SURE


def likely(
    session: Session,
    kind: str,
    *,
    name: str | None = None,
    email: str | None = None,
    phone: str | None = None,
    limit: int = 5,
) -> list[dict[str, Any]]:
    """One row per customer or contact that may be the one being entered, surest first, with what agrees.

    `kind` is “customer” or “contact”. The same e-mail or phone number, or a name that is nearly the same, its parts in
    whichever order.
    """
    wanted = name.strip() if name and len(name.strip()) >= 3 else None
    if not (wanted or email or phone):
        return []
    if kind == "customer":
        return session.rows(_CUSTOMERS, name=wanted, likeness=LIKENESS, limit=limit)
    return session.rows(
        _CONTACTS,
        name=wanted,
        turned=" ".join(turned_round(wanted)) if wanted else None,
        email=email,
        phone=phone,
        likeness=LIKENESS,
        limit=limit,
    )


def turned_round(name: str) -> list[str]:
    """The words of a name with the last one first.

    >>> turned_round("Miller Ann")
    ['Ann', 'Miller']
    """
    words = name.split()
    return [words[-1], *words[:-1]]


# One key a scan: the engine then reads the other columns of the rows that fit only, not of a million.
_CUSTOMERS = """
    with near as materialized (
        select customer_id, name, lifecycle_stage, city
        from customers
        where name_key = company_key($name) and archived_at is null
        union
        select customer_id, name, lifecycle_stage, city
        from customers
        where starts_with(search_text, search_key($name)) and archived_at is null
    )

    select
        customer_id,
        name,
        concat_ws(' · ', lifecycle_stage, city) as detail,
    from near
    where
        starts_with(search_key(name), search_key($name))
        or jaro_winkler_similarity(search_key(name), search_key($name)) >= $likeness
    order by jaro_winkler_similarity(search_key(name), search_key($name)) desc, name
    limit $limit
"""
KEYS = (
    "given_key = given_key($name)",
    "given_key = given_key($turned)",
    "family_key = family_key($name)",
    "family_key = family_key($turned)",
    "email_key = email_address($email)",
    "phone_key = phone_number($phone)",
)
_NEAR = " union ".join(
    f"""
        select customer_id, contact_id, name, email, phone, email_key, phone_key
        from contacts
        where {key} and archived_at is null
    """  # noqa: S608 - constants above
    for key in KEYS
)
_CONTACTS = f"""
    with
    near as materialized ({_NEAR}),

    alike as (
        select
            *,
            coalesce(email_key = email_address($email), false) as has_email,
            coalesce(phone_key = phone_number($phone), false) as has_phone,
            coalesce(
                greatest(
                    jaro_winkler_similarity(search_key(name), search_key($name)),
                    jaro_winkler_similarity(search_key(name), search_key($turned))
                ),
                0
            ) as likeness,
        from near
    )

    select
        alike.customer_id,
        alike.name,
        concat_ws(' · ', nullif(customers.name, alike.name), alike.email, alike.phone) as detail,
    from alike
    inner join customers on customers.customer_id = alike.customer_id
    where alike.has_email or alike.has_phone or alike.likeness >= $likeness
    order by alike.has_email desc, alike.has_phone desc, alike.likeness desc, alike.name
    limit $limit
"""  # noqa: S608 - constants above

# Pairs that are still two, that nobody said are two, and that this session may see.
_OPEN = """
    from duplicate_pairs as pair
    inner join {noun} as one on one.{key} = pair.one_id
    inner join {noun} as other on other.{key} = pair.other_id
    where
        pair.noun = '{noun}'
        and one.archived_at is null
        and other.archived_at is null
        and (pair.one_id, pair.other_id) not in (
            select (one_id, other_id)
            from not_duplicates
            where archived_at is null
        )
"""


def pairs(
    session: Session, noun: str, *, least: float = likeness.POSSIBLE, limit: int | None = None, first: int = 0
) -> list[dict[str, Any]]:
    """One row per pair of `noun` that the last search found and that is open, the likeliest first, with names and keys."""
    return session.rows(
        f"""
        select
            pair.one_id,
            pair.other_id,
            pair.score,
            pair.agrees,
            one.name as one_name,
            other.name as other_name,
            one.external_id as one_external_id,
            other.external_id as other_external_id,
            count(*) over () as total,
        {_open(noun)} and pair.score >= $least
        order by pair.score desc, pair.one_id, pair.other_id
        limit $limit
        offset $first
        """,
        least=least,
        limit=limit,
        first=first,
    )


def count(session: Session, noun: str) -> int:
    """How many pairs of a noun are open."""
    return int(session.value(f"select count(*) {_open(noun)}"))


def _open(noun: str) -> str:
    return _OPEN.format(noun=noun, key=key_of(noun))


def last_search(session: Session, noun: str) -> dict[str, Any] | None:
    """One row: when a noun was last searched, how many rows it had, and whether any was written since; None: never."""
    row = session.row("select * from duplicate_searches where noun = $noun", noun=noun)
    if row is None:
        return None
    return row | {"is_fresh": json.loads(row["seen_versions"]) == dict(session.versions(READ))}


def not_duplicates(session: Session) -> list[dict[str, Any]]:
    """One row per pair that somebody said are two, the latest first, with names."""
    return session.rows(
        " union all ".join(
            f"""
            select
                said.not_duplicate_id,
                said.noun,
                said.one_id,
                said.other_id,
                one.name as one_name,
                other.name as other_name,
                said.updated_at,
                change_sets.actor_name,
            from not_duplicates as said
            inner join {noun} as one on one.{key_of(noun)} = said.one_id
            inner join {noun} as other on other.{key_of(noun)} = said.other_id
            left join change_sets on change_sets.change_set_id = said.version
            where said.archived_at is null and said.noun = '{noun}'
            """  # noqa: S608 - one of NOUNS
            for noun in NOUNS
        )
        + "order by updated_at desc, not_duplicate_id"
    )


_SIDES = {
    "contacts": """
        select
            contacts.contact_id as record_id,
            contacts.customer_id,
            contacts.name,
            contacts.title as job_title,
            case when customers.kind = 'company' then customers.name end as customer,
            contacts.email,
            contacts.phone,
            contacts.street,
            concat_ws(' ', contacts.postcode, contacts.city, contacts.state, contacts.country) as place,
            contacts.born_on as birthday,
            contacts.created_at as added_at,
        from contacts
        inner join customers on customers.customer_id = contacts.customer_id
        where contacts.contact_id in (select unnest($keys::uuid[]))
    """,
    "customers": """
        select
            customers.customer_id as record_id,
            customers.customer_id,
            customers.name,
            customers.lifecycle_stage as lifecycle,
            customers.sector,
            concat_ws(', ', customers.city, customers.country) as place,
            customers.website,
            customers.phone,
            customers.founded_year as founded_in,
            employees.name as owner,
            (
                select count(*)
                from contacts
                where contacts.customer_id = customers.customer_id and contacts.archived_at is null
            ) as people,
            customers.created_at as added_at,
        from customers
        left join employees on employees.employee_id = customers.owner_id
        where customers.customer_id in (select unnest($keys::uuid[]))
    """,
}


def sides(session: Session, noun: str, keys: list[UUID]) -> dict[UUID, dict[str, Any]]:
    """One entry per record: what tells two of them apart side by side, in the order in which people read it."""
    return {row.pop("record_id"): row for row in session.rows(_SIDES[noun], keys=keys)} if keys else {}
