"""Parquet: typed columns turned into their exact text, so that every layout is checked by the same rules afterwards."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]

from crm.errors import Refused
from crm.exchange.rows import BATCH_ROWS, Batch, Reading, batch, clean_header
from crm.exchange.source import Bytes


def read_parquet(source: Bytes) -> Reading:
    """The file's own count of rows is the independent witness."""
    if source.tail(4) != b"PAR1":
        raise Refused(f"{source.name} is cut off: its closing part is missing. Copy or export it again.")
    try:
        with source.open() as stream:
            metadata = pq.ParquetFile(stream)
            names, records = clean_header(metadata.schema_arrow.names), metadata.metadata.num_rows
    except (pa.ArrowException, OSError) as error:
        raise Refused(f"{source.name} cannot be read as Parquet: export it again.") from error
    notes = () if records else ("The file has a header but no rows.",)
    return Reading(source.name, "parquet", names, records, lambda _: _batches(source, names), notes=notes)


def _batches(source: Bytes, names: tuple[str, ...]) -> Iterator[Batch]:
    line = 1
    with source.open() as stream:
        try:
            for rows in pq.ParquetFile(stream).iter_batches(BATCH_ROWS):
                yield batch(names, [exact_text(column) for column in rows.columns], np.arange(line, line + len(rows)))
                line += len(rows)
        except (pa.ArrowException, OSError) as error:
            raise Refused(f"{source.name} is damaged after row {line - 1}: export it again.") from error


def exact_text(column: pa.Array) -> pa.Array:
    """Numbers without float noise, dates as ISO, whole seconds without a fraction.

    >>> exact_text(pa.array([2.0, 2.55, None])).to_pylist()
    ['2', '2.55', None]
    """
    kind = column.type
    if pa.types.is_dictionary(kind):
        return exact_text(column.dictionary_decode())
    if pa.types.is_floating(kind):
        return _plain_numbers(column)
    if pa.types.is_timestamp(kind):
        return _instants(column)
    if pa.types.is_nested(kind) or pa.types.is_binary(kind):
        return pa.array([_nested(value) for value in column.to_pylist()], pa.string())
    return column.cast(pa.string())


def _plain_numbers(column: pa.Array) -> pa.Array:
    present = pc.if_else(pc.is_nan(column), None, column)
    text = present.cast(pa.string())
    if pc.any(pc.match_substring_regex(text, "e|inf")).as_py():
        return pa.array([_plain(value) for value in present.to_pylist()], pa.string())
    return pc.replace_substring_regex(text, r"\.0$", "")


def _plain(value: float | None) -> str | None:
    return None if value is None else np.format_float_positional(value, trim="-")


def _instants(column: pa.Array) -> pa.Array:
    """Without a fraction of a second where no value has one."""
    with contextlib.suppress(pa.ArrowInvalid):
        column = column.cast(pa.timestamp("s", column.type.tz))
    return column.cast(pa.string())


def _nested(value: Any) -> str | None:
    if value is None:
        return None
    return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else json.dumps(value, default=str)
