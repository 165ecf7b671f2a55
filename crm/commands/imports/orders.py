"""Orders: purchases that happened. Several lines of one invoice are one order, rounded once; returns count negative.

An order with a line that cannot be read is rejected with all its lines: a part of an invoice would be a wrong amount.
"""

from __future__ import annotations

from crm.commands.imports import currency, lookup
from crm.commands.imports.customers_of import customer, write_made
from crm.commands.imports.hashing import CELLS_HASH
from crm.commands.imports.incoming import Incoming
from crm.commands.imports.records import decide, gather, reject_records, require, write

PRODUCT = "product_external_id"
ORIGINAL = "split_part(original_amount, ' ', {0})"
FOLDS = {
    # Only where all lines are in one other currency: "12.50 EUR".
    "original_amount": f"""
        case
            when count(original_amount) = count(*) and count(distinct {ORIGINAL.format(2)}) = 1
            then round(sum({ORIGINAL.format(1)}::decimal(38, 6)), 2) || ' ' || min({ORIGINAL.format(2)})
        end""",
    "amount": "round(sum(amount), 2)",
    "ordered_at": "min(ordered_at)",
    "item_count": "case when abs(sum(item_count)) < 2147483648 then sum(item_count) end",
    "product_id": "case when count(distinct product_id) = 1 and count(product_id) = count(*) then min(product_id) end",
}


def orders(incoming: Incoming) -> None:
    """One record per order."""
    number = f"coalesce({incoming.given('external_id')}, {incoming.given('number')})"
    lookup.product(incoming, PRODUCT if incoming.has(PRODUCT) else "product", must=False)
    customer(incoming, make="company", even_unnumbered=False, country=incoming.given("country"))
    lookup.contact(incoming)
    lookup.deal(incoming)
    _reject_whole(incoming, number)
    lookup.linked(incoming)
    columns = {name: incoming.given(name) for name in ("number", "channel", "note")}
    columns |= {name: name for name in ("customer_id", "contact_id", "deal_id", "product_id")}
    columns |= {"ordered_at": "ordered_at", "amount": currency.worth(incoming, _amount(incoming)), "item_count": _items(incoming)}
    columns["original_amount"] = currency.original(incoming, _amount(incoming))
    external_id = f"coalesce({number}, {CELLS_HASH})"
    gather(incoming, "orders", columns, {}, needs="ordered_at", external_id=external_id, folds=FOLDS, exact="amount")
    require(incoming, "amount", "amount" if incoming.has("amount") else "unit_price")
    too_much = "select record_id, 'an order of ' || amount || ' does not fit' as reason from records where abs(amount) >= 1e12"
    reject_records(incoming, "amount" if incoming.has("amount") else "unit_price", too_much)
    decide(incoming, "orders")
    write_made(incoming, "customer")
    write(incoming, "orders")
    _say(incoming)


def _amount(incoming: Incoming) -> str:
    """What a line is worth, unrounded: quantity × price where it has both, else its amount."""
    priced = f"{incoming.given('quantity', '1')} * {incoming.given('unit_price', 'null::decimal(18, 6)')}"
    return f"coalesce({priced}, {incoming.given('amount', 'null::decimal(14, 2)')})"


def _items(incoming: Incoming) -> str:
    quantity = f"case when abs({incoming.given('quantity', 'null::decimal(18, 6)')}) < 1e9 then round(quantity)::integer end"
    return incoming.given("item_count", quantity if incoming.has("quantity") else "null::integer")


def _reject_whole(incoming: Incoming, number: str) -> None:
    """Reject the other lines of an order of which one is rejected."""
    incoming.reject(
        None,
        f"""
        with bad as (
            select {number} as word, min(line) as first_line
            from typed
            where row_no in (select row_no from faults) and {number} is not null
            group by {number}
        )

        select row_no, 'line ' || first_line || ' of the same order is rejected' as reason
        from typed
        inner join bad on word = {number}
        where row_no not in (select row_no from faults)
        """,  # noqa: S608 - names come from fields.py
    )


def _say(incoming: Incoming) -> None:
    lines = incoming.count("select count(*) from matches where record_id in (select record_id from records)")
    number = incoming.count("select count(*) from records")
    if lines != number:
        incoming.notes.append(f"{lines:,} lines folded into {number:,} orders.")
    incoming.note("select count(*) from records where customer_id is null", "{:,} orders stand under no customer.")
    product = incoming.given(PRODUCT, incoming.given("product"))
    incoming.note(
        f"select count(*) from linked where {product} is not null and product_id is null",  # noqa: S608 - a field's name
        "{:,} lines name a product that is not known: their orders stand without one.",
    )
