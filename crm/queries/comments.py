"""Which comments a question is about: a stretch of time and the filters that all questions about themes share."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from crm.queries import segments, themes
from crm.queries.periods import Period
from crm.store.session import Session

NOUNS = themes.NOUNS
OF = {
    "corpus": "comments.corpus = $corpus",
    "product_id": "comments.product_id = $product_id",
    "kind": "comments.kind = $kind",
}
Spans = dict[str, datetime]


def narrowed(session: Session, filters: dict[str, Any], leaving: Collection[str] = ()) -> tuple[Session, str, dict[str, Any]]:
    """The session that sees only the segment asked for, the other filters as SQL over `comments`, and their values.

    Filters: `corpus` (customers unless said), `segment`, `product_id`, `kind`.
    """
    kept, rest = segments.kept_to(session, {"corpus": "customers"} | filters)
    given = {name: value for name, value in rest.items() if value is not None and name not in leaving}
    return kept, " and ".join(["true", *(OF[name] for name in given)]), given


def spans(session: Session, period: Period) -> Spans:
    """The instants between which a period lies, as far as it is over, and as much of the one before."""
    before, cut = period.previous(session.today)
    return {
        "starts_at": session.start_of(period.start),
        "until_at": session.end_of(min(period.end, session.today)),
        "before_starts_at": session.start_of(before.start),
        "before_until_at": session.end_of(cut),
    }


def span(session: Session, period: Period) -> Spans:
    """The instants between which a period lies, as far as it is over."""
    return {name: at for name, at in spans(session, period).items() if not name.startswith("before")}
