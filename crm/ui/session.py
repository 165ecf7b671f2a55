"""Who is at the page, and the Session of this run."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date
from typing import Any, TypeVar

import streamlit as st

from crm.errors import Unavailable
from crm.queries import employees, segments
from crm.store.session import SYSTEM, Actor, Session, acting_as, opened
from crm.ui import keys

T = TypeVar("T")


# Who is at the page by what they chose and the version of the employees: a page asks a dozen times a run, and who came first is
# looked up in the whole history.
_known: dict[tuple[object, ...], Actor] = {}
MOST_KNOWN = 500


def current() -> Session:
    """A Session of the person at the page; who that is follows each write to employees: a changed role counts at once."""
    database, chosen = opened(), st.session_state.get(keys.ACTOR)
    key = (database.url, chosen, Session(database, SYSTEM).versions(("employees",)))
    actor = _known.get(key)
    if actor is None:
        actor = _actor()
        if len(_known) >= MOST_KNOWN:
            _known.clear()
        if actor is not SYSTEM:
            _known[key] = actor
    return Session(database, actor)


def _actor() -> Actor:
    """Who was chosen in the sidebar, while they work here; else the first admin; before there is one, the system."""
    database, chosen = opened(), st.session_state.get(keys.ACTOR)
    with suppress(Unavailable):
        if chosen:
            return acting_as(database, chosen)
    admin = employees.first_admin(Session(database, SYSTEM))
    return acting_as(database, admin) if admin else SYSTEM


def cached(session: Session, question: Callable[..., T], nouns: tuple[str, ...], *arguments: Any, **named: Any) -> T:
    """The answer to a question, kept until a noun it reads is written, the day turns, or another scope asks."""
    name = f"{question.__module__}.{question.__qualname__}"
    # Whose customers a narrowed person sees follows from owners and teams, whatever the question reads.
    seeing = () if session.scope == "all" else ("customers", "employees")
    asked = segments.NOUNS if any(named.get(name) for name in segments.FILTERS) else ()
    key = (session.database.url, session.scope, session.today, session.versions((*nouns, *seeing, *asked, "settings")))
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
