"""Every question can be asked of an empty company: it answers nothing, it does not fail."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

import pytest

import crm.queries
from crm.queries.figures import figure_of
from crm.queries.periods import Period, parse
from crm.store.session import Session

NOBODY = UUID("01900000-0000-7000-8000-0000000fffff")
PERIOD = parse("2026-Q1", 1)
# What a parameter is given, by its name; the rest go by what they are annotated with.
BY_NAME: dict[str, Any] = {
    "kind": "customer",
    "table": "customers",
    "column": "region",
    "keys": [NOBODY],
    "rows": [],
    "lines": [],
    "text": "konex",
    "customer_ids": [NOBODY],
    "figure": "won_amount",
    "key": "won_amount",
    "by": None,
    "chosen": [figure_of("won_amount"), figure_of("nps")],
    "spans": [(PERIOD, date(2026, 3, 31))],
    "months": [PERIOD],
    "periods": [PERIOD],
}
BY_TYPE: dict[str, Any] = {
    "UUID": NOBODY,
    "date": date(2026, 3, 31),
    "Period": PERIOD,
    "str": "konex",
    "int": 5,
}


def questions() -> list[Callable[..., Any]]:
    """Every public function of crm.queries that takes a session."""
    found = []
    for module in pkgutil.walk_packages(crm.queries.__path__, "crm.queries."):
        loaded = importlib.import_module(module.name)
        for name, function in inspect.getmembers(loaded, inspect.isfunction):
            first = next(iter(inspect.signature(function).parameters), None)
            if function.__module__ == module.name and first == "session" and not name.startswith("_"):
                found.append(function)
    return found


def argument(parameter: inspect.Parameter) -> Any:
    if parameter.name in BY_NAME:
        return BY_NAME[parameter.name]
    types = [name.strip() for name in str(parameter.annotation).split("|")]
    return next((BY_TYPE[name] for name in types if name in BY_TYPE), None)


def name_of(function: Callable[..., Any]) -> str:
    return f"{function.__module__.removeprefix('crm.queries.')}.{function.__name__}"


@pytest.mark.parametrize("question", questions(), ids=name_of)
def test_an_empty_company_answers(session: Session, question: Callable[..., Any]) -> None:
    _, *parameters = inspect.signature(question).parameters.values()
    needed = [
        one for one in parameters if one.default is inspect.Parameter.empty and one.kind is not inspect.Parameter.VAR_KEYWORD
    ]
    answer = question(session, **{one.name: argument(one) for one in needed})
    assert not inspect.isgenerator(answer)


def test_the_walk_finds_the_questions() -> None:
    assert len(questions()) > 20
    assert isinstance(PERIOD, Period)
