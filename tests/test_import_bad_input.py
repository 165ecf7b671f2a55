"""What is wrong with a file is said in one sentence, or with line, column and reason; nothing is lost, nothing executed."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from email_validator import validate_email
from hypothesis import assume, given
from hypothesis import strategies as st

from crm.commands.imports import import_file, values
from crm.errors import Refused
from crm.store.session import Session
from tests.importing import fates, imported, picture
from tests.shared import shared_data

DEALS = "opportunity_id,stage,amount,close date\n"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "does not exist"),
        ("", "is empty"),
        ('name\n"Acme', "never closed"),
        ("colour,shape\nred,round\n", "no column “name”"),
        ("external id,name\n5.70E+17,Acme\n", "rounded"),
        ("name,founded\nAcme,abc\n", None),
    ],
)
def test_a_file_that_is_itself_wrong_is_refused_in_one_sentence(
    session: Session, tmp_path: Path, content: str | None, words: str | None
) -> None:
    before = picture(session)
    file = tmp_path / "customers.csv"
    if content is not None:
        file.write_text(content)
    if words is None:
        assert fates(import_file(session, "customers", file)) == (0, 0, 0, 0, 1)
    else:
        with pytest.raises(Refused, match=words):
            import_file(session, "customers", file)
    assert picture(session) == before


def test_a_directory_is_no_file(session: Session, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="directory"):
        import_file(session, "customers", tmp_path)


def test_a_header_without_rows_is_an_import_of_nothing(session: Session) -> None:
    result = imported(session, "customers", "name,city\n")
    assert (fates(result), result.change_set_id) == ((0, 0, 0, 0, 0), None)
    assert any("no rows" in note for note in result.notes)


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        ("d2,Won,100,2017-02-31", "close date", "“2017-02-31” is not a date"),
        ("d2,Won,100,soon", "close date", "“soon” is not a date"),
        ("d2,Won,-100,2017-03-01", "amount", "is negative"),
        ("d2,Won,lots,2017-03-01", "amount", "“lots” is not an amount"),
        ("d2,Won,EUR 100,2017-03-01", "amount", "convert it to USD"),
        ("d2,Won,9999999999999,2017-03-01", "amount", "is not an amount"),
        ("d2,Won,100,", "close date", "needs the day on which it closed"),
        ("d2,Wno,100,2017-03-01", "stage", "there is no stage “Wno”"),
        ("d2,,100,2017-03-01", "stage", "is missing"),
        ("d" * 201 + ",Won,100,2017-03-01", "opportunity_id", "has 201 characters"),
    ],
)
def test_a_row_is_rejected_with_line_column_and_reason(session: Session, row: str, column: str, words: str) -> None:
    imported(session, "deals", DEALS + "d0,Won,1,2017-01-01\n")
    result = imported(session, "deals", f"{DEALS}d1,Won,100,2017-03-01\n{row}\n")
    assert fates(result) == (1, 0, 0, 0, 1)
    (rejected,) = result.rejected_rows
    assert (rejected.line, rejected.column) == (3, column)
    assert words in rejected.reason


def test_everything_that_is_wrong_with_a_row_is_said_at_once(session: Session) -> None:
    result = imported(session, "deals", f"{DEALS}d1,Won,lots,soon\n")
    (rejected,) = result.rejected_rows
    assert "“lots”" in rejected.reason
    assert "“soon”" in rejected.reason


def test_a_name_too_long_is_rejected_and_its_neighbours_are_kept(session: Session) -> None:
    result = imported(session, "customers", f"name\nAcme\n{'x' * 10_000}\nUmbrella\n")
    assert fates(result) == (2, 0, 0, 0, 1)
    assert "10000 characters" in result.rejected_rows[0].reason


HOSTILE = ("<script>alert(1)</script>", "=1+1", "@SUM(A1)", "-12.50", " padded ", "'; drop table deals; --")


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_plain_data(session: Session, name: str) -> None:
    imported(session, "customers", f'name,city\n"{name}",x\n')
    assert session.value("select name from customers") == name


def test_hostile_texts_are_unchanged_in_the_store(session: Session) -> None:
    strings = json.loads((shared_data() / "naughty_strings.json").read_text())
    texts = [text for text in dict.fromkeys(strings) if text.strip()]
    names = [text for text in texts if len(text) <= 200]
    for kind, column, cells in (("feedback", "text", texts), ("customers", "name", names)):
        ids = [f"n{number}" for number in range(len(cells))]
        file = io.BytesIO()
        pq.write_table(pa.table({"external id": ids, column: cells}), file)
        result = import_file(session, kind, file.getvalue(), name=f"{kind}.parquet")
        assert fates(result) == (len(cells), 0, 0, 0, 0)
        stored = {row["external_id"]: row[column] for row in session.rows(f"select external_id, {column} from {kind}")}
        assert [stored[key] for key in ids] == cells


@given(st.from_regex(values.PLAIN_EMAIL, fullmatch=True, alphabet=st.characters(max_codepoint=127)))
def test_the_short_way_of_checking_addresses_lets_nothing_through_that_the_library_refuses(address: str) -> None:
    assume(len(address) <= 200 and not re.search(values.UNUSUAL_EMAIL, address) and "\n" not in address)
    validate_email(address, check_deliverability=False)


@pytest.mark.parametrize("address", ["no address", "a@b", "a..b@example.com", "a@-b.com"])
def test_what_is_no_address_is_rejected(session: Session, address: str) -> None:
    result = imported(session, "contacts", f"name,email\nAnn,{address}\nBo,bo@example.com\n")
    assert fates(result) == (1, 0, 0, 0, 1)
    assert "is not an e-mail address" in result.rejected_rows[0].reason


def test_a_phone_number_is_kept_as_people_write_it(session: Session) -> None:
    result = imported(session, "contacts", "name,phone\nAnn,(0)30 / 12 34-5 ext. 6\nBo,nobody knows\n")
    assert fates(result) == (1, 0, 0, 0, 1)
    assert session.value("select phone from contacts") == "(0)30 / 12 34-5 ext. 6"


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (("1,234.50", "1,000"), (Decimal("1234.50"), Decimal(1000))),
        (("1.234,50", "1.000"), (Decimal("1234.50"), Decimal(1000))),
        (("12,5", "7"), (Decimal("12.5"), Decimal(7))),
        (("$1,234,567", "$ 9"), (Decimal(1234567), Decimal(9))),
        (("USD 12.30", "1 234.00"), (Decimal("12.30"), Decimal(1234))),
        (("(45.10)", "45.10"), (None, Decimal("45.10"))),
    ],
)
def test_the_column_settles_which_mark_is_the_decimal_one(
    session: Session, cells: tuple[str, ...], values: tuple[Decimal | None, ...]
) -> None:
    rows = "".join(f'd{number},New,"{cell}",\n' for number, cell in enumerate(cells))
    imported(session, "deals", DEALS + rows)
    found = {row["external_id"]: row["amount"] for row in session.rows("select external_id, amount from deals")}
    assert [found.get(f"d{number}") for number in range(len(cells))] == list(values)


def test_a_column_of_numbers_that_could_be_thousands_is_refused(session: Session) -> None:
    with pytest.raises(Refused, match=r"“1\.234” can be thousands or decimals"):
        imported(session, "deals", DEALS + "d1,New,1.234,\nd2,New,20,\n")


@pytest.mark.parametrize(
    ("cells", "day"),
    [
        (["2017-03-01"], date(2017, 3, 1)),
        (["2017/3/1"], date(2017, 3, 1)),
        (["20170301"], date(2017, 3, 1)),
        (["01.03.2017"], date(2017, 3, 1)),
        (["1 March 2017"], date(2017, 3, 1)),
        (["Wed, Mar 1, 2017"], date(2017, 3, 1)),
        (["01-Mar-17"], date(2017, 3, 1)),
        (["01/03/2017", "31/03/2017"], date(2017, 3, 1)),
        (["03/01/2017", "03/31/2017"], date(2017, 3, 1)),
        (["03/01/17 2:30 PM", "03/31/17"], date(2017, 3, 1)),
        (["2017-03-01T23:30:00Z"], date(2017, 3, 2)),
        (["2017-02-28T23:30:00+00:00"], date(2017, 3, 1)),
    ],
)
def test_dates_are_read_as_people_write_them(session: Session, cells: list[str], day: date) -> None:
    with session.change("Settings") as change:
        change.update_from("settings", "select setting_id, 'Europe/Berlin' as value from settings where name = 'time_zone'")
    berlin = Session(session.database, session.actor)
    imported(berlin, "deals", DEALS + "".join(f'd{number},New,1,"{cell}"\n' for number, cell in enumerate(cells)))
    assert berlin.value("select expected_close_on from deals where external_id = 'd0'") == day


@pytest.mark.parametrize(
    ("cell", "instant"),
    [
        ("2017-07-01 10:00", datetime(2017, 7, 1, 8, 0)),
        ("2017-07-01T10:00:30Z", datetime(2017, 7, 1, 10, 0, 30)),
        ("2017-07-01 10:00 +05:30", datetime(2017, 7, 1, 4, 30)),
        ("1 Jul 2017 12:15 am", datetime(2017, 6, 30, 22, 15)),
        ("2017-07-01", datetime(2017, 6, 30, 22, 0)),
    ],
)
def test_a_time_without_a_zone_is_on_the_companys_clock(session: Session, cell: str, instant: datetime) -> None:
    with session.change("Settings") as change:
        change.update_from("settings", "select setting_id, 'Europe/Berlin' as value from settings where name = 'time_zone'")
    berlin = Session(session.database, session.actor)
    imported(berlin, "interactions", f"date,note\n{cell},x\n")
    assert berlin.value("select occurred_at from interactions") == instant


@pytest.mark.parametrize("cells", [["01-03-17"], ["01/03/2017", "02/04/2017"], ["31/12/2017", "12/31/2017"]])
def test_dates_that_can_be_read_two_ways_are_asked_about_not_guessed(session: Session, cells: list[str]) -> None:
    with pytest.raises(Refused, match="can be read day first or month first"):
        imported(session, "deals", DEALS + "".join(f"d{number},New,1,{cell}\n" for number, cell in enumerate(cells)))


def test_a_name_that_nobody_bears_or_several_bear_rejects_the_row(session: Session) -> None:
    imported(session, "customers", "external id,name\n1,Twin\n2,Twin\n3,Acme\n")
    rows = "a,New,Twin,\nb,New,Nobody,\nc,New,acme ,\nd,New,Acme,Zoe\n"
    result = imported(session, "deals", "external id,stage,customer,owner\n" + rows)
    reasons = {row.line: row.reason for row in result.rejected_rows}
    assert fates(result) == (1, 0, 0, 0, 3)
    assert reasons[2] == "2 customers are called “Twin”: give the id of one"
    assert reasons[3] == "there is no customer “Nobody”: add it first, or correct the name"
    assert "there is no employee “Zoe”" in reasons[5]


def test_a_member_may_not_import(make_session: Callable[..., Session]) -> None:
    with pytest.raises(Refused, match="role of manager"):
        imported(make_session("member"), "customers", "name\nAcme\n")


def test_a_manager_brings_no_stages_of_their_own(make_session: Callable[..., Session]) -> None:
    result = imported(make_session("manager"), "deals", "external id,stage\na,Discovery\nb,Proposal\n")
    assert fates(result) == (1, 0, 0, 0, 1)
