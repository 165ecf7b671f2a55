"""What became of goals, as tables: how the past ones ended, and every change of a target."""

from __future__ import annotations

from datetime import timedelta

import pandas as pd
import streamlit as st

from crm.queries import goal_history, goals
from crm.queries.periods import Period, spanning
from crm.queries.registry import FIGURES
from crm.store.session import Session
from crm.ui import goallines, tables, taking, words
from crm.ui.goallines import NOUNS
from crm.ui.session import cached

LOOK_BACK = timedelta(days=2 * 365)


def past(session: Session, scope: str) -> None:
    """How the goals of a scope that ended in the last two years turned out."""
    over = Period(session.today - LOOK_BACK, session.today - timedelta(days=1))
    found = cached(session, goals.attainment, NOUNS, session.today, touching=over)
    over_now = [goal for goal in found if goal.period.end < session.today and goal.scope == scope]
    ended = [goal for goal in over_now if not goallines.is_judged_by_a_part(session, goal)]
    if not ended:
        st.caption(goallines.NARROWED if over_now else "No goal has ended yet.")
        return
    reached = sum(goal.state == "reached" for goal in ended)
    st.markdown(f"{reached} of {words.count(len(ended), 'goal')} reached in the last two years.")
    rows = [
        {
            "period": goal.period.label,
            "figure": goal.figure.title,
            "whose": goal.scope_name,
            "ended": goallines.progress(goal, session.settings["currency"]),
            "attainment_share": goal.attainment,
            "state": goal.state,
        }
        for goal in ended
    ]
    tables.draw(pd.DataFrame(rows), key="past_goals", alt="Goals that have ended")
    taking.offer("past_goals", "Goals that have ended", lambda _: pd.DataFrame(rows))


def changes(session: Session, period: Period) -> None:
    """Every time a target of this period was set or changed: who, when, from what to what."""
    found = goal_history.changes_of(session, period)
    if not found:
        st.caption("No target was set for this period.")
        return
    rows = [
        {
            "when_at": session.local(row["made_at"]).replace(tzinfo=None),
            "who": row["actor_name"],
            "what": row["did"],
            "figure": FIGURES[row["figure"]].title,
            "whose": row["scope_name"],
            "period": spanning(row["starts_on"], row["ends_on"], period.first_month).label,
            "from": _target(session, row["figure"], row["from_target"]),
            "to": _target(session, row["figure"], row["to_target"]),
            "change": row["title"],
        }
        for row in found
    ]
    tables.draw(pd.DataFrame(rows), key="goal_changes", alt="Every change of a target")
    taking.offer("goal_changes", "Changes of targets", lambda _: pd.DataFrame(rows).rename(columns={"when_at": "when"}))


def _target(session: Session, figure: str, value: float | None) -> str:
    return "" if value is None else words.figure(value, FIGURES[figure].unit, session.settings["currency"])
