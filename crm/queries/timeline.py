"""The timeline: everything dated about one customer, or about all of them, the latest first.

The view names nothing (crm/store/views/timeline.sql): the few lines that are shown get their names in lines.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from crm.queries import segments
from crm.queries.lines import in_words
from crm.store.session import Session

# The first is a line's instant, the second its record: where a page ended, for the next one to go on.
Place = tuple[datetime, UUID]
# Of the customer's owner; a deal's also of its own; a field change of whoever made it.
OWNED = """
    (
        customer_id in (select customer_id from customers where owner_id in (select unnest($owners::uuid[])))
        or (customer_id is null and deal_id in (
            select deal_id
            from deals
            where
                owner_id in (select unnest($owners::uuid[]))
                or customer_id in (select customer_id from customers where owner_id in (select unnest($owners::uuid[])))
        ))
        or (customer_id is null and deal_id is null and employee_id in (select unnest($owners::uuid[])))
    )"""
FILTERS = {
    "kinds": "list_contains($kinds, kind)",
    "owners": OWNED,
    "campaign": "campaign = $campaign",
    "deal_id": "(deal_id = $deal_id or record_id = $deal_id)",
}
# A bulk edit changes fields of thousands at one instant: in everybody's timeline they show only when asked for.
NO_CHANGES = "kind <> 'change'"
# A field change carries no customer: whoever sees only some must see its record.
VISIBLE = """
    (
        kind <> 'change'
        or record_id in (
            select customer_id
            from customers
            union all
            select contact_id
            from contacts
            union all
            select deal_id
            from deals
        )
    )"""
# Within a segment what names no customer belongs to it by its deal, or by the record that a field change is about.
KEPT = f"(customer_id is not null or deal_id in (select deal_id from deals) or ({VISIBLE} and kind = 'change'))"  # noqa: S608 - constants
SPANS = (timedelta(days=2), timedelta(days=30), timedelta(days=400), timedelta(days=400_000))


def of_customer(
    session: Session,
    customer_id: UUID | str,
    *,
    kinds: Sequence[str] | None = None,
    deal_id: UUID | str | None = None,
    before: Place | None = None,
    limit: int = 50,
) -> list[dict[str, Any]]:
    """One row per thing that happened with a customer, the latest first; `before` is the place of the last one shown."""
    given = _given(kinds=kinds and list(kinds), deal_id=deal_id)
    upper = before or (session.end_of(session.today), UUID(int=0))
    where = ["(happened_at, record_id) < ($instant, $record)", *(FILTERS[name] for name in given)]
    rows = session.rows(
        f"""
        with lines as materialized (
            from customer_timeline($customer_id)
        )

        select *
        from lines
        where {" and ".join(where)}
        order by happened_at desc, record_id desc
        limit $limit
        """,  # noqa: S608 - fragments above
        customer_id=customer_id,
        instant=upper[0],
        record=upper[1],
        limit=limit,
        **given,
    )
    return in_words(session, [row | {"customer_id": row["customer_id"] or UUID(str(customer_id))} for row in rows])


def of_everyone(
    session: Session,
    *,
    kinds: Sequence[str] | None = None,
    owner: UUID | None = None,
    team: UUID | None = None,
    campaign: str | None = None,
    segment: UUID | None = None,
    first: date | None = None,
    last: date | None = None,
    before: Place | None = None,
    limit: int = 50,
) -> list[dict[str, Any]]:
    """One row per thing that happened with any customer in a range of days, the latest first."""
    upper = before or (session.end_of(last or session.today), UUID(int=0))
    earliest = session.start_of(first) if first else datetime(1900, 1, 1)
    given = _given(kinds=kinds and list(kinds), owners=_owners(session, owner, team), campaign=campaign)
    session, _ = segments.kept_to(session, {"segment": segment})
    where = [*(FILTERS[name] for name in given), *([KEPT] if segment else [])]
    where += [VISIBLE if session.scope != "all" else "true"] if kinds else [NO_CHANGES]
    for span in SPANS:
        since = max(earliest, upper[0] - min(span, upper[0] - earliest))
        found = _reach(session, where, given, since, upper[0], limit)
        if len(found) >= limit or since == earliest:
            break
    return in_words(session, _lines(session, where, given, found[-1] if found else upper[0], upper, limit))


def _reach(
    session: Session, where: list[str], given: dict[str, Any], since: datetime, until: datetime, limit: int
) -> list[datetime]:
    """The instants of the next lines: one narrow column of many rows, so that the rest is read of few rows only."""
    rows = session.rows(
        f"""
        select happened_at
        from timeline
        where happened_at >= $since and happened_at < $until {_and(where)}
        order by happened_at desc
        limit $limit
        """,  # noqa: S608 - fragments above
        since=since,
        until=until,
        limit=limit,
        **given,
    )
    return [row["happened_at"] for row in rows]


def _lines(
    session: Session, where: list[str], given: dict[str, Any], since: datetime, upper: Place, limit: int
) -> list[dict[str, Any]]:
    """The lines from an instant up to a place; equal instants go by record."""
    return session.rows(
        f"""
        with lines as materialized (
            select *
            from timeline
            where happened_at >= $since and happened_at <= $until {_and(where)}
        )

        select *
        from lines
        where (happened_at, record_id) < ($until, $record)
        order by happened_at desc, record_id desc
        limit $limit
        """,  # noqa: S608 - fragments above
        since=since,
        until=upper[0],
        record=upper[1],
        limit=limit,
        **given,
    )


def _and(where: list[str]) -> str:
    return "".join(f"and {condition} " for condition in where)


def _given(**filters: Any) -> dict[str, Any]:
    return {name: value for name, value in filters.items() if value is not None}


def _owners(session: Session, owner: UUID | None, team: UUID | None) -> list[UUID] | None:
    if owner:
        return [owner]
    if team:
        rows = session.rows("select employee_id from employees where team_id = $team", team=team)
        return [row["employee_id"] for row in rows]
    return None
