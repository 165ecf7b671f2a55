"""Products: what is sold, by its name."""

from __future__ import annotations

from crm.commands.imports import currency
from crm.commands.imports.incoming import Incoming
from crm.commands.imports.lookup import linked
from crm.commands.imports.records import decide, gather, write


def products(incoming: Incoming) -> None:
    """One record per product."""
    linked(incoming)
    columns = {name: name for name in incoming.fields if name not in ("external_id", "currency")}
    if incoming.has("list_price_amount"):
        columns["list_price_amount"] = f"round({currency.worth(incoming, 'list_price_amount')}, 2)"
    gather(incoming, "products", columns, {"name_key(name)": "name_key(entry.name)"}, needs="name")
    decide(incoming, "products")
    write(incoming, "products")
