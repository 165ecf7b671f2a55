"""Will a goal be reached: chances that come true as often as they say, on worlds whose truth is known and on a real pipeline."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.insight.closed_deals import learn
from crm.insight.deal_days import NEVER, Deals
from crm.insight.deal_outlooks import Question, Sales, answers, number
from crm.insight.hindsight import Correction, combined
from crm.insight.open_deals import simulate
from crm.insight.outlook import Effect, Outlook, Window, level, needed, of_paths, run_rate
from tests.shared import shared_data

YEAR = (date(2020, 1, 1), date(2020, 12, 31))
ORIGINS = (0, 3, 6, 9)
FACTORS = (0.8, 0.9, 1.0, 1.1, 1.2)  # of what the year before brought


def monthly_worlds(many: int) -> list[np.ndarray]:
    """Six years of months each: a level that wanders, a trend, a season, noise; every world has its own."""
    random = np.random.default_rng(11)
    found = []
    for _ in range(many):
        season = np.tile(np.exp(random.uniform(0, 0.3) * np.sin(np.arange(12) / 12 * 2 * np.pi + random.uniform(0, 6))), 6)
        wander = np.cumsum(random.normal(random.normal(0.003, 0.016), random.uniform(0, 0.025), 72))
        found.append(1000 * season * np.exp(wander + random.normal(0, random.uniform(0.03, 0.3), 72)))
    return found


def brier(chances: np.ndarray, happened: np.ndarray) -> float:
    return float(np.mean((chances - happened) ** 2))


def calibration_error(chances: np.ndarray, happened: np.ndarray) -> float:
    """The mean distance of ten bands' chances from how often they came true."""
    place = np.minimum((chances * 10).astype(int), 9)
    bands = [place == band for band in range(10) if (place == band).any()]
    return float(sum(abs(chances[band].mean() - happened[band].mean()) * band.mean() for band in bands))


def test_chances_of_yearly_goals_come_true_as_often_as_they_say() -> None:
    said: dict[int, list[tuple[float, float, bool, float]]] = {origin: [] for origin in ORIGINS}
    for seed, values in enumerate(monthly_worlds(90)):
        history, year = values[:60], values[60:]
        for origin in ORIGINS:
            as_of = date(2020, origin + 1, 1) - timedelta(days=1)
            paths = run_rate(np.r_[history, year[:origin]], 0.0, Window(as_of, *YEAR), seed=seed)
            outlook = of_paths(year[:origin].sum() + paths, Window(as_of, *YEAR), "", 60)
            for factor in FACTORS:
                target = factor * history[-12:].sum()
                row = (outlook.probability(target), float(outlook.achievable(0.5) >= target), year.sum() >= target, factor)
                said[origin].append(row)
    scores = []
    for origin in ORIGINS:
        chances, point, happened, factors = np.array(said[origin], dtype=float).T
        usual = np.array([happened[factors == each].mean() for each in factors])
        scores.append(brier(chances, happened))
        assert scores[-1] < brier(point, happened), origin
        assert scores[-1] < brier(usual, happened), origin
    pooled = np.array([row[:3] for rows in said.values() for row in rows], dtype=float)
    assert np.mean(scores) <= 0.106
    assert calibration_error(pooled[:, 0], pooled[:, 2]) <= 0.045


@pytest.fixture(scope="module")
def maven() -> tuple[Deals, list[str], pd.DataFrame]:
    folder = shared_data() / "maven_crm"
    rows = pd.read_csv(folder / "sales_pipeline.csv", parse_dates=["engage_date", "close_date"])
    rows["product"] = rows["product"].replace("GTXPro", "GTX Pro")
    rows = rows.merge(pd.read_csv(folder / "sales_teams.csv"), on="sales_agent").merge(pd.read_csv(folder / "products.csv"))
    rows = rows[rows["engage_date"].notna()]
    teams = sorted(rows["manager"].unique())
    days = {name: rows[name].to_numpy().astype("datetime64[D]").astype("int64") for name in ("engage_date", "close_date")}
    deals = Deals.of(
        days["engage_date"],
        np.where(rows["close_date"].notna(), days["close_date"], NEVER),
        (rows["deal_stage"] == "Won").to_numpy(),
        rows["close_value"].to_numpy(float),
        list_price=rows["sales_price"].to_numpy(float),
        group=rows["manager"].map(teams.index).to_numpy(),
    )
    won = rows[rows["deal_stage"] == "Won"]
    monthly = won.pivot_table(index=won["close_date"].dt.to_period("M"), columns="manager", values="close_value", aggfunc="sum")
    return deals, teams, monthly.reindex(pd.period_range("2017-01", "2017-12", freq="M")).fillna(0)


@pytest.mark.parametrize(("day", "bar"), [(10, 0.18), (20, 0.115)])
def test_the_open_deals_of_a_real_team_say_what_its_months_will_bring(
    maven: tuple[Deals, list[str], pd.DataFrame], day: int, bar: float
) -> None:
    deals, teams, monthly = maven
    sales = Sales(deals, 1)
    chances, happened, inside, expected, actual = [], [], [], [], []
    for month in range(6, 13):
        windows = [a_month(each, day) for each in range(month, max(month - 5, 3), -1)]
        found = sales.answer(Question(windows[0], tuple(windows[1:]), tuple(range(len(teams))), len(teams), False))
        for team, answer in zip(teams, found, strict=True):
            assert answer.outlook
            came = monthly[team].iloc[month - 1]
            low, high = answer.outlook.range
            inside.append(low <= came <= high)
            expected.append((team, answer.outlook.ends.mean()))
            actual.append((team, came))
            for factor in (0.8, 1.0, 1.2):
                target = monthly[team].iloc[month - 4 : month - 1].mean() * factor
                chances.append(answer.outlook.probability(target))
                happened.append(came >= target)
    assert brier(np.array(chances), np.array(happened)) <= bar
    assert 0.70 <= round(float(np.mean(inside)), 2) <= 0.88
    sums = [pd.DataFrame(rows).groupby(0)[1].sum() for rows in (expected, actual)]
    assert (sums[0] / sums[1] - 1).abs().max() <= 0.08


def a_month(month: int, day: int) -> Window:
    first = date(2017, month, 1)
    end = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return Window(date(2017, month, day) - timedelta(days=1), first, end)


def world(many: int = 3000, win: float = 0.5, seed: int = 3) -> Deals:
    """Deals that close at one hazard, are won at one rate, and bring 100 each."""
    random = np.random.default_rng(seed)
    opened = np.sort(random.integers(0, 1000, many))
    closed = opened + random.geometric(0.04, many)
    return Deals.of(opened, np.where(closed <= 1000, closed, NEVER), random.random(many) < win, np.full(many, 100.0))


def test_it_recovers_the_planted_hazard_and_win_rate() -> None:
    found = learn(world(win=0.3), 1000)
    assert found.win_rate == pytest.approx(0.3, abs=0.03)
    assert found.surviving[25] == pytest.approx(0.96**25, abs=0.03)
    assert abs(found.season).max() < 0.25


def test_it_expects_what_the_planted_world_brings() -> None:
    """25 a day are opened in the long run at rate r, each won with its chance: so much comes in."""
    deals = world()
    amounts, counts = simulate(deals, 999, np.array([1029]), paths=400)
    assert counts.mean() == pytest.approx(3000 / 1000 * 30 * 0.5, rel=0.12)
    assert amounts.mean() == pytest.approx(100 * counts.mean())


def test_deals_of_a_better_stage_are_won_more_often_and_a_stage_of_few_hardly_counts() -> None:
    random = np.random.default_rng(5)
    opened = np.arange(400)
    good = opened % 2 == 0
    won = random.random(400) < np.where(good, 0.8, 0.3)
    stages = np.where(opened < 3, 2, np.where(good, 1, 0))
    deals = Deals.of(opened, opened + 10, won, np.ones(400), steps=(opened, opened + 5, stages))
    better = learn(deals, 500).stage
    assert better[1] > 0.5
    assert better[0] < -0.5
    assert abs(better[2]) < 0.3
    assert better[3] == 0


def test_an_expected_close_counts_where_it_has_been_right_and_not_where_it_was_noise() -> None:
    random = np.random.default_rng(6)
    opened = np.arange(300)
    closed = opened + random.integers(5, 90, 300)
    near, far = closed + random.uniform(-3, 3, 300), opened + random.uniform(5, 90, 300)
    right, noise = (Deals.of(opened, closed, opened % 2 == 0, np.ones(300), expected=days) for days in (near, far))
    assert learn(right, 500).trust > 0.8
    assert learn(noise, 500).trust == 0


def test_one_shock_ties_the_teams_of_a_path_together() -> None:
    random = np.random.default_rng(8)
    coming = random.gamma(50, 2, (400, 2, 1))
    taught = Correction(1.0, np.zeros(2), 0.3, 0.05, 4)
    paths = combined(coming, coming, taught)
    assert np.corrcoef(paths[:, 0, 0], paths[:, 1, 0])[0, 1] > 0.6
    assert np.median(paths) == pytest.approx(100, rel=0.06)


def test_a_declared_event_moves_what_is_expected_of_its_days_only() -> None:
    window = Window(date(2017, 3, 31), date(2017, 4, 1), date(2017, 5, 31))
    half = Window(window.as_of, window.start, window.end, (Effect(date(2017, 4, 1), date(2017, 4, 30), -0.5),))
    whole = run_rate([30.0] * 24, 0.0, window)[:, -1].mean()
    assert whole == pytest.approx(60)
    assert run_rate([30.0] * 24, 0.0, half)[:, -1].mean() == pytest.approx(45)
    assert half.factors()[:4] == pytest.approx(0.5)
    assert half.factors()[-1] == 1


def test_the_running_month_goes_on_as_it_began_the_more_of_it_is_over() -> None:
    early, late = (Window(date(2017, 4, day), date(2017, 4, 1), date(2017, 4, 30)) for day in (3, 27))
    asked = ((early, 0.1), (late, 0.9))
    fast_early, fast_late = (run_rate([100.0] * 24, 2 * 100 * share, window)[:, -1].mean() for window, share in asked)
    assert 1.1 < fast_early / 90 < 1.3
    assert 1.5 < fast_late / 10 < 1.8


@given(
    history=st.lists(st.floats(0, 1e6), max_size=40),
    day=st.integers(1, 89),
    targets=st.tuples(st.floats(-1e7, 1e7), st.floats(-1e7, 1e7)),
)
@settings(max_examples=30, deadline=None)
def test_a_higher_target_is_never_likelier_and_nothing_is_ever_certain(
    history: list[float], day: int, targets: tuple[float, float]
) -> None:
    window = Window(date(2017, 1, 1) + timedelta(days=day - 1), date(2017, 1, 1), date(2017, 3, 31))
    paths = run_rate(history, 5.0, window, paths=60)
    outlook = of_paths(paths, window, "", len(history))
    low, high = sorted(targets)
    assert 0 < outlook.probability(high) <= outlook.probability(low) < 1
    assert (np.diff(outlook.fan, axis=0) >= -1e-6).all()
    assert (np.diff(paths, axis=1) >= -1e-6).all()
    assert outlook.achievable(0.8) <= outlook.achievable(0.5)


def test_a_figure_of_which_less_is_better_is_reached_from_below() -> None:
    outlook = Outlook(np.arange(1, 101.0), (date(2017, 1, 1),), np.zeros((9, 1)), "", 9, more_is_better=False)
    assert outlook.probability(90.0) > outlook.probability(10.0)
    assert outlook.achievable(0.8) > outlook.achievable(0.5)


def test_a_level_that_stands_goes_on_from_where_it_is() -> None:
    window = Window(date(2017, 4, 29), date(2017, 4, 1), date(2017, 4, 30))
    paths = level([10.0, 20.0] * 12, 33.0, window, standing=True)
    assert abs(paths[:, -1].mean() - 33) < 5


def test_what_must_change_is_solved_by_what_is_still_to_come() -> None:
    ends = np.random.default_rng(1).gamma(20, 5, 400) + 50
    found = needed(200.0, 50.0, float(np.median(ends)), {"win_rate": 0.4})
    assert found
    assert np.median(50 + found.factor * (ends - 50)) == pytest.approx(200)
    assert found.win_rate == pytest.approx(0.4 * found.factor)


@pytest.mark.parametrize("many", [0, 1, 5])
def test_a_handful_of_deals_says_nothing_rather_than_something_false(many: int) -> None:
    opened = np.arange(many)
    deals = Deals.of(opened, opened + 3, opened % 2 == 0, np.full(many, 10.0))
    window = Window(date(1970, 1, 20), date(1970, 1, 1), date(1970, 1, 31))
    (answer,) = answers(deals, [Question(window, (), (0,), 1, False)])[0]
    assert answer.outlook is None
    assert answer.done == 10.0 * ((many + 1) // 2)
    assert number(date(1970, 1, 20)) == 19
