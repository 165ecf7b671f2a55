"""What is it worth, where does it stand, what next?"""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from crm.commands.deals import archive_deal, edit_deal
from crm.queries import deals, pipeline, stages, timeline
from crm.ui import board, cards, dealparts, dialogs, entries, entry, fields, flash, forms, moving, own, words
from crm.ui.header import header
from crm.ui.places import PIPELINE
from crm.ui.session import cached, current

FIRST, STEP = 15, 30


@dialogs.dialog("Edit deal", width="large")
def edit(row: dict[str, Any]) -> None:
    """Everything about the deal but its stage, which is moved."""
    session = current()
    asked = [field for field in fields.deal(session) if field.name != "stage_id"]
    forms.draw("edit_deal", asked, partial(edit_deal, session, row["deal_id"]), done="Saved", row=row)


def menu(row: dict[str, Any], steps: list[dict[str, Any]]) -> None:
    """Where it can go, and what else can be done with it; nothing that the person may not do."""
    st.page_link(PIPELINE, label="Pipeline", icon=":material/chevron_left:")
    if not moving.may_change(current(), row):
        return
    if row["outcome"] == "open":
        moving.step(row, steps)
    moving.menu(row, steps)
    if st.button("Edit", key="edit", icon=":material/edit:"):
        forms.clear("edit_deal")
        edit(row)
    archive = partial(
        flash.attempt, "flash", partial(archive_deal, current(), row["deal_id"], version=row["version"]), "Archived"
    )
    st.button("Archive", key="archive", type="tertiary", on_click=archive)


def figures(row: dict[str, Any], steps: list[dict[str, Any]]) -> None:
    """Worth, chance, when, how long."""
    session = current()
    currency = session.settings["currency"]
    is_open = row["outcome"] == "open"
    worth = "Estimated from the list price" if row["is_estimated"] else words.exact(row["potential_amount"], currency)
    with st.grid(4, min_column_width=170):
        st.metric(
            "About" if row["is_estimated"] else "Amount",
            words.money(row["potential_amount"], currency),
            border=True,
            height="stretch",
            help=worth,
        )
        chance = words.share(row["probability_share"]) if is_open else words.label(row["outcome"])
        weighted = f"weighted {words.money(row['weighted_amount'], currency)}" if is_open else None
        st.metric("To win" if is_open else "Outcome", chance, border=True, height="stretch", help=weighted)
        day = row["expected_close_on"] if is_open else row["closed_on"]
        is_near = is_open or (day is not None and day.year == session.today.year)  # the facts beside it have the whole day
        late = is_open and day is not None and day < session.today
        st.metric(
            "Expected close" if is_open else "Closed",
            words.NOTHING if day is None else f"{day:%d %b}" if is_near else f"{day:%b %Y}",
            words.days_ago(day, session.today) if day else None,
            delta_color="red" if late else "gray",
            delta_arrow="off",
            border=True,
            height="stretch",
        )
        here = next((step["days"] for step in steps if step["is_now"]), None)
        days = here if is_open else row["cycle_days"]
        label = f"In {row['stage_name']}" if is_open else "It took"
        st.metric(words.plain(label), words.NOTHING if days is None else words.count(days, "day"), border=True, height="stretch")


@st.fragment
def story(row: dict[str, Any]) -> None:
    """What happened with it: the entry box, then the customer's timeline as far as it is about this deal."""
    dialogs.pass_on()
    session = current()
    if not row["customer_id"]:
        st.caption("This deal has no customer yet. Edit it and choose one: then calls and notes have their place here.")
        return
    entry.box(row["customer_id"], row["deal_id"])
    many = st.session_state.get("deal_entries", FIRST)
    found = timeline.of_customer(session, row["customer_id"], deal_id=row["deal_id"], limit=many + 1)
    entries.draw(session, found[:many], may_edit=moving.may_change(session, row))
    if not found:
        st.caption("Nothing happened yet. Write the first note above.")
    if len(found) > many:
        st.button("Older", key="older", on_click=lambda: st.session_state.update(deal_entries=many + STEP))


wanted = st.query_params.get("deal")
deal = deals.one(current(), wanted) if wanted and cards.is_key(wanted) else None
if not deal or deal["archived_at"]:
    with header("Deal"):
        pass
    with cards.empty("handshake", "This deal is not here. It may have been archived; History brings it back."):
        st.page_link(PIPELINE, label="Pipeline")
    st.stop()
steps = [stage for stage in stages.active(current()) if stage["pipeline_id"] == deal["pipeline_id"]]
who, what = board.parted(deal)
with header(what, who):
    menu(deal, steps)
way = deals.track(current(), deal["deal_id"])
dealparts.track(way, cached(current(), pipeline.usual, ("stage_changes",)))
figures(deal, way)
dealparts.close_moves(deal)
left, right = st.columns([2, 1], gap="large")
with left:
    story(deal)
with right:
    dealparts.facts(deal)
    own.panel("deals", deal)
    dealparts.todo(deal)
