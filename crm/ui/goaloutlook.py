"""What is likely to become of a goal, in words and as a fan; what would have to change; and how often we were right."""

from __future__ import annotations

from typing import Any

import streamlit as st

from crm.charts import figures as charts
from crm.queries import events, goal_outlooks, outlooks
from crm.queries.goal_outlooks import Judged, Kept, Needed
from crm.queries.goals import Standing
from crm.queries.outlook_questions import Looked
from crm.queries.periods import Period, spanning
from crm.queries.registry import FIGURES, Figure
from crm.store.session import Session
from crm.ui import eventlist, words
from crm.ui.session import cached

LIKELY = ((0.95, "almost certain"), (0.8, "very likely"), (0.6, "likely"), (0.4, "about even"), (0.2, "unlikely"))
HOPELESS, RARE = 0.05, "very unlikely"
FEW = 10  # periods from which a record says something
NEWS = 3  # milestones shown at once
MOST_WINS = 0.95  # a win rate that nobody is asked for


def chance(probability: float) -> str:
    """A chance as a number and a word; no chance is certain.

    >>> chance(0.71), chance(0.5), chance(0.08), chance(0.999), chance(0.001)
    ('71 % likely', '50 %, about even', '8 %, very unlikely', 'over 99 %, almost certain', 'under 1 %, almost out of reach')
    """
    number = "over 99 %" if probability > 0.99 else "under 1 %" if probability < 0.01 else words.share(probability)
    last = RARE if probability >= HOPELESS else "almost out of reach"
    word = next((word for least, word in LIKELY if probability >= least), last)
    return f"{number} likely" if word == "likely" else f"{number}, {word}"


def said(kept: Kept, figure: Figure, currency: str) -> str:
    """The chance and the range, or why there is none: “71 % likely · range $3M–$3.5M”."""
    if kept.probability is None:
        return kept.reason or "Too few to say."
    low, high = (words.figure(kept.quantile(share), figure.unit, currency) for share in (0.1, 0.9))
    return f"{chance(kept.probability)} · range {low}–{high}"


def of_goals(session: Session, standings: list[Standing]) -> dict[Any, Kept]:
    """The last outlook of each goal that is running, where it was made for the target that stands."""
    ahead = {goal.goal_id: goal.target for goal in standings if goal.period.end > session.today}
    found = cached(session, goal_outlooks.latest, goal_outlooks.NOUNS, list(ahead)) if ahead else {}
    return {key: kept for key, kept in found.items() if kept.target == ahead[key]}


def line(session: Session, goal: Standing, kept: Kept | None, currency: str) -> None:
    """The outlook below a goal: a line that opens to the fan."""
    if kept is None:
        return
    if kept.probability is None:
        st.caption(words.plain(said(kept, goal.figure, currency)))
        return
    label = words.plain(said(kept, goal.figure, currency))
    with st.expander(label, key=f"fan_{goal.goal_id}", icon=":material/insights:", type="compact", on_change="rerun") as box:
        if box.open:
            opened(session, goal, kept, currency)


def opened(session: Session, goal: Standing, kept: Kept, currency: str) -> None:
    """The fan, what would have to change, what it rests on, and the milestones passed."""
    _fan(session, goal, kept)
    figure = goal.figure
    sure, even = (words.figure(_achievable(kept, figure, share), figure.unit, currency) for share in (0.8, 0.5))
    st.markdown(words.plain(f"80 % sure of {sure}; an even chance of {even}."))
    change = to_change(figure, goal.target, kept.needed(goal.target), kept.drivers, currency)
    if change:
        st.markdown(words.plain(change))
    passed = cached(session, goal_outlooks.milestones, goal_outlooks.NOUNS, [goal.goal_id]).get(goal.goal_id, [])
    if passed:
        steps = ", ".join(f"{words.share(row['share'])} seen on {row['reached_on']:%d %b}" for row in passed)
        st.caption(words.plain(f"Milestones: {steps}."))
    st.caption(words.plain(_basis(kept)))


def _basis(kept: Kept) -> str:
    what = "decided deals" if "deals" in kept.method else "months"
    few = " Few: the range is wide, and may be wider." if kept.n < (30 if "deals" in kept.method else 12) else ""
    return f"Simulated from {kept.method}, as of {kept.as_of:%d %b %Y}; learned from {kept.n:,} {what}.{few}"


def _achievable(kept: Kept, figure: Figure, share: float) -> float | None:
    """The figure that is reached with this chance."""
    return kept.quantile(round(1 - share, 2) if figure.more_is_better else share)


def _fan(session: Session, goal: Standing, kept: Kept) -> None:
    key = (goal.figure.key, goal.scope, goal.scope_key, goal.period)
    course = cached(session, outlooks.course, goal.figure.nouns, *key) if goal.period.start <= session.today else []
    past, so_far = [str(day) for day, _ in course], [value for _, value in course]
    scale = 100 if goal.figure.unit == "share" else 1
    start = [kept.actual * scale] if kept.actual is not None and course else []
    axis = [str(kept.as_of), *kept.days] if start else [*kept.days]
    rows = {band: [*start, *(value * scale for value in values)] for band, values in kept.bands.items()}
    chart = charts.fan(
        axis,
        {"8 of 10 futures": (rows[0.1], rows[0.9]), "5 of 10": (rows[0.25], rows[0.75])},
        rows[0.5],
        (past, [value * scale for value in so_far]),
        goal.target * scale,
        "So far",
    )
    if goal.figure.unit == "money":
        chart = charts.in_money(chart, words.symbol(session.settings["currency"]))
    found = cached(session, events.between, events.NOUNS, goal.period.start, goal.period.end)
    marks = [{"x": str(max(row["starts_on"], goal.period.start)), "name": eventlist.said(row)} for row in found]
    chart = charts.with_events(chart, marks)
    alt = f"{goal.figure.title}: where it was, and where it may end, against the target"
    st.plotly_chart(chart, key=f"fan_chart_{goal.goal_id}", config={"displayModeBar": False}, alt=alt)


def to_change(figure: Figure, target: float, found: Needed | None, drivers: dict[str, float], currency: str) -> str | None:
    """What an even chance takes, in a sentence; nothing where the target is reached, or where nothing can be said.

    >>> kept = Needed(1.2, 0.6, None, None, None)
    >>> to_change(FIGURES["won_amount"], 12_000, kept, {"win_rate": 0.5}, "USD")
    'For an even chance, what is still to come must be 1.20 times as much: a win rate of 60.0 % (now 50.0 %).'
    >>> to_change(FIGURES["won_amount"], 12_000, Needed(0.8, 0.4, None, 2.0, 0.9), {"win_rate": 0.5}, "USD")
    'The chance would still be even with only 0.80 times as much to come: a win rate of 40.0 % (now 50.0 %).'
    """
    if not (figure.flow and figure.more_is_better) or target <= 0 or found is None or not found.factor:
        return None
    ways = []
    if found.win_rate is not None:
        now = words.figure(drivers["win_rate"], "share")
        if found.win_rate <= MOST_WINS:
            ways.append(f"a win rate of {words.figure(found.win_rate, 'share')} (now {now})")
        else:
            ways.append(f"more than any win rate gives (now {now})")
    if found.average_amount is not None and figure.unit == "money":
        now = words.money(drivers["average_amount"], currency)
        ways.append(f"deals of {words.money(found.average_amount, currency)} (now {now})")
    is_short = found.factor > 1  # else more coverage than there is would be asked of a goal that is likely anyway
    if is_short and found.coverage and found.coverage_now is not None and figure.unit == "money":
        ways.append(f"a coverage of {found.coverage:.1f}× by open deals due in it (now {found.coverage_now:.1f}×)")
    listed = f": {', or '.join(ways)}" if ways else ""
    if is_short:
        return f"For an even chance, what is still to come must be {found.factor:.2f} times as much{listed}."
    return f"The chance would still be even with only {found.factor:.2f} times as much to come{listed}."


def advise(session: Session, key: str, scope: str, scope_key: str | None, period: Period, aim: float | None) -> None:
    """What is likely while a target is typed: simulated once a figure, scope and period, then only looked up."""
    figure, currency = FIGURES[key], session.settings["currency"]
    nouns = tuple({*figure.nouns, "external_events"})
    looked = cached(session, outlooks.of_one, nouns, key, scope, scope_key, period)
    outlook = looked.outlook
    if outlook is None:
        st.caption(words.plain(looked.reason or "Too few to say."))
        return
    if aim is not None:
        _chance(figure, looked, aim, currency)
    sure, even = (words.figure(outlook.achievable(share), figure.unit, currency) for share in (0.8, 0.5))
    st.markdown(words.plain(f"Realistic (80 %): {sure} · ambitious (50 %): {even}"))


def _chance(figure: Figure, looked: Looked, aim: float, currency: str) -> None:
    probability = looked.probability(aim, figure)
    if probability is None:
        st.markdown(words.plain(outlooks.NOT_ABOVE))
        return
    st.markdown(f"**{words.plain(chance(probability))}**")
    change = to_change(figure, aim, looked.needed(aim), looked.drivers, currency)
    if change:
        st.markdown(words.plain(change))


def news(session: Session) -> None:
    """Milestones reached lately: a line for two days, and a toast the first time somebody sees it."""
    for row in cached(session, goal_outlooks.news, (*goal_outlooks.NOUNS, "goals"))[:NEWS]:
        text = _passed(session, row)
        st.caption(f":material/flag: {text}")
        told = st.session_state.setdefault("milestones_told", set())
        if row["goal_milestone_id"] not in told:
            told.add(row["goal_milestone_id"])
            st.toast(text, icon=":material/flag:")


def past_news(session: Session) -> None:
    """The milestones of all goals, for History: nobody changed anything, so they are no line of it."""
    found = cached(session, goal_outlooks.passed, (*goal_outlooks.NOUNS, "goals"))
    if found:
        with st.expander(f"Goals and milestones reached ({len(found)})", key="milestones", icon=":material/flag:"):
            for row in found:
                st.markdown(f"{_passed(session, row)} :gray[· {row['reached_on']:%d %b %Y}]")


def _passed(session: Session, row: dict[str, Any]) -> str:
    period = spanning(row["starts_on"], row["ends_on"], int(session.settings["first_month_of_year"])).label
    what = "reached the goal" if row["share"] >= 1 else f"passed {words.share(row['share'])} of the goal"
    return words.plain(f"{row['scope_name']} {what}: {FIGURES[row['figure']].title}, {period}")


def record(session: Session) -> None:
    """How often what we said came true."""
    judged = cached(session, goal_outlooks.judged, (*goal_outlooks.NOUNS, "goals"))
    if judged is not None:
        brier = f" Here: {judged.record.brier:.2f} ({judged.record.base:.2f})."
        st.caption(words.plain(in_words(judged)), help=HOW_JUDGED + brier)


HOW_JUDGED = (
    "Chances are looked at after a quarter, a half and three quarters of each period that has ended. The Brier score is the "
    "mean square of what was missed: 0 is perfect, and always saying how often goals are reached scores what stands in brackets."
)
KINDS = {
    "said": "",
    "goals": " Back-test: computed afterwards, from what was known then, for goals that have ended.",
    "trials": " Back-test on our own past, with the mean of earlier periods as the target: too few goals have ended.",
}


def in_words(judged: Judged) -> str:
    """The record in two sentences.

    >>> from crm.insight.calibration import record
    >>> in_words(Judged(record([0.7] * 15, [True] * 11 + [False] * 4), 12, "said"))
    'When we said 70 %, it happened in 11 of 15: 3 points too careful. 12 periods.'
    """
    found, band = judged.record, judged.record.shown
    points = round(found.bias * 100)
    side = "hopeful" if points > 0 else "careful"
    way = f"{words.count(abs(points), 'point')} too {side}" if points else "right on average"
    few = " Too few to judge by." if judged.periods < FEW else ""
    return (
        f"When we said {words.share(band.mean)}, it happened in {band.happened} of {band.n}: {way}. "
        f"{words.count(judged.periods, 'period')}.{few}{KINDS[judged.kind]}"
    )
