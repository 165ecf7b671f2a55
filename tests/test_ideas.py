"""What our own people say: by name or without one, voted for, answered; and whether they would recommend working here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crm.commands.anonymous import unnamed
from crm.commands.enps import answer_enps
from crm.commands.ideas import act_on_idea, answer_idea, archive_idea, edit_idea, share_idea, vote
from crm.commands.theme_runs import assign_themes
from crm.errors import Refused
from crm.jobs.due import Past
from crm.jobs.kinds import KINDS, due_now
from crm.queries import enps, ideas, jobs
from crm.store.database import Database
from crm.store.session import Session, close, command_line, opened
from crm.store.undo import undo

NOW = datetime(2026, 11, 18, 14, 37, 11)
Make = Callable[..., Session]


@pytest.fixture
def team(make_session: Make) -> list[Session]:
    """Six who work here, the last of them a leader."""
    return [make_session("leader" if name == "Lena" else "member", name, NOW) for name in ("Ann", "Bo", "Cy", "Di", "Ed", "Lena")]


def test_what_is_said_by_name_is_voted_for_and_the_most_wanted_comes_first(team: list[Session]) -> None:
    ann, bo, cy, *_ = team
    first = share_idea(ann, kind="idea", text="A map of all devices").key
    second = share_idea(bo, kind="blocker", text="Prices are only in a PDF").key
    vote(cy, second)
    vote(ann, second)
    (top, rest) = ideas.every(ann)
    assert [(top["idea_id"], top["votes"], top["is_my_vote"], top["author"]), (rest["idea_id"], rest["votes"])] == [
        (second, 2, True, "Bo"),
        (first, 0),
    ]
    vote(ann, second)
    assert ideas.every(ann)[0]["votes"] == 1, "a second time takes it back"
    vote(ann, second)
    assert ideas.every(ann)[0]["votes"] == 2


def test_leaders_answer_in_words_and_the_author_sees_it(team: list[Session]) -> None:
    ann, lena = team[0], team[-1]
    key = share_idea(ann, kind="need", text="A second screen").key
    with pytest.raises(Refused, match="role of leader"):
        answer_idea(ann, key, state="done", answer="Yes")
    with pytest.raises(Refused, match="Answer is missing"):
        answer_idea(lena, key, state="declined", answer=" ")
    edit_idea(ann, key, text="A second screen for everybody")
    said = answer_idea(lena, key, state="done", answer="They stand on your desks.")
    row = ideas.every(ann)[0]
    assert (row["state"], row["answer"], row["answered_by"], row["answered_on"]) == (
        "done",
        "They stand on your desks.",
        "Lena",
        NOW.date(),
    )
    with pytest.raises(Refused, match="answered already"):
        edit_idea(ann, key, text="Something else")
    with pytest.raises(Refused, match="You can change what you said yourself"):
        archive_idea(team[1], key)
    assert said.change_set_id
    undo(lena, said.change_set_id)
    assert ideas.every(ann)[0]["state"] == "open"


def test_who_answers_sees_what_waits_and_who_said_it_that_it_was_answered(team: list[Session]) -> None:
    ann, bo, lena = team[0], team[1], team[-1]
    key = share_idea(ann, kind="need", text="A second screen").key
    share_idea(bo, kind="idea", text="A map", is_anonymous=True)
    assert (ideas.news(lena)["waiting"], ideas.news(ann)["answered"]) == (2, 0)
    answer_idea(lena, key, state="planned", answer="In May")
    assert ideas.news(lena)["waiting"] == 1
    assert (ideas.news(ann)["answered"], ideas.news(bo)["answered"]) == (1, 0)
    later = Session(ann.database, ann.actor, NOW + timedelta(days=8))
    assert ideas.news(later)["answered"] == 0


def test_an_idea_becomes_an_action_with_an_owner(team: list[Session]) -> None:
    key = share_idea(team[0], kind="idea", text="Send the invoice as a PDF").key
    action = act_on_idea(team[-1], key, name="Invoices as PDF").key
    row = ideas.every(team[0])[0]
    assert (row["state"], row["action_id"], row["action"]) == ("planned", action, "Invoices as PDF")
    with pytest.raises(Refused, match="an action already"):
        act_on_idea(team[-1], key, name="Once more")
    assert team[0].value("select count(*) from actions") == 1


def test_what_was_put_aside_is_neither_voted_for_nor_answered(team: list[Session]) -> None:
    ann, lena = team[0], team[-1]
    key = share_idea(ann, kind="idea", text="A map").key
    archive_idea(ann, key)
    for late in (
        lambda: vote(ann, key),
        lambda: edit_idea(ann, key, text="Two maps"),
        lambda: answer_idea(lena, key, state="done", answer="Yes"),
        lambda: act_on_idea(lena, key, name="Draw it"),
    ):
        with pytest.raises(Refused, match="not there any more"):
            late()


def test_without_a_name_nothing_in_the_store_leads_to_a_person_or_a_moment(team: list[Session]) -> None:
    ann, bo = team[:2]
    for number in range(4):
        share_idea(bo, kind="idea", text=f"By name {number}")
        said = share_idea(ann, kind="blocker", text=f"Nobody says so {number}", is_anonymous=True)
        assert said.change_set_id is None, "an undo would be by name"
    rows = ann.rows("select * from ideas where employee_id is null")
    day = ann.start_of(ann.today)
    assert all(row["created_at"] == row["updated_at"] == day and row["idea_id"].version == 4 for row in rows)
    sets = ann.rows("select * from change_sets where change_set_id in (select version from ideas where employee_id is null)")
    assert {(row["actor_kind"], row["actor_id"], row["made_at"]) for row in sets} == {("anonymous", None, day)}
    place = [row["idea_id"] for row in ann.rows("select idea_id from ideas where employee_id is null order by rowid")]
    assert place == sorted(place), "not in the order in which they came"
    assert "Nobody says so" not in str([ann.rows(f"from {table}") for table in ("change_sets", "changes")])
    assert {row["author"] for row in ideas.every(bo, kind="blocker")} == {None}


def test_among_fewer_than_five_nobody_is_anonymous(make_session: Make) -> None:
    few = [make_session("member", f"Person {number}", NOW) for number in range(4)]
    with pytest.raises(Refused, match="fewer than 5 employees"):
        share_idea(few[0], kind="idea", text="Who am I?", is_anonymous=True)
    with pytest.raises(Refused, match="fewer than 5 employees"):
        answer_enps(few[0], rating=9)
    assert share_idea(few[0], kind="idea", text="By name it goes").key


def test_answers_come_to_light_five_together(team: list[Session]) -> None:
    for session, rating in zip(team[:4], (10, 9, 8, 3), strict=True):
        answer_enps(session, rating=rating, text=f"Because {rating}")
    (row,) = enps.quarters(team[0])
    assert (row["answers"], row["n"], row["score"]) == (4, 0, None)
    assert enps.reasons(team[0], row["starts_on"]) == []
    answer_enps(team[4], rating=6)
    (row,) = enps.quarters(team[0])
    assert (row["answers"], row["n"], row["score"]) == (5, 5, 100 * (2 - 2) / 5)
    assert sorted(enps.reasons(team[0], row["starts_on"])) == ["Because 10", "Because 3", "Because 8", "Because 9"]
    answer_enps(team[5], rating=10)
    (row,) = enps.quarters(team[0])
    assert (row["answers"], row["n"], row["score"]) == (6, 5, 0), "the sixth waits: two looks would tell it"
    assert sum(each["answers"] for each in enps.distribution(team[0], row["starts_on"])) == 5


def test_one_answers_once_a_quarter(team: list[Session], database: Database) -> None:
    ann = team[0]
    with pytest.raises(Refused, match="between 0 and 10"):
        answer_enps(ann, rating=11)
    answer_enps(ann, rating=9)
    assert enps.has_answered(ann) and not enps.has_answered(team[1])
    with pytest.raises(Refused, match="You have answered this quarter"):
        answer_enps(ann, rating=1)
    later = Session(database, ann.actor, NOW + timedelta(days=60))
    answer_enps(later, rating=8)
    assert [row["label"] for row in enps.quarters(later)] == ["2027-Q1", "2026-Q4"]


def test_who_has_answered_is_kept_without_a_time_and_an_order(team: list[Session]) -> None:
    for session in reversed(team[1:]):
        answer_enps(session, rating=7)
    rows: list[dict[str, Any]] = team[0].rows("from enps_asked")
    assert [row["employee_id"] for row in rows] == sorted(row["employee_id"] for row in rows)
    assert {tuple(row) for row in rows} == {("employee_id", "starts_on", "has_answered")}
    assert sum(row["has_answered"] for row in rows) == 5
    history = str(team[0].rows("from changes where table_name like 'enps%'"))
    assert all(str(session.actor.employee_id) not in history for session in team)
    answers = [row["enps_answer_id"] for row in team[0].rows("select enps_answer_id from enps_answers order by rowid")]
    assert answers == sorted(answers)


def test_the_interval_of_the_score_is_the_simulated_one() -> None:
    import numpy as np

    rng = np.random.default_rng(7)
    draws = rng.choice([1, 0, -1], size=(20_000, 80), p=[0.5, 0.3, 0.2]).mean(axis=1) * 100
    found = enps.scored({"n": 80, "promoters": 40, "detractors": 16})
    assert found["score"] == pytest.approx(30)
    assert (found["low"], found["high"]) == pytest.approx(tuple(np.quantile(draws, (0.025, 0.975))), abs=1.5)


def test_what_is_said_without_a_name_is_read_from_the_next_day_on(team: list[Session]) -> None:
    """A run keeps its instant: what it read, and that it was due, would tell when somebody spoke."""
    ann, lena = team[0], team[-1]
    share_idea(ann, kind="need", text="A second screen")
    assign_themes(lena, corpus="employees")
    share_idea(ann, kind="need", text="A quiet room", is_anonymous=True)
    assert assign_themes(lena, corpus="employees").read == 0
    assert not KINDS["themes"].due(lena, jobs_past(lena)), "nothing that a job looks at has changed"
    tomorrow = Session(lena.database, lena.actor, NOW + timedelta(days=1))
    assert KINDS["themes"].due(tomorrow, jobs_past(lena))
    assert assign_themes(tomorrow, corpus="employees").read == 1
    assert not {"ideas", "enps_answers", "survey_answers"} & set(jobs.data_versions(lena))


def jobs_past(session: Session) -> Past:
    """As if the job had just come to its end."""
    done = {"seen_versions": jobs.data_versions(session), "created_at": NOW - timedelta(hours=2)}
    return Past(done, done)


def test_the_file_is_rewritten_in_the_night_after_somebody_spoke_without_a_name(tmp_path: Path) -> None:
    """Freed bytes, the log and the numbers of rows would tell in which order people spoke."""
    url = f"duckdb:///{tmp_path / 'crm.duckdb'}"
    session = Session(opened(url), command_line("tester"), NOW)
    with unnamed(session).change("An idea") as change:
        change.insert("ideas", kind="idea", text="A quiet room", state="open", said_on=session.today)
    evening, night = (Session(session.database, session.actor, NOW + timedelta(hours=hours)) for hours in (9, 14))
    assert "rewrite" not in due_now(evening)
    assert "rewrite" in due_now(night)
    done = {"result": {"is_rewritten": True}, "created_at": night.now}
    assert not KINDS["rewrite"].due(Session(session.database, session.actor, NOW + timedelta(days=3)), Past(done, done))
    close(url)


def test_two_windows_of_one_person_leave_one_answer(team: list[Session], monkeypatch: pytest.MonkeyPatch) -> None:
    answer_enps(team[0], rating=9)
    monkeypatch.setattr(enps, "has_answered", lambda _: False)  # as the second window read it before
    with pytest.raises(Refused, match="answered this quarter"):
        answer_enps(team[0], rating=1)
    assert team[0].value("select count(*) from enps_answers") == 1
