"""Rows that have no id are known again by what they say: the hash of their cells, and the how-manieth equal row it is."""

from __future__ import annotations

from crm.commands.imports.incoming import Incoming


def cells_hash(incoming: Incoming) -> str:
    """Give `linked` the column `cells_hash`. A column added to the file later changes nothing where it is blank."""
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
    incoming.link("cells_hash", "hashes.cells_hash", "left join hashes on hashes.row_no = typed.row_no")
    return "cells_hash"
