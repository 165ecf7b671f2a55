"""Anonymous surveys: nothing in the store leads from an answer to a moment or a person."""

from __future__ import annotations

import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import time
from pathlib import Path
from uuid import UUID

import pytest

from crm.commands.anonymous import FEWEST, unnamed
from crm.commands.answers import answer
from crm.commands.customers import add_customer
from crm.commands.history import undo_change
from crm.commands.invitations import invite, link_again
from crm.commands.surveys import edit_survey
from crm.errors import Refused
from crm.queries import integrity, surveys
from crm.store import session as door
from crm.store.database import PROJECT
from crm.store.session import Session, command_line
from tests.asking import NPS, TEXT, Asked, asked, people


@pytest.fixture
def survey(session: Session) -> Asked:
    return asked(session, NPS, TEXT, number=12, is_anonymous=True)


def shown(survey: Asked) -> list[int]:
    return [row["n"] for row in surveys.results(survey.session, survey.survey_id)]


def test_keys_are_random_and_a_day_is_all_that_is_known_of_when(survey: Asked, session: Session) -> None:
    for place in range(6):
        survey.answers(place, (place, "why"), "words")
    rows = session.rows("from survey_answers")
    assert len(rows) == 12 and all(row["survey_answer_id"].version == 4 and row["version"].version == 4 for row in rows)
    assert {row[name] for row in rows for name in ("created_at", "updated_at")} == {session.start_of(session.today)}
    assert all(row["survey_response_id"] is None and row["feedback_id"] is None for row in rows)
    assert not session.rows("from feedback") and not session.rows("from survey_responses")


def test_each_answer_has_a_change_set_of_its_own_without_actor_or_instant(survey: Asked, session: Session) -> None:
    survey.answers(0, 3, "words")
    rows = session.rows("select * from change_sets where actor_kind = 'anonymous'")
    assert len(rows) == 2, "two answers of one person are not joined"
    for row in rows:
        assert row["change_set_id"].version == 4 and row["actor_id"] is None and row["actor_name"] == "Anonymous"
        assert session.local(row["made_at"]).time() == time() and row["job_id"] is None


@pytest.mark.parametrize("table", ["survey_answers", "changes", "change_sets"])
def test_the_order_of_rows_says_nothing(survey: Asked, session: Session, table: str) -> None:
    """Rows stand in the order of their random keys, behind all that bears a time, also what was written after them."""
    for place in range(8):
        survey.answers(place, place)
        add_customer(session, name=f"Customer {place}")
    key = {"changes": "record_id", "change_sets": "change_set_id", "survey_answers": "survey_answer_id"}[table]
    unnamed_sets = "select change_set_id from change_sets where actor_kind = 'anonymous'"
    where = "" if table == "survey_answers" else f"where change_set_id in ({unnamed_sets})"
    places = session.rows(f"select rowid as place, {key} as key from {table} {where} order by rowid")
    assert [row["key"] for row in places] == sorted(row["key"] for row in places) and len(places) == 8
    last = session.value(f"select max(rowid) from {table}")
    assert [row["place"] for row in places] == list(range(last - 7, last + 1))


def test_the_place_of_an_answer_does_not_follow_when_it_came(survey: Asked, session: Session) -> None:
    for place in range(10):
        survey.answers(place, place)
    ratings = [row["rating"] for row in session.rows("select rating from survey_answers order by rowid")]
    assert sorted(ratings) == list(range(10)) and ratings != list(range(10))


def test_a_token_keeps_only_that_it_was_used(survey: Asked, session: Session) -> None:
    before = {row["token_hash"]: row for row in session.rows("from survey_tokens")}
    order = session.rows("select token_hash from survey_tokens order by rowid")
    survey.answers(3, 9)
    after = {row["token_hash"]: row for row in session.rows("from survey_tokens")}
    (used,) = [row for row in after.values() if row["is_used"]]
    assert {name: value for name, value in used.items() if name != "is_used"} == {
        name: value for name, value in before[used["token_hash"]].items() if name != "is_used"
    }
    assert all(row["survey_invitation_id"] is None for row in after.values())
    assert order == session.rows("select token_hash from survey_tokens order by rowid")
    assert not session.rows("from changes where table_name = 'survey_tokens' and operation <> 'insert'")


def test_tokens_lie_in_another_order_than_the_people_who_got_them(survey: Asked, session: Session) -> None:
    from crm.commands.invitations import hash_of

    rows = session.rows("select token_hash, survey_token_id from survey_tokens order by rowid")
    assert [row["token_hash"] for row in rows] != [hash_of(token) for token in survey.tokens]
    assert all(row["survey_token_id"].version == 4 for row in rows)


def test_nothing_is_shown_below_five_and_then_five_at_a_time(survey: Asked) -> None:
    seen = []
    for place in range(11):
        survey.answers(place, place)
        seen.append(shown(survey)[0])
    assert seen == [0, 0, 0, 0, 5, 5, 5, 5, 5, 10, 10]
    assert len(surveys.answers(survey.session, survey.survey_id)) == 10
    first = surveys.results(survey.session, survey.survey_id)[0]
    assert first["held_back"] == 1 and sum(first["counts"].values()) == 10


def test_each_question_waits_for_its_own_five(survey: Asked) -> None:
    for place in range(6):
        survey.answers(place, place, "words" if place < 4 else None)
    assert shown(survey) == [5, 0]


def test_an_export_names_nobody(survey: Asked) -> None:
    for place in range(5):
        survey.answers(place, place)
    assert not {"contact", "customer"} & set(surveys.answers(survey.session, survey.survey_id).columns)
    assert surveys.waiting(survey.session, survey.survey_id).empty


def test_nothing_is_changed_after_sending(survey: Asked, session: Session) -> None:
    link, fields = survey.link(), survey.fields(9)
    assert answer(link, fields, "en") and answer(link, fields, "en") is None, "a replay, from a link that was read before"
    assert survey.link().state == "used" and session.value("select count(*) from survey_answers") == 1
    key = session.value("select survey_answer_id from survey_answers")
    with pytest.raises(Refused), unnamed(session).change("Try") as change:
        change.update("survey_answers", key, rating=0)
    with pytest.raises(Refused, match="without a name"):  # an undo would show it in the history
        undo_change(session, session.value("select change_set_id from change_sets where actor_kind = 'anonymous'"))


def test_of_many_who_send_by_one_link_at_once_one_is_kept(survey: Asked, session: Session) -> None:
    link = survey.link()
    with ThreadPoolExecutor(6) as pool:
        kept = [done.result() for done in [pool.submit(answer, link, survey.fields((n, "why"), "words"), "en") for n in range(6)]]
    assert sum(saved is not None for saved in kept) == 1
    assert len(session.rows("from survey_answers")) == len(session.rows("from change_sets where actor_kind = 'anonymous'")) == 2


KILLED = """
import os, signal, sys
from crm.commands import answers, links
from crm.store import session as door, writer

def killed(*_):
    os.kill(os.getpid(), signal.SIGKILL)

writer.settle = killed
link = links.follow(door.opened(sys.argv[1]), sys.argv[2])
answers.answer(link, {f"a-{link.questions[0]['survey_question_id']}": ["9"]}, "en")
"""


def test_a_process_that_is_killed_while_it_writes_loses_neither_the_answer_nor_the_link(tmp_path: Path) -> None:
    url = f"duckdb:///{tmp_path}/crm.duckdb"
    survey = asked(Session(door.opened(url), command_line("tester")), NPS, number=FEWEST, is_anonymous=True)
    door.close(url)
    done = subprocess.run([sys.executable, "-c", KILLED, url, survey.tokens[0]], cwd=PROJECT, check=False)
    assert done.returncode == -signal.SIGKILL
    survey.session = Session(door.opened(url), command_line("tester"))
    assert survey.link().state == "open" and not survey.session.rows("from survey_answers")
    survey.answers(0, 9)
    assert survey.link().state == "used" and len(survey.session.rows("from survey_answers")) == 1
    door.close(url)


def test_an_anonymous_actor_writes_anonymous_answers_only(survey: Asked, session: Session) -> None:
    named = asked(session, NPS, name="Named", number=0)
    common = {"answered_on": session.today, "rating": 1, "is_released": False}
    with pytest.raises(Refused), unnamed(session).change("Try") as change:
        change.insert("survey_answers", survey_id=named.survey_id, survey_question_id=named.questions[0], **common)
    with pytest.raises(Refused), unnamed(session).change("Try") as change:
        change.insert("feedback", kind="complaint", text="x", received_at=session.now)


def test_fewer_than_five_are_not_asked_and_nobody_is_reminded_by_name(session: Session, survey: Asked) -> None:
    with pytest.raises(Refused, match=f"at least {FEWEST}"):
        invite(session, survey.survey_id, people(session, 4), base_url="https://crm.example")
    keys = [row["survey_invitation_id"] for row in session.rows("from survey_invitations")]
    with pytest.raises(Refused, match="known to nobody"):
        link_again(session, keys, base_url="https://crm.example")


def test_the_promise_cannot_be_taken_back(survey: Asked, session: Session) -> None:
    with pytest.raises(Refused, match="promised"):
        edit_survey(session, survey.survey_id, is_anonymous=False)


def test_undoing_an_invitation_leaves_the_answers(survey: Asked, session: Session) -> None:
    for place in range(5):
        survey.answers(place, place)
    undo_change(session, survey.invited.change_set_id or "")
    assert shown(survey)[0] == 5


def test_the_rest_of_the_day_is_written_as_before(survey: Asked, session: Session) -> None:
    """What is moved is moved whole: history, undo and the check go on."""
    from crm.commands.checks import Saved

    survey.answers(0, 9, "words")
    saved: Saved = add_customer(session, name="After")
    undo_change(session, saved.change_set_id or "")
    rows = session.rows("select table_name, operation from changes where table_name = 'survey_answers'")
    assert [(row["table_name"], row["operation"]) for row in rows] == [("survey_answers", "insert")] * 2
    assert isinstance(saved.key, UUID) and session.value("select count(*) from survey_answers") == 2
    assert integrity.checked(session).summary().startswith("Everything is in order")
