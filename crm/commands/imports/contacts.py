"""Contacts: the humans at a customer. One who is at no company is a customer of their own, a person."""

from __future__ import annotations

from crm.commands.imports import lookup, tags
from crm.commands.imports.customers_of import customer, write_made
from crm.commands.imports.incoming import Incoming
from crm.commands.imports.records import decide, gather, write

# Second addresses and numbers have no field of their own: they are kept in the note, and the parts of a street in the street.
ALSO = {"email_2": "Other e-mail", "email_3": "Other e-mail", "phone_2": "Other phone", "phone_3": "Other phone"}
STREET = ("street_number", "address_line_2")
RELATIONS = ("external_id", "customer", "customer_external_id", "owner", "tags", "name", *ALSO, *STREET)
PLACE = ("phone", "city", "country")
TAGGED = """
    select record_id
    from records
    where customer_id in (select customer_id from to_tag union all select customer_id from to_untag)"""
# Two contacts of one name are one only at the same company, or if both are at none.
STORED_NAME = """
    name_key(entry.name) || '|' || coalesce(
        (select customer_id::varchar from customers where customer_id = entry.customer_id and kind = 'company'),
        ''
    )"""


def contacts(incoming: Incoming) -> None:
    """One record per contact; companies that nobody knows are made on the way."""
    lookup.owner(incoming)
    customer(incoming, make="company", only="company")
    lookup.linked(incoming)
    name = _name(incoming)
    columns = {field: field for field in incoming.fields if field not in RELATIONS}
    columns |= {field: incoming.given(field) for field in ("first_name", "last_name", "email", "consent")}
    columns |= {"name": name, "customer_id": "customer_id", **_joined(incoming)}
    email = incoming.given("email")
    gather(
        incoming,
        "contacts",
        columns,
        {
            f"lower({email})": "lower(entry.email)",
            f"name_key({name}) || '|' || coalesce(customer_id::varchar, '')": STORED_NAME,
        },
        needs="name",
    )
    _settle(incoming)
    tags.find(incoming, "customer_id")
    decide(incoming, "contacts", also=TAGGED)
    _write(incoming)


def _name(incoming: Incoming) -> str:
    """The name in the row: as one, else from its parts, else the address stands for it."""
    parts = f"nullif(trim(concat_ws(' ', {incoming.given('first_name')}, {incoming.given('last_name')})), '')"
    return f"coalesce({incoming.given('name')}, {parts}, {incoming.given('email')})"


def _joined(incoming: Incoming) -> dict[str, str]:
    """The street out of its parts, and the note with the other ways to reach somebody."""
    joined = {}
    if incoming.has(*STREET):
        number, line = (incoming.given(name) for name in STREET)
        first = f"nullif(concat_ws(' ', {number}, {incoming.given('street')}), '')"
        joined["street"] = f"nullif(left(concat_ws(', ', {first}, {line}), 200), '')"
    if incoming.has(*ALSO):
        also = ", ".join(f"'{words}: ' || trim({name})" for name, words in ALSO.items() if incoming.has(name))
        joined["note"] = f"nullif(concat_ws(chr(10), {incoming.given('note')}, {also}), '')"
    return joined


def _settle(incoming: Incoming) -> None:
    """Persons stay their own customer, new ones become one; a name in parts follows its parts."""
    if not incoming.has("name") and incoming.has("first_name", "last_name"):
        parts = "nullif(left(trim(concat_ws(' ', first_name, last_name)), 200), '')"
        incoming.run(f"update records set name = coalesce({parts}, name)")  # noqa: S608 - a constant
    incoming.run("update records set consent = 'unknown' where consent is null")
    incoming.run(
        """
        create or replace temp table records as
        select
            records.* replace (
                coalesce(
                    case when customers.kind = 'person' then customers.customer_id end,
                    records.customer_id,
                    uuidv7()
                ) as customer_id,
                coalesce(case when records.name = records.email then stored.name end, records.name) as name
            ),
            records.customer_id is null as is_person,
            customers.kind = 'person' as was_person,
        from records
        left join contacts as stored on stored.contact_id = records.record_id
        left join customers on customers.customer_id = stored.customer_id
        """
    )
    incoming.run("create or replace temp table persons as select record_id, is_person, was_person from records")
    incoming.run("create or replace temp table records as select * exclude (is_person, was_person) from records")


def _write(incoming: Incoming) -> None:
    """Customers made on the way come first, because contacts refer to them."""
    owned = "min(owner_id)" if incoming.has("owner") else "null::uuid"
    owners = f"""
        select records.customer_id, {owned} as owner_id
        from linked
        inner join matches using (row_no)
        inner join records using (record_id)
        where records.is_new
        group by records.customer_id
    """  # noqa: S608 - one of two constants
    write_made(incoming, "lead", owners)
    place = "".join(f", {field}" for field in PLACE if incoming.has(field))
    if incoming.wrote("persons", "created", "select count(*) from persons where is_person"):
        incoming.change.insert_from(
            "customers",
            f"""
            select customer_id, name, 'person' as kind, 'lead' as lifecycle_stage, owner_id{place}
            from records
            left join made_owners using (customer_id)
            where record_id in (select record_id from persons where is_person)
            """,  # noqa: S608 - names come from a constant
        )
    write(incoming, "contacts")
    renamed = """
        select to_update.customer_id, to_update.name
        from to_update
        inner join customers using (customer_id)
        where record_id in (select record_id from persons where was_person) and customers.name <> to_update.name
    """
    if incoming.wrote("persons", "updated", f"select count(*) from ({renamed})"):  # noqa: S608 - a constant
        incoming.change.update_from("customers", renamed)
    tags.write(incoming)
