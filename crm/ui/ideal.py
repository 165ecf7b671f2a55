"""Whom do we want? Left what leadership states, right what the data say of the best customers, between them the drift."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from crm.commands import ideal as state
from crm.commands.jobs import ask
from crm.queries import ideal, values
from crm.queries.conditions import Group, parsed
from crm.store.session import Session
from crm.ui import dialogs, flash, ideal_traits, progress, segment_rows, shelf, words
from crm.ui.session import cached, current

Row = dict[str, Any]
FORM = "ideal"
MEASURED = "Measured on customers who were held back: AUC {auc:.2f}, Brier score {brier:.2f}."


def draw(session: Session) -> None:
    """The tab: when it was computed, the ideal, the drift, the answer; what the best say; needs met."""
    run = ideal.latest_run(session)
    progress.draw(session, "fit")
    _age(session, run)
    measure = _measure()
    answer = run["answers"][measure] if run else None
    left, between, right = st.columns([4, 3, 4], gap="medium")
    with left:
        _stated(session)
    with between:
        _drift(run, answer, measure)
    with right:
        _answer(session, answer, measure)
    if run:
        ideal_traits.common(session, measure)
        ideal_traits.needs(session)


def _measure() -> str:
    """What “best” means here."""
    return str(
        st.segmented_control(
            "Best",
            list(ideal.MEASURES),
            default="value",
            required=True,
            format_func=lambda measure: f"Best: {ideal.MEASURES[measure]}",
            key="best",
            bind="query-params",
            label_visibility="collapsed",
        )
    )


def _age(session: Session, run: Row | None) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="ideal_age"):
        if run:
            newer = " · **something it is made from was written since**" if run["is_outdated"] else ""
            when = values.age_in_words(run["computed_at"], session.now)
            st.caption(f"Computed {when}{newer}", width="content")
        else:
            st.caption("How well customers fit has not been computed yet.", width="content")
        label = "Renew" if run else "Compute it now"
        st.button(label, key="renew_fit", type="tertiary", icon=":material/refresh:", on_click=_renew)


def _renew() -> None:
    flash.attempt("flash", lambda: ask(current(), "fit"), "How well customers fit is being computed")


def _attributes(session: Session) -> list[Row]:
    return cached(session, ideal.stated, ("ideal_attributes", "custom_fields", "tags", "segments", "employees", "products"))


def _stated(session: Session) -> None:
    """The stated ideal, attribute by attribute, with its weight."""
    rows = _attributes(session)
    with st.container(border=True, height="stretch", key="stated"):
        st.subheader("What we state", anchor=False)
        for row in rows:
            _attribute(session, row)
        if not rows:
            st.caption("Nothing yet. Say what your ideal customer is, has or wants, and how much each counts.")
        shelf.who_may("leader", "the ideal profile")
        if session.may("leader") and st.button("Add", key="add_ideal", icon=":material/add:"):
            segment_rows.forget()
            _edit(None)


def _attribute(session: Session, row: Row) -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", gap="small"):
        with st.container(gap=None, width="stretch"):
            st.markdown(words.plain(row["name"]))
            st.caption(f"weight {row['weight']:g} · {words.share(row['weight_share'])} of the fit")
            for problem in row["problems"]:
                st.caption(f":material/warning: {words.plain(problem)}")
        if session.may("leader"):
            key = f"edit_ideal_{row['ideal_attribute_id']}"
            if st.button("Edit", key=key, type="tertiary", icon=":material/edit:"):
                segment_rows.forget()
                _edit(row)


@dialogs.dialog("Our ideal customer", width="large")
def _edit(row: Row | None) -> None:
    """One attribute: what it says, as rows of a segment's rule, and how much it counts."""
    session = current()
    of = f"ideal {row['ideal_attribute_id']}" if row else "ideal new"
    segment_rows.begin(of, parsed(row["rule"]) if row else Group(), row["version"] if row else None)
    drafted = segment_rows.draw(session)
    st.session_state.setdefault("seg.ideal_weight", float(row["weight"]) if row else 1.0)
    weight = st.number_input("Weight", 0.0, state.MOST_WEIGHT, key="seg.ideal_weight", step=0.5, help="Beside the others'.")
    st.caption(words.plain(ideal.words(session, drafted)))
    flash.problem(FORM)
    with st.container(horizontal=True, horizontal_alignment="distribute"):
        if st.button("Save", key="save_ideal", type="primary") and flash.attempt(
            FORM, partial(_save, row, drafted, weight), "The ideal profile is saved"
        ):
            _done()
        if row and st.button("Take out", key="drop_ideal", type="tertiary", icon=":material/archive:"):
            drop = partial(state.archive_attribute, session, row["ideal_attribute_id"], version=row["version"])
            if flash.attempt(FORM, drop, "Taken out of the ideal profile"):
                _done()


def _save(row: Row | None, drafted: Group, weight: float) -> Any:
    session = current()
    if row is None:
        return state.add_attribute(session, rule=drafted, weight=weight)
    return state.edit_attribute(session, row["ideal_attribute_id"], version=row["version"], rule=drafted, weight=weight)


def _done() -> None:
    """Fit follows what is stated: ask for it anew."""
    segment_rows.forget()
    ask(current(), "fit")
    st.rerun()


def _drift(run: Row | None, answer: Row | None, measure: str) -> None:
    """Whether the best customers are as we say they are."""
    with st.container(border=True, height="stretch", key="drift"):
        st.subheader("Drift", anchor=False)
        if not run or not answer or not run["stated"]:
            first = "how well customers fit is computed" if _attributes(current()) else "an ideal is stated"
            st.caption(f"Once {first}, this says whether the best customers are like that.")
            return
        said = {part["key"]: part["words"] for part in run["stated"]}
        for part in answer["drift"]:
            st.markdown(words.plain(said[part["key"]]))
            st.caption(words.plain(drifted(part)))
        st.caption(words.plain(agreed(answer["agreement"])))
        missing = [pattern for pattern in _reliable(answer) if pattern["lift"] > 1 and not _is_stated(pattern, run)]
        if missing:
            names = "; ".join(f"{pattern['attribute']} {pattern['value']}" for pattern in missing[:4])
            st.caption(words.plain(f"Not in what we state, but in the data: {names}."))


def drifted(part: Row) -> str:
    """What the data say of one stated attribute.

    >>> drifted({"of_best": 0.6, "of_all": 0.3, "n": 40, "lift": 1.9, "low": 1.4, "high": 2.5})
    '60 % of the best, 30 % of all: best 1.90× as often (1.40–2.50), n = 40'
    >>> drifted({"of_best": 0.3, "of_all": 0.3, "n": 40, "lift": 1.0, "low": 0.7, "high": 1.4})
    '30 % of the best, 30 % of all: no clear difference (0.70–1.40×), n = 40'
    """
    if part["lift"] is None:
        return "too few to say"
    shares = f"{words.share(part['of_best'])} of the best, {words.share(part['of_all'])} of all"
    span = f"{part['low']:.2f}–{part['high']:.2f}"
    if part["low"] <= 1 <= part["high"]:
        return f"{shares}: no clear difference ({span}×), n = {part['n']:,}"
    return f"{shares}: best {part['lift']:.2f}× as often ({span}), n = {part['n']:,}"


def agreed(agreement: float | None) -> str:
    """
    >>> agreed(0.68)
    'Of 100 pairs of a best and another customer, the best one fits better in 68; 50 would be chance.'
    """
    if agreement is None:
        return "Too few to say how well the fit tells the best from the others."
    return f"Of 100 pairs of a best and another customer, the best one fits better in {agreement * 100:.0f}; 50 would be chance."


def _reliable(answer: Row) -> list[Row]:
    return [pattern for pattern in answer["patterns"] if pattern["is_reliable"]]


def _is_stated(pattern: Row, run: Row) -> bool:
    return any(str(pattern["value"]).casefold() in part["words"].casefold() for part in run["stated"])


def _answer(session: Session, answer: Row | None, measure: str) -> None:
    """What distinguishes the best, with lift, n and range; or that nothing does."""
    with st.container(border=True, height="stretch", key="answer"):
        st.subheader("What the data say", anchor=False)
        st.caption(ideal.MEANT[measure])
        if answer is None:
            return
        found = _reliable(answer)
        if not answer["patterns"]:
            st.caption(f"Too few customers, or too little known of them, to look for a pattern (n = {answer['n']:,}).")
            return
        if not found:
            st.markdown(f"**No reliable pattern in n = {answer['n']:,}**")
            st.caption("Nothing that we know of customers sets the best apart by more than chance would.")
            return
        for number, pattern in enumerate(found):
            _pattern(session, pattern, f"{measure}_{number}")
        note = f"{answer['best_n']:,} best of n = {answer['n']:,}; a claim by chance alone is made less than once in 60."
        if answer["auc"]:
            right = f"{answer['auc'] * 100:.0f} of 100"
            note += f" All attributes together tell a best customer from another in {right} pairs; 50 would be chance."
        st.caption(note, help=MEASURED.format(**answer) if answer["auc"] else None)


def _pattern(session: Session, pattern: Row, key: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", gap="small"):
        with st.container(gap=None, width="stretch"):
            st.markdown(f"**{words.plain(pattern['attribute'])}** {words.plain(pattern['value'])}")
            span = f"{pattern['low']:.2f}–{pattern['high']:.2f}"
            st.caption(
                f"{pattern['lift']:.2f}× as often among the best ({span}) · {pattern['best_n']:,} of n = {pattern['n']:,}",
                help=f"With the best drawn at random, anything stands out as much in {pattern['p_value'] * 100:.2g} % of draws.",
            )
        if pattern["condition"] and pattern["lift"] > 1 and session.may("leader"):
            take = partial(state.take_over, session, pattern["condition"], pattern["lift"])
            done = partial(flash.attempt, "flash", take, "Added to what we state")
            st.button("State it", key=f"take_{key}", type="tertiary", icon=":material/chevron_left:", on_click=done)
