"""What holds for the whole company: checked before it is written, and never pulled from under what uses it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from crm.commands import pipelines, products, stages, teams
from crm.commands.customers import add_customer
from crm.commands.deals import add_deal, move_deal
from crm.commands.demo import remove_demo
from crm.commands.history import undo_change
from crm.commands.orders import add_order
from crm.commands.products import add_product
from crm.commands.settings import change_settings
from crm.commands.teams import add_team, edit_team
from crm.errors import Conflict, Refused
from crm.queries import employees, settings, usage
from crm.queries import stages as found_stages
from crm.store.session import Session
from tests.small import LOST, NEGOTIATION, NEW, PROPOSAL, QUALIFIED, WON

SALES = UUID("01900000-0000-7000-8000-000000000001")


def test_settings_are_kept_in_one_spelling(session: Session) -> None:
    given = {"currency": "eur", "phone_region": "de", "time_zone": "Europe/Berlin", "first_month_of_year": 4}
    change_settings(session, **given, quiet_days_loyal=30)
    found = settings.company(session)
    assert (found["currency"], found["phone_region"], found["time_zone"]) == ("EUR", "DE", "Europe/Berlin")
    assert (found["first_month_of_year"], found["quiet_days_loyal"], found["quiet_days_lead"]) == (4, 30, 60)


@pytest.mark.parametrize(("name", "value", "says"), [
    ("company_name", "  ", "missing"),
    ("currency", "EURO", "three letters"),
    ("currency", "DEM", "not a currency"),
    ("time_zone", "Berlin", "Europe/Berlin"),
    ("phone_region", "XX", "two letters"),
    ("first_month_of_year", 13, "between 1 and 12"),
    ("quiet_days_lead", 0, "between 1 and 3,650"),
    ("quiet_days_lead", 3651, "between 1 and 3,650"),
    ("member_reads", "nothing", "all, team, own"),
    ("colour", "red", "no field colour"),
])  # fmt: skip
def test_a_setting_that_cannot_be_meant_is_refused_at_its_field(session: Session, name: str, value: Any, says: str) -> None:
    with pytest.raises(Refused, match=says) as refused:
        change_settings(session, **{name: value})
    assert refused.value.field == name


@pytest.mark.parametrize("name", ["UTC", *settings.time_zones()[1::40]])
def test_every_time_zone_that_is_offered_gives_the_store_its_days(session: Session, name: str) -> None:
    change_settings(session, time_zone=name)
    again = Session(session.database, session.actor)
    assert again.value("select local_day(timestamp '2026-06-30 12:00')") in {date(2026, 6, 30), date(2026, 7, 1)}
    assert again.today


@pytest.mark.parametrize("enter", [
    lambda session: add_deal(session, name="Big", stage_id=NEW, amount=5),
    lambda session: add_order(session, customer_id=add_customer(session, name="Konex").key, amount=5),
    lambda session: add_product(session, name="Pump", list_price_amount=5),
    lambda session: add_customer(session, name="Konex", annual_revenue_amount=5),
])  # fmt: skip
def test_the_currency_is_set_before_the_first_amount(session: Session, enter: Callable[[Session], Any]) -> None:
    change_settings(session, currency="EUR")
    saved = enter(session)
    with pytest.raises(Refused, match=r"stays EUR: amounts in it stand in 1 \w+,") as refused:
        change_settings(session, currency="GBP")
    assert refused.value.field == "currency"
    undo_change(session, saved.change_set_id)
    change_settings(session, currency="GBP")


def test_a_goal_in_money_is_an_amount_too(session: Session) -> None:
    with session.change("Goals") as change:
        for figure in ("won_amount", "won_count"):
            change.insert(
                "goals", figure=figure, scope="company", starts_on=date(2026, 1, 1), ends_on=date(2026, 3, 31), target=5
            )
    assert usage.amounts(session) == {"goals": 1}


def test_the_demo_keeps_its_currency_and_an_emptied_company_is_free(demo_session: Session) -> None:
    with pytest.raises(Refused, match=r"orders, 1,\d+ deals"):
        change_settings(demo_session, currency="EUR")
    remove_demo(demo_session)
    change_settings(demo_session, currency="EUR")


def test_of_two_who_change_one_setting_the_second_is_told(session: Session, make_session: Callable[..., Session]) -> None:
    seen = settings.company(session)["version"]
    change_settings(make_session("admin", "Ada"), version=seen, company_name="Ada's")
    change_settings(session, version=seen, time_zone="Europe/Rome")
    with pytest.raises(Conflict, match="Ada changed"):
        change_settings(session, version=seen, company_name="Mine")
    change_settings(session, version=settings.company(session)["version"], company_name="Mine")


def test_settings_that_do_not_differ_make_no_change(session: Session) -> None:
    assert change_settings(session, currency="USD", first_month_of_year=1).change_set_id is None


def test_what_uses_a_row_is_counted_without_what_was_archived(session: Session, make_session: Callable[..., Session]) -> None:
    ann = make_session("member", "Ann")
    who = ann.actor.employee_id
    assert who
    first, second = (add_customer(session, name=name, owner_id=who).key for name in ("One", "Two"))
    with session.change("Archive") as change:
        change.archive("customers", second)
    deal = add_deal(session, name="Big", stage_id=NEW, owner_id=who, customer_id=first)
    move_deal(session, deal.key, QUALIFIED)
    assert usage.uses(session, "employees", [who]) == {who: {"customers": 1, "deals": 1}}
    # A stage change that leaves a stage and one that enters it are two; the deal that stands in it is one more.
    assert usage.uses(session, "stages", [NEW, WON]) == {NEW: {"stage_changes": 2}}
    assert usage.uses(session, "stages", [QUALIFIED]) == {QUALIFIED: {"deals": 1, "stage_changes": 1}}


def test_a_team_is_put_aside_with_its_people_still_in_it(session: Session, make_session: Callable[..., Session]) -> None:
    team = add_team(session, name="West")
    ann = make_session("member", "Ann", team_id=team.key)
    edit_team(session, team.key, manager_id=ann.actor.employee_id, region="North")
    assert employees.teams(session)[0]["manager_name"] == "Ann"
    archived = teams.archive_team(session, team.key)
    assert employees.teams(session) == []
    undo_change(session, archived.change_set_id)
    assert employees.teams(session)[0]["member_count"] == 1


def test_two_of_one_name_could_not_be_told_apart(session: Session) -> None:
    add_team(session, name="West")
    east = add_team(session, name="East")
    for act in (lambda: add_team(session, name=" west"), lambda: edit_team(session, east.key, name="WEST")):
        with pytest.raises(Refused, match="already") as refused:
            act()
        assert refused.value.field == "name"
    edit_team(session, east.key, name="EAST")
    add_product(session, name="West")
    other = pipelines.add_pipeline(session, name="Renewals").key
    stages.add_stage(session, other, name="Proposal")
    with pytest.raises(Refused, match="already"):
        stages.add_stage(session, SALES, name="proposal")


def test_of_two_products_that_came_with_one_name_either_can_be_edited(session: Session) -> None:
    with session.change("Import") as change:
        first, _ = change.insert("products", name="Pump"), change.insert("products", name="Pump")
    products.edit_product(session, first, name="Pump", list_price_amount=7)


def outline(session: Session, pipeline_id: UUID = SALES) -> list[str]:
    return [row["name"] for row in found_stages.active(session) if row["pipeline_id"] == pipeline_id]


def test_a_new_stage_stands_before_those_that_end_a_deal(session: Session) -> None:
    stages.add_stage(session, SALES, name="Trial", probability_share=0.6)
    stages.add_stage(session, SALES, name="Disqualified", outcome="lost", probability_share=0.4)
    assert outline(session) == ["New", "Qualified", "Proposal", "Negotiation", "Trial", "Won", "Lost", "Disqualified"]
    shares = {row["name"]: row["probability_share"] for row in found_stages.active(session)}
    assert (shares["Trial"], shares["Disqualified"]) == (0.6, 0)


def test_stages_and_pipelines_are_put_in_order(session: Session) -> None:
    stages.reorder_stages(session, [QUALIFIED, NEW, PROPOSAL, NEGOTIATION, WON, LOST])
    assert outline(session)[:2] == ["Qualified", "New"]
    renewals = pipelines.add_pipeline(session, name="Renewals").key
    assert outline(session, renewals) == ["New", "Won", "Lost"]
    pipelines.reorder_pipelines(session, [renewals, SALES])
    assert [row["name"] for row in found_stages.pipelines(session)] == ["Renewals", "Sales"]


def test_a_stage_with_open_deals_stays_until_they_are_moved(session: Session) -> None:
    deal = add_deal(session, name="Big", stage_id=PROPOSAL)
    with pytest.raises(Refused, match=r"Still open in Proposal: 1 deal\. Move them"):
        stages.archive_stage(session, PROPOSAL)
    move_deal(session, deal.key, NEGOTIATION)
    stages.archive_stage(session, PROPOSAL)
    assert "Proposal" not in outline(session)


def test_a_pipeline_keeps_a_stage_of_each_outcome(session: Session) -> None:
    for act in (lambda: stages.archive_stage(session, WON), lambda: stages.edit_stage(session, WON, outcome="lost")):
        with pytest.raises(Refused, match="only stage of its pipeline where deals are won"):
            act()
    stages.add_stage(session, SALES, name="Signed", outcome="won")
    stages.archive_stage(session, WON)


def test_a_stage_keeps_its_outcome_while_deals_stand_in_it(session: Session) -> None:
    stages.add_stage(session, SALES, name="Signed", outcome="won")
    add_deal(session, name="Big", stage_id=WON)
    with pytest.raises(Refused, match="Won holds 1 deal"):
        stages.edit_stage(session, WON, outcome="open")
    stages.edit_stage(session, PROPOSAL, outcome="won", name="Order placed")
    assert session.value("select probability_share from stages where stage_id = $key", key=PROPOSAL) == 1


@pytest.mark.parametrize("share", [-0.1, 1.1, "often", float("nan")])
def test_a_chance_is_a_share(session: Session, share: Any) -> None:
    with pytest.raises(Refused, match="between 0 and 100"):
        stages.edit_stage(session, NEW, probability_share=share)


def test_a_pipeline_is_put_aside_once_nothing_is_open_in_it_and_another_is_there(session: Session) -> None:
    deal = add_deal(session, name="Big", stage_id=NEW)
    with pytest.raises(Refused, match="Still open in Sales: 1 deal"):
        pipelines.archive_pipeline(session, SALES)
    move_deal(session, deal.key, WON)
    with pytest.raises(Refused, match="only pipeline"):
        pipelines.archive_pipeline(session, SALES)
    pipelines.add_pipeline(session, name="Renewals")
    pipelines.archive_pipeline(session, SALES)
    assert [row["name"] for row in found_stages.pipelines(session)] == ["Renewals"]


def test_what_is_learned_stands_beside_what_is_stated(session: Session) -> None:
    for number in range(40):
        deal = add_deal(session, name=f"Deal {number}", stage_id=NEW)
        if number % 2:
            move_deal(session, deal.key, QUALIFIED)
        move_deal(session, deal.key, WON if number % 4 else LOST, lost_reason="Price")
    stages.edit_stage(session, NEW, probability_share=None)
    found = {row["name"]: row for row in found_stages.with_probabilities(session)}
    new, qualified, proposal = (found[name] for name in ("New", "Qualified", "Proposal"))
    assert (new["stated_share"], new["learned_share"], new["learned_from"], new["used_share"]) == (None, 0.75, 40, 0.75)
    assert (qualified["stated_share"], qualified["learned_share"], qualified["learned_from"]) == (0.25, 1.0, 20)
    assert qualified["used_share"] == 0.25
    assert (proposal["learned_from"], proposal["learned_share"]) == (0, None)
