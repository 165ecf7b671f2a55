"""Lists that people take away: harmless in a spreadsheet, exact for programs, and known again when they come back."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import openpyxl
import pandas as pd
import pyarrow as pa  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.commands import imports
from crm.commands.custom_fields import define_field
from crm.commands.exports import layout_of, stream_list, write_shown
from crm.commands.settings import change_settings
from crm.errors import Refused
from crm.exchange import reading, workbook
from crm.exchange.defusing import defused, defused_column
from crm.exchange.writing import write
from crm.queries import lists, shown
from crm.queries.exports import latest
from crm.store.session import Session, command_line
from tests import small
from tests.copies import copied
from tests.shared import shared_data


def taken(session: Session, kind: str, layout: str = "csv", **options: Any) -> bytes:
    stream = io.BytesIO()
    stream_list(session, kind, stream, layout, **options)
    return stream.getvalue()


def table(content: bytes) -> list[dict[str, str]]:
    """What another reader sees in a CSV file."""
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def naughty() -> list[str]:
    found: list[str] = json.loads((shared_data() / "naughty_strings.json").read_text(encoding="utf-8"))
    return found


def cells(content: bytes, name: str) -> list[str]:
    """A column of a file as our own reader gives it."""
    return [cell or "" for batch in reading.read(content, name).batches() for cell in batch.table.column("text").to_pylist()]


def of_texts(texts: list[str]) -> list[pa.RecordBatch]:
    return [pa.record_batch({"no": pa.array(range(len(texts))), "text": pa.array(texts, pa.string())})]


# defusing


def cases() -> list[tuple[str, str]]:
    with (shared_data() / "csv_injection_cases.csv").open(newline="", encoding="utf-8") as file:
        return [(row["value"], row["kind"]) for row in csv.DictReader(file)]


def test_no_attack_begins_a_cell() -> None:
    lone = {"=", "+", "@"}  # a sign alone computes nothing
    attacks = [value for value, kind in cases() if kind == "attack" and value not in lone]
    assert len(attacks) == 34
    assert not [value for value in attacks if defused(value)[0] in "=+-@\t\r\n＝ ;,|"]


def test_what_begins_with_a_sign_is_marked_and_otherwise_nothing_is_touched() -> None:
    marked = [value for value, kind in cases() if kind != "attack" and defused(value) != value]
    assert marked == ["@acme_support", "- see notes", "=@VirginAmerica What @dhepburn said."]
    assert all(defused(value) in (value, f"'{value}") for value, _ in cases())


HARMLESS = "-12.50|+49 30 901820|+1 (555) 010-0199|-1,234.56|-1.234,56|+3.5e-7|-5 %|-|--|@|=|-.5|+49-30-901820"


@pytest.mark.parametrize("harmless", HARMLESS.split("|"))
def test_numbers_phone_numbers_and_lone_signs_stay(harmless: str) -> None:
    assert defused(harmless) == harmless


@pytest.mark.parametrize("dangerous", ["+1+1", "-2+3", "+cmd|x", "-1\n=2", "+49 30 9018 20+1", "@A1", "\t1", "=", "=\n"])
def test_what_only_looks_like_one_is_marked(dangerous: str) -> None:
    assert (defused(dangerous) == f"'{dangerous}") is (dangerous != "=")


ODD = ["=1", "-1", "+1 2", "'=1", " -1", "@", "\x0b=1", "\xa0=1", "\u2003=1", "-1\u202f000", "-1\n", "=\n"]


@given(st.lists(st.text(max_size=12) | st.sampled_from(ODD), min_size=1, max_size=20))
def test_a_column_is_defused_like_its_cells(texts: list[str]) -> None:
    texts = [text.encode("utf-8", "ignore").decode() for text in texts]
    assert defused_column(pa.array(texts, pa.string())).to_pylist() == [defused(text) for text in texts]


# layouts


def test_raw_csv_gives_515_hostile_strings_back_unchanged() -> None:
    texts, stream = naughty(), io.BytesIO()
    write(stream, of_texts(texts), "csv", "Naughty", raw=True)
    assert len(texts) == 515
    assert cells(stream.getvalue(), "naughty.csv") == texts
    assert [row["text"] for row in table(stream.getvalue())] == texts


def test_csv_for_people_is_defused_and_says_that_it_is_utf_8() -> None:
    texts, stream = naughty(), io.BytesIO()
    write(stream, of_texts(texts), "csv", "Naughty")
    assert stream.getvalue().startswith(b"\xef\xbb\xbf")
    assert cells(stream.getvalue(), "naughty.csv") == [defused(text) for text in texts]


def test_excel_drops_control_characters_and_says_how_many() -> None:
    texts, stream = naughty(), io.BytesIO()
    written = write(stream, of_texts(texts), "excel", "Naughty: [1]?")
    book = openpyxl.load_workbook(stream)
    letters = [letter for text in texts for letter in text]
    lost = sum((ord(letter) < 32 and letter not in "\t\n\r") or letter in "\ufffe\uffff" for letter in letters)
    assert (written.rows, written.dropped, written.shortened) == (515, lost, 0)
    assert f"cannot hold: {lost}" in written.notes()[0]
    assert book.worksheets[-1].title == "What was left out" and book.worksheets[-1]["B1"].value == lost
    assert not [row for row in book.worksheets[0].iter_rows() for cell in row if cell.data_type == "f"]


def test_excel_goes_on_to_another_sheet_and_shortens_what_it_cannot_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MOST_ROWS", 4)
    stream = io.BytesIO()
    written = write(stream, of_texts(["a", "b", "c", "d", "e" * 40_000, "f", "g"]), "excel", "Letters")
    book = openpyxl.load_workbook(stream)
    sizes = {sheet.title: sheet.max_row for sheet in book.worksheets[:3]}
    assert sizes == {"Letters": 4, "Letters (2)": 4, "Letters (3)": 2}
    assert written.shortened == 1 and len(book["Letters (2)"]["B3"].value) == 32_767


def test_excel_has_numbers_days_and_instants_not_texts_of_them() -> None:
    batch = pa.record_batch(
        {
            "amount": pa.array(["12.50", None]).cast(pa.decimal128(14, 2)),
            "day": pa.array([datetime(2026, 2, 28), None]).cast(pa.date32()),
            "moment": pa.array([datetime(2026, 2, 28, 13, 45), None]),
            "is_big": pa.array([True, None]),
        }
    )
    stream = io.BytesIO()
    write(stream, [batch], "excel", "Typed")
    rows = list(openpyxl.load_workbook(stream).active.iter_rows(min_row=2, values_only=True))
    assert rows[0] == (12.5, datetime(2026, 2, 28), datetime(2026, 2, 28, 13, 45), True)
    assert rows[1] == (None, None, None, None)


def test_a_card_holds_what_was_written_and_nothing_that_breaks_out_of_it(session: Session) -> None:
    name = "Ann, Lee; \\x\nEND:VCARD"
    with session.change("Add") as change:
        acme = change.insert("customers", name="Acme; Co", kind="company", lifecycle_stage="lead")
        note = "ß" * 200 + "\nline two"
        change.insert(
            "contacts", customer_id=acme, name=name, first_name="Ann", consent="unknown", note=note, born_on="1990-02-03"
        )
    content = taken(session, "contacts", "vcard")
    assert max(len(line) for line in content.split(b"\r\n")) <= 75
    rows = [row for batch in reading.read(content, "x.vcf").batches() for row in batch.table.to_pylist()]
    assert len(rows) == 1
    assert {key: rows[0][key] for key in ("Name", "Company", "Note", "Birthday")} == {
        "Name": name, "Company": "Acme; Co", "Note": note, "Birthday": "1990-02-03",
    }  # fmt: skip


def test_the_files_name_says_the_layout() -> None:
    assert [layout_of(name) for name in ("x.csv", "X.XLSX", "a.b.vcf")] == ["csv", "excel", "vcard"]
    for name, kind in (("x", "contacts"), ("x.pdf", "contacts"), ("x.vcf", "deals")):
        with pytest.raises(Refused, match="does not say"):
            layout_of(name, kind)


# lists


@pytest.fixture(scope="module")
def company(demo_file: Path) -> Iterator[Session]:
    with copied(demo_file) as database:
        session = Session(database, command_line("tester"))
        change_settings(session, time_zone="America/New_York")
        yield session


@pytest.mark.parametrize("kind", lists.KINDS)
def test_a_list_that_comes_back_changes_nothing(company: Session, kind: str) -> None:
    content = taken(company, kind)
    result = imports.import_file(company, kind, content, name=f"{kind}.csv", dry_run=True)
    number = company.value(f"select count(*) from {kind} where archived_at is null")
    assert (result.rows, result.unchanged, result.rejected) == (number, number, 0)
    assert lists.count(company, kind) == number


def test_a_list_of_every_kind_that_imports_exists() -> None:
    assert set(lists.KINDS) == set(imports.KINDS)


def test_a_cell_that_was_changed_in_the_list_changes_that_row_alone(session: Session) -> None:
    keys = small.company(session)
    small.add(session, "customers", {"twin": {"name": "Acme", "kind": "company", "lifecycle_stage": "lead"}})
    rows = table(taken(session, "customers"))
    for row in rows:
        if row["CRM id"] == str(keys["acme"]):
            row["City"] = "Basel"
    stream = io.StringIO()
    writer = csv.DictWriter(stream, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    result = imports.import_file(session, "customers", stream.getvalue().encode(), name="c.csv")
    assert (result.updated, result.created, result.rejected) == (1, 0, 0)
    assert session.value("select city from customers where customer_id = $key", key=keys["acme"]) == "Basel"


def test_a_defused_name_is_what_it_was_when_it_comes_back_and_a_raw_one_too(session: Session) -> None:
    names = ["=1+1", "@acme", "- note", "'=mine", "-12.50"]
    with session.change("Add") as change:
        for name in names:
            change.insert("customers", name=name, kind="company", lifecycle_stage="lead")
    assert sorted(row["Name"] for row in table(taken(session, "customers"))) == sorted(map(defused, names))
    for raw in (True, False):
        content = taken(session, "customers", raw=raw)
        result = imports.import_file(session, "customers", content, name="c.csv")
        assert result.unchanged == (5 if raw else 4)  # what looks like ours, but was written so by a person, is the price
        assert result.created == result.rejected == 0


def test_a_list_with_keys_of_another_store_comes_in_as_new_rows(session: Session, company: Session) -> None:
    result = imports.import_file(session, "products", taken(company, "products"), name="p.csv")
    assert result.created == result.rows == 8


def test_own_fields_are_columns_and_come_back(session: Session) -> None:
    define_field(session, noun="products", name="=Shelf", kind="text")
    define_field(session, noun="products", name="Name", kind="number")
    key = session.value("select custom_field_id from custom_fields where name = '=Shelf'")
    with session.change("Add") as change:
        change.insert("products", name="Pump", own=json.dumps({str(key): "A7"}))
    row = table(taken(session, "products"))[0]
    assert (row["'=Shelf"], row["Name (2)"]) == ("A7", "")
    raw = taken(session, "products", raw=True)
    assert imports.import_file(session, "products", raw, name="p.csv", dry_run=True).unchanged == 1


def test_what_is_archived_is_not_in_a_list(session: Session) -> None:
    small.company(session)
    assert sorted(row["Name"] for row in table(taken(session, "customers"))) == ["Acme", "Bolt", "Cove"]


def test_a_narrowed_member_takes_only_what_they_see(session: Session, make_session: Callable[..., Session]) -> None:
    keys = small.company(session)
    change_settings(session, member_reads="own")
    ann = make_session("member", name="Other")
    with session.change("Give") as change:
        change.update("customers", keys["acme"], owner_id=ann.actor.employee_id)
    ann = Session(session.database, ann.actor)
    assert sorted(row["Name"] for row in table(taken(ann, "customers"))) == ["Acme", "Cove"]
    assert {row["Customer"] for row in table(taken(ann, "deals"))} == {"Acme", ""}
    everyone = shown.of_customers(ann, [("name", "Name")])
    assert sorted(name for batch in everyone for name in batch.column(0).to_pylist()) == ["Acme", "Cove"]


def test_who_took_which_list_is_written_down(session: Session, make_session: Callable[..., Session]) -> None:
    small.company(session)
    mo = make_session("member", name="Mo")
    taken(mo, "customers", raw=True)
    write_shown(mo, "Won deals", session.frame("select name from deals"), "excel")
    said = [(row["what"], row["layout"], row["row_count"], row["is_raw"], row["actor_name"]) for row in latest(session)]
    assert sorted(said) == [("Won deals", "excel", 10, False, "Mo"), ("customers", "csv", 3, True, "Mo")]


def test_a_page_list_has_its_columns_order_and_filters(session: Session) -> None:
    keys = small.company(session)
    columns = [("name", "Name"), ("won_amount", "Won"), ("owner", "Owner"), ("last", "Last interaction")]
    batches = shown.of_customers(session, columns, search="", sort="won_amount", owner=keys["ann"])
    rows = [row for batch in batches for row in batch.to_pylist()]
    assert [(row["Name"], row["Owner"], float(row["Won"])) for row in rows] == [("Acme", "Ann", 1370.10)]
    both = shown.of_customers(session, columns, sort="won_amount")
    assert [row["Name"] for batch in both for row in batch.to_pylist()] == ["Acme", "Bolt", "Cove"]


def test_a_deal_board_and_open_tasks_can_be_taken(session: Session) -> None:
    keys = small.company(session)

    def names(kind: str, **only: Any) -> int:
        return sum(batch.num_rows for batch in lists.batches(session, kind, **only))

    assert names("deals") == 9
    assert names("deals", is_open=True) == session.value(
        "select count(*) from deals inner join stages using (stage_id) where outcome = 'open' and deals.archived_at is null"
    )
    assert names("deals", is_open=True, owner=keys["ann"], without_customer=True) == 0
    assert (names("tasks"), names("tasks", is_open=True)) == (3, 2)
    assert names("customers", keys=[keys["acme"]]) == 1


def test_columns_of_several_types_are_taken_as_text(session: Session) -> None:
    frame = pd.DataFrame({"What": [1, "two", None], "How": [{"a": 1}, uuid4(), 2.5]}, dtype=object)
    rows = table(write_shown(session, "Odd", frame, "csv"))
    assert [row["What"] for row in rows] == ["1", "two", ""]


def test_an_unknown_list_is_refused_in_words(session: Session) -> None:
    with pytest.raises(Refused, match="There is no list “pets”"):
        taken(session, "pets")
    with pytest.raises(Refused, match="no segment “Nobody”"):
        taken(session, "customers", segment="Nobody")
