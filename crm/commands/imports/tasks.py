"""Tasks: what is to be done, known again by title, customer and day."""

from __future__ import annotations

from crm.commands.imports import lookup
from crm.commands.imports.customers_of import customer, write_made
from crm.commands.imports.incoming import Incoming
from crm.commands.imports.records import decide, gather, write

KEY = "{0} || '|' || coalesce({1}::varchar, '') || '|' || coalesce({2}::varchar, '')"


def tasks(incoming: Incoming) -> None:
    """One record per task."""
    lookup.owner(incoming)
    customer(incoming)
    lookup.contact(incoming)
    lookup.deal(incoming)
    lookup.linked(incoming)
    due = incoming.given("due_on", "null::date")
    columns = {name: name for name in ("customer_id", "contact_id", "deal_id", "owner_id", "title")}
    columns |= {name: incoming.given(name) for name in ("note", "repeat_every")}
    columns |= {"due_on": due, "done_at": incoming.given("done_at", "null::timestamp")}
    key = KEY.format("name_key(title)", "customer_id", due)
    stored = KEY.format("name_key(entry.title)", "entry.customer_id", "entry.due_on")
    gather(incoming, "tasks", columns, {key: stored}, needs="title")
    decide(incoming, "tasks")
    if incoming.options.create_missing:
        write_made(incoming, "lead")
    write(incoming, "tasks")
