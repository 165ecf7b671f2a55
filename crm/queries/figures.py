"""The figures of a period: value, n, unit and the value before; by group; over many periods; and the rows behind one.

Nothing is computed here: the macros in `crm/store/views/` are asked for spans (a period seen as of a day), and a whole wall
of figures costs one question a source.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import pandas as pd

from crm.errors import Refused
from crm.queries import custom_fields, segments
from crm.queries.names import names
from crm.queries.periods import Period
from crm.queries.registry import FIGURES, Figure
from crm.queries.sources import CLOSED, DEALS, OPEN, SPLITS, Source
from crm.store.session import Session

FILTERS = ("for_owner", "for_team", "for_pipeline", "for_region", "for_lifecycle")
TABLES = {"owner": "employees", "team": "teams", "customer": "customers", "product": "products"}
NOBODY = "(none)"

Span = tuple[Period, date]
Row = Mapping[str, Any]
Groups = dict[str, dict[str, Any]]


def figures(
    session: Session,
    period: Period,
    as_of: date,
    by: str | None = None,
    keys: Iterable[str] | None = None,
    **filters: Any,
) -> dict[str, Any]:
    """One entry per figure, or with `by` one per group: what `python -m crm figures --json` prints."""
    chosen = [figure_of(key) for key in keys or FIGURES]
    by = _dimension(session, by)
    spans = [(period, as_of), period.previous(as_of)]
    now, before = values(session, chosen, spans, by, **filters)
    if by is None:
        now.setdefault("", {})
    found = {
        group: {figure.key: _entry(figure, spans, row, before.get(group, {}), by, filters) for figure in chosen}
        for group, row in now.items()
    }
    return found[""] if by is None else {"groups": _named(session, by, found)}


def series(session: Session, key: str, periods: Sequence[Period], as_of: date | None = None, **filters: Any) -> list[Any]:
    """One value per period, None where it has not begun or has too few to say."""
    figure, day = figure_of(key), as_of or session.today
    spans = [(period, day) for period in periods]
    found = values(session, [figure], spans, **filters)
    return [
        _entry(figure, [span], groups.get("", {}), {}, None, filters)["value"] for span, groups in zip(spans, found, strict=True)
    ]


def groups(session: Session, key: str, period: Period, as_of: date, by: str, **filters: Any) -> list[dict[str, Any]]:
    """One row per group of one figure: its key, name, value and n, the largest value first."""
    figure, dimension, spans = figure_of(key), _dimension(session, by) or "", [(period, as_of)]
    found = values(session, [figure], spans, dimension, **filters)[0]
    labels = _labels(session, dimension, found)
    entries = {group: _entry(figure, spans, row, {}, dimension, filters) for group, row in found.items()}
    rows = [
        {"group": group, "name": labels[group], "value": entry["value"], "n": entry["n"]}
        for group, entry in entries.items()
        if entry["value"] is not None and (entry["value"] or entry["n"])
    ]
    return sorted(rows, key=lambda row: (-row["value"], row["name"]))


def rows_behind(
    session: Session,
    key: str,
    period: Period,
    as_of: date,
    limit: int = 200,
    skip: int = 0,
    by: str | None = None,
    group: str = "",
    **filters: Any,
) -> pd.DataFrame:
    """One row per thing that the figure counts, for people: names first, keys last; with `by`, of one group by its key."""
    figure, by = figure_of(key), _dimension(session, by)
    if not _applies(figure.source, by, filters):
        return pd.DataFrame()
    session, filters = segments.kept_to(session, filters)
    where = f"({figure.where}) and {figure.source.is_of_group}" if by else figure.where
    sql = figure.source.rows.replace("{where}", where).replace("{call}", _call(figure.source, by, filters))
    return session.frame(
        f"{sql} limit $limit offset $skip",  # the registry's own text
        spans=[_span(session, 0, (period, as_of))],
        limit=limit,
        skip=skip,
        **({"group": group} if by else {}),
        **_given(filters),
    )


def values(
    session: Session, chosen: Iterable[Figure], spans: Sequence[Span], by: str | None = None, **filters: Any
) -> list[Groups]:
    """For each span the figures' columns of each group, straight from the macros; a group that has nothing is not there."""
    session, filters = segments.kept_to(session, filters)
    _refuse_unknown(filters)
    by = _dimension(session, by)
    found: list[Groups] = [{} for _ in spans]
    asked = [_span(session, position, span) for position, span in enumerate(spans)]
    for source, columns in _questions(chosen).items():
        if _applies(source, by, filters):
            # Macro, columns and filters are names of the registry and the whitelist.
            sql = f"select span, group_key, {', '.join(columns)} from {source.macro}{_call(source, by, filters)}"  # noqa: S608
            for row in session.rows(sql, spans=asked, **_given(filters)):
                found[row.pop("span")].setdefault(row.pop("group_key"), {}).update(row)
    return found


def figure_of(key: str) -> Figure:
    """The registered figure of that key."""
    if key not in FIGURES:
        raise Refused(f"There is no figure “{key}”. Choose one of: {', '.join(FIGURES)}.", "figure")
    return FIGURES[key]


def as_text(found: Mapping[str, Any]) -> str:
    """The figures as lines for a terminal.

    >>> print(as_text({"won_count": {"value": 3, "n": 3, "unit": "count", "previous": None}}))
    Deals won                 3  (n = 3)
    """
    if "groups" in found:
        return "\n\n".join(f"{name}\n{as_text(one)}" for name, one in found["groups"].items()) or "There are no groups."
    return "\n".join(_line(FIGURES[key], entry) for key, entry in found.items())


def _line(figure: Figure, entry: Row) -> str:
    number = entry["reason"] if entry["value"] is None else _shown(entry["value"], figure.unit)
    before = "" if entry["previous"] is None else f", before {_shown(entry['previous'], figure.unit)}"
    return f"{figure.title:<20}  {number:>5}  (n = {entry['n']:,}{before})"


def _shown(value: float, unit: str) -> str:
    """
    >>> _shown(10005534.0, "money"), _shown(0.632, "share"), _shown(1.04, "ratio"), _shown(12, "count")
    ('10,005,534.00', '63.2 %', '1.04×', '12')
    """
    if unit == "share":
        return f"{value:.1%}".replace("%", " %")
    forms = {"count": f"{value:,}", "ratio": f"{value:.2f}×", "days": f"{value:,.1f} days", "score": f"{value:,.1f}"}
    return forms.get(unit, f"{value:,.2f}") + (" a day" if unit == "money_per_day" else "")


def _entry(
    figure: Figure, spans: Sequence[Span], row: Row, before: Row, by: str | None, filters: Mapping[str, Any]
) -> dict[str, Any]:
    reason = _unanswerable(figure, spans[0], by, filters)
    value = None if reason else value_of(figure, row)
    entry = {
        "value": value,
        "n": 0 if reason else row.get(f"{figure.key}_n") or 0,
        "unit": figure.unit,
        "previous": None if len(spans) < 2 or _unanswerable(figure, spans[1], by, filters) else value_of(figure, before),
    }
    return entry if value is not None else entry | {"reason": reason or row.get(f"{figure.key}_reason") or figure.missing}


def value_of(figure: Figure, row: Row) -> int | float | None:
    """A figure's value out of its group's columns; money to the cent."""
    value = row.get(figure.key, 0 if figure.zero else None)
    if value is None:
        return None
    if figure.unit in ("money", "money_per_day"):
        return round(float(value), 2)
    return int(value) if figure.unit == "count" else float(value)


def _unanswerable(figure: Figure, span: Span, by: str | None, filters: Mapping[str, Any]) -> str | None:
    """Why the question makes no sense for this figure, if it does not."""
    period, as_of = span
    if by and not figure.source.splits_by(by):
        return "not counted by this field" if ":" in by else f"not counted by {by}"
    if filters.get("for_pipeline") and not figure.source.by_pipeline:
        return "not counted by pipeline"
    if as_of < period.start and not figure.standing:
        return "this period has not begun"
    return None


def _applies(source: Source, by: str | None, filters: Mapping[str, Any]) -> bool:
    return (by is None or source.splits_by(by)) and (source.by_pipeline or not filters.get("for_pipeline"))


def _questions(chosen: Iterable[Figure]) -> dict[Source, list[str]]:
    """The columns to ask of each source; the one that holds all figures over deals makes its parts needless."""
    wanted = list(chosen)
    whole = any(figure.source is DEALS for figure in wanted)
    questions: dict[Source, list[str]] = {}
    for figure in wanted:
        source = DEALS if whole and figure.source in (CLOSED, OPEN) else figure.source
        questions.setdefault(source, []).extend(figure.columns)
    return questions


def _span(session: Session, position: int, span: Span) -> dict[str, Any]:
    period, as_of = span
    return {
        "position": position,
        "starts_on": period.start,
        "ends_on": period.end,
        "as_of_on": as_of,
        "starts_at": session.start_of(period.start),
        "until_at": session.end_of(min(period.end, as_of)),
    }


def _given(filters: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in filters.items() if value is not None}


def _call(source: Source, by: str | None, filters: Mapping[str, Any]) -> str:
    """The arguments of a macro; only names of the whitelists become text.

    Every filter is named: a DuckLake gives a default of null back as the word NULL.

    >>> from crm.queries.sources import ORDERS
    >>> _call(ORDERS, "owner", {"for_region": "West"})
    "($spans, 'owner', for_owner := null, for_team := null, for_region := $for_region, for_lifecycle := null)"
    """
    known = [name for name in FILTERS if source.by_pipeline or name != "for_pipeline"]
    named = [f"{name} := {'null' if filters.get(name) is None else f'${name}'}" for name in known]
    arguments = ", ".join(["$spans", f"'{by or 'all'}'", *named])
    return f"({arguments})"


def _dimension(session: Session, by: str | None) -> str | None:
    """What the macros are split by: a name of theirs, or an own field by the noun it is of and its key."""
    if by is None or by in (*SPLITS, "channel"):
        return by
    fields = [field for field in custom_fields.every(session) if field.is_split]
    found = [field for field in fields if field.split == by] or [field for field in fields if by.casefold() in _called(field)]
    if len(found) != 1:
        offered = [*SPLITS, *(f"{field.noun}:{field.name}" for field in found or fields)]
        several = f"Several own fields are called “{by}”" if found else f"Figures are not split by “{by}”"
        raise Refused(f"{several}. Choose one of: {', '.join(offered)}.", "by")
    return found[0].split


def _called(field: custom_fields.CustomField) -> tuple[str, str]:
    return field.name.casefold(), f"{field.noun}:{field.name}".casefold()


def _refuse_unknown(filters: Mapping[str, Any]) -> None:
    unknown = set(filters) - set(FILTERS)
    if unknown:
        raise TypeError(f"no such filter: {', '.join(sorted(unknown))}")


def _named(session: Session, by: str, found: dict[str, Any]) -> dict[str, Any]:
    """Groups under their names, in order; two of one name are told apart."""
    labels = _labels(session, by, found)
    named: dict[str, Any] = {}
    for key in sorted(found, key=lambda key: (key == "", labels[key].casefold(), key)):
        name, number = labels[key], 2
        while name in named:
            name, number = f"{labels[key]} ({number})", number + 1
        named[name] = found[key]
    return named


def _labels(session: Session, by: str, keys: Iterable[str]) -> dict[str, str]:
    if ":" in by:
        (field,) = [field for field in custom_fields.every(session) if field.split == by]
        answers = {key: (key == "true") if field.kind == "yes_no" else key for key in keys if key}
        return {"": NOBODY} | {key: custom_fields.as_text(field, answer) or NOBODY for key, answer in answers.items()}
    if by not in TABLES:
        return {key: key or NOBODY for key in keys}
    known = names(session, TABLES[by], [UUID(key) for key in keys if key])
    return {key: known.get(UUID(key), NOBODY) if key else NOBODY for key in keys}
