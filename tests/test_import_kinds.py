"""Each kind of file in small: what a row becomes, what is made on the way, how it is known again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

import pytest

from crm.commands.imports import running
from crm.commands.imports.incoming import Incoming
from crm.store.session import Session
from crm.store.undo import undo
from tests.importing import fates, imported, picture

CONTACTS = "First name,Last name,E-mail,Company,City\n"


def test_contacts_bring_their_companies_and_persons_are_their_own_customer(session: Session) -> None:
    people = "Ann,Lee,ann@acme.com,Acme,Bonn\nBo,Ray,bo@acme.com,ACME,\nCy,Fox,cy@x.org,,Rome\n"
    result = imported(session, "contacts", CONTACTS + people)
    assert fates(result) == (3, 0, 0, 0, 0)
    assert result.records == {"customers": {"created": 1}, "persons": {"created": 1}, "contacts": {"created": 3}}
    rows = session.rows(
        "select contacts.name, customers.name as customer, kind from contacts inner join customers using (customer_id) order by 1"
    )
    assert [tuple(row.values()) for row in rows] == [
        ("Ann Lee", "Acme", "company"),
        ("Bo Ray", "Acme", "company"),
        ("Cy Fox", "Cy Fox", "person"),
    ]


def test_a_contact_is_known_by_its_address_whatever_its_case(session: Session) -> None:
    imported(session, "contacts", CONTACTS + "Ann,Lee,ann@acme.com,Acme,Bonn\n")
    result = imported(session, "contacts", CONTACTS + "Ann,Lee-Ray,ANN@acme.com,Acme,\n")
    assert fates(result) == (0, 1, 0, 0, 0)
    assert session.row("select name, city from contacts") == {"name": "Ann Lee-Ray", "city": "Bonn"}


def test_an_address_alone_leaves_the_name_and_a_first_name_keeps_the_last(session: Session) -> None:
    imported(session, "contacts", CONTACTS + "Ann,Lee,ann@acme.com,Acme,Bonn\n")
    imported(session, "contacts", "email,phone\nAnn@Acme.com,555 1234\n")
    assert session.value("select name from contacts") == "Ann Lee"
    imported(session, "contacts", "first name,email\nAnna,ann@acme.com\n")
    assert session.value("select name from contacts") == "Anna Lee"


def test_renaming_a_person_renames_the_customer_too(session: Session) -> None:
    imported(session, "contacts", "name,email\nAnn Lee,ann@x.org\n")
    imported(session, "contacts", "name,email\nAnn Ray,ann@x.org\n")
    assert session.value("select name from customers") == "Ann Ray"


def test_a_new_id_falls_back_on_an_address_that_has_none_and_is_kept(session: Session) -> None:
    imported(session, "contacts", "name,email\nAnn,ann@x.org\n")
    first = imported(session, "contacts", "external id,name,email\n7,Ann,ann@x.org\n8,Ann Other,ann@x.org\n")
    assert fates(first) == (1, 1, 0, 0, 0)
    again = imported(session, "contacts", "external id,name,email\n7,Ann,ann@x.org\n8,Ann Other,ann@x.org\n")
    assert fates(again) == (0, 0, 2, 0, 0)


def test_ids_of_two_sources_do_not_meet(session: Session) -> None:
    imported(session, "customers", "external id,name\n1,Acme\n", source="north")
    result = imported(session, "customers", "external id,name\n1,Umbrella\n", source="south")
    assert fates(result) == (1, 0, 0, 0, 0)


def test_two_people_of_one_name_at_two_companies_are_two(session: Session) -> None:
    result = imported(session, "contacts", "name,company\nAnn,Acme\nAnn,Umbrella\nAnn,acme\n")
    assert fates(result) == (3, 0, 0, 0, 0)
    assert result.records["contacts"] == {"created": 2}


def test_a_blank_cell_and_a_missing_column_leave_what_is_stored(session: Session) -> None:
    imported(session, "customers", "external id,name,city,sector\n1,Acme,Bonn,retail\n")
    result = imported(session, "customers", "external id,name,city\n1,Acme,\n")
    assert fates(result) == (0, 0, 1, 0, 0)
    assert session.row("select city, sector from customers") == {"city": "Bonn", "sector": "retail"}


def test_a_row_without_a_cell_is_skipped(session: Session) -> None:
    assert fates(imported(session, "customers", "name,city,sector\nAcme,Bonn,x\n, ,\n")) == (1, 0, 0, 1, 0)


def test_an_archived_customer_is_left_alone(session: Session) -> None:
    imported(session, "customers", "external id,name\n1,Acme\n")
    with session.change("Archive") as change:
        change.archive("customers", session.value("select customer_id from customers"))
    assert fates(imported(session, "customers", "external id,name\n1,Acme Ltd\n")) == (0, 0, 0, 1, 0)


def test_a_person_in_a_file_of_customers_gets_a_contact(session: Session) -> None:
    result = imported(session, "customers", "name,kind,phone,tags\nAnn Lee,person,555 1234,vip; north\nAcme,company,,north\n")
    assert result.records["contacts"] == {"created": 1}
    assert result.records["tags"] == {"created": 2}
    assert session.row("select name, phone from contacts") == {"name": "Ann Lee", "phone": "555 1234"}
    again = imported(session, "customers", "name,kind,phone,tags\nAnn Lee,person,555 1234,vip; north\nAcme,company,,North\n")
    assert (fates(again), again.change_set_id) == ((0, 0, 2, 0, 0), None)


def test_a_parent_may_stand_below_its_child_but_not_be_rejected(session: Session) -> None:
    family = "Child,Parent,\nParent,,\nOrphan,Bad,\nBad,,abc\nGrandchild,Orphan,\n"
    result = imported(session, "customers", "name,parent,founded\n" + family)
    assert fates(result) == (2, 0, 0, 0, 3)


def test_employees_named_by_a_manager_who_is_in_the_file_make_nobody_else(session: Session) -> None:
    result = imported(session, "employees", "name,manager,team\nBo,Ann,North\nAnn,,North\n")
    assert result.records == {"teams": {"created": 1}, "employees": {"created": 2}}
    assert session.row("select role, team_id is not null as placed from employees where name = 'Ann'") == {
        "role": "manager",
        "placed": True,
    }
    assert session.value("select employees.name from teams inner join employees on employee_id = manager_id") == "Ann"
    assert imported(session, "employees", "name,manager,team\nBo,Ann,North\nAnn,,North\n").change_set_id is None


def test_a_deal_that_moves_writes_a_stage_change_and_may_reopen(session: Session) -> None:
    header = "external id,stage,amount,open date,close date\n"
    imported(session, "deals", header + "a,Proposal,5,2017-01-01,2017-06-01\n")
    assert str(session.value("select expected_close_on from deals")) == "2017-06-01"
    imported(session, "deals", header + "a,Won,6,2017-01-01,2017-05-01\n")
    assert session.row("select closed_on::varchar as closed, amount from deals") == {"closed": "2017-05-01", "amount": Decimal(6)}
    imported(session, "deals", header + "a,Negotiation,6,2017-01-01,2017-09-01\n")
    row = session.row("select closed_on, expected_close_on::varchar as expected from deals")
    assert row == {"closed_on": None, "expected": "2017-09-01"}
    assert session.value("select count(*) from stage_changes") == 3


def test_a_deal_is_named_after_its_product_and_customer(session: Session) -> None:
    imported(session, "products", "name\nGTX Pro\n")
    imported(session, "customers", "name\nAcme\n")
    imported(session, "deals", "external id,stage,product,customer\na,New,gtxpro,Acme\nb,New,,\n")
    assert [row["name"] for row in session.rows("select name from deals order by external_id")] == ["GTX Pro – Acme", "b"]


def test_more_than_seven_stages_stand_before_won_and_lost(session: Session) -> None:
    rows = "".join(f"d{number},Step {number},\n" for number in range(9)) + "w,Closed Won,2017-01-01\n"
    imported(session, "deals", "external id,stage,close date\n" + rows)
    names = [row["name"] for row in session.rows("select name from stages where archived_at is null order by position")]
    assert names == [*(f"Step {number}" for number in range(9)), "Won", "Lost"]


ORDERS = "Invoice No,Invoice date,Customer ID,Quantity,Unit price,Country\n"


def test_the_lines_of_an_invoice_are_one_order_rounded_once(session: Session) -> None:
    lines = "1,2017-01-02 10:00,c1,3,0.335,France\n1,2017-01-02 09:00,c1,1,0.335,France\nC2,2017-01-03,,-2,5,\n"
    result = imported(session, "orders", ORDERS + lines)
    assert fates(result) == (3, 0, 0, 0, 0)
    assert result.records == {"customers": {"created": 1}, "orders": {"created": 2}}
    assert session.rows("select number, amount, ordered_at, item_count from orders order by number") == [
        {"number": "1", "amount": Decimal("1.34"), "ordered_at": datetime(2017, 1, 2, 9), "item_count": 4},
        {"number": "C2", "amount": Decimal("-10.00"), "ordered_at": datetime(2017, 1, 3), "item_count": -2},
    ]
    made = session.row("select name, country, source from customers")
    assert made == {"name": "Customer c1", "country": "France", "source": "customers"}
    assert fates(imported(session, "orders", ORDERS + lines)) == (0, 0, 3, 0, 0)


def test_an_order_with_a_bad_line_is_rejected_as_a_whole(session: Session) -> None:
    result = imported(session, "orders", ORDERS + "1,2017-01-02,,3,2,\n1,2017-01-02,,many,2,\n2,2017-01-02,,1,2,\n")
    assert fates(result) == (1, 0, 0, 0, 2)
    assert [row.reason for row in result.rejected_rows] == [
        "line 3 of the same order is rejected",
        "“many” is not a number that can be read",
    ]


def test_equal_interactions_without_an_id_are_as_many_as_the_file_has(session: Session) -> None:
    imported(session, "customers", "name\nAcme\n")
    text = "date,customer,type,notes\n2017-01-02,Acme,Phone call,Hello\n2017-01-02,Acme,Phone call,Hello\n"
    assert fates(imported(session, "interactions", text)) == (2, 0, 0, 0, 0)
    more = imported(session, "interactions", text + "2017-01-02,Acme,Phone call,Hello\n")
    assert fates(more) == (1, 0, 2, 0, 0)
    assert session.value("select count(*) from interactions where channel = 'call'") == 3


def test_an_interaction_finds_its_customer_through_the_contact(session: Session) -> None:
    imported(session, "contacts", "name,email,company\nAnn,ann@acme.com,Acme\n")
    result = imported(session, "interactions", "date,contact e-mail,note\n2017-01-02,Ann@acme.com,x\n2017-01-02,zoe@acme.com,x\n")
    assert fates(result) == (1, 0, 0, 0, 1)
    assert session.value("select count(*) from interactions inner join contacts using (customer_id, contact_id)") == 1


def test_a_rating_is_kept_with_its_scale_and_refused_off_it(session: Session) -> None:
    result = imported(session, "feedback", "text,nps score,date\nGreat,10,2017-01-01\nOdd,11,2017-01-01\n")
    assert fates(result) == (1, 0, 0, 0, 1)
    assert session.row("select kind, rating, scale from feedback") == {"kind": "survey_answer", "rating": 10, "scale": "nps_0_10"}


def test_feedback_without_a_date_is_dated_once(session: Session) -> None:
    text = "review\nLovely\nLovely\n"
    imported(session, "feedback", text)
    assert fates(imported(session, "feedback", text)) == (0, 0, 2, 0, 0)


def test_a_task_is_known_by_title_customer_and_day(session: Session) -> None:
    imported(session, "customers", "name\nAcme\n")
    imported(session, "tasks", "title,customer,due date\nCall,Acme,2017-01-01\nCall,Acme,2017-02-01\n")
    result = imported(session, "tasks", "title,customer,due date,done at,repeat\ncall,Acme,2017-01-01,2017-01-02,monthly\n")
    assert fates(result) == (0, 1, 0, 0, 0)
    assert session.value("select count(*) from tasks where done_at is not null and repeat_every = 'month'") == 1


GOALS = "figure,team,manager,employee,period,target\n"


def test_goals_are_known_by_figure_scope_and_period(session: Session) -> None:
    imported(session, "employees", "name,manager\nBo,Ann\n")
    rows = "Won amount,,,,2017-Q3,1000\nwon_amount,,Ann,,2017-Q3,600\nwon_amount,Ann,,,2017-Q4,700\nnps,,,Bo,2017,40\n"
    assert fates(imported(session, "goals", GOALS + rows)) == (4, 0, 0, 0, 0)
    found = session.rows(
        "select scope, starts_on::varchar as starts, ends_on::varchar as ends, target from goals order by target"
    )
    assert [tuple(row.values()) for row in found] == [
        ("employee", "2017-01-01", "2017-12-31", 40.0),
        ("team", "2017-07-01", "2017-09-30", 600.0),
        ("team", "2017-10-01", "2017-12-31", 700.0),
        ("company", "2017-07-01", "2017-09-30", 1000.0),
    ]
    assert imported(session, "goals", GOALS + rows).change_set_id is None
    assert fates(imported(session, "goals", GOALS + 'Won amount,,,,2017-Q3,"1,100"\n')) == (0, 1, 0, 0, 0)


def test_a_goal_that_cannot_be_placed_is_rejected(session: Session) -> None:
    rows = "happiness,,,,2017,1\nnps,,,,someday,1\nnps,,,Zoe,2017,1\nnps,North,,,2017,1\nnps,,,,2018,\nnps,,,,2017,1\n"
    assert fates(imported(session, "goals", GOALS + rows)) == (1, 0, 0, 0, 5)


def test_a_manager_sets_no_goal_of_the_company(make_session: Callable[..., Session]) -> None:
    manager = make_session("manager", name="Ann")
    result = imported(manager, "goals", "figure,employee,period,target\nnps,Ann,2017,1\nnps,,2017,1\n")
    assert fates(result) == (1, 0, 0, 0, 1)


def test_what_somebody_changes_while_a_file_is_matched_is_not_overwritten_unseen(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    imported(session, "customers", "external id,name,city,sector\n1,Acme,Bonn,retail\n")
    step, edits = running.STEPS["customers"], iter(["telecom"])

    def interrupted(incoming: Incoming) -> None:
        step(incoming)
        for sector in edits:
            with session.change("Edit") as change:
                change.update("customers", session.value("select customer_id from customers"), sector=sector)

    monkeypatch.setitem(running.STEPS, "customers", interrupted)
    result = imported(session, "customers", "external id,name,city,sector\n1,Acme,Rome,\n")
    assert fates(result) == (0, 1, 0, 0, 0)
    assert session.row("select city, sector from customers") == {"city": "Rome", "sector": "telecom"}


def test_columns_that_are_not_used_are_named(session: Session) -> None:
    result = imported(session, "customers", "name,favourite colour\nAcme,blue\n")
    assert "Columns not used: favourite colour." in result.notes


def test_imports_of_every_kind_can_be_undone_to_the_last_cell(session: Session) -> None:
    before = picture(session)
    results = [
        imported(session, "employees", "name,manager\nBo,Ann\n"),
        imported(session, "customers", "name,kind,tags,owner,parent\nAcme,,a;b,Bo,\nCy,person,,Bo,Acme\n"),
        imported(session, "contacts", "name,company,tags\nDi,Umbrella,c\nEd,,d\n"),
        imported(session, "products", "name,price\nGTX,5\n"),
        imported(session, "deals", "external id,stage,customer,product\na,Discovery,Acme,GTX\n"),
        imported(session, "orders", ORDERS + "1,2017-01-02,c1,3,2,\n"),
        imported(session, "interactions", "date,customer,deal,note\n2017-01-02,Acme,a,x\n"),
        imported(session, "feedback", "text,customer\nx,Acme\n"),
        imported(session, "tasks", "title,customer,owner\nx,Acme,Bo\n"),
        imported(session, "goals", "figure,manager,period,target\nnps,Ann,2017,40\n"),
    ]
    assert all(result.rejected == 0 and result.change_set_id for result in results)
    for result in reversed(results):
        undo(session, result.change_set_id or "")
    assert picture(session) == before
