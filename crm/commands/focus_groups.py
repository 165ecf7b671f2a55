"""Plan a focus group: what it should find out, of whom, along which guide."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from crm.commands import checks
from crm.commands.checks import Saved, checked
from crm.errors import Refused
from crm.queries import focus_groups, panels
from crm.store.changes import Change
from crm.store.session import Session

CHECKS: dict[str, checks.Check] = {
    "name": checks.NAME,
    "purpose": checks.NOTE,
    "segment_id": checks.key,
    "size": checks.whole(1, 200),
    "cooldown_days": checks.whole(0, 3_650),
    "held_at": checks.instant,
    "place": checks.LINE,
    "owner_id": checks.key,
    "note": checks.NOTE,
}
SIZE = 8
MOST_QUESTIONS = 40


def add_focus_group(
    session: Session, *, strata: Iterable[str] = (), asks_unknown: bool = False, guide: str | None = None, **fields: Any
) -> Saved:
    """Plan one; the guide is a text with a question a line. Its panel is drawn afterwards."""
    values = checked(fields, CHECKS, {"name"})
    values |= {
        "size": values.get("size") or SIZE,
        "cooldown_days": panels.COOLDOWN_DAYS if values.get("cooldown_days") is None else values["cooldown_days"],
        "owner_id": values.get("owner_id") or session.actor.employee_id,
        "strata": _strata(session, strata),
        "asks_unknown": asks_unknown,
        "seed": secrets.randbelow(1_000_000),
    }
    with session.change(f"Plan focus group {values['name']}") as change:
        key = change.insert("focus_groups", **values)
        _ask(change, key, lines(guide))
    return Saved.of(key, change)


def edit_focus_group(session: Session, focus_group_id: UUID, *, version: UUID | None = None, **fields: Any) -> Saved:
    """Change the plan; the panel stays as it was drawn, and questions of the guide that stay keep their notes."""
    current = focus_groups.one(session, focus_group_id)
    rest = {name: fields.pop(name) for name in ("strata", "asks_unknown", "guide") if name in fields}
    values = checked(fields, CHECKS, {"name", "size", "cooldown_days"} & set(fields))
    if "strata" in rest:
        values["strata"] = _strata(session, rest["strata"] or ())
    if "asks_unknown" in rest:
        values["asks_unknown"] = bool(rest["asks_unknown"])
    with session.change(f"Edit focus group {values.get('name') or current['name']}") as change:
        if values:
            change.update("focus_groups", focus_group_id, version=version, **values)
        if "guide" in rest:
            _ask_instead(session, change, focus_group_id, lines(rest["guide"]))
    return Saved.of(focus_group_id, change)


def archive_focus_group(session: Session, focus_group_id: UUID, *, version: UUID | None = None) -> Saved:
    """Put one aside; what was said in it stays feedback, on everybody's timeline."""
    with session.change(f"Archive focus group {focus_groups.one(session, focus_group_id)['name']}") as change:
        change.archive("focus_groups", focus_group_id, version=version)
    return Saved.of(focus_group_id, change)


def lines(guide: str | None) -> list[str]:
    """The questions of a guide that is written a line each; the same words twice are one question.

    >>> lines("How do you work today?\\n\\n 2. What hinders you? \\nHow do you work today?")
    ['How do you work today?', '2. What hinders you?']
    """
    found = list(dict.fromkeys(line.strip() for line in (guide or "").splitlines() if line.strip()))
    if len(found) > MOST_QUESTIONS:
        raise Refused(f"The guide has {len(found)} questions; {MOST_QUESTIONS} is the most. Nobody stays that long.", "guide")
    return [checks.text(2_000)(line, "Question") for line in found]


def _strata(session: Session, keys: Iterable[str]) -> str | None:
    chosen, known = list(dict.fromkeys(keys)), panels.attributes(session)
    unknown = [key for key in chosen if key not in known]
    if unknown:
        raise Refused(f"A panel is not mixed by “{unknown[0]}”. Choose one of {', '.join(known.values())}.", "strata")
    return json.dumps(chosen) if chosen else None


def _ask(change: Change, focus_group_id: UUID, questions: list[str]) -> None:
    for position, text in enumerate(questions, start=1):
        change.insert("focus_questions", focus_group_id=focus_group_id, position=position, text=text)


def _ask_instead(session: Session, change: Change, focus_group_id: UUID, questions: list[str]) -> None:
    """A question with the same words is the same; one that was struck is put aside with its notes."""
    known = {row["text"]: row["focus_question_id"] for row in focus_groups.questions(session, focus_group_id)}
    for position, text in enumerate(questions, start=1):
        if text in known:
            change.update("focus_questions", known.pop(text), position=position)
        else:
            change.insert("focus_questions", focus_group_id=focus_group_id, position=position, text=text)
    for key in known.values():
        change.archive("focus_questions", key)
