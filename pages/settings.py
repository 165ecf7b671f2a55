"""What holds for the whole company: who we are, who works here in which team, how deals go, what we sell, what is quiet."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import streamlit as st

from crm.commands import employees as employ
from crm.commands import products as sell
from crm.commands import teams as group
from crm.commands.settings import change_settings
from crm.queries import employees, products, settings
from crm.ui import dialogs, erasures, forms, own, own_shelf, pipeline_shelf, settings_fields, shelf, words
from crm.ui.header import header
from crm.ui.session import current
from crm.ui.shelf import Shelf

EMPLOYEES = Shelf(
    "employee", "employees", settings_fields.employee, employ.add_employee, employ.edit_employee, employ.archive_employee
)
TEAMS = Shelf("team", "teams", settings_fields.team, group.add_team, group.edit_team, group.archive_team)
PRODUCTS = Shelf(
    "product",
    "products",
    settings_fields.product,
    sell.add_product,
    sell.edit_product,
    sell.archive_product,
    role="manager",
)
QUIET = (
    "A customer is quiet after 1.5 times their own usual gap between two-way interactions and orders. "
    "Until three gaps are known, after this many days:"
)


def of_employee(row: dict[str, Any]) -> str:
    """Role, team, e-mail, own fields."""
    more = own.line(own.known(current(), "employees"), row)
    return " · ".join(filter(None, [words.label(row["role"]), row["team_name"], row["title"], row["email"], more]))


def of_team(row: dict[str, Any]) -> str:
    """Manager, size, region."""
    led = f"led by {row['manager_name']}" if row["manager_name"] else "no manager"
    return " · ".join(filter(None, [led, words.count(row["member_count"], "employee"), row["region"]]))


def of_product(row: dict[str, Any]) -> str:
    """Price, category, own fields."""
    price = row["list_price_amount"]
    shown = words.exact(price, current().settings["currency"]) if price is not None else "no list price"
    return " · ".join(filter(None, [shown, row["category"], own.line(own.known(current(), "products"), row)]))


def edit(form: str, fields: list[forms.Field]) -> None:
    """A few settings in one form."""
    session = current()
    forms.draw(form, fields, partial(change_settings, session), done="Saved", row=settings.company(session))


def card(form: str, title: str, fields: list[forms.Field], sentence: str, unit: str = "") -> None:
    """Some settings as they stand; an admin edits them together."""
    values = settings.company(current())
    with st.container(border=True, key=f"card_{form}"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.subheader(title, anchor=False)
            if current().may("admin") and st.button("Edit", key=f"edit_{form}", icon=":material/edit:"):
                shelf.forget(form)
                dialogs.dialog(title)(edit)(form, fields)
        st.caption(sentence)
        with st.grid(3, min_column_width=200):
            for field in fields:
                with st.container(gap=None):
                    st.caption(field.label)
                    st.markdown(words.plain(f"{_named(field, values[field.name])}{unit}"))


def _named(field: forms.Field, value: Any) -> Any:
    return field.options.get(value, value) if isinstance(field.options, dict) else value


def company() -> None:
    """The company's own settings, and the quiet thresholds."""
    shelf.who_may("admin", "the company")
    card("settings_company", "Company", settings_fields.company(), "Every day, period, amount and phone number is read by these.")
    card("settings_listening", "Listening", settings_fields.listening(), "How what customers tell us is answered.")
    card("settings_backup", "Backups", settings_fields.backup(), "A copy of everything, made while people work, and read back.")
    card("settings_quiet", "Going quiet", settings_fields.quiet(), QUIET, unit=" days")


TABS: dict[str, Callable[[], None]] = {
    "Company": company,
    "Employees": lambda: shelf.draw(EMPLOYEES, employees.active(current()), of_employee),
    "Teams": lambda: shelf.draw(TEAMS, employees.teams(current()), of_team),
    "Pipelines": pipeline_shelf.draw,
    "Products": lambda: shelf.draw(PRODUCTS, products.active(current()), of_product),
    "Own fields": own_shelf.draw,
    "Erasures": erasures.draw,
}

with header("Settings"):
    pass
for tab, draw in zip(st.tabs(list(TABS), key="settings_tab", on_change="rerun", bind="query-params"), TABS.values(), strict=True):
    if tab.open:
        with tab:
            draw()
