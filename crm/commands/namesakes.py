"""Two teams, pipelines, stages or products of one name could not be told apart in a form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from crm.errors import Refused
from crm.store.rules import key_of, noun
from crm.store.session import Session


def refuse_namesake(
    session: Session,
    table: str,
    values: Mapping[str, Any],
    key: UUID | None = None,
    *,
    among: UUID | None = None,
) -> None:
    """Refuse a name that another row bears, but for the row's own of old; `among`: only within that pipeline."""
    name = session.value(
        f"""
        select name
        from {table}
        where lower(trim(name)) = lower(trim($name))
        and archived_at is null
        and not exists (
            from {table}
            where {key_of(table)} = $key::uuid and lower(trim(name)) = lower(trim($name))
        )
        {"and pipeline_id = $among" if among else ""}
        limit 1
        """,  # noqa: S608 - the table is named by a command
        name=values.get("name"),
        key=key,
        **({"among": among} if among else {}),
    )
    if name is not None:
        raise Refused(f"There is a {noun(table)} “{name}” already. Choose another name.", "name")
