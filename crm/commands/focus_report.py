"""A focus group afterwards, as one page to read, print and hand on: who came, what was said to each question, what was found."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from crm.commands import exports
from crm.exchange.person_page import person_page
from crm.queries import focus_groups, panels
from crm.store.session import Session

Row = dict[str, Any]
Cells = list[tuple[str, str]]


def focus_report(session: Session, focus_group_id: UUID) -> bytes:
    """The page; that it was taken is written down."""
    group = focus_groups.one(session, focus_group_id)
    came = [row for row in panels.participants(session, focus_group_id) if row["interaction_id"]]
    quotes = focus_groups.quotes(session, focus_group_id)
    findings = focus_groups.findings(session, focus_group_id)
    exports.record(session, f"report of focus group {group['name']}", "html", len(came) + len(quotes) + len(findings))
    sections = [
        ("What was found", "", [_finding(row, quotes) for row in findings]),
        ("What was asked, and said", "", _talk(session, group, quotes)),
        ("Who was there", "", [[(row["name"], row["customer"])] for row in came]),
    ]
    return person_page(group["name"], _head(session, group), sections)


def speaker(row: Row) -> str:
    """Who said it.

    >>> speaker({"contact": "Ann", "customer": "Acme"}), speaker({"contact": None, "customer": None})
    ('Ann, Acme', 'somebody')
    """
    return ", ".join(filter(None, [row["contact"], row["customer"]])) or "somebody"


def _head(session: Session, group: Row) -> list[str]:
    held = f"{session.local(group['held_at']):%d %B %Y, %H:%M}" if group["held_at"] else None
    led = group["owner_name"] and f"led by {group['owner_name']}"
    facts = [held, group["place"], f"from {group['segment_name'] or 'all customers'}", led]
    return [*filter(None, [group["purpose"]]), " · ".join(filter(None, facts))]


def _finding(row: Row, quotes: list[Row]) -> Cells:
    stands_on = [f"“{quote['text']}” {speaker(quote)}" for quote in quotes if quote["focus_quote_id"] in row["quotes"]]
    became = [f"{each['kind']}: {each['name']}" for each in row["outcomes"]]
    return [("found", row["text"]), *(("quote", words) for words in stands_on), *(("became", words) for words in became)]


def _talk(session: Session, group: Row, quotes: list[Row]) -> list[Cells]:
    """A block for each question with its note and its quotes; then what belongs to none."""
    asked = focus_groups.questions(session, group["focus_group_id"])
    blocks = [[("asked", row["text"]), *_said(row["note"], quotes, row["focus_question_id"])] for row in asked]
    known = {row["focus_question_id"] for row in asked}
    rest = _said(
        group["note"], [row | {"focus_question_id": None} for row in quotes if row["focus_question_id"] not in known], None
    )
    return [*blocks, *([rest] if rest else [])]


def _said(note: str | None, quotes: list[Row], question: UUID | None) -> Cells:
    said = [(speaker(row), f"“{row['text']}”") for row in quotes if row["focus_question_id"] == question]
    return [*([("noted", note)] if note else []), *said]
