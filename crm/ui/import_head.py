"""The file of an import in one line: what it is called, what its rows are, and how it is read where that was guessed wrong."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import streamlit as st

from crm.commands import imports
from crm.commands.imports import Plan
from crm.ui import words
from crm.ui.import_draft import Draft

ENCODINGS = ["utf-8", "cp1252", "iso-8859-1", "iso-8859-15", "utf-16", "cp1250", "cp1251", "mac_roman", "shift_jis"]
SEPARATORS = {",": "Comma", ";": "Semicolon", "\t": "Tab", "|": "Bar", "^": "Caret", " ": "Space"}


def head(draft: Draft, plan: Plan | None, drop: Callable[[], None]) -> None:
    """The file in one line, what its rows are, how it is read, and the way back to another file."""
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="import_head"):
        with st.container(gap=None):
            st.markdown(f":material/description: **{words.plain(draft.name)}**")
            st.caption(words.plain(_read_as(draft, plan)))
        _kind(draft)
        _reading(draft, plan)
        st.button("Another file", key="import_drop", type="tertiary", icon=":material/close:", on_click=drop)


def _read_as(draft: Draft, plan: Plan | None) -> str:
    if plan is None:
        return f"{draft.size / 1e6:,.1f} MB"
    sheet = f"sheet “{plan.sheet}”" if plan.sheet else None
    separator = SEPARATORS.get(plan.separator, plan.separator).lower() if plan.separator else None
    system = f"from {plan.system}" if plan.system else None
    return " · ".join(filter(None, [words.count(plan.records, "row"), sheet, plan.encoding, separator, system]))


def _kind(draft: Draft) -> None:
    st.session_state["import_kind"] = draft.kind
    st.selectbox(
        "These rows are",
        list(imports.KINDS),
        format_func=words.label,
        key="import_kind",
        width=170,
        label_visibility="collapsed",
        help="What each row is. One kind at a time; columns of other kinds are left aside.",
        on_change=_set_kind,
        args=(draft,),
    )


def _set_kind(draft: Draft) -> None:
    draft.kind, draft.mapping = st.session_state["import_kind"], None


def _reading(draft: Draft, plan: Plan | None) -> None:
    """How the file is read, where that was guessed wrong."""
    if plan and plan.layout not in {"csv", "vcard"} and len(plan.sheets) < 2:
        return
    with st.popover("How it is read", key="import_reading", type="tertiary", icon=":material/tune:"):
        if plan and plan.sheets:
            _layout(draft, "sheet", "Sheet", {sheet: sheet for sheet in plan.sheets}, plan.sheet)
            return
        _layout(draft, "encoding", "Encoding", {name: name for name in ENCODINGS}, plan.encoding if plan else None)
        if plan is None or plan.layout == "csv":
            _layout(draft, "separator", "Separator", SEPARATORS, plan.separator if plan else None)


def _layout(draft: Draft, name: str, label: str, options: dict[str, str], found: str | None) -> None:
    key = f"import_{name}"
    chosen = getattr(draft, name) or found
    known = options if chosen is None or chosen in options else {chosen: chosen, **options}
    st.session_state[key] = chosen
    st.selectbox(
        label,
        list(known),
        format_func=known.__getitem__,
        index=None,
        key=key,
        on_change=_set_layout,
        args=(draft, name, key),
    )


def _set_layout(draft: Draft, name: str, key: str) -> None:
    setattr(draft, name, st.session_state[key])
    draft.mapping = None


def preview(plan: Plan) -> None:
    """The first rows, as text."""
    with st.expander("The first rows as they stand in the file", icon=":material/table_rows:", key="import_preview"):
        frame = pd.DataFrame(plan.preview, columns=[column.header for column in plan.columns], dtype=str)
        st.dataframe(frame, key="import_preview_rows", hide_index=True, alt="The first rows of the file")
