"""Find the records that cells name: owners, products, customers, contacts, deals. By their id, then by their name.

Names are looked up once each, not once a row. One that is unknown, or that several records bear, rejects its rows: a deal
booked to the wrong customer is worse than a row to be sent again.
"""

from __future__ import annotations

from crm.commands.imports.incoming import Incoming, quoted
from crm.store.rules import key_of

Keys = tuple[tuple[str, str], ...]

# how a cell is compared → with what of the stored record; the first that fits wins
BY_NAME: Keys = (("name_key({0})", "name_key(name)"),)
EMPLOYEES: Keys = (
    ("trim({0})", "employee_id::varchar"),
    ("name_key({0})", "lower(email)"),
    *BY_NAME,
    ("trim({0})", "external_id"),
)
PRODUCTS: Keys = (
    ("trim({0})", "product_id::varchar"),
    ("trim({0})", "external_id"),
    *BY_NAME,
    ("loose_key({0})", "loose_key(name)"),
)
DEALS: Keys = (("trim({0})", "deal_id::varchar"), ("trim({0})", "external_id"), *BY_NAME)
TEAMS: Keys = BY_NAME
OBJECTIVES: Keys = BY_NAME
# What can be made on the way from its name: the role that may, and the other columns that it needs.
MADE = {
    "employees": (
        "admin",
        ", 'member' as role, case when contains(min({0}.word), '@') then lower(trim(min({0}.word))) end as email",
    ),
    "products": ("manager", ""),
    "objectives": ("leader", ""),
}


def find(incoming: Incoming, name: str, table: str, keys: Keys, column: str, *, must: bool = True) -> None:
    """Link the field `name` to the records of `table`; an unknown one rejects its row unless it need not be known."""
    if not incoming.has(name):
        incoming.link(column, "null::uuid", "")
        return
    search(incoming, name, table, keys)
    if incoming.options.create_missing and must:
        _make(incoming, name, table)
    incoming.link(column, f"{name}_found.record_id", f"left join {name}_found on {name}_found.word = typed.{name}")
    if must:
        _refuse_unknown(incoming, name, table)


def search(incoming: Incoming, name: str, table: str, keys: Keys) -> None:
    """Make `<name>_found`: word, the record it means, and how many it could mean."""
    attempts = " union all ".join(
        f"""
        select words.word, {key_of(table)} as record_id, archived_at is not null as is_archived, {rank} as rank
        from words
        inner join {table} on {stored} = {given.format("words.word")}
        """  # noqa: S608 - names and keys are constants of this package
        for rank, (given, stored) in enumerate(keys)
    )
    incoming.run(
        f"""
        create or replace temp table {name}_found as
        with words as (
            select distinct {name} as word
            from typed
            where {name} is not null
        ),

        candidates as (
            select *, dense_rank() over (partition by word order by is_archived, rank) as place
            from ({attempts})
        )

        select word, min(record_id) as record_id, count(distinct record_id) as bearers, false as is_made
        from candidates
        where place = 1
        group by word
        """  # noqa: S608 - names and keys are constants of this package
    )


def _make(incoming: Incoming, name: str, table: str) -> None:
    """Give unknown names a key; `write_made` adds those that a record then needs."""
    if table not in MADE or not incoming.session.may(MADE[table][0]):
        return
    incoming.run(
        f"""
        insert into {name}_found
        with unknown as materialized (
            select name_key({name}) as word, uuidv7() as record_id
            from typed
            where {name} is not null and {name} not in (select word from {name}_found)
            group by name_key({name})
        )

        select distinct typed.{name}, unknown.record_id, 1, true
        from typed
        inner join unknown on unknown.word = name_key(typed.{name})
        where typed.{name} not in (select word from {name}_found)
        """  # noqa: S608 - names are constants of this package
    )
    incoming.made[name] = table


def write_made(incoming: Incoming) -> None:
    """Add what was made on the way and a record that stands refers to: an owner, a product, an objective."""
    for name, table in incoming.made.items():
        more = MADE[table][1].format(f"{name}_found")
        made = f"""
            select any_value({name}_found.record_id) as {key_of(table)}, trim(min({name}_found.word)) as name{more}
            from linked
            inner join matches using (row_no)
            inner join records using (record_id)
            inner join {name}_found on {name}_found.word = linked.{name} and {name}_found.is_made
            group by name_key({name}_found.word)
        """  # noqa: S608 - names are constants of this package
        if incoming.wrote(table, "created", f"select count(*) from ({made})"):  # noqa: S608
            incoming.change.insert_from(table, made)


def _refuse_unknown(incoming: Incoming, name: str, table: str) -> None:
    noun = key_of(table).removesuffix("_id")
    incoming.reject(
        name,
        f"""
        select
            row_no,
            case
                when bearers > 1 then bearers || ' {table} are called ' || {quoted(name)} || ': give an id that only one has'
                else 'there is no {noun} ' || {quoted(name)} || ': add it first, or correct the name'
            end as reason
        from typed
        left join {name}_found on {name}_found.word = typed.{name}
        where {name} is not null and (bearers is null or bearers > 1)
        """,  # noqa: S608 - names are constants of this package
    )


def owner(incoming: Incoming, column: str = "owner_id") -> None:
    """The employee responsible, by e-mail or name."""
    find(incoming, "owner", "employees", EMPLOYEES, column)


def complaint_owner(incoming: Incoming) -> None:
    """The employee who answers a complaint."""
    find(incoming, "complaint_owner", "employees", EMPLOYEES, "owner_id")


def product(incoming: Incoming, field: str = "product", *, must: bool = True) -> None:
    """The product, by code or name; one that differs in case, spaces or punctuation alone is meant, and said."""
    find(incoming, field, "products", PRODUCTS, "product_id", must=must)
    if not incoming.has(field):
        return
    corrected = incoming.rows(
        f"""
        select {field}, any_value(products.name), count(*)
        from typed
        inner join {field}_found on {field}_found.word = typed.{field}
        inner join products on products.product_id = {field}_found.record_id
        where name_key({field}) <> name_key(products.name) and trim({field}) is distinct from products.external_id
        group by {field}
        order by count(*) desc, {field}
        """  # noqa: S608 - names come from fields.py
    )
    for given, name, count in corrected:
        incoming.notes.append(f"{count:,} “{given[:60]}” corrected to “{name}”.")


def deal(incoming: Incoming) -> None:
    """The deal, by id or name."""
    find(incoming, "deal", "deals", DEALS, "deal_id")


def objective(incoming: Incoming) -> None:
    """The objective that a goal serves, by its name."""
    find(incoming, "objective", "objectives", OBJECTIVES, "objective_id")


def contact(incoming: Incoming) -> None:
    """The contact, by e-mail, else by name at the customer; it brings its customer where the row names none."""
    if not incoming.has("contact", "contact_email"):
        incoming.link("contact_id", "null::uuid", "")
        return
    incoming.run(
        f"""
        create or replace temp table contact_found as
        with wanted as (
            select
                row_no,
                lower(trim({incoming.given("contact_email")})) as email,
                name_key({incoming.given("contact")}) as name,
                customer_of.customer_id,
            from typed
            left join customer_of using (row_no)
        ),

        found as (
            select wanted.row_no, contacts.contact_id, contacts.customer_id, 1 as rank
            from wanted
            inner join contacts on lower(contacts.email) = wanted.email and contacts.archived_at is null
            where contacts.customer_id = coalesce(wanted.customer_id, contacts.customer_id)
            union all
            select wanted.row_no, contacts.contact_id, contacts.customer_id, 2 as rank
            from wanted
            inner join contacts on contacts.customer_id = wanted.customer_id and contacts.archived_at is null
            where name_key(contacts.name) = wanted.name
        )

        select
            row_no,
            arg_min(contact_id, (rank, contact_id)) as contact_id,
            arg_min(customer_id, (rank, contact_id)) as customer_id,
        from found
        group by row_no
        """  # noqa: S608 - names come from fields.py
    )
    incoming.link("contact_id", "contact_found.contact_id", "left join contact_found on contact_found.row_no = typed.row_no")
    incoming.links["customer_id"] = (
        "coalesce(customer_of.customer_id, contact_found.customer_id)",
        incoming.links["customer_id"][1],
    )
    _say_unknown_contacts(incoming)


def _say_unknown_contacts(incoming: Incoming) -> None:
    """A contact that nobody knows rejects its row only where nothing else says whose it is."""
    name = "contact_email" if incoming.has("contact_email") else "contact"
    named = "coalesce(" + ", ".join(field for field in ("contact_email", "contact") if incoming.has(field)) + ")"
    unknown = f"""
        from typed
        left join customer_of using (row_no)
        left join contact_found using (row_no)
        where {named} is not null and contact_found.contact_id is null
    """
    incoming.reject(
        name,
        f"""
        select row_no, 'there is no contact ' || {quoted(named)} || ': add it first, or name the customer' as reason
        {unknown} and customer_of.customer_id is null
        """,
    )
    number = incoming.count(f"select count(*) {unknown} and customer_of.customer_id is not null")
    if number:
        incoming.notes.append(f"{number:,} rows name a contact that is not known: they stand under the customer alone.")


def linked(incoming: Incoming) -> None:
    """Make `linked`: the rows that have no fault, with the keys found for them. Rows without a single cell are left out."""
    found = "".join(f", {expression} as {column}" for column, (expression, _) in incoming.links.items())
    joins = " ".join(dict.fromkeys(join for _, join in incoming.links.values()))
    given = ", ".join(f"typed.{name}" for name in incoming.fields)
    filled = " or ".join(f"typed.{name} is not null" for name in incoming.fields)
    incoming.report(0.5, f"Match {incoming.kind}")
    incoming.run(
        f"""
        create or replace temp table linked as
        select typed.row_no, {given}{found}
        from typed
        {joins}
        where typed.row_no not in (select row_no from faults) and ({filled} or typed.row_no in (select row_no from clears))
        """  # noqa: S608 - names come from fields.py
    )
    incoming.run("drop table texts")
    incoming.run("drop table typed")
