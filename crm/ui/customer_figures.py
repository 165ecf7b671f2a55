"""What the relationship with a customer has brought, what it is worth, and what is open: the cards that head a profile."""

from __future__ import annotations

from typing import Any

import streamlit as st

from crm.store.session import Session
from crm.ui import fitcard, words, worthcard


def draw(session: Session, row: dict[str, Any]) -> None:
    """One card a figure of a row of `customers.profile`; below, why the value is what it is."""
    currency = session.settings["currency"]
    since = row["customer_since_on"]
    with st.grid(6, min_column_width=140):
        st.metric(
            "Spent",
            words.money(row["spent_amount"], currency),
            border=True,
            height="stretch",
            help=words.count(row["order_count"], "order"),
        )
        st.metric(
            "Won deals",
            words.money(row["won_amount"], currency),
            border=True,
            height="stretch",
            help=f"Customer since {since:%d %b %Y}" if since else None,
        )
        st.metric(
            "Open deals",
            words.money(row["open_amount"], currency),
            border=True,
            height="stretch",
            help=words.count(row["open_count"] or 0, "deal"),
        )
        why = worthcard.draw(session, row["customer_id"])
        fitcard.draw(session, row["customer_id"])
        st.metric(
            "NPS answer", row["nps_rating"] if row["nps_rating"] is not None else words.NOTHING, border=True, height="stretch"
        )
    if why:
        st.caption(words.plain(why))
