"""Interactions and feedback: what happened with a customer, and what one told us. Past, and known again by what it says."""

from __future__ import annotations

from crm.commands.imports import lookup
from crm.commands.imports.customers_of import customer, write_made
from crm.commands.imports.fields import CHOICES, FIELDS
from crm.commands.imports.hashing import CELLS_HASH
from crm.commands.imports.incoming import Incoming
from crm.commands.imports.records import decide, gather, write
from crm.errors import Refused
from crm.exchange.headers import normalised
from crm.queries import choices

# What the header of a rating says about its scale; a bare rating is stars.
SCALES = {"nps": "nps_0_10", "csat": "csat_1_5", "satisfaction": "csat_1_5", "ces": "ces_1_7", "effort": "ces_1_7"}


def interactions(incoming: Incoming) -> None:
    """One record per interaction."""
    lookup.owner(incoming, "employee_id")
    customer(incoming)
    lookup.contact(incoming)
    lookup.deal(incoming)
    lookup.linked(incoming)
    own = ("channel", "direction", "subject", "note", "campaign")
    columns = {name: incoming.given(name) for name in own}
    columns |= {name: name for name in ("customer_id", "contact_id", "deal_id", "employee_id", "occurred_at")}
    columns["duration_minutes"] = incoming.given("duration_minutes", "null::integer")
    gather(incoming, "interactions", columns, {}, needs="occurred_at", external_id=_known_by(incoming))
    incoming.run("update records set channel = 'note' where channel is null")
    decide(incoming, "interactions")
    if incoming.options.create_missing:
        write_made(incoming, "lead")
    write(incoming, "interactions")
    incoming.note("select count(*) from records where customer_id is null", "{:,} interactions stand under no customer.")


def feedback(incoming: Incoming) -> None:
    """One record per piece of feedback."""
    lookup.owner(incoming, "employee_id")
    lookup.complaint_owner(incoming)
    lookup.product(incoming)
    customer(incoming)
    lookup.contact(incoming)
    _check_ratings(incoming)
    lookup.linked(incoming)
    columns = {name: incoming.given(name) for name in ("text", "channel")}
    columns |= {name: name for name in ("customer_id", "contact_id", "product_id", "employee_id", "owner_id")}
    columns |= {
        "kind": _kind(incoming),
        "due_on": incoming.given("due_on", "null::date"),
        "rating": incoming.given("rating", "null::integer"),
        "scale": _scale(incoming),
        "received_at": incoming.given("received_at", "null::timestamp"),
    }
    gather(incoming, "feedback", columns, {}, needs="external_id", external_id=_known_by(incoming))
    incoming.note(
        "select count(*) from records where received_at is null", "{:,} pieces of feedback have no date: they are dated now."
    )
    incoming.run(
        """
        update records
        set
            received_at = coalesce(received_at, $now),
            kind = coalesce(kind, case when rating is null then 'suggestion' else 'survey_answer' end)
        """,
        now=incoming.session.now,
    )
    decide(incoming, "feedback")
    if incoming.options.create_missing:
        write_made(incoming, "customer")
    write(incoming, "feedback")
    incoming.note("select count(*) from records where customer_id is null", "{:,} pieces of feedback stand under no customer.")


def _kind(incoming: Incoming) -> str:
    """What the row says that it is, else what a person said of those that do not."""
    said = incoming.options.mapping.blank("kind")
    if said is None:
        return incoming.given("kind")
    if (kind := CHOICES[FIELDS["feedback"]["kind"]].get(normalised(said))) is None:
        known = ", ".join(word.replace("_", " ") for word in choices.FEEDBACK_KINDS)
        raise Refused(f"The mapping, “values”, “kind”: there is no feedback of the kind “{said}”. There are {known}.", "map")
    return f"coalesce({incoming.given('kind')}, '{kind}')"


def _known_by(incoming: Incoming) -> str:
    return f"coalesce({incoming.given('external_id')}, {CELLS_HASH})"


def _scale(incoming: Incoming) -> str:
    """The scale that the row names, else the one that the header of the ratings means."""
    if not incoming.has("rating"):
        return "null"
    return f"case when rating is not null then coalesce({incoming.given('scale')}, '{_meant(incoming)}') end"


def _meant(incoming: Incoming) -> str:
    header = normalised(incoming.columns["rating"])
    return next((scale for word, scale in SCALES.items() if word in header), "stars_1_5")


def _check_ratings(incoming: Incoming) -> None:
    """A rating outside its scale belongs to another one: averaged in, it would be nonsense."""
    if not incoming.has("rating"):
        return
    limits = " ".join(
        f"when '{scale}' then not rating between {least} and {most}" for scale, (least, most) in choices.SCALES.items()
    )
    incoming.reject(
        "rating",
        f"""
        select row_no, rating || ' is not on the scale ' || scale || ': name the scale in a column “Scale”' as reason
        from (select row_no, rating, {_scale(incoming)} as scale from typed)
        where rating is not null and case scale {limits} end
        """,  # noqa: S608 - names come from fields.py
    )
    if not incoming.has("scale"):
        incoming.note("select count(rating) from typed", f"{{:,}} ratings are read as {_meant(incoming).replace('_', ' ')}.")
