"""Tags in a cell, separated by commas, semicolons or bars; new ones are made on the way."""

from __future__ import annotations

from crm.commands.imports.incoming import Incoming


def find(incoming: Incoming, customer: str) -> None:
    """Make `to_tag` and `to_untag`: the tags that customers do not have yet, and those that a `\\N` takes from them.

    `customer` is the column of `records` with their key.
    """
    incoming.run("create or replace temp table to_tag (customer_id uuid, tag_id uuid, name varchar, is_made boolean)")
    incoming.run("create or replace temp table to_untag (customer_tag_id uuid, customer_id uuid)")
    if incoming.has("tags"):
        _find_emptied(incoming, customer)
        _find_new(incoming, customer)


def _find_emptied(incoming: Incoming, customer: str) -> None:
    incoming.run(
        f"""
        insert into to_untag
        select customer_tag_id, customer_id
        from customer_tags
        where archived_at is null and customer_id in (
            select records.{customer}
            from clears
            inner join matches using (row_no)
            inner join records using (record_id)
            where clears.field = 'tags'
        )
        """  # noqa: S608 - one of two constants
    )


def _find_new(incoming: Incoming, customer: str) -> None:
    incoming.run(
        f"""
        create or replace temp table to_tag as
        with cells as (
            select distinct records.{customer} as customer_id, unnest(regexp_split_to_array(linked.tags, '[,;|]')) as cell
            from linked
            inner join matches using (row_no)
            inner join records using (record_id)
            where linked.tags is not null
        ),

        worn as (
            select distinct on (customer_id, lower(trim(cell))) customer_id, trim(cell) as name
            from cells
            where trim(cell) <> ''
        ),

        named as (
            select worn.name, any_value(tags.tag_id) as known_id
            from worn
            left join tags on lower(tags.name) = lower(worn.name) and tags.archived_at is null
            group by worn.name
        ),

        keyed as materialized (
            select
                lower(name) as word,
                min(name) as name,
                coalesce(any_value(known_id), uuidv7()) as tag_id,
                any_value(known_id) is null as is_made,
            from named
            group by lower(name)
        )

        select worn.customer_id, keyed.tag_id, keyed.name, keyed.is_made
        from worn
        inner join keyed on keyed.word = lower(worn.name)
        where (worn.customer_id, keyed.tag_id) not in (
            select (customer_id, tag_id) from customer_tags where archived_at is null
        )
        """  # noqa: S608 - one of two constants
    )


def write(incoming: Incoming) -> None:
    """Take tags off, add the new ones, then who wears which."""
    if incoming.wrote("customer tags", "archived", "select count(*) from to_untag"):
        off = "select customer_tag_id, $now::timestamp as archived_at from to_untag"
        incoming.change.update_from("customer_tags", off, now=incoming.session.now)
    if incoming.wrote("tags", "created", "select count(distinct tag_id) from to_tag where is_made"):
        incoming.change.insert_from("tags", "select distinct tag_id, name from to_tag where is_made")
    if incoming.wrote("customer tags", "created", "select count(*) from to_tag"):
        incoming.change.insert_from("customer_tags", "select customer_id, tag_id from to_tag")
