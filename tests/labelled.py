"""Comments that people labelled, as the tests of listening read them: some pinned to their theme, the rest held out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from crm.insight.themes import Theme, ThemeModel, fit
from tests.shared import shared_data

PINNED = 10
# as a person would write them from the label alone
WRITTEN = {
    "Credit reporting, credit repair services, or other personal consumer reports": ("credit report", "credit bureau", "inquiry"),
    "Credit card or prepaid card": ("credit card", "prepaid card", "card issuer"),
    "Checking or savings account": ("checking account", "savings account", "my bank", "debit card"),
    "Mortgage": ("mortgage", "escrow", "home loan"),
    "Debt collection": ("debt collector", "collection agency", "collect a debt"),
    "Money transfer, virtual currency, or money service": ("transfer", "Zelle", "wire", "PayPal"),
    "Vehicle loan or lease": ("vehicle", "car loan", "auto loan", "lease"),
    "Incorrect information on your report": ("incorrect information", "inaccurate", "not mine", "does not belong to me"),
    "Problem with a credit reporting company's investigation into an existing problem": (
        "investigation", "reinvestigation", "dispute results", "failed to investigate",
    ),
    "Improper use of your report": ("without my consent", "unauthorized inquiry", "permissible purpose", "hard inquiry"),
    "Managing an account": ("my account", "deposit", "bank statement", "branch"),
    "Problem with a purchase shown on your statement": ("purchase", "merchant", "refund", "chargeback"),
    "Trouble during payment process": ("escrow", "mortgage payment", "payment process"),
    "Problem when making payments": ("late payment", "autopay", "payment was not posted"),
    "Attempts to collect debt not owed": ("debt collector", "do not owe", "collect a debt", "not my debt"),
    "Problem with a lender or other company charging your account": ("charged my account", "unauthorized charge", "withdrew"),
}  # fmt: skip


@dataclass(frozen=True)
class Labelled:
    """Comments and the label of each."""

    texts: list[str]
    labels: np.ndarray

    def most_frequent(self, most: int = 9, fewest: int = 4) -> list[str]:
        """The labels with the most comments."""
        counts = pd.Series(self.labels[self.labels != ""]).value_counts(sort=False).sort_index()
        return counts[counts >= fewest].sort_values(ascending=False, kind="stable").index[:most].tolist()


def complaints(column: str) -> Labelled:
    """Complaints to a financial regulator, by “Issue” or “Product”."""
    rows = pd.read_csv(shared_data() / "feedback" / "cfpb_2023_narratives.csv").dropna(subset=["Consumer complaint narrative"])
    return Labelled(rows["Consumer complaint narrative"].tolist(), rows[column].fillna("").to_numpy(dtype=object))


def questions() -> Labelled:
    """Questions to a bank, by 77 intents."""
    rows = pd.read_csv(shared_data() / "feedback" / "banking77_test.csv")
    return Labelled(rows["text"].tolist(), rows["category"].to_numpy(dtype=object))


def reviews(column: str) -> Labelled:
    """Reviews of clothes, by department or class."""
    rows = pd.read_csv(shared_data() / "feedback" / "womens_reviews_1200.csv").dropna(subset=["Review Text"])
    return Labelled(rows["Review Text"].tolist(), rows[column].fillna("").astype(str).to_numpy(dtype=object))


@dataclass(frozen=True)
class Trial:
    """Themes with a few pinned comments each, and the comments that nobody pinned."""

    themes: list[Theme]
    held: list[str]
    truth: np.ndarray  # (n_held, n_themes)

    def model(self, corpus: list[str] | None = None) -> ThemeModel:
        return fit(self.themes, self.held if corpus is None else corpus)

    def f1(self, model: ThemeModel) -> float:
        """Macro-F1 on the comments held out."""
        found = model.assign(self.held)
        return float(np.mean(2 * (found & self.truth).sum(axis=0) / np.maximum(found.sum(axis=0) + self.truth.sum(axis=0), 1)))


def trial(of: Labelled, names: list[str], seed: int, *, phrases: bool = False, others: int = 200) -> Trial:
    """Ten comments of each label pinned (half of a rare one's), and all others held out with some of no label among them."""
    dice = np.random.default_rng(seed)
    themes, held = [], []
    for name in names:
        rows = dice.permutation(np.flatnonzero(of.labels == name))
        pinned = min(PINNED, len(rows) // 2)
        examples = [of.texts[row] for row in rows[:pinned]]
        themes.append(Theme(name, phrases=WRITTEN.get(name, ()) if phrases else (), examples=examples))
        held += rows[pinned:].tolist()
    held += dice.permutation(np.flatnonzero(~np.isin(of.labels.astype(str), names)))[:others].tolist()
    truth = np.stack([of.labels[held] == name for name in names], axis=1)
    return Trial(themes, [of.texts[row] for row in held], truth)


def some_intents(of: Labelled, seed: int, size: int = 9) -> list[str]:
    """Nine of the 77 intents."""
    return np.random.default_rng(seed).choice(np.unique(of.labels.astype(str)), size, replace=False).tolist()
