"""Find a customer or a contact by a few letters of a name, an e-mail or a phone number."""

from __future__ import annotations

from typing import Any

from crm.store.session import Session

MOST = 20
LIKENESS = 0.85


def search(session: Session, text: str) -> list[dict[str, Any]]:
    """One row per customer or contact that fits, best first, at most twenty; names that sound alike when nothing fits.

    Case and accents do not matter. `detail` tells a hit from the others of its name.
    """
    wanted = " ".join(text.split())
    if len(wanted) < 2:
        return []
    digits = "".join(letter for letter in wanted if letter.isdigit())
    phone = digits.lstrip("0") if len(digits) >= 5 else None
    return session.rows(_CONTAINED, wanted=wanted, phone=phone, most=MOST) or session.rows(
        _ALIKE, wanted=wanted, likeness=LIKENESS, most=MOST
    )


_HITS = """
    hits as (
        select
            customer_id,
            kind,
            name,
            concat_ws(' · ', lifecycle_stage, city, (
                select employees.name
                from employees
                where employees.employee_id = customers.owner_id
            )) as detail,
            rank
        from customers
        inner join ranked using (customer_id)
        where ranked.contact_id is null
        union all
        select
            contacts.customer_id,
            'contact' as kind,
            contacts.name,
            concat_ws(' · ', nullif(customers.name, contacts.name), contacts.email, contacts.phone) as detail,
            ranked.rank
        from contacts
        inner join ranked on ranked.contact_id = contacts.contact_id
        inner join customers on customers.customer_id = contacts.customer_id
    )

    select
        customer_id,
        kind,
        name,
        detail
    from hits
    order by rank, lower(name), detail
    limit $most
"""
# A person who is a customer appears once: as the contact, with the e-mail that tells people apart.
_CONTAINED = (
    """
    with
    ranked as (
        select
            customer_id,
            null::uuid as contact_id,
            case when starts_with(search_text, search_key($wanted)) then 0 else 1 end as rank
        from customers
        where archived_at is null and kind <> 'person' and contains(search_text, search_key($wanted))
        union all
        select
            customer_id,
            contact_id,
            case when starts_with(search_text, search_key($wanted)) then 0 else 2 end as rank
        from contacts
        where
            archived_at is null
            and (contains(search_text, search_key($wanted)) or ($phone is not null and contains(search_text, $phone)))
        order by rank
        limit 200
    ),
"""
    + _HITS
)
_ALIKE = (
    """
    with
    names as (
        select
            customer_id,
            null::uuid as contact_id,
            jaro_winkler_similarity(search_key(name), search_key($wanted)) as likeness
        from customers
        where archived_at is null and kind <> 'person'
        union all
        select
            customer_id,
            contact_id,
            jaro_winkler_similarity(search_key(name), search_key($wanted)) as likeness
        from contacts
        where archived_at is null
    ),

    ranked as (
        select
            customer_id,
            contact_id,
            1 - likeness as rank
        from names
        where likeness >= $likeness
        order by likeness desc
        limit $most
    ),
"""
    + _HITS
)
