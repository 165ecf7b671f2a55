"""The bench runs and leaves nothing out; how fast it is, only a quiet machine can say (python -m tests.bench)."""

from __future__ import annotations

from pathlib import Path

from crm.store.database import Database
from crm.store.migrate import migrate
from crm.store.rules import key_of
from crm.store.session import Session, acting_as
from tests.bench import company, importing
from tests.bench.__main__ import PERSON
from tests.bench.timings import timings

BARS = {
    "first page of Customers": 27,
    "substring search in Customers": 30,
    "search on every page": 30,
    "search by a tag or a choice": 30,
    "profile with timeline": 20,
    "add a contact, duplicates checked": 60,
    "pipeline by stage: deals, amount, weighted": 20,
    "pipeline figures, and the period before": 20,
    "everybody's timeline, first page": 60,
    "count of a five-row segment": 100,
}


def test_a_company_has_what_was_ordered(session: Session) -> None:
    company.build(session, customers=200, entries=700)
    size = company.size(session)
    assert (size["customers"], size["contacts"], size["deals"], size["feedback"]) == (200, 300, 200, 100)
    assert size["interactions"] == 700
    assert session.value("select count(distinct customer_id) from orders") == 200 // 3
    assert session.value("select max(occurred_at) < $now from interactions", now=session.now)


def test_the_same_numbers_make_the_same_company(session: Session) -> None:
    twin = Database("duckdb:///:memory:")
    migrate(twin)
    other = Session(twin, session.actor, session.now)
    for one in (session, other):
        company.build(one, customers=200)
    for table in company.TABLES:
        what = f"select * exclude (version, created_at, updated_at, {key_of(table)}) from {table} order by all"
        assert session.rows(what) == other.rows(what)
    twin.close()


def test_every_question_is_timed_and_those_of_the_issue_have_their_bar(session: Session, database: Database) -> None:
    company.build(session, customers=200)
    found = timings(Session(database, acting_as(database, PERSON)), turns=2, warm_up=1)
    assert {timing.what: timing.bar_ms for timing in found if timing.bar_ms} == BARS
    assert all(0 < timing.median_ms <= timing.p95_ms for timing in found)


def test_a_file_of_contacts_is_measured_and_leaves_nothing(session: Session, tmp_path: Path) -> None:
    importing.write_file(tmp_path / "contacts.csv", 3_000)
    found = importing.measured(session, tmp_path / "contacts.csv", 3_000)
    assert (found.rows, found.is_as_before) == (3_000, True)
    assert 0 < found.import_s < importing.BAR_S
