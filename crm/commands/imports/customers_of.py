"""Whose row is it? The customer by external id, else by name; where the kind allows it, one made on the way."""

from __future__ import annotations

from crm.commands.imports.incoming import Incoming, quoted

UNKNOWN = "words.customer_id is null"


def customer(
    incoming: Incoming,
    *,
    make: str | None = None,
    even_unnumbered: bool = True,
    only: str | None = None,
    country: str = "null::varchar",
) -> None:
    """Link rows to customers in `customer_of`. An unknown one is made as a `make` (company or person), else rejects the row;
    with --create-missing every kind makes companies.

    Without `even_unnumbered` only customers with an id are made: a bare name may be a typing error. Names mean customers of
    the kind `only`, if that is given: a contact's company is no person of the same name.
    """
    search(incoming, only=only, country=country)
    if make or incoming.options.create_missing:
        _make(incoming, make or "company", even_unnumbered or incoming.options.create_missing)
    _spread(incoming)
    _refuse(incoming)
    incoming.link("customer_id", "customer_of.customer_id", "left join customer_of on customer_of.row_no = typed.row_no")


def search(incoming: Incoming, *, only: str | None = None, country: str = "null::varchar") -> None:
    """Make `words`, and find the customer that each means, if one is known."""
    _words(incoming, country)
    _by_external_id(incoming)
    _by_name(incoming, only)


def _words(incoming: Incoming, country: str) -> None:
    """Make `words`: each customer that the file names, once: by id where it gives one, else by name."""
    key, name = incoming.given("customer_external_id"), incoming.given("customer")
    incoming.run(
        f"""
        create or replace temp table words as
        select
            row_number() over () as word_no,
            {key} as external_id,
            case when {key} is null then name_key({name}) end as name_word,
            arg_min({name}, row_no) as name,
            case when min({country}) = max({country}) then min({country}) end as country,
            null::uuid as customer_id,
            0 as bearers,
            null::varchar as made_as,
        from typed
        where coalesce({key}, {name}) is not null
        group by {key}, case when {key} is null then name_key({name}) end
        """  # noqa: S608 - names come from fields.py
    )


def _by_external_id(incoming: Incoming) -> None:
    """Ids of the file's own source first; one that only another source has is meant, too."""
    _settle(
        incoming,
        """
        select
            word_no,
            customers.customer_id,
            (customers.archived_at is not null, customers.source is distinct from $source) as place,
        from words
        inner join customers on customers.external_id = words.external_id
        union all
        select word_no, customers.customer_id, (customers.archived_at is not null, false) as place
        from words
        inner join customers on customers.customer_id = try_cast(words.external_id as uuid)
        """,
        source=incoming.customer_source,
    )
    incoming.run(
        """
        update words
        set customer_id = merged_into.winner_id
        from merged_into
        where merged_into.noun = 'customers' and merged_into.loser_id = words.customer_id
        """
    )


def _by_name(incoming: Incoming, only: str | None) -> None:
    """A name means who bears it; an unknown id falls back on its name only where no other id and no other customer has it."""
    whom = "customers.kind = $only" if only else "true"
    values = {"only": only} if only else {}
    named = f"""
        select word_no, customers.customer_id, customers.archived_at is not null as place
        from words
        inner join customers on name_key(customers.name) = name_key(words.name)
        where {UNKNOWN} and {whom}
    """  # noqa: S608 - constants of this module
    _settle(incoming, f"{named} and words.external_id is null", **values)
    alone = """
        words.external_id is not null
        and customers.external_id is null
        and name_key(words.name) in (
            select name_key(name)
            from words
            where external_id is not null
            group by name_key(name)
            having count(*) = 1
        )
    """
    _settle(incoming, f"select * from ({named} and {alone}) qualify count(*) over (partition by word_no) = 1", **values)  # noqa: S608


def _settle(incoming: Incoming, candidates: str, **values: str | None) -> None:
    """Give each word the best of its candidates (word_no, customer_id, place) and how many are as good."""
    incoming.run(
        f"""
        update words
        set customer_id = found.customer_id, bearers = found.bearers
        from (
            select word_no, min(customer_id) as customer_id, count(*) as bearers
            from (
                select *, dense_rank() over (partition by word_no order by place) as best
                from ({candidates})
            )
            where best = 1
            group by word_no
        ) as found
        where found.word_no = words.word_no
        """,  # noqa: S608 - the candidates are constants of this module
        **values,
    )


def _make(incoming: Incoming, kind: str, even_unnumbered: bool) -> None:
    """Give unknown customers a key; a bare name is the customer to whom the same file gives an id."""
    make = "update words set customer_id = uuidv7(), bearers = 1, made_as = $kind where customer_id is null"
    incoming.run(f"{make} and external_id is not null", kind=kind)
    _settle(
        incoming,
        """
        select words.word_no, twins.customer_id, twins.word_no as place
        from words
        inner join words as twins on name_key(twins.name) = words.name_word and twins.external_id is not null
        where words.customer_id is null
        """,
    )
    if even_unnumbered:
        incoming.run(make, kind=kind)


def _spread(incoming: Incoming) -> None:
    """Make `customer_of`: the customer of each row."""
    key, name = incoming.given("customer_external_id"), incoming.given("customer")
    incoming.run(
        f"""
        create or replace temp table customer_of as
        select row_no, case when bearers = 1 then customer_id end as customer_id, bearers
        from typed
        inner join words
            on words.external_id is not distinct from {key}
            and words.name_word is not distinct from (case when {key} is null then name_key({name}) end)
        """  # noqa: S608 - names come from fields.py
    )


def _refuse(incoming: Incoming) -> None:
    """Reject the rows of customers that nobody knows, or that several could be."""
    named = f"coalesce({incoming.given('customer')}, {incoming.given('customer_external_id')})"
    incoming.reject(
        "customer" if incoming.has("customer") else "customer_external_id",
        f"""
        select
            row_no,
            case
                when bearers > 1 then bearers || ' customers are called ' || {quoted(named)} || ': give the id of one'
                else 'there is no customer ' || {quoted(named)} || ': add it first, or correct the name'
            end as reason
        from typed
        inner join customer_of using (row_no)
        where bearers <> 1
        """,  # noqa: S608 - names come from fields.py
    )


def write_made(incoming: Incoming, lifecycle_stage: str, owners: str = "") -> None:
    """Add the customers made on the way that a record really stands under; `owners` (customer_id, owner_id) are responsible."""
    incoming.run(
        f"create or replace temp table made_owners as {owners or 'select null::uuid as customer_id, null::uuid as owner_id'}"
    )
    made = """
        select
            customer_id,
            coalesce(name, 'Customer ' || external_id) as name,
            made_as as kind,
            country,
            external_id,
            owner_id,
        from words
        left join made_owners using (customer_id)
        where made_as is not null and customer_id in (select customer_id from records)
    """
    if incoming.wrote("customers", "created", f"select count(*) from ({made})"):  # noqa: S608 - a constant
        incoming.change.insert_from(
            "customers",
            f"""
            select
                *,
                $lifecycle_stage as lifecycle_stage,
                case when external_id is not null then $source end as source,
            from ({made})
            """,  # noqa: S608 - a constant
            lifecycle_stage=lifecycle_stage,
            source=incoming.customer_source,
        )
