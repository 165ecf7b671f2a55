"""The tab Surveys: build one, open it, ask people, see who answered and what they said."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from streamlit.testing.v1 import AppTest

from crm.commands.answers import answer
from crm.commands.history import undo_change
from crm.commands.invitations import invite, sort_out
from crm.commands.links import follow
from crm.commands.surveys import add_survey, open_survey
from crm.queries import surveys
from crm.queries.survey_sheets import sheet
from crm.store.session import Session, command_line, opened
from crm.ui import words

Visit = Callable[..., AppTest]
TAB = {"feedback_tab": "Surveys"}
AT = ":red[:material/error: {}]"


@pytest.fixture
def session(demo_company: str) -> Session:
    return Session(opened(demo_company), command_line("tester"))


def people(session: Session, number: int) -> list[UUID]:
    sql = """
        select contact_id
        from contacts
        where archived_at is null and consent <> 'withdrawn' and contact_id not in (select contact_id from survey_invitations)
        order by name, contact_id
        limit $number
    """
    return [row["contact_id"] for row in session.rows(sql, number=number)]


def a_survey(session: Session, **fields: object) -> UUID:
    key = add_survey(session, name="How was it?", questions=[{"kind": "nps", "asks_why": True}], **fields).key
    open_survey(session, key)
    return key


def test_a_survey_is_built_saved_and_opened(demo_company: str, visit: Visit, session: Session) -> None:
    page = visit("feedback", **TAB, survey="new")
    page.text_input(key="svy.name").set_value("After delivery").run()
    page.button(key="survey_add_text").click().run()
    page.button(key="survey_save").click().run()
    assert not page.exception
    found = next(row for row in surveys.every(session) if row["name"] == "After delivery")
    assert found["state"] == "draft"
    assert [row["kind"] for row in surveys.questions(session, found["survey_id"])] == ["nps", "text"]
    page = visit("feedback", **TAB, survey=str(found["survey_id"]))
    page.button(key="survey_step").click().run()
    assert surveys.one(session, found["survey_id"])["state"] == "open"
    undo_change(session, session.value("select change_set_id from change_sets order by change_set_id desc limit 1"))
    page.run()
    assert not page.exception
    assert page.segmented_control(key="survey_part").value == "Questions"


def test_what_is_wrong_stands_at_its_question_and_beside_save(demo_company: str, visit: Visit, session: Session) -> None:
    page = visit("feedback", **TAB, survey="new")
    page.button(key="survey_save").click().run()
    says = words.plain("Name is missing. Fill it in.")
    assert [part.value for part in page.error] == [says]
    assert AT.format(says) in [part.value for part in page.markdown]
    page.text_input(key="svy.name").set_value("Long").run()
    for _ in range(4):
        page.button(key="survey_add_choice").click().run()
    uid = page.session_state["survey_draft"]["questions"][1]["uid"]
    page.text_area(key=f"svy.{uid}.en.choices").set_value("Price\nSpeed").run()
    page.button(key="survey_save").click().run()
    assert not page.exception
    says = words.plain("Question 3: It needs 2 to 30 choices. Write one a line.")
    assert [part.value for part in page.error] == [says]
    parts: list[Any] = [part for part in page.main if part.type in ("markdown", "text_area")]
    order = [part.value if part.type == "markdown" else part.key for part in parts]
    uid = page.session_state["survey_draft"]["questions"][2]["uid"]
    assert order[order.index(AT.format(says)) - 1] == f"svy.{uid}.en.choices", "under the choices of question 3"
    assert [part.key for part in page.text_area if part.value == "Price\nSpeed"], "nothing that was typed is lost"
    page.button(key="survey_arrow_upward_2").click().run()
    assert not page.error, "what it said is of the old order"


def test_a_choice_that_is_not_translated_leaves_the_others_in_their_places(
    demo_company: str, visit: Visit, session: Session
) -> None:
    page = visit("feedback", **TAB, survey="new")
    page.text_input(key="svy.name").set_value("In two languages").run()
    page.button(key="survey_add_choice").click().run()
    uid = page.session_state["survey_draft"]["questions"][1]["uid"]
    page.text_area(key=f"svy.{uid}.en.choices").set_value("Price\n\nSpeed\nPeople").run()
    page.multiselect(key="svy.others").set_value(["de"]).run()
    page.segmented_control(key="svy.language").set_value("de").run()
    page.text_area(key=f"svy.{uid}.de.choices").set_value("Preis\n\nLeute\n").run()
    page.button(key="survey_save").click().run()
    assert not page.exception and not page.error
    saved = next(row for row in surveys.every(session) if row["name"] == "In two languages")
    survey, asked = surveys.one(session, saved["survey_id"]), surveys.questions(session, saved["survey_id"])
    assert sheet(session, survey, asked, "de").questions[1].choices == ("Preis", "Speed", "Leute")


def test_picked_people_get_links_to_copy(demo_company: str, visit: Visit, session: Session) -> None:
    key = a_survey(session)
    session.note("update settings set value = 'https://crm.example' where name = 'public_url'")
    page = visit("feedback", **TAB, survey=str(key))
    sql = "select customer_id from contacts where contact_id = $key"
    page.session_state["survey_picked"] = [session.value(sql, key=people(session, 1)[0])]
    page.segmented_control(key="survey_part").set_value("Ask people").run()
    page.button(key="survey_invite").click().run()
    assert not page.exception
    assert page.code and all(code.value.startswith("https://crm.example/s/") for code in page.code)


def test_all_customers_can_be_asked_without_a_segment(demo_company: str, visit: Visit, session: Session) -> None:
    page = visit("feedback", **TAB, survey=str(a_survey(session)))
    page.segmented_control(key="survey_part").set_value("Ask people").run()
    page.selectbox(key="survey_segment").set_value("All customers").run()
    everybody = [row["contact_id"] for row in session.rows("select contact_id from contacts where archived_at is null")]
    asked, left_out = sort_out(session, everybody)
    assert f"**{len(asked):,} people** can be asked" in [text.value for text in page.markdown]
    assert left_out


def test_results_show_score_and_rate(demo_company: str, visit: Visit, session: Session) -> None:
    key = a_survey(session)
    (question,) = surveys.questions(session, key)
    for number, link in enumerate(invite(session, key, people(session, 4), base_url="http://x").links[:3]):
        found = follow(session.database, link["url"].rsplit("/", 1)[-1])
        answer(found, {f"a-{question['survey_question_id']}": [str(8 + number)]}, "en")
    page = visit("feedback", **TAB, survey=str(key))
    shown = {metric.label: metric.value for metric in page.metric}
    assert shown["Answered"] == "3" and shown["Response rate"] == "75 %" and shown["NPS"] == "67"


def test_what_was_written_is_read_in_full_with_who_wrote_it(demo_company: str, visit: Visit, session: Session) -> None:
    key = a_survey(session)
    (question,) = surveys.questions(session, key)
    written = "It <b>was</b> late. " * 40
    (link,) = invite(session, key, people(session, 1), base_url="http://x").links
    given = {f"a-{question['survey_question_id']}": ["3"], f"t-{question['survey_question_id']}": [written]}
    answer(follow(session.database, link["url"].rsplit("/", 1)[-1]), given, "en")
    page: Any = visit("feedback", **TAB, survey=str(key))
    page.session_state["survey_words_0"] = True
    page.run()
    assert not page.exception
    assert written.strip() in [part.value for part in page.text]
    assert any("NPS 3" in caption.value for caption in page.caption)
    assert any(words.plain(link["name"]) in part.label for part in page.get("page_link"))


def test_words_beside_a_choice_stand_with_it_and_those_beside_none_alone(
    demo_company: str, visit: Visit, session: Session
) -> None:
    colours: Any = {"kind": "choice", "texts": {"en": {"question": "Which?", "choices": ["Red", "Blue"]}}, "asks_why": True}
    key = add_survey(session, name="Which one?", questions=[{"kind": "nps", "asks_why": True}, colours]).key
    open_survey(session, key)
    rated, chosen = (row["survey_question_id"] for row in surveys.questions(session, key))
    (link,) = invite(session, key, people(session, 1), base_url="http://x").links
    given = {f"a-{rated}": ["9"], f"t-{rated}": ["It lasts."], f"a-{chosen}": ["1"], f"t-{chosen}": ["It is calm."]}
    answer(follow(session.database, link["url"].rsplit("/", 1)[-1]), given, "en")
    page: Any = visit("feedback", **TAB, survey=str(key))
    page.session_state["survey_words_0"] = page.session_state["survey_words_1"] = True
    page.run()
    assert not page.exception
    day = f"{session.today:%d %b %Y}"
    said = [caption.value.replace("\\", "") for caption in page.caption]
    assert f"{day} · NPS 9" in said and f"{day} · Blue" in said


def test_an_anonymous_survey_shows_nothing_of_four_answers_and_five_of_six(
    demo_company: str, visit: Visit, session: Session
) -> None:
    key = a_survey(session, is_anonymous=True)
    (question,) = surveys.questions(session, key)
    links = [link["url"].rsplit("/", 1)[-1] for link in invite(session, key, people(session, 6), base_url="http://x").links]
    for shown, some in (("Nothing", links[:4]), ("Five", links[4:])):
        for token in some:
            answer(follow(session.database, token), {f"a-{question['survey_question_id']}": ["9"]}, "en")
        page = visit("feedback", **TAB, survey=str(key))
        said = " ".join(part.value for part in (*page.markdown, *page.caption))
        assert ("NPS" in [metric.label for metric in page.metric]) is (shown == "Five")
        assert ("4 people answered so far" in said) is (shown == "Nothing")
        assert ("5 answers · 5 would recommend (9–10)" in said) is (shown == "Five")


@pytest.mark.parametrize(("address", "is_warned"), [("http://localhost:8501", True), ("https://crm.example", False)])
def test_links_that_only_this_computer_opens_are_warned_of(
    demo_company: str, visit: Visit, session: Session, address: str, is_warned: bool
) -> None:
    key = a_survey(session)
    session.note("update settings set value = $address where name = 'public_url'", address=address)
    page = visit("feedback", **TAB, survey=str(key))
    page.segmented_control(key="survey_part").set_value("Ask people").run()
    (said,) = [caption.value for caption in page.caption if caption.value.startswith("Links begin with")]
    assert ("this computer alone" in said) is is_warned


def test_a_member_sees_results_and_builds_nothing(demo_company: str, visit: Visit, session: Session) -> None:
    key = a_survey(session)
    member = session.value("select employee_id from employees where role = 'member' and archived_at is null limit 1")
    page = AppTest.from_file(str(visit.__globals__["SHELL"]), default_timeout=30)
    page.session_state["actor"] = str(member)
    for name, value in (TAB | {"survey": str(key)}).items():
        page.query_params[name] = value
    page.run()
    page.switch_page("../../pages/feedback.py").run()
    assert not page.exception
    assert not [button for button in page.button if button.key in ("survey_step", "survey_save")]
