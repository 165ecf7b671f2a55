"""What open deals and the run-rate say of won amounts and numbers of deals, for many goals from one reading of all deals."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import numpy as np

from crm.insight import deal_outlooks
from crm.insight.deal_days import NEVER, Deals
from crm.insight.deal_outlooks import Answer, Question
from crm.insight.outlook import Window
from crm.queries.outlook_questions import NOTHING, Asked, Calculate, Looked, window_of
from crm.queries.periods import Period
from crm.store.session import Session

FROM_DEALS = {"won_amount": False, "won_count": True}  # figure → whether deals are counted
EARLIER = 4  # periods that an outlook learns its own error from
STEP = timedelta(days=91)
SHORT = 93  # days up to which the periods before are those of its own kind
TOO_FEW = f"Too few to say: an outlook needs {deal_outlooks.FEWEST} deals that were decided."


def from_deals(session: Session, asked: Sequence[Asked], calculate: Calculate) -> dict[Asked, Looked]:
    """One outlook per question about won amounts or numbers of deals: the deals are read once."""
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


def _deals(session: Session) -> tuple[Deals, list[dict[str, Any]]]:
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
    owners = session.rows("select employee_id::varchar as owner, team_id::varchar as team from employees order by employee_id")
    owners.append({"owner": "", "team": None})
    numbers = {row["owner"]: place for place, row in enumerate(owners)}
    deals = Deals.of(
        opened=frame["opened"].to_numpy(),
        closed=frame["closed"].fillna(NEVER).to_numpy(),
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
