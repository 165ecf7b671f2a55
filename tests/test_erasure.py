"""A person is erased from every table, from the history, from files and from the bytes of the store; and it is proven."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from crm.commands.contacts import add_contact, edit_contact
from crm.commands.erasure import Forgotten, erase_person, is_rewrite_due
from crm.commands.history import undo_change, undone_in_words
from crm.commands.interactions import log_interaction
from crm.commands.theme_runs import assign_themes
from crm.commands.themes import add_theme
from crm.errors import Conflict, Refused
from crm.queries import erasures
from crm.store import personal
from crm.store.catalogue import tables
from crm.store.erased import erased_file, read
from crm.store.erasure import erase as only_rows
from crm.store.names import column_types
from crm.store.rewriting import bytes_found, rewrite
from crm.store.rules import REFERENCES, key_of
from crm.store.session import Session, close, command_line, opened
from tests.asking import asked
from tests.listening import tell
from tests.planting import MARK, NAME, SAYING, WHO, everything, plant, said
from tests.shared import shared_data

Make = Callable[..., Session]
# Keys of rows that say nothing of whom they are about: who acted, which change, which job.
IMPERSONAL = {"version", "change_set_id", "actor_id", "undoes", "undone_by", "job_id", "asked_by_id", "record_id"}


@pytest.fixture
def stored(tmp_path: Path) -> Iterator[Session]:
    """An empty company in a file."""
    url = f"duckdb:///{tmp_path / 'crm.duckdb'}"
    yield Session(opened(url), command_line("tester"))
    close(url)


def erase(session: Session, key: UUID, **given: object) -> Forgotten:
    """Erase with the mentions that must be them."""
    places = erasures.preview(session, key, given.get("also", ())).sure  # type: ignore[arg-type]
    return erase_person(session, key, places=places, is_confirmed=True, **given)  # type: ignore[arg-type]


def company(session: Session, name: str = "Harbour Ltd") -> UUID:
    with session.change(f"Add {name}") as change:
        return change.insert("customers", name=name, kind="company", lifecycle_stage="customer")


def ann(session: Session, **fields: object) -> UUID:
    return add_contact(session, **{"name": "Ann Dolores Quist", "customer_id": company(session)} | fields).key


def note(session: Session, text: str, **fields: Any) -> UUID:
    return log_interaction(session, channel="note", note=text, **({"customer_id": company(session, "Elsewhere")} | fields)).key


def text_of(session: Session, key: UUID) -> str:
    return str(session.value("select note from interactions where interaction_id = $key", key=key))


# What is declared


def test_every_text_column_is_declared_and_no_other(session: Session) -> None:
    cursor = session.database.cursor()
    found = {
        (table, name)
        for table in tables(cursor)
        for name, kind in column_types(cursor, table).items()
        if kind in ("VARCHAR", "JSON", "BLOB")
    }
    declared = {(table, name) for table, columns in personal.COLUMNS.items() for name in columns}
    assert not found - declared, f"say in crm/store/personal.py what these hold: {sorted(found - declared)}"
    assert not declared - found, f"no longer there: {sorted(declared - found)}"


def test_every_reference_that_leads_to_a_person_has_its_fate() -> None:
    links = {(child, column) for child, column, _ in personal.links()}
    declared = {(table, column) for table, columns in personal.FATES.items() for column in columns}
    assert links == declared, "say in FATES of crm/store/personal.py what becomes of the rows of these"
    computed = {table for table, fate in personal.ABOUT_TEXTS.items() if fate == personal.DELETE}
    assert {child for child, _ in links} | set(personal.LOOSE) | computed <= set(personal.WHY)


def test_every_key_in_a_table_is_a_reference_or_declared_as_loose_or_says_nothing_of_a_person(session: Session) -> None:
    cursor = session.database.cursor()
    for table in tables(cursor):
        keys = {name for name, kind in column_types(cursor, table).items() if kind == "UUID"} - IMPERSONAL - {key_of(table)}
        known = {*REFERENCES.get(table, {}), *personal.LOOSE.get(table, ())}
        known |= {"comment_id"} if table in personal.ABOUT_TEXTS else set()
        own = {name for name in keys if any(name == key_of(other) for other in tables(cursor)) and table not in REFERENCES}
        strange = keys - known - (own - {"customer_id", "contact_id"})
        assert not strange, f"{table}: add {sorted(strange)} to rules.REFERENCES, or to LOOSE of crm/store/personal.py"


def test_a_reference_that_may_not_be_blank_never_stays_behind(session: Session) -> None:
    cursor = session.database.cursor()
    for child, column, parent in personal.links():
        described = cursor.execute(f"describe {child}").fetchall()
        is_required = any(name == column and null == "NO" for name, _, null, *_ in described)
        if is_required and parent in ("contacts",):
            assert personal.FATES[child][column] == personal.DELETE


# Everywhere


@pytest.mark.parametrize("kind", ["person", "company"])
def test_nothing_of_an_erased_person_is_left_in_any_table_or_byte(stored: Session, kind: str) -> None:
    planted = plant(stored, kind)
    note(stored, f"{NAME} called, {WHO['email']}")
    assert said(everything(stored)) == list(SAYING)
    done = erase(stored, planted.contact_id)
    assert said(everything(stored)) == []
    assert done.search["found"] == 0 and done.search["words"]["name"] == 3
    assert done.is_rewritten and done.search["bytes_found"] == 0
    file = stored.database.address.file
    assert file
    beside = [path for path in file.parent.iterdir() if path.is_file()]
    held = {path.name: [word for word in SAYING if word.encode() in path.read_bytes()] for path in beside}
    assert not any(held.values()), held


def test_without_the_rewrite_the_file_would_still_hold_the_bytes(stored: Session) -> None:
    """The reason for the rewrite: should the engine ever clear what it frees, this says so."""
    planted = plant(stored, "person")
    stored.database.cursor().execute("force checkpoint")
    done = only_rows(stored, [planted.contact_id], erasures.preview(stored, planted.contact_id).sure)
    stored.database.cursor().execute("force checkpoint")
    file = stored.database.address.file
    assert file and bytes_found(file, done.needles) > 0
    assert is_rewrite_due(stored)
    assert rewrite(stored.database)
    assert bytes_found(file, done.needles) == 0
    assert not is_rewrite_due(stored)


def test_what_the_figures_need_stays(session: Session) -> None:
    planted = plant(session, "person")
    ask = (
        "select count(*), sum(amount), min(ordered_at) from orders where archived_at is null",
        "select channel, count(*), min(occurred_at) from interactions group by channel",
        "select count(*), sum(amount), min(closed_on) from deals",
        "select count(*), sum(rating) from feedback",
    )
    before = [session.rows(sql) for sql in ask]
    erase(session, planted.contact_id)
    assert [session.rows(sql) for sql in ask] == before
    left = session.rows("select name, kind, archived_at is not null as is_archived, lifecycle_stage, note from customers")
    nameless = {"name": "Erased", "kind": "person", "is_archived": True, "lifecycle_stage": "customer", "note": None}
    assert left == [nameless]


def test_what_was_read_from_their_comments_goes_with_the_texts(session: Session) -> None:
    sayings = [f"The parcel came late again, {what}." for what in ("torn", "wet")]
    key = ann(session)
    theirs, other = (tell(session, [text], contact_id=who)[0] for text, who in zip(sayings, (key, None), strict=True))
    theme = add_theme(session, name="Delivery", phrases=["parcel"], examples=[theirs]).key
    assign_themes(session)
    session.database.cursor().execute(
        "insert into theme_proposals values (uuid(), 'customers', 'Late', '[]', $keys, 2, now()::timestamp)",
        {"keys": json.dumps([str(theirs), str(other)])},
    )
    done = erase(session, key)
    for table in ("comment_readings", "comment_themes"):
        assert [row["comment_id"] for row in session.rows(f"select comment_id from {table}")] == [other]
    assert json.loads(session.value("select comment_ids from theme_proposals")) == [str(other)]
    assert done.counts["comment_readings"] == done.counts["comment_themes"] == {"deleted": 1}
    assign_themes(session)
    assert [row["comment_id"] for row in session.rows("from theme_mentions")] == [other]
    assert session.value("select count(*) from theme_marks where theme_id = $theme", theme=theme) == 1


def test_a_person_on_whom_nothing_hangs_goes_with_their_customer(session: Session) -> None:
    key = add_contact(session, name="Ann Quist").key
    erase(session, key)
    assert session.value("select (select count(*) from customers) + (select count(*) from contacts)") == 0


def test_a_company_stays_when_one_of_its_people_is_erased(session: Session) -> None:
    harbour = company(session)
    key = add_contact(session, name="Ann Quist", customer_id=harbour).key
    talk = note(session, "Asked for Monday", customer_id=harbour, contact_id=key)
    erase(session, key)
    assert session.row("select customer_id, contact_id, note from interactions where interaction_id = $k", k=talk) == {
        "customer_id": harbour,
        "contact_id": None,
        "note": None,
    }
    assert session.value("select archived_at from customers where customer_id = $key", key=harbour) is None


def test_erasing_the_winner_of_a_merge_erases_the_loser(session: Session) -> None:
    winner, loser = ann(session), ann(session, name="A. D. Quist", email="other@quist.example")
    with session.change("Merge") as change:
        change.insert("merges", noun="contacts", winner_id=winner, loser_id=loser, change_set_id=change.change_set_id)
        change.archive("contacts", loser)
    erase(session, winner)
    assert "quist" not in everything(session).lower()
    assert session.value("select count(*) from merges") == 0


def test_likely_duplicates_are_offered_and_go_when_they_are_chosen(session: Session) -> None:
    first, second = ann(session, email="ann@quist.example"), ann(session, email="ann2@quist.example")
    offered = erasures.preview(session, first).alike
    assert [(one.key, one.same) for one in offered] == [(second, ("name",))]
    erase(session, first, also=[second])
    assert "quist" not in everything(session).lower()


def test_who_was_undone_can_be_erased_from_the_history(session: Session) -> None:
    saved = add_contact(session, name="Ann Quist", email="ann@quist.example")
    undo_change(session, str(saved.change_set_id))
    assert "ann@quist.example" in everything(session)
    erase(session, saved.key)
    assert "quist" not in everything(session).lower()


def test_former_names_and_addresses_go_too(session: Session) -> None:
    key = ann(session, name="Ann Oldname", email="old@quist.example")
    edit_contact(session, key, name="Ann Newname", email="new@quist.example")
    told = note(session, "Ann Oldname writes from OLD@quist.example")
    erase(session, key)
    assert text_of(session, told) == "█████ writes from █████"


def test_rows_of_rejected_files_go_and_others_stay(stored: Session) -> None:
    file = stored.database.address.file
    assert file
    folder = file.with_name(f"{file.name}.rejected")
    folder.mkdir()
    (folder / "one.csv").write_text("line,reason,name\n2,no,Ann Dolores Quist\n3,no,Bo Berg\n", encoding="utf-8-sig")
    done = erase(stored, ann(stored))
    assert (folder / "one.csv").read_text(encoding="utf-8-sig").split() == ["line,reason,name", "3,no,Bo", "Berg"]
    assert done.counts["rejected rows"] == {"deleted": 1}


# Mentions


def test_only_chosen_mentions_are_blacked_out_also_in_their_history(session: Session) -> None:
    key = ann(session, phone="+49 170 1234567", email="ann@quist.example")
    told = note(session, "QUIST, Ann  Dolores: call 0170/123 45 67. Müller too")
    other = note(session, "Ann Dolores Quist is here")
    with session.change("Edit") as change:
        change.update("interactions", told, note="Ann dolores Quist’s office, ann@QUIST.example")
    places = [place for place in erasures.preview(session, key).sure if place[1] == told]
    done = erase_person(session, key, places=places, is_confirmed=True)
    assert text_of(session, told) == "█████ office, █████"
    assert text_of(session, other) == "Ann Dolores Quist is here"
    history = session.rows("select before, after from changes where record_id = $key and before is not null", key=told)
    assert "█████: call █████. Müller too" in history[0]["before"]
    assert "quist" not in str(history).lower()
    assert done.search["places"] == {"interactions.note": 1}


def test_a_common_word_or_a_namesake_is_offered_but_not_chosen(session: Session) -> None:
    key = ann(session, name="Ann Long")
    ann(session, name="Bo Long")
    common, namesake = note(session, "A long day"), note(session, "Ann Long was here")
    ann(session, name="Ann Long")
    found = {mention.place[1]: mention.is_sure for mention in erasures.preview(session, key).mentions}
    assert found[common] is False and found[namesake] is False
    erase(session, key)
    assert text_of(session, common) == "A long day"
    assert session.value("select count(*) from contacts where name like '% Long'") == 2


def test_a_blacked_out_text_can_still_be_undone_and_stays_black(session: Session) -> None:
    key, told = ann(session), note(session, "Ann Dolores Quist came")
    with session.change("Edit") as change:
        change.update("interactions", told, note="Nobody came")
    erase(session, key)
    undo_change(session, change.change_set_id)
    assert text_of(session, told) == "█████ came"


# Undo


def test_an_erasure_cannot_be_undone_and_says_so(session: Session) -> None:
    erase(session, ann(session))
    made = session.value("select change_set_id from erasures")
    with pytest.raises(Refused, match="cannot be undone"):
        undo_change(session, made)


def test_undo_leaves_out_who_was_erased_and_says_so(session: Session) -> None:
    with session.change("Import") as change:
        harbour = change.insert("customers", name="Harbour", kind="company", lifecycle_stage="lead")
        key = change.insert("contacts", name="Ann Quist", customer_id=harbour, consent="given")
        bo = change.insert("contacts", name="Bo Berg", customer_id=harbour, consent="given")
        change.insert("orders", customer_id=harbour, contact_id=key, amount=5, ordered_at=session.now, note="For Ann Quist")
    erase(session, key)
    undone = undo_change(session, change.change_set_id)
    assert undone.erased == 1 and "1 row was left out" in undone_in_words(undone)
    assert session.value("select count(*) from orders") == 0
    undo_change(session, undone.change_set_id)
    assert session.rows("select contact_id from contacts") == [{"contact_id": bo}]
    assert session.rows("select amount, contact_id, note from orders")[0]["note"] is None
    assert "quist" not in everything(session).lower()


def test_an_undo_from_before_is_redone_without_who_was_erased(session: Session) -> None:
    saved = add_contact(session, name="Ann Quist", email="ann@quist.example")
    undone = undo_change(session, str(saved.change_set_id))
    erase(session, saved.key)
    again = undo_change(session, undone.change_set_id)
    assert again.erased and "quist" not in everything(session).lower()


def test_a_form_that_was_open_cannot_write_the_old_text_back(session: Session) -> None:
    key, harbour = ann(session), company(session)
    talk = note(session, "She is ill", customer_id=harbour, contact_id=key)
    seen = session.value("select version from interactions where interaction_id = $key", key=talk)
    erase(session, key)
    with pytest.raises(Conflict, match="Look, then save again"), session.change("Edit") as change:
        change.update("interactions", talk, version=seen, note="She is ill")


def test_earlier_changes_of_rows_that_stay_can_be_undone(session: Session) -> None:
    key = ann(session)
    with session.change("Buy") as change:
        order = change.insert("orders", contact_id=key, amount=5, ordered_at=session.now, note="Ann")
    with session.change("Correct") as change:
        change.update("orders", order, amount=6, note="Ann Quist")
    erase(session, key)
    undo_change(session, change.change_set_id)
    assert session.row("select amount::int as amount, note from orders") == {"amount": 5, "note": None}


# Backups


def test_a_restored_older_file_is_cleared_before_anybody_reads_it(stored: Session, tmp_path: Path) -> None:
    url, planted = stored.database.url, plant(stored, "company")
    told = note(stored, f"{NAME} came")
    file = stored.database.address.file
    assert file
    stored.database.cursor().execute("force checkpoint")
    shutil.copyfile(file, tmp_path / "backup.duckdb")
    erase(stored, planted.contact_id)
    close(url)
    shutil.copyfile(tmp_path / "backup.duckdb", file)
    assert b"Zyxwvut" in file.read_bytes()
    again = Session(opened(url), command_line("tester"))
    assert said(everything(again)) == []
    assert text_of(again, told) == "█████ came"
    assert not any(word.encode() in file.read_bytes() for word in SAYING)
    assert len(erasures.past(again)) == 1


def test_the_list_beside_the_store_holds_keys_only_and_comes_back_when_it_is_lost(stored: Session) -> None:
    url, key = stored.database.url, ann(stored)
    erase(stored, key)
    file = stored.database.address.file
    assert file
    beside = erased_file(file)
    assert "Quist" not in beside.read_text() and beside.stat().st_mode & 0o077 == 0
    close(url)
    beside.unlink()
    opened(url)
    assert [entry.keys for entry in read(beside).erasures] == [[key]]


def test_a_store_of_before_the_person_needs_nothing(stored: Session, tmp_path: Path) -> None:
    url, file = stored.database.url, stored.database.address.file
    assert file
    stored.database.cursor().execute("force checkpoint")
    shutil.copyfile(file, tmp_path / "backup.duckdb")
    erase(stored, ann(stored))
    close(url)
    shutil.copyfile(tmp_path / "backup.duckdb", file)
    assert len(erasures.past(Session(opened(url), command_line("tester")))) == 1


def test_while_somebody_writes_the_rewrite_waits_for_later(stored: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crm.store.database.PATIENCE", 0.05)
    key, begun, enough = ann(stored), threading.Event(), threading.Event()

    def slowly() -> None:
        with Session(stored.database, stored.actor).change("Import"):
            begun.set()
            enough.wait(20)

    writer = threading.Thread(target=slowly)
    writer.start()
    begun.wait(20)
    done = erase(stored, key)
    enough.set()
    writer.join()
    assert not done.is_rewritten and is_rewrite_due(stored)
    assert "old bytes" in " ".join(done.sentences())
    assert rewrite(stored.database)
    assert stored.value("select count(*) from erasures where rewritten_at is not null") == 1


# Who may


def test_admins_erase_and_nobody_else(session: Session, make_session: Make) -> None:
    key = ann(session)
    for role in ("member", "manager", "leader"):
        with pytest.raises(Refused, match="needs the role of admin"):
            erase_person(make_session(role), key, is_confirmed=True)
    with pytest.raises(Refused, match="asks to be confirmed"):
        erase_person(make_session("admin"), key)
    assert erase(make_session("admin", name="Ada"), key).counts["contacts"] == {"deleted": 1}


def test_a_company_an_employee_and_nobody_are_refused_in_words(session: Session, make_session: Make) -> None:
    employee = make_session("member").actor.employee_id
    for key, words in ((company(session), "is a company"), (employee, "is an employee"), (UUID(int=5), "There is nobody")):
        with pytest.raises(Refused, match=words):
            erase_person(session, key or UUID(int=0), is_confirmed=True)


def test_nobody_is_erased_twice(session: Session) -> None:
    key = ann(session)
    erase(session, key)
    with pytest.raises(Refused, match="was erased on"):
        erase_person(session, key, is_confirmed=True)


def test_the_search_of_the_proof_can_be_repeated_and_keeps_nothing(session: Session) -> None:
    key = ann(session)
    assert erasures.found_anywhere(session, "ann dolores quist")["contacts.name"] == 1
    erase(session, key)
    assert erasures.found_anywhere(session, "ann dolores quist") == {}
    assert "uist" not in json.dumps(erasures.past(session), default=str)


# Names as they come


def test_naughty_names_leave_nothing_behind(session: Session) -> None:
    lines = json.loads((shared_data() / "naughty_strings.json").read_text(encoding="utf-8"))
    names = [line.strip()[:200] for line in lines if len(line.strip()) > 8][::12]
    harbour = company(session)
    with session.change("Add") as change:
        keys = [
            change.insert("contacts", name=name, customer_id=harbour, consent="unknown", note=f"{MARK} {name}") for name in names
        ]
    done = only_rows(session, keys)
    assert done.search["found"] == 0
    assert MARK not in everything(session)
    assert session.value("select count(*) from contacts") == 0


def test_the_history_of_a_survey_answer_bears_no_name_any_more(stored: Session) -> None:
    survey = asked(stored, number=1)
    survey.answers(0, 9)
    assert stored.value("select count(*) from change_sets where actor_name = 'Ann 0'") == 1
    erase(stored, stored.value("select contact_id from contacts"))
    assert stored.value("select count(*) from change_sets where actor_name = 'Ann 0'") == 0
