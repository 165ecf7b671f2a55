"""The brand: readings with their source, what customers pay of the list price, who was recommended; a set, no index."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from crm import cli
from crm.commands.brand import add_reading, archive_reading, edit_reading, import_readings
from crm.commands.custom_fields import define_field
from crm.commands.customers import add_customer
from crm.commands.orders import add_order
from crm.errors import Refused
from crm.queries import brand, custom_fields, figures
from crm.queries.periods import Period, parse
from crm.store import session as door
from crm.store.database import Database
from crm.store.session import Session, command_line
from crm.store.undo import undo
from tests import small

YEAR = parse("2026")
READING = {"measure": "awareness", "starts_on": date(2026, 4, 1), "ends_on": date(2026, 6, 30), "taken_from": "Street survey"}


@pytest.fixture
def session(database: Database) -> Session:
    """The command line, late in a year."""
    return Session(database, command_line("tester"), datetime(2026, 11, 20, 12))


def figure(session: Session, key: str, period: Period = YEAR, **asked: Any) -> Any:
    return figures.figures(session, period, session.today, keys=[key], **asked)[key]


def test_a_figure_is_the_latest_reading_that_was_over_by_then(session: Session) -> None:
    for days, value in (
        (("2026-01-01", "2026-03-31"), 0.2),
        (("2026-04-01", "2026-06-30"), 0.26),
        (("2026-10-01", "2026-12-31"), 0.9),
    ):
        add_reading(session, measure="awareness", starts_on=days[0], ends_on=days[1], value_share=value, taken_from="Survey")
    found = figure(session, "awareness")
    assert (found["value"], found["n"]) == (0.26, 1), "the last one is not over yet"
    assert figure(session, "awareness", parse("2026-Q1"))["value"] == 0.2
    assert figure(session, "share_of_voice")["value"] is None
    rows = figures.rows_behind(session, "awareness", YEAR, session.today)
    assert rows["taken_from"].tolist() == ["Survey"]


def test_a_reading_needs_its_source_and_is_a_share(session: Session, make_session: Callable[..., Session]) -> None:
    with pytest.raises(Refused, match="Taken from is missing"):
        add_reading(session, **READING | {"taken_from": " "}, value_share=0.3)
    with pytest.raises(Refused, match="part of a whole"):
        add_reading(session, **READING, value_share=1.2)
    with pytest.raises(Refused, match="last day lies before"):
        add_reading(session, **READING | {"ends_on": date(2026, 3, 1)}, value_share=0.2)
    with pytest.raises(Refused, match="Managers enter"):
        add_reading(make_session("member"), **READING, value_share=0.2)
    add_reading(make_session("manager"), **READING, value_share=0.2)
    with pytest.raises(Refused, match="already has"):
        add_reading(session, **READING | {"taken_from": "STREET survey"}, value_share=0.3)


def test_a_reading_is_corrected_put_aside_and_comes_back(session: Session) -> None:
    key = add_reading(session, **READING, value_share=0.2, sample_count=400).key
    edit_reading(session, key, value_share=0.22)
    assert figure(session, "awareness")["value"] == 0.22
    with pytest.raises(Refused, match="part of a whole"):
        edit_reading(session, key, value_share=3)
    gone = archive_reading(session, key)
    assert figure(session, "awareness")["value"] is None
    assert gone.change_set_id
    undo(session, gone.change_set_id)
    assert brand.latest(session)["awareness"]["sample_count"] == 400


def test_two_sources_of_one_period_stand_beside_each_other(session: Session) -> None:
    add_reading(session, **READING, value_share=0.2)
    add_reading(session, **READING | {"taken_from": "Panel"}, value_share=0.3)
    later = {"starts_on": date(2026, 7, 1), "ends_on": date(2026, 9, 30), "taken_from": "Panel"}
    newest = brand.latest(session)["awareness"]
    assert newest["value_share"] == figure(session, "awareness")["value"] == 0.3, "of the same days, what was entered last"
    assert [row["taken_from"] for row in brand.beside(session, newest)] == ["Street survey"]
    add_reading(session, **READING | later, value_share=0.4)
    assert brand.beside(session, brand.latest(session)["awareness"]) == [], "other days say nothing of these"
    assert brand.latest(session, date(2026, 6, 30))["awareness"]["value_share"] == 0.3


def test_a_file_of_readings_is_taken_in_whole_or_not_at_all(session: Session) -> None:
    file = (
        b"Measure,From,To,Value,N,Source\n"
        b"Share of voice,2026-01-01,2026-03-31,18%,1200,Press clippings\n"
        b"awareness,2026-01-01,,0.3,400,Panel\n"
    )
    first = import_readings(session, file, "brand.csv")
    assert (first.new, first.known) == (2, 0)
    assert {row["measure"]: (row["value_share"], row["sample_count"]) for row in brand.readings(session)} == {
        "share_of_voice": (0.18, 1200),
        "awareness": (0.3, 400),
    }
    again = import_readings(session, file.replace(b"18%", b"19%"), "brand.csv")
    assert (again.new, again.known) == (0, 2), "known again by measure, days and source"
    assert figure(session, "share_of_voice")["value"] == 0.19
    with pytest.raises(Refused, match=r"Line 3: .*Nothing was imported"):
        import_readings(session, file.replace(b"0.3", b"lots") + b"awareness,2026-04-01,,0.1,,Panel\n", "brand.csv")
    assert len(brand.readings(session)) == 2


def test_price_realisation_is_what_was_paid_of_the_list(session: Session) -> None:
    keys = small.add(session, "products", {"pump": {"name": "Pump", "list_price_amount": 100}, "hose": {"name": "Hose"}})
    acme, bolt = (add_customer(session, name=name).key for name in ("Acme", "Bolt"))
    when = datetime(2026, 5, 5)
    add_order(session, customer_id=acme, product_id=keys["pump"], amount=450, item_count=5, ordered_at=when)
    add_order(session, customer_id=acme, product_id=keys["pump"], amount=-90, item_count=1, ordered_at=when)
    add_order(session, customer_id=acme, product_id=keys["hose"], amount=77, item_count=7, ordered_at=when)
    won = {"product_id": keys["pump"], "opened_on": date(2026, 5, 1), "closed_on": date(2026, 5, 9)}
    small.add(
        session,
        "deals",
        {
            "of one who orders": small.deal(small.WON, customer_id=acme, amount=1, **won),
            "one piece": small.deal(small.WON, customer_id=bolt, amount=80, **won),
            "several": small.deal(small.WON, customer_id=bolt, amount=900, **won),
            "lost": small.deal(small.LOST, customer_id=bolt, amount=50, **won),
        },
    )
    found = figure(session, "price_realisation")
    assert (found["value"], found["n"]) == (pytest.approx((450 + 80) / (500 + 100)), 2)
    rows = figures.rows_behind(session, "price_realisation", YEAR, session.today)
    assert float(rows["paid_amount"].sum() / rows["list_amount"].sum()) == pytest.approx(found["value"])
    by = figures.figures(session, YEAR, session.today, by="customer", keys=["price_realisation"])["groups"]
    assert {name: one["price_realisation"]["value"] for name, one in by.items()} == {"Acme": 0.9, "Bolt": 0.8}


@pytest.mark.parametrize(
    ("field", "kind", "choices", "answers"),
    [
        ("Found us through", "choice", ["Fair", "A friend"], ["Fair"]),
        ("How it began", "choice", ["Fair", "Recommendation"], ["Recommendation", "Fair", "Recommendation", "Fair"]),
        ("Lead source", "text", [], ["Referral by Bolt", "web", "word of mouth", "Cold call"]),
        ("Resources", "text", [], []),
    ],
)
def test_referral_share_is_read_from_the_own_field_that_says_how_they_came(
    session: Session, field: str, kind: str, choices: list[str], answers: list[str]
) -> None:
    define_field(session, noun="customers", name=field, kind=kind, choices=choices)
    (own,) = custom_fields.of_noun(session, "customers")
    for number, answer in enumerate([*answers, None]):
        key = add_customer(session, name=f"Customer {number}", **{own.argument: answer}).key
        add_order(session, customer_id=key, amount=10, ordered_at=datetime(2026, 3, 1 + number))
    found = figure(session, "referral_share")
    said = [any(word in answer.lower() for word in ("recommend", "referr", "mouth")) for answer in answers]
    assert found["n"] == len(answers)
    assert found["value"] == (pd.Series(said).mean() if answers else None)
    assert figure(session, "referral_share", parse("2025"))["value"] is None


def test_the_command_line_brings_a_file_of_readings(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store, file = f"duckdb:///{tmp_path / 'crm.duckdb'}", tmp_path / "brand.csv"
    file.write_text("measure,date,value,source\nawareness,2026-05-01,31%,Panel\n")
    for arguments, words in (
        (["--dry-run"], "1 new, 0 known before"),
        ([], "1 new, 0 known before"),
        ([], "0 new, 1 known before"),
    ):
        assert cli.main(["--db", store, "import", "brand", str(file), *arguments]) == 0
        assert capsys.readouterr().out.strip() == words
    door.close(store)
