"""How likely each pair is one: the weights of its comparisons added up, and turned into a share from 0 to 1."""

from __future__ import annotations

from math import log2

from crm.insight.mixture import Shares, shares
from crm.queries.likeness.model import Comparison, Kind
from crm.store.session import Session

SAMPLE = 50_000  # random pairs in which is measured how often strangers look alike
LEAST = 1e-5  # what was never met in the sample
TYPICAL = 200  # general knowledge of how rare values are counts like so many rows
# Likewise of how often strangers look nearly the same: in a store of ten, random pairs are too often the very duplicates.
NEARLY, TYPICAL_PAIRS = 0.003, 2_000
SWAPPED, NEARLY_SWAPPED = 0.03, 0.02  # how often two rows of one person have the names in each other's place
NOT = -99
Measured = dict[str, dict[int, float]]


def make_counts(session: Session, kind: Kind) -> None:
    """Make `likeness_counted`: each row with how many rows have each of its values."""
    columns = [*((each.column,) for each in kind.comparisons), *kind.together]
    session.execute(
        f"""
        create or replace temp table likeness_counted as
        select likeness_rows.*, {", ".join(f"{_count(names)}.number as {_count(names)}" for names in columns)}
        from likeness_rows
        {" ".join(map(_counted, columns))}
        """,  # noqa: S608 - a kind is a constant of this package
        {},
    )


def _count(columns: tuple[str, ...]) -> str:
    return "_".join(("number_of", *columns))


def _counted(columns: tuple[str, ...]) -> str:
    known = " and ".join(f"{column} is not null" for column in columns)
    return f"""
        left join (
            select {", ".join(columns)}, count(*)::double as number
            from likeness_rows
            where {known}
            group by all
        ) as {_count(columns)} on {" and ".join(f"{_count(columns)}.{column} = likeness_rows.{column}" for column in columns)}
    """  # noqa: S608 - a kind is a constant of this package


def measured(session: Session, kind: Kind, rows: int) -> Measured:
    """For each comparison how often two random rows are on each level."""
    session.execute(
        f"""
        create or replace temp table likeness_strangers as
        with drawn as (
            select
                (hash(draw) % $rows + 1)::integer as one,
                (hash(draw + 7919000003) % $rows + 1)::integer as other,
            from range($draws) as draws(draw)
        )

        select {_levels(kind)}
        from drawn
        inner join likeness_counted as x on x.no = drawn.one
        inner join likeness_counted as y on y.no = drawn.other
        where drawn.one <> drawn.other
        """,  # noqa: S608 - a kind is a constant of this package
        {"rows": rows, "draws": min(SAMPLE, rows * rows)},
    )
    pairs = min(SAMPLE, rows * (rows - 1) // 2)
    lasts = {each.column: each.last for each in kind.comparisons} | {"swapped": 2}
    return {column: _tempered(_met(session, column), last, pairs) for column, last in lasts.items()}


def _tempered(met: dict[int, float], last: int, pairs: int) -> dict[int, float]:
    """The shares of the levels, drawn towards what is usual while there are few pairs."""
    usual = dict.fromkeys(range(1, last), NEARLY) | {last: 1 - NEARLY * (last - 1)}
    return {
        level: (met.get(level, 0) * pairs + share * TYPICAL_PAIRS) / (pairs + TYPICAL_PAIRS) for level, share in usual.items()
    }


def _levels(kind: Kind) -> str:
    """The level of each comparison, and whether the names are swapped, as columns of SQL over two rows x and y."""
    levels = ", ".join(f"{each.level()} as l_{each.column}" for each in kind.comparisons)
    return f"{levels}, {_swapped_level(kind)} as l_swapped"


def _met(session: Session, column: str) -> dict[int, float]:
    found = session.rows(
        f"""
        select l_{column} as level, count(*) / (select count(*) from likeness_strangers) as share
        from likeness_strangers
        where l_{column} is not null
        group by all
        """  # noqa: S608 - a kind is a constant of this package
    )
    return {row["level"]: row["share"] for row in found}


def make_weights(session: Session, kind: Kind, rows: int) -> None:
    """Make `likeness_weighed`: each pair with its levels, and log2 of what speaks against strangers and against neighbours."""
    among = measured(session, kind, rows)
    weights = [f"{_weight(each, among, rows)} as w_{each.column}, {_near(each)} as n_{each.column}" for each in kind.comparisons]
    session.execute(
        f"""
        create or replace temp table likeness_weighed as
        with
        levels as (
            select
                one,
                other,
                {", ".join(f"x.{_count((each.column,))}" for each in kind.comparisons)},
                {"".join(f"x.{_count(names)}, " for names in kind.together)}
                {_levels(kind)},
            from likeness_pairs
            inner join likeness_counted as x on x.no = one
            inner join likeness_counted as y on y.no = other
        ),

        weighed as (
            select *, {", ".join(weights)}
            from levels
        )

        select
            one,
            other,
            {", ".join(f"l_{each.column}" for each in kind.comparisons)},
            l_swapped,
            {_total(kind, among, rows)} as unrelated,
            {_total_near(kind)} as related,
        from weighed
        """,  # noqa: S608 - a kind is a constant of this package
        {},
    )


def _share(each: Comparison, rows: int) -> str:
    """How often a stranger would have this very value: counted without the pair itself, and tempered while rows are few."""
    others = f"greatest({_count((each.column,))} - 1.5, {each.rarest})"
    return f"(({others} + {TYPICAL * each.usual}) / {rows + TYPICAL})"


def _weight(each: Comparison, among: Measured, rows: int) -> str:
    """Same against strangers; of values that are equal it is their own rarity that counts."""
    levels = range(1, each.last + 1)
    steps = " ".join(f"when {level} then {_bits(each, among, level)}" for level in levels)
    return f"case l_{each.column} when 0 then log2({each.same[0]} / {_share(each, rows)}) {steps} else 0 end"


def _bits(each: Comparison, among: Measured, level: int) -> float:
    return log2(each.same[level] / max(among[each.column].get(level, 0), LEAST))


def _near(each: Comparison) -> str:
    """Same against neighbours."""
    if each.near is None:
        return f"w_{each.column}"
    steps = " ".join(f"when {level} then {log2(same / each.near[level])}" for level, same in enumerate(each.same))
    return f"case l_{each.column} {steps} else 0 end"


def _swapped_level(kind: Kind) -> str:
    if not kind.swapped:
        return "null"
    one, other = kind.swapped
    alike = " and ".join(
        f"coalesce(jaro_winkler_similarity(x.{a}, y.{b}) >= 0.9, x.{a} is null or y.{b} is null)"
        for a, b in ((one, other), (other, one))
    )
    return f"""
        case
            when x.{one} = y.{other} and x.{other} = y.{one} then 0
            when l_{one} = 0 or l_{other} = 0 then null
            when {alike} and (x.{one} is not null or y.{one} is not null) then 1
        end
    """


def _total(kind: Kind, among: Measured, rows: int) -> str:
    """What speaks against strangers. Values that depend on each other are together as rare as both together are."""
    parts = [f"w_{each.column}" for each in kind.comparisons if not any(each.column in pair for pair in kind.together)]
    for pair in kind.together:
        sum_ = " + ".join(f"w_{column}" for column in pair)
        most = f"log2({rows + TYPICAL} / greatest({_count(pair)} - 1.5, 0.5))"
        equal = " and ".join(f"l_{column} = 0" for column in pair)
        limited = f"case when {equal} then least({sum_}, {most}) else {sum_} end"
        parts.append(f"greatest({limited}, {_swapped_weight(kind, among, rows)})" if pair == kind.swapped else f"({limited})")
    return " + ".join(parts)


def _swapped_weight(kind: Kind, among: Measured, rows: int) -> str:
    assert kind.swapped  # noqa: S101 - asked for of a kind that has it
    both = " + ".join(f"log2(1 / {_share(kind.comparison(column), rows)})" for column in kind.swapped)
    nearly = log2(NEARLY_SWAPPED / max(among["swapped"].get(1, 0), LEAST))
    return f"case l_swapped when 0 then {log2(SWAPPED)} + {both} when 1 then {nearly} else {NOT} end"


def _total_near(kind: Kind) -> str:
    """What speaks against neighbours; of two names in each other's place, the given one."""
    parts = [f"n_{each.column}" for each in kind.comparisons if each.column not in (kind.swapped or ())]
    if kind.swapped:
        straight = " + ".join(f"n_{column}" for column in kind.swapped)
        parts.append(f"greatest({straight}, case l_swapped when 0 then 4.0 when 1 then 1.0 else {NOT} end)")
    return " + ".join(parts)


def estimated(session: Session, rows: int) -> Shares:
    """How many duplicates and neighbours a row has, from all pairs that were compared."""
    found = session.frame(
        """
        select
            round(unrelated, 1) as unrelated,
            round(related, 1) as related,
            count(*)::double as number,
        from likeness_weighed
        where unrelated > 0
        group by all
        order by all
        """
    )
    return shares(found["unrelated"].to_numpy(), found["related"].to_numpy(), found["number"].to_numpy(), rows)
