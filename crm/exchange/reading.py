"""The one door for files that people bring: bytes → rows without loss, whatever the layout.

`read` looks through the whole file before anything is imported, so that a file that is itself broken is refused whole,
in one sentence. The rows then come in batches; those that do not fit the table are listed with line and reason.
"""

from __future__ import annotations

import codecs
from pathlib import Path

from crm.errors import Refused
from crm.exchange.csv_text import read_csv
from crm.exchange.parquet import read_parquet
from crm.exchange.rows import Batch, Reading, Rejected, trimmed
from crm.exchange.source import Bytes, located

__all__ = ["Batch", "Reading", "Rejected", "read", "trimmed"]


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
    if source.head(4) == b"PAR1":
        return read_parquet(source)
    _check_choices(encoding, separator)
    return read_csv(source, encoding, separator, header, fill_short)


def _check_choices(encoding: str | None, separator: str | None) -> None:
    try:
        codecs.lookup(encoding or "utf-8")
    except LookupError as error:
        raise Refused(f"There is no encoding “{encoding}”: try utf-8 or cp1252.", "encoding") from error
    if separator is not None and (len(separator) != 1 or not separator.isascii() or separator in '"\r\n'):
        raise Refused("The separator is one character, such as a comma, a semicolon or a tab.", "separator")
