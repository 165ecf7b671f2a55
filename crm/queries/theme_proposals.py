"""Themes that the machine proposes, and those that somebody turned down."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from crm.queries import themes
from crm.store.session import Session

Row = dict[str, Any]
SHOWN = 5  # quotes of each


def proposals(session: Session, corpus: str = "customers") -> list[Row]:
    """One row per proposed theme that nobody accepted or turned down, most comments first, with what shows it best."""
    rows = session.rows(
        """
        select
            theme_proposal_id,
            name,
            phrases,
            comment_ids,
            comment_count,
            made_at
        from theme_proposals as proposed
        where
            corpus = $corpus
            and lower(name) not in (select lower(name) from themes where corpus = $corpus and archived_at is null)
            and lower(name) not in (select lower(name) from theme_dismissals where corpus = $corpus and archived_at is null)
        order by comment_count desc, lower(name)
        """,
        corpus=corpus,
    )
    return [_proposed(row) | {"quotes": themes.comments_of(session, json.loads(row["comment_ids"])[:SHOWN])} for row in rows]


def proposal(session: Session, theme_proposal_id: UUID | str) -> Row | None:
    """One row: a proposed theme with its phrases and comments; None where it is no longer there."""
    row = session.row("select * from theme_proposals where theme_proposal_id = $key", key=theme_proposal_id)
    return row and _proposed(row)


def _proposed(row: Row) -> Row:
    return row | {name: json.loads(row[name]) for name in ("phrases", "comment_ids")}


def dismissals(session: Session, corpus: str = "customers") -> list[Row]:
    """One row per proposal that was turned down, the last first: by whom, and the change set that takes it back when undone."""
    rows = session.rows(
        """
        select
            dismissals.theme_dismissal_id,
            dismissals.name,
            dismissals.phrases,
            dismissals.created_at as made_at,
            dismissals.version as change_set_id,
            change_sets.actor_name as dismissed_by
        from theme_dismissals as dismissals
        left join change_sets on change_sets.change_set_id = dismissals.version
        where dismissals.corpus = $corpus and dismissals.archived_at is null
        order by dismissals.created_at desc, dismissals.theme_dismissal_id
        """,
        corpus=corpus,
    )
    return [row | {"phrases": json.loads(row["phrases"])} for row in rows]
