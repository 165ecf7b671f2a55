"""The parts of a deal's page: the track through its stages, its facts, its tasks."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import streamlit as st

from crm.commands.tasks import add_task
from crm.queries import deals, tasks
from crm.ui import dialogs, fields, forms, panels, words
from crm.ui.places import PROFILE
from crm.ui.session import current

Row = dict[str, Any]


def track(steps: Sequence[Row], usual: dict[Any, Row]) -> None:
    """The way through the stages as a row of badges: passed, here, to come."""
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="track"):
        for step in steps:
            pace = usual.get(step["stage_id"])
            st.badge(words.plain(_label(step)), icon=_icon(step), color=_color(step, pace), help=_usual(pace))


def _label(step: Row) -> str:
    return step["name"] if step["days"] is None else f"{step['name']} · {words.count(step['days'], 'day')}"


def _icon(step: Row) -> str | None:
    if step["is_now"]:
        return {"won": ":material/emoji_events:", "lost": ":material/close:"}.get(step["outcome"], ":material/play_arrow:")
    return ":material/check:" if step["entered_at"] else None


def _color(step: Row, pace: Row | None) -> Any:
    if not step["is_now"]:
        return "gray"
    late = pace is not None and step["days"] is not None and step["days"] > pace["usual_days"]
    return "red" if late or step["outcome"] == "lost" else "green" if step["outcome"] == "won" else "blue"


def _usual(pace: Row | None) -> str | None:
    if pace is None:
        return None
    half, usual = (words.count(round(pace[name]), "day") for name in ("median_days", "usual_days"))
    return f"Half of the deals leave this stage within {half}, three of four within {usual} (n = {pace['stay_count']:,})"


def close_moves(deal: Row) -> None:
    """How often the expected close was moved, how far in all, by whom."""
    moves = deals.close_moves(current(), deal["deal_id"])
    if not moves:
        return
    with st.expander(f"Expected close {moved_words(moves)}", key="close_moves"):
        for move in moves:
            after = f"{move['after_on']:%d %b %Y}" if move["after_on"] else "no day"
            when = f"{current().local(move['made_at']):%d %b %Y}"
            st.caption(f"{move['before_on']:%d %b %Y} → {after} · {words.plain(move['actor_name'])}, {when}")


def moved_words(moves: Sequence[Row]) -> str:
    """How often and how far.

    >>> moved_words([{"days": 10}, {"days": 30}]), moved_words([{"days": -3}]), moved_words([{"days": None}])
    ('moved 2 times, 40 days later in all', 'moved once, 3 days earlier in all', 'moved once')
    """
    days = sum(move["days"] or 0 for move in moves)
    often = "once" if len(moves) == 1 else f"{len(moves)} times"
    far = f", {words.count(abs(days), 'day')} {'later' if days > 0 else 'earlier'} in all" if days else ""
    return f"moved {often}{far}"


def facts(deal: Row) -> None:
    """Whose it is, with whom, for what, since when."""
    with st.container(border=True, key="facts"):
        st.subheader("Facts", anchor=False)
        if deal["customer_id"]:
            label = words.plain(deal["customer_name"])
            st.page_link(PROFILE, label=label, icon=":material/business:", query_params={"customer": str(deal["customer_id"])})
        lines = {
            "Contact": deal["contact_name"],
            "Owner": deal["owner_name"] or "nobody",
            "Product": deal["product_name"],
            "Opened": deal["opened_on"] and f"{deal['opened_on']:%d %b %Y}",
            "Expected close": deal["outcome"] == "open" and deal["expected_close_on"] and f"{deal['expected_close_on']:%d %b %Y}",
            "Closed": deal["closed_on"] and f"{deal['closed_on']:%d %b %Y}",
            "Lost because": deal["lost_reason"],
            "Note": deal["note"],
        }
        st.markdown("  \n".join(f":gray[{name}] {words.plain(value)}" for name, value in lines.items() if value))


def todo(deal: Row) -> None:
    """What is to do for it, and one more."""
    session = current()
    with st.container(border=True, key="deal_tasks"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.subheader("Tasks", anchor=False)
            if st.button("Add", key="deal_task", type="tertiary", icon=":material/add:"):
                forms.clear("add_deal_task")
                _plan(deal)
        found = tasks.of_deal(session, deal["deal_id"])
        for task in found:
            panels.open_task(task)
        if not found:
            st.caption("Nothing is planned. What is the next step?")


@dialogs.dialog("Task")
def _plan(deal: Row) -> None:
    session = current()
    asked = [field for field in fields.task(session) if field.name not in {"customer_id", "contact_id", "deal_id"}]
    save = partial(add_task, session, customer_id=deal["customer_id"], deal_id=deal["deal_id"])
    forms.draw("add_deal_task", asked, save, done="Task added", label="Add")
