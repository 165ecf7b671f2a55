"""Time what the pages ask of the store, each answer as a page gets it: rows as dicts, a session of its own each time.

No two turns ask for the same customer, name or address, so that nothing is timed that only repeats itself; the warm-up is
long, because the first reads after a start are those of cold blocks. Nothing here is cached; the pages keep the figures of
the Overview until a noun they read is written.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from crm.commands.contacts import add_contact
from crm.commands.duplicates import find_duplicates
from crm.commands.history import undo_change
from crm.commands.interactions import log_interaction
from crm.commands.values import store_values
from crm.queries import (
    cohorts,
    contacts,
    custom_fields,
    customers,
    deals,
    duplicates,
    figures,
    pipeline,
    search,
    segments,
    stages,
    tasks,
    timeline,
    today,
    traits,
    values,
    worth,
)
from crm.queries.conditions import Condition, Group, asked
from crm.queries.periods import Period, containing
from crm.store.session import SYSTEM, Session

TURNS, WARM_UP = 30, 30
WALL = [figures.figure_of(key) for key in ("won_amount", "win_rate", "customers", "interactions", "nps")]
# What is asked of open deals, of what became of the closed ones, and of both against the goal.
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
        self._drawn = session.rows(
            "select customer_id, name from customers where kind = 'company' order by hash(customer_id) limit $turns",
            turns=TURNS + WARM_UP,
        )
        self._logged: list[UUID] = []  # change sets, for undo to take back
        store_values(Session(session.database, SYSTEM))  # as its job does; how long that takes: tests/bench/value.py
        find_duplicates(Session(session.database, SYSTEM))  # likewise: tests/bench/duplicates.py

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

    def found_by_label(self, turn: int) -> object:
        """By the name of a choice that tens of thousands bear, and of tags."""
        return search.search(self._asking(), ("golden", "silver", "bronze", "tag ")[turn % 4])

    def own_page(self, turn: int) -> object:
        """Sorted by one own field, kept to an answer of another."""
        session = self._asking()
        tier, end = custom_fields.of_noun(session, "customers")[:2]
        kept: dict[str, Any] = {tier.argument: tier.choices[turn % 3].key}
        return customers.page(session, sort=end.argument, **kept)

    def split(self, turn: int) -> object:
        session = self._asking()
        return figures.figures(session, _quarter(session), session.today, by="Company tier", keys=("won_amount", "win_rate"))

    def profile(self, turn: int) -> object:
        session, key = self._asking(), self._key(turn)
        return customers.profile(session, key), timeline.of_customer(session, key), values.of_customer(session, key)

    def side(self, turn: int) -> object:
        session, key = self._asking(), self._key(turn)
        return [noun.of_customer(session, key) for noun in (traits, contacts, deals, tasks)]

    def contact(self, turn: int) -> object:
        session, key, name = self._asking(), self._key(turn), f"Robin Newcome {self._piece(turn)}"
        fields: dict[str, Any] = {"name": name, "email": f"robin{turn}@newcome.example.com", "phone": f"+1646555{1000 + turn}"}
        return duplicates.likely(session, "contact", **fields), add_contact(session, customer_id=key, **fields)

    def stages(self, turn: int) -> object:
        session = self._asking()
        return pipeline.board(session, stages.pipelines(session)[0]["pipeline_id"])

    def pipeline(self, turn: int) -> object:
        session = self._asking()
        return figures.figures(session, _quarter(session), session.today, keys=PIPELINE)

    def overview(self, turn: int) -> object:
        session = self._asking()
        quarter, months = _quarter(session), Period.months_until(session.today, 12)
        return (
            figures.figures(session, quarter, session.today),
            figures.series(session, "won_amount", months),
            figures.figures(session, quarter, session.today, by="owner", keys=("won_amount",)),
        )

    def quiet(self, turn: int) -> object:
        session = self._asking()
        return figures.figures(session, _quarter(session), session.today, keys=("quiet_customers",))

    def segment(self, turn: int) -> object:
        session = self._asking()
        return segments.count(session, _five_rows(session, turn))

    def figures_of_segment(self, turn: int) -> object:
        session = self._asking()
        rule = Group("all", (Condition("spent_amount", "over", 100 + turn),))
        return figures.values(session.among(*asked(session, rule)), WALL, [(_quarter(session), session.today)])

    def quiet_of_one(self, turn: int) -> object:
        session = self._asking()
        return today.quiet(session, session.actor.employee_id)

    def worth(self, turn: int) -> object:
        session = self._asking()
        spread = [worth.concentration(session, measure) for measure in worth.MEASURES]
        return worth.totals(session), worth.bands(session), worth.grid(session), spread

    def cohorts(self, turn: int) -> object:
        session = self._asking()
        return cohorts.triangle(session, session.today, cohorts.unit_of(session, session.today))

    def everyone(self, turn: int) -> object:
        return timeline.of_everyone(self._asking())

    def pairs(self, turn: int) -> object:
        session = self._asking()
        found = duplicates.pairs(session, "contacts", limit=10, first=10 * turn)
        keys = [pair[side] for pair in found for side in ("one_id", "other_id")]
        return duplicates.count(session, "contacts"), duplicates.sides(session, "contacts", keys)

    def log(self, turn: int) -> object:
        saved = log_interaction(self._asking(), customer_id=self._key(turn), channel="call", note="Will call back.")
        self._logged += [saved.change_set_id] if saved.change_set_id else []
        return saved

    def undo(self, turn: int) -> object:
        return undo_change(self._asking(), self._logged.pop())


def timings(session: Session, turns: int = TURNS, warm_up: int = WARM_UP) -> list[Timing]:
    """One timing per question; logging comes before undoing what was logged."""
    ask = Questions(session)
    return [
        _timed(what, function, question, bar_ms, turns, warm_up)
        for what, function, question, bar_ms in (
            ("first page of Customers", "customers.page", ask.first_page, 27),
            ("first page by last interaction", "customers.page(sort=…)", ask.latest_page, None),
            ("substring search in Customers", "customers.page(search=…)", ask.found_page, 30),
            ("search on every page", "search.search", ask.found_anywhere, 30),
            ("search by a tag or a choice", "search.search", ask.found_by_label, 30),
            ("Customers by own fields, sorted and kept", "customers.page(own_…)", ask.own_page, None),
            ("figures split by a choice of customers", "figures.figures(by=…)", ask.split, None),
            ("profile with timeline", "customers.profile + timeline", ask.profile, 20),
            ("wants, people, deals and tasks beside it", "traits, contacts, deals, tasks", ask.side, None),
            ("add a contact, duplicates checked", "duplicates.likely + add_contact", ask.contact, 60),
            ("pipeline by stage: deals, amount, weighted", "pipeline.board", ask.stages, 20),
            ("pipeline figures, and the period before", "figures.figures(keys=…)", ask.pipeline, 20),
            ("Overview: figures, months, owners", "figures.figures + series", ask.overview, None),
            ("quiet customers", "figures.figures(keys=…)", ask.quiet, None),
            ("count of a five-row segment", "segments.count", ask.segment, 100),
            ("Overview's figures of a segment", "figures.values among", ask.figures_of_segment, None),
            ("quiet customers of one owner", "today.quiet", ask.quiet_of_one, None),
            ("Worth: totals, bands, curves, grid", "worth.totals, bands, grid, …", ask.worth, None),
            ("Worth: the cohort triangle", "cohorts.triangle", ask.cohorts, None),
            ("everybody's timeline, first page", "timeline.of_everyone", ask.everyone, 60),
            ("a page of likely duplicates", "duplicates.pairs + sides", ask.pairs, None),
            ("log a call", "log_interaction", ask.log, None),
            ("undo it", "undo_change", ask.undo, None),
        )
    ]


def examples(session: Session) -> dict[str, str]:
    """For each page about one thing, the query that opens one: a customer with orders, an open deal."""
    return {
        "profile": f"customer={session.value('select customer_id from orders order by hash(order_id) limit 1')}",
        "deal": f"deal={session.value('select deal_id from deals where closed_on is null order by hash(deal_id) limit 1')}",
    }


def _five_rows(session: Session, turn: int) -> Group:
    """A rule over the customer, what happened, orders, tags, and one of two figures."""
    tag = session.value("select tag_id from tags order by name limit 1")
    bad = Group("any", (Condition("nps_rating", "at_most", 6), Condition("open_count", "at_least", 1)))
    return Group(
        "all",
        (
            Condition("lifecycle_stage", "none_of", ["lead"]),
            Condition("interaction", "did_not", {"days": 30 + turn}),
            Condition("spent_amount", "over", 50 + turn),
            Condition("tag", "none_of", [str(tag)]),
            bad,
        ),
    )


def _quarter(session: Session) -> Period:
    return containing("quarter", session.today)


def _timed(what: str, function: str, ask: Callable[[int], object], bar_ms: float | None, turns: int, warm_up: int) -> Timing:
    for turn in range(warm_up):
        ask(turn)
    spent = [_milliseconds(ask, turn) for turn in range(warm_up, warm_up + turns)]
    return Timing(what, function, statistics.median(spent), statistics.quantiles(spent, n=20)[-1], bar_ms)


def _milliseconds(ask: Callable[[int], object], turn: int) -> float:
    started = time.perf_counter()
    ask(turn)
    return (time.perf_counter() - started) * 1e3
