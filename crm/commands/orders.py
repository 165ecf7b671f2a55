"""Enter purchases that happened, and correct them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from crm.commands import checks
from crm.commands.checks import Saved
from crm.commands.own_values import checked_with_own
from crm.store.session import Session

CHECKS: dict[str, checks.Check] = {
    **dict.fromkeys(("customer_id", "contact_id", "deal_id", "product_id"), checks.key),
    "amount": checks.money(least=None),
    "ordered_at": checks.instant,
    "number": checks.LINE,
    "channel": checks.LINE,
    "item_count": checks.whole(-1_000_000, 1_000_000),
    "note": checks.NOTE,
}


def add_order(session: Session, **fields: Any) -> Saved:
    """Enter a purchase; a return has a negative amount."""
    values = checked_with_own(session, "orders", fields, CHECKS, {"amount", "customer_id"})
    values["ordered_at"] = values.get("ordered_at") or session.now
    with session.change(f"Add order {values.get('number') or values['amount']}") as change:
        key = change.insert("orders", **values)
    return Saved.of(key, change)


def edit_order(session: Session, order_id: UUID, *, version: UUID | None = None, **fields: Any) -> Saved:
    """Correct a purchase."""
    values = checked_with_own(session, "orders", fields, CHECKS, {"amount", "customer_id", "ordered_at"} & set(fields))
    with session.change("Correct an order") as change:
        change.update("orders", order_id, version=version, **values)
    return Saved.of(checks.key(order_id, "Order"), change)
