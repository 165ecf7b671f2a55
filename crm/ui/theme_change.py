"""One way to change what themes are: do it, say so, and have the comments read again, so that the change is seen in seconds."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from crm.commands.jobs import ask
from crm.ui import flash
from crm.ui.session import current

JOB, PROPOSALS = "themes", "theme_proposals"


def attempt(action: Callable[[], Any], done: str | Callable[[Any], str], form: str = "flash") -> Any:
    """In a callback: the change, then the job that carries it over to all comments."""
    return flash.attempt(form, partial(_then_read, action), done)


def then_read(save: Callable[..., Any]) -> Callable[..., Any]:
    """The same for the save of a form."""

    def saved(**values: Any) -> Any:
        return _then_read(partial(save, **values))

    return saved


def _then_read(action: Callable[[], Any]) -> Any:
    found = action()
    ask(current(), JOB)
    return found
