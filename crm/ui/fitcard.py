"""How near a customer comes to our ideal, and why: a card of the profile whose button opens the sum."""

from __future__ import annotations

from uuid import UUID

import streamlit as st

from crm.queries import ideal
from crm.queries.ideal import Row
from crm.store.session import Session
from crm.ui import dialogs, words


def draw(session: Session, customer_id: UUID) -> None:
    """The fit as last computed; blank where none is stated or nothing was computed yet."""
    found = ideal.of_customer(session, customer_id)
    if found is None or found["fit_share"] is None:
        why = "No ideal profile is stated: leaders do, on Value." if found else "Not computed yet."
        st.metric("Fit", words.NOTHING, border=True, height="stretch", help=why)
        return
    with st.container(border=True, height="stretch", gap=None, key="fit_card"):
        st.metric("Fit", f"{found['fit_share']:.2f}")
        if st.button("why?", key="fit_why", type="tertiary"):
            why_dialog(found)


@dialogs.dialog("Why this fit")
def why_dialog(found: Row) -> None:
    """Each attribute of the ideal with what it gave; the sum is the fit."""
    for part in found["contributions"]:
        icon, gave = (":material/check:", f"+{part['gave']:.2f}") if part["gave"] else (":material/close:", "0")
        st.markdown(f"{icon} {words.plain(part['words'])}: **{gave}** of {part['weight_share']:.2f}")
    st.markdown(f"Together **{found['fit_share']:.2f}** of 1.")
    if found["likeness_share"] is not None:
        st.caption(f"By the data, apart from what we state: how like those worth the most: {found['likeness_share']:.2f}.")
    st.caption(f"As of {found['as_of_on']:%d %b %Y}. Fit says who suits us, not how the relationship goes.")
