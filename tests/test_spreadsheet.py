"""Excel workbooks: what a person sees in the sheet is what is read."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.errors import Refused
from crm.exchange.reading import Reading, read
from tests.shared import shared_data


def workbook(**sheets: list[list[Any]]) -> openpyxl.Workbook:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, table in sheets.items():
        sheet = book.create_sheet(name)
        for row in table:
            sheet.append(row)
    return book


def content(book: openpyxl.Workbook) -> bytes:
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def rows(reading: Reading) -> list[list[str | None]]:
    return [row for batch in reading.batches() for row in batch.frame.to_numpy().tolist()]


SOUND = content(workbook(A=[["name", "amount"], *([f"n{at}", at / 3] for at in range(50))]))


def test_typed_cells_are_their_exact_text() -> None:
    moment = dt.datetime(2024, 5, 6, 7, 8, 9)
    book = workbook(A=[list("abcdefg"), [1, 2.0, 0.1 + 0.2, dt.date(2024, 1, 2), moment, True, "  x\ny"]])
    assert rows(read(content(book))) == [["1", "2", "0.3", "2024-01-02", "2024-05-06 07:08:09", "TRUE", "  x\ny"]]


def test_the_sheet_can_be_chosen_and_others_are_told() -> None:
    file = content(workbook(Empty=[], First=[["a"], ["1"]], Second=[["b"], ["2"]]))
    reading = read(file)
    assert (reading.sheet, reading.header) == ("First", ("a",))
    assert reading.notes == ("Sheet “First” is read; also there: Empty, Second.",)
    assert read(file, sheet="Second").header == ("b",)
    with pytest.raises(Refused, match="choose one of Empty, First, Second"):
        read(file, sheet="Third")


def test_a_title_above_and_merged_header_cells() -> None:
    book = workbook(A=[["Our customers"], ["id", "Contact", None], [None, "Name", "E-mail"], ["1", "Ada", "ada@x.org"]])
    sheet = book["A"]
    sheet.merge_cells("A1:C1")
    sheet.merge_cells("B2:C2")
    sheet.merge_cells("A2:A3")
    reading = read(content(book))
    assert reading.header == ("id", "Contact Name", "Contact E-mail")
    assert rows(reading) == [["1", "Ada", "ada@x.org"]]


def test_a_value_merged_over_several_rows_stands_in_each() -> None:
    book = workbook(A=[["team", "name"], ["West", "Ada"], [None, "Bo"], ["East", "Cy"]])
    book["A"].merge_cells("A2:A3")
    assert rows(read(content(book))) == [["West", "Ada"], ["West", "Bo"], ["East", "Cy"]]


def test_a_formula_without_stored_value_rejects_its_row() -> None:
    reading = read(content(workbook(A=[["a", "b"], ["1", "=A2+1"], ["2", "3"]])))
    assert rows(reading) == [["2", "3"]]
    assert [(row.line, row.column) for row in reading.rejected] == [(2, "B")]


def test_blank_rows_are_skipped_and_lines_are_sheet_rows() -> None:
    reading = read(content(workbook(A=[["a", "b"], [], ["1", None], [], [None, "2"]])))
    assert rows(reading) == [["1", None], [None, "2"]]
    assert [int(line) for batch in reading.batches() for line in batch.lines] == [3, 5]


def test_cells_beyond_the_header_reject_the_row() -> None:
    reading = read(content(workbook(A=[["a", "b"], ["1", "2", "3"], ["1"]])))
    assert rows(reading) == [["1", None]]
    assert [row.line for row in reading.rejected] == [2]


def test_a_header_of_several_lines_in_a_real_file() -> None:
    reading = read(shared_data() / "messy_csv/multiline-headers.xlsx")
    assert reading.header[:2] == ("Region", "Caloric contribution (%)")
    assert reading.header[3].endswith("from baseline (%)")
    assert rows(reading) == [["A", "B", "C", "D"]]


def test_an_empty_workbook_is_refused() -> None:
    with pytest.raises(Refused, match="is empty"):
        read(content(workbook(A=[], B=[])))


def test_a_cut_workbook_is_refused() -> None:
    with pytest.raises(Refused, match="cut off"):
        read(content(workbook(A=[["a"], ["1"]]))[:-200])


@settings(max_examples=40, deadline=None)
@given(share=st.floats(0, 0.999), value=st.integers(1, 255))
def test_a_damaged_workbook_is_read_in_full_or_refused(share: float, value: int) -> None:
    damaged = bytearray(SOUND)
    damaged[int(share * len(damaged))] ^= value
    try:
        reading = read(bytes(damaged))
        assert len(rows(reading)) + len(reading.rejected) == reading.records
    except Refused:
        pass
