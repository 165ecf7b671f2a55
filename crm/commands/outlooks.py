"""Keep one outlook a goal and day, score those whose period is over, and note milestones. Results, which nobody undoes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]
from uuid_utils.compat import uuid7

from crm.commands.jobs import Calculate, Report, directly, quietly
from crm.insight.outlook import BANDS
from crm.queries import figures, goal_outlooks, goals, outlooks
from crm.queries.goal_outlooks import MADE_FROM, SHARES
from crm.queries.goals import Standing
from crm.queries.outlook_questions import Asked, Looked
from crm.queries.periods import Period
from crm.store.session import Session
from crm.store.writer import raise_versions

MILESTONES = (0.25, 0.5, 0.75, 1.0)
PAST_YEARS, PAST_GOALS = timedelta(days=3 * 366), 300  # goals that ended: how far back, and how many, outlooks are made for
TRIALS, AIMED = 8, 3  # earlier periods tried, and how many before each make up its target


@dataclass(frozen=True)
class Stored:
    """How many outlooks were made, and how many goals have been scored."""

    outlooks: int
    scored: int
    milestones: int

    def as_json(self) -> dict[str, Any]:
        return {"outlooks": self.outlooks, "scored": self.scored, "milestones": self.milestones}

    def summary(self) -> str:
        return f"{self.outlooks:,} outlooks of goals made, {self.scored:,} scored."


def store_outlooks(session: Session, *, report: Report = quietly, calculate: Calculate = directly) -> Stored:
    """Look at every goal that is not over; score those that are; where none was looked at in time, do it with hindsight
    from what was known then, and say so."""
    day = session.today
    seen = dict(session.versions(MADE_FROM))
    report(0.05, "Reading the goals")
    every = goals.attainment(session, day)
    running = [goal for goal in every if goal.period.end > day]
    ended = [goal for goal in every if goal.period.end < day and goal.actual is not None]
    report(0.1, "Looking ahead")
    rows = _today(session, running, calculate, day)
    reached = _milestones(session, running, day)
    report(0.4, "Looking back at goals that have ended")
    rows += _hindsight(session, ended, calculate, day)
    if sum(goal.period.end > day - PAST_YEARS for goal in ended) < goal_outlooks.ENOUGH:
        report(0.8, "Trying earlier periods")
        rows += _trials(session, running, calculate, day)
    report(0.9, "Storing the outlooks")
    _write(session, rows, reached, ended, day, seen)
    return Stored(len(rows), len(ended), len(reached))


def _today(session: Session, running: Sequence[Standing], calculate: Calculate, day: date) -> list[dict[str, Any]]:
    asked = [_asked(goal, day) for goal in running]
    found = outlooks.looked(session, asked, calculate)
    return [_row(one, looked, goal.target, goal) for goal, one, looked in zip(running, asked, found, strict=True)]


def _asked(goal: Standing, day: date) -> Asked:
    return Asked(goal.figure, goal.scope, goal.scope_key, goal.period, day)


def _hindsight(session: Session, ended: Sequence[Standing], calculate: Calculate, day: date) -> list[dict[str, Any]]:
    """Outlooks of goals that are over, as of a quarter, a half and three quarters of their period, where none was kept."""
    known = {(row["goal_id"], row["share"]) for row in _looked_at(session)}
    late = [goal for goal in ended if goal.period.end > day - PAST_YEARS][:PAST_GOALS]
    pairs = [
        (goal, _asked(goal, share_day(goal.period, share)))
        for goal in late
        for share in SHARES
        if (goal.goal_id, share) not in known and goal.period.days >= 8
    ]
    found = outlooks.looked(session, [one for _, one in pairs], calculate)
    return [_row(one, looked, goal.target, goal) for (goal, one), looked in zip(pairs, found, strict=True)]


def _looked_at(session: Session) -> list[dict[str, Any]]:
    """One row per goal and share of its period that an outlook is there for, a chance or the reason why none."""
    return session.rows(
        """
        select distinct
            goal_id,
            shares.share
        from goal_outlooks as outlooks
        inner join (select unnest($shares::double[]) as share) as shares
            on (as_of_on - starts_on + 1) / (ends_on - starts_on + 1) between shares.share - $near and shares.share + 0.02
        where goal_id is not null
        """,
        shares=list(SHARES),
        near=goal_outlooks.NEAR,
    )


def share_day(period: Period, share: float) -> date:
    """The day at whose close this share of a period is over.

    >>> from crm.queries.periods import parse
    >>> str(share_day(parse("2017-04"), 0.5))
    '2017-04-15'
    """
    return period.start + timedelta(days=max(round(period.days * share) - 1, 0))


def _trials(session: Session, running: Sequence[Standing], calculate: Calculate, day: date) -> list[dict[str, Any]]:
    """Earlier periods of the company's running goals, with the mean of the periods before each as a target nobody set."""
    own = [goal for goal in running if goal.scope == "company" and goal.period.start <= day]
    kinds = {(goal.figure.key, goal.period.kind, goal.period.days // 20): goal for goal in own}
    known = session.rows("select distinct figure, starts_on, ends_on from goal_outlooks where goal_id is null")
    tried = {(row["figure"], row["starts_on"], row["ends_on"]) for row in known}
    pairs: list[tuple[Asked, float, float]] = []
    for goal in kinds.values():
        periods = [goal.period.shifted(-step) for step in range(TRIALS + AIMED, 0, -1)]
        values = figures.series(session, goal.figure.key, periods)
        for place in range(AIMED, len(periods)):
            before = values[place - AIMED : place]
            key = (goal.figure.key, periods[place].start, periods[place].end)
            if key in tried or not all(before) or values[place] is None:
                continue
            target = float(sum(before)) / AIMED
            for share in SHARES:
                asked = Asked(goal.figure, "company", None, periods[place], share_day(periods[place], share))
                pairs.append((asked, target, float(values[place])))
    found = outlooks.looked(session, [one for one, _, _ in pairs], calculate)
    return [
        _row(one, looked, target, None)
        | {"ended_value": ended, "is_reached": ended >= target if one.figure.more_is_better else ended <= target}
        for (one, target, ended), looked in zip(pairs, found, strict=True)
    ]


def _row(asked: Asked, looked: Looked, target: float, goal: Standing | None) -> dict[str, Any]:
    outlook = looked.outlook
    chance = looked.probability(target, asked.figure)
    reason = looked.reason or (outlooks.NOT_ABOVE if chance is None else None)
    fan = {"days": [str(day) for day in outlook.days], "bands": outlook.fan.round(4).tolist()} if outlook else None
    return {
        "goal_outlook_id": str(uuid7()),
        "goal_id": str(goal.goal_id) if goal else None,
        "figure": asked.figure.key,
        "scope": asked.scope,
        "starts_on": asked.period.start,
        "ends_on": asked.period.end,
        "as_of_on": asked.as_of,
        "target": target,
        "actual": looked.done,
        "probability_share": chance,
        "middle": outlook.quantile(0.5) if outlook else None,
        "quantiles": json.dumps({str(share): outlook.quantile(share) for share in BANDS}) if outlook else None,
        "fan": json.dumps(fan) if fan else None,
        "drivers": json.dumps(looked.drivers),
        "method": outlook.method if outlook else "none",
        "reason": reason,
        "case_count": outlook.n if outlook else 0,
    }


def _milestones(session: Session, running: Iterable[Standing], day: date) -> list[dict[str, Any]]:
    """Milestones of flows that were reached since the last look; silently those of a goal that is looked at first."""
    known = session.rows("select goal_id, share from goal_milestones")
    noted = {(row["goal_id"], row["share"]) for row in known}
    looked = {row["goal_id"] for row in session.rows("select distinct goal_id from goal_outlooks where goal_id is not null")}
    return [
        {
            "goal_milestone_id": str(uuid7()),
            "goal_id": str(goal.goal_id),
            "share": share,
            "reached_on": day,
            "is_announced": goal.goal_id in looked,
        }
        for goal in running
        for share in MILESTONES
        if goal.figure.flow
        and goal.figure.more_is_better
        and goal.attainment is not None
        and goal.attainment >= share
        and (goal.goal_id, share) not in noted
    ]


def _write(
    session: Session,
    rows: list[dict[str, Any]],
    reached: list[dict[str, Any]],
    ended: Sequence[Standing],
    day: date,
    seen: dict[str, int],
) -> None:
    """Today's outlooks in the place of those made earlier today, the scores and the milestones, in one step."""
    ends = [{"goal_id": str(goal.goal_id), "ended_value": goal.actual, "was_reached": goal.state == "reached"} for goal in ended]
    given = {"day": day, "now": session.now, "seen": json.dumps(seen)}
    with session.database.working() as cursor:
        for name, part, columns in (("made", rows, OUTLOOK), ("reached", reached, MILESTONE), ("ended", ends, ENDED)):
            cursor.register(name, pa.Table.from_pylist(part, schema=columns))

        def work() -> None:
            cursor.execute("delete from goal_outlooks where made_on = $day and as_of_on = $day", {"day": day})
            cursor.execute(INSERT, given)
            cursor.execute(INSERT_MILESTONES, {"now": session.now})
            cursor.execute(SCORE)
            raise_versions(cursor, "goal_outlooks")

        session.database.transaction(cursor, work)


TEXT, NUMBER, DAY, TRUTH = pa.string(), pa.float64(), pa.date32(), pa.bool_()
OUTLOOK = pa.schema(
    {
        **dict.fromkeys(("goal_outlook_id", "goal_id", "figure", "scope"), TEXT),
        **dict.fromkeys(("starts_on", "ends_on", "as_of_on"), DAY),
        **dict.fromkeys(("target", "actual", "probability_share", "middle"), NUMBER),
        **dict.fromkeys(("quantiles", "fan", "drivers", "method", "reason"), TEXT),
        "case_count": pa.int32(),
        "ended_value": NUMBER,
        "is_reached": TRUTH,
    }
)
MILESTONE = pa.schema({"goal_milestone_id": TEXT, "goal_id": TEXT, "share": NUMBER, "reached_on": DAY, "is_announced": TRUTH})
ENDED = pa.schema({"goal_id": TEXT, "ended_value": NUMBER, "was_reached": TRUTH})
INSERT = """
    insert into goal_outlooks by name
    select
        * replace (goal_outlook_id::uuid as goal_outlook_id, goal_id::uuid as goal_id),
        $day::date as made_on,
        $now::timestamp as computed_at,
        $seen::json as seen_versions
    from made
"""
INSERT_MILESTONES = """
    insert into goal_milestones by name
    select
        * replace (goal_milestone_id::uuid as goal_milestone_id, goal_id::uuid as goal_id),
        $now::timestamp as noted_at
    from reached
"""
# A goal's end is looked at again each time: what is entered late counts, and a target that was set anew is scored by itself.
SCORE = """
    update goal_outlooks
    set
        ended_value = ended.ended_value,
        is_reached = case when goals.target = goal_outlooks.target then ended.was_reached end
    from ended
    inner join goals on goals.goal_id = ended.goal_id::uuid
    where goal_outlooks.goal_id = goals.goal_id
"""
