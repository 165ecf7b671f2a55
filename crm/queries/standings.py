"""How often customers speak of each theme, in which tone, and how that has changed against the period before."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from crm.queries import comments, tallies
from crm.queries.periods import Period
from crm.store.session import Session

NOUNS = comments.NOUNS
Row = dict[str, Any]
WEEKS, LONGEST_IN_WEEKS, MONTHS = 13, 100, 12
TALLIED = ("mentions", *tallies.TONES, "unassigned")

# The comments of both periods; one that is in both (they may overlap where one is cut short) counts in each.
IN_SPANS = """
    comments.received_at >= least($starts_at, $before_starts_at)
    and comments.received_at < greatest($until_at, $before_until_at)
"""
NOW = "received_at >= $starts_at and received_at < $until_at"
BEFORE = "received_at >= $before_starts_at and received_at < $before_until_at"


def summary(session: Session, period: Period, **filters: Any) -> Row:
    """One row: how many comments there are, how many without a theme, and their tone; each with the period before."""
    kept, tallies_, values = tallies.asked(session, filters, IN_SPANS, with_themes=False)
    row = kept.row(
        f"""
        select
            {_counted(NOW, "")},
            {_counted(BEFORE, "_before")}
        from ({tallies_}) as asked
        where theme_id is null
        """,  # noqa: S608 - fragments of this module
        **values,
        **comments.spans(session, period),
    )
    assert row is not None  # noqa: S101 - an aggregate has one row
    row = {f"comments{name.removeprefix('mentions')}" if name.startswith("mentions") else name: row[name] for name in row}
    label = period.previous(session.today)[0].label
    return row | _shares(row, "") | _shares(row, "_before") | {"label": period.label, "label_before": label}


def _counted(span: str, after: str) -> str:
    """SQL that adds up the tallies of a span."""
    return ", ".join(f"coalesce(sum({name}) filter (where {span}), 0)::integer as {name}{after}" for name in TALLIED)


def _shares(row: Row, after: str) -> Row:
    positive, neutral, negative = (row[f"{name}{after}"] for name in tallies.TONES)
    return {
        f"unassigned_share{after}": _share(row[f"unassigned{after}"], row[f"comments{after}"]),
        f"net_sentiment{after}": _share(positive - negative, positive + neutral + negative),
    }


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def standings(session: Session, period: Period, **filters: Any) -> list[Row]:
    """One row per theme in use, most mentions first: how often, by how many, in which tone; each with the period before."""
    customers = _customers(session, period, filters)
    return [row | {"customers": customers.get(row["theme_id"], 0)} for row in counts(session, period, **filters)]


def counts(session: Session, period: Period, **filters: Any) -> list[Row]:
    """The same without by how many."""
    kept, tallies_, values = tallies.asked(session, filters, IN_SPANS)
    rows = kept.rows(
        f"""
        with counted as materialized (
            select
                theme_id,
                {_counted(NOW, "")},
                {_counted(BEFORE, "_before")}
            from ({tallies_}) as asked
            group by theme_id
        )

        select
            themes.theme_id,
            themes.name,
            counted.* exclude (theme_id, unassigned, unassigned_before),
            coalesce(totals.mentions, 0) as comments,
            coalesce(totals.mentions_before, 0) as comments_before
        from themes
        left join counted on counted.theme_id = themes.theme_id
        left join counted as totals on totals.theme_id is null
        where themes.archived_at is null and themes.corpus = $corpus
        order by counted.mentions desc nulls last, lower(themes.name), themes.theme_id
        """,  # noqa: S608 - fragments of this module
        **values,
        **comments.spans(session, period),
    )
    return [_standing({name: 0 if value is None else value for name, value in row.items()}) for row in rows]


def _standing(row: Row) -> Row:
    share, before = _share(row["mentions"], row["comments"]), _share(row["mentions_before"], row["comments_before"])
    net = {
        f"net_sentiment{after}": _share(row[f"positive{after}"] - row[f"negative{after}"], row[f"mentions{after}"])
        for after in ("", "_before")
    }
    change = None if share is None or before is None else share - before
    return row | {"share": share, "share_before": before, "change": change} | net


def _customers(session: Session, period: Period, filters: Row) -> dict[UUID, int]:
    """How many customers spoke of each theme."""
    kept, where, values = comments.narrowed(session, filters)
    rows = kept.rows(
        f"""
        select
            comments.theme_id,
            count(distinct comments.customer_id) as customers
        from theme_mentions as comments
        where {where} and comments.received_at >= $starts_at and comments.received_at < $until_at
        group by comments.theme_id
        """,  # noqa: S608 - fragments of comments.py
        **values,
        **comments.span(session, period),
    )
    return {row["theme_id"]: row["customers"] for row in rows}


def trend(session: Session, period: Period, **filters: Any) -> dict[UUID | str | None, list[int]]:
    """One row per theme, by theme: its mentions in the weeks (of a period up to a quarter) or months that lead up to its end.

    The oldest first. Under None how many comments there were at all, under “unassigned” how many of them without a theme.
    """
    return dict(by_step(session, steps(session, period), filters))


def by_step(session: Session, starts: list[datetime], filters: Row) -> dict[UUID | str | None, list[int]]:
    """One row per theme, by theme: its mentions from each instant to the next.

    Under None all comments, under “unassigned” those without a theme.
    """
    kept, tallies_, values = tallies.asked(session, filters, "comments.received_at >= $first and comments.received_at < $last")
    nothing = [0] * (len(starts) - 1)
    found: dict[UUID | str | None, list[int]] = {None: [*nothing], "unassigned": [*nothing]}
    for row in kept.rows(
        f"""
        with spans as (
            select
                unnest($starts::timestamp[]) as starts_at,
                generate_subscripts($starts::timestamp[], 1) as place
        )

        select
            asked.theme_id,
            spans.place,
            sum(asked.mentions)::integer as mentions,
            sum(asked.unassigned)::integer as unassigned
        from ({tallies_}) as asked
        asof inner join spans on asked.received_at >= spans.starts_at
        group by asked.theme_id, spans.place
        """,  # noqa: S608 - fragments of this module
        starts=starts[:-1],
        first=starts[0],
        last=starts[-1],
        **values,
    ):
        found.setdefault(row["theme_id"], [*nothing])[row["place"] - 1] = row["mentions"]
        if row["theme_id"] is None:
            found["unassigned"][row["place"] - 1] = row["unassigned"]
    return found


def steps(session: Session, period: Period) -> list[datetime]:
    """The instants that divide the time up to the end of a period (or of today) into weeks or months; one more than there are."""
    last = min(period.end, session.today)
    if period.days <= LONGEST_IN_WEEKS:
        days = [last - timedelta(days=7 * step - 1) for step in range(WEEKS, -1, -1)]
        return [session.start_of(day) for day in days]
    months = Period.months_until(last, max(MONTHS, round(period.days / 30.4)))
    return [session.start_of(month.start) for month in months] + [session.end_of(last)]
