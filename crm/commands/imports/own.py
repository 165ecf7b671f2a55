"""Columns kept in fields of the company's own: a field that is not there yet is made in the import's own change set.

own_cells  row_no, and per own column its value as the store keeps it (json)
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from crm.commands import checks
from crm.commands.custom_fields import add_to
from crm.commands.imports import dates
from crm.commands.imports.incoming import Incoming
from crm.commands.imports.mapping import Own
from crm.commands.own_values import NO, YES, value_of
from crm.errors import Refused
from crm.queries import custom_fields
from crm.queries.custom_fields import CHOSEN, CustomField

# Few different words, each more than once, are choices; more are texts.
MOST_CHOICES = 100
DAY = r"^(\d{4}-\d{2}-\d{2}|\d{1,2}[./-]\d{1,2}[./-]\d{2,4})$"
NUMBER = r"^[-+]?[0-9]{1,15}(\.[0-9]+)?$"
LINK = r"^https?://\S+$"


def take(incoming: Incoming, columns: Mapping[str, Own]) -> None:
    """Give every own column a name of its own among the texts; which field it is, is settled when its cells are known."""
    for number, (header, own) in enumerate(columns.items()):
        blank = CustomField("", incoming.kind, own.name, own.kind or "", False, False, False)
        incoming.own[f"own_{number}"] = (header, blank)


def read(incoming: Incoming) -> None:
    """Find or make the fields, and turn each different cell into its value; one that does not fit rejects its rows."""
    known = {field.name.casefold(): field for field in _fields(incoming)}
    for name, (header, wanted) in incoming.own.items():
        field = known.get(wanted.name.casefold()) or _made(incoming, name, wanted)
        incoming.own[name] = (header, field)
        _read_words(incoming, name, field)
    if incoming.own:
        cells = ", ".join(f"{name}_words.value as {name}" for name in incoming.own)
        joins = " ".join(f"left join {name}_words on {name}_words.word = texts.{name}" for name in incoming.own)
        incoming.run(f"create or replace temp table own_cells as select texts.row_no, {cells} from texts {joins}")  # noqa: S608
    for name in incoming.own:
        incoming.link(name, f"own_cells.{name}", "left join own_cells on own_cells.row_no = typed.row_no")


def _fields(incoming: Incoming) -> list[CustomField]:
    return custom_fields.of_noun(incoming.session, incoming.kind) if incoming.kind in custom_fields.NOUNS else []


def _made(incoming: Incoming, name: str, wanted: CustomField) -> CustomField:
    """A new field of the wanted kind, else of the one that all its cells fit."""
    incoming.session.require("admin", f"Adding the own field “{wanted.name}”")
    kind = wanted.kind or _likely_kind(incoming, name)
    choices = _choices(incoming, name, kind) if kind in CHOSEN else ()
    field = add_to(incoming.change, incoming.session, noun=incoming.kind, name=wanted.name, kind=kind, choices=choices)
    counts = incoming.records.setdefault("own fields", {})
    counts["created"] = counts.get("created", 0) + 1
    incoming.notes.append(f"“{field.name}” is a new own field of {incoming.kind}: {kind.replace('_', ' ')}.")
    return field


def _likely_kind(incoming: Incoming, name: str) -> str:
    """The narrowest kind that every cell fits."""
    words = ", ".join(f"'{word}'" for word in (*YES, *NO))
    day, number, link, flag, longest = incoming.rows(
        f"""
        select
            bool_and(regexp_matches(trim({name}), '{DAY}')),
            bool_and(regexp_matches(trim({name}), '{NUMBER}') and not regexp_matches(trim({name}), '^[-+]?0[0-9]')),
            bool_and(regexp_matches(trim({name}), '{LINK}')),
            bool_and(lower(trim({name})) in ({words})) and count(distinct lower(trim({name}))) = 2,
            max(length({name})),
        from texts
        """  # noqa: S608 - the name is made here
    )[0]
    found = (("yes_no", flag), ("date", day), ("number", number), ("link", link), ("long_text", (longest or 0) > 300))
    return next((kind for kind, fits in found if fits), "text")


def _choices(incoming: Incoming, name: str, kind: str) -> list[str]:
    word = f"unnest(regexp_split_to_array({name}, '[;,|]'))" if kind == "choices" else name
    rows = incoming.rows(
        f"""
        select any_value(word)
        from (select regexp_replace(trim({word}), '\\s+', ' ', 'g') as word, row_no from texts where {name} is not null)
        where word <> ''
        group by lower(word)
        order by min(row_no)
        limit {MOST_CHOICES + 1}
        """  # noqa: S608 - the name is made here
    )
    if len(rows) > MOST_CHOICES:
        raise Refused(f"“{incoming.header(name)}” has more than {MOST_CHOICES} different words: make it a text.", "map")
    return [choice for (choice,) in rows] or ["Other"]


def _read_words(incoming: Incoming, name: str, field: CustomField) -> None:
    """Make `<name>_words`: each different cell and its value."""
    if field.kind in ("text", "long_text"):
        _read_texts(incoming, name, field)
        return
    cell = f"(({dates.day(incoming, name).value})::date)::varchar" if field.kind == "date" else name
    zone = {"zone": incoming.session.settings["time_zone"]} if "$zone" in cell else {}
    distinct = f"select distinct {name} as word, coalesce({cell}, {name}) as cell from texts where {name} is not null"  # noqa: S608
    incoming.run(f"create or replace temp table {name}_words (word varchar, value json)")
    for word, text in incoming.rows(distinct, **zone):
        try:
            value = value_of(field, text)
        except Refused as refused:
            sql = f"select row_no, $reason as reason from texts where {name} = $word"  # noqa: S608 - the name is made here
            incoming.reject(name, sql, reason=refused.message.rstrip("."), word=word)
        else:
            if value is not None:
                incoming.run(f"insert into {name}_words values ($word, $value)", word=word, value=json.dumps(value))  # noqa: S608


def _read_texts(incoming: Incoming, name: str, field: CustomField) -> None:
    """Texts are too many to be looked at one by one: what every text must be is said in SQL."""
    most, kept = (300, f"trim({name})") if field.kind == "text" else (checks.TEXT_LENGTH, name)
    incoming.run(
        f"""
        create or replace temp table {name}_words as
        select distinct {name} as word, to_json({kept}) as value
        from texts
        where {name} is not null and length({kept}) <= {most}
        """  # noqa: S608 - the name is made here
    )
    reason = f"'has ' || length({name}) || ' characters: shorten it to {most}'"
    incoming.reject(name, f"select row_no, {reason} as reason from texts where length({kept}) > {most}")  # noqa: S608
