"""What customers are worth, in a company: what counts as bought, RFM, cohorts, values stored with their age, the command line."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pandas as pd
import pytest

from crm.cli import execute
from crm.commands.customers import archive_customer
from crm.commands.history import undo_change
from crm.commands.values import store_values
from crm.queries import cohorts, customers, figures, periods, today, values, worth
from crm.store import session as door
from crm.store.database import Database
from crm.store.migrate import migrate
from crm.store.session import Session, command_line
from tests.shared import shared_data
from tests.small import WON
from tests.test_lifetime_value import cdnow_purchases

NOW = datetime(2026, 6, 30, 12)


def add_customers(session: Session, names: list[str], **fields: Any) -> dict[str, UUID]:
    with session.change("Add customers") as change:
        who = {"kind": "company", "lifecycle_stage": "customer"} | fields
        return {name: change.insert("customers", name=name, external_id=name, source="test", **who) for name in names}


def order(session: Session, customer: UUID, day: date, amount: float) -> None:
    with session.change("Order") as change:
        change.insert("orders", customer_id=customer, ordered_at=datetime(day.year, day.month, day.day, 12), amount=amount)


def load(session: Session, purchases: pd.DataFrame) -> None:
    """Purchases of customers known by an external id, as an import would bring them."""
    rows = purchases.assign(customer=purchases["customer"].astype(str), number=[f"N{n}" for n in range(len(purchases))])
    with session.change("Load") as change:
        change.stage("incoming", rows)
        change.execute("create temp table known as select customer, uuidv7() as key from incoming group by customer")
        change.insert_from(
            "customers",
            """
            select key as customer_id, customer as name, 'company' as kind, 'customer' as lifecycle_stage,
                customer as external_id, 'test' as source
            from known
            """,
        )
        change.insert_from(
            "orders",
            """
            select key as customer_id, date::timestamp as ordered_at, amount, number
            from incoming
            inner join known using (customer)
            """,
        )


def company_of(purchases: pd.DataFrame) -> Session:
    database = Database("duckdb:///:memory:")
    migrate(database)
    session = Session(database, command_line("tester"))
    load(session, purchases)
    return session


@pytest.fixture
def regulars(session: Session) -> Session:
    """Six customers who order every 30 days since 2025; one of them has stopped."""
    keys = add_customers(session, [f"Regular {n}" for n in range(5)] + ["Stopped"])
    with session.change("Orders") as change:
        for place, (name, key) in enumerate(keys.items()):
            for turn in range(18):
                if name != "Stopped" or turn < 6:
                    day = datetime(2025, 1, 3, 12) + timedelta(days=30 * turn + place)
                    change.insert("orders", customer_id=key, ordered_at=day, amount=100 * (place + 1))
    return Session(session.database, session.actor, NOW)


# What counts as bought


def bought(session: Session, day: str) -> list[tuple[str, float]]:
    rows = session.rows(
        """
        select customers.name, sum(purchases.amount)::double as amount
        from purchases_until($day) as purchases
        inner join customers on customers.customer_id = purchases.customer_id
        group by customers.name
        order by customers.name
        """,
        day=date.fromisoformat(day),
    )
    return [(row["name"], row["amount"]) for row in rows]


def test_a_won_deal_is_a_purchase_until_the_customer_orders(session: Session) -> None:
    keys = add_customers(session, ["Acme", "Bolt"])
    with session.change("Win") as change:
        for key in keys.values():
            change.insert("deals", name="Deal", customer_id=key, stage_id=WON, amount=500, closed_on=date(2026, 1, 10))
    order(session, keys["Acme"], date(2026, 3, 1), 80)
    assert bought(session, "2026-01-09") == []
    assert bought(session, "2026-02-28") == [("Acme", 500), ("Bolt", 500)]
    assert bought(session, "2026-03-01") == [("Acme", 80), ("Bolt", 500)]


def test_customers_who_were_put_aside_have_bought_nothing(session: Session) -> None:
    keys = add_customers(session, ["Acme", "Bolt"])
    for key in keys.values():
        order(session, key, date(2026, 3, 1), 80)
    archive_customer(session, keys["Acme"])
    assert bought(session, "2026-03-01") == [("Bolt", 80)]


def test_purchases_come_to_the_mathematics_as_they_are(regulars: Session) -> None:
    found = values.purchases(regulars, date(2026, 6, 30))
    rows = regulars.frame("select customer_id::varchar as customer, amount::double as amount from orders")
    assert len(found) == len(rows) == 96
    mine, theirs = (frame.groupby(frame["customer"].astype(str))["amount"].sum() for frame in (found, rows))
    pd.testing.assert_series_equal(mine, theirs)


# RFM, cohorts, concentration: the known truths


@pytest.fixture(scope="module")
def invoices() -> pd.DataFrame:
    lines = pd.read_parquet(shared_data() / "online_retail" / "online_retail.parquet")
    lines = lines[lines["CustomerID"].notna() & (lines["Quantity"] > 0) & (lines["UnitPrice"] > 0)]
    lines = lines.assign(amount=lines["Quantity"] * lines["UnitPrice"], customer=lines["CustomerID"].astype(int))
    folded = lines.groupby(["InvoiceNo", "customer"]).agg(date=("InvoiceDate", "min"), amount=("amount", "sum"))
    return folded.reset_index()[["customer", "date", "amount"]].round({"amount": 2})


@pytest.fixture(scope="module")
def shop(invoices: pd.DataFrame) -> Iterator[Session]:
    """Online Retail, valued as of the day after its last invoice."""
    session = company_of(invoices)
    store_values(session, as_of=date(2011, 12, 10))
    yield Session(session.database, session.actor)
    session.database.close()


def test_the_fifths_of_online_retail_are_those_known(shop: Session) -> None:
    found = worth.members(shop, "everyone", limit=10_000)["rfm"].value_counts()
    assert (found["555"], found["111"], found.sum()) == (348, 185, 4338)


def test_the_grid_counts_everybody_once(shop: Session) -> None:
    grid = worth.grid(shop)
    assert sum(row["customer_count"] for row in grid) == 4338
    assert {row["segment"] for row in grid} == set(worth.SEGMENTS)
    for row in grid[:3]:
        place = {"recency": row["recency_score"], "frequency": row["frequency_score"]}
        assert len(worth.members(shop, "place", limit=10_000, **place)) == row["customer_count"]
    whole = sum(len(worth.members(shop, "segment", limit=10_000, segment=name)) for name in worth.SEGMENTS)
    assert whole == 4338


def test_the_cohort_of_online_retail_is_kept_as_known(shop: Session) -> None:
    first = [row for row in cohorts.triangle(shop, date(2011, 12, 10)) if row["cohort_on"] == date(2010, 12, 1)]
    assert [row["customer_count"] for row in first] == [885, 324, 286, 340, 321, 352, 321, 309, 313, 350, 331, 445, 235]
    assert {row["size"] for row in first} == {885}


def test_the_revenue_of_all_cohorts_is_the_revenue(shop: Session) -> None:
    assert sum(row["amount"] for row in cohorts.triangle(shop, date(2011, 12, 10))) == pytest.approx(8_911_407.90, abs=0.05)


def test_a_cell_of_the_cohorts_opens_to_its_customers(shop: Session) -> None:
    found = cohorts.members(shop, date(2011, 12, 10), "month", date(2010, 12, 1), 2, limit=10_000)
    assert len(found) == 286


def test_the_best_fifth_of_online_retail_holds_as_much_as_known(shop: Session) -> None:
    totals = worth.totals(shop)
    assert totals["top_spent_share"] == pytest.approx(0.7462, abs=5e-5)
    assert (totals["customer_count"], round(totals["spent_amount"], 2)) == (4338, pytest.approx(8_911_407.90, abs=0.05))
    steps = worth.concentration(shop, "spent")
    assert steps[-1]["held_share"] == pytest.approx(1) and steps[3]["held_share"] == pytest.approx(0.7462, abs=2e-3)
    assert [step["held_share"] for step in steps] == sorted(step["held_share"] for step in steps)


def test_the_repeat_rate_of_online_retail_is_that_known(shop: Session) -> None:
    found = figures.figures(shop, periods.parse("2011"), date(2011, 12, 10), keys=("repeat_rate", "revenue", "orders"))
    assert found["repeat_rate"]["value"] == pytest.approx(0.6558, abs=5e-5) and found["repeat_rate"]["n"] == 4338
    behind = figures.rows_behind(shop, "repeat_rate", periods.parse("2011"), date(2011, 12, 10), limit=10_000)
    assert (behind["purchase_count"] >= 2).mean() == found["repeat_rate"]["value"]


def test_the_bands_hold_everybody_and_open_to_them(shop: Session) -> None:
    bands = worth.bands(shop)
    assert sum(row["customer_count"] for row in bands) == 4338
    for row in bands:
        members = worth.members(shop, "band", limit=10_000, from_amount=row["from_amount"])
        assert len(members) == row["customer_count"]
        assert float(members["value_amount"].min()) >= row["from_amount"]


def test_each_step_of_the_curve_opens_to_its_customers(shop: Session) -> None:
    steps = worth.concentration(shop, "value")
    assert len(worth.holders(shop, "value", 1, limit=10_000)) == steps[0]["customer_count"]


def test_fifths_are_those_of_ranking_in_pandas(session: Session) -> None:
    dates = pd.date_range("2025-01-01", periods=300)
    who, amounts = [f"{n * n % 23:02d}" for n in range(300)], [n % 17 for n in range(300)]
    rows = pd.DataFrame({"customer": who, "date": dates, "amount": amounts})
    load(session, rows)
    found = session.frame("select name, scores.* from rfm_scores('2025-12-31') as scores join customers using (customer_id)")
    by = rows.groupby("customer").agg(last=("date", "max"), count=("date", "size"), amount=("amount", "sum")).sort_index()
    wanted = {name: fifths(by[name]) for name in by.columns}
    found = found.set_index("name").sort_index()
    assert found["recency_score"].tolist() == wanted["last"]
    assert found["frequency_score"].tolist() == wanted["count"]
    assert found["amount_score"].tolist() == wanted["amount"]


def fifths(column: pd.Series) -> list[int]:
    """Equal fifths by rank, the first ones larger where they do not come out even."""
    ranked = column.rank(method="first").astype(int) - 1
    small, larger = divmod(len(column), 5)
    return [int(rank // (small + 1)) + 1 if rank < larger * (small + 1) else int((rank - larger) // small) + 1 for rank in ranked]


def test_fewer_than_five_customers_have_no_fifths(session: Session) -> None:
    for key in add_customers(session, ["A", "B", "C", "D"]).values():
        order(session, key, date(2026, 1, 1), 5)
    store_values(session)
    assert worth.grid(session) == []
    assert worth.totals(session)["customer_count"] == 4


# The figures of staying


def figure(session: Session, key: str, day: str) -> dict[str, Any]:
    until = date.fromisoformat(day)
    found: dict[str, Any] = figures.figures(session, periods.containing("quarter", until), until, keys=[key])[key]
    return found


def test_net_revenue_retention_leaves_new_customers_out(session: Session) -> None:
    keys = add_customers(session, ["Acme", "Bolt", "New"])
    for name, day, amount in (
        ("Acme", date(2025, 3, 1), 100),
        ("Bolt", date(2025, 3, 1), 300),
        ("Acme", date(2026, 3, 1), 150),
        ("Bolt", date(2026, 3, 2), 80),
        ("Bolt", date(2026, 3, 3), -30),
        ("New", date(2026, 3, 1), 999),
    ):
        order(session, keys[name], day, amount)
    found = figure(session, "net_revenue_retention", "2026-03-31")
    assert (found["value"], found["n"]) == (pytest.approx((150 + 80 - 30) / 400), 2)


def test_a_customer_lapses_after_three_usual_gaps_and_comes_back_with_an_order(session: Session) -> None:
    (key,) = add_customers(session, ["Acme"]).values()
    for month in (1, 3, 5):  # 59 and 61 days apart: 60 is usual
        order(session, key, date(2025, month, 1), 10)
    assert figure(session, "lapsed_customers", "2025-10-28")["value"] == 0  # 180 days
    assert figure(session, "lapsed_customers", "2025-10-29")["value"] == 1
    assert figure(session, "retention", "2025-12-31")["value"] == 0
    order(session, key, date(2026, 1, 10), 10)
    assert figure(session, "lapsed_customers", "2026-01-10")["value"] == 0
    assert figure(session, "retention", "2026-01-31")["value"] is None, "at the start of the quarter there was no customer"


def test_a_return_is_no_second_purchase(session: Session) -> None:
    (key,) = add_customers(session, ["Acme"]).values()
    order(session, key, date(2026, 1, 1), 10)
    order(session, key, date(2026, 1, 5), -10)
    assert figure(session, "repeat_rate", "2026-03-31")["value"] == 0


# Stored, with its age


def test_values_are_stored_with_method_reason_and_age(regulars: Session) -> None:
    stored = store_values(regulars)
    assert stored.method == "run_rate" and stored.customers == 6
    assert stored.summary().startswith("6 customers valued. By each customer’s own pace")
    run = values.latest_run(regulars)
    assert run and run["as_of_on"] == date(2026, 6, 30) and run["computed_at"] == NOW and not run["is_outdated"]
    best = values.of_customer(regulars, regulars.value("select customer_id from customers where name = 'Regular 4'"))
    assert best and best["reason"] == "18 purchases since Jan 2025, usually every 30 days, the last 29 days ago"
    assert best["expected_purchases"] == pytest.approx(12, rel=0.15)
    assert float(best["value_amount"]) == pytest.approx(best["expected_purchases"] * 500, rel=0.1)


def test_a_new_order_makes_values_out_of_date_until_they_are_renewed(regulars: Session) -> None:
    store_values(regulars)
    order(regulars, regulars.value("select customer_id from customers limit 1"), date(2026, 6, 30), 5)
    later = Session(regulars.database, regulars.actor, NOW + timedelta(hours=3))
    run = values.latest_run(later)
    assert run and run["is_outdated"]
    assert values.age_in_words(run["computed_at"], later.now) == "3 hours ago"
    store_values(later)
    renewed = values.latest_run(later)
    assert renewed and not renewed["is_outdated"]
    assert later.value("select count(distinct value_run_id) from customer_values") == 1
    assert later.value("select count(*) from value_runs") == 2


def test_values_do_not_keep_anybody_from_undoing_an_import(session: Session) -> None:
    with session.change("Import") as change:
        keys = [change.insert("customers", name=f"C{n}", kind="company", lifecycle_stage="customer") for n in range(6)]
        for key in keys:
            for month in range(1, 6):
                change.insert("orders", customer_id=key, ordered_at=datetime(2026, month, 3), amount=7)
    store_values(session)
    undo_change(session, change.change_set_id)
    assert worth.totals(session)["customer_count"] == 0
    store_values(session)
    assert session.value("select count(*) from customer_values") == 0


def test_a_narrowed_member_sees_the_values_of_their_own(make_session: Callable[..., Session], regulars: Session) -> None:
    with regulars.change("Narrow") as change:
        change.update("settings", regulars.value("select setting_id from settings where name = 'member_reads'"), value="own")
    member = make_session("member")
    with regulars.change("Assign") as change:
        for key in regulars.rows("select customer_id from customers"):
            change.update("customers", key["customer_id"], owner_id=make_owner(regulars))
        mine = regulars.value("select customer_id from customers where name = 'Regular 1'")
    with regulars.change("Mine") as change:
        change.update("customers", mine, owner_id=member.actor.employee_id)
    store_values(regulars)
    seeing = Session(member.database, member.actor)
    assert worth.totals(seeing)["customer_count"] == 1
    assert worth.members(seeing, "everyone")["customer"].tolist() == ["Regular 1"]
    other = regulars.value("select customer_id from customers where name = 'Regular 2'")
    assert values.of_customer(seeing, other) is None


def make_owner(session: Session) -> Any:
    known = session.value("select employee_id from employees where name = 'Owner'")
    if known:
        return known
    with session.change("Employ") as change:
        return change.insert("employees", name="Owner", role="member")


def test_a_company_that_sells_by_deals_is_valued_by_them(session: Session) -> None:
    keys = add_customers(session, [f"C{n}" for n in range(6)])
    with session.change("Win") as change:
        for key in keys.values():
            for month in range(1, 7):
                change.insert("deals", name="Deal", customer_id=key, stage_id=WON, amount=1000, closed_on=date(2026, month, 5))
    found = values.at(session, date(2026, 6, 30))
    assert found["method"] == "run_rate" and found["totals"]["customers"] == 6
    assert all(row["value"] > 8000 for row in found["customers"])


def test_customers_are_sorted_by_value(regulars: Session) -> None:
    store_values(regulars)
    rows = customers.page(regulars, sort="value").rows
    assert [row["name"] for row in rows][:2] == ["Regular 4", "Regular 3"]
    assert rows[0]["value_amount"] > rows[1]["value_amount"] and rows[0]["expected_purchases"] > 5


def test_who_has_gone_quiet_stands_by_the_value_at_stake(regulars: Session) -> None:
    later = Session(regulars.database, regulars.actor, NOW + timedelta(days=40))
    store_values(later)
    quiet = today.quiet(later)
    assert [row["name"] for row in quiet][:2] == ["Regular 4", "Regular 3"]
    assert [row["yearly_amount"] for row in quiet] == sorted((row["yearly_amount"] for row in quiet), reverse=True)
    assert quiet[0]["yearly_amount"] == values.of_customer(later, quiet[0]["customer_id"])["value_amount"]  # type: ignore[index]


# The command line


def test_cdnow_in_the_store_is_valued_as_published() -> None:
    session = company_of(cdnow_purchases())
    found = values.at(session, date(1997, 9, 30))
    assert found["method"] == "model" and found["totals"]["customers"] == 2357
    learned = [found["parameters"][name] for name in ("r", "alpha", "a", "b")]
    assert learned == pytest.approx([0.243, 4.414, 0.793, 2.426], rel=0.005)
    assert found["parameters"]["log_likelihood"] == pytest.approx(-9582.4, abs=0.1)
    best = found["customers"][0]
    assert best["value"] == max(row["value"] for row in found["customers"])
    assert best["value"] == pytest.approx(best["expected_purchases"] * best["expected_amount"], rel=0.1)
    assert found["totals"]["value"] == pytest.approx(sum(row["value"] for row in found["customers"]), abs=0.01)
    session.database.close()


def told(db: Path, *arguments: str) -> Any:
    outcome = execute([*arguments], db.parent, "tester", f"duckdb:///{db}")
    assert outcome.status == 0, outcome.output + outcome.errors
    return outcome.output


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "value.duckdb"
    yield path
    door.close(f"duckdb:///{path}")


def test_the_command_prints_each_customer_with_value_and_reason(file: Path) -> None:
    session = Session(door.opened(f"duckdb:///{file}"), command_line("tester"))
    rows = [(f"C{n}", date(2025, 1, 1) + timedelta(days=28 * turn + n), 50.0 + n) for n in range(7) for turn in range(12)]
    load(session, pd.DataFrame(rows, columns=["customer", "date", "amount"]).astype({"date": "datetime64[us]"}))
    found = json.loads(told(file, "value", "--as-of", "2025-12-31", "--json"))
    assert found["as_of"] == "2025-12-31" and found["months"] == 12
    assert {row["external_id"] for row in found["customers"]} == {f"C{n}" for n in range(7)}
    first = found["customers"][0]
    assert first["name"] == "C6" and first["method"] == "run_rate" and first["spent"] == 672.0
    assert first["reason"].startswith("12 purchases since Jan 2025, usually every 28 days")
    assert {"expected_purchases", "expected_amount", "value"} <= set(first)
    text = told(file, "value", "--as-of", "2025-12-31")
    assert "7 customers who have spent" in text and "C6: 12 purchases" in text


def test_an_empty_company_gets_words(file: Path) -> None:
    found = json.loads(told(file, "value", "--as-of", "2025-12-31", "--json"))
    assert found["customers"] == [] and found["reason"] == "Too few to say: nobody has bought anything by 31 Dec 2025."
    assert "nobody has bought anything" in told(file, "value", "--as-of", "2025-12-31")


def test_one_customer_gets_words_and_no_number(file: Path) -> None:
    session = Session(door.opened(f"duckdb:///{file}"), command_line("tester"))
    load(session, pd.DataFrame({"customer": ["A"], "date": pd.to_datetime(["2025-03-01"]), "amount": [12.0]}))
    found = json.loads(told(file, "value", "--as-of", "2025-12-31", "--json"))
    assert found["customers"][0]["value"] is None and "1 customer has bought" in found["reason"]
    assert found["totals"] == {"customers": 1, "spent": 12.0, "expected_purchases": 0, "value": 0}
