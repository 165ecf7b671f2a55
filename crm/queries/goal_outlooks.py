"""The outlooks that a job stored, and what became of them: what the pages read."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from crm.insight.calibration import Record, record
from crm.insight.outlook import BANDS, needed
from crm.insight.outlook import Needed as Needed  # the pages word it
from crm.store.session import Session

NOUNS = ("goal_outlooks",)
MADE_FROM = ("goals", "deals", "stage_changes", "orders", "customers", "feedback", "interactions", "tasks")
SHARES = (0.25, 0.5, 0.75)  # of a period: when its outlook is scored
NEAR = 0.1  # an outlook counts as one of a share when it was made at most this share of the period before
ENOUGH = 10  # goals that have ended, made and scored in time, before the back-test steps aside
FRESH = timedelta(days=2)  # how long a milestone is news


@dataclass(frozen=True)
class Kept:
    """One stored outlook."""

    as_of: date
    made_at: datetime
    target: float
    actual: float | None
    probability: float | None
    middle: float | None
    quantiles: dict[str, float]
    days: tuple[str, ...]
    bands: dict[float, list[float]]  # of each share, the value on each of the days below which it lies
    drivers: dict[str, float]
    method: str
    reason: str | None
    n: int

    def quantile(self, share: float) -> float | None:
        """The value below which this share of the futures ends."""
        return self.quantiles.get(str(share))

    def needed(self, target: float) -> Needed | None:
        """What an even chance takes."""
        return None if self.middle is None else needed(target, self.actual or 0.0, self.middle, self.drivers)


def latest(session: Session, goal_ids: Sequence[UUID]) -> dict[UUID, Kept]:
    """The last outlook of each goal, by the goal."""
    rows = session.rows(
        """
        select *
        from goal_outlooks
        where goal_id in (select unnest($goals::uuid[])) and made_on = as_of_on
        qualify row_number() over (partition by goal_id order by as_of_on desc, computed_at desc) = 1
        """,
        goals=[str(key) for key in goal_ids],
    )
    return {row["goal_id"]: _kept(row) for row in rows}


def _kept(row: dict[str, Any]) -> Kept:
    quantiles, fan, drivers = (json.loads(row[name] or "{}") for name in ("quantiles", "fan", "drivers"))
    return Kept(
        as_of=row["as_of_on"],
        made_at=row["computed_at"],
        target=row["target"],
        actual=row["actual"],
        probability=row["probability_share"],
        middle=row["middle"],
        quantiles=quantiles,
        days=tuple(fan.get("days", ())),
        bands=dict(zip(BANDS, fan.get("bands", ()), strict=False)),
        drivers=drivers,
        method=row["method"],
        reason=row["reason"],
        n=row["case_count"],
    )


def scored(session: Session) -> list[dict[str, Any]]:
    """One row per goal (or trial on the past) that has ended and share of its period: the chance given then, and whether
    it came true.

    `kind`: "said" where it was said in time, "computed" where it was made afterwards from what was known then, "trial" for
    a target nobody had set.
    """
    return session.rows(
        """
        with
        ended as (
            select
                *,
                (as_of_on - starts_on + 1) / (ends_on - starts_on + 1) as share_over,
                case when goal_id is null then 'trial' when made_on > as_of_on then 'computed' else 'said' end as kind
            from goal_outlooks
            where is_reached is not null and probability_share is not null
        )

        select
            goal_id,
            figure,
            scope,
            starts_on,
            ends_on,
            as_of_on,
            target,
            middle,
            ended_value,
            probability_share,
            is_reached,
            kind,
            shares.share
        from ended
        inner join (select unnest($shares::double[]) as share) as shares
            on ended.share_over between shares.share - $near and shares.share + 0.02
        qualify row_number() over (
            partition by goal_id, figure, scope, starts_on, ends_on, shares.share
            order by kind = 'said' desc, as_of_on desc
        ) = 1
        order by ends_on, figure, scope, goal_id, share
        """,
        shares=list(SHARES),
        near=NEAR,
    )


@dataclass(frozen=True)
class Judged:
    """How good the outlooks were, and on what that rests: said in time, or a back-test on the company's own past."""

    record: Record
    periods: int
    kind: str


def judged(session: Session) -> Judged | None:
    """The record of what was said in time once enough goals have ended; until then, of a back-test; None without either."""
    rows = scored(session)
    said = [row for row in rows if row["kind"] == "said"]
    if len({row["goal_id"] for row in said}) >= ENOUGH:
        return _judged(said, "said")
    goals = [row for row in rows if row["kind"] != "trial"]
    return _judged(goals, "goals") if len({row["goal_id"] for row in goals}) >= ENOUGH else _judged(rows, "trials")


def _judged(rows: list[dict[str, Any]], kind: str) -> Judged | None:
    found = record([row["probability_share"] for row in rows], [row["is_reached"] for row in rows])
    ended = {(row["goal_id"], row["figure"], row["scope"], row["starts_on"], row["ends_on"]) for row in rows}
    return Judged(found, len(ended), kind) if found else None


def news(session: Session) -> list[dict[str, Any]]:
    """One row per goal that passed a milestone lately: which share, since when."""
    return passed(session, session.now - FRESH)


def passed(session: Session, since: datetime | None = None, limit: int = 30) -> list[dict[str, Any]]:
    """One row per goal that passed a milestone, the latest first, with the highest one; with `since`, those announced then."""
    return session.rows(
        """
        select
            milestones.goal_milestone_id,
            milestones.goal_id,
            milestones.share,
            milestones.reached_on,
            goals.figure,
            goals.scope_name,
            goals.starts_on,
            goals.ends_on
        from goal_milestones as milestones
        inner join goal_details as goals on goals.goal_id = milestones.goal_id
        where goals.archived_at is null
        and ($since::timestamp is null or (milestones.is_announced and milestones.noted_at >= $since::timestamp))
        qualify row_number() over (partition by milestones.goal_id order by milestones.share desc) = 1
        order by milestones.reached_on desc, milestones.share desc, milestones.goal_id
        limit $limit
        """,
        since=since,
        limit=limit,
    )


def milestones(session: Session, goal_ids: Sequence[UUID]) -> dict[UUID, list[dict[str, Any]]]:
    """The milestones of each goal, from the first to the last."""
    rows = session.rows(
        """
        select
            goal_id,
            share,
            reached_on
        from goal_milestones
        where goal_id in (select unnest($goals::uuid[]))
        order by goal_id, share
        """,
        goals=[str(key) for key in goal_ids],
    )
    found: dict[UUID, list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(row["goal_id"], []).append(row)
    return found
