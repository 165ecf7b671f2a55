"""Take a list away as it is shown: a button that opens to its file as CSV or Excel. The file is made when it is asked for.

It is made in a thread of its own, so that the page stays free; cells that a spreadsheet would run are defused, and what was
taken is written down.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from crm.commands.exports import MEDIA, write_shown
from crm.store.session import Session
from crm.ui import tables, words
from crm.ui.session import current

LAYOUTS = {"csv": ("CSV", ".csv"), "excel": ("Excel", ".xlsx")}
MOST = 1_000_000
Rows = Callable[[Session], pd.DataFrame | Iterable[Any]]


def offer(key: str, what: str, rows: Rows, *, label: str = "Export") -> None:
    """The button; `rows` gives all of the list, not only the page of it that is shown, to whoever takes it."""
    session = current()
    with st.popover(label, icon=":material/download:", type="tertiary", key=f"take_{key}"):
        for layout, (name, suffix) in LAYOUTS.items():
            st.download_button(
                name,
                data=partial(_file, session, what, rows, layout),
                file_name=f"{what} {session.today:%Y-%m-%d}{suffix}",
                mime=MEDIA[layout],
                key=f"take_{key}_{layout}",
                on_click="ignore",
                width="stretch",
            )


def _file(session: Session, what: str, rows: Rows, layout: str) -> bytes:
    """Runs when the button is pressed, beside the page: with the clock of now, and a cursor of its own."""
    asking = Session(session.database, session.actor)
    found = rows(asking)
    return write_shown(asking, what, headed(asking, found) if isinstance(found, pd.DataFrame) else found, layout)


def headed(session: Session, frame: pd.DataFrame) -> pd.DataFrame:
    """A frame under the headings of a table: without keys, instants on the company's clock, lists as text."""
    shown = tables.on_clock(session, frame[[name for name in frame.columns if not str(name).endswith("_id")]])
    for name in shown.columns:
        if shown[name].dtype == object:
            shown[name] = [_text(value) for value in shown[name]]
    return shown.rename(columns=lambda name: tables.title(str(name)))


def _text(value: Any) -> Any:
    return ", ".join(map(words.label, value)) if isinstance(value, list) else value
