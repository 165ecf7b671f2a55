"""What we take from a focus group, and what comes of it: a theme, an action, what somebody wants or needs."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from crm.commands import checks, themes
from crm.commands.checks import Saved, checked
from crm.commands.loop import add_action
from crm.errors import Refused
from crm.queries import choices, focus_groups, panels
from crm.store.session import Session

Row = dict[str, Any]
CORPUS = "customers"
TRAIT: dict[str, checks.Check] = {"kind": checks.one_of(choices.TRAIT_KINDS), "text": checks.LINE}


def add_finding(session: Session, focus_group_id: UUID, *, text: str, quotes: Iterable[UUID] = ()) -> Saved:
    """Say what was found, and which quotes it stands on."""
    values = checked({"text": text}, {"text": checks.text(2_000, least=1)}, {"text"})
    group = focus_groups.one(session, focus_group_id)
    with session.change(f"Keep a finding of focus group {group['name']}") as change:
        key = change.insert("focus_findings", focus_group_id=focus_group_id, **values)
        for quote in dict.fromkeys(quotes):
            change.insert("finding_quotes", focus_finding_id=key, focus_quote_id=quote)
    return Saved.of(key, change)


def edit_finding(
    session: Session, focus_finding_id: UUID, *, text: str, quotes: Collection[UUID] = (), version: UUID | None = None
) -> Saved:
    """Word it anew, or let it stand on other quotes."""
    values = checked({"text": text}, {"text": checks.text(2_000, least=1)}, {"text"})
    links = _links(session, focus_finding_id)
    with session.change("Edit a finding of a focus group") as change:
        change.update("focus_findings", focus_finding_id, version=version, **values)
        for quote, link in links.items():
            if quote not in quotes:
                change.archive("finding_quotes", link)
        for quote in quotes:
            if quote not in links:
                change.insert("finding_quotes", focus_finding_id=focus_finding_id, focus_quote_id=quote)
    return Saved.of(focus_finding_id, change)


def archive_finding(session: Session, focus_finding_id: UUID, *, version: UUID | None = None) -> Saved:
    """Put it aside; what became of it stays."""
    with session.change("Put a finding of a focus group aside") as change:
        change.archive("focus_findings", focus_finding_id, version=version)
    return Saved.of(focus_finding_id, change)


def make_theme(
    session: Session, focus_finding_id: UUID, *, name: str | None = None, theme_id: Any = None, phrases: Iterable[str] = ()
) -> Saved:
    """Make it a theme, or part of one that is there; the quotes that it stands on become the theme's examples."""
    group, finding = _one(session, focus_finding_id)
    note = f"From focus group {group['name']}: {finding['text']}"
    values = {} if theme_id else checked({"name": name, "corpus": CORPUS, "note": note}, themes.CHECKS, {"name"})
    told = {words.casefold(): words for words in map(themes.spoken, phrases)}
    pinned = _pinned(session, theme_id) if theme_id else set()
    with session.change(
        f"Make a finding of focus group {group['name']} {'part of a theme' if theme_id else 'a theme'}"
    ) as change:
        theme = checks.key(theme_id, "Theme") if theme_id else change.insert("themes", **values)
        for words in told.values():
            change.insert("theme_phrases", theme_id=theme, phrase=words, is_excluded=False)
        for quote in _evidence(session, group, finding):
            if quote["feedback_id"] not in pinned:
                change.insert("theme_marks", theme_id=theme, comment_id=quote["feedback_id"], fits=True)
        change.insert("finding_outcomes", focus_finding_id=focus_finding_id, theme_id=theme)
    return Saved.of(theme, change)


def make_action(session: Session, focus_finding_id: UUID, *, name: str, owner_id: Any = None, due_on: Any = None) -> Saved:
    """Make it an action: what we change, who does it, by when; of the finding's theme, where it is one."""
    group, finding = _one(session, focus_finding_id)
    theme = next((row["theme_id"] for row in finding["outcomes"] if row["theme_id"]), None)
    with session.change(f"Act on a finding of focus group {group['name']}") as change:
        key = add_action(change, session, name=name, owner_id=owner_id, due_on=due_on, theme_id=theme)
        change.insert("finding_outcomes", focus_finding_id=focus_finding_id, action_id=key)
    return Saved.of(key, change)


def make_traits(session: Session, focus_finding_id: UUID, *, participants: Collection[UUID], **fields: Any) -> Saved:
    """Keep it as what these participants want, need, like …, each with their own words and the session as evidence."""
    values = checked(fields, TRAIT, {"kind", "text"})
    group, finding = _one(session, focus_finding_id)
    who = [row for row in panels.participants(session, group["focus_group_id"]) if row["focus_participant_id"] in participants]
    if not who:
        raise Refused("Whose is it? Choose at least one who was there.", "participants")
    evidence = _evidence(session, group, finding)
    state = {"state": "open"} if values["kind"] in choices.PROMISES else {}
    with session.change(f"Keep a {values['kind']} found in focus group {group['name']}") as change:
        for row in who:
            own = [quote for quote in evidence if quote["contact_id"] == row["contact_id"]]
            key = change.insert("traits", **values, **state, **_found_in(session, group, row, own))
            change.insert("finding_outcomes", focus_finding_id=focus_finding_id, trait_id=key)
    return Saved.of(focus_finding_id, change)


def _found_in(session: Session, group: Row, participant: Row, quotes: list[Row]) -> Row:
    words = " ".join(f"“{quote['text']}”" for quote in quotes)
    return {
        "customer_id": participant["customer_id"],
        "contact_id": participant["contact_id"],
        "evidence": f"Focus group: {group['name']}. {words}".strip(),
        "observed_on": session.local(group["held_at"]).date() if group["held_at"] else session.today,
        "interaction_id": participant["interaction_id"],
        "feedback_id": quotes[0]["feedback_id"] if quotes else None,
    }


def _evidence(session: Session, group: Row, finding: Row) -> list[Row]:
    return [row for row in focus_groups.quotes(session, group["focus_group_id"]) if row["focus_quote_id"] in finding["quotes"]]


def _one(session: Session, focus_finding_id: UUID) -> tuple[Row, Row]:
    """A finding and its focus group."""
    key = session.value(
        "select focus_group_id from focus_findings where focus_finding_id = $key and archived_at is null", key=focus_finding_id
    )
    if key is None:
        raise Refused("This finding is not there any more.")
    group = focus_groups.one(session, key)
    return group, next(row for row in focus_groups.findings(session, key) if row["focus_finding_id"] == focus_finding_id)


def _pinned(session: Session, theme_id: UUID) -> set[UUID]:
    """The comments that somebody said something of for a theme already."""
    rows = session.rows("select comment_id from theme_marks where theme_id = $key and archived_at is null", key=theme_id)
    return {row["comment_id"] for row in rows}


def _links(session: Session, focus_finding_id: UUID) -> dict[UUID, UUID]:
    """The links of a finding by the quote that each names."""
    rows = session.rows(
        "select focus_quote_id, finding_quote_id from finding_quotes where focus_finding_id = $key and archived_at is null",
        key=focus_finding_id,
    )
    return {row["focus_quote_id"]: row["finding_quote_id"] for row in rows}
