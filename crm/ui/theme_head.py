"""What the Themes tab is asked about: a period, a segment, a product, a kind; all of it stands in the address."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn

import streamlit as st

from crm.queries import choices, comments, products
from crm.queries.periods import Period
from crm.store.session import Session
from crm.ui import filters, words
from crm.ui.session import cached

THEME = "theme"
UNASSIGNED, EVERYTHING = "unassigned", "all"
# What is asked of the quotes of one theme; another theme begins without it.
OF_QUOTES = ("quote_find", "quote_tone", "quote_score", "quote_sort")


@dataclass(frozen=True)
class Asked:
    """The period and the filters that every question of the tab is asked with."""

    period: Period
    filters: dict[str, Any]

    @property
    def corpus(self) -> str:
        """Whose comments: customers' or employees'."""
        return str(self.filters["corpus"])

    def of(self, session: Session, question: Callable[..., Any], *, nouns: tuple[str, ...] = comments.NOUNS) -> Any:
        """The answer to a question about the period, kept until something it reads is written."""
        return cached(session, question, nouns, self.period, **self.filters)


def draw(session: Session, corpus: str) -> Asked:
    """The period and the filters; the badge counts those that are set."""
    period = filters.period(session)
    sources: dict[str, dict[str, Any]] = {}
    if corpus == "customers":
        sources = {
            "segment": filters.named_segments(session),
            "product": {row["name"]: row["product_id"] for row in products.active(session)},
            "feedback_kind": {words.label(kind): kind for kind in choices.FEEDBACK_KINDS},
        }
    picked = {"segment": None, "product": None, "feedback_kind": None}
    if sources:
        with filters.popover(sources):
            for name, options in sources.items():
                label = words.label(name.removeprefix("feedback_"))
                chosen = st.selectbox(label, [filters.ALL, *options], key=name, bind="query-params")
                picked[name] = options.get(chosen)
    named = {"segment": picked["segment"], "product_id": picked["product"], "kind": picked["feedback_kind"]}
    return Asked(period, {"corpus": corpus} | {name: value for name, value in named.items() if value is not None})


def go(theme: object | None) -> None:
    """Open a theme (the list, without one) under the period and the filters of now, in the address of the page."""
    for name in OF_QUOTES:
        st.session_state.pop(name, None)
        st.query_params.pop(name, None)
    if theme:
        st.query_params[THEME] = str(theme)
    else:
        st.query_params.pop(THEME, None)


def leave_for(theme: object) -> NoReturn:
    """Open a theme from the middle of a run."""
    go(theme)
    st.rerun()


def link(label: str, theme: object | None, place: str, **look: Any) -> None:
    """The way to a theme, or back to the list; the label is people's text.

    No link: from a page to itself it leaves the address as it was.
    """
    st.button(words.plain(label), key=f"go_{place}_{theme or 'list'}", type="tertiary", on_click=go, args=(theme,), **look)
