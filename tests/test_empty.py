"""Every question can be asked of an empty company: it answers nothing, or says in words what is not there; it never fails."""

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
from crm.errors import Refused
from crm.queries.figures import figure_of
from crm.queries.periods import Period, parse
from crm.store.session import Session

NOBODY = UUID("01900000-0000-7000-8000-0000000fffff")
PERIOD = parse("2026-Q1", 1)
# What a parameter is given, by its name; the rest go by what they are annotated with.
BY_NAME: dict[str, Any] = {
    "kind": "customer",
    "noun": "customers",
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
    "measure": "spent",
    "asked": "everyone",
    "unit": "month",
    "chosen": [figure_of("won_amount"), figure_of("nps")],
    "spans": [(PERIOD, date(2026, 3, 31))],
    "months": [PERIOD],
    "periods": [PERIOD],
}
# Where a word of the same name means something else.
BY_QUESTION: dict[str, dict[str, Any]] = {
    "ideal.common": {"measure": "value"},
    "ideal.evidence": {"measure": "value"},
    "outlooks.looked": {"asked": None},
    "outlook_questions.window_of": {"asked": None},
    "outlook_deals.from_deals": {"asked": None},
    "outlooks.course": {"scope": "company"},
    "lists.batches": {"kind": "customers"},
    "lists.count": {"kind": "customers"},
    "lists.read": {"kind": "customers"},
    "quotes.wanted": {"asked": {}},
}
INSIDE = "crm.queries.likeness"  # steps of one search, over tables that it makes on its way
BY_TYPE: dict[str, Any] = {
    "UUID": NOBODY,
    "date": date(2026, 3, 31),
    "Period": PERIOD,
    "str": "konex",
    "int": 5,
}


def questions() -> list[Callable[..., Any]]:
    """Every public function of crm.queries that takes a session and arguments that can be made up."""
    found = []
    for module in pkgutil.walk_packages(crm.queries.__path__, "crm.queries."):
        if module.name.startswith(INSIDE):
            continue
        loaded = importlib.import_module(module.name)
        for name, function in inspect.getmembers(loaded, inspect.isfunction):
            first = next(iter(inspect.signature(function).parameters), None)
            if function.__module__ == module.name and first == "session" and not name.startswith("_") and can_be_asked(function):
                found.append(function)
    return found


def can_be_asked(function: Callable[..., Any]) -> bool:
    """Whether each argument is plain, and not an object that another question has made."""
    return all(argument(function, one) is not None or "None" in str(one.annotation) for one in needed(function))


def needed(function: Callable[..., Any]) -> list[inspect.Parameter]:
    _, *parameters = inspect.signature(function).parameters.values()
    some = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
    return [one for one in parameters if one.default is inspect.Parameter.empty and one.kind not in some]


def argument(function: Callable[..., Any], parameter: inspect.Parameter) -> Any:
    known = BY_NAME | BY_QUESTION.get(name_of(function), {})
    if parameter.name in known:
        return known[parameter.name]
    types = [name.strip() for name in str(parameter.annotation).split("|")]
    return next((BY_TYPE[name] for name in types if name in BY_TYPE), None)


def name_of(function: Callable[..., Any]) -> str:
    return f"{function.__module__.removeprefix('crm.queries.')}.{function.__name__}"


@pytest.mark.parametrize("question", questions(), ids=name_of)
def test_an_empty_company_answers(session: Session, question: Callable[..., Any]) -> None:
    try:
        answer = question(session, **{one.name: argument(question, one) for one in needed(question)})
        if inspect.isgenerator(answer):
            list(answer)
    except Refused as refused:
        assert refused.message.endswith((".", "!")), "what is refused is said in a sentence"


def test_the_walk_finds_the_questions() -> None:
    assert len(questions()) > 100
    assert isinstance(PERIOD, Period)
