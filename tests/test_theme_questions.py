"""What the Feedback page asks of themes, against the same worked out by hand in pandas."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pandas as pd
import pytest

from crm.cli import execute
from crm.commands import themes as say
from crm.commands.segments import add_segment
from crm.commands.settings import change_settings
from crm.insight.phrases import Phrase
from crm.insight.words import folded
from crm.queries import emerging, periods, phrase_reach, quotes, standings, theme_changes, theme_report, theme_worth, themes
from crm.store import session as door
from crm.store.database import Database
from crm.store.migrate import migrate
from crm.store.session import Session, command_line
from tests.listening import tell, themes_by_comment, understood
from tests.small import NEW, WON

NOW = datetime(2026, 6, 20, 12)
WORDS = {"Delivery": "parcel", "Price": "invoice", "App": "screen"}
MOODS = {"positive": "I love the {}", "negative": "I hate the {}", "neutral": "We have the {}"}
LEANS = {"complaint": "negative", "compliment": "positive"}  # where the words say nothing
QUARTER = periods.parse("2026-Q2")


def said_by(seed: int, count: int) -> pd.DataFrame:
    """Comments at random: who, when, which themes in which tone, and a rating."""
    dice = np.random.default_rng(seed)
    themes_said = [[name for name in WORDS if dice.random() < share] for share in dice.choice([0.1, 0.4, 0.6], count)]
    moods = dice.choice(list(MOODS), count)
    said = pd.DataFrame(
        {
            "at": [NOW - timedelta(hours=float(hours)) for hours in dice.uniform(1, 24 * 250, count)],
            "themes": themes_said,
            "mood": moods,
            "text": [
                MOODS[mood].format(" and ".join(["thing", *(WORDS[name] for name in said)]))
                for mood, said in zip(moods, themes_said, strict=True)
            ],
            "customer": dice.integers(0, 12, count),
            "scale": dice.choice(np.array(["nps_0_10", "csat_1_5", "ces_1_7", None], dtype=object), count),
            "draw": dice.random(count),
            "kind": dice.choice([*LEANS, "question"], count),
        }
    )  # fmt: skip
    said["mood"] = said["mood"].where(said["mood"] != "neutral", said["kind"].map(LEANS).fillna("neutral"))
    return said


class Heard:
    """A company with those comments, and what is known of it."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.said = said_by(5, 400)
        most = self.said["scale"].map({"nps_0_10": 10, "csat_1_5": 5, "ces_1_7": 7})
        self.said["rating"] = (self.said["draw"] * most).round().clip(lower=1)
        with session.change("Company") as change:
            self.customers = [
                change.insert(
                    "customers",
                    name=f"Customer {number:02}",
                    kind="company",
                    lifecycle_stage="customer",
                    region="West" if number < 4 else "East",
                    archived_at=NOW if number == 11 else None,
                )
                for number in range(12)
            ]  # fmt: skip
            for number, customer in enumerate(self.customers):
                change.insert(
                    "orders", customer_id=customer, ordered_at=NOW - timedelta(days=20 * number + 1), amount=100 + number
                )
                change.insert("orders", customer_id=customer, ordered_at=NOW - timedelta(days=500), amount=7000)
                change.insert("deals", name="Open", customer_id=customer, stage_id=NEW, amount=10 * number)
                change.insert("deals", name="Won", customer_id=customer, stage_id=WON, amount=5, closed_on=NOW.date())
        said = self.said.assign(rating=self.said["rating"].astype("Int64"), scale=self.said["scale"].astype("str"))
        self.said["key"] = tell(
            session,
            self.said["text"],
            received_at=self.said["at"],
            customer_id=[self.customers[number] for number in self.said["customer"]],
            **{name: said[name] for name in ("kind", "rating", "scale")},
        )
        self.themes = {name: say.add_theme(session, name=name, phrases=[word]).key for name, word in WORDS.items()}
        understood(session, proposals=False)
        self.names = {key: name for name, key in self.themes.items()}

    def within(self, start: str, end: str) -> pd.DataFrame:
        """The comments of some days, both in it."""
        at = self.said["at"]
        return self.said[(at >= pd.Timestamp(start)) & (at < pd.Timestamp(end) + pd.Timedelta(days=1))]

    def of(self, rows: pd.DataFrame, name: str) -> pd.DataFrame:
        """Those that speak of a theme."""
        return rows[rows["themes"].map(lambda said: name in said)]


@pytest.fixture(scope="module")
def heard() -> Iterator[Heard]:
    database = Database("duckdb:///:memory:")
    migrate(database)
    yield Heard(Session(database, command_line("tester"), NOW))
    database.close()


# Of the second quarter 81 of 91 days are over; of the first as large a part is 80 of 90.
SPANS = (("2026-04-01", "2026-06-20"), ("2026-01-01", "2026-03-21"))


def test_standings_are_what_counting_by_hand_gives(heard: Heard) -> None:
    now, before = heard.within(*SPANS[0]), heard.within(*SPANS[1])
    found = {row["name"]: row for row in standings.standings(heard.session, QUARTER)}
    assert set(found) == set(WORDS)
    for name, row in found.items():
        mine, then = heard.of(now, name), heard.of(before, name)
        net = (mine["mood"] == "positive").mean() - (mine["mood"] == "negative").mean()
        assert (row["mentions"], row["mentions_before"]) == (len(mine), len(then))
        assert row["share"] == pytest.approx(len(mine) / len(now))
        assert row["change"] == pytest.approx(len(mine) / len(now) - len(then) / len(before))
        assert row["net_sentiment"] == pytest.approx(net)
        assert row["net_sentiment_before"] == pytest.approx(
            (then["mood"] == "positive").mean() - (then["mood"] == "negative").mean()
        )
        assert row["customers"] == mine["customer"].nunique()


def test_what_the_job_counted_by_day_is_what_the_comments_say_as_they_stand(heard: Heard) -> None:
    def asked() -> list[Any]:
        return [
            standings.summary(heard.session, QUARTER),
            standings.standings(heard.session, QUARTER),
            standings.trend(heard.session, QUARTER),
            emerging.emerging(heard.session),
        ]

    seen = heard.session.value("select seen_versions from theme_runs where corpus = 'customers'")
    counted = asked()
    heard.session.note("update theme_runs set seen_versions = '{}'")
    assert asked() == counted
    heard.session.note("update theme_runs set seen_versions = $seen where corpus = 'customers'", seen=seen)


def test_the_summary_counts_all_comments_and_those_without_a_theme(heard: Heard) -> None:
    now, before = heard.within(*SPANS[0]), heard.within(*SPANS[1])
    row = standings.summary(heard.session, QUARTER)
    assert (row["comments"], row["comments_before"]) == (len(now), len(before))
    assert (row["unassigned"], row["unassigned_before"]) == tuple(
        int((part["themes"].str.len() == 0).sum()) for part in (now, before)
    )
    assert row["negative"] == (now["mood"] == "negative").sum()
    assert row["net_sentiment"] == pytest.approx((now["mood"] == "positive").mean() - (now["mood"] == "negative").mean())
    assert (row["label"], row["label_before"]) == ("2026-Q2", "2026-Q1")


@pytest.mark.parametrize("filters", [{"kind": "complaint"}, {"segment": "West"}, {"segment": "West", "kind": "compliment"}])
def test_filters_narrow_every_question(heard: Heard, filters: dict[str, Any]) -> None:
    now = heard.within(*SPANS[0])
    asked = dict(filters)
    if "segment" in asked:
        key = (
            heard.session.value("select segment_id from segments where name = 'West'")
            or add_segment(
                heard.session,
                name="West",
                rule={"match": "all", "rules": [{"subject": "region", "is": "one_of", "value": ["West"]}]},
            ).key
        )
        asked["segment"] = key
        now = now[now["customer"] < 4]
    if "kind" in asked:
        now = now[now["kind"] == asked["kind"]]
    assert standings.summary(heard.session, QUARTER, **asked)["comments"] == len(now)
    found = {row["name"]: row["mentions"] for row in standings.standings(heard.session, QUARTER, **asked)}
    assert found == {name: len(heard.of(now, name)) for name in WORDS}
    assert quotes.quotes(heard.session, period=QUARTER, **asked).total == len(now)
    assert standings.trend(heard.session, QUARTER, **asked)[None][-1] == len(now[now["at"] >= pd.Timestamp("2026-06-14")])
    money = theme_worth.money(heard.session, QUARTER, **asked)
    assert {heard.names[key]: row["customers"] for key, row in money.items()} == {
        name: heard.of(now[now["customer"] != 11], name)["customer"].nunique() for name in WORDS if len(heard.of(now, name))
    }
    assert theme_worth.impact(heard.session, QUARTER, **asked)[None]["csat"] == pytest.approx(
        {"score": (now[now["scale"] == "csat_1_5"]["rating"] >= 4).mean(), "n": (now["scale"] == "csat_1_5").sum()}
    )


def test_the_trend_has_a_count_for_each_week_and_for_each_month_of_a_longer_period(heard: Heard) -> None:
    weeks = standings.trend(heard.session, QUARTER)
    edges = pd.date_range(end="2026-06-21", periods=14, freq="7D")
    for name, key in heard.themes.items():
        mine = heard.of(heard.said, name)["at"]
        assert weeks[key] == [int(((mine >= start) & (mine < end)).sum()) for start, end in pairwise(edges)]
    nobody = heard.said[heard.said["themes"].str.len() == 0]["at"]
    assert weeks["unassigned"] == [int(((nobody >= start) & (nobody < end)).sum()) for start, end in pairwise(edges)]
    months = standings.trend(heard.session, periods.parse("2026"))
    per_month = heard.said["at"].dt.to_period("M").value_counts()
    assert months[None] == [int(per_month.get(month, 0)) for month in pd.period_range("2025-07", "2026-06", freq="M")]


def test_the_money_behind_a_theme_is_that_of_the_customers_in_use_who_spoke_of_it(heard: Heard) -> None:
    heard.session.note(
        """
        insert into customer_values by name
        select uuidv7() as value_run_id, customer_id, current_date as first_purchased_on, current_date as last_purchased_on,
            1 as purchase_count, 1 as spent_amount, 50 as value_amount
        from customers
        """
    )
    now = heard.within(*SPANS[0])
    money = theme_worth.money(heard.session, QUARTER)
    for name, key in heard.themes.items():
        who = sorted(set(heard.of(now, name)["customer"]) - {11})
        assert money[key] == {
            "customers": len(who),
            "revenue": pytest.approx(sum(100 + number for number in who)),
            "value": 50 * len(who),
            "open_deals": len(who),
            "open_amount": pytest.approx(sum(10 * number for number in who)),
        }


def test_the_impact_is_the_score_of_all_less_that_of_those_who_do_not_speak_of_it(heard: Heard) -> None:
    now = heard.within(*SPANS[0]).sort_values("at")
    found = theme_worth.impact(heard.session, QUARTER)
    latest = now[now["scale"] == "nps_0_10"].groupby("customer").tail(1)
    parts = {
        "nps": latest.assign(points=np.select([latest["rating"] >= 9, latest["rating"] <= 6], [100.0, -100.0], 0.0)),
        "csat": now[now["scale"] == "csat_1_5"].pipe(lambda rows: rows.assign(points=(rows["rating"] >= 4).astype(float))),
        "ces": now[now["scale"] == "ces_1_7"].pipe(lambda rows: rows.assign(points=rows["rating"])),
    }
    said = 0
    for measure, rows in parts.items():
        assert found[None][measure] == {"score": pytest.approx(rows["points"].mean()), "n": len(rows)}
        for name, key in heard.themes.items():
            without = rows[~rows["themes"].map(lambda these, name=name: name in these)]
            effect = found[key][measure]
            if effect is not None:
                said += 1
                assert effect["effect"] == pytest.approx(rows["points"].mean() - without["points"].mean())
                assert effect["n"] == len(rows) - len(without)
                assert effect["low"] <= effect["effect"] <= effect["high"]
    assert said >= 6


def test_quotes_are_searched_filtered_sorted_and_turned_page_by_page(heard: Heard) -> None:
    session, theme = heard.session, heard.themes["Price"]
    mine = heard.of(heard.said, "Price").sort_values(["at"], ascending=False)
    first = quotes.quotes(session, theme_id=theme)
    assert [row["comment_id"] for row in first.rows] == mine["key"].head(50).tolist()
    assert (first.total, first.pages) == (len(mine), -(-len(mine) // 50))
    second = quotes.quotes(session, theme_id=theme, page=1)
    assert [row["comment_id"] for row in second.rows] == mine["key"].iloc[50:100].tolist()
    for row in first.rows:
        assert "invoice" in row["text"][row["clause_start"] : row["clause_end"]]
        assert {said["name"] for said in row["themes"]} == set(mine.set_index("key").loc[row["comment_id"], "themes"])
    angry = quotes.quotes(
        session, sentiment="negative", search="SCRÉEN", rating_from=1, rating_to=3, scale="csat_1_5", sort="oldest"
    )
    by_hand = heard.of(heard.said, "App").query("mood == 'negative' and scale == 'csat_1_5' and rating <= 3").sort_values("at")
    assert [row["comment_id"] for row in angry.rows] == by_hand["key"].tolist()
    alone = quotes.quotes(session, theme_id="unassigned")
    assert alone.total == (heard.said["themes"].str.len() == 0).sum()
    worst = [row["sentiment"] for row in quotes.quotes(session, sort="worst").rows]
    assert worst == sorted(worst)
    assert quotes.quotes(session, search="100%_'\"").total == 0


def test_a_customers_themes_are_on_their_profile(heard: Heard) -> None:
    mine = heard.said[heard.said["customer"] == 3]
    found = {row["name"]: row for row in themes.of_customer(heard.session, heard.customers[3])}
    for name, row in found.items():
        said = heard.of(mine, name)
        assert (row["mentions"], row["negative"], row["last_at"]) == (
            len(said),
            (said["mood"] == "negative").sum(),
            said["at"].max(),
        )
        assert WORDS[name] in row["quote"]


def test_two_periods_are_compared_with_the_range_of_the_change(heard: Heard) -> None:
    one, other = periods.parse("2026-05"), periods.parse("2026-02")
    rows = theme_changes.compare(heard.session, one, other)
    may, february = heard.within("2026-05-01", "2026-05-31"), heard.within("2026-02-01", "2026-02-28")
    for row in rows:
        counts = len(heard.of(may, row["name"])), len(heard.of(february, row["name"]))
        assert (row["mentions"], row["mentions_other"]) == counts
        assert row["change"] == pytest.approx(counts[0] / len(may) - counts[1] / len(february))
        assert row["low"] <= row["change"] <= row["high"]
    assert [abs(row["change"]) for row in rows] == sorted((abs(row["change"]) for row in rows), reverse=True)


def test_what_a_segment_speaks_of_is_a_share_of_its_own_comments(heard: Heard) -> None:
    key = add_segment(
        heard.session, name="East", rule={"match": "all", "rules": [{"subject": "region", "is": "one_of", "value": ["East"]}]}
    ).key
    now = heard.within(*SPANS[0])
    now = now[(now["customer"] >= 4) & (now["customer"] != 11)]
    for row in theme_changes.by_segment(heard.session, QUARTER, [key]):
        assert (row["segment"], row["comments"]) == ("East", len(now))
        assert row["share"] == pytest.approx(len(heard.of(now, row["name"])) / len(now))


SAID = (
    "The parcel came late.",
    "My account says the parcel is lost.",
    "The parcel is lost. MY  ACCOUNT is fine.",
    "My account is locked.",
    "I cannot open my accounts!",
    "Close my account, please.",
    "Accounting is slow.",
)


@pytest.fixture
def pinned(session: Session) -> tuple[UUID, list[UUID]]:
    """Delivery with its phrase, and Access; the fourth and fifth of these are examples of Access, the sixth of Delivery."""
    told = tell(session, SAID)
    tell(session, ["My account was archived."], archived_at=session.now)
    with session.change("Ideas") as change:
        change.insert("ideas", text="My account should be lighter.", kind="idea", said_on=session.today, state="new")
    delivery = say.add_theme(session, name="Delivery", phrases=["parcel"]).key
    access = say.add_theme(session, name="Access", phrases=["log in"]).key
    understood(session, proposals=False)
    for theme, comment in ((access, told[3]), (access, told[4]), (delivery, told[5])):
        say.mark_comment(session, theme, comment, fits=True)
    return delivery, told


def test_what_a_phrase_would_bring_is_what_counting_by_hand_gives(session: Session, pinned: tuple[UUID, list[UUID]]) -> None:
    theme, _ = pinned
    broad, unheard = phrase_reach.reach(session, theme, ["My  Account", " ", "nobody says this"])
    assert broad == {
        "phrase": "My  Account",
        "comments": 7,
        "saying": 5,
        "having": 3,  # two that say parcel, and the one that somebody pinned, which stays whatever is forbidden
        "losing": 1,  # the other one says parcel in a clause of its own
        "examples": 1,
        "strangers": 2,
    }
    assert {name for name, count in unheard.items() if count} == {"phrase", "comments"}


def test_a_phrase_brings_and_takes_away_what_it_was_said_to(session: Session) -> None:
    now = Session(session.database, session.actor, NOW)
    said = said_by(7, 150)
    tell(now, said["text"], received_at=said["at"])
    theme = say.add_theme(now, name="Delivery", phrases=["parcel"]).key
    understood(now, proposals=False)

    def mentions() -> int:
        return sum(len(keys) for keys in themes_by_comment(now).values())

    before, (told,) = mentions(), phrase_reach.reach(now, theme, ["invoice"])
    assert 0 < told["losing"] <= told["having"] < told["saying"]
    say.add_phrase(now, theme, phrase="invoice")
    understood(now, proposals=False)
    assert mentions() == before + told["saying"] - told["having"]
    say.add_phrase(now, theme, phrase="invoice", is_excluded=True)
    understood(now, proposals=False)
    assert mentions() == before - told["losing"]


def test_who_sees_only_their_own_customers_is_told_of_their_comments_alone(
    session: Session, make_session: Callable[..., Session], pinned: tuple[UUID, list[UUID]]
) -> None:
    theme, told = pinned
    mo, zoe = (make_session("member", name=name) for name in ("Mo", "Zoe"))
    with session.change("Whose customers said it") as change:
        for owner, comments in ((mo, told[2:4]), (zoe, told[:2] + told[4:])):
            whose = {"owner_id": owner.actor.employee_id, "kind": "person", "lifecycle_stage": "customer"}
            customer = change.insert("customers", name=f"{owner.actor.name}'s customer", **whose)
            for comment in comments:
                change.update("feedback", comment, customer_id=customer)
    change_settings(session, member_reads="own")
    (own,) = phrase_reach.reach(Session(session.database, mo.actor), theme, ["my account"])
    assert [own[name] for name in ("comments", "saying", "having", "strangers", "examples")] == [2, 2, 1, 1, 0]


def test_no_letter_that_a_phrase_finds_as_others_is_passed_over(session: Session) -> None:
    signs = pd.DataFrame({"sign": [chr(code) for code in range(33, 0x2FA20) if not 0xD800 <= code < 0xE000]})
    signs["stretch"] = [phrase_reach.stretch(Phrase(folded(sign))) for sign in signs["sign"]]
    with session.change("Every letter there is") as change:
        change.stage("signs", signs)
        lost = change.execute(
            "from signs where not contains(search_key(sign), stretch) and not regexp_matches(sign, $further)",
            further=f"[{phrase_reach.folded_further()}]",
        ).fetchall()
    assert lost == []


@pytest.fixture
def bursting(session: Session) -> Session:
    """Half a year of two parcels and ten other words a week, then fifteen parcels in the last week."""
    now = Session(session.database, session.actor, NOW)
    weeks = [NOW - timedelta(days=7 * week + 1) for week in range(26)]
    with now.change("Customer") as change:
        loud = change.insert("customers", name="Loud", kind="company", lifecycle_stage="customer")
    parcels = [at for week, at in enumerate(weeks) for _ in range(15 if week == 0 else 2)]
    tell(now, ["The parcel."] * len(parcels), received_at=parcels, customer_id=loud)
    tell(now, ["The bill."] * 260, received_at=weeks * 10)
    for name, word in (("Delivery", "parcel"), ("Billing", "bill")):
        say.add_theme(now, name=name, phrases=[word])
    return understood(now, proposals=False)


def test_a_theme_that_bursts_emerges_with_its_evidence(bursting: Session) -> None:
    first, *others = emerging.emerging(bursting)
    assert (first["name"], first["count"], first["is_emerging"]) == ("Delivery", 15, True)
    assert first["low"] <= first["expected"] <= first["high"] < 15
    assert first["weeks"] == [2] * 25 + [15]
    assert [row["is_emerging"] for row in others] == [False, False]
    assert {row["name"] for row in others} == {"Billing", "Without a theme"}


def test_what_rose_is_spotted_with_who_said_it(bursting: Session) -> None:
    june = periods.parse("2026-06-14..2026-06-20")
    found = {row["name"]: row for row in theme_changes.spotted(bursting, june)}
    assert (found["Delivery"]["direction"], found["Delivery"]["who"]) == ("rose", ["Loud"])
    assert found["Delivery"]["low"] > 0
    assert found["Billing"]["direction"] == "fell"


def test_employees_comments_stay_apart_from_customers(heard: Heard) -> None:
    assert standings.summary(heard.session, QUARTER, corpus="employees")["comments"] == 0
    assert standings.standings(heard.session, QUARTER, corpus="employees") == []
    assert theme_worth.impact(heard.session, QUARTER, corpus="employees") == {None: {"nps": None, "csat": None, "ces": None}}


def test_every_question_has_an_answer_in_an_empty_company(session: Session) -> None:
    period = theme_report.period(session, None)
    assert standings.summary(session, period)["unassigned_share"] is None
    assert standings.standings(session, period) == []
    assert theme_changes.spotted(session, period) == []
    assert theme_worth.money(session, period) == {}
    assert quotes.quotes(session, theme_id="unassigned").total == 0
    assert [row["name"] for row in emerging.emerging(session)] == ["Without a theme"]
    assert set(standings.trend(session, period)) == {None, "unassigned"}
    assert theme_report.as_text(theme_report.report(session, period)).startswith("No comments")


@pytest.fixture(scope="module")
def harbor(demo_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Session]]:
    file = shutil.copy(demo_file, tmp_path_factory.mktemp("themes") / "demo.duckdb")
    session = Session(door.opened(f"duckdb:///{file}"), command_line("tester"))
    yield file, understood(session)
    door.close(f"duckdb:///{file}")


def test_on_the_demo_delivery_rises_support_costs_points_and_the_rest_is_proposed(harbor: tuple[Path, Session]) -> None:
    _, session = harbor
    rising = theme_changes.spotted(session, periods.containing("quarter", session.today))
    assert ("Delivery", "rose") in {(row["name"], row["direction"]) for row in rising}
    report = theme_report.report(session, periods.Period(session.today - timedelta(days=3 * 365), session.today))
    by_name = {row["name"]: row for row in report["themes"]}
    nps = {name: row["impact"]["nps"]["effect"] for name, row in by_name.items() if row["impact"].get("nps")}
    assert min(nps, key=lambda name: nps[name]) == "Support"
    assert by_name["Support"]["impact"]["nps"]["high"] < 0
    assert by_name["Delivery"]["money"]["revenue"] > 0
    assert 0.1 < report["summary"]["unassigned_share"] < 0.4
    words = " ".join(phrase for proposal in report["proposals"] for phrase in (proposal["name"], *proposal["phrases"])).lower()
    assert len(report["proposals"]) >= 3
    assert "app" in words.split()


def test_the_command_line_prints_themes_as_the_page_shows_them(harbor: tuple[Path, Session]) -> None:
    file, session = harbor
    given = ["themes", "--period", str(session.today.year)]
    outcome = execute([*given, "--json"], file.parent, "tester", f"duckdb:///{file}")
    found = json.loads(outcome.output)
    assert {"period", "summary", "themes", "spotted", "proposals", "state", "scores"} <= set(found)
    assert UUID(found["themes"][0]["theme_id"])
    text = str(execute(given, file.parent, "tester", f"duckdb:///{file}").output)
    assert f"{found['summary']['comments']:,} comments in {session.today.year}" in text
    assert all(row["name"] in text for row in found["themes"])
