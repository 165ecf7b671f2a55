"""A goal in words and on a line: how far, how fast, in what state. Shared by the Goals page and my goal on Today."""

from __future__ import annotations

import streamlit as st

from crm.queries.goal_outlooks import Kept
from crm.queries.goals import Parts, Standing
from crm.store.session import Session
from crm.ui import goaloutlook, words

STATES = {
    "reached": ("green", "check"),
    "on track": ("green", "trending_up"),
    "closing in": ("green", "trending_up"),
    "behind": ("orange", "trending_flat"),
    "unchanged": ("gray", "trending_flat"),
    "moving away": ("red", "trending_down"),
    "at risk": ("red", "trending_down"),
    "missed": ("red", "close"),
}
PERIODS = {"year": "year", "quarter": "quarter", "month": "month", "days": "period of as many days"}

NARROWED = "You see what your own customers, or those of your team, brought: the figures of others are larger."

NOUNS = (
    "goals",
    "objectives",
    "deals",
    "stages",
    "stage_changes",
    "products",
    "customers",
    "orders",
    "interactions",
    "feedback",
    "tasks",
    "employees",
    "teams",
)


def progress(goal: Standing, currency: str) -> str:
    """Where the figure is and where it should be: “$438k of $819k”, “41, from 38 to 45”."""
    actual, start, target = (words.figure(value, goal.figure.unit, currency) for value in (goal.actual, goal.start, goal.target))
    if goal.figure.flow:
        return f"{actual} of {target}" if goal.figure.more_is_better else f"{actual} of at most {target}"
    return f"{actual}, from {start} to {target}" if goal.start is not None else f"{actual}, to {target}"


def share(goal: Standing) -> str:
    """How much is reached; nothing where there is no share of it, or a level moved the other way."""
    return words.share(goal.attainment) if goal.attainment is not None and goal.attainment >= 0 else ""


def speed(goal: Standing, currency: str) -> str:
    """The pace of a flow, the distance of a level; or why there is neither."""
    if goal.state == "not begun":
        return f"begins {goal.period.start:%d %b %Y}"
    if goal.actual is None:
        return goal.figure.missing
    if goal.figure.flow:
        return f"pace {goal.pace:.2f}×" if goal.pace is not None else "no share: the target is not above 0"
    if goal.start == goal.target:
        return "no share: it began at its target"
    return distance(goal, currency)


def distance(goal: Standing, currency: str) -> str:
    """How much is still to go, or by how much it is past."""
    missing = goal.distance or 0
    amount = _difference(abs(missing), goal.figure.unit, currency)
    return f"{amount} to go" if missing > 0 else f"{amount} past the target" if missing < 0 else "exactly on target"


def _difference(value: float, unit: str, currency: str) -> str:
    return f"{value * 100:.1f} points" if unit == "share" else words.figure(value, unit, currency)


def gap(part: Parts, currency: str) -> str:
    """What the parts add up to against the whole: “parts add up to $3.05M: $150k unassigned”."""
    unit = part.whole.figure.unit
    total, rest = (words.figure(value, unit, currency) for value in (part.total, abs(part.unassigned)))
    against = f"{rest} unassigned" if part.unassigned > 0 else f"{rest} more than the whole"
    return f"{words.label(part.scope)}s add up to {total}: {against if part.unassigned else 'exactly the whole'}"


def is_judged_by_a_part(session: Session, goal: Standing) -> bool:
    """Whether this session sees only some of what counts for the goal: then its state, and its chance, would be another."""
    return session.scope != "all" and goal.scope_key != str(session.actor.employee_id)


def badge(session: Session, goal: Standing) -> None:
    """The state, in a colour and in a word; none where it would be judged by a part."""
    if is_judged_by_a_part(session, goal):
        return
    color, icon = STATES.get(goal.state, ("gray", "schedule"))
    st.badge(goal.state, icon=f":material/{icon}:", color=color)  # type: ignore[arg-type]


def bar(goal: Standing) -> None:
    """How much of the way is covered; none where no share can be said."""
    if goal.attainment is not None:
        st.progress(min(max(goal.attainment, 0.0), 1.0))


def line(session: Session, goal: Standing, kept: Kept | None = None, *, border: bool = True) -> bool:
    """One goal as a row: what and whose, how far, how fast, its state, its outlook. True when its Change button was clicked."""
    currency = session.settings["currency"]
    heads = [goal.figure.title, words.plain(goal.scope_name)]
    name, detail = heads if goal.scope == "company" else heads[::-1]
    with st.container(border=border, key=f"goal_{goal.goal_id}"):
        what, how_far, how_fast, state = st.columns([5, 6, 3, 4], vertical_alignment="center")
        note = words.plain(goal.note) if goal.note else None  # one piece of text each: sixty goals are a page
        what.markdown(f"**{name}**  \n:small[:gray[{detail} · {words.plain(goal.period.label)}]]", help=note)
        with how_far.container(gap=None):
            st.markdown(words.plain(progress(goal, currency)))
            bar(goal)
        reached = f"**{share(goal)}**  \n" if share(goal) else ""
        pace = "" if is_judged_by_a_part(session, goal) else words.plain(speed(goal, currency))
        how_fast.markdown(f"{reached}:small[:gray[{pace}]]")
        with state.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            badge(session, goal)
            changed = _changeable(session, goal)
        if goal.state != "reached" and not is_judged_by_a_part(session, goal):
            goaloutlook.line(session, goal, kept, currency)
    return changed


def _changeable(session: Session, goal: Standing) -> bool:
    """Offered to those who may set this goal; the store refuses everybody else."""
    needed = "leader" if goal.scope == "company" else "manager"
    if not session.may(needed):
        return False
    return st.button("Change", key=f"change_{goal.goal_id}", type="tertiary", icon=":material/edit:")
