"""Who is worth what, who is slipping away: what the last job computed, with its age, and every number open to its customers."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from crm.charts import figures as charts
from crm.commands.jobs import ask
from crm.queries import figures, today, values, worth
from crm.queries.periods import Period
from crm.queries.registry import FIGURES
from crm.store.session import Session
from crm.ui import cards, cohorts, dialogs, flash, marks, progress, rfm, taking, todo, words
from crm.ui.session import cached, current

QUIET_NOUNS = ("interactions", *values.MADE_FROM, *worth.NOUNS, "stages")
FIGURES_SHOWN = ("repeat_rate", "retention", "net_revenue_retention", "lapsed_customers")
FIRST = 12
EVERYBODY = taking.MOST
VALUE_WORDS = (
    f"What a customer will bring in the next {values.MONTHS} months: the purchases that are expected, times the amount that is "
    f"expected of one. A later month counts {values.DISCOUNT:.0%} less a month. What was spent already is not in it."
).replace("%", " %")
VALUE_FORMULA = "sum over months of expected purchases × expected amount / (1 + 0.01) ^ month"
TOP_WORDS = (
    "The share of all that customers ever spent, less what they returned, that the best fifth of them spent; and the same of "
    "what is expected. The higher, the more depends on a few."
)
TOP_FORMULA = "spent by the 20 % of customers who spent most / spent by all"


def draw(session: Session) -> None:
    """The tab: when it was computed, the figures, who is going quiet, how worth is spread, the grid, the cohorts."""
    run = values.latest_run(session)
    job = progress.draw(session, "value")
    if run is None:
        if not (job and job["state"] in {"waiting", "running"}):
            with cards.empty("payments", "What customers are worth has not been computed yet.", key="no_values"):
                st.button("Compute it now", key="renew", type="primary", on_click=_renew)
        return
    _age(session, run)
    totals = cached(session, worth.totals, worth.NOUNS)
    if not totals["customer_count"]:
        cards.empty("shopping_bag", f"{words.plain(run['reason'])} Orders, or won deals, make this page.", key="no_buyers")
        return
    st.caption(words.plain(run["reason"]))
    _numbers(session, totals)
    _figures(session)
    left, right = st.columns(2, gap="medium")
    with left:
        _slipping()
    with right:
        _bands(session)
        _concentration(session)
    rfm.draw(session)
    cohorts.draw(run["as_of_on"])


def _renew() -> None:
    flash.attempt("flash", lambda: ask(current(), "value"), "What customers are worth is being computed")


def _age(session: Session, run: dict[str, Any]) -> None:
    """When it was computed, from what; and whether it should be again."""
    when = values.age_in_words(run["computed_at"], session.now)
    with st.container(horizontal=True, vertical_alignment="center", key="worth_age"):
        n = f", n = {run['customer_count']:,}" if session.is_whole else ""
        newer = " · **purchases were written since**" if run["is_outdated"] else ""
        st.caption(
            f"Computed {when}, from purchases up to {run['as_of_on']:%d %b %Y}{n}{newer}",
            width="content",
        )
        st.button("Renew", key="renew", type="tertiary", icon=":material/refresh:", on_click=_renew)


def _numbers(session: Session, totals: dict[str, Any]) -> None:
    """What all customers are worth, how much of it is the best fifth's, what is at stake."""
    currency = session.settings["currency"]
    stake = _stake(session)
    everyone = partial(worth.members, session, "everyone")
    with st.grid(4, min_column_width=170):
        _number(
            "value",
            f"Value, next {values.MONTHS} months",
            words.money(totals["value_amount"], currency),
            f"{totals['expected_purchases']:,.0f} purchases expected" if totals["value_n"] else "Too few to say",
            totals["value_n"],
            VALUE_WORDS,
            VALUE_FORMULA,
            everyone,
        )
        _number(
            "top",
            "The best 20 % hold",
            words.share(totals["top_spent_share"]),
            f"of what was spent; {words.share(totals['top_value_share'])} of what is expected",
            totals["customer_count"],
            TOP_WORDS,
            TOP_FORMULA,
            everyone,
        )
        _number(
            "spent",
            "Spent so far",
            words.money(totals["spent_amount"], currency),
            "by all customers who ever bought",
            totals["customer_count"],
            "Everything that customers bought, less what they returned. It says nothing about what is to come.",
            "sum of order amounts, returns negative; won deals of customers without orders",
            everyone,
        )
        _number(
            "quiet",
            "Going quiet",
            f"{stake['count']:,}",
            f"who have bought; {words.plain(words.money(stake['amount'], currency))} a year at stake",
            stake["count"],
            FIGURES["quiet_customers"].words + " Ranked by the value of the next 12 months: what we lose if they are lost.",
            FIGURES["quiet_customers"].formula,
            lambda: pd.DataFrame(today.at_stake(session)["first"]),
        )


def _number(key: str, title: str, shown: str, note: str, n: int, says: str, formula: str, rows: Any) -> None:
    """A card whose number opens to what it says, its formula and its customers."""
    with st.container(border=True, height="stretch", gap="small", key=f"card_{key}"):
        st.metric(title, shown)
        st.caption(note)
        if st.button(f"n = {n:,}", key=f"define_{key}", type="tertiary", icon=":material/info:", help="Definition and rows"):
            cards.explained(title, shown, says, formula, n, rows(), key=f"worth_{key}")


def _stake(session: Session) -> dict[str, Any]:
    """Customers who have gone quiet and have something to lose, the most valuable first: as many as are shown."""
    found: dict[str, Any] = cached(session, today.at_stake, QUIET_NOUNS, st.session_state.get("quiet_shown", FIRST))
    return found


@st.fragment
def _slipping() -> None:
    """Whom to call first; each with one click to a log or a task."""
    flash.pass_on()
    dialogs.pass_on()
    stake = _stake(current())
    with st.container(border=True, key="slipping"):
        st.subheader("Going quiet, by value at stake", anchor=False)
        if not stake["count"]:
            st.caption("Nobody with something to lose has been silent for longer than usual.")
        todo.to_call(stake["first"])
        if stake["count"] > len(stake["first"]):
            st.button("More", key="quiet_more", type="tertiary", on_click=_show_more, args=(len(stake["first"]),))


def _show_more(many: int) -> None:
    st.session_state["quiet_shown"] = many + 2 * FIRST


def _figures(session: Session) -> None:
    """How many come back, and stay."""
    day = session.today
    year = Period(day - timedelta(days=364), day, first_month=int(session.settings["first_month_of_year"]))
    nouns = tuple({noun for key in FIGURES_SHOWN for noun in FIGURES[key].nouns})
    found = cached(session, figures.figures, nouns, year, day, keys=FIGURES_SHOWN)
    with st.grid(4, min_column_width=170):
        for key in FIGURES_SHOWN:
            cards.figure(key, found[key], year, day)


def _bands(session: Session) -> None:
    """How many customers are worth how much."""
    rows = cached(session, worth.bands, worth.NOUNS)
    if rows:
        starts = [row["from_amount"] for row in rows]
        names = [_band(start, words.symbol(session.settings["currency"])) for start in starts]
        chart = charts.columns(names, [row["customer_count"] for row in rows], "Customers")
        marks.draw(
            f"Customers by value of the next {values.MONTHS} months",
            chart,
            "value_bands",
            lambda mark: worth.members(current(), "band", from_amount=starts[mark]),
            everything=lambda asking, mark: worth.members(asking, "band", limit=EVERYBODY, from_amount=starts[mark]),
        )


def _band(start: float, symbol: str) -> str:
    """The band that begins at an amount: three times as much for 1, 10, 100 …, else 10 / 3."""
    if not start:
        return f"under {symbol}10"
    end = start * 3 if str(start)[0] == "1" else start / 3 * 10
    return f"{symbol}{words.short(start)}–{words.short(round(end))}"


def _concentration(session: Session) -> None:
    """How much of it the best hold; a click lists the customers of that step."""
    titles = {"spent": "Spent so far", "value": f"Next {values.MONTHS} months"}
    found = {measure: cached(session, worth.concentration, worth.NOUNS, measure) for measure in titles}
    held = {measure: steps for measure, steps in found.items() if steps and steps[-1]["held_share"] is not None}
    if not held:
        return
    curves = {
        titles[measure]: ([step["customers_share"] for step in steps], [step["held_share"] for step in steps])
        for measure, steps in held.items()
    }
    asked = [(measure, step["step"]) for measure, steps in held.items() for step in steps]
    marks.draw(
        "How much the best hold",
        charts.shares(curves, "If all were equal", "Share of customers, the best first", "Share held"),
        "concentration",
        lambda mark: worth.holders(current(), *asked[mark]) if mark < len(asked) else pd.DataFrame(),
        note="Each mark is 5 % of customers; a click lists them.",
        counted_through=True,
        everything=lambda asking, mark: worth.holders(asking, *asked[mark], limit=EVERYBODY),
    )
