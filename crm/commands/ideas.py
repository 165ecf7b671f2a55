"""What our own people say, by name or without one; who is for it; and what leadership answers."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from crm.commands import anonymous, checks
from crm.commands.checks import Saved, checked
from crm.commands.loop import add_action
from crm.errors import Refused
from crm.queries import choices, ideas
from crm.store.session import Session

CHECKS: dict[str, checks.Check] = {
    "kind": checks.one_of(choices.IDEA_KINDS),
    "text": checks.text(least=1),
    "state": checks.one_of(choices.IDEA_STATES),
    "answer": checks.NOTE,
}
WORDS = {"idea": "an idea", "blocker": "a blocker", "need": "a need"}


def share_idea(session: Session, *, kind: str, text: str, is_anonymous: bool = False) -> Saved:
    """Keep what an employee says. Without a name nothing leads back, so nothing can be undone by its author either."""
    values = checked({"kind": kind, "text": text}, CHECKS, {"kind", "text"})
    if is_anonymous:
        refuse_few(session)
        quiet = anonymous.unnamed(session)
        with quiet.change(f"Say {WORDS[values['kind']]}") as change:
            key = change.insert("ideas", **values, state="open", said_on=quiet.today)
        return Saved(key, None)
    if not session.actor.employee_id:
        raise Refused("Only employees say what they need. Choose who you are, or say it without a name.")
    with session.change(f"Say {WORDS[values['kind']]}") as change:
        key = change.insert("ideas", **values, state="open", said_on=session.today, employee_id=session.actor.employee_id)
    return Saved.of(key, change)


def refuse_few(session: Session) -> None:
    """Among so few nobody stays unknown, whatever the store keeps."""
    if ideas.employee_count(session) < anonymous.FEWEST:
        raise Refused(f"With fewer than {anonymous.FEWEST} employees nobody can stay unknown. Say it by name, or in person.")


def vote(session: Session, idea_id: UUID) -> Saved:
    """Be for an idea; a second time takes it back."""
    me = session.actor.employee_id
    if not me:
        raise Refused("Only employees vote. Choose who you are.")
    ideas.one(session, idea_id)
    mine = ideas.vote_of(session, idea_id, me)
    with session.change("Take a vote back" if mine else "Vote for an idea") as change:
        if mine:
            change.archive("idea_votes", mine)
        else:
            change.insert("idea_votes", idea_id=idea_id, employee_id=me)
    return Saved.of(idea_id, change)


def answer_idea(session: Session, idea_id: UUID, *, version: UUID | None = None, **fields: Any) -> Saved:
    """Say what becomes of it, in words: everybody reads them, also who said it without a name."""
    session.require("leader", "Answering what the team says")
    values = checked(fields, {name: CHECKS[name] for name in ("state", "answer")}, {"state", "answer"})
    values |= {"answered_by_id": session.actor.employee_id, "answered_on": session.today}
    with session.change(f"Answer {_called(session, idea_id)}") as change:
        change.update("ideas", idea_id, version=version, **values)
    return Saved.of(idea_id, change)


def act_on_idea(session: Session, idea_id: UUID, *, name: str, owner_id: Any = None, due_on: Any = None) -> Saved:
    """Make an idea an action: what we change, who does it, by when; the idea is planned from then on."""
    session.require("leader", "Making an idea an action")
    row = ideas.one(session, idea_id)
    if row["action_id"]:
        raise Refused("This is an action already: it stands with the idea.")
    with session.change(f"Act on {_called(session, idea_id)}") as change:
        action = add_action(change, session, name=name, owner_id=owner_id, due_on=due_on)
        state = {"state": "planned"} if row["state"] == "open" else {}
        change.update("ideas", idea_id, version=row["version"], action_id=action, **state)
    return Saved.of(action, change)


def edit_idea(session: Session, idea_id: UUID, *, version: UUID | None = None, **fields: Any) -> Saved:
    """Correct what one said by name, until it is answered."""
    values = checked(fields, {name: CHECKS[name] for name in ("kind", "text")}, {"text"} & set(fields))
    if ideas.one(session, idea_id)["answered_on"]:
        raise Refused("This was answered already; what it answers stays as it was.")
    with session.change(f"Correct {_called(session, idea_id)}") as change:
        change.update("ideas", idea_id, version=version, **values)
    return Saved.of(idea_id, change)


def archive_idea(session: Session, idea_id: UUID, *, version: UUID | None = None) -> Saved:
    """Put it aside: one's own, or as a leader any."""
    with session.change(f"Put aside {_called(session, idea_id)}") as change:
        change.archive("ideas", idea_id, version=version)
    return Saved.of(idea_id, change)


def _called(session: Session, idea_id: UUID) -> str:
    return WORDS[ideas.one(session, idea_id)["kind"]]
