"""Cells that are more than a value: `\\N` empties, other currencies are converted, unknown names are made when asked for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

import pytest

from crm.commands.imports import Mapping
from crm.errors import Refused, Stopped
from crm.store.session import Session
from tests.importing import fates, imported, picture
from tests.shared import shared_data

# --- \N


def test_a_sign_empties_what_a_blank_cell_leaves(session: Session) -> None:
    imported(session, "customers", "external id,name,city,sector,tags\n1,Acme,Bonn,steel,a;b\n")
    result = imported(session, "customers", "external id,name,city,sector,tags\n1,Acme,\\N,,\\N\n")
    assert fates(result) == (0, 1, 0, 0, 0)
    assert session.row("select city, sector from customers") == {"city": None, "sector": "steel"}
    assert session.value("select count(*) from customer_tags where archived_at is null") == 0
    assert fates(imported(session, "customers", "external id,name,city,sector,tags\n1,Acme,\\N,,\\N\n")) == (0, 0, 1, 0, 0)


def test_a_sign_unlinks_an_owner_and_a_parent(session: Session) -> None:
    imported(session, "employees", "name\nBo\n")
    imported(session, "customers", "name,owner,parent\nHolding,,\nAcme,Bo,Holding\n")
    imported(session, "customers", "name,owner,parent\nAcme,\\N,\\N\n")
    assert session.row("select owner_id, parent_id from customers where name = 'Acme'") == {"owner_id": None, "parent_id": None}


def test_the_last_word_on_a_field_counts(session: Session) -> None:
    imported(session, "customers", "external id,name,city\n1,Acme,Bonn\n")
    imported(session, "customers", "external id,name,city\n1,Acme,\\N\n1,Acme,Rome\n")
    assert session.value("select city from customers") == "Rome"
    imported(session, "customers", "external id,name,city\n1,Acme,Oslo\n1,Acme,\\N\n")
    assert session.value("select city from customers") is None


def test_what_every_record_needs_cannot_be_emptied(session: Session) -> None:
    imported(session, "customers", "external id,name\n1,Acme\n")
    result = imported(session, "customers", "external id,name,city\n1,\\N,Bonn\n")
    assert fates(result) == (0, 0, 0, 0, 1)
    assert result.rejected_rows[0].reason == "cannot be emptied: every customer has a name"
    assert session.row("select name, city from customers") == {"name": "Acme", "city": None}


# --- currencies

DEALS = "external id,stage,close date,amount,currency\n"


def test_an_amount_in_another_currency_is_rejected_without_a_rate_and_converted_with_one(session: Session) -> None:
    rows = "a,Won,2017-01-01,100,EUR\nb,Won,2017-01-01,100,usd\nc,Won,2017-01-01,,EUR\n"
    result = imported(session, "deals", DEALS + rows)
    assert fates(result) == (2, 0, 0, 0, 1)
    assert result.rejected_rows[0].column == "currency"
    assert fates(imported(session, "deals", DEALS + rows, rates={"EUR": Decimal("1.085")})) == (1, 0, 2, 0, 0)
    kept = session.rows("select external_id, amount, original_amount from deals order by 1")
    assert [tuple(row.values()) for row in kept] == [
        ("a", Decimal("108.50"), "100.00 EUR"),
        ("b", Decimal("100.00"), None),
        ("c", None, None),
    ]


def test_a_sign_beside_the_amount_names_its_currency_too(session: Session) -> None:
    rows = "a,Won,2017-01-01,€ 10,\nb,Won,2017-01-01,EUR 20.5,\nc,Won,2017-01-01,$5,\n"
    assert fates(imported(session, "deals", DEALS + rows)) == (1, 0, 0, 0, 2)
    imported(session, "deals", DEALS + rows, rates={"eur": Decimal(2)})
    assert [row["amount"] for row in session.rows("select amount from deals order by external_id")] == [20, 41, 5]


def test_an_amount_that_comes_in_our_own_currency_later_has_no_original_any_more(session: Session) -> None:
    imported(session, "deals", DEALS + "a,Won,2017-01-01,100,EUR\n", rates={"EUR": Decimal(2)})
    imported(session, "deals", DEALS + "a,Won,2017-01-01,150,USD\n")
    assert session.row("select amount, original_amount from deals") == {"amount": Decimal(150), "original_amount": None}


def test_the_lines_of_an_order_are_converted_before_they_are_rounded_once(session: Session) -> None:
    lines = "1,2017-01-02,3,0.335,EUR\n1,2017-01-02,1,0.335,EUR\n"
    imported(session, "orders", "Invoice No,date,Quantity,Unit price,Currency\n" + lines, rates={"EUR": Decimal("1.1")})
    assert session.row("select amount, original_amount from orders") == {"amount": Decimal("1.47"), "original_amount": "1.34 EUR"}


def test_our_own_currency_needs_no_rate(session: Session) -> None:
    with pytest.raises(Refused, match="USD is the company's own currency"):
        imported(session, "deals", DEALS + "a,Won,2017-01-01,1,EUR\n", rates={"USD": Decimal(2)})


def test_amounts_in_scientific_notation_are_amounts(session: Session) -> None:
    imported(session, "customers", "name,annual revenue\nAcme,6.0E7\n")
    assert session.value("select annual_revenue_amount from customers") == 60_000_000


# --- names that nobody knows

UNKNOWN = (
    "external id,stage,customer,owner,product,close date\na,Won,Acme,Jo Smith,GTX,2017-01-01\nb,Won,ACME,jo smith,,2017-01-01\n"
)


def test_unknown_names_reject_their_rows_unless_they_are_to_be_made(session: Session) -> None:
    before = picture(session)
    assert fates(imported(session, "deals", UNKNOWN)) == (0, 0, 0, 0, 2)
    assert picture(session) == before
    result = imported(session, "deals", UNKNOWN, create_missing=True)
    assert fates(result) == (2, 0, 0, 0, 0)
    made = {noun: result.records[noun]["created"] for noun in ("customers", "employees", "products")}
    assert made == {"customers": 1, "employees": 1, "products": 1}
    assert session.value("select count(distinct (customer_id, owner_id)) from deals") == 1
    assert session.row("select kind, lifecycle_stage from customers") == {"kind": "company", "lifecycle_stage": "prospect"}


def test_what_no_record_needs_is_not_made(session: Session) -> None:
    imported(session, "deals", "external id,stage\nz,New\n")
    result = imported(session, "deals", UNKNOWN.replace("Won,Acme", "Wno,Zeta").replace("Jo Smith", "Al"), create_missing=True)
    assert fates(result) == (1, 0, 0, 0, 1)
    assert [row["name"] for row in session.rows("select name from customers")] == ["ACME"]
    assert [row["name"] for row in session.rows("select name from employees")] == ["jo smith"]


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("interactions", "date,customer,owner,note\n2017-01-02,Acme,Jo,x\n"),
        ("feedback", "text,customer,product\nx,Acme,GTX\n"),
        ("tasks", "title,customer,owner\nx,Acme,Jo\n"),
        ("orders", "number,date,amount,customer\n1,2017-01-02,5,Acme\n"),
        ("customers", "name,owner,parent\nAcme Ltd,Jo,Acme\n"),
        ("contacts", "name,owner,company\nAnn,Jo,Acme\n"),
    ],
)
def test_every_kind_makes_what_its_rows_name(session: Session, kind: str, text: str) -> None:
    before = picture(session)
    result = imported(session, kind, text, create_missing=True)
    assert fates(result) == (1, 0, 0, 0, 0)
    assert session.value("select count(*) from customers where name = 'Acme'") == 1
    from crm.store.undo import undo

    undo(session, result.change_set_id or "")
    assert picture(session) == before


def test_only_an_admin_makes_employees(make_session: Callable[..., Session]) -> None:
    manager = make_session("manager", name="Ann")
    result = imported(manager, "tasks", "title,owner\nx,Jo\n", create_missing=True)
    assert fates(result) == (0, 0, 0, 0, 1)


def test_a_goal_names_its_objective(session: Session) -> None:
    rows = "figure,period,target,objective\nnps,2017,40,Be loved\n"
    assert fates(imported(session, "goals", rows)) == (0, 0, 0, 0, 1)
    assert fates(imported(session, "goals", rows, create_missing=True)) == (1, 0, 0, 0, 0)
    assert session.value("select objectives.name from goals inner join objectives using (objective_id)") == "Be loved"


# --- addresses, in parts and more than one


def test_the_parts_of_a_street_and_further_addresses_are_kept(session: Session) -> None:
    header = "name,street number,address 1,address 2,email,email 2,mobile,home phone,note\n"
    imported(session, "contacts", header + "Ann,6,High Street,Flat 2,ann@x.org,a@y.org,+1 555 1,+1 555 2,VIP\n")
    assert session.row("select street, email, phone, note from contacts") == {
        "street": "6 High Street, Flat 2",
        "email": "ann@x.org",
        "phone": "+1 555 1",
        "note": "VIP\nOther e-mail: a@y.org\nOther phone: +1 555 2",
    }


def test_people_of_the_febrl_file_have_their_whole_address(session: Session) -> None:
    from crm.commands.imports import import_file

    result = import_file(session, "contacts", shared_data() / "febrl" / "dataset1.csv")
    assert result.rows == 1000
    assert [row.line for row in result.rejected_rows] == [146, 149, 588]  # days that no calendar has
    street = session.value("select street from contacts where external_id = 'rec-122-org'")
    assert street == "69 giblin street, killarney"


# --- in the order of time, stoppable


def test_what_happened_stands_in_the_order_of_time(session: Session) -> None:
    imported(session, "interactions", "date,note\n2017-03-01,c\n2017-01-01,a\n2017-02-01,b\n")
    assert [row["note"] for row in session.rows("select note from interactions")] == ["a", "b", "c"]


def test_a_deal_without_any_date_is_not_on_the_timeline_of_today(session: Session) -> None:
    imported(session, "deals", "external id,stage,open date\na,New,\nb,New,2017-01-01\n")
    lines = session.rows("select happened_at from timeline where kind = 'deal'")
    assert lines == [{"happened_at": datetime(2017, 1, 1)}]


def test_an_import_says_how_far_it_is_and_can_be_stopped_without_a_trace(session: Session) -> None:
    told: list[tuple[float | None, str]] = []
    imported(session, "customers", "name\nAcme\n", report=lambda share, words: told.append((share, words)))
    shares = [share or 0 for share, _ in told]
    assert shares == sorted(shares)
    assert (shares[0], told[-1][1]) == (0, "Write")
    before = picture(session)
    for stop_at in range(len(told)):
        left = iter(range(stop_at))

        def report(share: float | None, words: str, left: object = left) -> None:
            if next(left, None) is None:  # type: ignore[call-overload]
                raise Stopped("Stopped.")

        with pytest.raises(Stopped):
            imported(session, "customers", "name\nUmbrella\n", report=report)
        assert picture(session) == before


def test_a_word_is_explained_before_it_is_looked_up(session: Session) -> None:
    imported(session, "employees", "name\nJo Smith\n")
    result = imported(session, "customers", "name,owner\nAcme, js \n", mapping=Mapping(values={"owner": {"JS": "Jo Smith"}}))
    assert fates(result) == (1, 0, 0, 0, 0)
