"""Contacts: when two of them are one human."""

from __future__ import annotations

from crm.queries.likeness.model import (
    ALIKE,
    DAY_AND_MONTH,
    DAY_DIGIT,
    DAY_DIGITS,
    DIGIT,
    INSIDE,
    MAILBOX,
    PART,
    TYPO,
    Comparison,
    Kind,
)

ROWS = r"""
    with
    known as (
        select
            contacts.*,
            customers.kind,
            concat_ws(' ', contacts.first_name, contacts.last_name) = contacts.name as has_parts,
        from contacts
        inner join customers on customers.customer_id = contacts.customer_id
        where contacts.archived_at is null and customers.archived_at is null
    ),

    -- The parts of a name count while they still say what the name says: a form asks for the name alone.
    bare as (
        select
            contact_id as record_id,
            has_parts,
            case when has_parts then bare_words(first_name) end as first_word,
            case when has_parts then bare_words(last_name) end as last_word,
            case when not has_parts then whole_name(name) end as whole,
            bare_words(street) as street,
            bare_words(city) as city,
            replace(bare_words(postcode), ' ', '') as postcode,
            strftime(born_on, '%Y%m%d') as born,
            email_key as email,
            phone_key as phone,
            case when kind = 'company' then customer_id end as company,
            given_key,
            family_key,
        from known
    ),

    named as (
        select
            * exclude (has_parts, first_word, last_word, whole, street),
            case when has_parts then first_word else nullif(trim(left(whole, -length(split_part(whole, ' ', -1)))), '') end
                as given,
            case when has_parts then last_word else nullif(split_part(whole, ' ', -1), '') end as family,
            nullif(regexp_extract(street, '\d+'), '') as house,
            single_spaced(translate(street, '0123456789', '')) as road,
        from bare
    )

    select
        *,
        case when given < family then given || ' ' || family else family || ' ' || given end as both_names,
        left(born, 4) as birth_year,
    from named
"""

PEOPLE = Kind(
    table="contacts",
    rows=ROWS,
    comparisons=(
        Comparison("given", "first name", ((TYPO, PART), (ALIKE,)), (0.80, 0.10, 0.04, 0.06), usual=0.005),
        Comparison("family", "last name", ((TYPO, PART), (ALIKE,)), (0.80, 0.12, 0.03, 0.05), (0.50, 0.06, 0.03, 0.41)),
        Comparison("born", "birthday", ((DAY_DIGIT, DAY_AND_MONTH), (DAY_DIGITS,)), (0.85, 0.07, 0.03, 0.05), usual=0.00005),
        Comparison("postcode", "postcode", ((DIGIT,),), (0.85, 0.08, 0.07), (0.85, 0.05, 0.10)),
        Comparison("city", "city", ((TYPO,),), (0.80, 0.10, 0.10), (0.80, 0.08, 0.12), usual=0.01),
        Comparison("house", "house number", ((INSIDE, DIGIT),), (0.80, 0.10, 0.10), (0.75, 0.05, 0.20), usual=0.01),
        Comparison("road", "street", ((TYPO,), (ALIKE,)), (0.70, 0.15, 0.07, 0.08), (0.70, 0.10, 0.05, 0.15)),
        Comparison("email", "e-mail", ((MAILBOX,),), (0.70, 0.08, 0.22), (0.006, 0.02, 0.974), usual=1e-6, rarest=0.01),
        Comparison("phone", "phone", (), (0.60, 0.40), (0.40, 0.60), usual=1e-5, rarest=0.1),
        Comparison("company", "company", (), (0.80, 0.20), (0.60, 0.40)),
    ),
    alone=(("email",), ("phone",), ("company", "given"), ("company", "family")),
    blocks=(
        ("both_names",),
        ("born",),
        ("family",),
        ("road",),
        ("given_key",),
        ("family_key",),
        ("family", "postcode"),
        ("given", "postcode"),
        ("family", "city"),
        ("given", "city"),
        ("road", "house"),
        ("road", "city"),
        ("road", "postcode"),
        ("given", "birth_year"),
        ("family", "birth_year"),
        ("house", "postcode"),
        ("house", "city"),
        ("given", "house"),
        ("family", "house"),
    ),
    signature=("given", "family", "born", "postcode", "city", "house", "road", "email"),
    together=(("given", "family"), ("postcode", "city")),
    one_fact=("postcode", "city"),
    swapped=("given", "family"),
)
