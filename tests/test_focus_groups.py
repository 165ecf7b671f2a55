"""Focus groups: a panel drawn as mixed as its segment, a session along a guide, quotes, findings and what becomes of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.commands.contacts import add_contact, archive_contact, edit_contact
from crm.commands.customers import add_customer
from crm.commands.erasure import erase_person
from crm.commands.findings import add_finding, edit_finding, make_action, make_theme, make_traits
from crm.commands.focus_groups import add_focus_group, edit_focus_group
from crm.commands.focus_report import focus_report
from crm.commands.focus_sessions import add_quote, archive_quote, edit_quote, note_answer
from crm.commands.merges import merge
from crm.commands.panels import add_participant, draw_panel, invite, mark_present, replace_participant, set_state
from crm.commands.settings import change_settings
from crm.commands.themes import add_theme
from crm.errors import Conflict, Refused
from crm.insight import panel
from crm.queries import focus_groups, panels, timeline
from crm.store.database import Database
from crm.store.session import Session, acting_as, command_line
from crm.store.undo import undo

NOW = datetime(2026, 11, 18, 14, 0)


@pytest.fixture
def session(database: Database) -> Session:
    """The command line, on a Wednesday in November."""
    return Session(database, command_line("tester"), NOW)


@pytest.fixture
def town(session: Session) -> dict[str, UUID]:
    """Twelve customers in the West, six in the East, each with a contact who said yes; and some who may not be asked."""
    keys, given = {}, {"consent": "given", "consent_at": session.now}
    with session.change("Add a town") as change:
        for region, many in (("West", 12), ("East", 6)):
            for number in range(many):
                name, email = f"{region} {number}", f"{region}{number}@example.com"
                customer = change.insert("customers", name=name, kind="company", lifecycle_stage="lead", region=region)
                keys[name] = change.insert("contacts", name=f"Person of {name}", customer_id=customer, email=email, **given)
    for name, fields in {
        "withdrawn": {"consent": "withdrawn", "email": "w@example.com"},
        "unknown": {"consent": "unknown", "email": "u@example.com"},
        "unreachable": {"consent": "given"},
    }.items():
        keys[name] = add_contact(session, name=name, customer_id=add_customer(session, name=f"Of {name}").key, **fields).key
    return keys


def planned(session: Session, **fields: Any) -> dict[str, Any]:
    usual: dict[str, Any] = {"name": "Delivery", "size": 6, "strata": ["region"], "guide": "How?\nWhy?"}
    key = add_focus_group(session, **usual | fields).key
    return focus_groups.one(session, key)


def on(session: Session, group: dict[str, Any]) -> list[dict[str, Any]]:
    return panels.participants(session, group["focus_group_id"])


def test_a_panel_is_as_mixed_as_its_segment_and_one_of_each_customer(session: Session, town: dict[str, UUID]) -> None:
    group = planned(session)
    draw_panel(session, group["focus_group_id"])
    rows = on(session, group)
    assert Counter(row["stratum"] for row in rows) == {"West": 4, "East": 2}
    assert len({row["customer_id"] for row in rows}) == 6
    mixture = {row["stratum"]: (row["may_be_drawn"], row["on_panel"]) for row in panels.mixture(session, group)}
    assert mixture == {"West": (12, 4), "East": (6, 2)}


def test_the_same_seed_draws_the_same_panel_and_another_seed_another(session: Session, town: dict[str, UUID]) -> None:
    group = planned(session)

    def drawn_with(seed: int) -> list[UUID]:
        draw_panel(session, group["focus_group_id"], seed=seed)
        return sorted(row["contact_id"] for row in on(session, group))

    first, other = drawn_with(1), drawn_with(2)
    assert first != other
    assert drawn_with(1) == first


def test_who_is_left_out_is_listed_with_the_reason(session: Session, town: dict[str, UUID]) -> None:
    earlier = planned(session, name="Earlier", size=18)
    draw_panel(session, earlier["focus_group_id"])
    asked = on(session, earlier)[0]
    for row in on(session, earlier)[1:]:
        set_state(session, row["focus_participant_id"], "drawn")
    group = planned(session, name="Now", cooldown_days=30)
    why = {row["name"]: row["reason"] for row in panels.left_out(session, group)}
    assert why["withdrawn"] == "no consent" and why["unknown"] == "unknown consent" and why["unreachable"] == "no way"
    assert why[asked["name"]] == "focus group"
    later = Session(session.database, session.actor, NOW + timedelta(days=40))
    assert asked["name"] not in {row["name"] for row in panels.left_out(later, group)}
    bold = planned(session, name="Bold", asks_unknown=True, cooldown_days=0)
    assert {row["name"] for row in panels.left_out(session, bold)} == {"withdrawn", "unreachable"}


def test_who_is_invited_stays_when_the_rest_is_drawn_anew(session: Session, town: dict[str, UUID]) -> None:
    group = planned(session)
    key = group["focus_group_id"]
    draw_panel(session, key)
    first = on(session, group)[0]
    invite(session, key, [first["focus_participant_id"]])
    draw_panel(session, key, seed=99)
    rows = on(session, group)
    assert len(rows) == 6 and [row["contact_id"] for row in rows if row["state"] == "invited"] == [first["contact_id"]]
    invite(session, key)
    with pytest.raises(Refused, match="6 are invited already"):
        draw_panel(session, key)
    with pytest.raises(Refused, match="Nobody who was drawn waits"):
        invite(session, key)


def test_who_declines_is_replaced_by_another_of_the_same_kind(session: Session, town: dict[str, UUID]) -> None:
    group = planned(session)
    draw_panel(session, group["focus_group_id"])
    gone = next(row for row in on(session, group) if row["stratum"] == "East")
    replace_participant(session, gone["focus_participant_id"])
    rows = on(session, group)
    assert Counter((row["stratum"], row["state"]) for row in rows) == {
        ("West", "drawn"): 4,
        ("East", "drawn"): 2,
        ("East", "declined"): 1,
    }
    assert len({row["customer_id"] for row in rows}) == 7
    with pytest.raises(Refused, match="withdrew their consent"):
        add_participant(session, group["focus_group_id"], contact_id=town["withdrawn"])
    add_participant(session, group["focus_group_id"], contact_id=town["unknown"])
    assert "unknown" in {row["name"] for row in on(session, group)}


def test_the_session_stands_on_the_timeline_of_who_was_there(session: Session, town: dict[str, UUID]) -> None:
    group = planned(session, held_at=NOW - timedelta(hours=2))
    draw_panel(session, group["focus_group_id"])
    came = on(session, group)[0]
    mark_present(session, came["focus_participant_id"], is_present=True)
    (line,) = timeline.of_customer(session, came["customer_id"], kinds=["meeting"])
    assert (line["title"], line["happened_at"]) == ("Focus group: Delivery", NOW - timedelta(hours=2))
    mark_present(session, came["focus_participant_id"], is_present=False)
    assert timeline.of_customer(session, came["customer_id"], kinds=["meeting"]) == []


def test_notes_are_kept_by_question_and_nobody_is_written_over(session: Session, town: dict[str, UUID]) -> None:
    group = planned(session)
    how, why = focus_groups.questions(session, group["focus_group_id"])
    note_answer(session, how["focus_question_id"], note="Slowly", version=how["version"])
    with pytest.raises(Conflict):
        note_answer(session, how["focus_question_id"], note="Fast", version=how["version"])
    edit_focus_group(session, group["focus_group_id"], guide="Why?\nWho?\nHow?")
    asked = focus_groups.questions(session, group["focus_group_id"])
    assert [(row["text"], row["note"]) for row in asked] == [("Why?", None), ("Who?", None), ("How?", "Slowly")]
    assert asked[0]["focus_question_id"] == why["focus_question_id"]


def test_a_quote_is_feedback_of_who_said_it_with_its_theme(session: Session, town: dict[str, UUID]) -> None:
    group = planned(session)
    key = group["focus_group_id"]
    draw_panel(session, key)
    who = on(session, group)[0]
    mark_present(session, who["focus_participant_id"], is_present=True)
    theme = add_theme(session, name="Late").key
    question = focus_groups.questions(session, key)[0]["focus_question_id"]
    quote = add_quote(
        session,
        key,
        text="It never comes on time",
        kind="complaint",
        focus_participant_id=who["focus_participant_id"],
        focus_question_id=question,
        theme_id=theme,
    )
    (row,) = focus_groups.quotes(session, key)
    assert (row["text"], row["contact_id"], row["question"]) == ("It never comes on time", who["contact_id"], "How?")
    said = session.row("select * from feedback")
    assert said and (said["channel"], said["customer_id"], said["kind"]) == ("focus group", who["customer_id"], "complaint")
    assert said["interaction_id"] == session.value("select interaction_id from interactions"), "it leads back to the session"
    assert said["due_on"], "a complaint is somebody's to answer"
    assert (
        session.value(
            "select count(*) from theme_finds where theme_id = $theme and comment_id = $said",
            theme=theme,
            said=said["feedback_id"],
        )
        == 1
    )
    assert quote.change_set_id
    undo(session, quote.change_set_id)
    assert session.value("select count(*) from feedback") == 0 and session.value("select count(*) from theme_marks") == 0


def test_a_quote_is_put_aside_with_its_feedback(session: Session, town: dict[str, UUID]) -> None:
    group = planned(session)
    key = add_quote(session, group["focus_group_id"], text="Somebody said so").key
    archive_quote(session, key)
    assert focus_groups.quotes(session, group["focus_group_id"]) == []
    assert session.value("select count(*) from feedback where archived_at is null") == 0
    with pytest.raises(Refused, match="Text is missing"):
        add_quote(session, group["focus_group_id"], text="  ")


def test_a_quote_is_put_right_in_its_words_and_in_who_said_it(session: Session, town: dict[str, UUID]) -> None:
    group = planned(session)
    key = group["focus_group_id"]
    draw_panel(session, key)
    ann, bob = on(session, group)[:2]
    quote = add_quote(session, key, text="Tel me", focus_participant_id=ann["focus_participant_id"]).key
    (seen,) = focus_groups.quotes(session, key)
    edit_quote(session, quote, text="Tell me", focus_participant_id=bob["focus_participant_id"], version=seen["feedback_version"])
    with pytest.raises(Conflict):
        edit_quote(session, quote, text="Told me", version=seen["feedback_version"])
    edit_quote(session, quote, kind="complaint")
    (row,) = focus_groups.quotes(session, key)
    assert (row["text"], row["contact_id"], row["customer_id"]) == ("Tell me", bob["contact_id"], bob["customer_id"])
    assert session.value("select due_on from feedback"), "what became a complaint is somebody's to answer"
    archive_quote(session, quote)
    with pytest.raises(Refused, match="not there any more"):
        edit_quote(session, quote, text="Late")


def test_who_corrects_a_quote_is_told_that_another_moved_it_to_its_question(session: Session) -> None:
    group = planned(session)
    quote = add_quote(session, group["focus_group_id"], text="Tel me").key
    (seen,) = focus_groups.quotes(session, group["focus_group_id"])
    how = focus_groups.questions(session, group["focus_group_id"])[0]["focus_question_id"]
    versions = {"version": seen["feedback_version"], "quote_version": seen["version"]}
    edit_quote(session, quote, text="Tel me", focus_question_id=how, **versions)
    with pytest.raises(Conflict):
        edit_quote(session, quote, text="Tell me", focus_question_id=None, **versions)
    (row,) = focus_groups.quotes(session, group["focus_group_id"])
    assert (row["text"], row["focus_question_id"]) == ("Tel me", how)


def test_who_withdrew_their_consent_after_the_draw_is_not_invited(session: Session, town: dict[str, UUID]) -> None:
    group = planned(session, size=18)
    draw_panel(session, group["focus_group_id"])
    edit_contact(session, town["West 0"], consent="withdrawn")
    archive_contact(session, town["West 1"])
    invite(session, group["focus_group_id"])
    drawn = {row["contact_id"] for row in on(session, group) if row["state"] == "drawn"}
    assert drawn == {town["West 0"], town["West 1"]}
    assert {row["contact_id"] for row in on(session, group) if not row["may_be_asked"]} == drawn


def test_who_was_there_stands_once_on_the_timeline_and_has_not_declined(session: Session, town: dict[str, UUID]) -> None:
    group = planned(session)
    add_participant(session, group["focus_group_id"], contact_id=town["West 0"])
    (who,) = on(session, group)
    mark_present(session, who["focus_participant_id"], is_present=True)
    mark_present(session, who["focus_participant_id"], is_present=True)
    assert session.value("select count(*) from interactions") == 1
    for decline in (partial(set_state, state="declined"), replace_participant):
        with pytest.raises(Refused, match="They were there"):
            decline(session, who["focus_participant_id"])
    mark_present(session, who["focus_participant_id"], is_present=False)
    set_state(session, who["focus_participant_id"], "declined")


def test_two_moderators_who_mark_the_same_person_leave_one_session(
    session: Session, town: dict[str, UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    group = planned(session)
    add_participant(session, group["focus_group_id"], contact_id=town["West 0"])
    (who,) = on(session, group)
    (before,) = session.rows("from focus_participants")
    mark_present(session, who["focus_participant_id"], is_present=True)
    monkeypatch.setattr("crm.commands.panels._one", lambda *_: before)  # as the second one read it a moment ago
    with pytest.raises(Conflict):
        mark_present(session, who["focus_participant_id"], is_present=True)
    assert session.value("select count(*) from interactions") == 1


def test_the_same_words_are_one_question_of_a_guide(session: Session) -> None:
    group = planned(session, guide="Why?\nHow?\nWhy?")
    edit_focus_group(session, group["focus_group_id"], guide="Why?")
    assert [row["text"] for row in focus_groups.questions(session, group["focus_group_id"])] == ["Why?"]


def test_a_finding_stands_on_quotes_that_are_there(session: Session, town: dict[str, UUID]) -> None:
    group = planned(session)
    kept, gone = (add_quote(session, group["focus_group_id"], text=text).key for text in ("Kept", "Gone"))
    add_finding(session, group["focus_group_id"], text="Both", quotes=[kept, gone])
    archived = archive_quote(session, gone)
    assert focus_groups.findings(session, group["focus_group_id"])[0]["quotes"] == [kept]
    assert archived.change_set_id
    undo(session, archived.change_set_id)
    assert set(focus_groups.findings(session, group["focus_group_id"])[0]["quotes"]) == {kept, gone}


def test_the_report_tells_who_came_what_was_said_and_what_was_found(session: Session, town: dict[str, UUID]) -> None:
    group = planned(session, purpose="Why <so> late?")
    key = group["focus_group_id"]
    for name in ("West 0", "East 1"):
        add_participant(session, key, contact_id=town[name])
    east, west = on(session, group)
    mark_present(session, west["focus_participant_id"], is_present=True)
    how, _ = focus_groups.questions(session, key)
    note_answer(session, how["focus_question_id"], note="By waiting")
    told = {"focus_participant_id": west["focus_participant_id"], "focus_question_id": how["focus_question_id"]}
    quote = add_quote(session, key, text="<script>alert(1)</script>", **told).key
    add_quote(session, key, text="To no question")
    finding = add_finding(session, key, text="They wait", quotes=[quote]).key
    make_action(session, finding, name="Call ahead")
    page = focus_report(session, key).decode()
    for words in ("Why &lt;so&gt; late?", "By waiting", "To no question", "They wait", "action: Call ahead", west["name"]):
        assert words in page
    assert "<script" not in page and page.count("&lt;script&gt;") == 2, "once where it was said, once where it was found"
    assert east["name"] not in page, "who did not come is not named"
    edit_focus_group(session, key, guide="Why?")
    assert "&lt;script&gt;" in focus_report(session, key).decode().split("What was asked")[1], (
        "a struck question keeps its quotes"
    )
    assert session.value("select count(*) from exports where what = 'report of focus group Delivery'") == 2


def test_a_finding_becomes_a_theme_an_action_and_traits_each_with_its_evidence(session: Session, town: dict[str, UUID]) -> None:
    group = planned(session, held_at=NOW - timedelta(days=1))
    key = group["focus_group_id"]
    draw_panel(session, key)
    ann, bob = on(session, group)[:2]
    mark_present(session, ann["focus_participant_id"], is_present=True)
    quotes = [
        add_quote(session, key, text=text, focus_participant_id=who["focus_participant_id"]).key
        for text, who in (("Tell me the hour", ann), ("I wait all day", bob), ("Nice boxes", bob))
    ]
    finding = add_finding(session, key, text="They want the hour, not the day", quotes=quotes[:1]).key
    edit_finding(session, finding, text="They want the hour", quotes=quotes[:2])
    theme = make_theme(session, finding, name="Delivery hour", phrases=["delivery hour"])
    action = make_action(session, finding, name="Announce the hour")
    make_traits(
        session,
        finding,
        kind="want",
        text="To know the hour",
        participants=[ann["focus_participant_id"], bob["focus_participant_id"]],
    )
    (row,) = focus_groups.findings(session, key)
    assert (row["text"], set(row["quotes"])) == ("They want the hour", set(quotes[:2]))
    assert Counter(each["kind"] for each in row["outcomes"]) == {"theme": 1, "action": 1, "trait": 2}
    pinned = session.rows(
        "select feedback.text from theme_marks join feedback on feedback_id = comment_id where theme_id = $key", key=theme.key
    )
    assert {each["text"] for each in pinned} == {"Tell me the hour", "I wait all day"}
    assert session.value("select theme_id from actions where action_id = $key", key=action.key) == theme.key
    traits = {each["customer_id"]: each for each in session.rows("from traits")}
    assert traits[ann["customer_id"]]["evidence"] == "Focus group: Delivery. “Tell me the hour”"
    assert traits[ann["customer_id"]]["interaction_id"] is not None and traits[ann["customer_id"]]["state"] == "open"
    again = make_theme(session, finding, theme_id=theme.key)
    assert session.value("select count(*) from theme_marks where archived_at is null") == 2, "pinned once"
    assert again.change_set_id
    undo(session, again.change_set_id)
    assert session.value("select count(*) from themes") == 1
    with pytest.raises(Refused, match="Whose is it"):
        make_traits(session, finding, kind="want", text="X", participants=[])


def test_two_records_of_one_person_are_one_on_the_panel_after_a_merge(session: Session, town: dict[str, UUID]) -> None:
    group = planned(session)
    for name in ("West 0", "West 1"):
        add_participant(session, group["focus_group_id"], contact_id=town[name])
    merge(session, "contacts", town["West 0"], town["West 1"])
    assert [row["contact_id"] for row in on(session, group)] == [town["West 0"]]


def test_who_is_erased_leaves_the_panel_and_takes_their_words_along(session: Session, town: dict[str, UUID]) -> None:
    group = planned(session)
    add_participant(session, group["focus_group_id"], contact_id=town["West 0"])
    (who,) = on(session, group)
    mark_present(session, who["focus_participant_id"], is_present=True)
    quote = add_quote(session, group["focus_group_id"], text="My own words", focus_participant_id=who["focus_participant_id"]).key
    finding = add_finding(session, group["focus_group_id"], text="What we made of it", quotes=[quote]).key
    make_traits(session, finding, kind="want", text="Peace", participants=[who["focus_participant_id"]])
    erase_person(session, town["West 0"], is_confirmed=True)
    assert on(session, group) == []
    assert session.value("select count(*) from traits") == 0
    assert "My own words" not in str(
        [session.rows(f"from {table}") for table in ("feedback", "changes", "focus_quotes", "traits")]
    )
    assert [row["text"] for row in focus_groups.findings(session, group["focus_group_id"])] == ["What we made of it"]


def test_members_lead_their_own_groups_and_leave_those_of_others_alone(make_session: Callable[..., Session]) -> None:
    mo, ida = make_session("member", "Mo"), make_session("member", "Ida")
    group = planned(mo)
    assert group["owner_name"] == "Mo"
    with pytest.raises(Refused, match="focus groups that you lead"):
        add_finding(ida, group["focus_group_id"], text="Mine")
    add_finding(make_session("manager"), group["focus_group_id"], text="A manager may")


def test_a_narrowed_member_draws_from_whom_they_may_see(make_session: Callable[..., Session]) -> None:
    mo, ida = make_session("member", "Mo"), make_session("member", "Ida")
    for owner in (mo, ida):
        customer = add_customer(owner, name=f"Of {owner.actor.name}", owner_id=owner.actor.employee_id).key
        add_contact(owner, name=f"Person of {owner.actor.name}", customer_id=customer, email="p@example.com", consent="given")
    change_settings(make_session("admin"), member_reads="own")
    mo = Session(mo.database, acting_as(mo.database, str(mo.actor.employee_id)))
    group = planned(mo, name="Mine", strata=[])
    draw_panel(mo, group["focus_group_id"])
    assert [row["name"] for row in on(mo, group)] == ["Person of Mo"]
    assert "Person of Ida" not in str(panels.candidates(mo, group))


@settings(max_examples=60, deadline=None)
@given(
    counts=st.dictionaries(st.text("abcdef", min_size=1, max_size=3), st.integers(1, 60), min_size=1, max_size=8),
    size=st.integers(0, 80),
)
def test_places_are_in_proportion(counts: dict[str, int], size: int) -> None:
    found = panel.places(counts, size)
    total = sum(counts.values())
    assert sum(found.values()) == min(size, total)
    assert all(0 <= found[name] <= counts[name] for name in counts)
    if size >= len(counts):
        assert all(found.values())
    strata = [name for name, many in counts.items() for _ in range(many)]
    drawn = panel.draw(strata, size, seed=3)
    assert Counter(strata[place] for place in drawn) == Counter({name: many for name, many in found.items() if many})
    assert len(set(drawn)) == len(drawn)


def test_within_a_stratum_everybody_has_the_same_chance() -> None:
    many = Counter(place for seed in range(2_000) for place in panel.draw(["a"] * 10 + ["b"] * 2, 6, seed))
    assert all(850 < many[place] < 1_150 for place in range(10)) and many[10] == pytest.approx(1_000, abs=150)
