"""The Themes tab: what customers speak of, each number open to its rows, and what people say about it carried over in seconds."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from streamlit.testing.v1 import AppTest

from crm.commands.jobs import ask as ask_for
from crm.commands.settings import change_settings
from crm.commands.themes import mark_comment
from crm.queries import loop, phrase_reach, quotes, standings, theme_changes, theme_proposals, theme_rows, theme_worth, themes
from crm.queries.periods import Period, parse
from crm.store import session as door
from crm.store.session import Session, command_line
from crm.ui import theme_phrases, words
from crm.ui.theme_table import CLICKED
from tests.listening import tell, understood
from tests.pages import within
from tests.pages.conftest import _copied
from tests.shared import shared_data
from tests.working import run_waiting

Visit = Callable[..., AppTest]
Ask = Callable[..., Any]
HOSTILE = "![pixel](http://evil.example/p.png) <img src=x onerror=alert(1)> :red[x] `code` $x$ It was late."


@pytest.fixture(scope="session")
def read_file(demo_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo company once its comments are read and themes are proposed."""
    file = tmp_path_factory.mktemp("themes") / "read.duckdb"
    shutil.copy(demo_file, file)
    understood(f"duckdb:///{file}")
    door.close(f"duckdb:///{file}")
    return file


@pytest.fixture
def read_company(read_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A fresh copy of it."""
    yield from _copied(read_file, tmp_path, monkeypatch)


def store() -> Session:
    return Session(door.opened(), command_line("tester"))


def key_of(name: str) -> str:
    return str(store().value("select theme_id from themes where name = $name and archived_at is null", name=name))


def this_quarter(session: Session) -> Period:
    return parse(f"{session.today:%Y}-Q{(session.today.month + 2) // 3}")


def text(app: AppTest) -> str:
    return "\n".join(str(part.value) for part in (*app.markdown, *app.caption, *app.text, *app.subheader))


def plain(app: AppTest) -> str:
    return text(app).replace("\\", "")


def buttons(app: AppTest, beginning: str) -> list[Any]:
    return [button for button in app.button if str(button.key).startswith(beginning)]


def say(app: AppTest, comment: object, words_: str) -> AppTest:
    app.menu_button(key=f"say_{comment}").click(words_).run()
    assert not app.exception
    return app


def first_comment(theme: str) -> Any:
    session = store()
    return quotes.quotes(session, theme_id=theme, period=this_quarter(session)).rows[0]


def listed(app: AppTest) -> Any:
    return next(frame.value for frame in app.dataframe if "loop" in frame.value)


# --- the list


def test_every_theme_stands_with_its_numbers_the_most_spoken_of_first(read_company: str, visit: Visit) -> None:
    found, session = listed(visit("feedback")), store()
    assert list(found["mentions"]) == sorted(found["mentions"], reverse=True)
    assert set(found["name"]) == {row["name"] for row in themes.every(session)}
    by_name = {row["name"]: row for row in standings.standings(session, this_quarter(session))}
    assert all(by_name[name]["mentions"] == mentions for name, mentions in zip(found["name"], found["mentions"], strict=True))


def test_the_share_without_a_theme_is_always_visible_and_leads_to_its_comments(read_company: str, visit: Visit) -> None:
    app, session = visit("feedback"), store()
    summary = standings.summary(session, this_quarter(session))
    metric = next(metric for metric in app.metric if metric.label == "Without a theme")
    assert metric.value == f"{summary['unassigned_share'] * 100:.1f} %"
    app = visit("feedback", theme="unassigned")
    assert f"{summary['unassigned']} comments in" in text(app)


@pytest.mark.parametrize("column", ["mentions", "share", "net_sentiment", "customers", "open_amount", "impact"])
def test_a_number_of_the_list_opens_to_what_it_says_and_its_rows(read_company: str, visit: Visit, column: str) -> None:
    app = visit("feedback", period=str(store().today.year))
    app.session_state[CLICKED] = (0, column)
    app.run()
    assert not app.exception
    name = listed(app)["name"][0]
    assert any(name in part.value for part in app.subheader)
    assert len(app.dataframe) == 2 and app.code


def test_a_name_of_the_list_opens_the_theme(read_company: str, visit: Visit) -> None:
    app = visit("feedback")
    app.session_state[CLICKED] = (0, "name")
    app.run()
    assert app.query_params["theme"] == key_of(listed(visit("feedback"))["name"][0])


def test_the_customers_behind_a_theme_add_up_to_its_money(read_company: str) -> None:
    session = store()
    period = this_quarter(session)
    money = theme_worth.money(session, period)
    assert money
    for theme, said in money.items():
        rows = theme_rows.speakers(session, period, theme)
        assert len(rows) == said["customers"]
        assert rows["revenue_amount"].sum() == pytest.approx(said["revenue"])
        assert rows["open_amount"].sum() == pytest.approx(said["open_amount"])


def test_the_rows_behind_a_number_are_as_many_as_it_says(read_company: str) -> None:
    session = store()
    period = this_quarter(session)
    for row in standings.standings(session, period):
        assert len(theme_rows.said(session, period, row["theme_id"])) == row["mentions"]
    summary = standings.summary(session, period)
    assert len(theme_rows.said(session, period)) == summary["comments"]
    assert len(theme_rows.said(session, period, "unassigned")) == summary["unassigned"]


def test_a_segment_a_product_and_a_kind_narrow_everything(read_company: str, visit: Visit) -> None:
    session = store()
    app = visit("feedback", feedback_kind="Complaint")
    metric = next(metric for metric in app.metric if metric.label == "Comments")
    assert metric.value == f"{standings.summary(session, this_quarter(session), kind='complaint')['comments']:,}"


@pytest.mark.parametrize("view", ["Two periods", "By segment"])
def test_themes_are_compared_between_periods_and_segments(read_company: str, visit: Visit, view: str) -> None:
    app = visit("feedback", theme_view=view)
    frame = app.dataframe[0].value
    assert set(frame["name"]) == {row["name"] for row in themes.every(store())}


@pytest.mark.parametrize("column", ["mentions", "mentions_other", "share_other", "change", "moved", "net_sentiment_other"])
def test_a_number_of_two_periods_opens_in_the_period_that_it_is_of(read_company: str, visit: Visit, column: str) -> None:
    app = visit("feedback", theme_view="Two periods")
    row = app.dataframe[0].value.iloc[0]
    app.session_state[CLICKED] = (0, column)
    app.run()
    assert not app.exception
    now = this_quarter(store())
    there = now.previous(store().today)[0] if column.endswith("_other") else now
    assert any(f"{row['name']}, {there.label}" in part.value.replace("\\", "") for part in app.subheader)
    if column.startswith("mentions"):
        assert len(app.dataframe[1].value) == row[column]


def test_a_share_of_a_segment_opens_to_what_was_said_there(read_company: str, visit: Visit) -> None:
    app = visit("feedback", theme_view="By segment")
    shares = app.dataframe[0].value.set_index("name")
    place, segment = next((place, key) for key in shares for place, share in enumerate(shares[key]) if share > 0)
    app.session_state[CLICKED] = (place, segment)
    app.run()
    assert not app.exception
    row = next(
        row
        for row in theme_changes.by_segment(store(), this_quarter(store()), [UUID(segment)])
        if row["name"] == shares.index[place]
    )
    assert len(app.dataframe[1].value) == row["mentions"]


def test_a_period_that_is_none_is_told_so(read_company: str, visit: Visit) -> None:
    app = visit("feedback", theme_view="Two periods", other_period="soon")
    assert any("is not a period" in error.value.replace("\\", "") for error in app.error)


# --- one theme


def test_a_theme_opens_with_quotes_in_which_the_clause_is_marked(read_company: str, visit: Visit) -> None:
    app = visit("feedback", theme=key_of("Delivery"))
    assert any(part.value == "Delivery" for part in app.subheader)
    assert "-background[" in text(app)
    assert len(buttons(app, "define_")) >= 5


def test_an_old_link_to_a_merged_theme_leads_to_the_one_that_took_it_in(read_company: str, visit: Visit, ask: Ask) -> None:
    loser, winner = key_of("Price"), key_of("Billing")
    app = visit("feedback", theme=loser)
    app.button(key="merge_theme").click().run()
    app.selectbox(key="merge_winner").select(ask("select theme_id from themes where name = 'Billing'"))
    within.run(app)
    app.button(key="merge_theme_save").click().run()
    assert not app.exception
    assert str(ask("select merged_into_id from themes where name = 'Price'")) == winner
    app = visit("feedback", theme=loser)
    assert any(part.value == "Billing" for part in app.subheader)
    assert "Includes Price" in text(app)


def test_a_theme_that_is_not_there_says_so(read_company: str, visit: Visit) -> None:
    for key in ("nonsense", "01900000-0000-7000-8000-000000000999"):
        assert "This theme is not here" in text(visit("feedback", theme=key))


def test_a_theme_is_renamed_and_the_comments_are_read_again(read_company: str, visit: Visit, ask: Ask) -> None:
    app = visit("feedback", theme=key_of("Delivery"))
    app.button(key="rename_theme").click().run()
    app.text_input(key="rename_theme_form.name").input("Arrives late")
    app.button(key="rename_theme_form.save").click().run()
    assert not app.exception
    assert ask("select count(*) from themes where name = 'Arrives late'") == 1
    assert ask("select count(*) from jobs where kind = 'themes' and state = 'waiting'") == 1


def test_a_pinned_phrase_brings_comments_in_and_a_forbidden_one_rules_them_out(read_company: str, visit: Visit) -> None:
    session, key = store(), key_of("Delivery")

    def mentions() -> int:
        return len(theme_rows.said(session, this_quarter(session), key))

    before = mentions()
    app = visit("feedback", theme=key)
    app.text_input(key="phrase.text").set_value("invoice")
    app.button(key="pin_phrase").click().run()
    assert not app.exception
    assert app.text_input(key="phrase.text").value == ""
    run_waiting(session)
    more = mentions()
    assert more > before
    app = visit("feedback", theme=key)
    app.text_input(key="phrase.text").set_value("invoice")
    app.button(key="forbid_phrase").click().run()
    run_waiting(session)
    assert mentions() <= before


def test_a_phrase_is_taken_away_and_a_bad_one_refused_in_words(read_company: str, visit: Visit, ask: Ask) -> None:
    app = visit("feedback", theme=key_of("Delivery"))
    before = ask("select count(*) from theme_phrases where archived_at is null")
    buttons(app, "phrase_")[0].click().run()
    assert ask("select count(*) from theme_phrases where archived_at is null") == before - 1
    app.text_input(key="phrase.text").set_value("x")
    app.button(key="pin_phrase").click().run()
    assert any("2 to 80 letters" in error.value for error in app.error)
    assert app.text_input(key="phrase.text").value == "x"


def test_a_typed_phrase_is_said_to_bring_what_it_would_before_it_is_pinned(read_company: str, visit: Visit, ask: Ask) -> None:
    session, key = store(), key_of("Delivery")
    mark_comment(session, key_of("Billing"), quotes.quotes(session, search="invoice").rows[0]["comment_id"], fits=True)
    app = visit("feedback", theme=key)
    app.text_input(key="phrase.text").set_value("invoice").run()
    (row,) = phrase_reach.reach(session, key, ["invoice"])
    assert row["saying"] == ask("select count(*) from feedback where regexp_matches(text, '(?i)\\binvoices?\\b')")
    assert theme_phrases.reach(row) in plain(app)
    assert row["strangers"] > row["examples"]
    assert theme_phrases.breadth(row) in plain(app)
    app.text_input(key="phrase.text").set_value("no such words").run()
    assert "No comment says this yet" in plain(app)


def test_how_many_say_each_pinned_phrase_is_told_when_it_is_asked_for(read_company: str, visit: Visit) -> None:
    session, key = store(), key_of("Delivery")
    phrases = [row["phrase"] for row in themes.one(session, key)["phrases"]]
    app = visit("feedback", theme=key)
    assert "of all" not in plain(app)
    app.session_state["phrases_bring"] = True
    app.run()
    for row in phrase_reach.reach(session, key, phrases):
        assert f"**{row['phrase']}** · {theme_phrases.amount(row)}" in plain(app)


def test_a_theme_that_nobody_took_up_says_so(read_company: str, visit: Visit) -> None:
    by_name = listed(visit("feedback")).set_index("name")["loop"]
    untaken = [name for name in by_name.index if not loop.actions_of(store(), key_of(name))]
    assert untaken
    assert set(by_name[untaken]) == {"nobody yet"}


# --- quotes


def test_a_quote_is_pinned_and_let_go_again(read_company: str, visit: Visit, ask: Ask) -> None:
    key = key_of("Delivery")
    found = "select comment_id from theme_mentions where theme_id = $key and found_by <> 'person' order by received_at desc"
    comment = ask(found, key=key)
    app = say(visit("feedback", theme=key), comment, "Pin as example")
    mark = "select fits from theme_marks where comment_id = $comment and theme_id = $key and archived_at is null"
    assert ask(mark, comment=comment, key=key) is True
    pinned = ask("select theme_mark_id from theme_marks where comment_id = $comment and archived_at is null", comment=comment)
    app.button(key=f"unpin_{pinned}").click().run()
    assert ask(mark, comment=comment, key=key) is None


def test_a_quote_that_does_not_fit_leaves_at_once_and_can_be_let_in_again(read_company: str, visit: Visit, ask: Ask) -> None:
    key = key_of("Delivery")
    comment = first_comment(key)["comment_id"]
    app = say(visit("feedback", theme=key), comment, "Does not fit")
    assert not [part for part in app.get("menu_button") if part.key == f"say_{comment}"]
    assert "Said not to fit" in [expander.label.split(" (")[0] for expander in app.expander]


def test_a_quote_gets_another_theme_and_another_tone(read_company: str, visit: Visit, ask: Ask) -> None:
    row = first_comment(key_of("Delivery"))
    other = next(one for one in themes.every(store()) if one["theme_id"] not in {has["theme_id"] for has in row["themes"]})
    app = say(visit("feedback", theme=key_of("Delivery")), row["comment_id"], "Add another theme …")
    app.selectbox(key="another_theme").select(other["theme_id"])
    within.run(app)
    app.button(key="add_another").click().run()
    assert not app.exception
    of_comment = themes.of_comments(store(), [row["comment_id"]])[row["comment_id"]]
    assert other["name"] in {one["name"] for one in of_comment}
    tone = "positive" if row["tone"] != "positive" else "negative"
    say(visit("feedback", theme=key_of("Delivery")), row["comment_id"], f"Tone: {tone}")
    assert themes.tones_of(store(), [row["comment_id"]])[row["comment_id"]]["tone"] == tone


def test_a_complaint_is_handed_over_where_it_is_read(read_company: str, visit: Visit, ask: Ask) -> None:
    session, theme = store(), key_of("Delivery")
    comment = quotes.quotes(session, theme_id=theme, period=this_quarter(session), kind="complaint").rows[0]["comment_id"]
    owner = ask("select employee_id from employees where name = 'Tobias Grünwald'")
    app = say(visit("feedback", theme=theme, feedback_kind="Complaint"), comment, "Edit, hand over")
    app.selectbox(key="edit_feedback.owner_id").select(owner)
    app.button(key="edit_feedback.save").click().run()
    assert not app.exception
    assert ask("select owner_id from feedback where feedback_id = $key", key=comment) == owner


def test_a_quote_is_read_in_the_context_of_its_customer(read_company: str, visit: Visit) -> None:
    row = first_comment(key_of("Delivery"))
    app = say(visit("feedback", theme=key_of("Delivery")), row["comment_id"], "What happened around it")
    assert any(link.label.startswith("Profile of") for link in app.get("page_link"))
    assert row["text"] in [part.value for part in app.text]


def test_quotes_are_searched_filtered_and_sorted(read_company: str, visit: Visit) -> None:
    session = store()
    wanted = quotes.quotes(session, period=this_quarter(session), sentiment="negative", search="invoice").total
    app = visit("feedback", theme="all", quote_tone="Negative", quote_find="invoice")
    assert wanted
    assert f"{words.count(wanted, 'comment')} in" in text(app)
    app = visit("feedback", theme="all", quote_find="no such word anywhere")
    assert "No comment fits" in text(app)
    detractors = quotes.quotes(session, period=this_quarter(session), scale="nps_0_10", rating_to=6, sort="oldest")
    app = visit("feedback", theme="all", quote_score="NPS 0–6", quote_sort="Oldest")
    assert [part.key for part in app.get("menu_button")] == [f"say_{row['comment_id']}" for row in detractors.rows]


def test_what_customers_write_is_text_never_markup(read_company: str, visit: Visit) -> None:
    session = store()
    with session.change("Feedback") as change:
        comment = change.insert("feedback", text=HOSTILE, kind="complaint", received_at=session.now)
    mark_comment(session, key_of("Delivery"), comment, fits=True)
    ask_for(session, "themes")
    run_waiting(session)
    for address in (key_of("Delivery"), "all"):
        seen = [part.value for part in visit("feedback", theme=address).markdown if "pixel" in part.value]
        assert seen
        assert not [part for part in seen if re.search(r"(?<!\\)[<(]|http:|(?<!\\):red\[", part)]


def naughty() -> list[str]:
    return [line for line in json.loads((shared_data() / "naughty_strings.json").read_text(encoding="utf-8")) if line.strip()]


def test_no_naughty_string_comes_alive_wherever_its_clause_lies() -> None:
    for line in naughty():
        for start, end in ((0, len(line)), (len(line) // 3, len(line) // 3 * 2), (0, 0)):
            shown = words.marked(line, start, end, "red")
            is_marked = shown.count(":red-background[")
            alive = re.sub(r"\\.", "", shown.replace(":red-background[", "", 1))  # what is left when escaped signs are gone
            assert not set(alive) & set("`*_{}[()<>#+|$:~&@=!\\"), line
            assert is_marked == alive.count("]") <= 1


# --- proposals


def test_a_proposal_is_accepted_under_a_name_of_our_own(read_company: str, visit: Visit, ask: Ask) -> None:
    app = visit("feedback")
    proposal = theme_proposals.proposals(store())[0]
    app.text_input(key=f"proposal_{proposal['theme_proposal_id']}.name").set_value("Something new")
    app.button(key=f"accept_{proposal['theme_proposal_id']}").click().run()
    assert not app.exception
    assert ask("select count(*) from themes where name = 'Something new'") == 1
    run_waiting(store())
    assert "Something new" in set(listed(visit("feedback"))["name"])


def test_a_dismissed_proposal_is_gone_and_can_be_brought_back(read_company: str, visit: Visit) -> None:
    app = visit("feedback")
    name = theme_proposals.proposals(store())[0]["name"]
    app.button(key=f"dismiss_{theme_proposals.proposals(store())[0]['theme_proposal_id']}").click().run()
    assert name not in {row["name"] for row in theme_proposals.proposals(store())}
    buttons(app, "bring_")[0].click().run()
    assert name in {row["name"] for row in theme_proposals.proposals(store())}


def test_themes_are_proposed_by_a_job_that_the_page_asks_for(demo_company: str, visit: Visit, ask: Ask) -> None:
    app = visit("feedback")
    app.button(key="propose").click().run()
    assert ask("select count(*) from jobs where kind = 'theme_proposals' and state = 'waiting'") == 1


# --- what is new


def test_a_theme_that_jumps_is_named_with_what_is_usual_who_speaks_of_it_and_the_latest_of_it(
    read_company: str, visit: Visit
) -> None:
    session = store()
    assert "Price" not in [button.label for button in buttons(visit("feedback"), "go_emerging_")]
    customer = session.row("select customer_id, name from customers where archived_at is null order by name limit 1")
    assert customer
    tell(
        session,
        [f"The price is too high, that is my opinion number {number}." for number in range(40)],
        customer_id=customer["customer_id"],
    )
    understood(session, proposals=False)
    app = visit("feedback")
    assert buttons(app, "go_emerging_")[0].label == "Price"
    assert re.search(r"4\d times in 7 days; \d+ to \d+ would be usual", text(app))
    assert f"Lately from {words.plain(customer['name'])}" in text(app)
    assert "-background[The price is too high" in text(app)


# --- who comes to it when


@pytest.mark.parametrize("tab", ["Themes", "Surveys", "Focus groups", "Our team", "Brand"])
def test_every_tab_is_there_before_the_first_customer(empty_company: str, visit: Visit, tab: str) -> None:
    app = visit("feedback", feedback_tab=tab)
    assert [part.label for part in app.tabs][:5] == ["Themes", "Surveys", "Focus groups", "Our team", "Brand"]
    assert [part for part in app.button if part.key == "make_demo"] == ([] if tab != "Themes" else [app.button(key="make_demo")])


def test_comments_that_nobody_read_yet_are_read_because_somebody_looks(demo_company: str, visit: Visit, ask: Ask) -> None:
    visit("feedback")
    assert ask("select count(*) from jobs where kind = 'themes' and state = 'waiting'") == 1
    run_waiting(store())
    app = visit("feedback")
    assert ask("select count(*) from jobs where kind = 'themes' and state = 'waiting'") == 0
    assert listed(app)["mentions"].sum() > 0


def test_a_company_without_comments_is_told_how_they_come(empty_company: str, visit: Visit) -> None:
    session = store()
    with session.change("A customer") as change:
        change.insert("customers", name="Konex", kind="company", lifecycle_stage="lead")
    app = visit("feedback")
    assert "No customer has told us anything" in text(app)
    assert {link.label for link in app.get("page_link")} >= {"Enter feedback", "Import a file", "Ask with a survey"}


def test_a_company_without_themes_is_offered_suggestions(empty_company: str, visit: Visit, ask: Ask) -> None:
    session = store()
    with session.change("A customer") as change:
        customer = change.insert("customers", name="Konex", kind="company", lifecycle_stage="lead")
        change.insert("feedback", customer_id=customer, text="It came late.", kind="complaint", received_at=session.now)
    app = visit("feedback")
    assert "There are no themes yet" in text(app)
    app.button(key="propose_first").click().run()
    assert ask("select count(*) from jobs where kind = 'theme_proposals'") == 1
    app = visit("feedback")
    app.button(key="new_theme").click().run()
    app.text_input(key="new_theme_form.name").input("Late")
    app.text_area(key="new_theme_form.phrases").input("late\narrived")
    app.button(key="new_theme_form.save").click().run()
    assert ask("select count(*) from theme_phrases") == 2
    run_waiting(store())
    assert list(listed(visit("feedback"))["mentions"]) == [1]


def test_a_member_reads_and_marks_but_does_not_curate(read_company: str, visit: Visit) -> None:
    session = store()
    with session.change("Employ") as change:
        member = change.insert("employees", name="Mo", role="member")
    for theme in ({}, {"theme": key_of("Delivery")}):
        app = visit("feedback", **theme)
        app.selectbox(key="actor").set_value(member).run()
        assert not app.exception
        assert not [button for name in ("accept_", "rename_theme", "merge_theme", "pin_phrase") for button in buttons(app, name)]
    assert [part for part in app.get("menu_button") if str(part.key).startswith("say_")]


def test_a_narrowed_member_sees_only_what_their_own_customers_said(read_company: str, visit: Visit) -> None:
    session = store()
    owner = session.row(
        """
        select owner_id, count(*) as said
        from comments
        inner join customers on customers.customer_id = comments.customer_id
        where owner_id in (select employee_id from employees where role = 'member')
        group by owner_id
        order by said desc
        """
    )
    assert owner
    change_settings(session, member_reads="own")
    app = visit("feedback", period=str(session.today.year))
    everything = next(metric.value for metric in app.metric if metric.label == "Comments")
    app.selectbox(key="actor").set_value(owner["owner_id"]).run()
    assert not app.exception
    own = next(metric.value for metric in app.metric if metric.label == "Comments")
    assert 0 < int(own.replace(",", "")) < int(everything.replace(",", ""))


def test_the_overview_names_the_themes_that_rose_or_fell_and_links_to_them(read_company: str, visit: Visit) -> None:
    app = visit("overview")
    assert any(part.value == "Feedback themes up and down" for part in app.subheader)
    assert any("% of comments" in part.value for part in app.caption)
