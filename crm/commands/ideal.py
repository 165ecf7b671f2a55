"""State the ideal customer, and renew how near each customer comes to it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any
from uuid import UUID

import numpy as np
import pandas as pd
from uuid_utils.compat import uuid7

from crm.commands import checks
from crm.commands.checks import Saved, checked
from crm.commands.jobs import Calculate, Report, directly, quietly
from crm.commands.segments import checked_rule
from crm.errors import Refused
from crm.insight.ideal_profile import LEVEL, Answer, Pattern, Scored, distinguishing, likeness, shrunk_lift
from crm.queries import ideal, ideal_material
from crm.queries.conditions import Condition, Group, as_json, asked, parsed
from crm.queries.ideal_material import Material
from crm.store.session import Session
from crm.store.writer import raise_versions

MOST_WEIGHT = 100.0
SHOWN = 25
Row = dict[str, Any]


def weight(value: Any, name: str) -> float:
    """How much an attribute counts: above 0.

    >>> weight("3", "Weight")
    3.0
    """
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise Refused(f"{name} “{str(value)[:40]}” is not a number. Write digits, like 3.", name) from None
    if not (math.isfinite(number) and 0 < number <= MOST_WEIGHT):
        raise Refused(f"{name} lies above 0 and is at most {MOST_WEIGHT:.0f}. Correct it.", name)
    return number


CHECKS: dict[str, checks.Check] = {"weight": weight}


def add_attribute(session: Session, *, rule: Group | Mapping[str, Any] | str, **fields: Any) -> Saved:
    """Add something that our ideal customer is, has or wants, with its weight."""
    values = checked(fields, CHECKS, {"weight"})
    kept = checked_rule(session, rule)
    with session.change("Add to the ideal profile") as change:
        key = change.insert("ideal_attributes", rule=kept, **values)
    return Saved.of(key, change)


def edit_attribute(session: Session, ideal_attribute_id: UUID, *, version: UUID | None = None, **fields: Any) -> Saved:
    """Change what an attribute of the ideal profile says, or how much it counts."""
    rule = {"rule": checked_rule(session, fields.pop("rule"))} if "rule" in fields else {}
    values = checked(fields, CHECKS, {"weight"} & set(fields))
    with session.change("Edit the ideal profile") as change:
        change.update("ideal_attributes", ideal_attribute_id, version=version, **values, **rule)
    return Saved.of(ideal_attribute_id, change)


def archive_attribute(session: Session, ideal_attribute_id: UUID, *, version: UUID | None = None) -> Saved:
    """Take an attribute out of the ideal profile."""
    with session.change("Take out of the ideal profile") as change:
        change.archive("ideal_attributes", ideal_attribute_id, version=version)
    return Saved.of(ideal_attribute_id, change)


def take_over(session: Session, condition: Mapping[str, Any], lift: float) -> Saved:
    """Add a pattern that the data found to the stated ideal, weighted by how much more often the best have it."""
    rule = Group("all", (Condition(condition["subject"], condition["is"], condition.get("value")),))
    return add_attribute(session, rule=rule, weight=max(0.5, round(2 * math.log2(max(lift, 1.01))) / 2))


@dataclass(frozen=True)
class Stored:
    """How many customers were looked at, and what was found by each measure."""

    customers: int
    answers: Mapping[str, str]

    def as_json(self) -> Row:
        return {"customers": self.customers, "answers": dict(self.answers)}

    def summary(self) -> str:
        found = "; ".join(f"{measure.replace('_', ' ')}: {words}" for measure, words in self.answers.items())
        return f"{self.customers:,} customers compared with the ideal profile. {found}."


def store_fits(
    session: Session, *, as_of: date | None = None, report: Report = quietly, calculate: Calculate = directly
) -> Stored:
    """Compute how near each customer comes to the ideal, and what the data say of the best; it replaces the last run."""
    day, seen = as_of or session.today, dict(session.versions(ideal.MADE_FROM))
    report(0.1, "Reading who customers are")
    found = ideal_material.material(session, day)
    stated = ideal.stated(session)
    report(0.3, "Comparing them with the ideal")
    fits = _fits(session, found, stated)
    report(0.4, "Looking for what the best have in common")
    answers: dict[str, Row] = {}
    like = None
    for measure in ideal.MEASURES:
        answer, scored = calculate(analysed, found.attributes, found.numbers, found.best[measure])
        answers[measure] = _as_json(answer, scored, found, fits, stated, measure)
        if measure == "value" and scored and answer.reliable:
            like = scored.likeness
    report(0.9, "Storing how well they fit")
    _replace(session, fits.assign(likeness_share=like), found, stated, answers, day, seen)
    return Stored(len(fits), {measure: in_words(answer) for measure, answer in answers.items()})


def analysed(attributes: pd.DataFrame, numbers: pd.DataFrame, best: pd.Series) -> tuple[Answer, Scored | None]:
    """What distinguishes the best of those of whom it can be said, and how like them everybody is.

    Three measures are looked at side by side: each is given a third of the chance of a false claim.
    """
    known = best.notna().to_numpy()
    label = best[known].astype(bool).to_numpy()
    answer = distinguishing(attributes[known], np.asarray(label, dtype=bool), level=LEVEL / len(ideal.MEASURES))
    if not answer.reliable:
        return answer, None
    words = attributes.drop(columns=[name for name in ideal_material.SIZES.values() if name in attributes])
    return answer, likeness(pd.concat([words, numbers], axis=1), best)


def in_words(answer: Row) -> str:
    """What the data say, in a few words.

    >>> in_words({"n": 85, "best_n": 17, "patterns": []})
    'no reliable pattern in n = 85'
    """
    reliable = [pattern for pattern in answer["patterns"] if pattern["is_reliable"]]
    if not reliable:
        return f"no reliable pattern in n = {answer['n']:,}"
    return ", ".join(f"{pattern['attribute']} {pattern['value']} ({pattern['lift']:.1f}×)" for pattern in reliable[:3])


def _fits(session: Session, found: Material, stated: list[Row]) -> pd.DataFrame:
    """One row per customer: the sum of the weights that it meets, and which those are."""
    whole = pd.DataFrame({"fit_share": 0.0 if stated else np.nan, "met": ""}, index=found.attributes.index)
    met = pd.Series([[] for _ in whole.index], index=whole.index, dtype="object")
    for number, attribute in enumerate(stated):
        sql, values = asked(session, parsed(attribute["rule"]), f"ideal{number}")
        keys = session.frame(f"select customer_id::varchar as customer_id from ({sql})", **values)["customer_id"]  # noqa: S608
        fitting = whole.index.isin(keys)
        whole.loc[fitting, "fit_share"] += attribute["weight_share"]
        for place in np.flatnonzero(fitting):
            met.iloc[place].append(str(attribute["ideal_attribute_id"]))
    return whole.assign(met=[json.dumps(each) for each in met], fit_share=whole["fit_share"].clip(upper=1.0))


def _as_json(answer: Answer, scored: Scored | None, found: Material, fits: pd.DataFrame, stated: list[Row], measure: str) -> Row:
    shown = [*answer.reliable, *[pattern for pattern in answer.patterns if not pattern.is_reliable]][:SHOWN]
    return {
        "n": answer.n,
        "best_n": answer.best_n,
        "patterns": [_pattern(pattern, found) for pattern in shown],
        "auc": scored.auc if scored else None,
        "brier": scored.brier if scored else None,
        "drift": _drift(fits, found.best[measure], stated),
        "agreement": _agreement(fits["fit_share"], found.best[measure]) if stated else None,
    }


def _pattern(pattern: Pattern, found: Material) -> Row:
    condition = found.conditions.get((pattern.attribute, pattern.value))
    rule = None if condition is None else json.loads(as_json(Group("all", (condition,))))["rules"][0]
    return asdict(pattern) | {"condition": rule}


def _drift(fits: pd.DataFrame, best: pd.Series, stated: list[Row]) -> list[Row]:
    """For each stated attribute: how often the best have it, how often all who can be judged, and the ratio with its range."""
    known = best.notna()
    label = best[known].astype(bool)
    rows = []
    for attribute in stated:
        key = str(attribute["ideal_attribute_id"])
        has = fits.loc[known, "met"].str.contains(key, regex=False)
        n, best_n = int(has.sum()), int((has & label).sum())
        share = float(label.mean()) if len(label) else 0.0
        lift, low, high = shrunk_lift(best_n, n, share) if share else (None, None, None)
        of_best, of_all = (best_n / int(label.sum()) if label.sum() else None), (n / len(label) if len(label) else None)
        rows.append({"key": key, "of_best": of_best, "of_all": of_all, "n": n, "lift": lift, "low": low, "high": high})
    return rows


def _agreement(fit: pd.Series, best: pd.Series) -> float | None:
    """In how many of 100 pairs of a best and another customer the best one fits better; a tie is half."""
    known = best.notna()
    label = best[known].astype(bool)
    if not 0 < label.sum() < len(label):
        return None
    ranks = fit[known].rank()
    many, others = int(label.sum()), int((~label).sum())
    return float((ranks[label].sum() - many * (many + 1) / 2) / (many * others))


def _replace(
    session: Session, fits: pd.DataFrame, found: Material, stated: list[Row], answers: Row, day: date, seen: Row
) -> None:
    """Put a new run in the place of the last, in one step."""
    run_id = uuid7()
    best = found.best.rename(columns=lambda name: f"is_best_{name}").astype("boolean")
    staged = fits.join(best).reset_index(names="customer_key")
    kept = [
        {"key": str(row["ideal_attribute_id"]), "words": row["name"], **{name: row[name] for name in ("weight", "weight_share")}}
        for row in stated
    ]
    with session.database.working() as cursor:
        cursor.register("fitted", staged)
        cursor.execute(PREPARE, {"run": run_id})

        def work() -> None:
            cursor.execute("delete from customer_fits")
            cursor.execute("insert into customer_fits by name select * from renewed_fits")
            cursor.execute(
                "insert into fit_runs values ($run, $day, $now, $number, $stated, $answers, $seen)",
                {
                    "run": run_id,
                    "day": day,
                    "now": session.now,
                    "number": len(staged),
                    "stated": json.dumps(kept),
                    "answers": json.dumps(answers),
                    "seen": json.dumps(seen),
                },
            )
            raise_versions(cursor, "customer_fits")

        session.database.transaction(cursor, work)


PREPARE = """
    create temp table renewed_fits as
    select
        $run::uuid as fit_run_id,
        customer_key::uuid as customer_id,
        nullif(fit_share, 'nan'::double) as fit_share,
        met::json as met,
        is_best_value,
        is_best_retention,
        is_best_win_rate,
        nullif(likeness_share::double, 'nan'::double) as likeness_share
    from fitted
    order by customer_key
"""
