"""A company that was told a few things, and the way to have its comments read as the job does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pandas as pd
from uuid_utils.compat import uuid7

from crm.commands.theme_runs import assign_themes, propose_themes
from crm.store import session as door
from crm.store.session import SYSTEM, Session


def understood(company: Session | str, *, proposals: bool = True) -> Session:
    """Have the comments of a company (a session, or a store's address) read for themes, and new themes proposed."""
    session = Session(door.opened(company), SYSTEM) if isinstance(company, str) else company
    assign_themes(session)
    if proposals:
        propose_themes(session)
    return session


def tell(session: Session, texts: Sequence[str], **fields: Any) -> list[UUID]:
    """Keep these texts as feedback; give their keys. A field has one value for all of them, or one for each."""
    keys: list[UUID] = [uuid7() for _ in texts]
    rows = pd.DataFrame({"feedback_id": list(map(str, keys)), "text": list(texts)})
    rows = rows.assign(
        **{"kind": "complaint", "received_at": session.now} | {name: _plain(value) for name, value in fields.items()}
    )
    with session.change("Feedback") as change:
        change.stage("told", rows)
        change.insert_from("feedback", "from told")
    return keys


def _plain(value: Any) -> Any:
    """A key as text, which a frame can hold."""
    return (
        [str(each) if isinstance(each, UUID) else each for each in value]
        if isinstance(value, list)
        else (str(value) if isinstance(value, UUID) else value)
    )


def themes_by_comment(session: Session) -> dict[UUID, set[str]]:
    """The names of the themes of every comment that has one."""
    rows = session.rows("select comment_id, name from theme_mentions inner join themes using (theme_id)")
    found: dict[UUID, set[str]] = {}
    for row in rows:
        found.setdefault(row["comment_id"], set()).add(row["name"])
    return found
