"""Deals: one possible sale each. Its stage decides what its close date means, and every new stage is kept in its history.

A deal that has no name is called after its product and customer, else by its id. One that has neither a name nor an id is
known again by its cells.
"""

from __future__ import annotations

from crm.commands.imports import currency, lookup, stages
from crm.commands.imports.customers_of import customer, write_made
from crm.commands.imports.hashing import CELLS_HASH
from crm.commands.imports.incoming import Incoming
from crm.commands.imports.records import decide, gather, reject_records, write

NAMED = "{0} || '|' || coalesce({1}::varchar, '')"


def deals(incoming: Incoming) -> None:
    """One record per deal, and one stage change for each new stage."""
    _refuse_negative(incoming)
    lookup.owner(incoming)
    lookup.product(incoming)
    customer(incoming)
    lookup.contact(incoming)
    stages.find(incoming)
    lookup.linked(incoming)
    _gather(incoming)
    _settle(incoming)
    decide(incoming, "deals")
    stages.write(incoming)
    if incoming.options.create_missing:
        write_made(incoming, "prospect")
    write(incoming, "deals")
    _write_stage_changes(incoming)
    incoming.note(
        "select count(*) from fates inner join matches using (row_no) inner join records using (record_id) "
        "where records.customer_id is null",
        "{:,} deals stand under no customer.",
    )


def _refuse_negative(incoming: Incoming) -> None:
    if incoming.has("amount"):
        negative = "select row_no, amount || ' is negative: a deal brings 0 or more' as reason from typed where amount < 0"
        incoming.reject("amount", negative)


def _gather(incoming: Incoming) -> None:
    columns = {name: name for name in ("customer_id", "contact_id", "owner_id", "product_id", "stage_id")}
    columns |= {name: incoming.given(name) for name in ("name", "opened_on", "lost_reason", "note")}
    close, expected = (incoming.given(name, "null::date") for name in ("closed_on", "expected_close_on"))
    columns["closed_on"] = f"case when outcome is distinct from 'open' then {close} end"
    columns["expected_close_on"] = f"coalesce({expected}, case when outcome = 'open' then {close} end)"
    amount = incoming.given("amount", "null::decimal(14, 2)")
    columns["amount"] = "case when outcome = 'lost' then nullif({0}, 0) else {0} end".format(
        f"round({currency.worth(incoming, amount)}, 2)"
    )
    columns["original_amount"] = currency.original(incoming, amount)
    name = incoming.given("name")
    gather(
        incoming,
        "deals",
        columns,
        {NAMED.format(f"name_key({name})", "customer_id"): NAMED.format("name_key(entry.name)", "entry.customer_id")},
        needs="stage_id",
        external_id=f"coalesce({incoming.given('external_id')}, case when {name} is null then {CELLS_HASH} end)",
    )


def _settle(incoming: Incoming) -> None:
    """Let the stage say what the close date means, and give a new deal a name."""
    incoming.run(
        """
        create or replace temp table records as
        with outcomes as (
            select stage_id, outcome from stages
            union all
            select stage_id, outcome from stage_words where is_made
        )

        select
            records.* replace (
                case when outcomes.outcome <> 'open' then records.closed_on end as closed_on,
                case
                    when outcomes.outcome = 'open' and stored.closed_on is null
                    then coalesce(records.closed_on, records.expected_close_on)
                    else records.expected_close_on
                end as expected_close_on,
                coalesce(
                    records.name,
                    nullif(left(concat_ws(' – ', products.name, customers.name), 200), ''),
                    records.external_id
                ) as name
            ),
            outcomes.outcome,
            stored.stage_id as old_stage_id,
        from records
        inner join outcomes using (stage_id)
        left join deals as stored on stored.deal_id = records.record_id
        left join products on products.product_id = records.product_id
        left join customers on customers.customer_id = records.customer_id
        """
    )
    reject_records(
        incoming,
        "closed_on",
        """
        select record_id, 'is missing: a won or lost deal needs the day on which it closed' as reason
        from records
        where outcome <> 'open' and closed_on is null
        """,
    )
    # When a deal without any date came to its stage nobody knows: it has no stage change, and so no place on the timeline.
    incoming.run(
        """
        create or replace temp table moves as
        select
            record_id as deal_id,
            old_stage_id as from_stage_id,
            stage_id as to_stage_id,
            case
                when outcome <> 'open' then day_start(closed_on)
                when is_new and opened_on is not null then day_start(opened_on)
                else $now::timestamp
            end as changed_at,
        from records
        where stage_id is distinct from old_stage_id and not (is_new and outcome = 'open' and opened_on is null)
        order by changed_at
        """,
        now=incoming.session.now,
    )
    incoming.run("create or replace temp table records as select * exclude (outcome, old_stage_id) from records")


def _write_stage_changes(incoming: Incoming) -> None:
    if incoming.wrote("stage changes", "created", "select count(*) from moves"):
        incoming.change.insert_from("stage_changes", "select * from moves")
