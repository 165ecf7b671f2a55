"""What is likely to become of a goal: computed from what was known on a day, for many goals by few questions.

Won amounts and numbers of deals come from the deals themselves (`crm.insight.deal_outlooks`); every other figure from its own
months, whichever figure it is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import dropwhile
from typing import Any

import numpy as np

from crm.errors import Refused
from crm.insight import deal_outlooks, open_deals, outlook
from crm.insight.deal_outlooks import Answer, Question
from crm.insight.forecast import forecast
from crm.insight.outlook import Effect, Needed, Outlook, Window
from crm.queries import events, goals
from crm.queries.figures import Span, figure_of, series, value_of, values
from crm.queries.goals import SPLIT, Standing
from crm.queries.periods import Period, containing
from crm.queries.registry import Figure
from crm.store.session import Session

FROM_DEALS = {"won_amount": False, "won_count": True}  # figure → whether deals are counted
LOOK_BACK, FEWEST_MONTHS, FARTHEST = 36, 3, 36  # months
EARLIER = 4  # periods that an outlook learns its own error from
STEP = timedelta(days=91)
SHORT = 93  # days up to which the periods before are those of its own kind
TOO_FAR = "It lies too far ahead: nothing can be said beyond three years."
TOO_LITTLE = "Too few to say: an outlook needs three finished months."
TOO_FEW = f"Too few to say: an outlook needs {deal_outlooks.FEWEST} deals that were decided."
NOTHING = "Nothing has come in yet, so nothing can be said of what will."
NOT_ABOVE = "The target is not above 0: there is no chance to give."

Calculate = Callable[..., Any]


@dataclass(frozen=True)
class Asked:
    """Which figure, of whom (`scope_key` of a team or an employee), over which period, known on which day."""

    figure: Figure
    scope: str
    scope_key: str | None
    period: Period
    as_of: date


@dataclass(frozen=True)
class Looked:
    """The outlook, or in `reason` why there is none; `done` is what the figure was by then."""

    outlook: Outlook | None
    done: float | None
    drivers: dict[str, float]
    reason: str | None = None

    def probability(self, target: float, figure: Figure) -> float | None:
        """The chance that a target is reached; None where none can be said."""
        if self.outlook is None or (figure.flow and target <= 0):
            return None
        return self.outlook.probability(target)

    def needed(self, target: float) -> Needed | None:
        """What an even chance of a target takes."""
        return outlook.needed(target, self.done or 0.0, self.outlook.quantile(0.5), self.drivers) if self.outlook else None


def directly(function: Callable[..., Any], *arguments: Any) -> Any:
    """Calculate in this process."""
    return function(*arguments)


def of_one(session: Session, key: str, scope: str, scope_key: str | None, period: Period, as_of: date | None = None) -> Looked:
    """The outlook of one figure, whoever's, over one period."""
    return looked(session, [Asked(figure_of(key), scope, scope_key, period, as_of or session.today)])[0]


def looked(session: Session, asked: Sequence[Asked], calculate: Calculate = directly) -> list[Looked]:
    """One outlook per question, in their order."""
    found: dict[Asked, Looked] = {each: _cannot(each) for each in asked if _why_not(each)}
    rest = [each for each in asked if each not in found]
    from_deals = [each for each in rest if each.figure.key in FROM_DEALS]
    found |= _from_deals(session, from_deals, calculate)
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


def window_of(session: Session, asked: Asked) -> Window:
    """The period as it is looked at from the day, with the events that were declared for the figure."""
    period, day = asked.period, asked.as_of
    declared = events.effects(session, asked.figure.key, day, period.end) if day >= session.today else []
    effects = tuple(Effect(row["starts_on"], row["ends_on"], row["effect_share"]) for row in declared)
    return Window(day, period.start, period.end, effects)


def course(session: Session, key: str, scope: str, scope_key: str | None, period: Period) -> list[tuple[date, float]]:
    """One row per week of the period that is over, and today: the figure as it stood at the close of that day."""
    figure, today = figure_of(key), session.today
    weeks = [period.start + timedelta(days=step) for step in range(6, period.elapsed_days(today) - 1, 7)]
    days = [*(weeks[:: max(len(weeks) // 13, 1)]), min(today, period.end)]
    found = values(session, [figure], [(period, day) for day in days], SPLIT[scope])
    known = [value_of(figure, groups.get(scope_key or "", {})) for groups in found]
    return [(day, float(value)) for day, value in zip(days, known, strict=True) if value is not None]


# From deals


def _from_deals(session: Session, asked: Sequence[Asked], calculate: Calculate) -> dict[Asked, Looked]:
    if not asked:
        return {}
    first_month = int(session.settings["first_month_of_year"])
    deals, owners = _deals(session)
    levels = _levels(owners)
    batches: dict[tuple[Window, Period, str, bool], list[Asked]] = defaultdict(list)
    for each in asked:
        batches[window_of(session, each), each.period, each.scope, FROM_DEALS[each.figure.key]].append(each)
    questions = [
        Question(window, _earlier(period, window), levels[scope][1], max(len(levels[scope][0]), 1), counted)
        for window, period, scope, counted in batches
    ]
    answered = calculate(deal_outlooks.answers, deals, questions, first_month)
    return {
        each: _answer(answer, levels[scope][0].get(each.scope_key))
        for ((_, _, scope, _), batch), answer in zip(batches.items(), answered, strict=True)
        for each in batch
    }


def _answer(answers: list[Answer], group: int | None) -> Looked:
    if group is None:
        return Looked(None, 0.0, {}, NOTHING)
    answer = answers[group]
    reason = None if answer.outlook else TOO_FEW
    if answer.outlook and answer.outlook.ends[-1] <= 0:
        return Looked(None, answer.done, answer.drivers, NOTHING)
    return Looked(answer.outlook, answer.done, answer.drivers, reason)


def _deals(session: Session) -> tuple[open_deals.Deals, list[dict[str, Any]]]:
    """The deals as arrays, and the owners in the order of their numbers; the last one is nobody."""
    frame = session.frame(
        """
        select
            facts.deal_id::varchar as deal,
            coalesce(facts.owner_id::varchar, '') as owner,
            facts.opened_on - date '1970-01-01' as opened,
            case when facts.outcome <> 'open' then facts.closed_on - date '1970-01-01' end as closed,
            facts.outcome = 'won' as is_won,
            facts.amount::double as amount,
            products.list_price_amount::double as list_price,
            facts.expected_close_on - date '1970-01-01' as expected
        from deal_facts as facts
        left join products on products.product_id = facts.product_id
        where facts.opened_on is not null and (facts.outcome = 'open' or facts.closed_on is not null)
        order by facts.opened_on, facts.deal_id
        """
    )
    owners = session.rows(
        "select employee_id::varchar as owner, team_id::varchar as team from employees order by employee_id"
    )
    owners.append({"owner": "", "team": None})
    numbers = {row["owner"]: place for place, row in enumerate(owners)}
    deals = open_deals.of(
        opened=frame["opened"].to_numpy(),
        closed=frame["closed"].fillna(open_deals.NEVER).to_numpy(),
        won=frame["is_won"].to_numpy(dtype=bool),
        amount=frame["amount"].to_numpy(dtype=float),
        list_price=frame["list_price"].to_numpy(dtype=float),
        expected=frame["expected"].to_numpy(dtype=float, na_value=np.nan),
        group=frame["owner"].map(numbers).fillna(len(owners) - 1).to_numpy(),
        steps=_steps(session, frame["deal"].to_numpy()),
    )
    return deals, owners


def _steps(session: Session, deals: Any) -> tuple[Any, Any, Any]:
    """Which deal entered which open stage on which day, in the order of time."""
    steps = session.frame(
        """
        select
            changes.deal_id::varchar as deal,
            local_day(changes.changed_at) - date '1970-01-01' as day,
            changes.to_stage_id::varchar as stage
        from stage_changes as changes
        inner join stages on stages.stage_id = changes.to_stage_id
        where changes.archived_at is null and stages.outcome = 'open'
        order by changes.changed_at, changes.stage_change_id
        """
    )
    numbers = {deal: place for place, deal in enumerate(deals)}
    place = steps["deal"].map(numbers)
    known = steps[place.notna()]
    return (
        place[place.notna()].to_numpy(dtype="int64"),
        known["day"].to_numpy(dtype="int64"),
        known["stage"].astype("category").cat.codes.to_numpy(dtype="int64"),
    )


def _levels(owners: list[dict[str, Any]]) -> dict[str, tuple[dict[str | None, int], tuple[int, ...]]]:
    """For each scope: the number of each key, and in which of them each owner is."""
    teams = {key: place for place, key in enumerate(sorted({row["team"] for row in owners if row["team"]}))}
    people: dict[str | None, int] = {row["owner"]: place for place, row in enumerate(owners) if row["owner"]}
    return {
        "company": ({None: 0}, (0,) * len(owners)),
        "team": (dict(teams), tuple(teams.get(row["team"], -1) for row in owners)),
        "employee": (people, tuple(people.get(row["owner"], -1) for row in owners)),
    }


def _earlier(period: Period, window: Window) -> tuple[Window, ...]:
    """Earlier windows like this one, over by its day: the periods before, or where it is long, a quarter apart."""
    found: list[Window] = []
    for step in range(1, 3 * EARLIER):
        if period.days <= SHORT:
            before = period.shifted(-step)
            start, end = before.start, before.end
            as_of = min(start + (window.as_of - window.start), end - timedelta(days=1))
        else:
            as_of = window.as_of - step * STEP
            start, end = window.start - step * STEP, window.end - step * STEP
        if end <= window.as_of and len(found) < EARLIER:
            found.append(Window(as_of, start, end))
    return tuple(found)


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


def ahead(session: Session, key: str, horizon: int, as_of: date, season: int = 12) -> dict[str, Any]:
    """How a figure goes on: one entry per month after the last finished one, with the mean and three intervals."""
    figure = figure_of(key)
    if not 1 <= horizon <= FARTHEST:
        raise Refused(f"A forecast looks 1 to {FARTHEST} months ahead.", "horizon")
    if not 1 <= season <= FARTHEST:
        raise Refused(f"A season has 1 to {FARTHEST} months.", "season")
    running = containing("month", as_of + timedelta(days=1))
    months = [running.shifted(-steps) for steps in range(2 * LOOK_BACK, 0, -1)]
    known = series(session, key, months, as_of)
    began = dropwhile(lambda pair: not pair[1], zip(months, known, strict=True))
    history = [(month, float(value)) for month, value in began if value is not None]
    found = {"figure": key, "unit": figure.unit, "as_of": as_of.isoformat(), "n": len(history), "months": []}
    if len(history) < FEWEST_MONTHS:
        return found | {"reason": TOO_LITTLE if history else NOTHING}
    made = forecast([value for _, value in history], horizon, season)
    bounds = {share: made.interval(share) for share in (0.5, 0.8, 0.95)}
    ahead_ = [
        {"month": running.shifted(step).label, "mean": float(made.mean[step])}
        | {f"interval_{round(share * 100)}": [float(low[step]), float(high[step])] for share, (low, high) in bounds.items()}
        for step in range(horizon)
    ]
    return found | {"last": {"month": history[-1][0].label, "value": history[-1][1]}, "months": ahead_}


def ahead_as_text(found: dict[str, Any]) -> str:
    """A forecast as lines for a terminal."""
    if "reason" in found:
        return str(found["reason"])
    return "\n".join(
        f"{month['month']}  {month['mean']:>14,.2f}  80 %: {month['interval_80'][0]:,.2f} to {month['interval_80'][1]:,.2f}"
        for month in found["months"]
    )
