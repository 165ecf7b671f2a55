"""Customers on a phone: a card each, the whole of which says who they are and when we last spoke; a tap opens the profile."""

from __future__ import annotations

from typing import Any

import streamlit as st

from crm.store.session import Session
from crm.ui import own, phone, words
from crm.ui.places import PROFILE
from crm.ui.session import current


def draw(rows: list[dict[str, Any]], key: str) -> None:
    """One card per row of the list, drawn into the narrow side of `phone.either(key)`."""
    session = current()
    currency = session.settings["currency"]
    asked = own.known(session, "customers")
    for number, row in enumerate(rows):
        with phone.card(key, number):
            query = {"customer": str(row["customer_id"])}
            st.page_link(PROFILE, label=f"**{words.plain(row['name'])}**", query_params=query)
            lines = [_who(session, row), _worth(row, currency), own.line(asked, row)]
            # One element for all lines: fifty cards are sent each time, also to a wide screen that does not show them.
            st.caption("  \n".join(words.plain(text) for text in lines if text))


def _who(session: Session, row: dict[str, Any]) -> str:
    last = row["last_interaction_at"]
    seen = words.days_ago(session.local(last), session.today) if last else "never contacted"
    return " · ".join([words.label(row["lifecycle_stage"]), row["owner_name"] or "no owner", seen])


def _worth(row: dict[str, Any], currency: str) -> str:
    """What they bought and what is open, where there is any."""
    parts = [
        f"spent {words.money(row['spent_amount'], currency)}" if row["spent_amount"] else None,
        f"won {words.money(row['won_amount'], currency)}" if row["won_amount"] else None,
        words.count(row["open_count"], "open deal") if row["open_count"] else None,
    ]
    return " · ".join(filter(None, parts))
