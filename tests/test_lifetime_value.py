"""Lifetime value: on a known data set, against integrals done by brute force, on companies simulated with known truth."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from itertools import pairwise
from math import gamma, inf
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.errors import Refused
from crm.insight.customer_value import MODEL, NONE, RUN_RATE, value_customers
from crm.insight.lifetime_value import (
    BgNbd,
    GammaGamma,
    fit_bg_nbd,
    fit_gamma_gamma,
    lifetime_value,
    summarise,
)
from crm.insight.likelihoods import BgNbdCost, GammaGammaCost, GammaPoissonCost
from crm.insight.purchase_days import purchase_days
from crm.insight.regularity import regularity
from crm.insight.run_rate import run_rate
from tests.shared import shared_data

UNTIL, END = date(1997, 9, 30), date(1998, 6, 30)
START = date(2023, 1, 1)


@pytest.fixture(scope="module")
def cdnow() -> pd.DataFrame:
    return cdnow_purchases()


def cdnow_purchases() -> pd.DataFrame:
    """The purchases of the CDNOW sample."""
    names = ["id", "customer", "date", "pieces", "amount"]
    file = shared_data() / "cdnow" / "CDNOW_sample.txt"
    rows = pd.read_csv(file, sep=r"\s+", header=None, names=names, dtype={"date": str})
    return rows.assign(date=pd.to_datetime(rows["date"]))[["customer", "date", "amount"]]


@pytest.fixture(scope="module")
def calibration(cdnow: pd.DataFrame) -> pd.DataFrame:
    return summarise(cdnow, UNTIL)


@pytest.fixture(scope="module")
def held_out(cdnow: pd.DataFrame, calibration: pd.DataFrame) -> np.ndarray:
    """How many purchases each customer made in the 39 weeks after, counted apart from the code under test."""
    after = cdnow[(cdnow["date"] > pd.Timestamp(UNTIL)) & (cdnow["date"] <= pd.Timestamp(END))]
    days = after.drop_duplicates(["customer", "date"]).groupby("customer").size()
    return days.reindex(calibration.index, fill_value=0).to_numpy()


def area_under_curve(score: np.ndarray, truth: np.ndarray) -> float:
    """The chance that a positive case scores above a negative one, ties counting half."""
    ranks = pd.Series(score).rank().to_numpy()
    positive = truth.sum()
    return float((ranks[truth].sum() - positive * (positive + 1) / 2) / (positive * (len(truth) - positive)))


# On CDNOW


def test_cdnow_is_summarised_as_published(calibration: pd.DataFrame) -> None:
    assert (len(calibration), calibration["frequency"].sum()) == (2357, 2457)
    assert calibration["age"].mean() == pytest.approx(32.7159, abs=1e-4)


def test_the_purchase_model_of_cdnow_is_that_of_the_paper(calibration: pd.DataFrame) -> None:
    model = fit_bg_nbd(calibration)
    assert (model.r, model.alpha, model.a, model.b) == pytest.approx((0.243, 4.414, 0.793, 2.426), rel=0.005)
    assert model.log_likelihood == pytest.approx(-9582.4, abs=0.1)


def test_the_amount_model_of_cdnow_is_that_of_the_paper(calibration: pd.DataFrame) -> None:
    model = fit_gamma_gamma(calibration)
    assert (model.p, model.q, model.gamma) == pytest.approx((6.25, 3.74, 15.44), rel=0.005)


def test_the_next_39_weeks_of_cdnow_are_foreseen(calibration: pd.DataFrame, held_out: np.ndarray) -> None:
    expected = fit_bg_nbd(calibration).expected_purchases(calibration, 39)
    assert held_out.sum() == 1882
    assert abs(expected.sum() / held_out.sum() - 1) <= 0.13
    assert np.sqrt(((expected - held_out) ** 2).mean()) <= 1.62
    assert np.corrcoef(expected, held_out)[0, 1] >= 0.62


def test_who_is_slipping_away_is_told_by_expected_purchases_and_not_by_the_chance_to_be_alive(
    calibration: pd.DataFrame, held_out: np.ndarray
) -> None:
    model = fit_bg_nbd(calibration)
    again = calibration["frequency"].to_numpy() > 0
    expected, alive = model.expected_purchases(calibration, 39), model.alive(calibration)
    assert area_under_curve(expected[again], held_out[again] > 0) >= 0.72
    assert area_under_curve(alive, held_out > 0) < 0.5 < area_under_curve(expected, held_out > 0)


def test_the_value_of_cdnow_is_purchases_times_amount_a_little_discounted(calibration: pd.DataFrame) -> None:
    purchases, amounts = fit_bg_nbd(calibration), fit_gamma_gamma(calibration)
    whole = purchases.expected_purchases(calibration, 365.25 / 7) * amounts.expected_amount(calibration)
    assert lifetime_value(purchases, amounts, calibration, discount=0) == pytest.approx(whole)
    share = lifetime_value(purchases, amounts, calibration).sum() / whole.sum()
    assert 1.01**-12 < share < 1.01**-1


def test_cdnow_is_valued_by_the_models(cdnow: pd.DataFrame) -> None:
    found = value_customers(cdnow, UNTIL)
    assert found.method == MODEL and found.parameters["r"] == pytest.approx(0.243, rel=0.005)
    assert len(found.customers) == 2357 and found.customers.notna().all()["value_amount"]


# Against integrals


MODELS = [BgNbd(0.243, 4.414, 0.793, 2.426, 0), BgNbd(1.7, 9.0, 1.0, 4.0, 0), BgNbd(3.0, 20.0, 2.5, 1.2, 0)]
CUSTOMERS = [(0, 0.0, 30.0), (1, 3.0, 30.0), (2, 28.5, 38.86), (7, 30.0, 31.0), (25, 20.0, 38.0)]


def integrated(model: BgNbd, part: Any) -> float:
    """The mean of `part(rate, chance)` over the model's customers, by midpoints of many equal shares of each."""
    rates, weights = np.polynomial.legendre.leggauss(150)
    rates, weights = (rates + 1) / 2 * 40 / model.alpha * model.r, weights / 2 * 40 / model.alpha * model.r
    points, widths = np.polynomial.legendre.leggauss(150)
    chances, widths = ((points + 1) / 2) ** 4, widths / 2 * 4 * ((points + 1) / 2) ** 3  # dense near 0
    of_rate = rates ** (model.r - 1) * np.exp(-model.alpha * rates) * model.alpha**model.r / gamma(model.r)
    scale = gamma(model.a + model.b) / gamma(model.a) / gamma(model.b)
    of_chance = scale * chances ** (model.a - 1) * (1 - chances) ** (model.b - 1)
    grid = part(rates[:, None], chances[None, :])
    return float((weights * of_rate) @ grid @ (widths * of_chance))


def still_active(x: int, age: float) -> Any:
    return lambda rate, chance: (1 - chance) ** x * rate**x * np.exp(-rate * age)


def likelihood(x: int, recency: float, age: float) -> Any:
    def of(rate: np.ndarray, chance: np.ndarray) -> np.ndarray:
        gone = chance * (1 - chance) ** (x - 1) * rate**x * np.exp(-rate * recency) if x else 0 * rate * chance
        return still_active(x, age)(rate, chance) + gone

    return of


@pytest.mark.parametrize("model", MODELS[1:])
@pytest.mark.parametrize("customer", CUSTOMERS)
def test_the_likelihood_is_the_integral_over_all_rates_and_chances(model: BgNbd, customer: tuple[int, float, float]) -> None:
    cost, _ = BgNbdCost(np.array([customer]))(np.log([model.r, model.alpha, model.a, model.b]))
    assert np.exp(-cost) == pytest.approx(integrated(model, likelihood(*customer)), rel=1e-4)


@pytest.mark.parametrize("model", MODELS[1:])
@pytest.mark.parametrize("customer", CUSTOMERS)
@pytest.mark.parametrize("periods", [1.0, 52.0])
def test_expected_purchases_are_the_integral_over_who_is_still_active(
    model: BgNbd, customer: tuple[int, float, float], periods: float
) -> None:
    x, _, age = customer

    def ahead(rate: np.ndarray, chance: np.ndarray) -> np.ndarray:
        return still_active(x, age)(rate, chance) * -np.expm1(-rate * chance * periods) / chance

    wanted = integrated(model, ahead) / integrated(model, likelihood(*customer))
    known = pd.DataFrame([customer], columns=["frequency", "recency", "age"])
    assert model.expected_purchases(known, periods)[0] == pytest.approx(wanted, rel=1e-4)
    alive = integrated(model, still_active(x, age)) / integrated(model, likelihood(*customer))
    assert model.alive(known)[0] == pytest.approx(alive, rel=1e-4)


def test_expected_amounts_are_the_mean_over_what_a_customer_may_be_like() -> None:
    model, x, mean = GammaGamma(6.25, 3.74, 15.44, 0), 4, 60.0
    scale = np.linspace(1e-6, 8, 200_000)
    weight = scale ** (model.q - 1) * np.exp(-model.gamma * scale) * scale ** (model.p * x) * np.exp(-x * mean * scale)
    wanted = float((weight * model.p / scale).sum() / weight.sum())
    assert model.expected_amount(pd.DataFrame({"frequency": [x], "mean_amount": [mean]}))[0] == pytest.approx(wanted, rel=1e-6)


@pytest.mark.parametrize(
    ("cost", "size"),
    [
        (BgNbdCost(np.array(CUSTOMERS)), 4),
        (GammaGammaCost(np.array([1.0, 4, 9]), np.array([3.0, 0.4, 1.2])), 3),
        (GammaPoissonCost(np.array([0.0, 2, 9]), np.array([3.0, 0.4, 1.2])), 2),
    ],
)
def test_the_slopes_are_those_of_the_likelihood(cost: Any, size: int) -> None:
    place = np.linspace(-0.4, 0.7, size)
    step = 1e-6
    slopes = [(cost(place + step * axis)[0] - cost(place - step * axis)[0]) / (2 * step) for axis in np.eye(size)]
    assert cost(place)[1] == pytest.approx(slopes, rel=1e-4, abs=1e-6)


# On simulated companies


def simulated(model: BgNbd, amounts: GammaGamma, size: int, weeks: float, seed: int = 1) -> pd.DataFrame:
    """Customers who buy, stop and spend exactly as the models say, one summary row each, ages spread evenly."""
    dice = np.random.default_rng(seed)
    rate, chance = dice.gamma(model.r, 1 / model.alpha, size), dice.beta(model.a, model.b, size)
    age = dice.uniform(0.3 * weeks, weeks, size)
    frequency, recency, clock, active = np.zeros(size), np.zeros(size), np.zeros(size), np.ones(size, dtype=bool)
    while active.any():
        clock += dice.exponential(1 / rate)
        active &= clock <= age
        frequency += active
        recency = np.where(active, clock, recency)
        active &= dice.random(size) >= chance
    scale = dice.gamma(amounts.q, 1 / amounts.gamma, size)
    mean = dice.gamma(amounts.p * np.maximum(frequency, 1)) / scale / np.maximum(frequency, 1)
    mean = np.where(frequency > 0, mean, np.nan)
    return pd.DataFrame({"frequency": frequency, "recency": recency, "age": age, "mean_amount": mean})


@pytest.mark.parametrize("true", [BgNbd(0.8, 12.0, 0.9, 3.0, 0), BgNbd(2.0, 8.0, 1.5, 6.0, 0)], ids=["seldom", "often"])
def test_known_parameters_come_back(true: BgNbd) -> None:
    spent = GammaGamma(5.0, 4.0, 60.0, 0)
    made = simulated(true, spent, size=40_000, weeks=150)
    found, amounts = fit_bg_nbd(made), fit_gamma_gamma(made)
    assert (found.r, found.alpha) == pytest.approx((true.r, true.alpha), rel=0.06)
    assert found.a / (found.a + found.b) == pytest.approx(true.a / (true.a + true.b), rel=0.06)
    assert (amounts.p, amounts.q, amounts.gamma) == pytest.approx((spent.p, spent.q, spent.gamma), rel=0.1)


def evenly(shape: float, customers: int, days: int, seed: int = 1, mean: Any = None) -> pd.DataFrame:
    """Purchases at gaps of an Erlang distribution: shape 1 at random, a large one as under a contract."""
    dice = np.random.default_rng(seed)
    rows = []
    for customer in range(customers):
        gap, day, level = dice.gamma(6, 6), float(dice.integers(0, days // 3)), dice.gamma(6, 15)
        level = mean(gap) if mean else level
        while day < days:
            rows.append((customer, START + timedelta(days=int(day)), round(level * dice.gamma(8, 1 / 8), 2)))
            day += dice.gamma(shape, gap / shape)
    return pd.DataFrame(rows, columns=["customer", "date", "amount"])


@pytest.mark.parametrize("shape", [1.0, 2.0, 4.0])
def test_how_regular_purchases_are_comes_back(shape: float) -> None:
    found = regularity(purchase_days(evenly(shape, 300, 700), date(2024, 11, 30)))
    assert found.shape == pytest.approx(shape, rel=0.15)
    assert found.low < found.shape


def test_contracts_are_valued_by_their_own_pace_and_come_near() -> None:
    purchases = evenly(30.0, 200, 1095)
    now = date(2024, 12, 31)
    found = value_customers(purchases, now, discount=0)
    assert found.method == RUN_RATE and "regular intervals, as under a contract" in found.reason
    after = purchases[(purchases["date"] > now) & (purchases["date"] <= date(2025, 12, 31))]
    assert found.customers["expected_purchases"].sum() == pytest.approx(len(after), rel=0.05)
    assert found.customers["value_amount"].sum() == pytest.approx(after["amount"].sum(), rel=0.07)
    each = after.groupby("customer")["amount"].sum().reindex(found.customers.index, fill_value=0)
    assert np.corrcoef(found.customers["value_amount"], each)[0, 1] > 0.95


def test_the_models_are_refused_where_those_who_buy_often_spend_more() -> None:
    found = value_customers(evenly(1.0, 300, 700, mean=lambda gap: 30_000 / gap**2), date(2024, 11, 30))
    assert found.method == RUN_RATE and "who buys more often also spends more" in found.reason


def test_the_models_are_refused_where_few_come_back() -> None:
    found = value_customers(evenly(1.0, 20, 700), date(2024, 11, 30))
    assert found.method == RUN_RATE and "only 20 of 20 customers came back; the models need 50" in found.reason


def test_a_lapsed_contract_counts_less_than_a_running_one() -> None:
    days = [START + timedelta(days=30 * month) for month in range(24)]
    rows = [(f"runs {n}", day, 100.0) for n in range(6) for day in days] + [("ended", day, 100.0) for day in days[:12]]
    found = value_customers(pd.DataFrame(rows, columns=["customer", "date", "amount"]), days[-1]).customers["value_amount"]
    assert found["ended"] <= 0.3 * found["runs 1"]


def test_a_customer_with_few_purchases_is_drawn_to_the_others_more_than_one_with_many() -> None:
    days = [START + timedelta(days=20 * turn) for turn in range(20)]
    sizes = [0.6, 1.4] * 10
    rows: list[tuple[Any, ...]] = [(n, day, 100 * size) for n in range(8) for day, size in zip(days, sizes, strict=True)]
    rows += [("few", days[-1], 500.0), *(("many", day, 500 * size) for day, size in zip(days, sizes, strict=True))]
    made = purchase_days(pd.DataFrame(rows, columns=["customer", "date", "amount"]), days[-1])
    amount = dict(zip(made.customers, run_rate(made, days[-1]).amount, strict=True))
    assert 100 < amount["few"] < amount["many"] < 500


# Large, near and far numbers


def test_very_frequent_customers_and_far_horizons_stay_finite() -> None:
    many = pd.DataFrame({"frequency": [0, 1, 900, 20_000], "recency": [0, 1e-9, 510, 519.9], "age": [0, 520, 520, 520.0]})
    for model in (*MODELS, BgNbd(0.01, 0.01, 0.001, 5000, 0), BgNbd(80, 900, 40, 0.01, 0), BgNbd(5, 3, 1e-5, 1e5, 0)):
        for periods in (1e-6, 52, 5200):
            found = model.expected_purchases(many, periods)
            assert np.isfinite(found).all() and (found >= 0).all()


@pytest.mark.parametrize("model", MODELS)
def test_where_the_series_has_no_end_a_mean_over_customers_takes_its_place(model: BgNbd) -> None:
    known = pd.DataFrame(CUSTOMERS, columns=["frequency", "recency", "age"])
    ahead, place = model._if_active(known, np.array([52.0]))
    x, age = (known[name].to_numpy("float64") for name in ("frequency", "age"))
    assert model._averaged(x, 52 / (model.alpha + age)) == pytest.approx(ahead[0][place], rel=5e-3)


def test_nothing_jumps_where_the_formula_has_a_gap() -> None:
    known = pd.DataFrame(CUSTOMERS, columns=["frequency", "recency", "age"])
    near = [BgNbd(0.9, 8, a, 3.0, 0).expected_purchases(known, 52) for a in (1 - 1e-5, 1.0, 1 + 1e-5)]
    assert near[1] == pytest.approx(near[0], rel=1e-4) and near[1] == pytest.approx(near[2], rel=1e-4)


@given(
    st.tuples(*[st.floats(0.05, 20)] * 4),
    st.integers(0, 200),
    st.floats(0, 1),
    st.floats(0.1, 500),
    st.lists(st.floats(0.01, 500), min_size=2, max_size=5).map(sorted),
)
@settings(max_examples=60, deadline=None)
def test_more_time_never_brings_fewer_purchases(
    parameters: tuple[float, float, float, float], x: int, share: float, age: float, horizons: list[float]
) -> None:
    model = BgNbd(*parameters, log_likelihood=0)
    known = pd.DataFrame({"frequency": [x], "recency": [share * age if x else 0.0], "age": [age]})
    found = [model.expected_purchases(known, periods)[0] for periods in horizons]
    assert all(np.isfinite(found)) and found[0] >= 0
    assert all(later >= earlier - 1e-9 * max(earlier, 1) for earlier, later in pairwise(found))
    alive = model.alive(known)[0]
    assert 0 <= alive <= 1 and (x or alive == 1)


# Summaries


PURCHASE = st.tuples(st.sampled_from("abcd"), st.integers(0, 60), st.sampled_from([None, 0.0, 5.0, 12.5, -5.0, -50.0]))


@given(st.lists(PURCHASE, max_size=25), st.integers(0, 60))
@settings(max_examples=80, deadline=None)
def test_a_summary_is_what_counting_by_hand_gives(rows: list[tuple[str, int, float | None]], last: int) -> None:
    purchases = pd.DataFrame(
        {
            "customer": pd.Series([who for who, _, _ in rows], dtype="str"),
            "date": pd.to_datetime([START + timedelta(days=day) for _, day, _ in rows]),
            "amount": pd.Series([amount for *_, amount in rows], dtype="float64"),
        }
    )
    found = summarise(purchases, START + timedelta(days=last), unit="D")
    assert by_hand(rows, last) == {
        who: (row.frequency, row.recency, row.age, None if np.isnan(row.mean_amount) else pytest.approx(row.mean_amount))
        for who, row in found.iterrows()
    }


def by_hand(rows: list[tuple[str, int, float | None]], last: int) -> dict[str, tuple[float, ...]]:
    found = {}
    for who in {who for who, _, _ in rows}:
        mine = [(day, amount) for name, day, amount in rows if name == who and day <= last]
        days: dict[int, list[float | None]] = defaultdict(list)
        for day, amount in mine:
            if amount is None or amount >= 0:
                days[day].append(amount)
        if not days:
            continue
        bought = sum(amount for _, amount in mine if amount and amount > 0)
        returned = -sum(amount for _, amount in mine if amount and amount < 0)
        kept = max(1 - returned / bought, 0) if bought else 1.0
        first = min(days)
        repeats = [[size for size in sizes if size is not None] for day, sizes in days.items() if day > first]
        known = [sum(sizes) * kept for sizes in repeats if sizes]
        mean = sum(known) / len(known) if known else None
        found[who] = (len(days) - 1, max(days) - first, last - first, mean)
    return found


def test_units_of_time_only_scale() -> None:
    rows = pd.DataFrame({"customer": ["a", "a"], "date": ["2025-01-01", "2025-03-05"], "amount": [1, 2]})
    days, weeks = (summarise(rows, date(2025, 4, 1), unit=unit) for unit in "DW")
    assert (days["age"] / 7).tolist() == weeks["age"].tolist() and days["recency"].tolist() == [63]
    with pytest.raises(ValueError, match="no unit of time"):
        summarise(rows, date(2025, 4, 1), unit="Y")


# Empty, tiny, absurd


def rows_of(customers: str, days: list[int], amounts: list[float]) -> pd.DataFrame:
    made = [(who, START + timedelta(days=day), amount) for who in customers for day, amount in zip(days, amounts, strict=True)]
    return pd.DataFrame(made, columns=["customer", "date", "amount"])


@pytest.mark.parametrize(
    ("purchases", "words"),
    [
        (rows_of("", [], []), "nobody has bought anything by 01 Jan 2024"),
        (rows_of("a", [0, 50, 90], [1, 2, 3]), "1 customer has bought by 01 Jan 2024, at least 5 are needed"),
        (rows_of("abcdefgh", [3], [10.0]), "of 8 customers nobody has bought on a second day"),
        (rows_of("abcdefgh", [3, 3, 3], [10.0, 20, 30]), "nobody has bought on a second day"),
        (rows_of("abcdefgh", [364, 365], [10.0, 20]), "the first purchase is 1 days old; 30 are needed"),
        (rows_of("abcdefgh", [3, 40], [-10.0, -20]), "nobody has bought anything"),
        (rows_of("abcdefgh", [3, 40, 50], [10.0, 20, -900]), "all that was bought was free or was returned"),
        (rows_of("abcdefgh", [3, 40], [0.0, 0]), "all that was bought was free or was returned"),
        (rows_of("abcdefgh", [3, 40], [inf, inf]), "nobody has bought anything"),
        (rows_of("abcdefgh", [500, 600], [10.0, 20]), "nobody has bought anything"),
    ],
    ids=["no orders", "one", "once", "same day", "yesterday", "only returns", "all returned", "free", "endless", "future"],
)
def test_too_little_is_said_in_words(purchases: pd.DataFrame, words: str) -> None:
    found = value_customers(purchases, date(2024, 1, 1))
    assert found.method == NONE and words in found.reason and found.reason.startswith("Too few to say")
    assert found.customers.empty


@pytest.mark.parametrize("amount", [0.01, 1e12])
def test_tiny_and_huge_amounts_are_valued(amount: float) -> None:
    purchases = evenly(1.0, 80, 700).assign(amount=lambda rows: rows["amount"] * amount)
    found = value_customers(purchases, date(2024, 11, 30)).customers
    assert np.isfinite(found["value_amount"]).all() and found["value_amount"].sum() > 0


def test_a_fit_without_anything_to_fit_is_refused_in_words() -> None:
    nothing = summarise(rows_of("abc", [3], [1.0]), date(2024, 1, 1))
    for fit in (fit_bg_nbd, fit_gamma_gamma):
        for summary in (nothing, nothing.head(0)):
            with pytest.raises(Refused, match="Too few to say"):
                fit(summary)
