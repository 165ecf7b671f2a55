"""Copies of companies that were made once: what is done to a copy stays there."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from crm.store.database import Database

CATALOG = "meta.ducklake"
Fresh = Callable[[], AbstractContextManager[Database]]  # one more company, for a block


@contextmanager
def copied(file: Path) -> Iterator[Database]:
    """The company of a closed file, in a file of its own for as long as the block lasts."""
    with TemporaryDirectory() as folder, closing(Database(f"duckdb:///{shutil.copy(file, folder)}")) as database:
        yield database


def lake_in(folder: Path) -> str:
    """The address of a DuckLake in a folder: its catalog, and its rows beside that."""
    return f"ducklake:{folder / CATALOG};data={folder / 'rows'}"


def lake_of(original: Path, folder: Path) -> str:
    """The address of the company of a closed DuckLake, as another DuckLake in this folder."""
    shutil.copytree(original, folder, dirs_exist_ok=True)
    with duckdb.connect(str(folder / CATALOG)) as catalog:
        catalog.execute("update ducklake_metadata set value = $1 where key = 'data_path'", [f"{folder / 'rows'}/"])
    return lake_in(folder)
