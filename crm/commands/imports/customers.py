"""Customers: companies and persons. A person is a customer and its one contact at once, and both are written."""

from __future__ import annotations

from crm.commands.imports import currency, lookup, tags
from crm.commands.imports.incoming import Incoming
from crm.commands.imports.records import decide, gather, reject_records, write

RELATIONS = ("external_id", "owner", "parent", "tags", "currency")


def customers(incoming: Incoming) -> None:
    """One record per customer."""
    lookup.owner(incoming)
    lookup.linked(incoming)
    columns = {name: name for name in incoming.fields if name not in RELATIONS}
    columns |= {name: incoming.given(name) for name in ("kind", "lifecycle_stage")}
    columns |= {"owner_id": "owner_id", "parent_id": "null"}
    if incoming.has("annual_revenue_amount"):
        columns["annual_revenue_amount"] = f"round({currency.worth(incoming, 'annual_revenue_amount')}, 2)"
    gather(incoming, "customers", columns, {"name_key(name)": "name_key(entry.name)"}, needs="name")
    _refuse_new_kind(incoming)
    incoming.run("update records set kind = coalesce(kind, 'company'), lifecycle_stage = coalesce(lifecycle_stage, 'customer')")
    _find_parents(incoming)
    tags.find(incoming, "record_id")
    decide(incoming, "customers", also="select customer_id from to_tag union all select customer_id from to_untag")
    _write_made_parents(incoming)
    write(incoming, "customers")
    _write_persons(incoming)
    tags.write(incoming)


def _refuse_new_kind(incoming: Incoming) -> None:
    reject_records(
        incoming,
        "kind",
        """
        select record_id, 'this customer is a ' || customers.kind || ' here: archive it and add another' as reason
        from records
        inner join customers on customers.customer_id = records.record_id
        where customers.kind <> records.kind
        """,
    )


def _find_parents(incoming: Incoming) -> None:
    """Link the parents by name, in the file before the store. Rejecting one may leave another without its parent."""
    if not incoming.has("parent"):
        return
    incoming.run(
        """
        create or replace temp table parents as
        select record_id, arg_max(parent, row_no) as name
        from linked
        inner join matches using (row_no)
        where parent is not null
        group by record_id
        """
    )
    incoming.run("create or replace temp table made_parents (word varchar, name varchar, customer_id uuid)")
    if incoming.options.create_missing:
        _make_parents(incoming)
    while _refuse_unknown_parents(incoming):
        pass
    incoming.run(
        """
        update records
        set parent_id = bearers.customer_id
        from parents
        inner join bearers on bearers.word = name_key(parents.name)
        where parents.record_id = records.record_id
        """
    )


def _make_parents(incoming: Incoming) -> None:
    """Parents that neither the file nor the store knows are companies made on the way."""
    incoming.run(
        """
        insert into made_parents
        select name_key(name), min(name), uuidv7()
        from parents
        where name_key(name) not in (select name_key(name) from records)
        and name_key(name) not in (select name_key(name) from customers where archived_at is null)
        group by name_key(name)
        """
    )


def _write_made_parents(incoming: Incoming) -> None:
    if not incoming.has("parent"):
        return
    made = "select customer_id, name from made_parents where customer_id in (select parent_id from records)"
    if incoming.count(f"select count(*) from ({made})"):  # noqa: S608 - a constant
        incoming.change.insert_from("customers", f"select *, 'company' as kind, 'customer' as lifecycle_stage from ({made})")  # noqa: S608
        incoming.notes.append(f"{incoming.count(f'select count(*) from ({made})'):,} parents made on the way.")  # noqa: S608


def _refuse_unknown_parents(incoming: Incoming) -> int:
    incoming.run(
        """
        create or replace temp table bearers as
        select word, arg_min(customer_id, (place, customer_id)) as customer_id
        from (
            select word, customer_id, 3 as place
            from made_parents
            union all
            select name_key(name) as word, record_id as customer_id, 1 as place
            from records
            union all
            select name_key(name) as word, customer_id, 2 as place
            from customers
            where archived_at is null
        )
        where word in (select name_key(name) from parents)
        group by word
        """
    )
    return reject_records(
        incoming,
        "parent",
        """
        select
            records.record_id,
            case
                when bearers.customer_id is null
                then 'there is no customer “' || parents.name || '”: add it, or correct the name'
                else 'a customer cannot be its own parent'
            end as reason
        from records
        inner join parents using (record_id)
        left join bearers on bearers.word = name_key(parents.name)
        where bearers.customer_id is null or bearers.customer_id = records.record_id
        """,
    )


def _write_persons(incoming: Incoming) -> None:
    """A new person gets its contact; a renamed one is renamed as a contact, too."""
    place = "".join(f", {name}" for name in ("phone", "city", "country") if incoming.has(name))
    if incoming.wrote("contacts", "created", "select count(*) from to_insert where kind = 'person'"):
        incoming.change.insert_from(
            "contacts",
            f"""
            select uuidv7() as contact_id, record_id as customer_id, name, 'unknown' as consent{place}
            from to_insert
            where kind = 'person'
            """,  # noqa: S608 - names come from a constant
        )
    renamed = """
        select contacts.contact_id, to_update.name
        from to_update
        inner join contacts on contacts.customer_id = to_update.record_id
        where to_update.kind = 'person' and contacts.name <> to_update.name
    """
    if incoming.wrote("contacts", "updated", f"select count(*) from ({renamed})"):  # noqa: S608 - a constant
        incoming.change.update_from("contacts", renamed)
