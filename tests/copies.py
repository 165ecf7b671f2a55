"""Copies of companies that were made once: what is done to a copy stays there."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb

from crm.store.database import Database

CATALOG = "meta.ducklake"


def in_memory(file: Path) -> Database:
    """The company of a closed file, in memory."""
    database = Database("duckdb:///:memory:")
    cursor = database.cursor()
    cursor.execute(f"attach '{file}' as original (read_only)")
    cursor.execute("copy from database original to memory")
    cursor.execute("detach original")
    return database


def lake_in(folder: Path) -> str:
    """The address of a DuckLake in a folder: its catalog, and its rows beside that."""
    return f"ducklake:{folder / CATALOG};data={folder / 'rows'}"


def lake_of(original: Path, folder: Path) -> str:
    """The address of the company of a closed DuckLake, as another DuckLake in this folder."""
    shutil.copytree(original, folder, dirs_exist_ok=True)
    with duckdb.connect(str(folder / CATALOG)) as catalog:
        catalog.execute("update ducklake_metadata set value = $1 where key = 'data_path'", [f"{folder / 'rows'}/"])
    return lake_in(folder)
