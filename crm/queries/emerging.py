"""Which themes customers speak of suddenly more than they used to, with the evidence."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import numpy as np

from crm.queries import standings
from crm.store.session import Session

NOUNS = standings.NOUNS
WEEKS = 26
DAYS = 7
Row = dict[str, Any]


def emerging(session: Session, **filters: Any) -> list[Row]:
    """One row per theme in use, emerging ones first: mentions in the last seven days, and how many were expected (from, to).

    One row, without a key, is for the comments that have no theme: what nobody has named yet may emerge, too.
    """
    from crm.insight.emerging import evidence

    until = session.today + timedelta(days=1)
    starts = [session.start_of(until - timedelta(days=DAYS * week)) for week in range(WEEKS, -1, -1)]
    counts = standings.by_step(session, starts, filters)
    totals = np.array(counts[None])
    first = next((week for week, total in enumerate(totals) if total), len(totals))
    names = _names(session, filters.get("corpus") or "customers")
    keys: list[UUID | str | None] = ["unassigned", *names]
    weeks = np.array([counts.get(key, [0] * WEEKS) for key in keys]).T
    found = evidence(weeks[first:], totals[first:]) if first < WEEKS else None
    rows = [_row(key, names, weeks[:, place], found, place) for place, key in enumerate(keys)]
    return sorted(rows, key=lambda row: (not row["is_emerging"], -_surplus(row), str(row["name"]).lower()))


def _surplus(row: Row) -> float:
    return float(row["count"] - row["expected"]) if row["expected"] is not None else 0.0


def _row(key: UUID | str | None, names: dict[Any, str], weeks: Any, found: Any, place: int) -> Row:
    """A theme with its evidence; what was expected is unknown where the history is too short."""

    def of(name: str) -> float | None:
        value = float(getattr(found, name)[place]) if found is not None else float("nan")
        return value if np.isfinite(value) else None

    return {
        "theme_id": None if key == "unassigned" else key,
        "name": names.get(key, "Without a theme"),
        "count": int(weeks[-1]),
        "expected": of("expected"),
        "low": of("low"),
        "high": of("high"),
        "is_emerging": bool(found is not None and found.is_emerging[place]),
        "weeks": [int(number) for number in weeks],
    }


def _names(session: Session, corpus: str) -> dict[UUID, str]:
    rows = session.rows(
        "select theme_id, name from themes where archived_at is null and corpus = $corpus order by theme_id", corpus=corpus
    )
    return {row["theme_id"]: row["name"] for row in rows}
