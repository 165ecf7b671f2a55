"""The mathematics of listening: the tone of a comment, and what is suddenly spoken of."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from crm.insight.clauses import clauses
from crm.insight.emerging import emerging
from crm.insight.sentiment import clause_tones, sentiment
from tests.shared import shared_data


def test_the_tone_of_reviews_tells_the_pleased_from_the_displeased() -> None:
    reviews = pd.read_csv(shared_data() / "feedback" / "womens_reviews_1200.csv").dropna(subset=["Review Text"])
    tone = sentiment(reviews["Review Text"].tolist())
    pleased, displeased = tone[reviews["Rating"] >= 4], tone[reviews["Rating"] <= 2]
    above = (pleased[:, None] > displeased).mean() + (pleased[:, None] == displeased).mean() / 2
    assert above >= 0.79


def test_praise_and_complaint_in_one_sentence_are_told_apart() -> None:
    praise, complaint = clause_tones("The cloth is wonderful, but the delivery was terrible")
    assert praise > 0.3 > -0.3 > complaint


@pytest.mark.parametrize("text", ["", "  \n ", "🙂", "это не по-английски", "x" * 1_000_000, "a. " * 50_000])
def test_any_text_has_clauses_within_it_and_a_tone_within_bounds(text: str) -> None:
    assert all(text[clause.start : clause.end] == clause.text for clause in clauses(text))
    assert -1 <= sentiment([text])[0] <= 1


def weeks(random: np.random.Generator, comments: int, jump: bool) -> tuple[np.ndarray, np.ndarray, int]:
    """Half a year of twelve themes whose shares wander a little; with a jump, a rare one comes to a tenth in the last week."""
    base = random.dirichlet(np.ones(12)) * 0.9
    totals = random.poisson(comments, 26) + 1
    shares = base * np.exp(random.normal(0, 0.1, (26, 12)))
    rare = int(np.argmin(np.abs(base - 0.02)))
    if jump:
        shares[-1, rare] = 0.10
    return random.binomial(totals[:, None], np.minimum(shares, 1)), totals, rare


def test_two_hundred_quiet_weeks_raise_few_alerts_and_two_hundred_jumps_are_found() -> None:
    random = np.random.default_rng(0)
    quiet = [weeks(random, 200, jump=False) for _ in range(200)]
    jumps = [weeks(random, 200, jump=True) for _ in range(200)]
    assert np.mean([emerging(counts, totals).any() for counts, totals, _ in quiet]) <= 0.05
    assert np.mean([emerging(counts, totals)[rare] for counts, totals, rare in jumps]) >= 0.80


def test_too_short_a_history_and_a_week_without_comments_say_nothing() -> None:
    assert not emerging([[1], [1], [9]], [20, 20, 20]).any()
    assert not emerging([[1]] * 8 + [[0]], [20] * 8 + [0]).any()


def test_more_mentions_than_comments_are_refused() -> None:
    with pytest.raises(ValueError, match="no more mentions than comments"):
        emerging([[3]] * 6, [2] * 6)
