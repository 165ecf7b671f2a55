"""What a command of the command line is, and the parts that commands share."""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from crm.store.session import Session


@dataclass(frozen=True)
class Command:
    """Its name, what runs it, what it does in words, and its arguments as argparse takes them."""

    name: str
    run: Callable[[Session, argparse.Namespace], str] | Callable[[str, argparse.Namespace], str]
    words: str
    arguments: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    opens: bool = True  # else it is given the store's address, because nobody may have it open


class Wrong(Exception):
    """What a command prints that was done, but found something wrong: the exit code is 1."""

    def __init__(self, output: str) -> None:
        super().__init__(output)
        self.output = output


def printed(given: argparse.Namespace, value: object, text: str) -> str:
    """The value as JSON where that was asked for, else the text."""
    return json.dumps(value, default=str, ensure_ascii=False, indent=2) if given.json else text


def a_day(text: str) -> date:
    """A day as programs write it."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"“{text}” is not a day: write it as 2017-12-31") from None
    if not 1900 <= day.year <= 2200:
        raise argparse.ArgumentTypeError(f"“{text}” is not between 1900 and 2200")
    return day


def a_rate(text: str) -> tuple[str, Decimal]:
    """A currency and what one unit of it is worth: EUR=1.08."""
    code, _, number = text.partition("=")
    try:
        rate = Decimal(number.strip())
    except InvalidOperation:
        rate = Decimal(0)
    if not re.fullmatch(r"[A-Za-z]{3}", code.strip()) or not 0 < rate < 1_000_000:
        raise argparse.ArgumentTypeError(f"“{text}” is not a rate: write it as EUR=1.08")
    return code.strip().upper(), rate


def a_count(text: str) -> int:
    """A number of lines."""
    if not text.isdecimal() or not 1 <= int(text) <= 1_000_000:
        raise argparse.ArgumentTypeError(f"“{text}” is not a number of lines: write 1 or more, at most 1000000")
    return int(text)


def a_share(text: str) -> float:
    """A likelihood."""
    try:
        share = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"“{text}” is not a number: write it like 0.95") from None
    if not 0 <= share <= 1:
        raise argparse.ArgumentTypeError(f"“{text}” is not between 0 and 1")
    return share
