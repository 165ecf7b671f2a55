"""A person's rights: all we hold on them as one file, and to be forgotten, with the proof of it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from crm.commands import exports
from crm.commands.imports.rejected import rejected_folder
from crm.errors import CrmError, Refused
from crm.exchange.person_page import person_page
from crm.queries import backups, erasures
from crm.queries.person import Held, held, in_sections, key_of_person, words
from crm.store import erased, personal
from crm.store.erasure import erase
from crm.store.needles import Needle, blacked
from crm.store.proving import Place
from crm.store.rewriting import bytes_found, rewrite
from crm.store.rules import noun
from crm.store.session import Session

EXPORTER, ERASER = personal.EXPORT_ROLE, personal.ERASE_ROLE
CONFIRM = "ERASE"
PAST = " (history)"
FATES = {
    personal.DELETE: "deleted",
    personal.EMPTY: "emptied",
    personal.UNLINK: "only unlinked",
    personal.KEEP: "kept",
}
LAYOUTS = {".html": "html", ".json": "json"}
THIRD_PARTIES = (
    "Named in {} of notes and texts about others. They are not printed here, because they speak of others, too: "
    "ask, and somebody looks them through."
)
EMPLOYEES = "Who of us wrote what is not about the person and is left out, except in the history, which says who changed it."


def export_person(session: Session, key: UUID | str, layout: str = "html") -> bytes:
    """All we hold on a person as one file: a page that prints, or JSON."""
    known = held(session, key)
    exports.record(session, "all we hold on a person", layout, known.row_count, is_raw=layout == "json")
    return _page(session, known) if layout == "html" else _json(session, known)


def _page(session: Session, known: Held) -> bytes:
    company = session.settings.get("company_name") or "us"
    sections = [(words(table).capitalize(), "", rows) for table, rows in in_sections(session, known)]
    history = [
        [
            ("when", f"{session.local(line['made_at']):%Y-%m-%d %H:%M}"),
            ("what", f"{line['by']} {line['did']} {line['what']} {line['name'] or ''}".strip()),
            *([(str(line["field"]), f"{line['before'] or '–'} → {line['after'] or '–'}")] if line["field"] else []),
        ]
        for line in known.history
    ]
    sentences = [
        f"All that {company} holds on this person, as of {session.local(session.now):%d %B %Y, %H:%M}.",
        THIRD_PARTIES.format(f"{known.mentions:,}") if known.mentions else "Not named in any text about others.",
    ]
    return person_page(known.name, sentences, [*sections, ("What was changed", EMPLOYEES, history)])


def _json(session: Session, known: Held) -> bytes:
    said = {
        "name": known.name,
        "as_of": session.now.isoformat(timespec="seconds"),
        "people": known.people,
        "tables": known.tables,
        "history": known.history,
        "mentions_in_other_texts": known.mentions,
    }
    return json.dumps(said, default=str, ensure_ascii=False, indent=2).encode("utf-8", "replace")


def write_person(session: Session, key: UUID | str, file: Path) -> str:
    """Write that file; its name says which layout."""
    layout = LAYOUTS.get(file.suffix.lower())
    if not layout:
        raise Refused(f"{file.name} does not say which file is wanted: its name should end with .html or .json.", "file")
    content = export_person(session, key, layout)
    try:
        file.write_bytes(content)
    except OSError as error:
        raise Refused(f"{file} cannot be written: {error.strerror}. Choose another place.", "file") from None
    return f"{file}: all we hold on this person, {len(content):,} bytes."


@dataclass
class Forgotten:
    """What an erasure did and what its proof found; nothing in it says who it was."""

    erasure_id: UUID
    counts: dict[str, dict[str, int]]
    search: dict[str, Any]
    is_rewritten: bool
    bytes_said: str
    backups: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The result for a program."""
        return {
            "erasure_id": str(self.erasure_id),
            "counts": self.counts,
            "search": self.search,
            "is_rewritten": self.is_rewritten,
            "backups": self.backups,
        }

    def summary(self) -> str:
        """The result for a person."""
        return "\n".join(self.sentences())

    def sentences(self) -> list[str]:
        """What went, the proof in words, and what it cannot reach."""
        return [counted(self.counts), proof(self.search), self.bytes_said, *backups_in_words(self.backups)]


def counted(counts: dict[str, dict[str, int]]) -> str:
    """How much went, in one sentence.

    >>> counted({"contacts": {"deleted": 1}, "orders": {"emptied": 11}})
    '1 contact deleted, 11 orders emptied.'
    """
    told = [(number, table, word) for table, numbers in counts.items() for word, number in numbers.items()]
    parts = [f"{number:,} {words(noun(table) if number == 1 else table)} {word}" for number, table, word in told]
    return f"{', '.join(parts)}." if parts else "Nothing was left to erase."


def proof(search: dict[str, Any]) -> str:
    """The search of an erasure in one sentence."""
    spellings = ", ".join(f"{number} of {kind}" for kind, number in search["words"].items()) or "none: nothing said who it was"
    left = places_in_words(search["places"])
    return (
        f"Searched {search['columns']} text columns of {search['tables']} tables for {sum(search['words'].values())} spellings "
        f"({spellings}): {search['found']:,} found{f', left on purpose or said by others of themselves: {left}' if left else ''}."
    )


def places_in_words(places: dict[str, int]) -> str:
    """Where something was found: the column and the table, each as people call it.

    >>> places_in_words({"interactions.note": 2, "contacts.email (history)": 1})
    '2 in note of interactions, 1 in e-mail of contacts (history)'
    """
    parts = []
    for place, number in places.items():
        table, column = place.removesuffix(PAST).split(".")
        parts.append(f"{number:,} in {words(column)} of {words(table)}{PAST if place.endswith(PAST) else ''}")
    return ", ".join(parts)


def bytes_in_words(session: Session, is_rewritten: bool) -> str:
    """When the bytes are gone from the disk."""
    if session.database.address.is_lake:
        return "The files of rows were written anew. The catalog may keep old bytes until its own database is compacted."
    if is_rewritten or not session.database.address.file:
        return "The store's file was rewritten: what was erased is in no byte of it. (A disk may keep freed blocks of its own.)"
    return "The store's file still has old bytes in freed blocks: it is rewritten by a job within the hour, or at the next start."


def backups_in_words(files: Sequence[str]) -> list[str]:
    """Which files of before still hold the person."""
    if not files:
        return []
    many = f"{len(files)} older files still hold" if len(files) > 1 else "1 older file still holds"
    return [
        f"{many} this person until they rotate: {', '.join(files)}. One that is restored is cleared of them before it opens; "
        "copies that were taken elsewhere are for you to delete."
    ]


def erase_person(
    session: Session,
    key: UUID | str,
    *,
    also: Iterable[UUID | str] = (),
    places: Collection[Place] = (),
    is_confirmed: bool = False,
) -> Forgotten:
    """Erase a person everywhere, prove it, and have the bytes go; `also` are other records of the same person."""
    session.require(personal.ERASE_ROLE, "Erasing a person")
    if not is_confirmed:
        raise Refused("An erasure cannot be undone, so it asks to be confirmed. Nothing was erased.", "confirm")
    done = erase(session, [key_of_person(each) for each in (key, *also)], places)
    _forget_files(session, done.needles, done.counts)
    is_rewritten = rewrite_store(session)
    file = session.database.address.file
    if file and is_rewritten:
        done.search["bytes_found"] = bytes_found(file, done.needles)
    session.note(
        "update erasures set counts = $counts, search = $search where erasure_id = $key",
        counts=json.dumps(done.counts),
        search=json.dumps(done.search),
        key=done.erasure_id,
    )
    older = [each.file.name for each in backups.kept(session) if each.made_at <= session.now]
    said = bytes_in_words(session, is_rewritten)
    return Forgotten(done.erasure_id, done.counts, done.search, is_rewritten, said, older)


def erase_confirmed(session: Session, key: UUID | str, typed: str, **chosen: Any) -> Forgotten:
    """The same for a page, where the word has to be typed."""
    if typed.strip().upper() != CONFIRM:
        raise Refused(f"Type {CONFIRM} to confirm. Nothing was erased.", "confirm")
    return erase_person(session, key, is_confirmed=True, **chosen)


def rewrite_store(session: Session) -> bool:
    """Rewrite the store's file, so that erased bytes are gone; False where somebody is writing for long, or it is no file."""
    try:
        return rewrite(session.database)
    except CrmError:
        return False


def rewrite_later(session: Session) -> dict[str, bool]:
    """The same as a job: it is tried again where somebody was writing."""
    return {"is_rewritten": rewrite_store(session)}


def is_rewrite_due(session: Session) -> bool:
    """Whether the file still has bytes of somebody who was erased."""
    file = session.database.address.file
    return erased.read(erased.erased_file(file)).is_rewrite_due if file else False


def _forget_files(session: Session, wanted: list[Needle], counts: dict[str, dict[str, int]]) -> None:
    """Take the person out of the files beside the store: rejected rows, uploads that wait for their import, the log."""
    sure = [needle for needle in wanted if needle.is_sure]
    store = session.database.address.file
    folder = rejected_folder(session.database)
    removed = sum(_forget_rows(file, sure) for file in sorted(folder.glob("*.csv"))) if folder and folder.is_dir() else 0
    if removed:
        counts["rejected rows"] = {"deleted": removed}
    uploads = _forget_uploads(store.with_name(f"{store.name}.uploads"), sure) if store else 0
    if uploads:
        counts["uploads"] = {"deleted": uploads}
    lines = _forget_log(store.with_name(f"{store.name}.log"), sure) if store else 0
    if lines:
        counts["log"] = {"blacked out": lines}


def _forget_rows(file: Path, wanted: list[Needle]) -> int:
    """Remove the rows of a CSV file that say it; how many those were."""
    rows = list(csv.reader(io.StringIO(file.read_text(encoding="utf-8-sig"), newline="")))
    kept = [row for row in rows if not any(needle.spans(cell) for cell in row for needle in wanted)]
    if len(kept) < len(rows):
        text = io.StringIO(newline="")
        csv.writer(text).writerows(kept)
        file.write_text(text.getvalue(), encoding="utf-8-sig", newline="")
    return len(rows) - len(kept)


def _forget_uploads(folder: Path, wanted: list[Needle]) -> int:
    """Remove the uploads that say it in plain bytes; any other goes by itself within a day."""
    spoken = [needle.text.encode() for needle in wanted]
    held_by = [file for file in folder.glob("*") if any(text in file.read_bytes() for text in spoken)] if folder.is_dir() else []
    for file in held_by:
        file.unlink(missing_ok=True)
    return len(held_by)


def _forget_log(file: Path, wanted: list[Needle]) -> int:
    if not file.is_file():
        return 0
    before = file.read_text(encoding="utf-8", errors="replace").splitlines(keepends=True)
    after = [blacked(wanted, line) for line in before]
    number = sum(old != new for old, new in zip(before, after, strict=True))
    if number:
        file.write_text("".join(after), encoding="utf-8")
    return number


def repeat_search(session: Session, text: str) -> str:
    """Search everything for what somebody types now; it is not kept."""
    found = erasures.found_anywhere(session, text)
    return f"{sum(found.values()):,} found: {places_in_words(found)}." if found else "0 found in any text column of any table."


def in_words(found: erasures.Preview) -> list[str]:
    """What would become of each table's rows, and why."""
    lines = []
    for table, fates in found.fates.items():
        numbers = ", ".join(f"{number:,} {FATES[fate]}" for fate, number in fates.items())
        lines.append(f"{words(table).capitalize()} ({numbers}): {personal.WHY.get(table, 'What is about them goes.')}")
    return lines
