"""What customers tell us, by theme: how much of it, in which tone, what it is worth, what we do about it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from crm.commands.jobs import ask
from crm.queries import figures, quotes, standings, themes
from crm.queries import theme_proposals as proposed
from crm.queries.periods import containing
from crm.queries.registry import FIGURES
from crm.store.session import Session
from crm.ui import (
    cards,
    keys,
    progress,
    start,
    theme_change,
    theme_edits,
    theme_head,
    theme_list,
    theme_news,
    theme_numbers,
    theme_page,
    theme_periods,
    theme_proposals,
    theme_segments,
    words,
)
from crm.ui.places import ADD, DATA, FEEDBACK
from crm.ui.session import cached
from crm.ui.theme_head import EVERYTHING, UNASSIGNED, Asked
from crm.ui.theme_numbers import SUMMARIES

Row = dict[str, Any]
VIEWS = {
    "Themes": theme_list.draw,
    "Two periods": theme_periods.draw,
    "By segment": theme_segments.draw,
}
LOOP_FIGURES = ("loop_closed", "days_to_told")


def draw(session: Session, corpus: str = "customers") -> None:
    """The tab: a theme where the address names one, else all of them; `corpus` says whose comments."""
    state = themes.state(session, corpus)
    if not state["comments"]:
        _nothing_said(session, corpus)
        return
    _keep_fresh(session, state)
    opened = st.query_params.get(theme_head.THEME)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", key="themes_head"):
        with st.container(horizontal=True, vertical_alignment="center", width="content"):
            asked = theme_head.draw(session, corpus)
        if not opened:
            theme_edits.add_button(session, corpus)
    progress.draw(session, theme_change.JOB)
    progress.draw(session, theme_change.PROPOSALS)
    if opened:
        theme_page.draw(session, asked, opened)
    else:
        _all(session, asked, state)


def _nothing_said(session: Session, corpus: str) -> None:
    """Before the first comment: how comments come; before the first customer, how everything begins."""
    if corpus != "customers":
        cards.empty("forum", "Nobody has said anything here yet.", key="no_comments")
        return
    if start.is_empty(session):
        start.ways_in()
        return
    box = cards.empty("forum", "No customer has told us anything in words yet. Three ways to begin:", key="no_comments")
    with box.container(horizontal=True, horizontal_alignment="center"):
        st.page_link(ADD, label="Enter feedback", icon=":material/add_comment:", query_params={"kind": "Feedback"})
        st.page_link(DATA, label="Import a file", icon=":material/upload_file:")
        st.page_link(FEEDBACK, label="Ask with a survey", icon=":material/poll:", query_params={"feedback_tab": "Surveys"})


def _keep_fresh(session: Session, state: Row) -> None:
    """Have the comments read where something was written since; once for each state: a job that fails is not asked for again."""
    versions = session.versions(themes.MADE_FROM)
    if state["is_outdated"] and not state["is_under_way"] and st.session_state.get("themes_asked_for") != versions:
        st.session_state["themes_asked_for"] = versions
        ask(session, theme_change.JOB)


def _all(session: Session, asked: Asked, state: Row) -> None:
    """The figures of the period, what is new, the themes, what is proposed."""
    summary: Row = asked.of(session, standings.summary)
    if not summary["comments"]:
        _nothing_then(session, asked)
    else:
        _wall(session, asked, summary)
        (_themes if state["themes"] else _no_themes)(session, asked)
    theme_proposals.draw(session, asked.corpus)
    _how_read(session, state)


def _themes(session: Session, asked: Asked) -> None:
    """What is new, then the themes in one of three views."""
    theme_news.draw(session, asked)
    with st.container(border=True, key="themes_card"):
        view = st.segmented_control(
            "View",
            list(VIEWS),
            default="Themes",
            required=True,
            key="theme_view",
            label_visibility="collapsed",
            bind="query-params",
        )
        VIEWS[view or "Themes"](session, asked)


def _nothing_then(session: Session, asked: Asked) -> None:
    """A period without comments: the way to the one of the latest."""
    fits = " that fits the filters" if set(asked.filters) > {"corpus"} else ""
    with cards.empty("event_busy", f"Nothing was said in {words.plain(asked.period.label)}{fits}.", key="no_comments_then"):
        for row in quotes.quotes(session, size=1, **asked.filters).rows:
            last = session.local(row["received_at"]).date()
            period = containing("quarter", last, int(session.settings["first_month_of_year"])).label
            label = f"The latest is of {last:%d %b %Y}: see {period}"
            st.button(label, key="latest_period", on_click=_turn_to, args=(period,))


def _turn_to(period: str) -> None:
    st.session_state[keys.PERIOD] = period


def _wall(session: Session, asked: Asked, summary: Row) -> None:
    """How much was said, how much of it is not understood, in which tone; and whether people hear back."""
    n = summary["comments"]
    share, net = summary["unassigned_share"], theme_numbers.net(summary["net_sentiment"])
    with st.grid(5, min_column_width=170):
        change = words.change(n, summary["comments_before"] or None, "count")
        look: dict[str, Any] = {"read": EVERYTHING, "delta": change, "delta_color": "off"}
        theme_numbers.card("comments", SUMMARIES["comments"], f"{n:,}", n, asked, **look)
        shown, number = words.figure(share, "share"), SUMMARIES["unassigned"]
        change = words.change(share, summary["unassigned_share_before"], "share")
        count = summary["unassigned"]
        look = {"read": UNASSIGNED, "delta": change, "delta_color": "inverse"}
        theme_numbers.card("unassigned", number, shown, count, asked, UNASSIGNED, **look)
        theme_numbers.card("net_sentiment", SUMMARIES["net_sentiment"], net, n, asked, delta=_net_change(summary))
        if asked.corpus == "customers":
            _loop_figures(session, asked)
    st.caption(words.plain(theme_numbers.AGAINST.format(summary["label_before"])))


def _net_change(summary: Row) -> str | None:
    now, before = summary["net_sentiment"], summary["net_sentiment_before"]
    return None if now is None or before is None else f"{(now - before) * 100:+.0f}"


def _loop_figures(session: Session, asked: Asked) -> None:
    """How often, and how soon, those who complain hear what became of it."""
    nouns = tuple(dict.fromkeys(noun for key in LOOP_FIGURES for noun in FIGURES[key].nouns))
    chosen = {"for_segment": asked.filters["segment"]} if "segment" in asked.filters else {}
    found = cached(session, figures.figures, nouns, asked.period, session.today, keys=LOOP_FIGURES, **chosen)
    for key in LOOP_FIGURES:
        cards.figure(key, found[key], asked.period, session.today, filters=chosen)


def _no_themes(session: Session, asked: Asked) -> None:
    is_proposed = session.may("manager") and proposed.proposals(session, asked.corpus)
    how = "Accept those below that fit." if is_proposed else "Have some proposed from the comments, and accept those that fit."
    with cards.empty("category", f"There are no themes yet. {how}", key="no_themes"):
        if is_proposed:
            return
        if session.may("manager"):
            theme_proposals.button(session, asked.corpus, "propose_first", type="primary")
        else:
            st.caption("A manager accepts the first ones.")


def _how_read(session: Session, state: Row) -> None:
    """When the comments were read, and how their tone is."""
    if state["read_at"] is None:
        st.caption("The comments have not been read yet.")
        return
    read = f"Comments read on {session.local(state['read_at']):%d %b %Y at %H:%M}"
    newer = f" · {words.count(state['unread'], 'comment')} since" if state["unread"] else ""
    st.caption(words.plain(f"{read}{newer}. {state['reason'].rstrip('.')}."))
