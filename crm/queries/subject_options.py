"""What a person may choose from where a rule asks for one of several words: what is stored → how people read it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from crm.queries import choices
from crm.store.session import Session

Options = Callable[[Session], Mapping[str, str]]
MOST = 300


def fixed(words: tuple[str, ...], **spoken: str) -> Options:
    """Words that the code knows."""
    names = {word: spoken.get(word, word.replace("email", "e-mail").replace("_", " ")) for word in words}
    return lambda _: names


def rows(table: str, key: str, by: str = "lower(name)", where: str = "true") -> Options:
    """Rows by their key, archived ones last: a rule may still name them."""
    sql = f"""
        select
            {key}::varchar as key,
            name,
        from {table}
        where {where}
        order by archived_at is not null, {by}, {key}
    """  # noqa: S608 - names of the registry
    return lambda session: {row["key"]: row["name"] for row in session.rows(sql)}


def found(table: str, column: str) -> Options:
    """The words that stand in a column, the commonest first; others may be typed."""
    sql = f"""
        select {column} as word
        from {table}
        where archived_at is null and trim({column}) <> ''
        group by {column}
        order by count(*) desc, {column}
        limit {MOST}
    """  # noqa: S608 - names of the registry
    return lambda session: {row["word"]: row["word"] for row in session.rows(sql)}


EMPLOYEES = rows("employees", "employee_id")
TEAMS = rows("teams", "team_id")
PRODUCTS = rows("products", "product_id")
STAGES = rows("stages", "stage_id", "position")
TAGS = rows("tags", "tag_id")
LISTS = rows("segments", "segment_id", where="kind = 'list'")
CHANNELS = fixed(choices.CHANNELS)
SCALES = fixed(tuple(choices.SCALES), nps_0_10="NPS, 0–10", csat_1_5="CSAT, 1–5", ces_1_7="CES, 1–7", stars_1_5="stars, 1–5")
