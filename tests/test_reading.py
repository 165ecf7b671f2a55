"""Files become rows without loss: whatever the layout, every record is a row, a rejected row with its line, or a refusal."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crm.errors import Refused
from crm.exchange import encoding as encodings
from crm.exchange.reading import Reading, read, trimmed
from tests.shared import shared_data


def rows(reading: Reading) -> list[list[str]]:
    """All cells as the file has them, a blank one as an empty text."""
    return [[cell or "" for cell in row] for batch in reading.batches() for row in batch.frame.to_numpy().tolist()]


def lines(reading: Reading) -> list[int]:
    return [int(line) for batch in reading.batches() for line in batch.lines]


def counted(path: Path) -> int:
    """Records by an independent reader: letter by letter, a quote at the start of a cell holds everything up to its end."""
    raw = path.read_bytes()
    if decoded_as(path).startswith("utf-32"):
        # These two files bear the mark of UTF-16.
        raw = raw[2:]
    text = raw.decode(decoded_as(path)).removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    separator = ";" if text.split("\n")[0].count(";") > text.split("\n")[0].count(",") else ","
    records, inside, held, previous = 0, False, "", separator
    for letter in text if text.endswith("\n") else text + "\n":
        if letter == '"' and (inside or previous in (separator, "\n")):
            inside = not inside
        if letter == "\n" and not inside:
            records += bool(held)
            held = ""
        else:
            held += letter
        previous = letter if letter != '"' or not inside else separator if held == '"' else letter
    return records


def decoded_as(path: Path) -> str:
    known = {"accountData.csv": "cp1252", "latin1.csv": "latin-1"}
    wide = {"UTF16BE": "utf-16-be", "UTF16LE": "utf-16-le", "UTF32BE": "utf-32-be", "UTF32LE": "utf-32-le"}
    return next((name for mark, name in wide.items() if mark in path.name), known.get(path.name, "utf-8"))


# --- conformance: 29 files with their expected JSON, no trimming, header or not as the JSON has it

SPECTRUM = (
    "comma_in_quotes empty empty_crlf escaped_quotes json newlines newlines_crlf quotes_and_newlines simple simple_crlf utf8"
)
TEST_DATA = (
    "all-empty empty-field empty-one-column header-no-rows header-simple leading-space one-column quotes-empty quotes-with-comma "
    "quotes-with-escaped-quote quotes-with-newline quotes-with-space simple-crlf simple-lf trailing-newline "
    "trailing-newline-one-field trailing-space utf8"
)
CONFORMANCE = [
    *(("csv-spectrum/csvs", "csv-spectrum/json", name) for name in SPECTRUM.split()),
    *(("csv-test-data/csv", "csv-test-data/json", name) for name in TEST_DATA.split()),
]


def test_there_are_29_conformance_files() -> None:
    assert len(CONFORMANCE) == 29


@pytest.mark.parametrize(("folder", "answers", "name"), CONFORMANCE)
def test_conformance_files_read_exactly_as_expected(folder: str, answers: str, name: str) -> None:
    root = shared_data() / "csv_conformance"
    expected = json.loads((root / answers / f"{name}.json").read_text())
    with_header = not expected or isinstance(expected[0], dict)
    reading = read(root / folder / f"{name}.csv", header=with_header)
    if with_header:
        assert [dict(zip(reading.header, row, strict=True)) for row in rows(reading)] == expected
    else:
        assert rows(reading) == expected
    assert reading.rejected == []


BAD = {
    "bad-header-less-fields": ("rejected", 2),
    "bad-header-more-fields": ("rejected", 2),
    "bad-header-no-header": ("refused", "is empty"),
    "bad-header-wrong-header": ("noted", "no rows"),
    "bad-missing-quote": ("refused", "line 2"),
    "bad-quotes-with-unescaped-quote": ("rejected", 2),
    "bad-unescaped-quote": ("noted", "line 2"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_files_are_refused_or_their_rows_named(name: str) -> None:
    path = shared_data() / "csv_conformance/csv-test-data/csv" / f"{name}.csv"
    fate, what = BAD[name]
    if fate == "refused":
        with pytest.raises(Refused, match=str(what)):
            read(path)
        return
    reading = read(path)
    list(reading.batches())
    assert ([row.line for row in reading.rejected] == [what]) if fate == "rejected" else (str(what) in " ".join(reading.notes))


# --- every messy file and every real export: (records, rejected lines), beside an independent count

MESSY = {
    "accent.csv": (2, []),
    "ascii.csv": (1, []),
    "blank-headers.csv": (2, []),
    "blank-rows.csv": (3, []),
    "capital-3.csv": (5, []),
    "countries-cleaned.csv": (4, []),
    "countries.csv": (5, [4, 7]),
    "delimiter.csv": (2, []),
    "duplicate-column.csv": (1, []),
    "duplicate-rows.csv": (3, []),
    "encoding-issue-274.csv": (507, []),
    "invalid.csv": (3, [2, 3, 5]),
    "issue-1009-semicolon.csv": (1, []),
    "issue-493.csv": (9, []),
    "latin1.csv": (2, []),
    "long.csv": (6, []),
    "skip-blank-at-the-end.csv": (2, [2]),
    "structure-errors.csv": (4, [5]),
    "table-infer-utf8.csv": (5, []),
    "table-unicode-headers.csv": (2, []),
    "timezone.csv": (4, []),
    "without-headers.csv": (2, []),
}
LAYOUTS = {
    "address_books/all.csv": 1,
    "address_books/email.csv": 4,
    "address_books/gmail.csv": 1,
    "address_books/outlook.csv": 1,
    "address_books/tb_plain.csv": 1,
    "salesforce_dataloader/accountData.csv": 423,
    "salesforce_dataloader/acctsWithBinaryDataInRTF.csv": 1,
    "salesforce_dataloader/csvEscapedQuotes.csv": 2,
    "salesforce_dataloader/csvSeparator.csv": 2,
    "salesforce_dataloader/csvtext.csv": 2,
    "salesforce_dataloader/csvtext_BOM_UTF16BE.csv": 2,
    "salesforce_dataloader/csvtext_BOM_UTF16LE.csv": 2,
    "salesforce_dataloader/csvtext_BOM_UTF32BE.csv": 2,
    "salesforce_dataloader/csvtext_BOM_UTF32LE.csv": 2,
    "salesforce_dataloader/csvtext_BOM_UTF8.csv": 2,
    "salesforce_dataloader/emptyFirstRowFieldValueInCsvTemplate.csv": 2,
    "salesforce_dataloader/insertAccountCsv.csv": 100,
    "salesforce_dataloader/opportunityData.csv": 38,
    "salesforce_dataloader/timeZoneFormatTesting.csv": 12,
    "salesforce_dataloader/timeZoneFormatTestingWithErrors.csv": 6,
}
REAL = [
    *((f"messy_csv/{name}", *fate) for name, fate in MESSY.items()),
    *((f"import_layouts/{name}", records, []) for name, records in LAYOUTS.items()),
]


@pytest.mark.parametrize(("name", "records", "rejected"), REAL)
def test_every_record_of_a_real_file_has_one_fate(name: str, records: int, rejected: list[int]) -> None:
    path = shared_data() / name
    reading = read(path)
    read_rows = rows(reading)
    assert reading.records == records
    assert [row.line for row in reading.rejected] == rejected
    assert len(read_rows) + len(rejected) == records
    # One header; a title line above it in one of the files.
    assert counted(path) == records + 1 + (name == "messy_csv/countries.csv")


def test_no_file_is_forgotten() -> None:
    folder = shared_data()
    assert {path.name for path in (folder / "messy_csv").glob("*.csv")} == set(MESSY)
    found = (folder / "import_layouts").rglob("*.csv")
    assert {str(path.relative_to(folder / "import_layouts")) for path in found} == set(LAYOUTS)


# --- headers, titles, separators, encodings


def test_blank_and_doubled_headers_get_names() -> None:
    assert read(b"id,,Name,name\n1,2,3,4\n").header == ("id", "column 2", "Name", "name (2)")


def test_title_and_comment_lines_above_the_header_are_skipped_and_said() -> None:
    reading = read(b"Customers of 2024\n# exported, today\n\nname,city,zip\nAda,Paris,1\n")
    assert reading.header == ("name", "city", "zip")
    assert lines(reading) == [5]
    assert reading.notes == ("3 lines above the header skipped.",)


def test_a_header_that_begins_with_a_number_sign_is_a_header() -> None:
    assert read(b"#,name\n1,Ada\n").header == ("#", "name")


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_separators_are_found(separator: str) -> None:
    text = "name;note;amount\nAda;a, b and c;1,5\nBo;d, e;2,5\n".replace(";", separator)
    quoted = text if separator != "," else 'name,note,amount\nAda,"a, b and c","1,5"\nBo,"d, e","2,5"\n'
    reading = read(quoted.encode())
    assert reading.separator == separator
    assert rows(reading)[1] == ["Bo", "d, e", "2,5"]


def test_excels_own_separator_line_is_obeyed() -> None:
    reading = read(b"sep=;\r\na;b\r\n1,0;2\r\n")
    assert (reading.header, rows(reading)) == (("a", "b"), [["1,0", "2"]])


NAMES = "name,city\nJosé Müller,Orléans\nZoë Strauß,Århus\nFrançois Peña,Köln\n"
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be", "cp1252", "latin-1", "iso8859_15"]


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_encodings_are_found(encoding: str) -> None:
    assert rows(read(NAMES.encode(encoding))) == [line.split(",") for line in NAMES.splitlines()[1:]]


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1251", "name,city\nИванов,Москва\nПетров,Казань\n"),
        ("koi8_r", "name,city\nИванов,Москва\nПетров,Казань\n"),
        ("cp1253", "name,city\nΠαπαδόπουλος,Αθήνα\nΓεωργίου,Θεσσαλονίκη\n"),
        ("iso8859_2", "name,city\nWałęsa,Łódź\nŚwięty,Jędrzejów\nŻółć,Kraków\n"),
        ("cp932", "name,city\n山田太郎,東京都\n鈴木花子,大阪府\n"),
    ],
)
def test_other_alphabets_are_found_and_said(encoding: str, text: str) -> None:
    reading = read(text.encode(encoding))
    assert rows(reading) == [line.split(",") for line in text.splitlines()[1:]]
    assert "choose another encoding" in reading.notes[0]


def test_a_chosen_encoding_is_used_and_checked() -> None:
    assert rows(read("name\nSzőke\n".encode("cp1250"), encoding="cp1250")) == [["Szőke"]]
    with pytest.raises(Refused, match="line 3"):
        read("name\nAda\nJosé\n".encode("cp1252"), encoding="utf-8")


def test_utf8_with_one_damaged_byte_is_refused_by_line_not_guessed() -> None:
    damaged = (NAMES * 20).encode().replace("Zoë".encode(), b"Zo\xeb", 1)
    with pytest.raises(Refused, match="line 3"):
        read(damaged)


# --- structure


def test_rows_that_do_not_fit_are_rejected_with_line_and_reason() -> None:
    reading = read(b'a,b,c\n1,2,3\n"x\ny",2,3\n1,2\n1,2,3,4\n1,2,3,,\n')
    assert rows(reading) == [["1", "2", "3"], ["x\ny", "2", "3"], ["1", "2", "3"]]
    assert lines(reading) == [2, 3, 7]
    assert [(row.line, row.reason.split(":")[0]) for row in reading.rejected] == [
        (5, "2 cells where the header has 3"),
        (6, "4 cells where the header has 3"),
    ]


def test_short_rows_are_filled_only_when_asked() -> None:
    assert rows(read(b"a,b,c\n1,2\n", fill_short=True)) == [["1", "2", ""]]


def test_blank_lines_are_no_records_of_a_wide_table_but_cells_of_a_narrow_one() -> None:
    assert rows(read(b"a,b\n\n1,2\n\n")) == [["1", "2"]]
    assert rows(read(b"a\n\n1\n")) == [[""], ["1"]]


def test_values_are_not_trimmed_but_can_be() -> None:
    reading = read(b"a,b\n x ,  \n")
    assert rows(reading) == [[" x ", "  "]]
    [batch] = reading.batches()
    assert trimmed(batch.frame).to_numpy().tolist() == [["x", None]]


def test_blank_cells_are_missing() -> None:
    [batch] = read(b"a,b\n1,\n").batches()
    assert batch.frame.loc[0, "b"] is None


def test_a_file_cut_inside_a_quote_is_refused_by_the_line_of_the_quote() -> None:
    with pytest.raises(Refused, match="the quote opened on line 4 is never closed"):
        read(b'a,b\n1,2\n"x\ny","z\n' + b"1,2\n" * 50)


def test_a_file_cut_inside_a_letter_is_refused() -> None:
    with pytest.raises(Refused, match="cut off"):
        read("name\nJosé Müller Straße Köln é".encode()[:-1])


def test_a_header_without_rows_is_read_and_said() -> None:
    reading = read(b"a,b\n")
    assert (reading.records, rows(reading), reading.notes) == (0, [], ("The file has a header but no rows.",))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"\n\n , \n", "no header line"),
        (b"%PDF-1.7 ...", "is a PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "old Excel"),
        (b"PK\x03\x04broken", "cut off or no Excel"),
        (b"PAR1broken", "cut off"),
        (b"\x00\x01\x02\x03\x04garbage", "not a text file"),
        (b'[{"name": "Ada"}]', "is JSON"),
    ],
)
def test_what_is_no_table_is_refused_in_one_sentence(content: bytes, words: str) -> None:
    with pytest.raises(Refused, match=words):
        read(content)


def test_missing_files_and_directories_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="does not exist"):
        read(tmp_path / "none.csv")
    with pytest.raises(Refused, match="is a directory"):
        read(tmp_path)


# --- properties

CELL = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=6) | st.sampled_from(
    ['"', '""', "\r", "\n", "a,b"]
)
TABLES = st.integers(2, 4).flatmap(lambda width: st.lists(st.lists(CELL, min_size=width, max_size=width), max_size=8))


def written(table: list[list[str]], ending: str) -> bytes:
    held = io.StringIO(newline="")
    # With a line feed alone the module leaves a carriage return unquoted, which nobody can read back.
    quoting = csv.QUOTE_MINIMAL if ending == "\r\n" else csv.QUOTE_ALL
    csv.writer(held, lineterminator=ending, quoting=quoting).writerows(table)
    return held.getvalue().encode()


@pytest.mark.parametrize("piece", [7, 64, 1 << 22])
@settings(max_examples=150, deadline=None)
@given(table=TABLES, ending=st.sampled_from(["\n", "\r\n"]))
@example(table=[["\r", "\n"], ["\x0c", "\u2028"]], ending="\r\n")
def test_what_the_csv_module_writes_is_read_back(piece: int, table: list[list[str]], ending: str) -> None:
    width = len(table[0]) if table else 2
    before, encodings.PIECE = encodings.PIECE, piece
    try:
        reading = read(written([[f"c{at}" for at in range(width)], *table], ending), separator=",", encoding="utf-8")
        assert rows(reading) == table
        assert reading.records == len(table)
    finally:
        encodings.PIECE = before


@pytest.mark.parametrize("piece", [5, 1 << 22])
@settings(max_examples=300, deadline=None)
@given(body=st.text(st.sampled_from('ab",\n\r é'), min_size=1, max_size=60))
def test_rows_always_add_up_or_the_file_is_refused(piece: int, body: str) -> None:
    before, encodings.PIECE = encodings.PIECE, piece
    try:
        reading = read(b"x,y\n" + body.encode(), separator=",", encoding="utf-8")
        assert len(rows(reading)) + len(reading.rejected) == reading.records
        assert sorted(lines(reading) + [row.line for row in reading.rejected]) == sorted(expected_lines("x,y\n" + body))
    except Refused as refused:
        assert "never closed" in refused.message
    finally:
        encodings.PIECE = before


def expected_lines(text: str) -> list[int]:
    """First lines of the records below the header, by the csv module's own line counter."""
    parser = csv.reader(io.StringIO(text, newline=""))
    found, line = [], 1
    for row in parser:
        found += [line] if row else []
        line = parser.line_num + 1
    return found[1:]


# --- Parquet


def test_parquet_cells_are_their_exact_text() -> None:
    table = pa.table(
        {
            "whole": pa.array([1.0, None, 1e20]),
            "part": pa.array([0.1, 2.55, float("nan")]),
            "count": pa.array([2**53 + 1, 0, None], pa.int64()),
            "at": pa.array([0, 86_400_000_000, None], pa.timestamp("us")),
            "flag": pa.array([True, False, None]),
            "tags": pa.array([["a"], [], None]),
        }
    )
    held = io.BytesIO()
    pq.write_table(table, held)
    reading = read(held.getvalue())
    assert rows(reading) == [
        ["1", "0.1", "9007199254740993", "1970-01-01 00:00:00", "true", '["a"]'],
        ["", "2.55", "0", "1970-01-02 00:00:00", "false", "[]"],
        ["100000000000000000000", "", "", "", "", ""],
    ]


def test_a_cut_parquet_file_is_refused(tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": ["1"] * 1000}), tmp_path / "a.parquet")
    with pytest.raises(Refused, match="cut off"):
        read((tmp_path / "a.parquet").read_bytes()[:-10])


def test_online_retail_is_read_whole() -> None:
    reading = read(shared_data() / "online_retail/online_retail.parquet")
    assert sum(len(batch) for batch in reading.batches()) == reading.records == 541_909
