"""Who may do what, and who sees what: held by the store, whichever way a write comes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from uuid import UUID

import pytest

from crm.commands.contacts import add_contact
from crm.commands.customers import add_customer, edit_customer
from crm.commands.deals import add_deal, edit_deal
from crm.commands.employees import add_employee, archive_employee, edit_employee
from crm.commands.feedback import add_feedback
from crm.commands.findings import add_finding
from crm.commands.focus_groups import add_focus_group
from crm.commands.focus_sessions import add_quote
from crm.commands.interactions import log_interaction
from crm.commands.invitations import invite
from crm.commands.orders import add_order
from crm.commands.panels import add_participant
from crm.commands.settings import change_settings
from crm.commands.tasks import add_task, edit_task
from crm.errors import Refused
from crm.queries import contacts, customers, deals, duplicates, focus_groups, surveys, theme_proposals, timeline
from crm.queries.panels import participants
from crm.queries.search import search
from crm.store import rules
from crm.store.session import Actor, Session, acting_as
from tests.asking import NPS, asked, people

MakeSession = Callable[..., Session]
NEW = UUID("01900000-0000-7000-8000-000000000101")


def of(session: Session) -> UUID:
    assert session.actor.employee_id
    return session.actor.employee_id


@pytest.fixture
def bo(make_session: MakeSession) -> Session:
    return make_session("manager", "Bo")


@pytest.fixture
def mo(make_session: MakeSession) -> Session:
    return make_session("member", "Mo")


@pytest.fixture
def theirs(bo: Session) -> UUID:
    return add_customer(bo, name="Theirs", owner_id=of(bo)).key


def test_a_member_changes_own_and_unowned_customers_only(mo: Session, theirs: UUID) -> None:
    mine, nobodys = add_customer(mo, name="Mine", owner_id=of(mo)).key, add_customer(mo, name="Nobody's").key
    for key in (mine, nobodys):
        edit_customer(mo, key, city="Bonn")
    with pytest.raises(Refused, match="own or that nobody owns"):
        edit_customer(mo, theirs, city="Bonn")
    with pytest.raises(Refused):
        add_contact(mo, name="Ann", customer_id=theirs)
    with pytest.raises(Refused):
        add_order(mo, customer_id=theirs, amount=3)


def test_a_member_takes_no_customer_from_another_and_gives_none_away(mo: Session, bo: Session, theirs: UUID) -> None:
    with pytest.raises(Refused):
        edit_customer(mo, theirs, owner_id=of(mo))
    mine = add_customer(mo, name="Mine", owner_id=of(mo)).key
    with pytest.raises(Refused):
        edit_customer(mo, mine, owner_id=of(bo))
    edit_customer(bo, mine, owner_id=of(bo))


def test_anyone_logs_interactions_and_feedback_on_any_customer(mo: Session, theirs: UUID) -> None:
    log_interaction(mo, customer_id=theirs, channel="call")
    add_feedback(mo, customer_id=theirs, kind="complaint", text="Late")
    assert len(timeline.of_customer(mo, theirs)) == 2


def test_a_member_writes_deals_and_tasks_they_own(mo: Session, bo: Session, theirs: UUID) -> None:
    own = add_deal(bo, name="Own", stage_id=NEW, customer_id=theirs, owner_id=of(mo)).key
    other = add_deal(bo, name="Other", stage_id=NEW, customer_id=theirs, owner_id=of(bo)).key
    edit_deal(mo, own, amount=3)
    with pytest.raises(Refused):
        edit_deal(mo, other, amount=3)
    task = add_task(bo, title="Bo's", owner_id=of(bo)).key
    with pytest.raises(Refused):
        edit_task(mo, task, title="Mo's")


@pytest.mark.parametrize(("role", "scope", "allowed"), [
    ("member", "team", False),
    ("manager", "team", True),
    ("manager", "company", False),
    ("leader", "company", True),
])  # fmt: skip
def test_goals_are_set_by_managers_and_for_the_company_by_leaders(
    make_session: MakeSession, role: str, scope: str, allowed: bool
) -> None:
    session = make_session(role)

    def set_goal() -> None:
        with session.change("Set a goal") as change:
            change.insert(
                "goals", figure="won_amount", scope=scope, starts_on=date(2026, 1, 1), ends_on=date(2026, 3, 31), target=5
            )

    if allowed:
        set_goal()
    else:
        with pytest.raises(Refused):
            set_goal()
    assert session.value("select count(*) from goals") == int(allowed)


def test_only_an_admin_manages_employees_and_the_last_admin_stays(
    session: Session, bo: Session, make_session: MakeSession
) -> None:
    with pytest.raises(Refused, match=r"(?i)only an admin"):
        add_employee(bo, name="Cy")
    admin = make_session("admin", "Ada")
    with pytest.raises(Refused, match="last admin"):
        archive_employee(admin, of(admin))
    with pytest.raises(Refused, match="last admin"):
        edit_employee(admin, of(admin), role="member")
    with pytest.raises(Refused, match="e-mail"):
        for name in ("Cy", "Di"):
            add_employee(admin, name=name, email="Same@example.com" if name == "Cy" else "same@example.com")


def test_without_an_actor_nothing_is_written(session: Session) -> None:
    with pytest.raises(Refused, match="Sign in"):
        add_customer(Session(session.database, Actor("nobody", "Nobody")), name="Konex")


def narrow(session: Session, reads: str) -> None:
    key = session.value("select setting_id from settings where name = 'member_reads'")
    with session.change("Narrow") as change:
        change.update("settings", key, value=reads)


def again(session: Session) -> Session:
    """The same person in the next run."""
    return Session(session.database, acting_as(session.database, of(session)))


def test_a_narrowed_member_sees_own_and_unowned_customers_and_what_hangs_on_them(
    session: Session, mo: Session, bo: Session, theirs: UUID
) -> None:
    add_contact(bo, name="Hidden Ann", customer_id=theirs)
    add_deal(bo, name="Hidden deal", stage_id=NEW, customer_id=theirs, owner_id=of(bo))
    log_interaction(bo, customer_id=theirs, channel="call")
    edit_customer(bo, theirs, city="Bonn")
    mine = add_customer(mo, name="Mine", owner_id=of(mo)).key
    log_interaction(mo, customer_id=mine, channel="call")
    assert customers.page(mo).total == 2
    narrow(session, "own")
    mo = again(mo)
    assert [row["name"] for row in customers.page(mo).rows] == ["Mine"]
    assert customers.profile(mo, theirs) is None
    assert contacts.of_customer(mo, theirs) == deals.of_customer(mo, theirs) == timeline.of_customer(mo, theirs) == []
    assert search(mo, "hidden") == duplicates.likely(mo, "contact", name="Hidden Ann") == []
    assert {line["customer_id"] for line in timeline.of_everyone(mo)} == {mine}
    assert timeline.of_everyone(mo, kinds=["change"]) == []
    assert mo.value("select count(*) from customer_summary") == 1
    assert customers.page(bo).total == 2


def test_a_setting_opens_the_teams_customers(session: Session, make_session: MakeSession) -> None:
    with session.change("Team") as change:
        team = change.insert("teams", name="West")
    mo, lu, zoe = (make_session("member", name, team_id=which) for name, which in (("Mo", team), ("Lu", team), ("Zoe", None)))
    for person in (mo, lu, zoe):
        add_customer(person, name=f"{person.actor.name}'s", owner_id=of(person))
    narrow(session, "team")
    assert [row["name"] for row in customers.page(again(mo)).rows] == ["Lu's", "Mo's"]
    assert [row["name"] for row in customers.page(again(zoe)).rows] == ["Zoe's"]
    assert again(mo).scope != again(zoe).scope


# Company-wide by their nature, keys alone, or nothing that a customer said.
EVERYBODYS = {
    *("employees", "teams", "products", "pipelines", "stages", "stage_aliases", "settings", "segments", "tags", "surveys"),
    *("survey_questions", "custom_fields", "custom_choices", "external_events", "goals", "objectives", "brand_readings"),
    *("themes", "theme_phrases", "theme_marks", "sentiment_marks", "actions", "finding_quotes", "finding_outcomes"),
    *("ideas", "idea_votes", "enps_answers", "ideal_attributes", "import_mappings", "not_duplicates", "merges"),
}


def test_a_narrowed_member_sees_what_came_of_several_customers_only_with_all_of_them(
    session: Session, mo: Session, bo: Session, theirs: UUID
) -> None:
    mine = add_customer(mo, name="Mine", owner_id=of(mo)).key
    people = {key: add_contact(bo, name=f"At {key}", customer_id=key).key for key in (mine, theirs)}

    def met(name: str, *customers: UUID, owner: Session = bo) -> UUID:
        group = add_focus_group(bo, name=name, size=2, guide="How?", owner_id=of(owner)).key
        quotes = []
        for customer in customers:
            add_participant(bo, group, contact_id=people[customer])
            who = next(row["focus_participant_id"] for row in participants(bo, group) if row["customer_id"] == customer)
            quotes.append(add_quote(bo, group, text="Late", focus_participant_id=who).key)
        add_finding(bo, group, text=f"{name}: found", quotes=quotes)
        return group

    met("Together", mine, theirs)
    met("Alone", mine)
    met("Led by me", mine, theirs, owner=mo)
    bo.note("insert into theme_proposals values (uuid(), 'customers', 'Secret word', '[]', '[]', 9, now()::timestamp)")
    narrow(session, "own")
    mo = again(mo)
    assert {row["name"] for row in focus_groups.every(mo)} == {"Alone", "Led by me"}
    assert [row["text"] for row in mo.rows("select text from focus_findings")] == ["Alone: found"]
    assert len(mo.rows("from focus_questions")) == 2 and len(focus_groups.every(bo)) == 3
    assert theme_proposals.proposals(mo) == [] and len(theme_proposals.proposals(bo)) == 1


def test_a_narrowed_member_sees_totals_of_an_anonymous_survey_only_where_all_asked_are_theirs(
    session: Session, mo: Session, bo: Session
) -> None:
    surveys_of = {of(who): asked(session, NPS, number=0, name=who.actor.name, is_anonymous=True) for who in (mo, bo)}
    change_settings(session, survey_cooldown_days=0)
    for owner, survey in surveys_of.items():
        contacts_of = people(session, 5)
        session.note("update customers set owner_id = $owner where owner_id is null", owner=owner)
        survey.invited = invite(session, survey.survey_id, contacts_of, base_url="https://crm.example")
        for place in range(5):
            survey.answers(place, 9)
    narrow(session, "own")
    shown = {survey.survey_id: owner for owner, survey in surveys_of.items()}
    n = {shown[key]: surveys.results(again(mo), key)[0]["n"] for key in shown}
    rates = {shown[key]: surveys.rate(again(mo), key)["answered"] for key in shown}
    assert n == rates == {of(mo): 5, of(bo): 0}
    assert {surveys.results(bo, key)[0]["n"] for key in shown} == {5}


def test_whether_a_narrowed_member_sees_a_table_is_decided_for_every_table(session: Session) -> None:
    assert set(rules.WRITE) - set(rules.READ) == EVERYBODYS


def test_a_narrowed_member_learns_the_chances_of_some_customers_from_all_they_see(
    session: Session, mo: Session, bo: Session, theirs: UUID
) -> None:
    first, second = (add_customer(mo, name=name, owner_id=of(mo)).key for name in ("First", "Second"))
    for owner, customer in ((mo, first), (mo, second), (bo, theirs)):
        add_deal(owner, name="Deal", stage_id=NEW, customer_id=customer, owner_id=of(owner))
    narrow(session, "own")
    some = again(mo).among("select $customer::uuid as customer_id", {"customer": first})
    seen = {table: some.value(f"select count(*) from {table}") for table in ("deals", "learned_deals", "stage_changes")}
    assert seen == {"deals": 1, "learned_deals": 2, "stage_changes": 2}
