"""Forms: one short list of fields each, required first, the rest behind “More”.

Plain widgets, not `st.form`: likely duplicates appear while a person types. What was typed stays until it is saved, also
when it is refused; the refusal stands under the field's form in words. An edit carries the version that was read when it
was opened, so that a second editor is told, and after being told may save over it knowingly.

A day is not the last input before the button: a Tab into it opens its calendar, over what is below.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

import streamlit as st

from crm.errors import Conflict
from crm.queries import custom_fields
from crm.queries.custom_fields import CustomField
from crm.queries.names import called
from crm.ui import flash, pickers, words
from crm.ui.session import current


@dataclass(frozen=True)
class Field:
    """One input: the command's argument, the label, and how it is asked for."""

    name: str
    label: str
    kind: str = "text"
    options: Sequence[Any] | Mapping[Any, str] = ()
    required: bool = False
    more: bool = False
    default: Any = None
    help: str | None = None
    placeholder: str | None = None
    own: CustomField | None = None
    step: float | None = None


def draw(
    form: str,
    fields: Sequence[Field],
    save: Callable[..., Any],
    *,
    done: str | Callable[[Any], str],
    label: str = "Save",
    row: Mapping[str, Any] | None = None,
    disabled: bool = False,
) -> dict[str, Any]:
    """Draw the inputs and the one button; return what is typed so far.

    `row` fills an edit form; `save` is called with the typed values by name (and `version=` where `row` has one).
    """
    flash.pass_on()
    seen = _seen(form, row)
    inputs(form, fields, row)
    flash.problem(form)
    st.button(
        label,
        key=f"{form}.save",
        type="primary",
        disabled=disabled,
        on_click=_save,
        args=(form, fields, save, done, seen),
    )
    return typed(form, fields)


def archive(form: str, label: str, put_aside: Callable[[], Any], done: str) -> None:
    """Below a form, the button that puts aside what it is about; a refusal stands where the form's own would."""
    args = (form, put_aside, done)
    st.button(label, key=f"{form}.archive", type="tertiary", icon=":material/archive:", on_click=flash.attempt, args=args)


def inputs(form: str, fields: Sequence[Field], row: Mapping[str, Any] | None = None) -> None:
    """Draw the inputs alone, the rest of them behind “More”."""
    for field in (field for field in fields if not field.more):
        _input(form, field, row)
    rest = [field for field in fields if field.more]
    if rest:
        with st.expander("More", key=f"{form}.more"):
            for field in rest:
                _input(form, field, row)


def typed(form: str, fields: Sequence[Field]) -> dict[str, Any]:
    """What stands in the inputs now; a blank text is None."""
    return {field.name: _value(st.session_state.get(f"{form}.{field.name}")) for field in fields}


def clear(form: str) -> None:
    """Forget what was typed: after saving, and when an edit is opened."""
    for key in [key for key in st.session_state if str(key).startswith(f"{form}.")]:
        del st.session_state[key]
    flash.dismiss(form)


def _value(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.replace(tzinfo=current().zone)  # typed on the company's clock
    return (value.strip() or None) if isinstance(value, str) else value


def _seen(form: str, row: Mapping[str, Any] | None) -> Any:
    if not row or "version" not in row:
        return None
    return st.session_state.setdefault(f"{form}.version", row["version"])


def _save(form: str, fields: Sequence[Field], save: Callable[..., Any], done: Any, seen: Any) -> None:
    values = typed(form, fields) | ({"version": seen} if seen else {})
    if flash.attempt(form, lambda: _telling(form, save, values), done) is not None:
        clear(form)
        # The whole page again: that closes the dialog around the form, and draws the news in the header.
        st.rerun()


def _telling(form: str, save: Callable[..., Any], values: dict[str, Any]) -> Any:
    """Save; once told of a conflict, the person knows of the newer row, and the next save may replace it."""
    try:
        return save(**values)
    except Conflict:
        st.session_state[f"{form}.version"] = None
        raise


def _input(form: str, field: Field, row: Mapping[str, Any] | None) -> None:
    key = f"{form}.{field.name}"
    if key not in st.session_state:
        # Also a blank is set: a browser keeps what stands in an input until it is told otherwise.
        st.session_state[key] = _start(field, row)
    field = _with_kept(field, row)
    label = f"{field.label} *" if field.required else field.label
    INPUTS.get(field.kind, _text)(label, key, field)


def _with_kept(field: Field, row: Mapping[str, Any] | None) -> Field:
    """Of an edit with what stands in the row, also where it is no longer offered: it stays when another field is corrected."""
    kept = row.get(field.name) if row and "version" in row else None
    if field.kind != "choice" or not isinstance(kept, UUID) or kept in field.options:
        return field
    name = called(current(), field.name, kept)
    return replace(field, options=_names(field) | {kept: name}) if name else field


def _start(field: Field, row: Mapping[str, Any] | None) -> Any:
    """What stands in an input before anybody typed."""
    start = field.default if row is None else _of(field, row)
    if isinstance(start, datetime):
        return current().local(start).replace(tzinfo=None)
    if start is None and field.kind in BLANKS:
        return BLANKS[field.kind]
    if start is None and field.kind == "choice" and field.required:
        return next(iter(field.options), None)
    return start


def _of(field: Field, row: Mapping[str, Any]) -> Any:
    """What a row holds of a field; of an own one inside its `own`."""
    if not field.own:
        return row.get(field.name, field.default)
    found = custom_fields.value(field.own, row.get("own"))
    return float(found) if field.kind in ("money", "decimal") and found is not None else found


def _text(label: str, key: str, field: Field) -> None:
    kinds: dict[str, Literal["email", "phone", "url"]] = {"email": "email", "phone": "phone", "url": "url"}
    live: str | bool = "300ms" if field.kind == "live" else False
    st.text_input(
        label,
        key=key,
        type=kinds.get(field.kind, "default"),
        help=field.help,
        placeholder=field.placeholder,
        live=live,
        validate="",  # an invalid value would stay in the browser and be saved as nothing; the command refuses it in words
        max_chars=300,
    )


def _area(label: str, key: str, field: Field) -> None:
    st.text_area(label, key=key, help=field.help, placeholder=field.placeholder, max_chars=20_000)


def _choice(label: str, key: str, field: Field) -> None:
    names = _names(field)
    chosen = st.session_state.get(key)
    if chosen is not None and chosen not in names:
        st.session_state.pop(key)
    st.selectbox(
        label,
        list(names),
        index=0 if field.required else None,
        format_func=lambda value: str(names.get(value, value)),
        key=key,
        help=field.help,
        placeholder=field.placeholder or "Choose",
    )


def _names(field: Field) -> dict[Any, str]:
    """What may be chosen, and how people read it."""
    options = field.options
    return dict(options) if isinstance(options, Mapping) else {value: words.label(str(value)) for value in options}


def _pills(label: str, key: str, field: Field) -> None:
    """One of a few words, or none: one click."""
    st.pills(label, field.options, format_func=words.label, key=key, help=field.help)


def _said(label: str, key: str, field: Field) -> None:
    """Their words, once it is said what they are."""
    if st.session_state.get(f"{key}_kind"):
        _area(label, key, field)
    else:
        st.session_state.pop(key, None)


def _several(label: str, key: str, field: Field) -> None:
    """Any of a list."""
    names = _names(field)
    st.session_state[key] = [value for value in st.session_state.get(key) or [] if value in names]
    st.multiselect(
        label,
        list(names),
        format_func=lambda value: str(names.get(value, value)),
        key=key,
        help=field.help,
        placeholder=field.placeholder or "Choose",
    )


def _reason(label: str, key: str, field: Field) -> None:
    """One of a list that grows by use: another word may be typed."""
    st.selectbox(
        label,
        list(field.options),
        index=None,
        key=key,
        help=field.help,
        placeholder=field.placeholder or "Choose or write",
        accept_new_options=True,
    )


def _day(label: str, key: str, field: Field) -> None:
    st.date_input(
        label,
        value=None,
        key=key,
        help=field.help,
        min_value=date(1900, 1, 1),
        max_value=date(2200, 12, 31),
        format="YYYY-MM-DD",
    )


def _moment(label: str, key: str, field: Field) -> None:
    st.datetime_input(
        label,
        value=None,
        key=key,
        help=field.help,
        min_value=datetime(1900, 1, 1),
        max_value=datetime(2200, 12, 31),
        format="YYYY-MM-DD",
    )


def _money(label: str, key: str, field: Field) -> None:
    step = field.step or 1.0  # a click on the buttons; any amount can be typed
    st.number_input(label, value=None, key=key, help=field.help, step=step, format="%.2f", placeholder=field.placeholder)


def _number(label: str, key: str, field: Field) -> None:
    st.number_input(label, value=None, key=key, help=field.help, step=1, format="%d", placeholder=field.placeholder)


def _decimal(label: str, key: str, field: Field) -> None:
    st.number_input(label, value=None, key=key, help=field.help, step=1.0, format="%.12g", placeholder=field.placeholder)


def _flag(label: str, key: str, field: Field) -> None:
    st.checkbox(label, key=key, help=field.help)


BLANKS = {"text": "", "live": "", "email": "", "phone": "", "url": "", "area": "", "said": "", "flag": False}
INPUTS: dict[str, Callable[[str, str, Field], None]] = {
    "area": _area,
    "choice": _choice,
    "several": _several,
    "reason": _reason,
    "day": _day,
    "moment": _moment,
    "money": _money,
    "number": _number,
    "decimal": _decimal,
    "flag": _flag,
    "pills": _pills,
    "said": _said,
    "customer": pickers.customer,
    "contact": pickers.contact,
    "deal": pickers.deal,
    "own choice": pickers.own_choice,
    "own choices": pickers.own_choices,
}
