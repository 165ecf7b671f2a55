"""What people said, word by word: searched, filtered and sorted, a page at a time, with the clause that speaks of the theme."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from crm.queries import comments, themes
from crm.queries.periods import Period
from crm.store.session import Session

NOUNS = (*comments.NOUNS, "contacts", "products")
SIZE = 50
UNASSIGNED = "unassigned"
SORTS = {
    "newest": "asked.received_at desc",
    "oldest": "asked.received_at",
    "worst": "asked.sentiment nulls last, asked.received_at desc",
    "best": "asked.sentiment desc nulls last, asked.received_at desc",
    "rating": "asked.rating nulls last, asked.received_at desc",
}
# What may be asked besides the filters that all questions about themes share: argument → SQL over `asked`.
ALSO = {
    "search": "contains(search_key(asked.text), search_key($search))",
    "sentiment": "tone(asked.sentiment) = $sentiment",
    "rating_from": "asked.rating >= $rating_from",
    "rating_to": "asked.rating <= $rating_to",
    "scale": "asked.scale = $scale",
}
Row = dict[str, Any]


@dataclass(frozen=True)
class Quotes:
    """A page of quotes, and how many there are in all."""

    rows: list[Row]
    total: int
    page: int
    size: int = SIZE

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return -(-self.total // self.size)


def quotes(
    session: Session,
    *,
    theme_id: UUID | str | None = None,
    period: Period | None = None,
    sort: str = "newest",
    page: int = 0,
    size: int = SIZE,
    **asked: Any,
) -> Quotes:
    """One row per comment: of a theme, of none (“unassigned”), or all of them, with who said it, its tone and all its themes.

    `search`, `sentiment`, `rating_from`, `rating_to`, `scale` narrow it, besides the filters of all such questions. `sort` is one
    of SORTS. The tone is that of the clause about the theme where one is asked for, else of the whole comment.
    """
    kept, found, values = wanted(session, theme_id, period, asked)
    total = kept.value(f"select count(*) from ({found}) as asked", **values)  # noqa: S608 - fragments of this module
    return Quotes(_some(kept, found, values, sort, size, max(page, 0) * size), int(total or 0), page, size)


def latest(session: Session, *, theme_id: UUID | str, period: Period, size: int, **asked: Any) -> list[Row]:
    """One row per comment, as above, the latest few alone: what is not shown is not counted."""
    kept, found, values = wanted(session, theme_id, period, asked)
    return _some(kept, found, values, "newest", size, 0)


def wanted(session: Session, theme_id: UUID | str | None, period: Period | None, asked: Row) -> tuple[Session, str, Row]:
    """The session that sees what is asked about, the comments as SQL, and their values."""
    also = {name: value for name, value in asked.items() if name in ALSO and value not in (None, "")}
    kept, where, values = comments.narrowed(session, {name: value for name, value in asked.items() if name not in ALSO})
    if period:
        where += " and comments.received_at >= $starts_at and comments.received_at < $until_at"
        values |= comments.span(session, period)
    if theme_id not in (None, UNASSIGNED):
        values["theme_id"] = theme_id
    narrow = " and ".join(ALSO[name] for name in also) or "true"
    return kept, f"select asked.* from ({_asked(theme_id, where)}) as asked where {narrow}", values | also  # noqa: S608 - fragments


def _some(kept: Session, found: str, values: Row, sort: str, size: int, skipped: int) -> list[Row]:
    """A page of them, with who said it, and all their themes."""
    rows = kept.rows(
        f"""
        with chosen as materialized (
            select asked.*
            from ({found}) as asked
            order by {SORTS[sort]}, asked.comment_id
            limit $size offset $skipped
        )

        select
            asked.*,
            tone(asked.sentiment) as tone,
            customers.name as customer,
            contacts.name as contact,
            products.name as product
        from chosen as asked
        left join customers on customers.customer_id = asked.customer_id
        left join contacts on contacts.contact_id = asked.contact_id
        left join products on products.product_id = asked.product_id
        order by {SORTS[sort]}, asked.comment_id
        """,  # noqa: S608 - fragments of this module
        size=size,
        skipped=skipped,
        **values,
    )
    return _with_themes(kept, rows)


def _with_themes(session: Session, rows: list[Row]) -> list[Row]:
    """The comments with all their themes, and with who or what said their tone."""
    keys = [row["comment_id"] for row in rows]
    known, tones = themes.of_comments(session, keys), themes.tones_of(session, keys)
    return [
        row | {"themes": known.get(row["comment_id"], []), "read_by": tones.get(row["comment_id"], {}).get("read_by")}
        for row in rows
    ]


def _asked(theme_id: UUID | str | None, where: str) -> str:
    """The comments of a theme with their clause; else all of them, or those without a theme."""
    if theme_id not in (None, UNASSIGNED):
        return f"""
            select comments.* exclude (theme_id)
            from theme_mentions as comments
            where comments.theme_id = $theme_id and {where}
        """  # noqa: S608 - fragments of comments.py
    with_theme = f"select comments.comment_id from theme_mentions as comments where {where}"  # noqa: S608 - fragments of comments.py
    alone = f" and comments.comment_id not in ({with_theme})" if theme_id == UNASSIGNED else ""
    return f"""
        select
            comments.*,
            null::integer as clause_start,
            null::integer as clause_end,
            tones.sentiment,
            null::varchar as found_by
        from comments
        left join comment_tones as tones on tones.comment_id = comments.comment_id
        where {where}{alone}
    """  # noqa: S608 - fragments of comments.py
