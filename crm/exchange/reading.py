"""The one door for files that people bring: bytes → rows without loss, whatever the layout.

`read` looks through the whole file before anything is imported, so that a file that is itself broken is refused whole,
in one sentence. The rows then come in batches; those that do not fit the table are listed with line and reason.
"""

from __future__ import annotations

import codecs
from pathlib import Path

from crm.errors import Refused
from crm.exchange.csv_text import read_csv
from crm.exchange.encoding import wide
from crm.exchange.parquet import read_parquet
from crm.exchange.rows import Batch, Reading, Rejected, trimmed
from crm.exchange.source import Bytes, located
from crm.exchange.spreadsheet import read_spreadsheet
from crm.exchange.vcard import read_vcard

__all__ = ["Batch", "Reading", "Rejected", "read", "trimmed"]

FOREIGN = {
    b"\xd0\xcf\x11\xe0": "an old Excel file (.xls) or one with a password: save it as .xlsx without a password",
    b"%PDF": "a PDF: export the table itself",
    b"\x1f\x8b": "compressed: unpack it first",
    b"\x89PNG": "a picture: export the table itself",
    b"\xff\xd8\xff": "a picture: export the table itself",
    b"SQLite format 3": "a database: export the table itself",
    b"{": "JSON: export a table",
    b"[{": "JSON: export a table",
}


def read(
    path_or_bytes: Path | str | bytes,
    name: str | None = None,
    *,
    encoding: str | None = None,
    separator: str | None = None,
    sheet: str | None = None,
    header: bool = True,
    fill_short: bool = False,
) -> Reading:
    """A file of any known layout, looked through and ready to be read; `Refused` says what is wrong with it."""
    source = located(path_or_bytes, name)
    head = source.head(4096)
    if head.startswith(b"PAR1"):
        return read_parquet(source)
    if head.startswith(b"PK\x03\x04"):
        return read_spreadsheet(source, sheet, header)
    encoding = _known(encoding)
    _check_separator(separator)
    if _is_vcard(head):
        return read_vcard(source, encoding)
    _refuse_foreign(source, head)
    return read_csv(source, encoding, separator, header, fill_short)


def _known(encoding: str | None) -> str | None:
    try:
        return codecs.lookup(encoding).name if encoding else None
    except LookupError as error:
        raise Refused(f"There is no encoding “{encoding}”: try utf-8 or cp1252.", "encoding") from error


def _check_separator(separator: str | None) -> None:
    if separator is not None and (len(separator) != 1 or not separator.isascii() or separator in '"\r\n'):
        raise Refused("The separator is one character, such as a comma, a semicolon or a tab.", "separator")


def _is_vcard(head: bytes) -> bool:
    """Whatever the encoding: zeros of wide letters and a byte order mark do not matter."""
    start = head.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    return start[:11].upper() == b"BEGIN:VCARD"


def _refuse_foreign(source: Bytes, head: bytes) -> None:
    """Files that are no table, by their first bytes."""
    what = next((words for magic, words in FOREIGN.items() if head.startswith(magic)), None)
    if what:
        raise Refused(f"{source.name} is {what}, or save the table as UTF-8 CSV.")
    if head.count(0) > len(head) / 20 and not wide(head):
        raise Refused(f"{source.name} is not a text file: choose CSV, Excel (.xlsx), vCard or Parquet.")
