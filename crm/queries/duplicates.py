"""Who may be here already: shown beside a form while somebody types."""

from __future__ import annotations

from typing import Any

from crm.store.session import Session

LIKENESS = 0.92


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

    `kind` is “customer” or “contact”. The same e-mail or phone number, or a name that is nearly the same.
    """
    wanted = name if name and len(name.strip()) >= 3 else None
    digits = "".join(letter for letter in phone or "" if letter.isdigit()).lstrip("0")
    if not (wanted or email or len(digits) >= 6):
        return []
    if kind == "customer":
        return session.rows(_CUSTOMERS, name=wanted, likeness=LIKENESS, limit=limit)
    return session.rows(
        _CONTACTS,
        name=wanted,
        email=email,
        phone=digits if len(digits) >= 6 else None,
        likeness=LIKENESS,
        limit=limit,
    )


# `search_text` begins with the name as it is compared: without case and accents.
_CUSTOMERS = """
    with alike as (
        select
            customer_id,
            name,
            concat_ws(' · ', lifecycle_stage, city) as detail,
            jaro_winkler_similarity(left(search_text, length(name)), search_key($name)) as likeness,
            starts_with(search_text, search_key($name)) as is_beginning,
        from customers
        where archived_at is null
    )

    select
        customer_id,
        name,
        detail,
    from alike
    where likeness >= $likeness or is_beginning
    order by likeness desc, name
    limit $limit
"""
_CONTACTS = """
    with
    alike as (
        select
            customer_id,
            contact_id,
            name,
            email,
            phone,
            coalesce(lower(email) = lower($email), false) as has_email,
            coalesce(contains(search_text, $phone), false) as has_phone,
            coalesce(jaro_winkler_similarity(left(search_text, length(name)), search_key($name)), 0) as likeness,
        from contacts
        where archived_at is null
    ),

    likely as materialized (
        select *
        from alike
        where has_email or has_phone or likeness >= $likeness
        order by has_email desc, has_phone desc, likeness desc, name
        limit $limit
    )

    select
        likely.customer_id,
        likely.name,
        concat_ws(' · ', nullif(customers.name, likely.name), likely.email, likely.phone) as detail,
    from likely
    inner join customers on customers.customer_id = likely.customer_id
    order by likely.has_email desc, likely.has_phone desc, likely.likeness desc, likely.name
"""
