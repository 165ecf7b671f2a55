"""Label customers with words of one's own."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from crm.commands import checks
from crm.commands.checks import Saved
from crm.store.session import Session


def tag_customers(session: Session, customer_ids: Sequence[UUID], name: str) -> Saved:
    """Give a tag to customers, all in one change; a new word becomes a new tag."""
    word = checks.text(60, least=1)(name.strip(), "Tag")
    found = session.value("select tag_id from tags where lower(name) = lower($name) and archived_at is null", name=word)
    with session.change(f"Tag {word}") as change:
        tag_id = found or change.insert("tags", name=word)
        change.insert_from(
            "customer_tags",
            """
            select
                customer_id,
                $tag_id::uuid as tag_id,
            from customers
            where customer_id in (select unnest($customer_ids::uuid[])) and customer_id not in (
                select customer_id
                from customer_tags
                where tag_id = $tag_id::uuid and archived_at is null
            )
            """,
            tag_id=tag_id,
            customer_ids=list(customer_ids),
        )
    return Saved.of(tag_id, change)


def untag_customer(session: Session, customer_id: UUID, tag_id: UUID) -> Saved:
    """Take a tag off a customer."""
    rows = session.rows(
        """
        select customer_tag_id
        from customer_tags
        where customer_id = $customer_id and tag_id = $tag_id and archived_at is null
        """,
        customer_id=customer_id,
        tag_id=tag_id,
    )
    with session.change("Take a tag off") as change:
        for row in rows:
            change.archive("customer_tags", row["customer_tag_id"])
    return Saved.of(tag_id, change)
