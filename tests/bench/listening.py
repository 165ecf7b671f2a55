"""How well and how fast comments are understood: `python -m tests.bench.listening [--themes] [--tone] [--emerging] [--speed]`.

Without a switch, all of it. Themes: macro-F1 on labelled sets, ten comments a theme pinned, and how many comments keep their
themes when as many again come in. Proposals: how pure what their phrases find is. Tone: 1,000 corrections against 200 reviews
held out, twenty splits. Emerging: simulated streams, quiet and with a jump to a tenth of the comments. Speed: 100,000 comments,
each different, in processor time of all threads. How the phrases were chosen stands beside them in tests/labelled.py.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import TypeVar

import numpy as np
import pandas as pd

from crm.insight import sentiment as tones
from crm.insight.emerging import emerging
from crm.insight.sentiment import corrected, label, sentiment
from crm.insight.themes import Theme, fit, propose
from tests.labelled import (
    CHOSEN,
    WRITTEN,
    Labelled,
    Trial,
    complaints,
    crossed,
    macro_f1,
    questions,
    reviews,
    some_intents,
    trial,
)
from tests.shared import shared_data

T = TypeVar("T")
SEEDS = 5


def trials() -> Iterator[tuple[str, Trial]]:
    """Each labelled set with its themes, several draws of what is pinned."""
    for column in ("Issue", "Product", "Sub-issue"):
        found = complaints(column)
        for phrases in (False, True)[: 1 + (column != "Sub-issue")]:
            for seed in range(SEEDS):
                yield f"complaints by {column}{', phrases' * phrases}", trial(found, found.most_frequent(), seed, phrases=phrases)
    asked = questions()
    for seed in range(SEEDS):
        yield "questions, nine of 77 intents", trial(asked, some_intents(asked, seed), seed)
        yield "questions, two of 77 intents", trial(asked, some_intents(asked, seed, 2), seed)
    for column in ("Department Name", "Class Name"):
        worn = reviews(column)
        for seed in range(SEEDS):
            yield f"reviews by {column}", trial(worn, worn.most_frequent(), seed)


def themes() -> None:
    """Macro-F1, and the share of comments that keep their themes when the corpus is doubled."""
    found = []
    for name, one in trials():
        order = np.random.default_rng(0).permutation(len(one.held))
        before = [one.held[row] for row in order[: len(order) // 2]]
        model = one.model([one.held[row] for row in order])
        kept = (one.model(before).assign(before) == model.assign(before)).all(axis=1).mean()
        unassigned = 1 - model.assign(one.held).any(axis=1).mean()
        found.append({"set": name, "F1": one.f1(model), "kept": kept, "unassigned": unassigned})
    rows = pd.DataFrame(found).groupby("set", sort=False)
    print(rows.mean().join(rows["F1"].std().rename("sd")).round(3).to_string())


def phrases() -> None:
    """Macro-F1 with phrases chosen on the other half: all complaints, and the odd half, which nobody had read before."""
    none: dict[str, tuple[str, ...]] = {}
    for column in ("Issue", "Product"):
        of = complaints(column)
        kinds = (("none", dict.fromkeys(CHOSEN, none)), ("of the label", dict.fromkeys(CHOSEN, WRITTEN)), ("chosen", CHOSEN))
        for name, given in kinds:
            drawn = [crossed(of, seed, given) for seed in range(SEEDS)]
            both, odd = ([macro_f1(found[rows], truth[rows]) for found, truth in drawn] for rows in (slice(None), ~of.is_even))
            print(f"{column:8} phrases {name:14} F1 {np.mean(both):.3f} ± {np.std(both):.3f}, the odd half {np.mean(odd):.3f}")


def proposals() -> None:
    """The share of the commonest label among the comments that a proposal's phrases find."""
    asked, issues = questions(), complaints("Product")
    sets = {f"questions {seed}": _only(asked, some_intents(asked, 100 + seed)) for seed in range(3)}
    for name, of in {**sets, "complaints by Product": issues}.items():
        found = propose(of.texts)
        marked = fit([Theme(one.name, phrases=one.phrases) for one in found], []).assign(of.texts)
        pure = [pd.Series(of.labels[marked[:, at]]).value_counts(normalize=True).iloc[0] for at in range(len(found))]
        print(f"{name:24} {len(found):3} proposed, purity {np.mean(pure):.2f}: {', '.join(one.name for one in found)}")


def _only(of: Labelled, names: list[str]) -> Labelled:
    rows = np.flatnonzero(np.isin(of.labels.astype(str), names))
    return Labelled([of.texts[row] for row in rows], of.labels[rows])


def tone() -> None:
    """Macro-F1 of the lexicon and of a thousand corrections, with and without the reviews' titles."""
    rows = pd.read_csv(shared_data() / "feedback" / "womens_reviews_1200.csv").dropna(subset=["Review Text"])
    said = np.where(rows["Rating"] <= 2, -1, np.where(rows["Rating"] == 3, 0, 1))
    for what, texts in (("text", rows["Review Text"]), ("title and text", rows["Title"].fillna("") + ". " + rows["Review Text"])):
        found, plain = [], []
        for seed in range(20):
            order = np.random.default_rng(seed).permutation(len(rows))
            learned, held = order[:1000], order[1000:1200]
            asked = texts.iloc[held].tolist()
            model = corrected(texts.iloc[learned].tolist(), said[learned].tolist())
            found.append(tones.macro_f1(said[held], label(model.scores(asked))))
            plain.append(tones.macro_f1(said[held], label(sentiment(asked))))
        print(f"{what:16} F1 {np.mean(found):.3f} ± {np.std(found):.3f}, the lexicon {np.mean(plain):.3f}")


def stream(dice: np.random.Generator, comments: int, size: int, weeks: int = 26, *, drift: float = 0.0, unrest: float = 0.1,
           jump: bool = False) -> tuple[np.ndarray, np.ndarray, int]:  # fmt: skip
    """Themes whose shares wander; with a jump, a rare one comes to a tenth in the last week."""
    base = dice.dirichlet(np.ones(size)) * 0.9
    totals = dice.poisson(comments, weeks) + 1
    shares = base * np.exp(dice.normal(0, unrest, (weeks, size)) + np.outer(np.arange(weeks), dice.normal(0, drift, size)))
    rare = int(np.argmin(np.abs(base - 0.02)))
    if jump:
        shares[-1, rare] = 0.10
    return dice.binomial(totals[:, None], np.minimum(shares, 1)), totals, rare


def streams() -> None:
    """False alerts in 200 quiet weeks, and jumps found in 200."""
    sizes = [{"comments": comments, "size": size} for comments in (40, 80, 150, 300) for size in (5, 12, 30)]
    odd: list[dict[str, float]] = [{"drift": 0.01}, {"drift": 0.02}, {"unrest": 0.3}, {"weeks": 8}, {"weeks": 104}]
    for kind in [*sizes, *({"comments": 150, "size": 12, **one} for one in odd)]:
        dice = np.random.default_rng(0)
        quiet = [emerging(*stream(dice, **kind)[:2]).any() for _ in range(200)]
        found = [emerging(counts, totals)[rare] for counts, totals, rare in (stream(dice, **kind, jump=True) for _ in range(200))]
        print(f"{kind!s:60} false {np.mean(quiet):.3f}, found {np.mean(found):.3f}")


def speed() -> None:
    """100,000 comments of a bank's customers and of clothes' buyers, no two alike; 12 and 60 themes."""
    dice = np.random.default_rng(0)
    for name, pool in (("questions", questions().texts), ("reviews", reviews("Rating").texts)):
        words = sorted({word for text in pool for word in text.split()})
        drawn = zip(dice.integers(len(pool), size=100_000), dice.integers(len(words), size=100_000), strict=True)
        texts = [f"{pool[row]} {words[word]} {turn}" for turn, (row, word) in enumerate(drawn)]
        print(f"{name}: {sum(map(len, texts)) / 1e6:.0f} MB")
        for size in (12, 60):
            long = [word for word in words if len(word) > 5]
            pinned = [Theme(f"{at}", long[at * 3 : at * 3 + 3], examples=texts[at * 20 : at * 20 + 10]) for at in range(size)]
            model = _timed(f"  fit {size} themes", partial(fit, pinned, texts))
            found = _timed("  assign", partial(model.assign, texts))
            _timed("  clauses of what was found", partial(model.spans, texts, found))
        _timed("  propose, 20,000", partial(propose, texts[:20_000]))


def _timed(what: str, work: Callable[[], T]) -> T:
    began = time.process_time()
    found = work()
    print(f"{what:32} {time.process_time() - began:6.2f} s of the processor", flush=True)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.listening", description="How well comments are understood.")
    parts = {"themes": (themes, phrases, proposals), "tone": (tone,), "emerging": (streams,), "speed": (speed,)}
    for part in parts:
        parser.add_argument(f"--{part}", action="store_true")
    chosen = vars(parser.parse_args())
    for part, works in parts.items():
        if chosen[part] or not any(chosen.values()):
            for work in works:
                work()


if __name__ == "__main__":
    main()
