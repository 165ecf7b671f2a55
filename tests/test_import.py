"""The Maven CRM files into an empty company, without a mapping: the main job, end to end."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from crm.commands.imports import ImportResult, import_file
from crm.store.session import Session
from crm.store.undo import undo
from tests.importing import fates, picture
from tests.shared import shared_data

FILES = {"products": "products", "employees": "sales_teams", "customers": "accounts", "deals": "sales_pipeline"}


@pytest.fixture
def maven() -> Path:
    return shared_data() / "maven_crm"


@pytest.fixture
def imports(session: Session, maven: Path) -> dict[str, ImportResult]:
    return {kind: import_file(session, kind, maven / f"{name}.csv") for kind, name in FILES.items()}


def test_every_row_is_created_and_none_rejected(imports: dict[str, ImportResult]) -> None:
    assert {kind: fates(result) for kind, result in imports.items()} == {
        "products": (7, 0, 0, 0, 0),
        "employees": (35, 0, 0, 0, 0),
        "customers": (85, 0, 0, 0, 0),
        "deals": (8800, 0, 0, 0, 0),
    }


def test_what_was_made_on_the_way_is_counted_beside_the_rows(imports: dict[str, ImportResult]) -> None:
    assert imports["employees"].records == {
        "teams": {"created": 6},
        "managers": {"created": 6},
        "employees": {"created": 35},
    }
    # When the 500 deals without any date came to their stage nobody knows.
    assert imports["deals"].records["stage changes"] == {"created": 8300}


def test_what_was_corrected_or_left_open_is_said(imports: dict[str, ImportResult]) -> None:
    said = "\n".join(imports["deals"].notes)
    assert "1,480 “GTXPro” corrected to “GTX Pro”." in said
    assert "1,425 deals stand under no customer." in said
    assert "“Engaging”, “Prospecting” became open stages" in said


def test_won_amounts_by_team_are_those_of_the_files(session: Session, imports: dict[str, ImportResult]) -> None:
    rows = session.rows(
        """
        select teams.name, sum(deals.amount) as amount
        from deals
        inner join stages using (stage_id)
        inner join employees on employees.employee_id = deals.owner_id
        inner join teams using (team_id)
        where stages.outcome = 'won'
        group by teams.name
        """
    )
    assert {row["name"]: int(row["amount"]) for row in rows} == {
        "Melvin Marxen": 2251930,
        "Summer Sewald": 1964750,
        "Rocco Neubert": 1960545,
        "Celia Rouche": 1603897,
        "Cara Losch": 1130049,
        "Dustin Brinkmann": 1094363,
    }


def test_a_team_is_led_by_the_manager_it_is_named_after_and_sits_in_one_region(
    session: Session, imports: dict[str, ImportResult]
) -> None:
    rows = session.rows(
        """
        select teams.name, teams.region, employees.name as manager, employees.role
        from teams
        inner join employees on employees.employee_id = teams.manager_id
        """
    )
    assert len(rows) == 6
    assert all(row["name"] == row["manager"] and row["role"] == "manager" and row["region"] for row in rows)


def test_the_files_own_stages_are_the_pipeline(session: Session, imports: dict[str, ImportResult]) -> None:
    names = session.rows("select name, outcome from stages where archived_at is null order by position")
    assert [(row["name"], row["outcome"]) for row in names] == [
        ("Engaging", "open"),
        ("Prospecting", "open"),
        ("Won", "won"),
        ("Lost", "lost"),
    ]


def test_a_lost_deal_brought_no_amount(session: Session, imports: dict[str, ImportResult]) -> None:
    counts = session.row(
        """
        select count(*) filter (where outcome = 'lost' and amount is null) as lost, sum(amount) as won
        from deals
        inner join stages using (stage_id)
        """
    )
    assert counts == {"lost": 2473, "won": Decimal("10005534.00")}


def test_each_deal_entered_its_stage_on_the_day_it_closed_or_opened(session: Session, imports: dict[str, ImportResult]) -> None:
    wrong = session.value(
        """
        select count(*)
        from stage_changes
        inner join deals using (deal_id)
        where to_stage_id <> stage_id
        or local_day(changed_at) <> coalesce(closed_on, opened_on, $today)
        """,
        today=session.today,
    )
    assert wrong == 0


def test_a_subsidiary_stands_under_its_parent(session: Session, imports: dict[str, ImportResult]) -> None:
    parent = session.value(
        """
        select parents.name
        from customers
        inner join customers as parents on parents.customer_id = customers.parent_id
        where customers.name = 'Bluth Company'
        """
    )
    assert parent == "Acme Corporation"
    assert session.value("select count(*) from customers where parent_id is not null") == 15


def test_the_same_file_again_changes_nothing(session: Session, maven: Path, imports: dict[str, ImportResult]) -> None:
    before = picture(session)
    for kind, name in FILES.items():
        again = import_file(session, kind, maven / f"{name}.csv")
        assert (again.unchanged, again.change_set_id) == (again.rows, None)
    assert picture(session) == before
    assert session.value("select count(*) from change_sets") == 4


def test_a_copy_updates_and_creates_just_what_differs(
    session: Session, maven: Path, tmp_path: Path, imports: dict[str, ImportResult]
) -> None:
    lines = (maven / "sales_pipeline.csv").read_text().splitlines()
    lines[1] = lines[1].replace(",1054", ",1055")
    lines[2] = lines[2].replace("2017-03-11", "2017-03-12")
    lines.append("NEW00001,Moses Frase,GTX Pro,Cancity,Won,2017-10-20,2017-12-01,4000")
    copy = tmp_path / "copy.csv"
    copy.write_text("\n".join(lines))
    result = import_file(session, "deals", copy)
    assert fates(result) == (1, 2, 8798, 0, 0)
    assert session.value("select amount from deals where external_id = '1C1I7A6R'") == Decimal("1055.00")


def test_undo_in_reverse_order_leaves_every_table_as_it_was(session: Session, maven: Path) -> None:
    before = picture(session)
    sets = [import_file(session, kind, maven / f"{name}.csv").change_set_id for kind, name in FILES.items()]
    for change_set_id in reversed(sets):
        assert change_set_id is not None
        undo(session, change_set_id)
    assert picture(session) == before


def test_a_dry_run_says_the_same_and_writes_nothing(session: Session, maven: Path) -> None:
    before = picture(session)
    tried = import_file(session, "products", maven / "products.csv", dry_run=True)
    assert picture(session) == before
    real = import_file(session, "products", maven / "products.csv")
    assert (fates(tried), tried.records, tried.notes) == (fates(real), real.records, real.notes)
    assert tried.change_set_id is None
    assert "dry run" in tried.summary()


def test_the_three_revenues_of_the_shop_are_sums_over_its_orders(session: Session) -> None:
    file = shared_data() / "online_retail" / "online_retail.parquet"
    result = import_file(session, "orders", file)
    assert (result.rows, result.created, result.records["orders"]) == (541_909, 541_909, {"created": 25_900})
    sums = session.row(
        """
        select
            sum(amount) as everything,
            sum(amount) filter (where customer_id is not null and amount > 0) as bought,
            sum(amount) filter (where customer_id is not null) as net,
        from orders
        """
    )
    assert sums == {"everything": Decimal("9747747.93"), "bought": Decimal("8911407.90"), "net": Decimal("8300065.81")}
