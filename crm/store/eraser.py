"""The steps of one erasure inside its transaction.

Rows that stay (an order's day and amount) get the erasure's version wherever the history had their last one, so that a form
opened before cannot write an old text back, and earlier changes of them can still be undone.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from crm.store import personal, rules
from crm.store.erased import Erasure
from crm.store.finding import Column, Hit, search, text_columns
from crm.store.names import identifier
from crm.store.needles import BLACK, Needle, blacked, blacked_value, needles
from crm.store.proving import Erased, Place, counted, proved, record
from crm.store.reach import Reach, is_required, reach
from crm.store.redaction import Redaction
from crm.store.rules import key_of
from crm.store.writer import Writer, derive


class Eraser:
    """The steps of one erasure inside its transaction."""

    def __init__(self, writer: Writer, keys: Sequence[UUID], places: Collection[Place], erasure_id: UUID | None) -> None:
        self.writer = writer
        self.execute = writer.execute
        self.keys = keys
        self.places = set(places)
        self.is_again = erasure_id is not None
        self.erasure_id: UUID = erasure_id or uuid7()
        self.now = writer.session.now
        self.done = Erased(self.erasure_id, writer.change_set_id, [])

    def work(self) -> None:
        """All of it, in the order in which each step still finds what it needs."""
        self.writer.counts.clear()
        found = reach(self.execute, self.keys, is_again=self.is_again)
        wanted = needles(found.known)
        sure = [needle for needle in wanted if needle.is_sure]
        hits = search(self.execute, sure)
        self.columns = {(column.table, column.name): column for column in text_columns(self.execute)}
        people = {*self.keys, *(key for keys in found.people.values() for key in keys)}
        self.done = Erased(self.erasure_id, self.writer.change_set_id, sorted(people), needles=wanted)
        self._mark(found)
        self._black_titles(found, wanted)
        self._black_mentions(found, wanted)
        self._empty(found, hits)
        self._unlink(found)
        self._delete(found)
        self._redact_history(found, wanted)
        self.done.counts = counted(found, self.loose, self.done.mentions, self.redacted)
        self.done.search = proved(self.execute, list(self.columns.values()), sure, self.now)
        record(self.writer, self.done, also=set(self.loose))

    def entry(self) -> Erasure:
        """This erasure as the list beside the store keeps it."""
        return Erasure(
            str(self.erasure_id),
            self.now.isoformat(),
            [str(key) for key in self.done.people],
            [[table, str(key), column] for table, key, column in self.done.mentions],
        )

    def _mark(self, found: Reach) -> None:
        """Keep which rows go (`leaving`), and the version of those that stay and are rewritten (`rewritten`)."""
        self.execute("create or replace temp table leaving (table_name varchar, record_id uuid)")
        self.execute("create or replace temp table rewritten (table_name varchar, record_id uuid, version uuid)")
        for rows in (found.with_fate(personal.DELETE), found.ghosts):
            for table, keys in rows.items():
                self.execute("insert into leaving select $table, unnest($keys::uuid[])", table=table, keys=list(keys))
        for table, keys in found.with_fate(personal.EMPTY, personal.UNLINK).items():
            self._rewrite(table, keys)

    def _rewrite(self, table: str, keys: Collection[UUID]) -> None:
        """Give rows this erasure's version, once; machinery has none."""
        if table not in rules.WRITE:
            return
        values = {"table": table, "keys": list(keys)}
        self.execute(
            f"""
            insert into rewritten
            select $table, {key_of(table)}, version
            from {identifier(table)}
            where {key_of(table)} in (select unnest($keys::uuid[]))
            and {key_of(table)} not in (select record_id from rewritten where table_name = $table)
            """,  # noqa: S608 - names come from the catalogue
            **values,
        )
        self.execute(
            f"""
            update {identifier(table)}
            set version = $version, updated_at = $now
            where {key_of(table)} in (select unnest($keys::uuid[]))
            """,  # noqa: S608 - names come from the catalogue
            keys=list(keys),
            version=self.writer.change_set_id,
            now=self.now,
        )

    def _black_titles(self, found: Reach, wanted: list[Needle]) -> None:
        """A change of nothing but their rows is about them whatever its title says; of others, their names go from it. What they
        answered by a link of ours, they did themselves: it bears their name.
        """
        self.execute("create or replace temp table theirs (table_name varchar, record_id uuid)")
        self.writer.cursor.executemany("insert into theirs values ($1, $2)", [[*row] for row in found.theirs] or [[None, None]])
        titles = self.execute(
            """
            select
                change_sets.change_set_id,
                any_value(change_sets.title) as title,
                bool_and(theirs.record_id is not null) as is_theirs,
            from changes
            inner join change_sets on change_sets.change_set_id = changes.change_set_id
            left join theirs on theirs.record_id = changes.record_id and theirs.table_name = changes.table_name
            where changes.change_set_id in (
                select touching.change_set_id
                from changes as touching
                inner join theirs on theirs.record_id = touching.record_id and theirs.table_name = touching.table_name
            )
            group by all
            """
        ).fetchall()
        for key, title, is_theirs in titles:
            new = f"{title.split()[0]} {BLACK}" if is_theirs and title.split() else blacked(wanted, title)
            if new != title:
                self.execute("update change_sets set title = $new where change_set_id = $key", new=new, key=key)
        self.execute(
            """
            update change_sets
            set actor_name = $black
            where actor_kind = 'respondent' and change_set_id in (
                select changes.change_set_id
                from changes
                inner join theirs on theirs.record_id = changes.record_id and theirs.table_name = changes.table_name
            )
            """,
            black=BLACK,
        )

    def _black_mentions(self, found: Reach, wanted: list[Needle]) -> None:
        """Black the person out in the chosen texts of others; the history of those texts follows with `_redact_history`."""
        self.done.mentions = sorted({place for place in self.places if place[:2] not in found.theirs}, key=str)
        for table, key, column in self.done.mentions:
            if (table, column) in self.columns:
                self._black(table, key, self.columns[table, column], wanted)

    def _black(self, table: str, key: UUID, column: Column, wanted: list[Needle]) -> None:
        name = identifier(column.name)
        row = self.execute(f"select {name}::varchar from {identifier(table)} where {key_of(table)} = $key", key=key).fetchone()  # noqa: S608
        if not row or row[0] is None:
            return
        text = row[0]
        new = json.dumps(blacked_value(wanted, json.loads(text)), ensure_ascii=False) if column.is_json else blacked(wanted, text)
        self._rewrite(table, [key])
        self.execute(f"update {identifier(table)} set {name} = $new where {key_of(table)} = $key", new=new, key=key)  # noqa: S608

    def _empty(self, found: Reach, hits: list[Hit]) -> None:
        """Empty the texts of the rows that stay; a shared word that names the person goes, too."""
        for table, keys in found.with_fate(personal.EMPTY).items():
            pairs = [f"{column.name} = {_nothing(column)}" for column in self._columns_of(table)]
            pairs += [f"{name} = {new}" for name, new in personal.ALSO.get(table, {}).items()]
            values: dict[str, Any] = {"keys": keys} | ({"now": self.now} if any("$now" in pair for pair in pairs) else {})
            if pairs:
                self.execute(
                    f"""
                    update {identifier(table)}
                    set {", ".join(pairs)}
                    where {key_of(table)} in (select unnest($keys::uuid[]))
                    """,  # noqa: S608 - names and values come from the catalogue and from personal.py
                    **values,
                )
            self._empty_shared(table, set(keys), hits)
        for table in rules.DERIVED:
            self.execute("create or replace temp table touched as select record_id from rewritten where table_name = $t", t=table)
            derive(self.writer, table)

    def _columns_of(self, table: str) -> list[Column]:
        return [
            column
            for (name, _), column in self.columns.items()
            if name == table and personal.kind_of(table, column.name) in personal.EMPTIED
        ]

    def _empty_shared(self, table: str, keys: set[UUID], hits: list[Hit]) -> None:
        for hit in hits:
            is_shared = personal.kind_of(table, hit.column) == personal.SHARED
            if hit.table == table and hit.record_id in keys and hit.change is None and is_shared:
                column = self.columns[table, hit.column]
                self.execute(
                    f"update {identifier(table)} set {column.name} = {_nothing(column)} where {key_of(table)} = $key",  # noqa: S608
                    key=hit.record_id,
                )

    def _unlink(self, found: Reach) -> None:
        """Take the references to rows that go from those that stay."""
        going = found.with_fate(personal.DELETE)
        for child, column, parent in personal.links():
            if parent in going and not is_required(self.execute, child, column):
                self.execute(
                    f"update {identifier(child)} set {column} = null where {column} in (select unnest($keys::uuid[]))",  # noqa: S608
                    keys=going[parent],
                )

    def _delete(self, found: Reach) -> None:
        self.loose: Counter[str] = Counter()
        for table, columns in personal.LOOSE.items():
            for column in columns if table not in found.fates else ():
                gone = self.execute(
                    f"delete from {identifier(table)} where {identifier(column)} in (select unnest($keys::uuid[]))",  # noqa: S608
                    keys=self.done.people,
                ).fetchone()
                self.loose[table] += gone[0] if gone else 0
        self._forget_readings(found)
        for table, keys in found.with_fate(personal.DELETE).items():
            self.execute(
                f"delete from {identifier(table)} where {key_of(table)} in (select unnest($keys::uuid[]))",  # noqa: S608
                keys=keys,
            )

    def _forget_readings(self, found: Reach) -> None:
        """What was computed from their texts, which it names by key, goes with them."""
        keys = [key for table, key in found.theirs if table == "feedback"]
        for table in (table for table, fate in personal.ABOUT_TEXTS.items() if fate == personal.DELETE):
            gone = self.execute(
                f"delete from {identifier(table)} where comment_id in (select unnest($keys::uuid[]))",  # noqa: S608
                keys=keys,
            ).fetchone()
            self.loose[table] += gone[0] if gone else 0
        self.execute(
            """
            update theme_proposals
            set comment_ids = list_filter(comment_ids::varchar[], lambda key: not list_contains($keys::varchar[], key))::json
            where list_has_any(comment_ids::varchar[], $keys::varchar[])
            """,
            keys=[str(key) for key in keys],
        )

    def _redact_history(self, found: Reach, wanted: list[Needle]) -> None:
        redaction = Redaction(self.writer, self.columns, wanted)
        self.redacted = redaction.forget_leaving()
        self.redacted += redaction.rewrite(
            emptied={(table, key) for table, keys in found.with_fate(personal.EMPTY).items() for key in keys},
            mentions=set(self.done.mentions),
            gone={str(key) for keys in found.people.values() for key in keys}
            - {str(key) for key in found.with_fate(personal.EMPTY).get("customers", [])},
        )


def _nothing(column: Column) -> str:
    if not column.is_required:
        return "null"
    return "'{}'" if column.is_json else f"'{personal.ERASED}'"
