"""Add, change and put aside what we sell."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from crm.commands import checks
from crm.commands.checks import Saved
from crm.commands.namesakes import refuse_namesake
from crm.commands.own_values import checked_with_own
from crm.store.session import Session

CHECKS: dict[str, checks.Check] = {
    "name": checks.NAME,
    "category": checks.LINE,
    "list_price_amount": checks.money(),
}


def add_product(session: Session, **fields: Any) -> Saved:
    """Add something we sell; its list price stands in for deals without an amount."""
    values = checked_with_own(session, "products", fields, CHECKS, {"name"})
    refuse_namesake(session, "products", values)
    with session.change(f"Add product {values['name']}") as change:
        key = change.insert("products", **values)
    return Saved.of(key, change)


def edit_product(session: Session, product_id: UUID, *, version: UUID | None = None, **fields: Any) -> Saved:
    """Change a product; a new list price counts at once for every deal that has no amount of its own."""
    values = checked_with_own(session, "products", fields, CHECKS, {"name"} & set(fields))
    refuse_namesake(session, "products", values, product_id)
    with session.change(f"Edit product {values.get('name', '')}".strip()) as change:
        change.update("products", product_id, version=version, **values)
    return Saved.of(product_id, change)


def archive_product(session: Session, product_id: UUID, *, version: UUID | None = None) -> Saved:
    """Put a product aside: it is no longer offered, and what was sold of it stays."""
    with session.change("Archive a product") as change:
        change.archive("products", product_id, version=version)
    return Saved.of(product_id, change)
