"""What people say of themes: names, phrases, examples, merges, corrections. All of it lasts, and can be undone."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.cli import execute
from crm.commands import themes as say
from crm.commands.checks import Saved
from crm.commands.feedback import add_feedback
from crm.commands.history import undo_change
from crm.commands.theme_runs import assign_themes, propose_themes
from crm.errors import Refused
from crm.jobs import runner
from crm.jobs.kinds import KINDS, due_now
from crm.queries import theme_proposals, themes
from crm.store import session as door
from crm.store.session import Session, command_line
from tests.copies import Fresh
from tests.listening import tell, themes_by_comment

LATE, DEAR, KIND = "The parcel came late again.", "Far too expensive for us.", "Lovely people, thank you."
BOTH = "Lovely people, but the parcel came late and it is too expensive."
SHAPE = ("themes", "theme_phrases", "theme_marks", "sentiment_marks", "theme_dismissals")


def state_of(session: Session) -> dict[str, list[dict[str, Any]]]:
    """Everything that people said, as it stands."""
    return {table: session.rows(f"from {table} order by 1") for table in SHAPE}


def names_of(session: Session, comment: UUID) -> set[str]:
    return themes_by_comment(session).get(comment, set())


def test_every_comment_gets_every_theme_that_fits_with_the_clause_that_speaks_of_it(session: Session) -> None:
    comments = tell(session, [LATE, DEAR, KIND, BOTH])
    say.add_theme(session, name="Delivery", phrases=["late", "parcel"])
    say.add_theme(session, name="Price", phrases=["expensive"])
    assert assign_themes(session).summary() == "4 of 4 comments read, 4 themes found in them."
    assert [names_of(session, key) for key in comments] == [{"Delivery"}, {"Price"}, set(), {"Delivery", "Price"}]
    said = themes.of_comments(session, comments)[comments[3]]
    assert {BOTH[row["clause_start"] : row["clause_end"]] for row in said} == {
        "but the parcel came late and it is too expensive."
    }
    assert {row["found_by"] for row in said} == {"phrase"}


def test_a_new_comment_alone_is_read_and_a_changed_one_again(session: Session) -> None:
    late, dear = tell(session, [LATE, DEAR])
    say.add_theme(session, name="Delivery", phrases=["late"])
    assign_themes(session)
    add_feedback(session, kind="complaint", text="Late as ever.")
    assert assign_themes(session).as_json() == {"comments": 3, "read": 1, "found": 1}
    with session.change("Correct") as change:
        change.update("feedback", late, text="On time for once.")
        change.archive("feedback", dear)
    assert assign_themes(session).as_json() == {"comments": 2, "read": 1, "found": 0}
    assert session.value("select count(*) from comment_readings") == 2
    assert assign_themes(session).read == 0


def test_where_the_words_say_nothing_the_tone_is_that_of_what_the_comment_was_kept_as(session: Session) -> None:
    (told,) = tell(session, ["It came two weeks after the day."], kind="question")
    for kind, tone in (("question", "neutral"), ("complaint", "negative"), ("compliment", "positive")):
        with session.change("Say what it is") as change:
            change.update("feedback", told, kind=kind)
        assign_themes(session)
        assert themes.tones_of(session, [told])[told]["tone"] == tone


def test_a_theme_that_changed_has_all_comments_read_again_but_a_new_name_does_not(session: Session) -> None:
    tell(session, [LATE, DEAR])
    theme = say.add_theme(session, name="Delivery", phrases=["late"]).key
    assert assign_themes(session).read == 2
    say.rename_theme(session, theme, name="Transport")
    assert assign_themes(session).read == 0
    say.add_phrase(session, theme, phrase="expensive")
    assert assign_themes(session).as_json() == {"comments": 2, "read": 2, "found": 2}


def test_a_forbidden_phrase_rules_its_clause_out(session: Session) -> None:
    (comment,) = tell(session, ["Never late, these people."])
    theme = say.add_theme(session, name="Delivery", phrases=["late"]).key
    assign_themes(session)
    assert names_of(session, comment) == {"Delivery"}
    say.add_phrase(session, theme, phrase="never late", is_excluded=True)
    assign_themes(session)
    assert names_of(session, comment) == set()


def test_what_a_person_said_of_a_comment_counts_at_once_and_after_every_refresh(session: Session) -> None:
    late, kind = tell(session, [LATE, KIND])
    theme = say.add_theme(session, name="Delivery", phrases=["late"]).key
    assign_themes(session)
    say.mark_comment(session, theme, late, fits=False)
    say.mark_comment(session, theme, kind, fits=True)
    say.correct_sentiment(session, kind, sentiment="negative")
    for _ in range(3):
        assert (names_of(session, late), names_of(session, kind)) == (set(), {"Delivery"})
        assert themes.tones_of(session, [kind])[kind] == {
            "comment_id": kind, "sentiment": -1.0, "tone": "negative", "read_by": "person"
        }  # fmt: skip
        assert [row["found_by"] for row in themes.of_comments(session, [kind])[kind]] == ["person"]
        assign_themes(session)
    say.mark_comment(session, theme, late, fits=None)
    say.correct_sentiment(session, kind, sentiment=None)
    assign_themes(session)
    assert names_of(session, late) == {"Delivery"}
    assert themes.tones_of(session, [kind])[kind]["tone"] == "positive"


def test_a_merged_theme_counts_to_the_winner_at_once_once_a_comment_and_after_a_refresh(session: Session) -> None:
    late, dear, both = tell(session, [LATE, DEAR, BOTH])
    winner = say.add_theme(session, name="Delivery", phrases=["late"]).key
    loser = say.add_theme(session, name="Parcels", phrases=["expensive", "late"], examples=[dear]).key
    assign_themes(session)
    say.merge_themes(session, winner, loser)
    for _ in range(2):
        rows = session.rows("select comment_id, theme_id from theme_mentions")
        assert sorted(row["comment_id"] for row in rows) == sorted([late, dear, both])
        assert {row["theme_id"] for row in rows} == {winner}
        assign_themes(session)
    found = themes.one(session, loser)
    assert found["theme_id"] == winner
    assert [row["name"] for row in found["merged_from"]] == ["Parcels"]
    assert sorted(row["phrase"] for row in found["phrases"]) == ["expensive", "late"]
    assert [row["comment_id"] for row in found["marks"]] == [dear]


def test_what_does_not_fit_the_loser_keeps_the_winner_where_it_had_it(session: Session) -> None:
    late, dear = tell(session, [LATE, DEAR])
    winner = say.add_theme(session, name="Delivery", phrases=["late"]).key
    loser = say.add_theme(session, name="Parcels", phrases=["parcel", "expensive"]).key
    for comment in (late, dear):
        say.mark_comment(session, loser, comment, fits=False)
    assign_themes(session)
    say.merge_themes(session, winner, loser)
    assign_themes(session)
    assert (names_of(session, late), names_of(session, dear)) == ({"Delivery"}, set())


def test_a_chain_of_merges_leads_to_the_last_winner(session: Session) -> None:
    (late,) = tell(session, [LATE])
    first, second, third = (say.add_theme(session, name=name, phrases=[phrase]).key for name, phrase in
                            (("One", "late"), ("Two", "again"), ("Three", "never")))  # fmt: skip
    assign_themes(session)
    say.merge_themes(session, second, first)
    say.merge_themes(session, third, second)
    assert names_of(session, late) == {"Three"}
    assert themes.one(session, first)["theme_id"] == third
    assign_themes(session)
    assert names_of(session, late) == {"Three"}


def test_every_command_can_be_undone_to_the_last_column(session: Session) -> None:
    late, dear = tell(session, [LATE, DEAR])
    winner = say.add_theme(session, name="Delivery", phrases=["late"], excluded=["never late"], examples=[late]).key
    loser = say.add_theme(session, name="Parcels", phrases=["late", "parcel"], examples=[late, dear]).key
    phrase = themes.one(session, winner)["phrases"][0]["theme_phrase_id"]
    acts: tuple[Callable[[], Saved], ...] = (
        lambda: say.rename_theme(session, winner, name="Transport", note="Trucks"),
        lambda: say.add_phrase(session, winner, phrase="truck"),
        lambda: say.add_phrase(session, winner, phrase="never late"),
        lambda: say.remove_phrase(session, phrase),
        lambda: say.mark_comment(session, winner, dear, fits=False),
        lambda: say.correct_sentiment(session, dear, sentiment="positive"),
        lambda: say.merge_themes(session, winner, loser),
        lambda: say.archive_theme(session, loser),
    )
    for act in acts:
        before = state_of(session)
        saved = act()
        assert saved.change_set_id is not None
        assert state_of(session) != before
        assign_themes(session)
        undo_change(session, saved.change_set_id)
        assert state_of(session) == before


def test_a_merge_that_was_undone_gives_both_their_comments_back(session: Session) -> None:
    late, dear = tell(session, [LATE, DEAR])
    winner = say.add_theme(session, name="Delivery", phrases=["late"]).key
    loser = say.add_theme(session, name="Price", phrases=["expensive"]).key
    merged = say.merge_themes(session, winner, loser)
    assign_themes(session)
    assert merged.change_set_id
    undo_change(session, merged.change_set_id)
    assign_themes(session)
    assert (names_of(session, late), names_of(session, dear)) == ({"Delivery"}, {"Price"})


COMMANDS = st.lists(
    st.tuples(
        st.sampled_from(["add", "phrase", "forbid", "mark", "tone", "rename", "merge", "refresh"]),
        st.integers(0, 5),
        st.booleans(),
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
@given(COMMANDS)
def test_no_refresh_ever_takes_back_what_people_said(fresh: Fresh, steps: list[tuple[str, int, bool]]) -> None:
    with fresh() as database:
        session = Session(database, command_line("tester"))
        comments = tell(session, [LATE, DEAR, KIND, BOTH, "Late, late.", "A kind word."])
        say.add_theme(session, name="Delivery", phrases=["late"])
        for number, (what, which, flag) in enumerate(steps):
            in_use = themes.every(session)
            theme, comment = in_use[which % len(in_use)]["theme_id"], comments[which]
            if what == "add":
                say.add_theme(session, name=f"Theme {number}", phrases=[f"word {number}", "kind"])
            elif what in ("phrase", "forbid"):
                say.add_phrase(
                    session,
                    theme,
                    phrase=("late", "parcel", "kind", "dear", "people", "too")[which],
                    is_excluded=what == "forbid",
                )
            elif what == "mark":
                say.mark_comment(session, theme, comment, fits=flag)
            elif what == "tone":
                say.correct_sentiment(session, comment, sentiment="negative" if flag else "positive")
            elif what == "rename":
                say.rename_theme(session, theme, name=f"Name {number}")
            elif what == "merge" and len(in_use) > 1:
                say.merge_themes(session, theme, in_use[(which + 1) % len(in_use)]["theme_id"])
            before = state_of(session)
            assign_themes(session)
            assert state_of(session) == before
            found = themes_by_comment(session)
            for mark in session.rows(
                """
                select name, comment_id, fits
                from theme_marks
                inner join themes using (theme_id)
                where theme_marks.archived_at is null and themes.archived_at is null
                """
            ):
                assert (mark["name"] in found.get(mark["comment_id"], set())) is mark["fits"]
            for mark in session.rows("from sentiment_marks where archived_at is null"):
                assert themes.tones_of(session, [mark["comment_id"]])[mark["comment_id"]]["tone"] == mark["sentiment"]


def test_a_name_is_borne_by_one_theme_among_the_same_people(session: Session) -> None:
    say.add_theme(session, name="Delivery")
    say.add_theme(session, name="Delivery", corpus="employees")
    with pytest.raises(Refused, match="already has the name"):
        say.add_theme(session, name="delivery ")


def test_what_cannot_be_a_theme_is_refused_in_words(session: Session) -> None:
    (comment,) = tell(session, [LATE])
    theme = say.add_theme(session, name="Delivery").key
    other = say.add_theme(session, name="Ideas", corpus="employees").key
    refused: tuple[tuple[Callable[[], Saved], str], ...] = (
        (lambda: say.add_theme(session, name=" "), "Name is missing"),
        (lambda: say.add_phrase(session, theme, phrase="x"), "2 to 80 letters"),
        (lambda: say.add_phrase(session, uuid4(), phrase="late"), "no longer there"),
        (lambda: say.mark_comment(session, theme, uuid4(), fits=True), "no longer there"),
        (lambda: say.mark_comment(session, other, comment, fits=True), "one of employees"),
        (lambda: say.correct_sentiment(session, comment, sentiment="angry"), "not known"),
        (lambda: say.merge_themes(session, theme, theme), "part of itself"),
        (lambda: say.merge_themes(session, theme, other), "stay apart"),
        (lambda: say.accept_proposal(session, uuid4()), "no longer there"),
    )
    for act, words in refused:
        with pytest.raises(Refused, match=words):
            act()
    say.archive_theme(session, theme)
    with pytest.raises(Refused, match="put aside"):
        say.add_phrase(session, theme, phrase="late")


def test_managers_say_what_a_theme_is_and_members_what_fits_it(make_session: Callable[..., Session], session: Session) -> None:
    (comment,) = tell(session, [LATE])
    member, manager = make_session("member"), make_session("manager")
    with pytest.raises(Refused, match="Managers say what a theme is"):
        say.add_theme(member, name="Delivery")
    theme = say.add_theme(manager, name="Delivery", phrases=["late"]).key
    with pytest.raises(Refused, match="Managers say what a theme is"):
        say.add_phrase(member, theme, phrase="parcel")
    say.mark_comment(member, theme, comment, fits=False)
    say.correct_sentiment(member, comment, sentiment="neutral")
    assert names_of(session, comment) == set()


def test_who_sees_only_their_own_customers_has_all_comments_read_but_sees_only_theirs(
    make_session: Callable[..., Session], session: Session
) -> None:
    member = make_session("member")
    with session.change("Company") as change:
        change.update_from("settings", "select setting_id, 'own' as value from settings where name = 'member_reads'")
        other = change.insert("employees", name="Other", role="member")
        theirs = change.insert("customers", name="Theirs", kind="company", lifecycle_stage="customer", owner_id=other)
        mine = change.insert(
            "customers", name="Mine", kind="company", lifecycle_stage="customer", owner_id=member.actor.employee_id
        )
    (hidden,) = tell(session, [LATE], customer_id=theirs)
    (seen,) = tell(session, [LATE], customer_id=mine)
    theme = say.add_theme(session, name="Delivery", phrases=["late"]).key
    narrowed = Session(session.database, member.actor)
    assert assign_themes(narrowed).comments == 2
    assert set(themes_by_comment(session)) == {hidden, seen}
    assert set(themes_by_comment(narrowed)) == {seen}
    with pytest.raises(Refused, match="no longer there"):
        say.mark_comment(narrowed, theme, hidden, fits=False)


APP = [
    f"The {word} search in the app is confusing and I cannot find the {thing}."
    for word in ("new", "old", "slow", "odd", "bad")
    for thing in ("list", "menu", "site", "count", "item", "button")
]


def test_new_themes_are_proposed_from_comments_without_one_and_accepted_with_their_examples(session: Session) -> None:
    tell(session, [*APP, LATE])
    say.add_theme(session, name="Delivery", phrases=["late"])
    assign_themes(session)
    propose_themes(session)
    proposal = theme_proposals.proposals(session)[0]
    assert proposal["phrases"]
    assert 1 <= len(proposal["quotes"]) <= 5
    saved = say.accept_proposal(session, proposal["theme_proposal_id"], name="Search in the app")
    assert proposal["name"] not in {row["name"] for row in themes.every(session)}
    theme = themes.one(session, saved.key)
    assert {row["comment_id"] for row in theme["marks"]} == {UUID(key) for key in proposal["comment_ids"]}
    assign_themes(session)
    mentions = session.value("select count(*) from theme_mentions where theme_id = $theme", theme=saved.key)
    assert mentions >= proposal["comment_count"]


def test_a_proposal_that_was_turned_down_stays_away_until_that_is_undone(session: Session) -> None:
    tell(session, APP)
    assign_themes(session)
    propose_themes(session)
    known = [row["name"] for row in theme_proposals.proposals(session)]
    gone = theme_proposals.proposals(session)[0]
    saved = say.dismiss_proposal(session, gone["theme_proposal_id"])
    assert gone["name"] not in {row["name"] for row in theme_proposals.proposals(session)}
    (dismissed,) = theme_proposals.dismissals(session)
    assert (dismissed["name"], dismissed["dismissed_by"]) == (gone["name"], "tester")
    propose_themes(session)
    assert gone["name"] not in {row["name"] for row in theme_proposals.proposals(session)}
    assert saved.change_set_id == dismissed["change_set_id"]
    undo_change(session, dismissed["change_set_id"])
    propose_themes(session)
    assert [row["name"] for row in theme_proposals.proposals(session)] == known


def test_an_empty_company_has_nothing_to_read_or_propose(session: Session) -> None:
    assert assign_themes(session).as_json() == {"comments": 0, "read": 0, "found": 0}
    assert propose_themes(session).as_json() == {"proposals": 0, "comments": 0}
    assert themes.state(session)["comments"] == 0


def test_comments_are_read_soon_after_they_were_written_and_not_when_nothing_was(session: Session) -> None:
    assert "themes" not in due_now(session)
    tell(session, [LATE])
    assert due_now(session, only_soon=True) == ["themes"]
    runner.run_now(session, "themes")
    assert "themes" not in due_now(Session(session.database, session.actor))
    assert themes.state(session) | {"read_at": None} == {
        "read_at": None, "comments": 1, "unread": 0, "is_outdated": False, "is_under_way": False, "themes": 0,
        "reason": themes.state(session)["reason"],
    }  # fmt: skip
    assert KINDS["theme_proposals"].due is not KINDS["themes"].due


def test_what_an_earlier_version_read_is_read_again_though_nothing_was_written(session: Session) -> None:
    tell(session, [LATE])
    runner.run_now(session, "themes")
    tomorrow = Session(session.database, session.actor, session.now + timedelta(days=1))
    assert "themes" not in due_now(tomorrow)
    session.note(
        "update theme_runs set seen_versions = json_merge_patch(seen_versions, '{\"method\": 0}'), stated_hash = 'another'"
    )
    assert due_now(tomorrow, only_soon=True) == ["themes"]
    assert themes.state(session)["is_outdated"]
    assert assign_themes(session).read == 1
    assert "themes" not in due_now(tomorrow)
    assert not themes.state(session)["is_outdated"]


def test_hostile_comments_are_read_as_plain_text(session: Session) -> None:
    texts = [
        "<script>alert(1)</script> late",
        "'; drop table themes; --",
        "",
        " ",
        "late " * 200_000,
        "\u202elate",
        "遅い late",
        "a\nlate\n",
    ]
    comments = tell(session, [text or "x" for text in texts])
    say.add_theme(session, name="[Late](javascript:1) <b>", phrases=["late", "(.*)", "\\d+"])
    found = assign_themes(session)
    assert found.read == len(texts)
    with_theme = themes_by_comment(session)
    assert [key in with_theme for key in comments] == [True, False, False, False, True, True, True, True]


def test_the_command_line_reads_comments_and_proposes_themes(tmp_path: Path) -> None:
    def told(*arguments: str) -> str:
        outcome = execute(["themes", *arguments], tmp_path, "tester", f"duckdb:///{tmp_path}/crm.duckdb")
        assert outcome.status == 0, outcome.errors
        return str(outcome.output).strip()

    try:
        assert json.loads(told("assign", "--json")) == {"comments": 0, "read": 0, "found": 0}
        assert told("propose") == "0 themes proposed from 0 comments without one."
        assert told().startswith("No comments of customers in ")
    finally:
        door.close(f"duckdb:///{tmp_path}/crm.duckdb")


def test_a_company_with_two_themes_leaves_comments_about_other_things_without_one(session: Session) -> None:
    others = [f"Where in the {part} do I find the {thing}?" for part in ("app", "menu") for thing in ("list", "map", "logo")]
    keys = tell(session, [*others, "The parcel came three weeks late", "Far too expensive for a small shop like ours"])
    for name, key in (("Delivery", keys[-2]), ("Price", keys[-1])):
        say.add_theme(session, name=name, examples=[key])
    assert assign_themes(session).read == len(keys)
    assert set(themes_by_comment(session)) == set(keys[-2:])
    tell(session, ["Where is the parcel that came three weeks late?"])
    assert assign_themes(session).read == 1  # the comments beside the themes are those of the day they were stated
