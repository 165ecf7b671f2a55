"""How to write down what somebody says without their name: nothing in the store leads from the words to a moment or a person.

The session that is made here acts for nobody, its clock stands at the beginning of the company's day, and its keys are random
(uuid4), the change set's too. The store keeps such rows where their place says only the day (store/anonymity.py), and takes them
only in the tables and rows that the rules give to “anonymous”. What belongs to a person (that a link was used) is written by
`Change.provided`, without a time and without a history, in the same transaction: neither is there without the other.
"""

from __future__ import annotations

from crm.store.anonymity import ANONYMOUS
from crm.store.session import Actor, Session

# Fewer than so many answers are never shown, and never come to light together.
FEWEST = 5


def unnamed(session: Session) -> Session:
    """A session in the same store that keeps nothing of who writes, and of when only the day."""
    return Session(session.database, Actor(ANONYMOUS, "Anonymous", ANONYMOUS), session.start_of(session.today))
