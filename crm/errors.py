"""The few errors that a person meets, worded for the person at the form: what is wrong, in which field, what to do.

Anything else is a bug: it is logged with a reference number and never shown.
"""

from __future__ import annotations


class CrmError(Exception):
    """An error whose text may be shown to a person."""

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field

    def as_json(self) -> dict[str, str | None]:
        """The same text for a program."""
        return {"error": self.message, "field": self.field}


class Refused(CrmError):
    """The input or the actor does not allow it; nothing was written."""


class Conflict(Refused):
    """Somebody else changed the row since it was read; nothing was written."""


class Stopped(CrmError):
    """Somebody stopped a job before it was done; nothing was written."""


class Unavailable(CrmError):
    """The file, or what it needs, cannot be reached right now."""
