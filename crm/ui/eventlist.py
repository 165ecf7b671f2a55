"""External events: the marks that every time chart bears, what opens from a mark, and the list in which leaders declare them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import streamlit as st

from crm.commands import events as declare
from crm.commands.checks import Saved
from crm.queries import events
from crm.queries.periods import Period
from crm.queries.registry import FIGURES
from crm.store.session import Session
from crm.ui import shelf, words
from crm.ui.forms import Field
from crm.ui.session import cached, current
from crm.ui.shelf import Shelf

Row = dict[str, Any]
Mark = dict[str, Any]
ONLY_DESCRIBED = "A description, not a cause: whatever else changed in those months is in it."
FIRST, OTHER = "won_amount", ("new_customers", "orders", "revenue", "nps")


def on_periods(session: Session, periods: Sequence[Period], labels: Sequence[str]) -> list[Mark]:
    """One mark per period of a chart in which an event began, or which it opens with: where it stands, its words, its events."""
    if not periods:
        return []
    found = cached(session, events.between, events.NOUNS, periods[0].start, periods[-1].end)
    marks: dict[str, Mark] = {}
    for row in found:
        began = max(row["starts_on"], periods[0].start)
        label = next((label for period, label in zip(periods, labels, strict=True) if period.start <= began <= period.end), None)
        if label is not None:
            mark = marks.setdefault(label, {"x": label, "events": []})
            mark["events"].append(row)
    return [mark | {"name": "; ".join(said(row) for row in mark["events"])} for mark in marks.values()]


def said(row: Row) -> str:
    """An event in a few words.

    >>> said({"name": "Fair", "starts_on": date(2026, 5, 4), "ends_on": date(2026, 5, 4), "effect_share": None})
    'Fair, 4 May 2026'
    """
    return f"{row['name']}, {days(row['starts_on'], row['ends_on'])}"


def days(start: date, end: date) -> str:
    """From when to when.

    >>> days(date(2026, 5, 4), date(2026, 6, 2)), days(date(2025, 12, 30), date(2026, 1, 2))
    ('4 May to 2 Jun 2026', '30 Dec 2025 to 2 Jan 2026')
    """
    last = f"{end.day} {end:%b %Y}"
    if start == end:
        return last
    return f"{start.day} {start:%b}{'' if start.year == end.year else f' {start.year}'} to {last}"


def expected(row: Row) -> str:
    """What an event is expected to do to which figures.

    >>> expected({"effect_share": -0.1, "figures": ["won_amount", "orders"]}), expected({"effect_share": None, "figures": []})
    ('expected: 10 % less won amount, orders', '')
    """
    if row["effect_share"] is None:
        return ""
    what = ", ".join(FIGURES[key].title if FIGURES[key].title.isupper() else FIGURES[key].title.lower() for key in row["figures"])
    size = f"{abs(row['effect_share']):.0%}".replace("%", " %")
    return f"expected: {size} {'less' if row['effect_share'] < 0 else 'more'} {what}".rstrip()


def behind(rows: Sequence[Row], figure: str | None = None) -> None:
    """What opens from a mark: each event, and each figure that it should move (and the chart's own) before and after it."""
    session = current()
    for row in rows:
        rest = " · ".join(filter(None, [days(row["starts_on"], row["ends_on"]), expected(row)]))
        st.markdown(f"**{words.plain(row['name'])}** · {words.plain(rest)}")
        if row["note"]:
            st.caption(words.plain(row["note"]))
        for key in dict.fromkeys([*filter(None, [figure]), *row["figures"]]):
            st.caption(words.plain(compared(session, row, key)))
    st.caption(ONLY_DESCRIBED)


def compared(session: Session, row: Row, key: str) -> str:
    """A figure a month before an event and after it, in words."""
    entry, currency = FIGURES[key], session.settings["currency"]
    found = cached(session, events.around, (*events.NOUNS, *entry.nouns), row, key)
    if found is None:
        return f"{entry.title}: too few finished months on one side to say what was before and after."

    def shown(value: float) -> str:
        return words.figure(round(value) if entry.unit == "count" else value, entry.unit, currency)

    signed = f"{'+' if found.difference >= 0 else '−'}{shown(abs(found.difference))}"
    span = f"between {_signed(found.low, shown)} and {_signed(found.high, shown)}"
    verdict = "" if found.is_clear else ", so it may be nothing"
    return (
        f"{entry.title} a month: {shown(found.before)} before (n = {found.before_n}), {shown(found.after)} after "
        f"(n = {found.after_n}): {signed}, {span} 95 times of 100{verdict}."
    )


def _signed(value: float, shown: Any) -> str:
    return f"{'−' if value < 0 else '+'}{shown(abs(value))}"


def draw(session: Session) -> None:
    """The list with the way to add and to edit, for leaders; with what each is expected to do, and what was before and after."""
    rows = [row | {"percent": row["effect_share"] and round(row["effect_share"] * 100)} for row in events.every(session)]
    shelf.draw(EVENTS, rows, lambda row: " · ".join(filter(None, [days(row["starts_on"], row["ends_on"]), expected(row)])))
    for row in rows:
        if row["starts_on"] < session.today and row["figures"]:
            st.caption(words.plain(f"{row['name']}: {compared(session, row, row['figures'][0])}"))
    if rows:
        st.caption(ONLY_DESCRIBED)


def _fields(_: Session) -> list[Field]:
    titles = {key: figure.title for key, figure in FIGURES.items() if figure.flow or key in OTHER}
    return [
        Field("name", "What happens", required=True, placeholder="Trade fair in the west"),
        Field("starts_on", "First day", "day", required=True),
        Field("ends_on", "Last day", "day", help="Blank: only that day."),
        Field("figures", "Figures that it should move", "several", titles),
        Field("percent", "Expected effect in %", "number", help="While it lasts: −10 is a tenth less. Outlooks count it."),
        Field("note", "Note", "area", more=True),
    ]


def _add(session: Session, **typed: Any) -> Saved:
    return declare.add_event(session, **_as_share(typed))


def _edit(session: Session, external_event_id: UUID, **typed: Any) -> Saved:
    return declare.edit_event(session, external_event_id, **_as_share(typed))


def _as_share(typed: dict[str, Any]) -> dict[str, Any]:
    """People write per cent, the store keeps a share."""
    percent = typed.pop("percent", None)
    return typed | {"effect_share": None if percent is None else percent / 100}


EVENTS = Shelf(
    "external_event",
    "external_events",
    _fields,
    _add,
    _edit,
    declare.archive_event,
    role="leader",
    called="external event",
)
