"""Comments counted by theme and moment: what summaries, standings, trends and emerging themes add up.

Two sources of one shape. Where nothing was written since the job counted the comments of each day, and nobody asks for a part of
them, its counts are read: some thousand rows for half a million comments. Else the comments themselves, as they now stand. Bounds
in time are starts of the company's days, so that a day's comments may stand at its first instant.
"""

from __future__ import annotations

import json
from typing import Any

from crm.queries import comments, themes
from crm.store.session import Session

STORED = """
    select
        theme_id,
        received_at,
        mentions,
        positive,
        neutral,
        negative,
        unassigned
    from theme_days as comments
    where """
TONES = ("positive", "neutral", "negative")


def live(where: str, *, with_themes: bool = True) -> str:
    """SQL for the comments that a condition over `comments` leaves: a row for each (no theme), and one for each of its themes."""
    tones = ", ".join(f"(tone({{}}.sentiment) is not distinct from '{tone}')::integer as {tone}" for tone in TONES)
    with_one = f"select comments.comment_id from theme_mentions as comments where {where}"  # noqa: S608 - of comments.py
    alone = f"(comments.comment_id not in ({with_one}))::integer as unassigned"
    whole = f"""
        select
            null::uuid as theme_id,
            comments.received_at,
            1 as mentions,
            {tones.replace("{}", "tones")},
            {alone}
        from comments
        left join comment_tones as tones on tones.comment_id = comments.comment_id
        where {where}
    """  # noqa: S608 - fragments of comments.py
    if not with_themes:
        return whole
    return f"""
        select
            comments.theme_id,
            comments.received_at,
            1 as mentions,
            {tones.replace("{}", "comments")},
            0 as unassigned
        from theme_mentions as comments
        where {where}
        union all
        {whole}
    """  # noqa: S608 - fragments of comments.py


def asked(
    session: Session, filters: dict[str, Any], span: str, *, with_themes: bool = True
) -> tuple[Session, str, dict[str, Any]]:
    """SQL for the tallies that the filters leave in a span of time (SQL over `comments.received_at`): session, SQL, values."""
    kept, where, values = comments.narrowed(session, filters)
    if set(values) == {"corpus"} and kept.is_whole and _is_fresh(session, values["corpus"]):
        return kept, f"{STORED}{where} and {span}", values
    return kept, live(f"{where} and {span}", with_themes=with_themes), values


def _is_fresh(session: Session, corpus: str) -> bool:
    """Whether nothing was written since the comments were counted; of the few of our own people nobody keeps it."""
    run = themes.last_run(session, corpus) if corpus == "customers" else None
    return run is not None and json.loads(run["seen_versions"]) == themes.made_from(session)
