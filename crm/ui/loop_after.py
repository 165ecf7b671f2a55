"""After people were told: ask them again, and see whether the change helped."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pandas as pd
import streamlit as st

from crm.commands.invitations import Invited
from crm.commands.loop import ask_again
from crm.queries import loop, loop_effect, surveys
from crm.queries.loop_effect import Difference
from crm.store.session import Session
from crm.ui import flash, tables, taking, words
from crm.ui.session import cached, current

Row = dict[str, Any]
NAMES = {"nps": "NPS", "csat": "CSAT", "ces": "CES"}
CAUTION = (
    "A description, not a cause: who complains begins low, and whatever else changed in these months is in it, too. "
    "Compare those who were told with everybody."
)


def draw(session: Session, action: Row) -> None:
    """The survey to ask again with, its links once, and the scores before and after."""
    _again(session, action)
    _effect(session, action)


def _again(session: Session, action: Row) -> None:
    key = action["action_id"]
    offered = {row["survey_id"]: row["name"] for row in surveys.sendable(session)}
    if action["asked_count"]:
        asked = f"{action['asked_count']:,} of {action['told_count']:,}"
        st.markdown(words.plain(f"Asked again: {asked}, with “{action['survey_name']}”."))
    if not offered:
        if not action["asked_count"]:
            st.caption("To ask again whether it is better now, open a survey under Surveys.")
        return
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        named = offered.__getitem__
        st.selectbox("Ask those who were told", list(offered), format_func=named, key=f"loop_survey_{key}", width=320)
        st.button("Ask again", key=f"loop_ask_{key}", on_click=_ask, args=(key,))
    flash.problem(f"loop_ask_{key}")
    _links(key)


def _ask(key: UUID) -> None:
    survey = st.session_state[f"loop_survey_{key}"]
    base = "/".join((st.context.url or "").split("/")[:3])
    invited = flash.attempt(f"loop_ask_{key}", lambda: ask_again(current(), key, survey, base_url=base), _said)
    if invited is not None:
        st.session_state[f"loop_invited_{key}"] = invited


def _said(invited: Invited) -> str:
    if not invited.links:
        return "Nobody was asked: none of them may be asked now"
    left = f"; {len(invited.left_out):,} left out" if invited.left_out else ""
    return f"{len(invited.links):,} {'link' if len(invited.links) == 1 else 'links'} made{left}"


def _links(key: UUID) -> None:
    """The links of this asking, which are shown once: only their hash is kept."""
    invited: Invited | None = st.session_state.get(f"loop_invited_{key}")
    if not invited:
        return
    if invited.links:
        names = {"name": "name", "url": "link", "email": "e-mail"}  # the link in sight, also beside the quotes
        frame = pd.DataFrame([{to: row[name] for name, to in names.items()} for row in invited.links])
        st.caption("These links are shown once. Copy them, or take the list for a mail merge.")
        tables.draw(frame, key=f"loop_links_{key}", alt="The links of those who are asked again")
        taking.offer(f"loop_links_{key}", "Links to ask again", lambda _: frame)
    for row in invited.left_out:
        st.caption(words.plain(f"{row['name']}: {row['reason']}"))


def _effect(session: Session, action: Row) -> None:
    found = cached(session, loop_effect.effect, loop.NOUNS, str(action["action_id"]))
    if not found:
        st.caption("Did it help? Too few to say: it takes five people who were told and gave a score before and after.")
        return
    st.markdown(f"Did it help those who were told? **{words.plain(loop_effect.verdict(found))}**")
    for one in found:
        told, everyone = _sentence(one.told, one.measure), _sentence(one.everyone, one.measure)
        st.markdown(f"**{NAMES[one.measure]}** of those told: {told}  \n:gray[of everybody: {everyone}]")
    st.caption(CAUTION)


def _sentence(side: Difference | None, measure: str) -> str:
    """A score before and after, how far apart they are, and how sure that is.

    >>> _sentence(Difference(-40, 60, 100, 41, 159, 15, 15), "nps")
    '-40 → 60 (+100, between +41 and +159; 15 answers before, 15 after, not all of the same people)'
    >>> _sentence(Difference(-40, 60, 100, 62, 138, 15, 15, is_paired=True), "nps")
    '-40 → 60 (+100, between +62 and +138; 15 people, each compared with what they said before)'
    """
    if side is None:
        return "too few to say"
    before, after = (_number(value, measure) for value in (side.before, side.after))
    change, low, high = (_number(value, measure, signed=True) for value in (side.difference, side.low, side.high))
    of_whom = f"{side.before_n:,} answers before, {side.after_n:,} after, not all of the same people"
    if side.is_paired:
        of_whom = f"{side.before_n:,} people, each compared with what they said before"
    return f"{before} → {after} ({change}, between {low} and {high}; {of_whom})"


def _number(value: float, measure: str, *, signed: bool = False) -> str:
    """A score in its unit.

    >>> _number(0.625, "csat"), _number(-31.6, "nps", signed=True), _number(5.25, "ces")
    ('62 %', '-32', '5.2')
    """
    sign = "+" if signed else ""
    forms = {"nps": f"{value:{sign}.0f}", "csat": f"{value * 100:{sign}.0f} %", "ces": f"{value:{sign}.1f}"}
    return forms[measure]
