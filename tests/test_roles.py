"""Which role may do what, as one table over the real commands; and a member narrowed to some customers sees no other."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from crm.commands import customers as serve
from crm.commands import deals as deal
from crm.commands import employees as employ
from crm.commands import goals as aim
from crm.commands import pipelines as lead
from crm.commands import products as sell
from crm.commands import stages as step
from crm.commands import teams as group
from crm.commands.contacts import add_contact
from crm.commands.feedback import add_feedback
from crm.commands.history import undo_change
from crm.commands.interactions import log_interaction
from crm.commands.settings import change_settings
from crm.errors import CrmError, Refused
from crm.queries import contacts, customers, deals, history, periods, tasks, timeline, traits
from crm.queries.figures import figures
from crm.queries.search import search
from crm.store.rules import ROLES
from crm.store.session import Session, acting_as
from tests.small import NEW, WON

World = dict[str, UUID]
Act = Callable[[Session, World], Any]
QUARTER = {"figure": "won_amount", "period": "2026-Q1", "target": 100}

# What is done → the lowest role that may do it to what belongs to somebody else.
ACTIONS: dict[str, tuple[str, Act]] = {
    "create a customer": ("member", lambda who, _: serve.add_customer(who, name="New")),
    "log a call with anyone": ("member", lambda who, of: log_interaction(who, customer_id=of["customer"], channel="call")),
    "keep anyone's feedback": (
        "member",
        lambda who, of: add_feedback(who, customer_id=of["customer"], kind="question", text="When?"),
    ),
    "take a customer that nobody owns": (
        "member",
        lambda who, of: serve.edit_customer(who, of["nobody's"], owner_id=who.actor.employee_id),
    ),
    "rename oneself": ("member", lambda who, _: employ.rename_oneself(who, "Another name")),
    "edit another's customer": ("manager", lambda who, of: serve.edit_customer(who, of["customer"], city="Bonn")),
    "edit another's deal": ("manager", lambda who, of: deal.edit_deal(who, of["deal"], amount=9)),
    "archive another's customer": ("manager", lambda who, of: serve.archive_customer(who, of["customer"])),
    "add a contact to another's customer": ("manager", lambda who, of: add_contact(who, name="Ann", customer_id=of["customer"])),
    "assign customers": ("manager", lambda who, of: serve.assign_customers(who, [of["customer"]], who.actor.employee_id)),
    "undo another's change": ("manager", lambda who, of: undo_change(who, of["change set"])),
    "set a team's goal": ("manager", lambda who, of: aim.set_goal(who, **QUARTER, team_id=of["team"])),
    "set an employee's goal": ("manager", lambda who, of: aim.set_goal(who, **QUARTER, employee_id=of["employee"])),
    "add a product": ("manager", lambda who, _: sell.add_product(who, name="Pump")),
    "archive a product": ("manager", lambda who, of: sell.archive_product(who, of["product"])),
    "set the company's goal": ("leader", lambda who, _: aim.set_goal(who, **QUARTER)),
    "write down an objective": ("leader", lambda who, _: aim.add_objective(who, name="Be known")),
    "change the settings": ("admin", lambda who, _: change_settings(who, company_name="Konex")),
    "open everything to members": ("admin", lambda who, _: change_settings(who, member_reads="team")),
    "add an employee": ("admin", lambda who, _: employ.add_employee(who, name="Cy")),
    "give oneself another role": (
        "admin",
        lambda who, _: employ.edit_employee(who, _me(who), role="leader" if who.may("admin") else "admin"),
    ),
    "give oneself another team": ("admin", lambda who, of: employ.edit_employee(who, _me(who), team_id=of["team"])),
    "rename another": ("admin", lambda who, of: employ.edit_employee(who, of["employee"], name="Somebody")),
    "archive an employee": ("admin", lambda who, of: employ.archive_employee(who, of["employee"])),
    "add a team": ("admin", lambda who, _: group.add_team(who, name="South")),
    "archive a team": ("admin", lambda who, of: group.archive_team(who, of["team"])),
    "add a pipeline": ("admin", lambda who, _: lead.add_pipeline(who, name="Renewals")),
    "edit a stage": ("admin", lambda who, _: step.edit_stage(who, NEW, name="Fresh")),
    "reorder stages": ("admin", lambda who, _: step.reorder_stages(who, [WON, NEW])),
}


def _me(session: Session) -> UUID:
    assert session.actor.employee_id
    return session.actor.employee_id


@pytest.fixture
def world(session: Session, make_session: Callable[..., Session]) -> World:
    """A company in which all belongs to Olga, who is an admin beside another one."""
    make_session("admin", "Ada")
    olga = make_session("admin", "Olga")
    saved = serve.add_customer(olga, name="Olga's", owner_id=_me(olga))
    return {
        "employee": _me(olga),
        "team": group.add_team(olga, name="West").key,
        "product": sell.add_product(olga, name="Hose", list_price_amount=5).key,
        "deal": deal.add_deal(olga, name="Big", stage_id=NEW, owner_id=_me(olga), customer_id=saved.key).key,
        "nobody's": serve.add_customer(olga, name="Nobody's").key,
        "customer": saved.key,
        "change set": serve.edit_customer(olga, saved.key, city="Ulm").change_set_id or UUID(int=0),
    }


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("action", ACTIONS)
def test_a_role_does_what_it_may_and_is_told_whom_to_ask_otherwise(
    action: str, role: str, world: World, make_session: Callable[..., Session]
) -> None:
    lowest, act = ACTIONS[action]
    who = make_session(role, "Somebody")
    before = who.value("select count(*) from change_sets")
    if ROLES.index(role) >= ROLES.index(lowest):
        act(who, world)
        assert who.value("select count(*) from change_sets") == before + 1
        return
    with pytest.raises(Refused, match=r"Ask ") as refused:
        act(who, world)
    named = [known for known in ROLES if known in refused.value.message.lower()]
    assert lowest in named, refused.value.message
    assert who.value("select count(*) from change_sets") == before


def test_somebody_new_has_no_more_rights_through_what_is_named_in_a_change(
    world: World, make_session: Callable[..., Session]
) -> None:
    mo = make_session("member", "Mo")
    with pytest.raises(Refused), mo.change("Both at once") as change:
        change.update("employees", _me(mo), name="Mo the admin", role="admin")
    assert mo.value("select name from employees where role = 'member'") == "Mo"


@pytest.fixture
def people(session: Session, make_session: Callable[..., Session]) -> dict[str, Session]:
    """Mo and Lu of one team, Zoe of none: each with a customer, a won deal and a call."""
    team = group.add_team(session, name="West").key
    found = {name: make_session("member", name, team_id=team if name != "Zoe" else None) for name in ("Mo", "Lu", "Zoe")}
    for name, who in found.items():
        key = serve.add_customer(who, name=f"{name}'s company", owner_id=_me(who)).key
        add_contact(who, name=f"{name}'s buyer", customer_id=key)
        won = {"stage_id": WON, "amount": 100, "opened_on": date(2026, 1, 5), "closed_on": date(2026, 1, 20)}
        deal.add_deal(who, name=f"{name}'s deal", customer_id=key, owner_id=_me(who), **won)
        log_interaction(who, customer_id=key, channel="call", note=f"{name} called")
    return found


def again(session: Session) -> Session:
    """The same person in the next run."""
    return Session(session.database, acting_as(session.database, _me(session)))


def seen(session: Session) -> dict[str, set[str]]:
    """Whose things a person meets, on every way to them."""
    everyone = [row["customer_id"] for row in session.rows("select customer_id from customers")]
    found = {
        "list": [row["name"] for row in customers.page(session).rows],
        "search": [hit["name"] for hit in search(session, "company")],
        "people": [hit["name"] for hit in search(session, "buyer")],
        "timeline": [line["customer_name"] for line in timeline.of_everyone(session, kinds=["call"])],
        "deals": [row["name"] for key in everyone for row in deals.of_customer(session, key)],
    }
    return {way: {name.partition("'")[0] for name in names} for way, names in found.items()}


@pytest.mark.parametrize(
    ("reads", "whose"),
    [("all", {"Mo", "Lu", "Zoe"}), ("team", {"Mo", "Lu"}), ("own", {"Mo"})],
)
def test_a_narrowed_member_meets_only_those_customers_on_every_way(
    session: Session, people: dict[str, Session], reads: str, whose: set[str]
) -> None:
    change_settings(session, member_reads=reads)
    mo = again(people["Mo"])
    assert seen(mo) == dict.fromkeys(("list", "search", "people", "timeline", "deals"), whose)
    quarter = periods.parse("2026-Q1")
    found = figures(mo, quarter, date(2026, 3, 31), keys=["won_amount", "won_count", "customers"])
    assert [found[key]["value"] for key in ("won_amount", "won_count", "customers")] == [100 * len(whose), len(whose), len(whose)]


def test_a_narrowed_member_opens_no_other_customer_by_its_address(session: Session, people: dict[str, Session]) -> None:
    change_settings(session, member_reads="own")
    zoes = session.value("select customer_id from customers where name = $name", name="Zoe's company")
    mo = again(people["Mo"])
    assert customers.profile(mo, zoes) is None
    assert [
        contacts.of_customer(mo, zoes),
        deals.of_customer(mo, zoes),
        traits.of_customer(mo, zoes),
        timeline.of_customer(mo, zoes),
    ] == [[], [], [], []]


def test_what_hangs_on_an_unseen_deal_is_unseen_too(session: Session, people: dict[str, Session]) -> None:
    """A task or a call may name a deal and no customer."""
    zoe = people["Zoe"]
    key = session.value("select deal_id from deals where name = $name", name="Zoe's deal")
    with zoe.change("Plan and log") as change:
        change.insert("tasks", title="Zoe's task", deal_id=key, owner_id=_me(zoe), due_on=zoe.today)
        change.insert("interactions", channel="call", note="Zoe's call", deal_id=key, occurred_at=zoe.now, employee_id=_me(zoe))
    change_settings(session, member_reads="own")
    mo, again_zoe = again(people["Mo"]), again(zoe)
    assert not tasks.of_deal(mo, key)
    assert not tasks.of_owner(mo, _me(zoe))
    assert "Zoe's call" not in {line["body"] for line in timeline.of_everyone(mo, kinds=["call"])}
    assert [row["title"] for row in tasks.of_deal(again_zoe, key)] == ["Zoe's task"]


def test_a_narrowed_member_reads_own_changes_only(session: Session, people: dict[str, Session]) -> None:
    change_settings(session, member_reads="own")
    mo, zoe = again(people["Mo"]), people["Zoe"]
    assert {row["actor_name"] for row in history.change_sets(mo)} == {"Mo"}
    theirs = session.value("select change_set_id from change_sets where actor_name = 'Zoe' order by made_at limit 1")
    assert history.one(mo, theirs) is None
    assert history.rows_of(mo, theirs).empty
    assert not history.rows_of(again(zoe), theirs).empty


def test_a_narrowed_member_changes_nothing_unseen(session: Session, people: dict[str, Session]) -> None:
    change_settings(session, member_reads="own")
    zoes = session.value("select customer_id from customers where name = $name", name="Zoe's company")
    with pytest.raises(CrmError):
        serve.edit_customer(again(people["Mo"]), zoes, name="Mine now")


def test_a_wider_role_is_never_narrowed(
    session: Session, people: dict[str, Session], make_session: Callable[..., Session]
) -> None:
    change_settings(session, member_reads="own")
    assert customers.page(make_session("manager", "Bo")).total == len(people)


@pytest.mark.parametrize("role", ["member", "manager", "leader"])
def test_undoing_is_no_way_around_what_a_role_may_not_do(
    session: Session, make_session: Callable[..., Session], role: str
) -> None:
    make_session("admin", "Ada")
    who = make_session(role, "Somebody")
    added = employ.add_employee(session, name="Cy")
    promoted = employ.edit_employee(session, _me(who), role="admin")
    demoted = employ.edit_employee(session, _me(who), role=role)
    for saved in (added, promoted, demoted):
        with pytest.raises(CrmError):
            undo_change(who, saved.change_set_id or "")
    assert who.value("select role from employees where name = 'Somebody'") == role


@pytest.mark.parametrize("role", ROLES)
def test_everyone_takes_back_their_own_renaming(make_session: Callable[..., Session], role: str) -> None:
    who = make_session(role, "Mo")
    undo_change(who, employ.rename_oneself(who, "Moritz").change_set_id or "")
    assert who.value("select name from employees where role = $role", role=role) == "Mo"
