"""The Goals page: everyone sees how goals stand; who may set them does it in one dialog, with the facts beside it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from crm.commands.outlooks import store_outlooks
from crm.commands.settings import change_settings
from crm.store.session import Session, command_line, opened
from crm.ui import keys
from crm.ui.goalforms import SET

Visit = Callable[..., AppTest]
Ask = Callable[..., object]
NOW = "current_date between starts_on and ends_on"


def texts(app: AppTest) -> str:
    """Everything that is written on the page, as one text."""
    parts = [*app.markdown, *app.caption, *app.subheader]
    return "\n".join(part.value for part in parts).replace("\\", "")


def widgets(app: AppTest) -> set[str]:
    """The keys of what can be clicked."""
    return {button.key for button in app.button if button.key}


def choose(app: AppTest, **values: object) -> AppTest:
    """Set what is bound to the session's state, as a click on it would."""
    for key, value in values.items():
        app.session_state[key] = value
    return app.run()


def acting(app: AppTest, ask: Ask, role: str) -> AppTest:
    """The page as somebody of this role sees it."""
    return choose(app, **{keys.ACTOR: ask("select employee_id from employees where role = $role limit 1", role=role)})


def test_the_page_shows_each_goal_with_its_progress_its_pace_and_its_parts(demo_company: str, visit: Visit) -> None:
    app = visit("goals")
    written = texts(app)
    assert "**Won amount**" in written
    assert "pace " in written
    assert "Grow with the customers we understand best" in written
    labels = [box.label for box in app.expander]
    assert any(label.startswith("Teams add up to") for label in labels), labels


def test_each_scope_has_its_own_list(demo_company: str, visit: Visit, ask: Ask) -> None:
    app = choose(visit("goals"), scope="employee")
    name = ask(f"select scope_name from goal_details where scope = 'employee' and {NOW} limit 1")
    assert f"**{name}**" in texts(app)


def test_a_leader_sets_a_goal_and_the_page_says_so(demo_company: str, visit: Visit, ask: Ask) -> None:
    app = visit("goals")
    app.button(key="set_goal").click().run()
    assert "best $" in texts(app)
    app.selectbox(key="set_goal.figure").select("interactions")
    app.number_input(key="set_goal.target").set_value(1234.0)
    app.button(key="set_goal.save").click().run()
    assert ask("select target from goals where figure = 'interactions' and scope = 'company'") == 1234.0
    assert "Goal set" in texts(app)
    assert "of 1.23k" in texts(app)


def test_a_share_is_typed_in_per_cent_and_kept_as_a_share(demo_company: str, visit: Visit, ask: Ask) -> None:
    app = visit("goals")
    app.button(key="set_goal").click().run()
    app.selectbox(key="set_goal.figure").select("win_rate")
    app.number_input(key="set_goal.target").set_value(65.0)
    app.button(key="set_goal.save").click().run()
    assert ask("select target from goals where figure = 'win_rate'") == 0.65


def test_a_goal_without_a_target_is_refused_in_words(demo_company: str, visit: Visit, ask: Ask) -> None:
    before = ask("select count(*) from goals")
    app = visit("goals")
    app.button(key="set_goal").click().run()
    app.selectbox(key="set_goal.figure").select("new_customers")
    app.button(key="set_goal.save").click().run()
    assert ask("select count(*) from goals") == before
    assert app.session_state[keys.PROBLEM] == (SET, "Target is missing. Fill it in.", "target")


def test_changing_a_target_keeps_its_history_on_the_page(demo_company: str, visit: Visit, ask: Ask) -> None:
    goal = ask(f"select goal_id from goals where figure = 'won_amount' and scope = 'company' and {NOW}")
    app = visit("goals")
    app.button(key=f"change_{goal}").click().run()
    app.number_input(key="change_goal.target").set_value(777_000.0)
    app.button(key="change_goal.save").click().run()
    assert ask("select target from goals where goal_id = $goal", goal=goal) == 777_000.0
    table = choose(app, changes=True).dataframe[0].value
    assert table.iloc[0]["to"] == "$777k"
    assert set(table["what"]) == {"set", "changed"}


def test_a_goal_is_archived_in_the_dialog_that_changes_it(demo_company: str, visit: Visit, ask: Ask) -> None:
    goal = ask(f"select goal_id from goals where figure = 'won_amount' and scope = 'company' and {NOW}")
    app = visit("goals")
    app.button(key=f"change_{goal}").click().run()
    app.button(key="change_goal.archive").click().run()
    assert ask("select archived_at is not null from goals where goal_id = $goal", goal=goal)
    assert f"change_{goal}" not in widgets(app)


def test_goals_of_the_past_say_how_they_ended(demo_company: str, visit: Visit, ask: Ask) -> None:
    table = choose(visit("goals"), scope="team", past=True).dataframe[0].value
    assert len(set(table["whose"])) == ask("select count(*) from teams where archived_at is null")
    assert set(table["state"]) == {"reached", "missed"}


@pytest.mark.parametrize(
    ("role", "sets", "changes"), [("member", False, False), ("manager", True, False), ("leader", True, True)]
)
def test_what_a_role_may_not_do_is_not_offered(
    demo_company: str, visit: Visit, ask: Ask, role: str, sets: bool, changes: bool
) -> None:
    app = acting(visit("goals"), ask, role)
    goal = ask("select goal_id from goals where figure = 'nps' and scope = 'company'")
    assert ("set_goal" in widgets(app)) == sets
    assert (f"change_{goal}" in widgets(app)) == changes
    assert ("add_objective" in widgets(app)) == changes


def test_a_manager_is_offered_teams_and_employees_but_not_the_company(demo_company: str, visit: Visit, ask: Ask) -> None:
    app = acting(visit("goals"), ask, "manager")
    app.button(key="set_goal").click().run()
    assert app.selectbox(key="set_goal.scope").options == ["A team", "An employee"]
    assert app.selectbox(key="set_goal.team_id").options


def test_an_objective_is_worded_in_one_dialog(demo_company: str, visit: Visit, ask: Ask) -> None:
    app = visit("goals")
    app.button(key="add_objective").click().run()
    app.text_input(key="objective.name").input("Be *known*")
    app.button(key="objective.save").click().run()
    assert ask("select count(*) from objectives where name = 'Be *known*'") == 1
    assert any(heading.value == r"Be \*known\*" for heading in app.subheader)


def test_without_goals_the_page_says_who_sets_them(empty_company: str, visit: Visit) -> None:
    assert "No goal is set for" in texts(visit("goals"))


def looked_ahead() -> None:
    """The outlooks of the demo's goals, as the job makes them."""
    session = Session(opened(), command_line("tester"))
    running = session.rows(f"select goal_id from goals where {NOW}")
    with session.change("Only what is running") as change:
        for row in session.rows("select goal_id from goals"):
            if row not in running:
                change.archive("goals", row["goal_id"])
    store_outlooks(session)


def test_each_goal_says_how_likely_it_is_and_opens_to_the_fan(demo_company: str, visit: Visit, ask: Ask) -> None:
    looked_ahead()
    goal = ask(f"select goal_id from goals where figure = 'won_amount' and scope = 'company' and {NOW} and archived_at is null")
    app = visit("goals")
    label = next(box.label for box in app.expander if "range" in box.label).replace("\\", "")
    assert re.match(r"(over |under )?\d+ %(,| likely)", label), label
    app = choose(app, **{f"fan_{goal}": True})
    assert "80 % sure of $" in texts(app)
    assert "learned from" in texts(app)
    assert "When we said" in texts(app)
    assert "Back-test" in texts(app)
    assert " % likely" in texts(visit("today")) or " %, " in texts(visit("today"))


def test_who_sees_a_part_is_told_neither_state_nor_outlook_of_the_whole(demo_company: str, visit: Visit, ask: Ask) -> None:
    """The part against the whole target would be “at risk” for ever; the outlook would say what the others bring."""
    looked_ahead()
    app = acting(visit("goals"), ask, "member")
    assert "pace " in texts(app) and any("range" in box.label for box in app.expander), "without the setting all see all"
    change_settings(Session(opened(demo_company), command_line("tests")), member_reads="own")
    app = acting(visit("goals"), ask, "member")
    assert "You see what your own customers" in texts(app)
    assert "pace " not in texts(app)
    assert not [box.label for box in app.expander if "range" in box.label]
    own = acting(choose(visit("goals"), scope="employee"), ask, "member")
    assert texts(own).count("pace ") == 1, "one's own goal is judged by all that counts for it"


def advice(aim: float) -> None:
    """The part of the dialog that answers, by itself."""
    from crm.queries import periods
    from crm.ui import goaloutlook
    from crm.ui.session import current

    asking = current()
    quarter = periods.containing("quarter", asking.today)
    goaloutlook.advise(asking, "won_amount", "company", None, quarter, aim)


@pytest.mark.parametrize(
    ("aim", "answers"),
    [
        (5e6, ("under 1 %, almost out of reach", "must be", "a coverage of", "Realistic (80 %): $")),
        (1.0, ("over 99 %, almost certain", "ambitious (50 %): $")),
        (0.0, ("no chance to give",)),
    ],
)
def test_a_typed_target_is_answered_with_its_chance_and_what_it_takes(demo_company: str, aim: float, answers: tuple[str]) -> None:
    app = AppTest.from_function(advice, kwargs={"aim": aim}, default_timeout=30).run()
    assert not app.exception
    for answer in answers:
        assert answer in texts(app)


def test_the_advice_stands_beside_the_target(demo_company: str, visit: Visit) -> None:
    app = visit("goals")
    app.button(key="set_goal").click().run()
    assert "Realistic (80 %): $" in texts(app)


def test_a_goal_that_is_set_is_looked_at_at_once(demo_company: str, visit: Visit, ask: Ask) -> None:
    app = visit("goals")
    app.button(key="set_goal").click().run()
    app.number_input(key="set_goal.target").set_value(1234.0)
    app.button(key="set_goal.save").click().run()
    assert ask("select count(*) from jobs where kind = 'outlooks' and state = 'waiting'") == 1
