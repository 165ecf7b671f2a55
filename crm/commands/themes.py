"""Say what a theme is: its name, the phrases that mean it, the comments that are about it or are not.

All of it is people's, so all of it is changes that can be undone. The machine's part is in theme_runs.py: it carries over to the
other comments what was said here, and takes nothing of it back.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from crm.commands import checks
from crm.commands.checks import Saved, checked
from crm.errors import Refused
from crm.queries import merging, theme_proposals, themes
from crm.store.changes import Change
from crm.store.rules import key_of
from crm.store.session import Session

CORPORA = ("customers", "employees")
TONES = ("negative", "neutral", "positive")
PHRASE_LENGTH = 80
CHECKS: dict[str, checks.Check] = {
    "name": checks.text(80, least=1, trimmed=True),
    "corpus": checks.one_of(CORPORA),
    "note": checks.NOTE,
    "sentiment": checks.one_of(TONES),
}
Key = UUID | str


def add_theme(
    session: Session,
    *,
    name: str,
    corpus: str = "customers",
    phrases: Iterable[str] = (),
    excluded: Iterable[str] = (),
    examples: Iterable[Key] = (),
    note: str | None = None,
) -> Saved:
    """Begin a theme, with phrases that mean it, phrases that rule it out, and comments that are examples of it."""
    values = checked({"name": name, "corpus": corpus, "note": note}, CHECKS, {"name", "corpus"})
    return _added(session, f"Add theme {values['name']}", values, phrases, excluded, examples)


def _added(
    session: Session,
    title: str,
    values: dict[str, Any],
    phrases: Iterable[str],
    excluded: Iterable[str],
    examples: Iterable[Key],
) -> Saved:
    known = {key.casefold(): (key, False) for key in map(spoken, phrases)}
    known |= {key.casefold(): (key, True) for key in map(spoken, excluded)}
    pinned = [_comment(session, key, values["corpus"]) for key in dict.fromkeys(map(str, examples))]
    with session.change(title) as change:
        theme_id = change.insert("themes", **values)
        for words, is_excluded in known.values():
            change.insert("theme_phrases", theme_id=theme_id, phrase=words, is_excluded=is_excluded)
        for comment_id in pinned:
            change.insert("theme_marks", theme_id=theme_id, comment_id=comment_id, fits=True)
    return Saved.of(theme_id, change)


def spoken(value: Any) -> str:
    """A phrase as it is kept: its words, one blank between them.

    >>> spoken("  too   late ")
    'too late'
    """
    words = " ".join(str(checks.text(trimmed=True)(value, "Phrase")).split())
    if not 2 - (not words.isascii()) <= len(words) <= PHRASE_LENGTH:
        raise Refused(f"A phrase has 2 to {PHRASE_LENGTH} letters. Write a word or a few, as customers say it.", "phrase")
    return words


def rename_theme(session: Session, theme_id: Key, *, version: UUID | None = None, **fields: Any) -> Saved:
    """Give a theme another name or note; its comments stay."""
    theme = _in_use(session, theme_id)
    values = checked(fields, {name: CHECKS[name] for name in ("name", "note")}, {"name"} & set(fields))
    with session.change(f"Rename theme {theme['name']}") as change:
        change.update("themes", theme["theme_id"], version=version, **values)
    return Saved.of(theme["theme_id"], change)


def archive_theme(session: Session, theme_id: Key, *, version: UUID | None = None) -> Saved:
    """Put a theme aside; its comments have one theme less. History brings it back."""
    theme = _in_use(session, theme_id)
    with session.change(f"Archive theme {theme['name']}") as change:
        change.archive("themes", theme["theme_id"], version=version)
    return Saved.of(theme["theme_id"], change)


def merge_themes(session: Session, winner_id: Key, loser_id: Key) -> Saved:
    """Make one theme part of another, with its phrases, its examples and whatever else hangs on it.

    Where the two disagree, the winner's word stands: a comment that has the winner's theme keeps it, though it was not about
    the loser's.
    """
    winner, loser = _in_use(session, winner_id), _in_use(session, loser_id)
    if winner["theme_id"] == loser["theme_id"]:
        raise Refused("A theme cannot become part of itself. Choose another.", "theme")
    if winner["corpus"] != loser["corpus"]:
        raise Refused("One is a theme of customers, the other of employees: they stay apart.", "theme")
    with session.change(f"Merge theme {loser['name']} into {winner['name']}") as change:
        _put_aside(session, change, winner["theme_id"], loser["theme_id"])
        _move(change, winner["theme_id"], loser["theme_id"])
        change.update("themes", loser["theme_id"], merged_into_id=winner["theme_id"], archived_at=session.now)
    return Saved.of(winner["theme_id"], change)


def _put_aside(session: Session, change: Change, winner_id: UUID, loser_id: UUID) -> None:
    """What the winner has a word on already."""
    for table, said in (("theme_phrases", "lower(phrase)"), ("theme_marks", "comment_id")):
        sure = "or (not fits and comment_id in (select comment_id from theme_mentions where theme_id = $winner))"
        change.update_from(
            table,
            f"""
            select {key_of(table)}, $now::timestamp as archived_at
            from {table}
            where theme_id = $loser and archived_at is null and (
                {said} in (select {said} from {table} where theme_id = $winner and archived_at is null)
                {sure if table == "theme_marks" else ""}
            )
            """,  # noqa: S608 - the names above
            now=session.now,
            winner=winner_id,
            loser=loser_id,
        )


def _move(change: Change, winner_id: UUID, loser_id: UUID) -> None:
    """Whatever hangs on the loser: themes that it took in before, what it is found by, what is done about it."""
    for table, columns in merging.hanging(["themes"]).items():
        in_use = "" if table == "themes" else "and archived_at is null"
        for column in columns:
            change.update_from(
                table,
                f"""
                select {key_of(table)}, $winner::uuid as {column}
                from {table}
                where {column} = $loser {in_use}
                """,  # noqa: S608 - names come from rules.py
                winner=winner_id,
                loser=loser_id,
            )


def add_phrase(session: Session, theme_id: Key, *, phrase: str, is_excluded: bool = False) -> Saved:
    """Say that a phrase means a theme, or rules it out."""
    theme, words = _in_use(session, theme_id), spoken(phrase)
    known = session.row(
        """
        select theme_phrase_id
        from theme_phrases
        where theme_id = $theme and lower(phrase) = lower($words) and archived_at is null
        """,
        theme=theme["theme_id"],
        words=words,
    )
    with session.change(
        f"{'Forbid' if is_excluded else 'Add'} “{words}” {'in' if is_excluded else 'to'} {theme['name']}"
    ) as change:
        if known:
            change.update("theme_phrases", known["theme_phrase_id"], is_excluded=is_excluded)
        else:
            change.insert("theme_phrases", theme_id=theme["theme_id"], phrase=words, is_excluded=is_excluded)
    return Saved.of(theme["theme_id"], change)


def remove_phrase(session: Session, theme_phrase_id: Key) -> Saved:
    """Take a phrase back."""
    found = session.row("select phrase from theme_phrases where theme_phrase_id = $key", key=theme_phrase_id)
    if found is None:
        raise Refused("This phrase is no longer there.", "phrase")
    with session.change(f"Take “{found['phrase']}” out of its theme") as change:
        change.archive("theme_phrases", theme_phrase_id)
    return Saved.of(theme_phrase_id, change)


def mark_comment(session: Session, theme_id: Key, comment_id: Key, *, fits: bool | None) -> Saved:
    """Say that a comment is about a theme, or is not; None takes back what was said."""
    theme = _in_use(session, theme_id)
    comment = _comment(session, comment_id, theme["corpus"])
    known = _marked(session, "theme_marks", comment, theme_id=theme["theme_id"])
    words = {True: "is an example of", False: "does not fit", None: "may or may not fit"}[fits]
    with session.change(f"A comment {words} {theme['name']}") as change:
        if fits is None and known:
            change.archive("theme_marks", known)
        elif fits is not None and known:
            change.update("theme_marks", known, fits=fits)
        elif fits is not None:
            change.insert("theme_marks", theme_id=theme["theme_id"], comment_id=comment, fits=fits)
    return Saved.of(comment, change)


def correct_sentiment(session: Session, comment_id: Key, *, sentiment: str | None) -> Saved:
    """Say what the tone of a comment is; None takes back what was said."""
    comment = _comment(session, comment_id)
    values = checked({"sentiment": sentiment}, CHECKS)
    known = _marked(session, "sentiment_marks", comment)
    with session.change(f"The tone of a comment is {values['sentiment'] or 'as it reads'}") as change:
        if values["sentiment"] is None and known:
            change.archive("sentiment_marks", known)
        elif values["sentiment"] and known:
            change.update("sentiment_marks", known, **values)
        elif values["sentiment"]:
            change.insert("sentiment_marks", comment_id=comment, **values)
    return Saved.of(comment, change)


def accept_proposal(session: Session, theme_proposal_id: Key, *, name: str | None = None, examples: bool = True) -> Saved:
    """Make a proposed theme one of ours, by its own name or another; the comments that show it best become its examples."""
    proposal = _proposal(session, theme_proposal_id)
    values = checked({"name": name or proposal["name"], "corpus": proposal["corpus"]}, CHECKS, {"name"})
    still_there = {row["comment_id"] for row in themes.comments_of(session, proposal["comment_ids"])}
    shown = [key for key in proposal["comment_ids"] if UUID(key) in still_there] if examples else []
    return _added(session, f"Accept theme {values['name']}", values, proposal["phrases"], (), shown)


def dismiss_proposal(session: Session, theme_proposal_id: Key) -> Saved:
    """Turn a proposed theme down: it is not proposed again."""
    proposal = _proposal(session, theme_proposal_id)
    with session.change(f"Turn down theme {proposal['name']}") as change:
        key = change.insert(
            "theme_dismissals",
            corpus=proposal["corpus"],
            name=proposal["name"],
            phrases=json.dumps(proposal["phrases"], ensure_ascii=False),
        )
    return Saved.of(key, change)


def _proposal(session: Session, theme_proposal_id: Key) -> dict[str, Any]:
    found = theme_proposals.proposal(session, theme_proposal_id)
    if found is None:
        raise Refused("This proposal is no longer there: newer ones have taken its place. Look at those.", "proposal")
    return found


def _in_use(session: Session, theme_id: Key) -> dict[str, Any]:
    """The theme itself; refused where it is not in use, with the name of the one that took it in."""
    found = session.row(
        """
        select
            themes.*,
            heirs.name as heir
        from themes
        left join themes as heirs on heirs.theme_id = themes.merged_into_id
        where themes.theme_id = $key
        """,
        key=theme_id,
    )
    if found is None:
        raise Refused("This theme is no longer there. Choose another.", "theme")
    if found["archived_at"]:
        where = f" It is part of {found['heir']} now." if found["heir"] else " History brings it back."
        raise Refused(f"The theme {found['name']} is put aside.{where}", "theme")
    return found


def _comment(session: Session, comment_id: Key, corpus: str | None = None) -> UUID:
    """The key of a comment that this person may see."""
    found: Sequence[dict[str, Any]] = themes.comments_of(session, [checks.key(comment_id, "Comment")])
    if not found:
        raise Refused("This comment is no longer there.", "comment")
    if corpus and found[0]["corpus"] != corpus:
        raise Refused(f"This theme is one of {corpus}, the comment is not.", "comment")
    return UUID(str(found[0]["comment_id"]))


def _marked(session: Session, table: str, comment_id: UUID, theme_id: UUID | None = None) -> UUID | None:
    """The key of what was said of this comment before."""
    found: UUID | None = session.value(
        f"""
        select {key_of(table)}
        from {table}
        where comment_id = $comment and archived_at is null {"and theme_id = $theme" if theme_id else ""}
        """,  # noqa: S608 - one of two names
        comment=comment_id,
        **({"theme": theme_id} if theme_id else {}),
    )
    return found
