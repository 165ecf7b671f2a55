"""Answer “would you recommend working here?”: once a quarter, of nobody.

What is said and that somebody has answered are kept apart: the answer bears the day at most, and who has answered is a flag on a
row that stands there for everybody, without a time or a history. Both are written together or not at all. Answers come to light
at least five together, so that no two looks at the score tell what one person said.
"""

from __future__ import annotations

from typing import Any

from crm.commands import anonymous, checks
from crm.commands.checks import Saved, checked
from crm.commands.ideas import refuse_few
from crm.errors import Refused
from crm.queries import enps
from crm.store.session import Session

CHECKS: dict[str, checks.Check] = {"rating": checks.whole(0, 10), "text": checks.NOTE}
ANSWERED = "You have answered this quarter. The next one asks you again."
# The mark is set once: whoever comes second changes nothing.
MARK = """
    update enps_asked
    set has_answered = true
    where employee_id = $me and starts_on = $quarter and not has_answered
"""


def answer_enps(session: Session, *, rating: Any, text: str | None = None) -> Saved:
    """Keep one answer for the quarter that runs; it can be neither changed nor taken back, because nobody knows whose it is."""
    values = checked({"rating": rating, "text": text}, CHECKS, {"rating"})
    me = session.actor.employee_id
    if not me:
        raise Refused("Only employees answer. Choose who you are.")
    refuse_few(session)
    quarter = enps.quarter(session)
    if enps.has_answered(session):
        raise Refused(ANSWERED)
    _ask_everybody(session)
    quiet = anonymous.unnamed(session)
    with quiet.change("Answer whether to recommend working here") as change:
        change.provided(MARK, ANSWERED, me=me, quarter=quarter.start)  # in another window, a moment ago
        key = change.insert("enps_answers", **values, starts_on=quarter.start, is_released=False)
    _release(session)
    return Saved(key, None)


def _ask_everybody(session: Session) -> None:
    """A row for each employee, in the order of their keys: where a row stands says nothing of when they answered."""
    session.note(
        """
        insert into enps_asked
        select employee_id, $quarter, false
        from employees
        where archived_at is null
        and employee_id not in (select employee_id from enps_asked where starts_on = $quarter)
        order by employee_id
        """,
        quarter=enps.quarter(session).start,
    )


def _release(session: Session) -> None:
    """Show what waits, once enough wait together."""
    session.note(
        """
        update enps_answers
        set is_released = true
        where starts_on = $quarter and not is_released
        and $fewest <= (select count(*) from enps_answers where starts_on = $quarter and not is_released and archived_at is null)
        """,
        quarter=enps.quarter(session).start,
        fewest=anonymous.FEWEST,
    )
