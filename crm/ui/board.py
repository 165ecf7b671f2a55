"""The pipeline's board: a column a stage, a card a deal, each with what tells whether it needs someone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import streamlit as st

from crm.store.session import Session
from crm.ui import moving, own, words
from crm.ui.places import DEAL

FIRST, STEP = 8, 16
Row = dict[str, Any]


def shown_of(stage: Row) -> int:
    """How many cards of a stage are asked for."""
    return int(st.session_state.get(f"shown_{stage['stage_id']}", FIRST))


def most_shown(stages: Sequence[Row]) -> int:
    """The most cards that any column asks for."""
    return max(map(shown_of, stages), default=FIRST)


def column(
    session: Session, stage: Row, cards: Mapping[UUID, Row], usual: Row | None, stages: Sequence[Row], *, alone: bool = False
) -> None:
    """A stage: its sums, its first cards, and the way to more; `alone` on the page, it spreads its cards over the width."""
    with st.container(border=True, key=f"stage_{stage['stage_id']}"):
        head(session, stage, usual)
        keys = [key for key in stage["deal_ids"][: shown_of(stage)] if key in cards]
        asked = own.known(session, "deals")
        with st.grid(min_column_width=280) if alone else st.container():
            for key in keys:
                card(session, cards[key], usual, stages, own.line(asked, cards[key]))
        rest = stage["deal_count"] - len(keys)
        if rest > 0:
            st.button(f"{rest:,} more", key=f"more_{stage['stage_id']}", type="tertiary", on_click=_more, args=(stage,))


def _more(stage: Row) -> None:
    st.session_state[f"shown_{stage['stage_id']}"] = shown_of(stage) + STEP


def head(session: Session, stage: Row, usual: Row | None) -> None:
    """How many, worth what, how likely, and how long is usual here."""
    currency = session.settings["currency"]
    amount, weighted = (words.plain(words.money(stage[name], currency)) for name in ("amount", "weighted_amount"))
    chance = "" if stage["probability_share"] is None else f" · {words.share(stage['probability_share'])} to win"
    number, pace = words.count(stage["deal_count"], "deal"), f":small[:gray[{usual_words(usual)}{chance}]]"
    st.markdown(f"**{words.plain(stage['name'])}** · {number}  \n{amount} · weighted {weighted}  \n{pace}")


def usual_words(usual: Row | None) -> str:
    """How long deals stay in a stage.

    >>> usual_words({"median_days": 6.2, "usual_days": 12.4, "stay_count": 41}), usual_words(None)
    ('usual: up to 12 days', 'usual: too few to say')
    """
    return f"usual: up to {words.count(round(usual['usual_days']), 'day')}" if usual else "usual: too few to say"


def card(session: Session, deal: Row, usual: Row | None, stages: Sequence[Row], more: str) -> None:
    """One deal: who, worth what, due when, how long here, how long silent, `more` of its own fields; and the way on."""
    customer, what = parted(deal)
    with st.container(border=True, gap="xsmall", key=f"card_{deal['deal_id']}"):
        st.page_link(DEAL, label=words.plain(customer), query_params={"deal": str(deal["deal_id"])}, width="stretch")
        money = f"**{worth(deal, session.settings['currency'])}** · {due(deal['expected_close_on'], session.today)}"
        last = f"  \n:small[:gray[{words.plain(more)}]]" if more else ""
        st.markdown(f":gray[{words.plain(what)}]  \n{money}  \n:small[{standing(deal, usual)}]{last}")
        if moving.may_change(session, deal):
            with st.container(horizontal=True, gap="xsmall", vertical_alignment="center", wrap=False):
                moving.step(deal, stages)
                moving.menu(deal, stages)


def parted(deal: Row) -> tuple[str, str]:
    """Who and what, without saying the customer twice.

    >>> parted({"customer_name": "Konex", "name": "Konex: pumps"}), parted({"customer_name": None, "name": "Pumps"})
    (('Konex', 'pumps'), ('No customer', 'Pumps'))
    """
    customer, name = deal["customer_name"] or "No customer", str(deal["name"])
    return customer, name.removeprefix(f"{customer}:").strip() or name


def worth(deal: Row, currency: str) -> str:
    """What a deal could bring; an estimate is marked.

    >>> worth({"potential_amount": 1200, "is_estimated": True}, "EUR"), worth({"potential_amount": None}, "EUR")
    ('about €1\\\\.2k', 'no amount')
    """
    if deal["potential_amount"] is None:
        return "no amount"
    return ("about " if deal["is_estimated"] else "") + words.plain(words.money(deal["potential_amount"], currency))


def due(day: date | None, today: date) -> str:
    """When a deal should close, red once that is over.

    >>> due(date(2026, 11, 20), date(2026, 11, 22)), due(None, date(2026, 11, 22))
    (':red[2 days late]', 'no expected close')
    """
    if day is None:
        return "no expected close"
    return f":red[{words.due(day, today)}]" if day < today else words.due(day, today)


def standing(deal: Row, usual: Row | None) -> str:
    """How long in this stage and how long since the last interaction; red only past what is usual for this very stage.

    >>> standing({"days_in_stage": 14, "days_silent": 3}, {"usual_days": 12.4})
    ':red[14 days here] · silent 3 days'
    >>> standing({"days_in_stage": 1, "days_silent": None}, None)
    '1 day here · never talked'
    """
    limit = usual["usual_days"] if usual else float("inf")
    here, silent = deal["days_in_stage"], deal["days_silent"]
    quiet = "never talked" if silent is None else f"silent {words.count(silent, 'day')}" if silent else "talked today"
    since = f"{words.count(here, 'day')} here" if here else "here since today"
    parts = [(since, here > limit), (quiet, (silent or 0) > limit)]
    return " · ".join(f":red[{text}]" if late else text for text, late in parts)
