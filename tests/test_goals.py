"""Goals: who may set which, what becomes of a target set again, and how each stands against what happened."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from uuid import UUID

import pytest

from crm.commands.goals import (
    add_objective,
    archive_goal,
    archive_objective,
    edit_objective,
    set_goal,
)
from crm.commands.history import undo_change
from crm.errors import Conflict, Refused
from crm.queries import goal_history, goals, objectives
from crm.queries.goals import Standing
from crm.queries.periods import parse
from crm.queries.registry import FIGURES
from crm.store.database import Database
from crm.store.session import Session, command_line
from tests.importing import imported

MAY_15 = datetime(2026, 5, 15, 12)
Q2 = parse("2026-Q2")


@pytest.fixture
def session(database: Database) -> Session:
    """The command line, half way through a quarter."""
    return Session(database, command_line("tester"), MAY_15)


def win(session: Session, amount: float, closed_on: date, owner: UUID | None = None, outcome: str = "won") -> None:
    stage = session.value("select stage_id from stages where outcome = $outcome", outcome=outcome)
    with session.change("Close a deal") as change:
        change.insert(
            "deals", name="A sale", stage_id=stage, amount=amount, owner_id=owner, opened_on=date(2025, 1, 1), closed_on=closed_on
        )


def answer(session: Session, rating: int, received_at: datetime) -> None:
    with session.change("Hear") as change:
        change.insert("feedback", kind="survey_answer", rating=rating, scale="nps_0_10", received_at=received_at)


def team_of(session: Session, name: str) -> tuple[UUID, UUID]:
    """A team with one employee."""
    with session.change("Hire") as change:
        team = change.insert("teams", name=name)
        employee = change.insert("employees", name=f"Seller of {name}", role="member", team_id=team)
    return team, employee


def company_goal(session: Session, **fields: Any) -> Standing:
    """Set a goal of the company for this quarter, and see how it stands today."""
    given: dict[str, Any] = {"figure": "won_amount", "period": "2026-Q2", "target": 100_000} | fields
    set_goal(session, **given)
    return next(each for each in goals.attainment(session, session.today) if each.figure.key == given["figure"])


def test_setting_a_goal_again_changes_the_target_of_the_one_goal(session: Session) -> None:
    first = set_goal(session, figure="won_amount", period="2026-Q2", target=100_000, note="Agreed in March")
    again = set_goal(session, figure="won_amount", starts_on=date(2026, 4, 1), ends_on=date(2026, 6, 30), target=120_000)
    assert again.key == first.key
    assert session.rows("select target, note from goals") == [{"target": 120_000.0, "note": "Agreed in March"}]


def test_setting_the_same_target_again_changes_nothing(session: Session) -> None:
    set_goal(session, figure="won_amount", period="2026-Q2", target=100_000)
    assert set_goal(session, figure="won_amount", period="2026-Q2", target=100_000).change_set_id is None


def test_the_quarters_are_those_of_the_companys_own_year(session: Session) -> None:
    with session.change("Our year begins in April") as change:
        key = session.value("select setting_id from settings where name = 'first_month_of_year'")
        change.update("settings", key, value="4")
    later = Session(session.database, session.actor, MAY_15)
    set_goal(later, figure="won_amount", period="2026-Q1", target=1)
    assert later.row("select starts_on, ends_on from goals") == {"starts_on": date(2026, 4, 1), "ends_on": date(2026, 6, 30)}
    assert goals.attainment(later, later.today)[0].period.label == "2026-Q1"


def test_an_archived_goal_that_is_set_again_comes_back_with_its_history(session: Session) -> None:
    saved = set_goal(session, figure="won_amount", period="2026-Q2", target=100_000)
    archive_goal(session, saved.key)
    assert goals.attainment(session, session.today) == []
    assert set_goal(session, figure="won_amount", period="2026-Q2", target=90_000).key == saved.key
    assert [step["did"] for step in goal_history.changes_of(session, Q2)] == ["brought back", "archived", "set"]


def test_two_leaders_who_change_one_goal_are_told_apart(session: Session) -> None:
    seen = company_goal(session).version
    set_goal(session, figure="won_amount", period="2026-Q2", target=110_000)
    with pytest.raises(Conflict):
        set_goal(session, figure="won_amount", period="2026-Q2", target=120_000, version=seen)


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("figure", {"figure": "happiness"}),
        ("target", {"target": None}),
        ("target", {"target": "much"}),
        ("target", {"target": float("inf")}),
        ("team_id", {"scope": "team"}),
        ("employee_id", {"scope": "employee"}),
        ("scope", {"scope": "planet"}),
        ("period", {"period": "soon"}),
        ("starts_on", {"period": None}),
        ("ends_on", {"period": None, "starts_on": date(2026, 4, 2), "ends_on": date(2026, 4, 1)}),
    ],
)
def test_a_goal_that_makes_no_sense_is_refused_at_its_field(session: Session, field: str, given: dict[str, Any]) -> None:
    sound: dict[str, Any] = {"figure": "won_amount", "period": "2026-Q2", "target": 1}
    with pytest.raises(Refused) as refused:
        set_goal(session, **sound | given)
    assert refused.value.field == field
    assert session.value("select count(*) from goals") == 0


def test_a_second_goal_for_the_same_thing_is_refused_whoever_writes_it(session: Session) -> None:
    company_goal(session)
    with pytest.raises(Refused, match="Another goal"), session.change("Write past the command") as change:
        days = {"starts_on": Q2.start, "ends_on": Q2.end}
        change.insert("goals", figure="won_amount", scope="company", target=5, **days)


@pytest.mark.parametrize(
    ("role", "may_set"), [("member", set()), ("manager", {"team", "employee"}), ("leader", {"company", "team", "employee"})]
)
def test_each_role_sets_the_goals_that_are_its_to_set(
    session: Session, make_session: Callable[..., Session], role: str, may_set: set[str]
) -> None:
    team, employee = team_of(session, "West")
    actor = make_session(role)
    for scope, whose in (("company", {}), ("team", {"team_id": team}), ("employee", {"employee_id": employee})):
        goal: dict[str, Any] = {"figure": "won_amount", "period": "2026-Q2", "target": 5, "scope": scope, **whose}
        if scope in may_set:
            assert set_goal(actor, **goal).change_set_id
            continue
        with pytest.raises(Refused):
            set_goal(actor, **goal)
        stands = set_goal(session, **goal)
        with pytest.raises(Refused):
            set_goal(actor, **goal | {"target": 6})
        with pytest.raises(Refused):
            archive_goal(actor, stands.key)
    assert session.value("select count(*) from goals where target = 5 and archived_at is null") == 3


def test_a_member_cannot_undo_a_goal_that_was_set_for_them(session: Session, make_session: Callable[..., Session]) -> None:
    _, employee = team_of(session, "West")
    saved = set_goal(session, figure="won_amount", period="2026-Q2", target=5, employee_id=employee)
    assert saved.change_set_id
    with pytest.raises(Refused):
        undo_change(make_session("member"), saved.change_set_id)


def test_a_file_sets_no_goal_that_its_sender_may_not_set(session: Session, make_session: Callable[..., Session]) -> None:
    team_of(session, "West")
    text = "figure,scope,team,period,target\nwon_amount,company,,2026-Q2,10\nwon_amount,team,West,2026-Q2,7\n"
    with pytest.raises(Refused):
        imported(make_session("member"), "goals", text)
    assert session.value("select count(*) from goals") == 0
    result = imported(make_session("manager"), "goals", text)
    assert (result.created, result.rejected) == (1, 1)
    assert session.rows("select scope, target from goals") == [{"scope": "team", "target": 7.0}]
    assert imported(make_session("leader"), "goals", text).created == 1


def test_objectives_are_the_leaders(session: Session, make_session: Callable[..., Session]) -> None:
    objective = add_objective(make_session("leader"), name="Nobody waits", reason="Those who left had waited.").key
    manager = make_session("manager")
    with pytest.raises(Refused):
        add_objective(manager, name="Mine")
    with pytest.raises(Refused):
        edit_objective(manager, objective, reason="No")
    with pytest.raises(Refused):
        archive_objective(manager, objective)


def test_a_goal_serves_an_objective_until_it_is_archived(session: Session) -> None:
    objective = add_objective(session, name="Grow", reason="To last").key
    company_goal(session, objective_id=objective)
    edit_objective(session, objective, name="Grow together")
    assert [(row["name"], row["goal_count"]) for row in objectives.active(session)] == [("Grow together", 1)]
    assert goals.attainment(session, session.today)[0].objective_id == objective
    archive_objective(session, objective)
    assert objectives.active(session) == []
    assert goals.attainment(session, session.today)[0].objective_id is None


def test_a_flow_has_a_pace_by_the_days_that_are_over(session: Session) -> None:
    win(session, 40_000, date(2026, 4, 20))
    win(session, 999, date(2026, 3, 31))
    goal = company_goal(session)
    assert (goal.actual, goal.attainment, goal.start) == (40_000, 0.4, None)
    assert goal.pace == pytest.approx(0.4 / (45 / 91))
    assert goal.state == "behind"


def test_a_level_has_a_distance_and_a_direction_instead_of_a_pace(session: Session) -> None:
    for rating, month in ((9, 2), (6, 2), (9, 4), (10, 4), (8, 5), (9, 5)):
        answer(session, rating, datetime(2026, month, 3))
    goal = company_goal(session, figure="nps", target=100)
    assert (goal.start, goal.actual, goal.pace) == (0, 75, None)
    assert goal.attainment == pytest.approx(0.75)
    assert (goal.distance, goal.state) == (25, "closing in")


def test_a_level_of_which_less_is_better_is_reached_from_above(session: Session) -> None:
    with session.change("Plan") as change:
        for number in range(4):
            done = datetime(2026, 4, 10) if number < 3 else None
            change.insert("tasks", title="Late", due_on=date(2026, 2, 1), done_at=done, created_at=datetime(2026, 1, 5))
    goal = company_goal(session, figure="tasks_overdue", target=2)
    assert (goal.start, goal.actual, goal.attainment) == (4, 1, 1.5)
    assert goal.state == "reached"


def test_of_a_flow_of_which_less_is_better_too_fast_is_at_risk(session: Session) -> None:
    for _ in range(9):
        win(session, 0, date(2026, 4, 20), outcome="lost")
    goal = company_goal(session, figure="lost_count", target=10)
    assert goal.attainment == 0.9
    assert goal.state == "at risk"


@pytest.mark.parametrize("target", [0, -5])
def test_a_flow_with_a_target_of_nothing_has_no_share_but_shows_both(session: Session, target: float) -> None:
    win(session, 40_000, date(2026, 4, 20))
    goal = company_goal(session, target=target)
    assert (goal.actual, goal.target) == (40_000, target)
    assert (goal.attainment, goal.pace, goal.state) == (None, None, "not available")


def test_a_level_that_began_at_its_target_has_no_share_but_shows_both(session: Session) -> None:
    answer(session, 9, datetime(2026, 2, 3))
    answer(session, 3, datetime(2026, 4, 3))
    goal = company_goal(session, figure="nps", target=100)
    assert (goal.start, goal.actual, goal.target, goal.attainment) == (100, -100, 100, None)


def test_a_goal_of_the_future_has_not_begun(session: Session) -> None:
    goal = company_goal(session, period="2026-Q3")
    assert (goal.actual, goal.attainment, goal.state) == (None, None, "not begun")


@pytest.mark.parametrize(("amount", "state"), [(100_000, "reached"), (99_999, "missed")])
def test_a_goal_that_is_over_was_reached_or_missed(session: Session, amount: float, state: str) -> None:
    win(session, amount, date(2026, 3, 31))
    assert company_goal(session, period="2026-Q1").state == state


@pytest.mark.parametrize("figure", list(FIGURES))
def test_any_registered_figure_can_be_aimed_at_in_every_scope(session: Session, figure: str) -> None:
    team, employee = team_of(session, "West")
    for whose in ({}, {"team_id": team}, {"employee_id": employee}):
        set_goal(session, figure=figure, period="2026-Q2", target=10, **whose)
    found = goals.attainment(session, session.today, Q2)
    assert [goal.scope for goal in found] == ["company", "team", "employee"]
    assert all(goal.state for goal in found)


def test_the_teams_targets_stand_against_the_companys(session: Session) -> None:
    company_goal(session, target=3_200_000)
    for name, target in (("West", 2_000_000), ("East", 1_050_000)):
        set_goal(session, figure="won_amount", period="2026-Q2", target=target, team_id=team_of(session, name)[0])
    (part,) = goals.parts(goals.attainment(session, session.today, Q2))
    assert (part.scope, part.total, part.unassigned) == ("team", 3_050_000, 150_000)


def test_the_employees_of_a_team_stand_against_their_team(session: Session) -> None:
    (west, in_west), (_, in_east) = team_of(session, "West"), team_of(session, "East")
    set_goal(session, figure="won_amount", period="2026-Q2", target=100, team_id=west)
    for employee in (in_west, in_east):
        set_goal(session, figure="won_amount", period="2026-Q2", target=130, employee_id=employee)
    (part,) = goals.parts(goals.attainment(session, session.today, Q2))
    assert (part.whole.scope_name, part.total, part.unassigned) == ("West", 130, -30)


def test_levels_do_not_add_up(session: Session) -> None:
    company_goal(session, figure="nps", target=40)
    set_goal(session, figure="nps", period="2026-Q2", target=40, team_id=team_of(session, "West")[0])
    assert goals.parts(goals.attainment(session, session.today, Q2)) == []


def test_a_quarter_shows_the_goals_of_its_year_as_well(session: Session) -> None:
    for period in ("2026", "2026-Q2", "2026-Q3", "2025"):
        set_goal(session, figure="won_amount", period=period, target=1)
    found = goals.attainment(session, session.today, touching=Q2)
    assert {goal.period.label for goal in found} == {"2026", "2026-Q2"}


def test_my_goal_is_my_own_else_my_teams_else_the_companys(session: Session) -> None:
    team, employee = team_of(session, "West")
    assert goals.mine(session, employee) is None
    for scope, whose in (("company", {}), ("team", {"team_id": team}), ("employee", {"employee_id": employee})):
        set_goal(session, figure="won_amount", period="2026-Q2", target=1, **whose)
        found = goals.mine(session, employee)
        assert found is not None
        assert found.scope == scope
    assert goals.mine(session, None).scope == "company"  # type: ignore[union-attr]


def test_my_goal_is_the_one_of_today_and_of_the_nearest_end(session: Session) -> None:
    win(session, 30, date(2026, 5, 2))
    for figure, period in (("nps", "2026-05"), ("won_amount", "2026"), ("won_amount", "2026-Q2"), ("won_amount", "2026-Q1")):
        set_goal(session, figure=figure, period=period, target=60)
    found = goals.mine(session, None)
    assert found is not None
    assert (found.figure.key, found.period.label, found.attainment) == ("won_amount", "2026-Q2", 0.5)


def test_every_change_of_a_target_says_who_and_from_what_to_what(session: Session, make_session: Callable[..., Session]) -> None:
    leader = make_session("leader", name="Lea", now=datetime(2026, 5, 16))
    set_goal(session, figure="won_amount", period="2026-Q2", target=100)
    set_goal(leader, figure="won_amount", period="2026-Q2", target=150)
    set_goal(leader, figure="won_amount", period="2026-Q2", target=150, note="Only a note")
    steps = goal_history.changes_of(session, Q2)
    assert [(step["actor_name"], step["from_target"], step["to_target"], step["did"]) for step in steps] == [
        ("Lea", 100, 150, "changed"),
        ("tester", None, 100, "set"),
    ]
    assert steps[0]["made_at"] == datetime(2026, 5, 16)


def test_an_undone_change_of_a_target_is_kept_and_shown_as_well(session: Session) -> None:
    set_goal(session, figure="won_amount", period="2026-Q2", target=100)
    saved = set_goal(session, figure="won_amount", period="2026-Q2", target=150)
    assert saved.change_set_id
    undo_change(session, saved.change_set_id)
    steps = goal_history.changes_of(session, Q2)
    assert sorted((step["from_target"] or 0, step["to_target"]) for step in steps) == [(0, 100), (100, 150), (150, 100)]


def test_the_facts_beside_a_target_are_the_periods_that_are_over(session: Session) -> None:
    for quarter, amount in ((date(2025, 8, 1), 80), (date(2025, 11, 1), 120), (date(2026, 2, 1), 100), (date(2026, 5, 1), 500)):
        win(session, amount, quarter)
    facts = goal_history.facts(session, "won_amount", parse("2026-Q3"))
    assert [period.label for period in facts.periods] == ["2025-Q3", "2025-Q4", "2026-Q1"]
    assert facts.values == (80, 120, 100)
    assert (facts.reached(100), facts.reached(121)) == (2, 0)


def test_where_less_is_better_a_target_is_reached_from_above(session: Session) -> None:
    for day in (date(2025, 11, 1), date(2026, 2, 1), date(2026, 2, 2)):
        win(session, 0, day, outcome="lost")
    assert goal_history.facts(session, "lost_count", Q2).reached(1) == 1
