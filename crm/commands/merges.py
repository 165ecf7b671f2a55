"""Make two records one, and make them two again.

The loser is archived and stays as it was, so that nothing is lost and old links lead to the winner. Unmerging is undoing with
a plan: rows that nobody touched since get back everything to the last column; of the others, what was changed since stays
where a person says.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from crm.commands.checks import Saved
from crm.errors import Refused
from crm.queries import merging
from crm.queries.merging import BOTH, LOSER, WINNER, Choice, Pair, Preview
from crm.store import rules
from crm.store.changes import Change
from crm.store.rules import STAMPS, key_of
from crm.store.session import Session

SIDES = (WINNER, LOSER, BOTH)


def merge(
    session: Session,
    noun: str,
    winner_id: UUID | str,
    loser_id: UUID | str,
    *,
    choices: Mapping[str, str] | None = None,
    versions: Mapping[str, UUID] | None = None,
) -> Saved:
    """Make the loser part of the winner, as one change.

    `choices` says by a choice's key whose value wins (“winner”, “loser”, for notes also “both”); the rest go by their
    default. `versions` are those that were seen, by the row's key as text: whoever was faster is told of.
    """
    session.require("manager", "Merging")
    plan = merging.preview(session, noun, winner_id, loser_id)
    chosen = _checked(plan, choices or {})
    with session.change(f"Merge {plan.names[1]} into {plan.names[0]}") as change:
        for pair in plan.pairs:
            _put_aside(session, change, pair, versions or {})
        _move(session, change, plan.pairs)
        for pair in plan.pairs:
            _write_winner(change, pair, plan, chosen, versions or {})
        _align_consents(session, change, plan.pairs)
        _rename_person(change, plan, chosen)
        _keep_apart(session, change, plan.pairs)
        for pair in plan.pairs:
            winner, loser = pair.keys
            change.insert("merges", noun=pair.table, winner_id=winner, loser_id=loser, change_set_id=change.change_set_id)
    return Saved.of(plan.pairs[0].keys[0], change)


def _checked(plan: Preview, choices: Mapping[str, str]) -> dict[str, str]:
    """The side of every choice, the given ones before the defaults."""
    known = {choice.key: choice for choice in plan.choices}
    for key, side in choices.items():
        if key not in known or side not in SIDES or (side == BOTH and not known[key].may_be_both):
            raise Refused(f"“{side}” of “{key}” cannot be chosen here.", key)
    return {key: choices.get(key, choice.default) for key, choice in known.items()}


def _put_aside(session: Session, change: Change, pair: Pair, versions: Mapping[str, UUID]) -> None:
    """The loser first: what may stand once, such as an external id, is then free for the winner."""
    loser = pair.keys[1]
    change.update(pair.table, loser, version=versions.get(str(loser)), archived_at=session.now)


def _move(session: Session, change: Change, pairs: tuple[Pair, ...]) -> None:
    """Everything that hangs on a loser hangs on its winner; what would then stand twice is put aside."""
    keys = {pair.table: pair.keys for pair in pairs}
    for child, columns in merging.hanging(list(keys)).items():
        values = {f"winner_{table}": keys[table][0] for table in columns.values()}
        values |= {f"loser_{table}": keys[table][1] for table in columns.values()}
        for once in _once(session, child, columns):
            _archive_doubles(session, change, child, columns, once, values)
        _move_rows(change, child, columns, values, list(keys.get(child, ())))


def _once(session: Session, child: str, columns: Mapping[str, str]) -> list[tuple[str, ...]]:
    """What may stand once in a table and names a loser: by the rules, or because a row says nothing but what it links."""
    found = [parts for parts in rules.UNIQUE.get(child, []) if any(column in parts for column in columns)]
    references = tuple(rules.REFERENCES[child])
    rest = {row["column_name"] for row in session.rows(f"describe {child}")} - {key_of(child), "archived_at", *STAMPS}
    return found or ([references] if rest == set(references) else [])


def _archive_doubles(
    session: Session,
    change: Change,
    child: str,
    columns: Mapping[str, str],
    once: tuple[str, ...],
    values: Mapping[str, Any],
) -> None:
    moved = ", ".join(_moved(part, columns) if part in columns else part for part in once)
    asked = {columns[part] for part in once if part in columns}  # a row may name a loser by a column that may stand often
    used = {name: key for name, key in values.items() if name.startswith("loser_") or name.removeprefix("winner_") in asked}
    change.update_from(
        child,
        f"""
        select {key_of(child)}, $now::timestamp as archived_at
        from {child}
        where
            archived_at is null
            and ({_names_loser(columns)})
            and ({moved}) in (
                select ({", ".join(once)})
                from {child}
                where archived_at is null and not ({_names_loser(columns)})
            )
        """,  # noqa: S608 - names come from rules.py
        now=session.now,
        **used,
    )


def _move_rows(change: Change, child: str, columns: Mapping[str, str], values: Mapping[str, Any], themselves: list[UUID]) -> None:
    """Archived ones too, but for those put aside just now, which would double what the winner has."""
    kept = {f"self_{place}": key for place, key in enumerate(themselves)}
    others = "".join(f" and {key_of(child)} <> ${name}" for name in kept)
    change.update_from(
        child,
        f"""
        select {key_of(child)}, {", ".join(f"{_moved(column, columns)} as {column}" for column in columns)}
        from {child}
        where ({_names_loser(columns)}) and version <> $change_set{others}
        """,  # noqa: S608 - names come from rules.py
        change_set=change.change_set_id,
        **values,
        **kept,
    )


def _moved(column: str, columns: Mapping[str, str]) -> str:
    table = columns[column]
    return f"case when {column} = $loser_{table} then $winner_{table} else {column} end"


def _names_loser(columns: Mapping[str, str]) -> str:
    return " or ".join(f"{column} = $loser_{table}" for column, table in columns.items())


def _write_winner(change: Change, pair: Pair, plan: Preview, chosen: Mapping[str, str], versions: Mapping[str, UUID]) -> None:
    """The values that were chosen; of two consents the stricter."""
    fields: dict[str, Any] = {}
    own: dict[str, Any] = {}
    for choice in plan.choices:
        if choice.table == pair.table:
            (own if choice.columns[0].startswith("own_") else fields).update(_values(pair, choice, chosen[choice.key]))
    if pair.table == "contacts":
        fields |= consented(pair.winner, pair.loser)
    if fields.get("parent_id") in pair.keys:
        fields["parent_id"] = None
    if own:
        fields["own"] = json.dumps(own)
    winner = pair.keys[0]
    if fields:
        change.update(pair.table, winner, version=versions.get(str(winner)), **fields)


def _values(pair: Pair, choice: Choice, side: str) -> dict[str, Any]:
    """What a choice writes to the winner; nothing where the winner's own value stands."""
    if choice.columns[0].startswith("own_"):
        return _own_values(pair, choice, side)
    if side == BOTH:
        return {column: f"{pair.winner[column]}\n\n{pair.loser[column]}" for column in choice.columns}
    mine, other = (pair.winner, pair.loser) if side == WINNER else (pair.loser, pair.winner)
    values = {column: mine[column] for column in choice.columns}
    if choice.key.endswith(".address") and not any(_conflict(mine[column], other[column]) for column in choice.columns):
        values = {column: mine[column] or other[column] for column in choice.columns}
    return values


def _conflict(one: Any, other: Any) -> bool:
    return bool(one and other and str(one).casefold() != str(other).casefold())


def _own_values(pair: Pair, choice: Choice, side: str) -> dict[str, Any]:
    key = choice.columns[0].removeprefix("own_")
    winner, loser = (json.loads(row["own"] or "{}").get(key) for row in (pair.winner, pair.loser))
    if side == BOTH:
        return {key: f"{winner}\n\n{loser}"}
    return {key: loser} if side == LOSER else {}


def consented(winner: Mapping[str, Any], loser: Mapping[str, Any]) -> dict[str, Any]:
    """A merge never widens what may be sent: of two consents the stricter stands, with the instant it was given at."""
    strict = merging.stricter(winner["consent"], loser["consent"])
    instants = [row["consent_at"] for row in (winner, loser) if row["consent"] == strict and row["consent_at"]]
    return {"consent": strict, "consent_at": max(instants, default=None)}


def _align_consents(session: Session, change: Change, pairs: tuple[Pair, ...]) -> None:
    """Contacts who come together at one customer with one address: what one of them withdrew, none of them gives."""
    for pair in pairs:
        if pair.table == "customers":
            change.update_from("contacts", _ALIGNED, winner=pair.keys[0])


_ALIGNED = """
    with theirs as (
        select
            *,
            coalesce(list_position(['given', 'unknown', 'withdrawn'], consent), 4) as strictness,
        from contacts
        where customer_id = $winner and archived_at is null and email is not null
    )

    select
        contact_id,
        arg_max(consent, strictness) over (partition by lower(email)) as consent,
        case
            when strictness = max(strictness) over (partition by lower(email)) then consent_at
            else arg_max(consent_at, strictness) over (partition by lower(email))
        end as consent_at,
    from theirs
"""


def _rename_person(change: Change, plan: Preview, chosen: Mapping[str, str]) -> None:
    """A customer who is a person bears the contact's name."""
    if len(plan.pairs) > 1 and plan.pairs[1].winner["kind"] == "person":
        side = plan.pairs[0].loser if chosen["contacts.name"] == LOSER else plan.pairs[0].winner
        change.update("customers", plan.pairs[1].keys[0], name=side["name"])


def _keep_apart(session: Session, change: Change, pairs: tuple[Pair, ...]) -> None:
    """Who was not the loser is not the winner either; of a pair that says so twice, or of itself, one is put aside."""
    for pair in pairs:
        winner, loser = pair.keys
        change.update_from("not_duplicates", _APART, noun=pair.table, winner=winner, loser=loser, now=session.now)


_APART = """
    with said as (
        select
            *,
            case when one_id = $loser then $winner else one_id end as one,
            case when other_id = $loser then $winner else other_id end as other,
        from not_duplicates
        where noun = $noun and archived_at is null and $loser in (one_id, other_id)
    ),

    needless as (
        select not_duplicate_id
        from said
        where one = other or (least(one, other), greatest(one, other)) in (
            select (one_id, other_id)
            from not_duplicates
            where archived_at is null
        )
    )

    select
        not_duplicate_id,
        case when not_duplicate_id in (from needless) then one_id else least(one, other) end as one_id,
        case when not_duplicate_id in (from needless) then other_id else greatest(one, other) end as other_id,
        case when not_duplicate_id in (from needless) then $now::timestamp end as archived_at,
    from said
"""
