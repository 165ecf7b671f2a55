"""History: who changed what, in words; what an undo would touch; the demo made and taken away."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import pytest

from crm.commands import demo
from crm.commands.contacts import add_contact
from crm.commands.customers import add_customer, archive_customer, edit_customer
from crm.commands.employees import ensure_first_admin
from crm.commands.history import undo_change
from crm.commands.interactions import log_interaction
from crm.commands.settings import change_settings
from crm.commands.themes import add_theme, merge_themes
from crm.errors import Refused
from crm.queries import customers, employees, history
from crm.queries.names import NAMES, names
from crm.store.rules import WRITE
from crm.store.session import Session

MakeSession = Callable[..., Session]


def test_change_sets_come_latest_first_with_counts_by_table(session: Session, make_session: MakeSession) -> None:
    bo = make_session("manager", "Bo", datetime(2100, 1, 1))
    add_contact(session, name="Ann")
    add_customer(bo, name="Konex")
    latest, before, *_ = history.change_sets(session)
    assert (latest["title"], latest["actor_name"], latest["counts"]) == ("Add Konex", "Bo", {"customers": {"insert": 1}})
    assert before["counts"] == {"customers": {"insert": 1}, "contacts": {"insert": 1}}
    assert [row["title"] for row in history.change_sets(session, actor="Bo")] == ["Add Konex"]
    assert [row["title"] for row in history.change_sets(session, table="contacts")] == ["Add Ann"]
    assert "Add Konex" not in [row["title"] for row in history.change_sets(session, before=latest["made_at"])]


def test_a_change_is_told_with_names_in_place_of_keys(session: Session, make_session: MakeSession) -> None:
    bo = make_session("manager", "Bo").actor.employee_id
    key = add_customer(session, name="Konex").key
    saved = edit_customer(session, key, owner_id=bo, city="Bonn")
    rows = history.rows_of(session, saved.change_set_id or "")
    told = {(row["what"], row["name"], row["field"], row["after"]) for _, row in rows.iterrows()}
    assert told == {("customer", "Konex", "owner", "Bo"), ("customer", "Konex", "city", "Bonn")}
    assert set(rows["did"]) == {"changed"}


def test_an_instant_is_told_on_the_companys_clock(session: Session) -> None:
    change_settings(session, time_zone="America/New_York")
    noon = Session(session.database, session.actor, datetime(2026, 11, 22, 17, 30, 19, 70))
    gone = archive_customer(noon, add_customer(noon, name="Konex").key)
    (told,) = history.rows_of(noon, gone.change_set_id or "").to_dict("records")
    assert (told["field"], told["after"]) == ("archived", "22 Nov 2026 12:30")


def test_a_row_of_every_table_has_a_name(session: Session) -> None:
    for table in WRITE:
        assert names(session, table, [session.new_key()]) == {}
    assert set(NAMES) == set(WRITE)


def test_a_merge_of_themes_is_told_with_their_names(session: Session) -> None:
    winner = add_theme(session, name="Delivery").key
    merged = merge_themes(session, winner, add_theme(session, name="Parcels", phrases=["parcel"]).key)
    rows = history.rows_of(session, merged.change_set_id or "")
    told = [(row["name"], row["before"], row["after"]) for _, row in rows.iterrows() if row["field"] == "theme"]
    assert told == [("parcel", "Parcels", "Delivery")]


def test_what_an_undo_removed_is_still_told_by_name(session: Session) -> None:
    saved = add_customer(session, name="Konex")
    undone = undo_change(session, saved.change_set_id or "")
    rows = history.rows_of(session, undone.change_set_id)
    assert rows[["what", "name", "did"]].to_numpy().tolist() == [["customer", "Konex", "removed"]]


def test_why_an_undo_is_not_possible_is_known_before_it_is_tried(session: Session) -> None:
    saved = add_customer(session, name="Konex")
    assert history.blocked(session, saved.change_set_id or "") is None
    log_interaction(session, customer_id=saved.key, channel="call")
    assert "interactions belong to customers" in str(history.blocked(session, saved.change_set_id or ""))
    assert customers.exist(session)


def test_a_member_who_sees_only_own_customers_sees_only_own_changes(session: Session, make_session: MakeSession) -> None:
    made = add_customer(session, name="Secret").change_set_id or ""
    member = make_session("member", "Mo")
    narrow(session)
    add_customer(member, name="Mine")
    assert [row["title"] for row in history.change_sets(member)] == ["Add Mine"]
    assert history.one(member, made) is None
    assert history.rows_of(member, made).empty


def narrow(session: Session) -> None:
    key = session.value("select setting_id from settings where name = 'member_reads'")
    with session.change("Narrow") as change:
        change.update("settings", key, value="own")


def test_the_demo_goes_as_it_came_but_for_what_people_made_their_own(session: Session) -> None:
    made = demo.make_demo(session)
    assert demo.is_there(session)
    with pytest.raises(Refused, match="already here"):
        demo.make_demo(session)
    rows = customers.page(session).rows
    edited, used = rows[0], rows[1]
    edit_customer(session, edited["customer_id"], city="Bonn")
    log_interaction(session, customer_id=used["customer_id"], channel="call")
    removed = demo.remove_demo(session)
    left = {row["customer_id"] for row in customers.page(session).rows}
    assert {edited["customer_id"], used["customer_id"]} <= left
    assert len(left) < made.counts["customers"] / 10
    assert {edited["name"], used["name"]} <= set(removed.kept["customers"])
    assert not demo.is_there(session)
    assert session.value("select count(*) from interactions") == 1


def test_where_demo_rows_were_kept_no_second_demo_is_made_beside_them(demo_session: Session) -> None:
    edit_customer(demo_session, customers.page(demo_session).rows[0]["customer_id"], city="Bonn")
    demo.remove_demo(demo_session)
    with pytest.raises(Refused, match="earlier demo company are still here"):
        demo.make_demo(demo_session)


def test_the_demo_untouched_is_gone_without_a_trace(demo_session: Session) -> None:
    tables = ("customers", "contacts", "deals", "orders", "interactions", "feedback", "employees", "stage_changes", "goals")
    assert all(demo_session.value(f"select count(*) from {table}") for table in tables)
    assert demo.remove_demo(demo_session).kept == {}
    assert {table: demo_session.value(f"select count(*) from {table}") for table in tables} == dict.fromkeys(tables, 0)


def test_the_first_admin_is_made_once_outside_the_demo(demo_session: Session) -> None:
    for _ in range(2):
        ensure_first_admin(demo_session)
    first: UUID | None = employees.first_admin(demo_session)
    assert demo_session.value("select name from employees where employee_id = $first", first=first) == "You"
    demo.remove_demo(demo_session)
    assert [row["name"] for row in employees.active(demo_session)] == ["You"]


def test_the_first_admin_cannot_be_undone_away(session: Session) -> None:
    ensure_first_admin(session)
    made = session.value("select change_set_id from change_sets where title = 'First start'")
    with pytest.raises(Refused, match="first admin"):
        undo_change(session, made)
    assert session.value("select count(*) from employees where role = 'admin'") == 1
