"""What is likely to become of a goal: computed from what was known on a day, for many goals by few questions.

Won amounts and numbers of deals come from the deals themselves (`outlook_deals.py`); every other figure from its own months,
whichever figure it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import dropwhile
from typing import Any

import numpy as np

from crm.insight import outlook
from crm.queries import goals
from crm.queries.figures import Span, figure_of, value_of, values
from crm.queries.goals import SPLIT, Standing
from crm.queries.outlook_deals import FROM_DEALS, TOO_FEW, from_deals
from crm.queries.outlook_questions import NOTHING, Asked, Calculate, Looked, directly, window_of
from crm.queries.periods import Period, containing
from crm.queries.registry import Figure
from crm.store.session import Session

LOOK_BACK, FEWEST_MONTHS, FARTHEST = 36, 3, 36  # months
TOO_FAR = "It lies too far ahead: nothing can be said beyond three years."
TOO_LITTLE = "Too few to say: an outlook needs three finished months."
NOT_ABOVE = "The target is not above 0: there is no chance to give."


def of_one(session: Session, key: str, scope: str, scope_key: str | None, period: Period, as_of: date | None = None) -> Looked:
    """The outlook of one figure, whoever's, over one period."""
    return looked(session, [Asked(figure_of(key), scope, scope_key, period, as_of or session.today)])[0]


def looked(session: Session, asked: Sequence[Asked], calculate: Calculate = directly) -> list[Looked]:
    """One outlook per question, in their order."""
    found: dict[Asked, Looked] = {each: _cannot(each) for each in asked if _why_not(each)}
    rest = [each for each in asked if each not in found]
    found |= from_deals(session, [each for each in rest if each.figure.key in FROM_DEALS], calculate)
    alone = [each for each in rest if found.get(each) is None or found[each].reason == TOO_FEW]
    for scope in SPLIT:
        here = [each for each in alone if each.scope == scope]
        found |= _from_months(session, here)
    return [found[each] for each in asked]


def _why_not(asked: Asked) -> str | None:
    if asked.as_of >= asked.period.end:
        return "The period is over."
    return TOO_FAR if (asked.period.end - asked.as_of).days > FARTHEST * 31 else None


def _cannot(asked: Asked) -> Looked:
    return Looked(None, None, {}, _why_not(asked))


def course(session: Session, key: str, scope: str, scope_key: str | None, period: Period) -> list[tuple[date, float]]:
    """One row per week of the period that is over, and today: the figure as it stood at the close of that day."""
    figure, today = figure_of(key), session.today
    weeks = [period.start + timedelta(days=step) for step in range(6, period.elapsed_days(today) - 1, 7)]
    days = [*(weeks[:: max(len(weeks) // 13, 1)]), min(today, period.end)]
    found = values(session, [figure], [(period, day) for day in days], SPLIT[scope])
    known = [value_of(figure, groups.get(scope_key or "", {})) for groups in found]
    return [(day, float(value)) for day, value in zip(days, known, strict=True) if value is not None]


# From months


def _from_months(session: Session, asked: Sequence[Asked]) -> dict[Asked, Looked]:
    """One question a source, however many figures, groups, periods and days are asked."""
    if not asked:
        return {}
    spans = sorted({span for each in asked for span in _spans(each)}, key=lambda span: (span[0].start, span[0].end, span[1]))
    figures = {each.figure.key: each.figure for each in asked}
    found = values(session, figures.values(), spans, SPLIT[asked[0].scope])
    by_span = dict(zip(spans, found, strict=True))
    return {each: _by_months(session, each, by_span) for each in asked}


def _months(asked: Asked) -> list[Period]:
    """The months before the day's next one, which is still running, the oldest first; the running one last."""
    running = containing("month", asked.as_of + timedelta(days=1))
    return [running.shifted(-steps) for steps in range(LOOK_BACK, -1, -1)]


def _spans(asked: Asked) -> list[Span]:
    return [(asked.period, asked.as_of), *((month, min(month.end, asked.as_of)) for month in _months(asked))]


def _by_months(session: Session, asked: Asked, found: dict[Span, Any]) -> Looked:
    figure, group = asked.figure, asked.scope_key or ""
    done, *months, running = (value_of(figure, found[span].get(group, {})) for span in _spans(asked))
    if asked.as_of < asked.period.start:
        done = 0.0 if figure.flow else None
    if asked.as_of.replace(day=1) != _months(asked)[-1].start:
        running = 0.0  # the day is the last of its month
    history = [float(value) for value in dropwhile(lambda value: not value, months) if value is not None]
    if len(history) < FEWEST_MONTHS:
        return Looked(None, done, {}, TOO_LITTLE if history else NOTHING)
    window = window_of(session, asked)
    if figure.flow:
        paths = (done or 0.0) + outlook.run_rate(history, float(running or 0), window)
        method = "run-rate"
    else:
        paths = _clipped(figure, outlook.level(history, done, window, standing=figure.standing))
        method = "its own past"
    ended = outlook.of_paths(paths, window, method, len(history), more_is_better=figure.more_is_better)
    return Looked(ended, done, {})


def _clipped(figure: Figure, paths: Any) -> Any:
    bounds = {"share": (0.0, 1.0), "count": (0.0, np.inf), "days": (0.0, np.inf)}
    low, high = (-100.0, 100.0) if figure.key == "nps" else bounds.get(figure.unit, (-np.inf, np.inf))
    return np.clip(paths, low, high)


# For the command line


def of_goals(session: Session, as_of: date) -> list[dict[str, Any]]:
    """One entry per goal that is kept: where it stands on a day, and what is likely to become of it."""
    standings = goals.attainment(session, as_of)
    found = looked(session, [Asked(each.figure, each.scope, each.scope_key, each.period, as_of) for each in standings])
    return [_goal(standing, one) for standing, one in zip(standings, found, strict=True)]


def _goal(standing: Standing, found: Looked) -> dict[str, Any]:
    outlook = found.outlook
    return {
        "goal_id": str(standing.goal_id),
        "figure": standing.figure.key,
        "scope": standing.scope,
        "name": standing.scope_name,
        "period": standing.period.label,
        "target": standing.target,
        "actual": standing.actual,
        "start": standing.start,
        "attainment": standing.attainment,
        "pace": standing.pace,
        "state": standing.state,
        "outlook": _outlook(found, standing) if outlook else None,
        "reason": found.reason,
    }


def _outlook(found: Looked, standing: Standing) -> dict[str, Any]:
    outlook = found.outlook
    assert outlook is not None  # noqa: S101 - the caller looked
    low, high = outlook.range
    return {
        "probability": found.probability(standing.target, standing.figure),
        "middle": outlook.quantile(0.5),
        "low_80": low,
        "high_80": high,
        "achievable_50": outlook.achievable(0.5),
        "achievable_80": outlook.achievable(0.8),
        "method": outlook.method,
        "n": outlook.n,
        "drivers": found.drivers,
    }


def as_line(entry: dict[str, Any]) -> str:
    """A goal as a line for a terminal."""
    shown = entry["outlook"]
    chance = shown and shown["probability"]
    reached = "" if entry["attainment"] is None else f"{entry['attainment']:.0%} reached, "
    likely = f", {chance:.0%} likely" if chance is not None else ""
    return f"{entry['period']:<8} {entry['name']:<24} {entry['figure']:<16} {reached}{entry['state']}{likely}"
