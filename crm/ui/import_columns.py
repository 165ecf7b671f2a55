"""Which column is which field: what was recognised stands already, and every choice can be another."""

from __future__ import annotations

import streamlit as st

from crm.commands.imports import Own, Plan
from crm.commands.imports.columns import Column
from crm.queries import custom_fields
from crm.store.session import Session
from crm.ui import words
from crm.ui.import_draft import Draft
from crm.ui.own import KINDS
from crm.ui.session import current

NOTHING, OWN = "", "own:"
OWN_KINDS = {"": "Whatever its cells fit", **KINDS}


def draw(session: Session, draft: Draft, plan: Plan) -> None:
    """The columns that are imported, then those that are not."""
    used = [column for column in plan.columns if column.target is not None]
    rest = [column for column in plan.columns if column.target is None]
    unsure = [column for column in used if column.confidence < 1]
    asks = bool(plan.missing or unsure)
    options = _options(session, plan)
    label = f"Columns: {len(used)} of {len(plan.columns)} are imported"
    with st.expander(label, expanded=asks, icon=":material/view_column:", key="import_columns"):
        if plan.is_remembered:
            st.caption("As you chose the last time for a file with these headers.")
        for column in [*unsure, *[column for column in used if column not in unsure], *rest]:
            _column(draft, plan, column, options)
    unknown = [column.header for column in rest if not column.kinds]
    if unknown and _may_make(session, plan):
        _offer(draft, plan, unknown)


def _may_make(session: Session, plan: Plan) -> bool:
    """Whether a new field of the company's own may come of a column: admins define them."""
    return plan.kind in custom_fields.NOUNS and session.may("admin")


def _offer(draft: Draft, plan: Plan, unknown: list[str]) -> None:
    """What nobody knows is not lost: it can be a field of the company's own."""
    with st.container(horizontal=True, vertical_alignment="center", key="import_unknown"):
        st.caption(words.plain(f"We have no field for {', '.join(unknown[:6])}{' …' if len(unknown) > 6 else ''}."))
        st.button(
            f"Keep {'it as an own field' if len(unknown) == 1 else 'them as own fields'}",
            key="import_keep_unknown",
            type="tertiary",
            icon=":material/add:",
            on_click=_keep,
            args=(draft, plan, unknown),
        )


def _keep(draft: Draft, plan: Plan, unknown: list[str]) -> None:
    mapping = plan.mapping
    for header in unknown:
        mapping = mapping.with_column(header, Own(header))
    draft.mapping = mapping


def _options(session: Session, plan: Plan) -> dict[str, str]:
    """What a column can be; a field of the company's own goes by its name."""
    fields = {field.key: f"{field.words} *" if field.is_required else field.words for field in plan.fields}
    own = custom_fields.of_noun(session, plan.kind) if plan.kind in custom_fields.NOUNS else []
    return {NOTHING: "Not imported", **fields, **{OWN + field.name: f"{field.name} (own field)" for field in own}}


def _column(draft: Draft, plan: Plan, column: Column, options: dict[str, str]) -> None:
    number = [known.header for known in plan.columns].index(column.header)
    name, choice, why = st.columns([4, 4, 3], vertical_alignment="center", gap="small")
    with name.container(gap=None):
        st.markdown(f"**{words.plain(column.header)}**")
        st.caption(words.plain(" · ".join(text[:40] for text in column.samples)) or "always blank")
    with choice:
        _target(draft, plan, column, number, options)
    with why:
        st.caption(words.plain(column.reason[:1].upper() + column.reason[1:]))


def _target(draft: Draft, plan: Plan, column: Column, number: int, known: dict[str, str]) -> None:
    key = f"import_column_{number}"
    new = {} if OWN + column.header in known or not _may_make(current(), plan) else {OWN + column.header: "New own field"}
    options = {**known, **new}
    stands = OWN + column.target.name if isinstance(column.target, Own) else column.target or NOTHING
    is_new = stands not in known
    options.setdefault(stands, "New own field")
    # Set anew in each run: giving a field to one column takes it from another.
    st.session_state[key] = stands
    st.selectbox(
        column.header,
        list(options),
        format_func=lambda value: options.get(value, str(value)),
        key=key,
        label_visibility="collapsed",
        on_change=_choose,
        args=(draft, plan, column.header, key),
    )
    if isinstance(column.target, Own) and is_new:
        _own_kind(draft, plan, column, column.target, number)


def _own_kind(draft: Draft, plan: Plan, column: Column, own: Own, number: int) -> None:
    key = f"import_own_{number}"
    st.session_state[key] = own.kind or ""
    st.selectbox(
        "What it holds",
        list(OWN_KINDS),
        format_func=OWN_KINDS.__getitem__,
        key=key,
        label_visibility="collapsed",
        on_change=_choose_kind,
        args=(draft, plan, column.header, own.name, key),
    )


def _choose(draft: Draft, plan: Plan, header: str, key: str) -> None:
    chosen = st.session_state[key]
    target = Own(chosen.removeprefix(OWN)) if chosen.startswith(OWN) else chosen or None
    draft.mapping = plan.mapping.with_column(header, target)


def _choose_kind(draft: Draft, plan: Plan, header: str, name: str, key: str) -> None:
    draft.mapping = plan.mapping.with_column(header, Own(name, st.session_state[key] or None))
