"""The rows of a page's list for a file: all of them, where the page shows one screen, in its columns and its order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd
import pyarrow as pa  # type: ignore[import-untyped]

from crm.queries import customers, timeline
from crm.queries.custom_fields import of_noun, read_sql
from crm.queries.lists import read
from crm.store.session import Session

# A column of the Customers page → what stands in it, in SQL over its summary.
LOCAL = "((summary.last_interaction_at at time zone 'UTC') at time zone $zone)"
CUSTOMERS = {"lifecycle": "summary.lifecycle_stage", "owner": "summary.owner_name", "last": LOCAL}
MOST_LINES = 100_000
LINE = {
    "happened_at": "Happened at",
    "kind": "Kind",
    "customer_name": "Customer",
    "title": "Title",
    "body": "Text",
    "contact_name": "Contact",
    "employee_name": "Employee",
    "amount": "Amount",
}


def of_customers(
    session: Session, columns: Sequence[tuple[str, str]], *, search: str = "", sort: str = "name", **filters: Any
) -> Iterator[pa.RecordBatch]:
    """One row per customer who fits, in the columns (name and heading) of the page."""
    within, values = customers.fitting(session, {"search": search.strip(), **filters})
    fields = {field.argument: read_sql(field, "entry") for field in of_noun(session, "customers")}
    cells = [fields.get(name) or CUSTOMERS.get(name) or f"summary.{_known(name)}" for name, _ in columns]
    own_value, order = customers.ordering(session, sort)
    zone = {"zone": str(session.zone)} if LOCAL in cells else {}
    sql = f"""
        with fits as materialized (
            select
                customer_id,
                search_text,
                created_at as known_at,
                {own_value} as own_value,
            from customers
            where {within}
        )

        select {", ".join(f"{cell} as c{place}" for place, cell in enumerate(cells))}
        from customer_summary as summary
        inner join fits using (customer_id)
        inner join customers as entry using (customer_id)
        order by {order.replace("customer_id", "fits.customer_id").replace("search_text", "fits.search_text")}
    """  # noqa: S608 - fragments of this module and of customers
    return read(session, sql, [heading for _, heading in columns], **values, **zone)


def of_timeline(session: Session, **chosen: Any) -> pd.DataFrame:
    """One row per thing that happened, the latest first, at most a hundred thousand."""
    lines = timeline.of_everyone(session, **chosen, limit=MOST_LINES)
    frame = pd.DataFrame([{name: line.get(name) for name in LINE} for line in lines], columns=list(LINE))
    frame["happened_at"] = [session.local(line["happened_at"]).replace(tzinfo=None) for line in lines]
    return frame.rename(columns=LINE)


def _known(name: str) -> str:
    if not name.isidentifier():
        raise ValueError(f"not a column: {name!r}")
    return name
