"""The mathematics of listening: the tone of a comment, and what is suddenly spoken of."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from crm.insight.clauses import clauses
from crm.insight.emerging import emerging, evidence
from crm.insight.sentiment import clause_tones, corrected, label, macro_f1, sentiment, span_tones
from tests.labelled import complaints
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


def test_the_evidence_says_what_was_expected_and_covers_quiet_weeks() -> None:
    random = np.random.default_rng(1)
    inside = []
    for _ in range(60):
        counts, totals, _ = weeks(random, 150, jump=False)
        found = evidence(counts, totals)
        assert (found.is_emerging == emerging(counts, totals)).all()
        assert (found.low <= found.expected).all() and (found.expected <= found.high).all()
        inside += ((found.low <= found.count) & (found.count <= found.high)).tolist()
    assert np.mean(inside) >= 0.93
    assert np.isnan(evidence([[1]] * 5, [20] * 5).expected).all()


def test_slow_drift_is_no_jump() -> None:
    random = np.random.default_rng(2)
    alerts = []
    for _ in range(150):
        counts, totals, _ = weeks(random, 150, jump=False)
        shares = counts / totals[:, None] * np.exp(np.outer(np.arange(26) - 25, random.normal(0, 0.01, 12)))
        alerts.append(emerging(random.binomial(totals[:, None], np.minimum(shares, 1)), totals).any())
    assert np.mean(alerts) <= 0.10


def test_too_short_a_history_and_a_week_without_comments_say_nothing() -> None:
    assert not emerging([[1], [1], [9]], [20, 20, 20]).any()
    assert not emerging([[0]] * 4 + [[20]], [20] * 5).any()
    assert emerging([[0]] * 5 + [[20]], [20] * 6).all()
    assert not emerging([[1]] * 8 + [[0]], [20] * 8 + [0]).any()


def test_more_mentions_than_comments_are_refused() -> None:
    with pytest.raises(ValueError, match="no more mentions than comments"):
        emerging([[3]] * 6, [2] * 6)


def stars() -> tuple[list[str], np.ndarray]:
    """Reviews of clothes, and the tone that their stars stand for."""
    found = pd.read_csv(shared_data() / "feedback" / "womens_reviews_1200.csv").dropna(subset=["Review Text"])
    return found["Review Text"].tolist(), np.where(found["Rating"] <= 2, -1, np.where(found["Rating"] == 3, 0, 1))


def test_a_thousand_corrections_read_the_tone_better_than_the_lexicon() -> None:
    texts, said = stars()
    order = np.random.default_rng(0).permutation(len(texts))
    learned, held = order[:1000], order[1000:]
    model = corrected([texts[row] for row in learned], said[learned].tolist())
    asked = [texts[row] for row in held]
    assert model.is_trained
    assert model.trained_f1 > model.plain_f1
    assert macro_f1(said[held], label(model.scores(asked))) >= max(0.52, macro_f1(said[held], label(sentiment(asked))))
    scores = model.scores([*asked, "", "🙂"])
    assert ((scores >= -1) & (scores <= 1)).all()
    assert scores[-2] == 0


def test_few_corrections_or_such_that_say_nothing_leave_the_lexicon() -> None:
    assert not corrected([], []).is_trained
    assert not corrected(["good"] * 200, ["positive"] * 200).is_trained
    dice = np.random.default_rng(0)
    words = ["wonderful", "terrible", "table"]
    said = np.array([1, -1, 0] * 50)
    model = corrected([f"{words[each]} {dice.integers(99)}" for each in [0, 1, 2] * 50], said.tolist())
    assert not model.is_trained
    assert "as well as" in model.reason
    assert (model.scores(["I love it"]) == sentiment(["I love it"])).all()


def test_a_label_that_nobody_knows_is_refused() -> None:
    with pytest.raises(ValueError, match="negative, neutral or positive"):
        corrected(["a"], ["angry"])


def test_a_clause_read_by_itself_has_the_tone_it_has_in_its_text() -> None:
    text = "The cloth is wonderful, but the delivery was terrible"
    assert span_tones([clause.text for clause in clauses(text)]).tolist() == clause_tones(text)


def test_a_promise_and_a_credit_are_no_praise() -> None:
    said = ["It came four days after the promised date", "the credit note we were promised never came", "Lovely, as promised"]
    assert [label(span_tones([each]))[0] for each in said] == [0, 0, 1]
    tones = label(sentiment(complaints("Product").texts))
    assert (tones < 0).mean() >= 0.5
    assert (tones > 0).mean() <= 0.2


def test_the_tone_of_a_clause_is_vaders() -> None:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    vader = SentimentIntensityAnalyzer()
    said = [clause.text for text in stars()[0][:300] for clause in clauses(text)]
    said += ["NOT good at all!!!", "kind of good", "never so good", "without doubt bad", "no good", "isn't GREAT", "😀"]
    assert span_tones(said).tolist() == [vader.polarity_scores(each)["compound"] for each in said]
