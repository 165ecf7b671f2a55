"""Rows that have no id are known again by what they say: the hash of their cells, and the how-manieth equal row it is.

The cells are those of the file, before a person's mapping of words: explaining a word later makes no row a new one.
"""

from __future__ import annotations

from crm.commands.imports.incoming import Incoming

CELLS_HASH = "cells_hash"
HASHED = ("deals", "orders", "interactions", "feedback")


def hash_cells(incoming: Incoming) -> None:
    """Give `linked` the column `cells_hash`. A column added to the file later changes nothing where it is blank."""
    if incoming.kind not in HASHED:
        return
    cells = ", ".join(f"'{name}=' || {name}" for name in sorted(incoming.fields))
    incoming.run(
        f"""
        create or replace temp table hashes as
        with hashed as (
            select row_no, md5(concat_ws(chr(31), {cells})) as hash
            from texts
        )

        select row_no, hash || '-' || row_number() over (partition by hash order by row_no) as cells_hash
        from hashed
        """  # noqa: S608 - names come from fields.py
    )
    incoming.link(CELLS_HASH, "hashes.cells_hash", "left join hashes on hashes.row_no = typed.row_no")
