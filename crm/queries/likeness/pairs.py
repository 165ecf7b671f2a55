"""Which pairs of rows are worth comparing: a million rows make half a billion pairs, and all but a few are strangers.

Rows that share a key (an e-mail, a birthday, a family name and a postcode …) stand in one block. Keys are many, so that
two rows of one person share one even with three fields mistyped. Small blocks come first until a key has spent its budget of
pairs: so a birthday alone counts in a store of thousands, and in one of millions only where few share it.
"""

from __future__ import annotations

from crm.queries.likeness.model import Kind
from crm.store.session import Session

BUDGET, LARGEST = 3_000_000, 200
# A pair must share so many values of the signature: in a large store, two are easily shared by chance.
FEW, MANY, LARGE = 2, 3, 200_000
LOW, HIGH = 0x7F7F_7F7F_7F7F_7F7F, 0x8080_8080_8080_8080


def make_rows(session: Session, kind: Kind) -> int:
    """Make `likeness_rows`: the rows with their compared values, numbered; how many there are."""
    session.execute(
        f"""
        create or replace temp table likeness_rows as
        select
            row_number() over ()::integer as no,
            *,
            {_signature(kind)} as signature,
        from ({kind.rows})
        """,  # noqa: S608 - a kind is a constant of this package
        {},
    )
    return int(session.value("select count(*) from likeness_rows"))


def _signature(kind: Kind) -> str:
    """Eight values in eight bits each, so that one step counts how many two rows share; unknown ones are like no other."""
    if not kind.signature:
        return "0::ubigint"
    lanes = [
        f"((case when {column} is null then hash(record_id, {lane}) else hash({column}) end & 127::ubigint) << {8 * lane})"
        for lane, column in enumerate(kind.signature)
    ]
    return " | ".join(lanes)


def make_pairs(session: Session, kind: Kind, rows: int) -> None:
    """Make `likeness_pairs`: each pair of rows that is worth comparing, once."""
    keys = " union all ".join(_key(number, columns) for number, columns in enumerate((*kind.alone, *kind.blocks)))
    session.execute(f"create or replace temp table likeness_keys as {keys}", {})
    session.execute(_BLOCKS, {"largest": LARGEST, "budget": BUDGET})
    session.execute(
        f"""
        create or replace temp table likeness_pairs as
        with
        held as materialized (
            select likeness_keys.*
            from likeness_keys
            semi join likeness_blocks using (kind, value)
        ),

        met as (
            select
                one.no as one,
                other.no as other,
                one.kind < {len(kind.alone)} as is_enough,
                -- A lane that is zero is a shared value: of each lane that is not, the highest bit comes out set.
                {HIGH}::ubigint & ~((xor(one.signature, other.signature) & {LOW}::ubigint) + {LOW}::ubigint) as shared,
            from held as one
            inner join held as other on other.kind = one.kind and other.value = one.value and one.no < other.no
        )

        select distinct
            one,
            other,
        from met
        where is_enough or bit_count(shared) - {_double(kind)} >= {_least(rows)}
        """,  # noqa: S608 - numbers of this module
        {},
    )


def _key(number: int, columns: tuple[str, ...]) -> str:
    known = " and ".join(f"{column} is not null" for column in columns)
    return f"""
        select
            {number}::utinyint as kind,
            hash({", ".join(columns)}) as value,
            no,
            signature,
        from likeness_rows
        where {known}
    """  # noqa: S608 - a kind is a constant of this package


def _double(kind: Kind) -> str:
    """One less where two lanes say one thing."""
    if not kind.one_fact:
        return "0"
    lanes = sum(0x80 << 8 * kind.signature.index(column) for column in kind.one_fact)
    return f"(shared & {lanes}::ubigint = {lanes}::ubigint)::integer"


def _least(rows: int) -> int:
    return MANY if rows > LARGE else FEW


_BLOCKS = """
    create or replace temp table likeness_blocks as
    with
    blocks as (
        select
            kind,
            value,
            count(*) as size,
        from likeness_keys
        group by kind, value
        having count(*) between 2 and $largest
    ),

    spent as (
        select
            kind,
            size,
            sum(count(*) * size * (size - 1) / 2) over (partition by kind order by size) as pairs,
        from blocks
        group by kind, size
    )

    select
        blocks.kind,
        blocks.value,
    from blocks
    inner join spent on spent.kind = blocks.kind and spent.size = blocks.size
    where spent.pairs <= $budget
"""
