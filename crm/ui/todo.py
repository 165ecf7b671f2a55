"""What is to do, and who to call: each line with what can be done about it on the spot."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import streamlit as st

from crm.commands.deals import edit_deal
from crm.commands.interactions import log_interaction
from crm.commands.tasks import add_task, finish_task, snooze_task
from crm.commands.traits import set_trait_state
from crm.ui import dialogs, edits, fields, flash, forms, words
from crm.ui.forms import Field
from crm.ui.places import DEAL, PROFILE
from crm.ui.session import current

LATER = {"Tomorrow": 1, "In three days": 3, "Next week": 7, "In a month": 30}
LOGGED = [
    Field("channel", "Kind", "choice", ("call", "email", "meeting", "visit"), required=True, default="call"),
    Field("note", "What was said", "area"),
]


def tasks(rows: list[dict[str, Any]]) -> None:
    """Open tasks: tick one done, do it with a log, or put it off."""
    today = current().today
    for row in rows:
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"todo_{row['task_id']}"):
            with st.container(gap=None):
                st.checkbox(words.plain(row["title"]), key=f"done_{row['task_id']}", on_change=_finish, args=(row["task_id"],))
                with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                    late = row["due_on"] is not None and row["due_on"] < today
                    st.badge(words.due(row["due_on"], today), color="red" if late else "gray")
                    if row["customer_name"]:
                        link(row["customer_id"], row["customer_name"])
            _task_menu(row)


def _task_menu(row: dict[str, Any]) -> None:
    key = f"later_{row['task_id']}"
    options = [*(["Done, and log it"] if row["customer_id"] else []), *LATER, "Edit"]
    st.menu_button(
        "",
        options,
        key=key,
        icon=":material/more_horiz:",
        type="tertiary",
        on_click=_task_menu_chosen,
        args=(row, key),
        help="Later, done with a log, or edit",
    )


def _task_menu_chosen(row: dict[str, Any], key: str) -> None:
    chosen = st.session_state[key]
    if chosen in LATER:
        flash.attempt(
            "flash", partial(snooze_task, current(), row["task_id"], in_days(LATER[chosen])), f"Put off: {row['title']}"
        )
    elif chosen == "Edit":
        edits.ask("tasks", row["task_id"])
    elif chosen:
        dialogs.asked("finish_task", _finish_and_log, row)


def _finish(task_id: UUID) -> None:
    flash.attempt("flash", partial(finish_task, current(), task_id), "Done")


def in_days(days: int) -> date:
    """A day from now."""
    return current().today + timedelta(days=days)


@dialogs.dialog("Done, and log it")
def _finish_and_log(row: dict[str, Any]) -> None:
    st.markdown(words.plain(row["title"]))

    def save(**typed: Any) -> Any:
        return finish_task(current(), row["task_id"], interaction=typed)

    forms.draw("finish_task", LOGGED, save, done="Done and logged", label="Done")


@dialogs.dialog("Log")
def _log_with(row: dict[str, Any]) -> None:
    st.markdown(f"With **{words.plain(row['name'])}**")
    forms.draw(
        "log_with",
        [*LOGGED, *fields.SAID],
        partial(log_interaction, current(), customer_id=row["customer_id"]),
        done=f"Logged with {row['name']}",
        label="Log",
    )


def link(customer_id: UUID, name: str) -> None:
    """A customer's name that opens the profile."""
    st.page_link(PROFILE, label=words.plain(name), query_params={"customer": str(customer_id)})


def to_call(rows: list[dict[str, Any]]) -> None:
    """Customers who have gone quiet: why, what is at stake, log or later."""
    currency = current().settings["currency"]
    for row in rows:
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"quiet_{row['customer_id']}"):
            with st.container(gap=None):
                link(row["customer_id"], row["name"])
                usual = f" · usual {row['usual_gap_days']:.0f}" if row["usual_gap_days"] else ""
                at_stake = words.plain(words.money(row["yearly_amount"], currency))
                ahead = row["expected_purchases"]
                expected = f" in {ahead:.1f} purchases" if ahead is not None else ""
                st.caption(f"quiet {row['days_quiet']} days{usual} · {at_stake} a year{expected}")
            asked = ("log_with", _log_with, row)
            st.button("Log", key=f"log_{row['customer_id']}", on_click=dialogs.asked, args=asked)
            st.button(
                "Later",
                key=f"call_{row['customer_id']}",
                type="tertiary",
                on_click=_call_later,
                args=(row,),
                help="Plan a call for next week",
            )


def _call_later(row: dict[str, Any]) -> None:
    title = f"Call {row['name']}"[:200]
    flash.attempt(
        "flash",
        partial(add_task, current(), title=title, customer_id=row["customer_id"], due_on=in_days(7)),
        f"A call with {row['name']} is planned",
    )


def promises(rows: list[dict[str, Any]]) -> None:
    """What we promised, to whom, by when."""
    today = current().today
    for row in rows:
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"promise_{row['trait_id']}"):
            with st.container(gap=None):
                link(row["customer_id"], row["customer_name"])
                st.caption(f"{words.plain(row['text'])} · {words.due(row['promised_on'], today)}")
            met = partial(flash.attempt, "flash", partial(set_trait_state, current(), row["trait_id"], "met"), "Promise kept")
            st.button("Kept", key=f"kept_{row['trait_id']}", on_click=met)


def past_close(rows: list[dict[str, Any]]) -> None:
    """Deals that should have closed: open them, or say when they will."""
    session = current()
    currency = session.settings["currency"]
    for row in rows:
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"late_{row['deal_id']}"):
            with st.container(gap=None):
                st.page_link(DEAL, label=words.plain(row["name"]), query_params={"deal": str(row["deal_id"])})
                amount = words.plain(words.money(row["potential_amount"], currency))
                st.caption(f"{amount} · {words.due(row['expected_close_on'], session.today)}")
            key = f"close_{row['deal_id']}"
            st.menu_button(
                "Closes", list(LATER), key=key, type="tertiary", on_click=_close_later, args=(row, key), help="When it will close"
            )


def _close_later(row: dict[str, Any], key: str) -> None:
    day = in_days(LATER[st.session_state[key]])
    flash.attempt(
        "flash", partial(edit_deal, current(), row["deal_id"], expected_close_on=day), f"Expected close moved to {day:%d %b}"
    )
