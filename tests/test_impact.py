"""What a theme does to a score, held against a bootstrap."""

from __future__ import annotations

import numpy as np
import pytest

from crm.insight.impact import impact, points

SCALES = {"nps": (0, 11), "csat": (1, 6), "ces": (1, 8)}


def answers(measure: str, size: int = 400) -> tuple[np.ndarray, np.ndarray]:
    """Answers of three themes: one of the displeased, one of anybody, one of the pleased."""
    dice = np.random.default_rng(3)
    ratings = dice.integers(*SCALES[measure], size)
    middle = np.mean(SCALES[measure])
    chances = np.stack([np.where(ratings < middle, 0.3, 0.1), np.full(size, 0.2), np.where(ratings > middle, 0.3, 0.05)], axis=1)
    return ratings, dice.random((size, 3)) < chances


def by_hand(ratings: np.ndarray, mentions: np.ndarray, measure: str) -> np.ndarray:
    worth = points(ratings, measure)
    return np.array([worth.mean() - worth[~theme].mean() for theme in mentions.T])


@pytest.mark.parametrize("measure", SCALES)
def test_the_effect_is_the_score_less_the_score_without_and_its_range_that_of_a_bootstrap(measure: str) -> None:
    ratings, mentions = answers(measure)
    found = impact(ratings, mentions, measure)
    assert np.allclose(found.effect, by_hand(ratings, mentions, measure))
    assert found.score == pytest.approx(points(ratings, measure).mean())
    assert found.n.tolist() == mentions.sum(axis=0).tolist()
    dice = np.random.default_rng(0)
    draws = [by_hand(ratings[rows], mentions[rows], measure) for rows in dice.integers(0, len(ratings), (1_500, len(ratings)))]
    low, high = np.quantile(draws, [0.025, 0.975], axis=0)
    assert np.allclose(found.high - found.low, high - low, rtol=0.15)
    assert found.effect[0] < 0 < found.effect[2]
    assert found.low[1] < 0 < found.high[1]


def test_few_answers_with_or_without_a_theme_say_nothing() -> None:
    mentions = np.array([[True, True]] * 4 + [[False, True]] * 16)
    found = impact([10] * 20, mentions, "nps")
    assert np.isnan(found.effect).all()
    assert found.n.tolist() == [4, 20]
    assert found.score == 100
    nobody = impact([], np.zeros((0, 2)), "csat")
    assert np.isnan(nobody.score)
    assert nobody.n.tolist() == [0, 0]


def test_equal_answers_are_not_taken_for_certainty() -> None:
    found = impact([5] * 10, [[True]] * 5 + [[False]] * 5, "csat")
    assert found.low[0] < found.effect[0] == 0 < found.high[0]


@pytest.mark.parametrize(("ratings", "measure"), [([11], "nps"), ([0], "csat"), ([float("nan")], "ces"), ([3], "stars")])
def test_what_is_no_answer_of_the_scale_is_refused(ratings: list[float], measure: str) -> None:
    with pytest.raises(ValueError, match=r"lie between|is one of"):
        points(ratings, measure)
