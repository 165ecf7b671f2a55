"""What the best customers want, need, like, dislike, value and aspire to, each open to its evidence; and the needs met."""

from __future__ import annotations

from typing import Any

import streamlit as st

from crm.queries import choices, ideal
from crm.store.session import Session
from crm.ui import dialogs, tables, taking, words
from crm.ui.session import cached, current

Row = dict[str, Any]


@st.fragment
def common(session: Session, measure: str) -> None:
    """What the best customers want, need, like …; a click opens who said it and how we know."""
    rows = cached(session, ideal.common, ideal.TRAIT_NOUNS, measure)
    with st.container(border=True, key="common"):
        st.subheader("What the best customers say", anchor=False)
        if not rows:
            st.caption("Nothing is known yet of what they want, need, like, dislike, value or aspire to.")
            return
        st.caption(f"Of {rows[0]['best_n']:,} best customers of whom anything is known; in brackets all others.")
        with st.grid(3, min_column_width=280):
            for kind in choices.TRAIT_KINDS:
                _kind(kind, [row for row in rows if row["kind"] == kind], measure)


def _kind(kind: str, rows: list[Row], measure: str) -> None:
    if not rows:
        return
    with st.container(key=f"common_{kind}", gap="xsmall"):
        st.markdown(f"**{words.label(kind)}s**")
        for number, row in enumerate(rows):
            shares = f"{words.share(row['share'])} ({words.share(row['other_share'])})".replace(" ", "\u00a0")
            label = f"{shares} · {words.plain(row['text'])}"
            if st.button(label, key=f"trait_{kind}_{number}", type="tertiary", wrap=False):
                _evidence(measure, row)


@dialogs.dialog("How we know", width="large")
def _evidence(measure: str, row: Row) -> None:
    st.markdown(f"**{words.label(row['kind'])}: {words.plain(row['text'])}**")
    found = ideal.evidence(current(), measure, row["kind"], row["said"])
    tables.draw(found, key="trait_evidence", alt="Who said it, and how we know")
    asked = (measure, row["kind"], row["said"])
    taking.offer("trait_evidence", row["text"], lambda session: ideal.evidence(session, *asked, limit=taking.MOST))


def needs(session: Session) -> None:
    """How many needs are met, and whether who had theirs met comes back more."""
    found = cached(session, ideal.needs_met, ideal.TRAIT_NOUNS)
    with st.container(border=True, key="needs_met"):
        st.subheader("Needs met", anchor=False)
        for line in said_of_needs(found):
            st.markdown(words.plain(line))
        st.caption("Needs and wants that are met, of all that are met, open, promised or declined. A description, not a cause.")


def said_of_needs(found: Row) -> list[str]:
    """
    >>> said_of_needs({"met_count": 30, "n": 60, "interval": (0.38, 0.62), "met": (9, 10), "unmet": (5, 10),
    ...     "low": -0.01, "high": 0.68})[1]
    'Repeat rate 90 % where a need was met (n = 10), 50 % where none was (n = 10): the difference: −1 to +68 points.'
    """
    if not found["n"]:
        return ["No need or want is written down yet."]
    low, high = found["interval"]
    share = words.share(found["met_count"] / found["n"])
    lines = [f"{share} met (n = {found['n']:,}; {words.share(low)} to {words.share(high)})."]
    (again, n), (others, m) = found["met"], found["unmet"]
    if min(n, m) < 5:
        return [*lines, "Too few customers to compare those whose needs were met with the others."]
    bounds = " to ".join(f"{'−' if bound < 0 else '+'}{abs(bound) * 100:.0f}" for bound in (found["low"], found["high"]))
    return [
        *lines,
        f"Repeat rate {words.share(again / n)} where a need was met (n = {n:,}), {words.share(others / m)} where none was "
        f"(n = {m:,}): the difference: {bounds} points.",
    ]
