"""Time what the pages ask of the store, each answer as a page gets it: rows as dicts, a session of its own each time.

No two turns ask for the same customer, name or address, so that nothing is timed that only repeats itself. Nothing here
is cached; the pages keep the figures of the Overview until a noun they read is written.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from crm.commands.contacts import add_contact
from crm.commands.history import undo_change
from crm.commands.interactions import log_interaction
from crm.queries import contacts, customers, deals, duplicates, figures, search, tasks, timeline, traits
from crm.queries.periods import Period, parse
from crm.store.session import Session

TURNS, WARM_UP = 30, 5
# The figures of the Pipeline page: all that is asked of open deals and of what became of the closed ones.
PIPELINE = ("open_count", "weighted_pipeline_amount", "pipeline_coverage", "win_rate", "sales_velocity", "attainment", "pace")


@dataclass(frozen=True)
class Timing:
    """How long one question took, and the bar it must stay under where the issue sets one."""

    what: str
    function: str
    median_ms: float
    p95_ms: float
    bar_ms: float | None = None

    @property
    def share_of_bar(self) -> float | None:
        """How much of the bar the median takes: up to 1 it holds."""
        return self.median_ms / self.bar_ms if self.bar_ms else None

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"share_of_bar": self.share_of_bar}

    def as_line(self) -> str:
        bar, share = (f"{self.bar_ms:5.0f}", f"{self.share_of_bar:6.2f}") if self.bar_ms else ("    –", "     –")
        return f"{self.what:44} {self.function:34} {self.median_ms:6.1f} ms {self.p95_ms:6.1f} ms {bar} {share}"


class Questions:
    """What is asked, turn after turn, of customers drawn from the whole company."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._logged: list[UUID] = []

    @cached_property
    def _drawn(self) -> list[dict[str, Any]]:
        return self._session.rows(
            """
            select
                customers.customer_id,
                customers.name,
                arg_min(contacts.email, contacts.contact_id) as email,
            from customers
            inner join contacts on contacts.customer_id = customers.customer_id
            group by all
            order by hash(customers.customer_id)
            limit $turns
            """,
            turns=TURNS + WARM_UP,
        )

    def _asking(self) -> Session:
        """A session such as each run of a page makes."""
        return Session(self._session.database, self._session.actor)

    def _key(self, turn: int) -> UUID:
        key: UUID = self._drawn[turn % len(self._drawn)]["customer_id"]
        return key

    def _piece(self, turn: int) -> str:
        """Four letters from within a name."""
        return str(self._drawn[turn % len(self._drawn)]["name"][1:5])

    def first_page(self, turn: int) -> object:
        return customers.page(self._asking())

    def latest_page(self, turn: int) -> object:
        return customers.page(self._asking(), sort="last_interaction")

    def found_page(self, turn: int) -> object:
        return customers.page(self._asking(), search=self._piece(turn))

    def found_anywhere(self, turn: int) -> object:
        return search.search(self._asking(), self._piece(turn))

    def profile(self, turn: int) -> object:
        session, key = self._asking(), self._key(turn)
        aside = [queries.of_customer(session, key) for queries in (traits, contacts, deals, tasks)]
        return customers.profile(session, key), timeline.of_customer(session, key), customers.tags(session, key), aside

    def contact(self, turn: int) -> object:
        session, key, name = self._asking(), self._key(turn), f"Robin Newcome {self._piece(turn)}"
        fields = {"name": name, "email": f"robin{turn}@newcome.example.com", "phone": f"+1646555{1000 + turn}"}
        return duplicates.likely(session, "contact", **fields), add_contact(session, customer_id=key, **fields)

    def pipeline(self, turn: int) -> object:
        session = self._asking()
        return figures.figures(session, _quarter(session), session.today, keys=PIPELINE)

    def overview(self, turn: int) -> object:
        session = self._asking()
        return figures.figures(session, _quarter(session), session.today)

    def quiet(self, turn: int) -> object:
        session = self._asking()
        return figures.figures(session, _quarter(session), session.today, keys=("quiet_customers",))

    def everyone(self, turn: int) -> object:
        return timeline.of_everyone(self._asking())

    def log(self, turn: int) -> object:
        saved = log_interaction(self._asking(), customer_id=self._key(turn), channel="call", note="Will call back.")
        self._logged.append(saved.change_set_id)
        return saved

    def undo(self, turn: int) -> object:
        return undo_change(self._asking(), self._logged.pop())


def timings(session: Session) -> list[Timing]:
    """One timing per question; logging comes before undoing what was logged."""
    ask = Questions(session)
    return [
        _timed("first page of Customers", "customers.page", ask.first_page, 27),
        _timed("first page by last interaction", "customers.page(sort=…)", ask.latest_page),
        _timed("substring search in Customers", "customers.page(search=…)", ask.found_page, 30),
        _timed("search on every page", "search.search", ask.found_anywhere, 30),
        _timed("profile with timeline, people, deals, wants", "customers.profile + timeline, …", ask.profile, 20),
        _timed("add a contact, duplicates checked", "duplicates.likely + add_contact", ask.contact, 60),
        _timed("pipeline figures", "figures.figures(keys=…)", ask.pipeline, 20),
        _timed("all figures of the Overview", "figures.figures", ask.overview),
        _timed("quiet customers", "figures.figures(keys=…)", ask.quiet),
        _timed("everybody's timeline, first page", "timeline.of_everyone", ask.everyone, 60),
        _timed("log a call", "log_interaction", ask.log),
        _timed("undo it", "undo_change", ask.undo),
    ]


def a_customer(session: Session) -> UUID:
    """A customer with orders, whose profile has everything to show."""
    key: UUID = session.value("select customer_id from orders order by hash(order_id) limit 1")
    return key


def _quarter(session: Session) -> Period:
    return parse(f"{session.today.year}-Q{(session.today.month + 2) // 3}")


def _timed(what: str, function: str, ask: Callable[[int], object], bar_ms: float | None = None) -> Timing:
    for turn in range(WARM_UP):
        ask(turn)
    spent = [_milliseconds(ask, turn) for turn in range(WARM_UP, WARM_UP + TURNS)]
    return Timing(what, function, statistics.median(spent), statistics.quantiles(spent, n=20)[-1], bar_ms)


def _milliseconds(ask: Callable[[int], object], turn: int) -> float:
    started = time.perf_counter()
    ask(turn)
    return (time.perf_counter() - started) * 1e3
