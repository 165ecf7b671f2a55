"""Move a deal: one menu wherever a deal stands. Won and lost ask first for what must be known of an end."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import streamlit as st

from crm.commands.deals import move_deal
from crm.queries import deals
from crm.store.session import Session
from crm.ui import dialogs, flash, forms, words
from crm.ui.forms import Field
from crm.ui.session import current

Deal = dict[str, Any]
Stage = dict[str, Any]
FORM = "close_deal"


def may_change(session: Session, deal: Deal) -> bool:
    """Whether to offer a change of this deal to the person at the page; the store decides again."""
    me = session.actor.employee_id
    return session.may("manager") or deal["owner_id"] in (None, me) or deal["customer_owner_id"] == me


def following(deal: Deal, stages: Sequence[Stage]) -> Stage | None:
    """The stage after the one a deal stands in."""
    keys = [stage["stage_id"] for stage in stages]
    place = keys.index(deal["stage_id"]) + 1 if deal["stage_id"] in keys else len(keys)
    return stages[place] if place < len(stages) else None


def step(deal: Deal, stages: Sequence[Stage]) -> None:
    """One click to the next stage."""
    stage = following(deal, stages)
    if stage:
        key = f"step_{deal['deal_id']}"
        label = words.plain(stage["name"])
        st.button(label, key=key, icon=":material/arrow_forward:", on_click=to, args=(deal, stage), help=f"Move to {label}")


def menu(deal: Deal, stages: Sequence[Stage], label: str = "Move") -> None:
    """Every other stage of the pipeline, won and lost among them."""
    others = [stage for stage in stages if stage["stage_id"] != deal["stage_id"]]
    key = f"move_{deal['deal_id']}"
    st.menu_button(
        label,
        range(len(others)),
        format_func=lambda number: words.plain(others[number]["name"]),
        key=key,
        type="tertiary",
        on_click=lambda: to(deal, others[st.session_state[key]]),
    )


def to(deal: Deal, stage: Stage) -> None:
    """Move at once to an open stage; ask first where the deal ends. For callbacks."""
    if stage["outcome"] != "open":
        dialogs.asked(FORM, _won if stage["outcome"] == "won" else _lost, deal, stage)
        return
    move = partial(move_deal, current(), deal["deal_id"], stage["stage_id"], version=deal["version"])
    flash.attempt("flash", move, f"{deal['name']} is now in {stage['name']}")


@dialogs.dialog("Won")
def _won(deal: Deal, stage: Stage) -> None:
    amount = Field(
        "amount", "Amount", "money", help="Estimated from the list price: correct it." if deal["is_estimated"] else None
    )
    _close(deal, stage, [_closed_on(), amount], {"amount": deal["potential_amount"]})


@dialogs.dialog("Lost")
def _lost(deal: Deal, stage: Stage) -> None:
    reasons = deals.lost_reasons(current())
    why = Field("lost_reason", "Why?", "reason", reasons, required=True, placeholder="Choose a reason, or write a new one")
    _close(deal, stage, [_closed_on(), why], {})


def _closed_on() -> Field:
    return Field("closed_on", "On", "day", default=current().today)


def _close(deal: Deal, stage: Stage, fields: list[Field], known: dict[str, Any]) -> None:
    st.markdown(f"**{words.plain(deal['name'])}** → {words.plain(stage['name'])}")
    move = partial(move_deal, current(), deal["deal_id"], stage["stage_id"])
    row = known | {"version": deal["version"]}
    forms.draw(FORM, fields, move, done=f"{stage['name']}: {deal['name']}", label=words.label(stage["outcome"]), row=row)


def quick(session: Session, found: Sequence[Deal], stages: Sequence[Stage]) -> None:
    """A move without the mouse: a shortcut, a deal by a few letters, a stage."""
    movable = {deal["deal_id"]: deal for deal in found if may_change(session, deal)}
    if movable and st.button("Move", key="quick_move", icon=":material/move_down:", shortcut="m", help="Move a deal by keyboard"):
        forms.clear("quick")
        _quick(movable, stages)


@dialogs.dialog("Move a deal")
def _quick(movable: dict[Any, Deal], stages: Sequence[Stage]) -> None:
    session = current()
    asked = [
        Field("deal_id", "Deal", "choice", {key: deal["name"] for key, deal in movable.items()}, required=True),
        Field("stage_id", "To", "choice", {stage["stage_id"]: stage["name"] for stage in stages}, required=True),
        Field("lost_reason", "Why, if it is lost", "reason", deals.lost_reasons(session)),
    ]

    def save(deal_id: Any, stage_id: Any, lost_reason: str | None) -> Any:
        return move_deal(session, deal_id, stage_id, version=movable[deal_id]["version"], lost_reason=lost_reason)

    forms.draw("quick", asked, save, done=lambda saved: f"{movable[saved.key]['name']} is moved", label="Move")
