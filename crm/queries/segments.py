"""Segments: groups of customers under a name, by a rule that is asked anew each time or by a fixed list.

They filter any question in two ways: `within` gives the SQL of the members and its parameters, for a query to name in a
subquery; `kept_to` gives a session that sees only the members, for questions that go through views and macros.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pandas as pd

from crm.errors import Refused
from crm.queries.conditions import Group, asked, parsed
from crm.queries.segment_words import problems, sentence
from crm.store.session import Session

__all__ = ["count", "count_of", "every", "first", "kept_to", "members", "one", "problems", "sentence", "within", "words"]

# All that a rule may read: how fresh an answer about a segment is.
NOUNS = (
    "segments",
    "segment_members",
    "customers",
    "contacts",
    "customer_tags",
    "tags",
    "deals",
    "stages",
    "orders",
    "interactions",
    "feedback",
    "tasks",
    "traits",
    "employees",
    "custom_fields",
    "customer_values",
    "customer_fits",
    "settings",
)
FILTERS = ("segment", "for_segment")


def every(session: Session) -> list[dict[str, Any]]:
    """One row per segment in use, one's own first, by name: kind, rule, note, owner."""
    return session.rows(
        """
        select
            segments.segment_id,
            segments.name,
            segments.kind,
            segments.rule,
            segments.note,
            segments.owner_id,
            owners.name as owner_name,
            segments.version,
        from segments
        left join employees as owners on owners.employee_id = segments.owner_id
        where segments.archived_at is null
        order by segments.owner_id is distinct from $me::uuid, lower(segments.name), segments.segment_id
        """,
        me=session.actor.employee_id,
    )


def one(session: Session, segment_id: UUID | str) -> dict[str, Any]:
    """One row: a segment, an archived one too, with its version; refused where it is not there."""
    row = session.row(
        """
        select
            segments.*,
            owners.name as owner_name,
        from segments
        left join employees as owners on owners.employee_id = segments.owner_id
        where segments.segment_id = $segment_id
        """,
        segment_id=segment_id,
    )
    if row is None:
        raise Refused("This segment is no longer there. Choose another.", "segment")
    return row


def within(session: Session, segment_id: UUID | str, prefix: str = "segment") -> tuple[str, dict[str, Any]]:
    """SQL for the keys of a segment's customers, archived ones left out, and its parameters, named with the prefix."""
    segment = one(session, segment_id)
    if segment["kind"] == "rule":
        return asked(session, parsed(segment["rule"]), prefix)
    sql = f"""
        select distinct customers.customer_id
        from segment_members
        inner join customers on customers.customer_id = segment_members.customer_id
        where
            segment_members.segment_id = ${prefix}_0
            and segment_members.archived_at is null
            and customers.archived_at is null
    """  # noqa: S608 - the prefix is a name of the caller's
    return sql, {f"{prefix}_0": segment["segment_id"]}


def count(session: Session, rule: Group) -> int:
    """How many customers fit a rule now."""
    sql, values = asked(session, rule)
    return int(session.value(f"select count(*) from ({sql})", **values))  # noqa: S608 - from the registry


def first(session: Session, rule: Group, limit: int = 50) -> list[dict[str, Any]]:
    """One row per customer who fits a rule, the first ones by name: key and name."""
    sql, values = asked(session, rule)
    return session.rows(
        f"""
        with chosen as materialized ({sql})

        select
            customers.customer_id,
            customers.name as customer,
        from chosen
        inner join customers on customers.customer_id = chosen.customer_id
        order by customers.search_text, customers.customer_id
        limit $limit
        """,  # noqa: S608 - from the registry
        limit=limit,
        **values,
    )


def count_of(session: Session, segment_id: UUID | str) -> int:
    """How many customers are in a segment now."""
    sql, values = within(session, segment_id)
    return int(session.value(f"select count(*) from ({sql})", **values))  # noqa: S608 - from the registry


def members(session: Session, segment_id: UUID | str) -> pd.DataFrame:
    """One row per customer in a segment, by name: key, name, kind, owner."""
    sql, values = within(session, segment_id)
    return session.frame(
        f"""
        with chosen as materialized ({sql})

        select
            customers.customer_id,
            customers.name,
            customers.kind,
            customers.owner_id,
        from chosen
        inner join customers on customers.customer_id = chosen.customer_id
        order by customers.search_text, customers.customer_id
        """,  # noqa: S608 - from the registry
        **values,
    )


def kept_to(session: Session, filters: dict[str, Any]) -> tuple[Session, dict[str, Any]]:
    """The session that sees only the segment which the filters name, and the other filters."""
    rest = {name: value for name, value in filters.items() if name not in FILTERS}
    chosen = next((filters[name] for name in FILTERS if filters.get(name)), None)
    return (session.among(*within(session, chosen)) if chosen else session), rest


def words(session: Session, segment: dict[str, Any]) -> str:
    """What a segment says of itself: its rule as a sentence; of a list, that it is one."""
    if segment["kind"] == "rule":
        return sentence(session, parsed(segment["rule"]))
    return "A fixed list" + (f", taken from: {sentence(session, parsed(segment['rule']))}" if segment["rule"] else "")
