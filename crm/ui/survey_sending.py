"""Ask people: a segment or some customers, who of them can be asked, and their links to copy or to take to a mail merge."""

from __future__ import annotations

from functools import partial
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pandas as pd
import streamlit as st

from crm.commands.invitations import Invited, invite, link_again, sort_out
from crm.queries import customers, segments, surveys
from crm.store.session import Session
from crm.ui import filters, flash, pickers, tables, taking, words
from crm.ui.forms import Field
from crm.ui.places import SETTINGS
from crm.ui.session import current

FORM, LINKS, PICKED = "survey_ask", "survey_links", "survey_picked"
NOBODY, EVERYBODY, SHOWN, NAMED, WHO = "Choose", "All customers", 50, 6, 330
OF_THIS_COMPUTER = ("localhost", "127.0.0.1", "::1")


def draw(survey: dict[str, Any]) -> None:
    """Choose whom to ask, then copy their links; those who have not answered can get a new one."""
    if survey["state"] != surveys.OPEN:
        st.caption("This survey takes no answers now. Open it to ask people.")
        return
    session = current()
    _choose(session, survey)
    _links(survey)
    if survey["is_anonymous"]:
        st.caption("Keep the links: they are shown once. Who has answered is known to nobody, so nobody is reminded by name.")
    else:
        _waiting(session, survey)


def _choose(session: Session, survey: dict[str, Any]) -> None:
    with st.container(border=True, key="survey_whom"):
        named = filters.named_segments(session)
        left, right = st.columns(2, gap="medium")
        with left:
            name = st.selectbox("A segment", [NOBODY, EVERYBODY, *named], key="survey_segment")
        with right:
            _picked(session)
        chosen = list(st.session_state.get(PICKED, []))
        if name in named:
            chosen += [UUID(str(key)) for key in segments.members(session, named[name])["customer_id"]]
        of_all = name == EVERYBODY and name not in named
        people = surveys.people_of(session, None if of_all else chosen)
        asked, left_out = sort_out(session, people)
        if chosen or of_all:
            st.markdown(f"**{words.count(len(asked), 'person')}** can be asked")
            _left_out(left_out)
        flash.problem(FORM)
        st.button(
            "Make their links",
            key="survey_invite",
            type="primary",
            disabled=not asked,
            on_click=partial(_invite, survey, [person["contact_id"] for person in asked]),
        )
        _public(session)


def _picked(session: Session) -> None:
    """Customers who are picked one by one, beside the segment."""
    pickers.customer("Or customers", "survey_ask.customer", Field("customer_id", "Or customers"))
    chosen = st.session_state.pop("survey_ask.customer", None)
    picked: list[UUID] = st.session_state.setdefault(PICKED, [])
    if chosen and UUID(str(chosen)) not in picked:
        picked.append(UUID(str(chosen)))
        st.rerun()
    if picked:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(words.plain(_named(session, picked)), width="content")
            st.button("None of them", key="survey_unpick", type="tertiary", on_click=picked.clear)


def _named(session: Session, picked: list[UUID]) -> str:
    """Who is picked, by name as long as there are few."""
    names = [customers.name_of(session, key) or "No longer there" for key in picked[-NAMED:]]
    more = len(picked) - len(names)
    return ", ".join(names) + (f" and {more:,} more" if more else "")


def _left_out(left_out: list[dict[str, Any]]) -> None:
    if left_out:
        with st.expander(f"{words.count(len(left_out), 'person')} left out, and why", key="survey_left_out"):
            tables.draw(pd.DataFrame(left_out), key="survey_left_out_rows", alt="Who is left out, and why")


def _public(session: Session) -> None:
    """Which address the links begin with; one that only this computer knows opens nowhere else."""
    address = session.settings.get("public_url") or _seen_under()
    is_reached = urlsplit(address).hostname not in OF_THIS_COMPUTER
    warning = "" if is_reached else ", which opens on this computer alone: nobody else can answer"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(words.plain(f"Links begin with {address}{warning}."), width="content")
        if session.may("admin"):
            label = "Change" if is_reached else "Enter the address that customers reach"
            st.page_link(SETTINGS, label=label, icon=":material/settings:")


def _seen_under() -> str:
    """The address that this page is seen under, up to its path."""
    parts = urlsplit(st.context.url or "")
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme in ("http", "https") else ""


def _invite(survey: dict[str, Any], people: list[UUID]) -> None:
    work = partial(invite, current(), survey["survey_id"], people, base_url=_seen_under())
    invited = flash.attempt(FORM, work, _made)
    if invited and invited.links:
        st.session_state[LINKS] = (str(survey["survey_id"]), invited)
        st.session_state[PICKED] = []
        st.session_state["survey_segment"] = NOBODY


def _made(invited: Invited) -> str:
    if not invited.links:
        return "Nobody was asked: none of them may be asked now"
    return f"{words.count(len(invited.links), 'link')} made. Copy or export them now: they are shown once"


def _links(survey: dict[str, Any]) -> None:
    """The links that were just made: they are kept nowhere but here."""
    of, invited = st.session_state.get(LINKS, ("", None))
    if of != str(survey["survey_id"]) or not invited:
        return
    with st.container(border=True, key="survey_links"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.markdown(f"**{words.count(len(invited.links), 'link')}**, each for one person", width="content")
            taking.offer("survey_links", f"Links {survey['name']}", partial(_frame, invited), label="Export for a mail merge")
        for person in invited.links[:SHOWN]:
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                who = [person["name"], person["customer"] if person["customer"] != person["name"] else None, person["email"]]
                st.caption(words.plain(" · ".join(filter(None, who))), width=WHO)
                st.code(person["url"], language=None)
        if len(invited.links) > SHOWN:
            st.caption(f"The first {SHOWN} of {len(invited.links):,}. The export has all.")
        _left_out(invited.left_out)


def _frame(invited: Invited, _: Session | None = None) -> pd.DataFrame:
    names = {"name": "name", "email": "e-mail", "customer": "customer", "url": "link"}
    return pd.DataFrame([{to: person[name] for name, to in names.items()} for person in invited.links])


def _waiting(session: Session, survey: dict[str, Any]) -> None:
    """Who has not answered: remind them with a new link, or all at once."""
    found = surveys.waiting(session, survey["survey_id"])
    if found.empty:
        return
    with st.container(border=True, key="survey_waiting"):
        st.markdown(f"**{words.count(len(found), 'person')}** did not answer yet")
        shown = tables.on_clock(session, found)[["contact", "customer", "invited_at", "e-mail"]]
        picked = tables.draw(
            shown, key="survey_waiting_rows", alt="Who has not answered", on_select="rerun", selection_mode="multi-row"
        )
        rows = picked["selection"]["rows"] or range(len(found))
        keys = [UUID(str(found.iloc[place]["survey_invitation_id"])) for place in rows]
        label = f"New links for {len(keys):,}" if picked["selection"]["rows"] else "New links for all of them"
        st.button(
            label, key="survey_again", icon=":material/refresh:", on_click=partial(_again, survey, keys),
            help="To remind them. The links they have lead to a word about the new one.",
        )  # fmt: skip


def _again(survey: dict[str, Any], keys: list[UUID]) -> None:
    work = partial(link_again, current(), keys, base_url=_seen_under())
    invited = flash.attempt(FORM, work, _made)
    if invited and invited.links:
        st.session_state[LINKS] = (str(survey["survey_id"]), invited)
