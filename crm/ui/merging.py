"""Two records become one, or two again: a preview of what it would do, a choice where the two differ, one button."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any
from uuid import UUID

import streamlit as st

from crm.commands.merges import merge
from crm.commands.unmerging import unmerge
from crm.errors import CrmError
from crm.queries import contacts, merges, merging
from crm.queries.merging import BOTH, LOSER, WINNER, Choice, Preview
from crm.queries.unmerging import Unmerging, unmerging
from crm.ui import dialogs, flash, forms, words
from crm.ui.session import current

MERGE, UNMERGE = "merge", "unmerge"


def ask(noun: str, one_id: UUID, other_id: UUID | None = None) -> None:
    """Open the dialog for two records, or to look for the second; nothing that was chosen for others stays."""
    forms.clear(MERGE)
    _merge(noun, one_id, other_id)


def offer(contact_id: UUID) -> None:
    """A button within a dialog, in whose place the next run opens the one for merging."""
    if current().may("manager"):
        asked, icon = (MERGE, _merge, "contacts", contact_id, None), ":material/merge:"
        st.button("Merge with …", key="merge_contact", type="tertiary", icon=icon, on_click=dialogs.asked, args=asked)


def ask_of_customer(row: dict[str, Any]) -> None:
    """The same from a profile: a customer who is a person is merged as the contact that they are."""
    if row["kind"] != "person":
        ask("customers", row["customer_id"])
        return
    found = contacts.of_customer(current(), row["customer_id"])
    if found:
        ask("contacts", found[0]["contact_id"])


@dialogs.dialog("Merge", width="large")
def _merge(noun: str, one_id: UUID, other_id: UUID | None) -> None:
    _merging(noun, one_id, other_id)


@st.fragment
def _merging(noun: str, one_id: UUID, other_id: UUID | None) -> None:
    flash.pass_on()
    found = other_id or st.session_state.get("merge.other")
    if not found:
        _look(noun, one_id)
        return
    try:
        keep, go = merging.better(current(), noun, one_id, found)
        if st.session_state.get("merge.turned"):
            keep, go = go, keep
        plan = merging.preview(current(), noun, keep, go)
    except CrmError as error:
        st.error(words.plain(error.message), icon=":material/error:")
        _turn()
        return
    _preview(noun, plan)


def _look(noun: str, one_id: UUID) -> None:
    """Find the other record by a few letters."""
    text = st.text_input("Merge with whom?", key="merge.find", type="search", live="250ms", placeholder="Name, e-mail or phone")
    hits = merges.others(current(), noun, one_id, text or "")
    for number, hit in enumerate(hits):
        st.button(
            words.plain(f"{hit['name']} · {hit['detail']}" if hit["detail"] else hit["name"]),
            key=f"merge.hit.{number}",
            type="tertiary",
            icon=":material/merge:",
            on_click=_found,
            args=(hit["record_id"],),
        )
    if text and not hits:
        st.caption("Nobody else by that name.")


def _found(key: UUID) -> None:
    st.session_state["merge.other"] = key


def _turn() -> None:
    st.button(
        "Keep the other one",
        key="merge.turn",
        icon=":material/swap_horiz:",
        on_click=lambda: st.session_state.update({"merge.turned": not st.session_state.get("merge.turned")}),
    )


def _preview(noun: str, plan: Preview) -> None:
    winner, loser = map(words.plain, plan.names)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown(f"**{loser}** becomes part of **{winner}**, which stays.", width="content")
        _turn()
    different = [choice for choice in plan.choices if choice.differs]
    for choice in different:
        _choose(choice)
    if not different:
        st.caption("The two say the same in every field.")
    for note in _consequences(plan):
        st.caption(words.plain(note))
    flash.problem(MERGE)
    st.button(
        f"Merge into {winner}",
        key="merge.save",
        type="primary",
        icon=":material/merge:",
        on_click=_save,
        args=(noun, plan, [choice.key for choice in different]),
    )


def _choose(choice: Choice) -> None:
    """One value that differs; what only one of them has is taken unless somebody says otherwise."""
    texts = {
        WINNER: words.plain(choice.winner) if choice.winner else "blank",
        LOSER: words.plain(choice.loser) if choice.loser else "blank",
        BOTH: "both",
    }
    label = choice.words if choice.table == "contacts" or choice.key != "customers.note" else "Note on the customer"
    options = [WINNER, LOSER, *([BOTH] if choice.may_be_both and choice.winner and choice.loser else [])]
    key = f"merge.{choice.key}"
    if st.session_state.get(key) not in options:
        st.session_state[key] = choice.default if choice.default in options else WINNER
    st.radio(label, options, format_func=lambda option: _short(texts[option]), key=key, horizontal=True)


def _short(text: str, most: int = 90) -> str:
    return text if len(text) <= most else f"{text[:most].rstrip(chr(92))} …"


def _consequences(plan: Preview) -> list[str]:
    """What else happens, in sentences."""
    moves = [words.count(number, table.removesuffix("s").replace("_", " ")) for table, number in plan.moves.items()]
    moved = f"{', '.join(moves)} of {plan.names[1]} will hang on {plan.names[0]}." if moves else ""
    kept = "Nothing is lost: the other record is put aside, and the merge can be taken back at any time."
    return [note for note in (*plan.notes, moved, kept) if note]


def _said(form: str, keys: Iterable[str]) -> dict[str, str]:
    """What stands in the dialog's choices now."""
    return {key: st.session_state[f"{form}.{key}"] for key in keys if f"{form}.{key}" in st.session_state}


def _save(noun: str, plan: Preview, keys: Sequence[str]) -> None:
    winner, loser = plan.pairs[0].keys
    versions = {str(key): row["version"] for pair in plan.pairs for key, row in pair.sides}
    saving = partial(merge, current(), noun, winner, loser, choices=_said(MERGE, keys), versions=versions)
    if flash.attempt(MERGE, saving, f"Merged {plan.names[1]} into {plan.names[0]}"):
        forms.clear(MERGE)
        st.rerun()


def ask_back(merge_id: UUID) -> None:
    """Open the dialog that takes a merge back."""
    forms.clear(UNMERGE)
    _unmerge(merge_id)


@dialogs.dialog("Unmerge", width="large")
def _unmerge(merge_id: UUID) -> None:
    flash.pass_on()
    try:
        plan = unmerging(current(), merge_id)
    except CrmError as error:
        st.error(words.plain(error.message), icon=":material/error:")
        return
    winner, loser = words.plain(plan.winner_name), words.plain(plan.loser_name)
    st.markdown(f"**{winner}** and **{loser}** become two again, each with what it had on {_day(plan)}.")
    if plan.edits:
        st.markdown("Changed since. Whose is it?")
    for edit in plan.edits:
        label = f"{words.plain(edit.words)}: {words.plain(edit.then or 'blank')} → {words.plain(edit.now or 'blank')}"
        names = {WINNER: winner, LOSER: loser}
        st.radio(label, list(names), format_func=names.__getitem__, key=f"unmerge.{edit.key}", horizontal=True)
    _offer_added(plan, loser)
    if not plan.edits and not plan.added:
        st.caption("Nothing was changed or added since: everything will be exactly as before.")
    flash.problem(UNMERGE)
    st.button(
        "Make them two again",
        key="unmerge.save",
        type="primary",
        icon=":material/call_split:",
        on_click=_split,
        args=(merge_id, plan),
    )


def _day(plan: Unmerging) -> str:
    return f"{current().local(plan.merged_at):%d %b %Y, %H:%M}"


def _offer_added(plan: Unmerging, loser: str) -> None:
    """What came since: it stays, unless it is named here."""
    for table, rows in plan.added.items():
        st.multiselect(
            f"Of the {words.label(table).lower()} added since, these are {loser}'s",
            list(rows),
            format_func=partial(_called, rows),
            key=f"unmerge.added.{table}",
            placeholder=f"None: all {len(rows):,} stay",
        )


def _called(rows: dict[UUID, str], key: UUID) -> str:
    return rows[key]


def _split(merge_id: UUID, plan: Unmerging) -> None:
    choices = _said(UNMERGE, [edit.key for edit in plan.edits])
    added = [(table, key) for table in plan.added for key in st.session_state.get(f"unmerge.added.{table}", [])]
    saving = partial(unmerge, current(), merge_id, choices=choices, added=added)
    if flash.attempt(UNMERGE, saving, f"{plan.winner_name} and {plan.loser_name} are two again"):
        forms.clear(UNMERGE)
        st.rerun()
