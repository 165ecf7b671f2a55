"""What rose and what fell: themes between two periods, beyond what chance explains, and themes among segments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from crm.insight.intervals import difference, wilson
from crm.queries import comments, segments, standings
from crm.queries.periods import Period
from crm.store.session import Session

NOUNS = standings.NOUNS
Row = dict[str, Any]
WHO = 3
Z_95 = 1.96
LEAST = 3  # mentions in one of the two periods
# Many themes are looked at: the more there are, the surer a change must be, so that one page in twenty is wrong, not one theme.
SURER = {1: 1.96, 2: 2.24, 5: 2.58, 10: 2.81, 20: 3.02, 50: 3.29}


def compare(session: Session, one: Period, other: Period, **filters: Any) -> list[Row]:
    """One row per theme in use, the largest change first: how often and in which tone in one period and in another.

    `change` is how much more of the comments speak of it in the first, `low` and `high` the range in which the true change lies.
    """
    now = standings.counts(session, one, **filters)
    then = {row["theme_id"]: row for row in standings.counts(session, other, **filters)}
    rows = [_compared(row, then[row["theme_id"]]) for row in now if row["theme_id"] in then]
    return sorted(rows, key=lambda row: (-abs(row["change"] or 0), str(row["name"]).lower()))


def _compared(row: Row, other: Row) -> Row:
    numbers = ("mentions", "comments", "share", "net_sentiment")
    found = {name: row[name] for name in ("theme_id", "name", *numbers)}
    found |= {f"{name}_other": other[name] for name in numbers}
    return found | _change(row["mentions"], row["comments"], other["mentions"], other["comments"])


def _change(mentions: int, total: int, other: int, other_total: int, z: float = Z_95) -> Row:
    if not total or not other_total:
        return {"change": None, "low": None, "high": None}
    low, high = difference(mentions, total, other, other_total, z)
    return {"change": mentions / total - other / other_total, "low": low, "high": high}


def spotted(session: Session, period: Period, **filters: Any) -> list[Row]:
    """One row per theme whose share of the comments changed beyond chance against the period before, the largest change first.

    With the direction, the range of the change, and who said it most often: now where it rose, before where it fell.
    """
    rows = [row for row in standings.counts(session, period, **filters) if max(row["mentions"], row["mentions_before"]) >= LEAST]
    z = next((value for count, value in SURER.items() if len(rows) <= count), max(SURER.values()))
    found = []
    for row in rows:
        counts = (row["mentions"], row["comments"], row["mentions_before"], row["comments_before"])
        sure = _change(*counts, z)
        if sure["change"] is not None and (sure["low"] > 0 or sure["high"] < 0):
            kept = {name: row[name] for name in ("theme_id", "name", "mentions", "mentions_before", "share", "share_before")}
            found.append(kept | _change(*counts) | {"direction": "rose" if sure["change"] > 0 else "fell"})
    who = _who(session, period, filters) if found else {}
    found = [row | {"who": who.get((row["theme_id"], row["direction"]), [])} for row in found]
    return sorted(found, key=lambda row: -abs(row["change"]))


def _who(session: Session, period: Period, filters: Row) -> dict[tuple[UUID, str], list[str]]:
    """The customers who speak of each theme most often: now, for what rose, and before, for what fell."""
    kept, where, values = comments.narrowed(session, filters)
    rows = kept.rows(
        f"""
        with
        said as (
            select
                comments.theme_id,
                case when {standings.NOW} then 'rose' else 'fell' end as direction,
                comments.customer_id,
                count(*) as mentions,
                max(comments.received_at) as last_at
            from theme_mentions as comments
            where {where} and comments.customer_id is not null and (({standings.NOW}) or ({standings.BEFORE}))
            group by all
        )

        select
            said.theme_id,
            said.direction,
            customers.name
        from said
        inner join customers on customers.customer_id = said.customer_id
        where customers.archived_at is null
        qualify row_number() over (
            partition by said.theme_id, said.direction
            order by said.mentions desc, said.last_at desc, customers.name
        ) <= {WHO}
        order by said.theme_id, said.direction, said.mentions desc, said.last_at desc, customers.name
        """,  # noqa: S608 - fragments of this module
        **values,
        **comments.spans(session, period),
    )
    found: dict[tuple[UUID, str], list[str]] = {}
    for row in rows:
        found.setdefault((row["theme_id"], row["direction"]), []).append(row["name"])
    return found


def by_segment(session: Session, period: Period, segment_ids: Sequence[UUID], **filters: Any) -> list[Row]:
    """One row per segment and theme in use: in how many of its comments, in which share of them, and the
    range in which the true share lies."""
    found: list[Row] = []
    for segment_id in segment_ids:
        name = segments.one(session, segment_id)["name"]
        for row in standings.counts(session, period, **filters | {"segment": segment_id}):
            kept = {key: row[key] for key in ("theme_id", "name", "mentions", "comments", "share", "net_sentiment")}
            low, high = wilson(row["mentions"], row["comments"]) if row["comments"] else (None, None)
            found.append({"segment_id": segment_id, "segment": name, "low": low, "high": high} | kept)
    return found
