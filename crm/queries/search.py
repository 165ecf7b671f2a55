"""Find a customer, a contact or a deal by a few letters: of a name, an e-mail, a phone number, a tag, an own field."""

from __future__ import annotations

import unicodedata
from typing import Any

from crm.queries import custom_fields
from crm.queries.custom_fields import CustomField
from crm.store.session import Session

MOST = 20
LIKENESS = 0.85
WHY_LENGTH = 60
# Whose hits a kind of record makes; the first is what a customer is chosen by.
CUSTOMERS, EVERYTHING = ("customers", "contacts"), ("customers", "contacts", "deals")


def search(session: Session, text: str, *, among: tuple[str, ...] = EVERYTHING) -> list[dict[str, Any]]:
    """One row per customer, contact or deal that fits, best first, at most twenty; names that sound alike when nothing fits.

    Case and accents do not matter. `detail` tells a hit from the others of its name, and says by which tag or own field it
    was found.
    """
    wanted = " ".join(text.split())
    if len(wanted) < 2:
        return []
    labels = _labels(session, wanted)
    hits = _contained(session, wanted, labels, among)
    if not hits:
        return _bare(session.rows(_ALIKE + _HITS, wanted=wanted, likeness=LIKENESS, most=MOST))
    of_own = [hit for hit in hits if hit["own"] and _key(wanted) not in _key(f"{hit['name']} {hit['detail']}")]
    fields = custom_fields.every(session) if of_own else []
    for hit in hits:
        tags = [row["name"] for row in labels["tag"] if str(row["key"]) in (hit["tag_keys"] or [])]
        why = [f"tag {name}" for name in tags] or (_own_why(fields, hit, wanted) if hit in of_own else [])
        hit["detail"] = " · ".join(filter(None, [hit["detail"], *why]))
    return _bare(hits)


def _bare(hits: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What a hit is found by stays here."""
    return [{name: value for name, value in hit.items() if name not in ("own", "tag_keys", "noun")} for hit in hits]


def _labels(session: Session, wanted: str) -> dict[str, list[dict[str, Any]]]:
    """The tags and the choices of own fields that fit: few names, so that the many rows are asked for keys only."""
    rows = session.rows(
        """
        select
            'tag' as what,
            tag_id as key,
            name,
            null as noun,
        from tags
        where archived_at is null and contains(search_key(name), search_key($wanted))
        union all
        select
            'choice' as what,
            choice.custom_choice_id as key,
            choice.name,
            field.noun,
        from custom_choices as choice
        inner join custom_fields as field on field.custom_field_id = choice.custom_field_id
        where field.archived_at is null and contains(search_key(choice.name), search_key($wanted))
        order by name
        """,
        wanted=wanted,
    )
    return {what: [row for row in rows if row["what"] == what] for what in ("tag", "choice")}


def _contained(
    session: Session, wanted: str, labels: dict[str, list[dict[str, Any]]], among: tuple[str, ...]
) -> list[dict[str, Any]]:
    """The hits of what contains the text; tags and choices are looked for only where one of them fits."""
    digits = "".join(letter for letter in wanted if letter.isdigit())
    phone = digits.lstrip("0") if len(digits) >= 5 else None
    values: dict[str, Any] = {"wanted": wanted, "phone": phone, "most": MOST}
    parts = [FOUND[noun] for noun in among]
    for noun in among:
        keys = [str(row["key"]) for row in labels["choice"] if row["noun"] == noun]
        if keys:
            parts.append(CHOSEN[noun])
            values[f"{noun}_choices"] = "|".join(keys)
    if labels["tag"]:
        parts.append(TAGGED)
        values["tags"] = [row["key"] for row in labels["tag"]]
    return session.rows(f"with found as ({' union all '.join(parts)}), {_RANKED}{_HITS}", **values)


def _own_why(fields: list[CustomField], hit: dict[str, Any], wanted: str) -> list[str]:
    """The own field that a hit was found by."""
    sought = _key(wanted)
    theirs = [field for field in fields if field.noun == hit["noun"]]
    shown = {field.name: custom_fields.as_text(field, custom_fields.value(field, hit["own"])) for field in theirs}
    return [f"{name}: {_around(text, sought)}" for name, text in shown.items() if sought in _key(text)]


def _around(text: str | None, sought: str) -> str:
    """The part of a long text in which it stands."""
    line = " ".join((text or "").split())
    start = max(_key(line).find(sought) - WHY_LENGTH // 3, 0)
    part = line[start : start + WHY_LENGTH]
    return f"{'… ' if start else ''}{part}{' …' if start + WHY_LENGTH < len(line) else ''}"


def _key(text: str | None) -> str:
    """What `search_key` makes of a text."""
    parts = unicodedata.normalize("NFD", (text or "").lower())
    return "".join(letter for letter in parts if not unicodedata.combining(letter))


# A person who is a customer appears once: as the contact, with the e-mail that tells people apart. As a customer only where
# a tag or an own field of theirs fits, and the contact does not.
FOUND = {
    "customers": """
        select
            customer_id,
            null::uuid as contact_id,
            null::uuid as deal_id,
            kind = 'person' as is_person,
            case when kind = 'person' then 50 when starts_with(search_text, search_key($wanted)) then 0 else 10 end as rank,
            null::uuid as tag_id
        from customers
        where archived_at is null and contains(search_text, search_key($wanted))
    """,
    "contacts": """
        select
            customer_id,
            contact_id,
            null::uuid as deal_id,
            false as is_person,
            case when starts_with(search_text, search_key($wanted)) then 0 else 20 end as rank,
            null::uuid as tag_id
        from contacts
        where
            archived_at is null
            and (contains(search_text, search_key($wanted)) or ($phone is not null and contains(search_text, $phone)))
    """,
    "deals": """
        select
            customer_id,
            contact_id,
            deal_id,
            false as is_person,
            case when starts_with(search_text, search_key($wanted)) then 15 else 25 end as rank,
            null::uuid as tag_id
        from deals
        where archived_at is null and contains(search_text, search_key($wanted))
    """,
}
CHOSEN = {
    "customers": """
        select customer_id, null, null, kind = 'person', 40, null
        from customers
        where own is not null and archived_at is null and regexp_matches(own::varchar, $customers_choices)
    """,
    "contacts": """
        select customer_id, contact_id, null, false, 40, null
        from contacts
        where own is not null and archived_at is null and regexp_matches(own::varchar, $contacts_choices)
    """,
    "deals": """
        select customer_id, contact_id, deal_id, false, 45, null
        from deals
        where own is not null and archived_at is null and regexp_matches(own::varchar, $deals_choices)
    """,
}
TAGGED = """
        select borne.customer_id, null, null, tagged.kind = 'person', 30, borne.tag_id
        from customer_tags as borne
        inner join customers as tagged on tagged.customer_id = borne.customer_id
        where
            borne.tag_id in (select unnest($tags::uuid[]))
            and borne.archived_at is null
            and tagged.archived_at is null
"""
_RANKED = """
    best as (
        select *
        from found
        order by rank
        limit 300
    ),

    ranked as (
        select
            customer_id,
            contact_id,
            deal_id,
            min(rank) as rank,
            list(tag_id::varchar) filter (where tag_id is not null and rank = 30) as tag_keys
        from best
        where not (is_person and customer_id in (select customer_id from best where contact_id is not null and deal_id is null))
        group by customer_id, contact_id, deal_id
    ),
"""
_HITS = """
    hits as (
        select
            customer_id,
            null::uuid as deal_id,
            kind,
            'customers' as noun,
            name,
            concat_ws(' · ', lifecycle_stage, city, (
                select employees.name
                from employees
                where employees.employee_id = customers.owner_id
            )) as detail,
            own,
            ranked.tag_keys,
            ranked.rank
        from customers
        inner join ranked using (customer_id)
        where ranked.contact_id is null and ranked.deal_id is null
        union all
        select
            contacts.customer_id,
            null::uuid as deal_id,
            'contact' as kind,
            'contacts' as noun,
            contacts.name,
            concat_ws(' · ', nullif(customers.name, contacts.name), contacts.email, contacts.phone) as detail,
            contacts.own,
            ranked.tag_keys,
            ranked.rank
        from contacts
        inner join ranked on ranked.contact_id = contacts.contact_id
        inner join customers on customers.customer_id = contacts.customer_id
        where ranked.deal_id is null
        union all
        select
            deals.customer_id,
            deals.deal_id,
            'deal' as kind,
            'deals' as noun,
            deals.name,
            concat_ws(' · ', customers.name, stages.name) as detail,
            deals.own,
            ranked.tag_keys,
            ranked.rank
        from deals
        inner join ranked on ranked.deal_id = deals.deal_id
        left join customers on customers.customer_id = deals.customer_id
        left join stages on stages.stage_id = deals.stage_id
    )

    select * exclude (rank)
    from hits
    order by rank, lower(name), detail
    limit $most
"""
_ALIKE = """
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
            null::uuid as deal_id,
            1 - likeness as rank,
            null::varchar[] as tag_keys
        from names
        where likeness >= $likeness
        order by likeness desc
        limit $most
    ),
"""
