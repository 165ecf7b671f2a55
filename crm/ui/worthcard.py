"""What one customer will bring in the next twelve months, and why: a card of the profile, and a line below the cards."""

from __future__ import annotations

from uuid import UUID

import streamlit as st

from crm.queries import values
from crm.store.session import Session
from crm.ui import words

TITLE = f"Value next {values.MONTHS} m"


def draw(session: Session, customer_id: UUID) -> str | None:
    """The value as last computed, blank where it cannot be said; returns the reason, as a line for below the cards."""
    found = values.of_customer(session, customer_id)
    if found is None or found["value_amount"] is None:
        why = found["method_reason"] if found else "Nothing had been bought when values were last computed."
        st.metric(TITLE, words.NOTHING, border=True, height="stretch", help=words.plain(why))
        return None
    currency = session.settings["currency"]
    st.metric(
        TITLE,
        words.money(found["value_amount"], currency),
        border=True,
        height="stretch",
        help=words.plain(f"{found['method_reason']} As of {found['as_of_on']:%d %b %Y}."),
    )
    ahead = f"{found['expected_purchases']:.1f} purchases of {words.money(found['expected_amount'], currency)} expected"
    return f"{TITLE}: {ahead}, from {found['reason']}."
