"""Make two records of one again, as a merge had found them; what was done since stays where a person says."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from uuid import UUID

from crm.commands.checks import Saved
from crm.errors import Refused
from crm.queries.merging import LOSER, WINNER, hanging
from crm.queries.unmerging import CONSENT, FOLLOWS, Json, Party, Unmerging, unmerging
from crm.store import rules
from crm.store.rules import key_of
from crm.store.session import Session
from crm.store.undo import undo
from crm.store.writer import Operation


def unmerge(
    session: Session,
    merge_id: UUID | str,
    *,
    choices: Mapping[str, str] | None = None,
    added: Collection[tuple[str, UUID | str]] = (),
) -> Saved:
    """Give back both records and what each had, as one change that undoes the merge.

    `choices` says by an edit's key to whom a value that was changed since belongs: “winner” (unless said otherwise) or
    “loser”; the other one gets back what it had. `added` names rows (table and key) that came to the winner since and are
    the loser's. Where nothing happened in between, every table is as it was before the merge.
    """
    session.require("manager", "Unmerging")
    plan = unmerging(session, merge_id)
    chosen = _checked(plan, choices or {}, added)
    undone = undo(
        session,
        plan.change_set_id,
        leaving=plan.changed,
        instead=[*_winners(plan, chosen), *_losers(plan, chosen), *_children(session, plan), *_handed_over(plan, added)],
    )
    return Saved(plan.parties[0].loser_id, undone.change_set_id)


def _checked(plan: Unmerging, choices: Mapping[str, str], added: Collection[tuple[str, UUID | str]]) -> Mapping[str, str]:
    known = {edit.key for edit in plan.edits}
    for key, side in choices.items():
        if key not in known or side not in (WINNER, LOSER):
            raise Refused(f"“{key}” was not changed since the merge. Look again.", key)
    for table, row in added:
        if UUID(str(row)) not in plan.added.get(table, {}):
            raise Refused("What is to go along was not added since the merge. Look again.", table)
    return choices


def _winners(plan: Unmerging, chosen: Mapping[str, str]) -> Iterator[Operation]:
    """A winner that was written since gets back what it had, but for what was changed since and stays with it."""
    for party in plan.parties:
        if (party.noun, party.winner_id) not in plan.changed and not _given(party, chosen):
            continue
        fields = {
            column: party.before.get(column, party.at_merge.get(column))
            for column in {*party.before, *_given(party, chosen)} - {"own"}
            if column not in party.edited or column in _given(party, chosen)
        }
        own = _own_of_winner(party, chosen)
        yield from _update(party.noun, party.winner_id, fields | own)


def _losers(plan: Unmerging, chosen: Mapping[str, str]) -> Iterator[Operation]:
    """A loser is in use again; it takes what was changed since and is its, and a consent that was made stricter."""
    for party in plan.parties:
        fields = {column: party.now.get(column) for column in _given(party, chosen)}
        own = {key: (party.now.get("own") or {}).get(key) for key in _given_own(party, chosen)}
        if own:
            fields["own"] = json.dumps(own)
        if (party.noun, party.loser_id) in plan.changed:
            fields["archived_at"] = None
        yield from _update(party.noun, party.loser_id, fields)
        if "consent" in party.edited:
            consent = {name: party.now[name] for name in CONSENT}
            yield Operation("update", "contacts", _STRICTER, {"key": party.loser_id, **consent})


_STRICTER = """
    select
        contact_id,
        $consent as consent,
        $consent_at::timestamp as consent_at,
    from contacts
    where
        contact_id = $key
        and list_position(['given', 'unknown', 'withdrawn'], consent)
            < list_position(['given', 'unknown', 'withdrawn'], $consent)
"""


def _given(party: Party, chosen: Mapping[str, str]) -> set[str]:
    """The columns whose later value goes to the loser."""
    keys = {column: f"{party.noun}.{column}" for column in party.edited}
    return {column for column, key in keys.items() if LOSER in (chosen.get(key), chosen.get(FOLLOWS.get(key, "")))}


def _given_own(party: Party, chosen: Mapping[str, str]) -> set[str]:
    prefix = f"{party.noun}.own_"
    return {key.removeprefix(prefix) for key, side in chosen.items() if key.startswith(prefix) and side == LOSER}


def _own_of_winner(party: Party, chosen: Mapping[str, str]) -> dict[str, str]:
    """Own fields one by one: as they were before, but for those that were changed since and stay."""
    then, now = (side.get("own") or {} for side in (party.at_merge, party.now))
    before = (party.before["own"] or {}) if "own" in party.before else then
    given = _given_own(party, chosen)
    patch = {
        key: before.get(key)
        for key in {*before, *then, *now}
        if before.get(key) != now.get(key) and (then.get(key) == now.get(key) or key in given)
    }
    return {"own": json.dumps(patch)} if patch else {}


def _update(table: str, key: UUID, fields: Json) -> Iterator[Operation]:
    if fields:
        values = {key_of(table): key, **fields}
        yield Operation("update", table, "select " + ", ".join(f"${name} as {name}" for name in values), values)


def _children(session: Session, plan: Unmerging) -> Iterator[Operation]:
    """Rows that were moved and then changed: what the merge set and nobody set since is as before, the rest stays.

    A row that went on to another winner with the one it had hung on comes back, too.
    """
    themselves = {key for party in plan.parties for key in (party.winner_id, party.loser_id)}
    here = {party.noun: party for party in plan.parties}
    tables = {table for table, key in plan.changed if key not in themselves}
    for step in session.rows(_STEPS, change_set=plan.change_set_id, tables=sorted(tables)):
        table = step["table_name"]
        columns = [name for name in json.loads(step["before"]) if name not in ("updated_at", "version")]
        set_ = ", ".join(f"{_restored(table, column, here)} as {column}" for column in columns)
        used = {parent for column in columns if (parent := _parent(table, column)) in here}
        yield Operation(
            "update",
            table,
            f"""
            select entry.{key_of(table)}, {set_}
            from changes
            inner join {table} as entry on entry.{key_of(table)} = changes.record_id
            where
                changes.change_set_id = $change_set
                and changes.position = $position
                and changes.table_name = '{table}'
                and entry.{key_of(table)} in (select unnest($changed::uuid[]))
            """,  # noqa: S608 - names come from the history and the schema
            {
                "change_set": plan.change_set_id,
                "position": step["position"],
                "changed": [key for of, key in plan.changed if of == table and key not in themselves],
                **{f"now_{parent}": here[parent].now_id for parent in used},
            },
        )


_STEPS = """
    select
        position,
        table_name,
        any_value(before) as before,
    from changes
    where change_set_id = $change_set and operation = 'update' and list_contains($tables, table_name)
    group by position, table_name
    order by position desc
"""


def _parent(table: str, column: str) -> str | None:
    return rules.REFERENCES.get(table, {}).get(column)


def _restored(table: str, column: str, here: Mapping[str, Party]) -> str:
    """A column as it was before the merge, where it still says what the merge made it say."""
    parent = _parent(table, column)
    moved_on = f" or entry.{column} = $now_{parent}" if parent in here else ""
    before = f"changes.before ->> '{column}'"
    return f"""
        case
            when entry.{column}::varchar is not distinct from (changes.after ->> '{column}'){moved_on} then {before}
            else entry.{column}::varchar
        end
    """


def _handed_over(plan: Unmerging, added: Collection[tuple[str, UUID | str]]) -> Iterator[Operation]:
    """What was added since and is the loser's."""
    here = {party.noun: party for party in plan.parties}
    for table, columns in hanging(list(here)).items():
        keys = [str(key) for of, key in added if of == table]
        if keys:
            moved = ", ".join(
                f"case when {column} = $now_{parent} then $loser_{parent} else {column} end as {column}"
                for column, parent in columns.items()
            )
            yield Operation(
                "update",
                table,
                f"select {key_of(table)}, {moved} from {table} where {key_of(table)} in (select unnest($keys::uuid[]))",  # noqa: S608
                {
                    "keys": keys,
                    **{f"now_{parent}": here[parent].now_id for parent in columns.values()},
                    **{f"loser_{parent}": here[parent].loser_id for parent in columns.values()},
                },
            )
