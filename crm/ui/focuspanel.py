"""The panel of a focus group: draw it, see how mixed it is and who is left out, invite it, note who comes."""

from __future__ import annotations

from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from crm.commands import panels as drawing
from crm.queries import choices, panels
from crm.store.session import Session
from crm.ui import dialogs, flash, forms, tables, taking, todo, words
from crm.ui.forms import Field
from crm.ui.session import current

Row = dict[str, Any]
COLORS: dict[str, Any] = {"drawn": "gray", "invited": "blue", "accepted": "green", "declined": "orange"}
ANOTHER = "Declined: draw another"
FEW = 200


def draw(session: Session, group: Row) -> None:
    """What can be done with the panel, who is on it, how mixed it is, who is left out."""
    rows = panels.participants(session, group["focus_group_id"])
    _actions(session, group, rows)
    left, right = st.columns([3, 2], gap="large")
    with left, st.container(border=True, key="focus_panel"):
        for row in rows:
            _line(row)
        if not rows:
            st.caption("Nobody is drawn yet.")
    with right:
        _mixture(session, group)
        _left_out(session, group)


def _actions(session: Session, group: Row, rows: list[Row]) -> None:
    key = group["focus_group_id"]
    waiting = sum(row["state"] == "drawn" and row["may_be_asked"] for row in rows)
    missing = group["size"] - sum(row["state"] in ("invited", "accepted") for row in rows)
    with st.container(horizontal=True, vertical_alignment="center"):
        if missing > 0:
            st.button(
                "Draw anew"
                if any(row["state"] == "drawn" for row in rows)
                else f"Draw {missing} more"
                if rows
                else "Draw the panel",
                key="draw_panel",
                icon=":material/casino:",
                type="secondary" if rows else "primary",
                help="By chance, as mixed as the segment, one of each customer. Who is invited stays.",
                on_click=_draw,
                args=(key, group["seed"] + 1 if rows else group["seed"]),
            )
        if waiting:
            noted = partial(flash.attempt, "flash", partial(drawing.invite, session, key), f"{waiting} noted as invited")
            st.button(
                f"Mark {waiting} as invited",
                key="invite_panel",
                icon=":material/mail:",
                help="Take the list below for your mail merge, send it, then mark them. Nothing is sent from here.",
                on_click=noted,
            )
        if rows:
            taking.offer(
                "focus_panel",
                f"Invitations {group['name']}"[:80],
                partial(invitations, group=group),
                label="List for a mail merge",
            )
        if st.button("Add somebody", key="add_participant", icon=":material/person_add:", type="tertiary"):
            forms.clear("add_participant_form")
            _add(group)


def _draw(key: Any, seed: int) -> None:
    flash.attempt("flash", partial(drawing.draw_panel, current(), key, seed=seed), "The panel is drawn")


def invitations(session: Session, *, group: Row) -> pd.DataFrame:
    """One row per person to write to who still may be, with what an invitation says."""
    held = group["held_at"]
    rows = [
        row for row in panels.participants(session, group["focus_group_id"]) if row["state"] != "declined" and row["may_be_asked"]
    ]
    return pd.DataFrame(
        [
            {
                "name": row["name"],
                "first_name": row["name"].split()[0],
                "email": row["email"],
                "phone": row["phone"],
                "customer": row["customer"],
                "state": row["state"],
                "focus_group": group["name"],
                "when": f"{session.local(held):%A, %d %B %Y, %H:%M}" if held else None,
                "where": group["place"],
            }
            for row in rows
        ]
    )


def _line(row: Row) -> None:
    key = row["focus_participant_id"]
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", key=f"panel_{key}"):
        with st.container(gap=None):
            todo.link(row["customer_id"], row["name"])
            st.caption(words.plain(" · ".join(filter(None, [row["customer"], row["stratum"]]))))
        with st.container(horizontal=True, vertical_alignment="center", width="content", gap="small"):
            if not row["may_be_asked"]:
                st.badge(
                    "Not to be asked", color="red", help="They withdrew their consent, asked not to be asked, or are archived."
                )
            st.badge(words.label(row["state"]), color=COLORS[row["state"]])
            states = [words.label(state) for state in choices.PANEL_STATES if state != row["state"]]
            st.menu_button(
                "",
                [*states, ANOTHER],
                key=f"state_{key}",
                icon=":material/more_horiz:",
                type="tertiary",
                help="How they answered",
                on_click=_answered,
                args=(key,),
            )


def _answered(key: Any) -> None:
    chosen = st.session_state[f"state_{key}"]
    if chosen == ANOTHER:
        flash.attempt("flash", partial(drawing.replace_participant, current(), key), "Another is drawn in their place")
    elif chosen:
        flash.attempt("flash", partial(drawing.set_state, current(), key, chosen.lower()), f"Noted: {chosen.lower()}")


def _mixture(session: Session, group: Row) -> None:
    rows = panels.mixture(session, group)
    if any(row["stratum"] for row in rows):
        with st.container(border=True, key="focus_mixture"):
            st.markdown("**As mixed as the segment**")
            frame = pd.DataFrame(rows).rename(columns={"stratum": "customers"})
            tables.draw(frame, key="mixture", alt="Customers who may be drawn, and who are on the panel, by kind")
    elif not rows:
        st.caption("Nobody in the segment may be drawn.")


def _left_out(session: Session, group: Row) -> None:
    """Who may not be drawn, by the reason."""
    reasons = panels.why_left_out(session, group)
    with st.expander(f"Left out: {sum(many for _, many in reasons):,}", key="left_out", on_change="rerun") as box:
        if not reasons:
            st.caption("Nobody: all contacts of the segment may be drawn.")
        for why, many in reasons:
            st.caption(f"{many:,} {words.plain(why)}")
        if reasons and box.open:
            frame = pd.DataFrame(_named(session, group, FEW))
            tables.draw(frame, key="left_out_rows", alt="Who is left out, and why", height=240)
            taking.offer("left_out", "Left out of the panel", lambda asking: pd.DataFrame(_named(asking, group)))


def _named(session: Session, group: Row, most: int | None = None) -> list[Row]:
    return [{name: row[name] for name in ("name", "customer", "why")} for row in panels.left_out(session, group, most)]


@dialogs.dialog("Add somebody to the panel")
def _add(group: Row) -> None:
    session = current()
    asked = [
        Field("customer_id", "Customer", "customer", required=True),
        Field("contact_id", "Contact", "contact", required=True),
    ]

    def save(customer_id: Any = None, contact_id: Any = None) -> Any:
        return drawing.add_participant(session, group["focus_group_id"], contact_id=contact_id)

    forms.draw("add_participant_form", asked, save, done="On the panel", label="Add")
