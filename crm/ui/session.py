"""Who is at the page, and the Session of this run."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, TypeVar

import streamlit as st

from crm.queries import employees
from crm.store.session import SYSTEM, Session, acting_as, opened
from crm.ui import keys

T = TypeVar("T")


def current() -> Session:
    """A Session of the person at the page; looked up anew each run, so that a changed role counts at once."""
    database = opened()
    chosen = st.session_state.get(keys.ACTOR) or employees.first_admin(Session(database, SYSTEM))
    return Session(database, acting_as(database, chosen) if chosen else SYSTEM)


def cached(session: Session, question: Callable[..., T], nouns: tuple[str, ...], *arguments: Any, **named: Any) -> T:
    """The answer to a question, kept until a noun it reads is written, the day turns, or another scope asks."""
    name = f"{question.__module__}.{question.__qualname__}"
    key = (session.database.url, session.scope, session.today, session.versions((*nouns, "settings")))
    found: T = _answer(session, question, name, key, arguments, named)
    return found


@st.cache_data(ttl="1h", max_entries=2_000, show_spinner=False)
def _answer(
    _session: Session,
    _question: Callable[..., Any],
    name: str,
    key: tuple[str, str, date, tuple[tuple[str, int], ...]],
    arguments: tuple[Any, ...],
    named: dict[str, Any],
) -> Any:
    return _question(_session, *arguments, **named)
