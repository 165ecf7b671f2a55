"""Change sets, undo and conflicts: on the file, and on a DuckLake with a local catalog."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.errors import Conflict, Refused, Unavailable
from crm.store.database import Database
from crm.store.session import Session, acting_as, command_line
from crm.store.undo import undo
from tests.copies import lake_of

HISTORY = ("changes", "change_sets", "data_versions")
STAGE = "01900000-0000-7000-8000-000000000101"


@pytest.fixture(params=["on_file", "on_lake"], ids=["file", "lake"])
def session(request: pytest.FixtureRequest) -> Session:
    made: Session = request.getfixturevalue(request.param)
    return made


@pytest.fixture
def on_file(bare_file: Path, tmp_path: Path) -> Iterator[Session]:
    yield from _working(f"duckdb:///{shutil.copy(bare_file, tmp_path)}")


@pytest.fixture
def on_lake(bare_lake: Path, tmp_path: Path) -> Iterator[Session]:
    yield from _working(lake_of(bare_lake, tmp_path))


def _working(url: str) -> Iterator[Session]:
    database = Database(url)
    yield Session(database, command_line("tester"))
    database.close()


@pytest.fixture
def other(session: Session) -> Session:
    """A second person, a manager."""
    with session.change("Employ Bo") as change:
        key = change.insert("employees", name="Bo", role="manager")
    return Session(session.database, acting_as(session.database, key))


def everything(session: Session) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table but the history's own; of a lake, which takes 20 ms a table, those that were ever written to."""
    tables = session.rows(
        "select noun as table_name from data_versions"
        if session.database.address.is_lake
        else "select table_name from duckdb_tables() where not temporary and table_name <> 'migrations'"
    )
    names = {row["table_name"] for row in tables}.difference(HISTORY)
    found = {name: session.execute(f"select * from {name} order by all", {}).fetchall() for name in names}
    return {name: rows for name, rows in found.items() if rows}


def add(session: Session, name: str, **fields: Any) -> tuple[UUID, UUID]:
    with session.change(f"Add {name}") as change:
        key = change.insert("customers", name=name, kind="company", lifecycle_stage="lead", **fields)
    return key, change.change_set_id


def version_of(session: Session, key: UUID) -> UUID:
    found: UUID = session.value("select version from customers where customer_id = $key", key=key)
    return found


def test_a_change_is_kept_with_who_made_it_and_what_it_replaced(session: Session) -> None:
    key, _ = add(session, "Konex")
    with session.change("Rename") as change:
        change.update("customers", key, name="Konex Ltd")
    kept = session.row(
        """
        select changes.before, change_sets.actor_name, change_sets.title
        from changes
        inner join change_sets on change_sets.change_set_id = changes.change_set_id
        where changes.record_id = $key and changes.operation = 'update'
        """,
        key=key,
    )
    assert kept and '"name":"Konex"' in kept["before"]
    assert (kept["actor_name"], kept["title"]) == ("tester", "Rename")
    assert change.counts == {("customers", "update"): 1}


def test_a_dry_run_counts_and_writes_nothing(session: Session) -> None:
    before = everything(session)
    with session.change("Try", dry_run=True) as change:
        change.insert("customers", name="Ghost", kind="company", lifecycle_stage="lead")
    assert change.counts == {("customers", "insert"): 1}
    assert everything(session) == before
    assert session.value("select count(*) from change_sets") == 0


def test_an_error_in_the_block_writes_nothing(session: Session) -> None:
    with pytest.raises(RuntimeError), session.change("Break") as change:
        change.insert("customers", name="Ghost", kind="company", lifecycle_stage="lead")
        raise RuntimeError
    assert session.value("select count(*) from customers") == 0


def test_a_change_that_changes_nothing_leaves_no_change_set(session: Session) -> None:
    key, _ = add(session, "Konex")
    with session.change("Rename to the same") as change:
        change.update("customers", key, name="Konex")
    assert not change.counts
    assert session.value("select count(*) from change_sets") == 1


def test_a_commit_raises_the_versions_of_the_nouns_it_touched(session: Session) -> None:
    before = session.versions(["customers", "deals"])
    add(session, "Konex")
    after = session.versions(["customers", "deals"])
    assert dict(after)["customers"] == dict(before).get("customers", 0) + 1
    assert dict(after).get("deals") == dict(before).get("deals")


def test_the_second_editor_is_told_who_changed_what(session: Session, other: Session) -> None:
    key, _ = add(session, "Konex")
    seen = version_of(session, key)
    with other.change("Move") as change:
        change.update("customers", key, version=seen, city="Bonn")
    with pytest.raises(Conflict, match=r"Bo changed city of this customer"), session.change("Edit") as change:
        change.update("customers", key, version=seen, city="Ulm")
    assert session.value("select city from customers") == "Bonn"


def test_a_reference_to_nothing_is_refused_by_field(session: Session) -> None:
    with pytest.raises(Refused, match=r"owner|employee") as refusal:
        add(session, "Konex", owner_id=UUID(int=5))
    assert refusal.value.field == "owner_id"


def test_an_external_id_stands_once_for_its_source(session: Session) -> None:
    add(session, "Konex", source="hub", external_id="1")
    add(session, "Cheers", source="other", external_id="1")
    with pytest.raises(Refused, match="external id"):
        add(session, "Again", source="hub", external_id="1")


def test_bulk_rows_go_the_same_way_as_one(session: Session) -> None:
    frame = pd.DataFrame({"name": [f"Customer {n}" for n in range(1000)], "kind": "company", "lifecycle_stage": "lead"})
    with session.change("Import") as change:
        change.stage("incoming", frame)
        change.insert_from("customers", "from incoming")
    assert change.counts == {("customers", "insert"): 1000}
    with session.change("Edit all") as edit:
        edit.update_from("customers", "select customer_id, 'Bonn' as city from customers")
    assert edit.counts == {("customers", "update"): 1000}
    undo(session, edit.change_set_id)
    undo(session, change.change_set_id)
    assert session.value("select count(*) from customers") == 0


def test_undo_brings_back_and_redo_does_again(session: Session) -> None:
    key, _ = add(session, "Konex")
    before = everything(session)
    with session.change("Edit") as change:
        change.update("customers", key, city="Bonn", annual_revenue_amount=12.5)
    after = everything(session)
    undone = undo(session, change.change_set_id)
    assert everything(session) == before
    redone = undo(session, undone.change_set_id)
    assert everything(session) == after
    undo(session, redone.change_set_id)
    assert everything(session) == before


def test_what_is_undone_says_so_and_is_not_undone_twice(session: Session) -> None:
    _, made = add(session, "Konex")
    undone = undo(session, made)
    assert session.value("select undone_by from change_sets where change_set_id = $made", made=made) == undone.change_set_id
    with pytest.raises(Refused, match="already undone"):
        undo(session, made)
    undo(session, undone.change_set_id)
    assert session.value("select undone_by from change_sets where change_set_id = $made", made=made) is None


def test_undo_refuses_what_was_changed_since_and_leaves_all_as_it_was(session: Session) -> None:
    key, _ = add(session, "Konex")
    with session.change("First") as first:
        first.update("customers", key, city="Bonn")
    with session.change("Second") as second:
        second.update("customers", key, city="Ulm")
    before = everything(session)
    with pytest.raises(Conflict, match="“Second”"):
        undo(session, first.change_set_id)
    assert everything(session) == before
    undo(session, second.change_set_id)
    undo(session, first.change_set_id)
    assert session.value("select city from customers") is None


def test_undo_refuses_to_leave_rows_hanging(session: Session) -> None:
    key, made = add(session, "Konex")
    with session.change("Deal") as change:
        change.insert("deals", name="Big", customer_id=key, stage_id=STAGE)
    with pytest.raises(Conflict, match="1 deals belong to customers of this change"):
        undo(session, made)
    assert session.value("select count(*) from customers") == 1


def test_undo_brings_nothing_back_to_what_is_gone(session: Session) -> None:
    with session.change("Employ") as employed:
        ann = employed.insert("employees", name="Ann", role="member")
    key, _ = add(session, "Konex", owner_id=ann)
    with session.change("Let go") as released:
        released.update("customers", key, owner_id=None)
    undo(session, employed.change_set_id)
    before = everything(session)
    with pytest.raises(Conflict, match="1 customers would come back to employees that are no longer there"):
        undo(session, released.change_set_id)
    assert everything(session) == before


def test_undo_doubles_nothing_that_stands_once(session: Session) -> None:
    with session.change("First tag") as first:
        first.insert("tags", name="Gold")
    undone = undo(session, first.change_set_id)
    with session.change("Second tag") as second:
        second.insert("tags", name="gold")
    with pytest.raises(Refused, match="Another tag already has the name"):
        undo(session, undone.change_set_id)


def test_who_was_an_admin_takes_no_employee_back_or_forth(session: Session) -> None:
    with session.change("Employ Ada and Bea") as change:
        ada = change.insert("employees", name="Ada", role="admin")
        change.insert("employees", name="Bea", role="admin")
    as_admin = Session(session.database, acting_as(session.database, ada))
    with as_admin.change("Employ Cy") as employed, as_admin.change("Employ Di") as other:
        employed.insert("employees", name="Cy", role="member")
        other.insert("employees", name="Di", role="member")
    undone = undo(as_admin, other.change_set_id)
    with session.change("Demote Ada") as demoted:
        demoted.update("employees", ada, role="member")
    as_member = Session(session.database, acting_as(session.database, ada))
    for change_set in (employed.change_set_id, undone.change_set_id):
        with pytest.raises(Refused, match="only an admin"):
            undo(as_member, change_set)


def test_keeping_leaves_what_people_made_their_own_with_what_it_needs(session: Session) -> None:
    with session.change("Demo") as demo:
        edited, used, unused = (
            demo.insert("customers", name=name, kind="company", lifecycle_stage="lead") for name in ("Edited", "Used", "Unused")
        )
        contact = demo.insert("contacts", name="Ann", customer_id=used, consent="unknown")
    with session.change("Edit") as change:
        change.update("customers", edited, city="Bonn")
        change.insert("interactions", contact_id=contact, channel="call", occurred_at=session.now)
    undone = undo(session, demo.change_set_id, keeping=True)
    assert {key for _, key in undone.kept} == {edited, used, contact}
    left = session.rows("select customer_id from customers")
    assert {row["customer_id"] for row in left} == {edited, used}
    assert unused not in {row["customer_id"] for row in left}


def test_a_member_undoes_only_what_they_did(session: Session) -> None:
    with session.change("Employ") as change:
        key = change.insert("employees", name="Mo", role="member")
    member = Session(session.database, acting_as(session.database, key))
    _, theirs = add(session, "Konex")
    _, own = add(member, "Cheers")
    with pytest.raises(Refused, match="manager"):
        undo(member, theirs)
    undo(member, own)


Step = tuple[str, int, str]
STEPS = st.lists(
    st.tuples(st.sampled_from(["add", "edit", "archive", "deal"]), st.integers(0, 9), st.text(max_size=20)),
    min_size=1,
    max_size=8,
)


def play(session: Session, steps: list[Step]) -> list[UUID]:
    """Make each step a change set; return those that changed something."""
    keys: list[UUID] = []
    made: list[UUID] = []
    for kind, which, text in steps:
        clean = text.replace("\x00", "") or "x"
        with session.change(kind) as change:
            if kind == "add" or not keys:
                keys.append(change.insert("customers", name=clean, kind="company", lifecycle_stage="lead"))
            elif kind == "edit":
                change.update("customers", keys[which % len(keys)], name=clean, annual_revenue_amount=which)
            elif kind == "archive":
                change.archive("customers", keys[which % len(keys)])
            else:
                change.insert("deals", name=clean, customer_id=keys[which % len(keys)], stage_id=STAGE, amount=which)
        if change.counts:
            made.append(change.change_set_id)
    return made


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_any_changes_undone_in_reverse_leave_every_table_equal(on_file: Session, steps: list[Step]) -> None:
    undo_and_redo(on_file, steps)


def test_on_a_lake_too(session: Session) -> None:
    undo_and_redo(session, [("add", 0, "Konex"), ("edit", 3, "é\n'🙂"), ("deal", 0, "Big"), ("archive", 0, ""), ("edit", 5, "")])


def undo_and_redo(session: Session, steps: list[Step]) -> None:
    before = everything(session)
    made = play(session, steps)
    after = everything(session)
    undone = [undo(session, change_set).change_set_id for change_set in reversed(made)]
    assert everything(session) == before
    for change_set in reversed(undone):
        undo(session, change_set)
    assert everything(session) == after
    for change_set in reversed(made):
        undo(session, change_set)


def test_a_value_that_does_not_fit_is_refused_in_words(session: Session) -> None:
    with pytest.raises(Refused, match="does not fit"):
        add(session, "Konex", employee_count="many")


def test_a_folder_is_not_a_database(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="is a folder"):
        Database(f"duckdb:///{tmp_path}")
