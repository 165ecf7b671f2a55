"""Fields of Harbor's own: what they are, and what customers, contacts, deals and products hold in them.

The values are drawn after everything else is made, so that they follow from it: a tier from the size, a confirmed budget from
how the deal ended, which is a truth that a figure split by it must find.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from crm.demo.truths import BUDGET_CONFIRMED
from crm.demo.world import World, spread, table

TIERS = ("Gold", "Silver", "Bronze")
WAYS_IN = ("Recommendation", "Web search", "Trade fair", "Advertisement")
TOPICS = ("Product news", "User days", "Tips and tricks", "Offers")
RIVALS = ("TagHawk", "Findwell", "Keyring One", "In-house")
Values = Iterable[Any]


class Defined(NamedTuple):
    """One own field."""

    noun: str
    name: str
    kind: str
    choices: tuple[str, ...] = ()
    is_listed: bool = False


DEFINED = (
    Defined("customers", "Company tier", "choice", TIERS, is_listed=True),
    Defined("customers", "Contract end", "date", is_listed=True),
    Defined("customers", "Purchase order number", "text"),
    Defined("customers", "Found us through", "choice", WAYS_IN),
    Defined("contacts", "Newsletter topics", "choices", TOPICS),
    Defined("contacts", "On the board", "yes_no"),
    Defined("deals", "Budget confirmed", "yes_no", is_listed=True),
    Defined("deals", "Competitor", "choice", RIVALS),
    Defined("products", "Weight in grams", "number"),
    Defined("products", "Data sheet", "link"),
)


def custom_fields(world: World) -> pd.DataFrame:
    """One row per own field."""
    rows = pd.DataFrame(DEFINED).drop(columns="choices")
    keys = world.ids("custom_fields", np.full(len(DEFINED), world.start - np.timedelta64(20, "D")))
    rows.insert(3, "is_required", False)
    return table({"custom_field_id": keys, **rows, "position": rows.groupby("noun").cumcount() + 1}, sourced=False)


def custom_choices(world: World, fields: pd.DataFrame) -> pd.DataFrame:
    """One row per choice that one offers."""
    rows = pd.DataFrame(
        [
            (key, name, position)
            for key, field in zip(fields["custom_field_id"], DEFINED, strict=True)
            for position, name in enumerate(field.choices, start=1)
        ],
        columns=["custom_field_id", "name", "position"],
    )
    keys = world.ids("custom_choices", np.full(len(rows), world.start - np.timedelta64(20, "D")))
    return table({"custom_choice_id": keys, **rows}, sourced=False)


class Filler:
    """Turns what was drawn for the fields of a noun into the column `own`."""

    def __init__(self, world: World, fields: pd.DataFrame, choices: pd.DataFrame) -> None:
        self.world = world
        self._keys = dict(zip(fields["name"], fields["custom_field_id"], strict=True))
        offered = zip(choices["custom_field_id"], choices["name"], strict=True)
        self._choices = dict(zip(offered, choices["custom_choice_id"], strict=True))

    def choice(self, field: str, name: str) -> str | None:
        """The key of a choice; none for no name."""
        return self._choices[self._keys[field], name] if name else None

    def column(self, **values: Values) -> list[str | None]:
        """The json of each row: the fields by name (a space is written `_`), blank ones left out."""
        named = {self._keys[name.replace("_", " ")]: list(column) for name, column in values.items()}
        rows = [
            {key: value for key, value in zip(named, row, strict=True) if value is not None}
            for row in zip(*named.values(), strict=True)
        ]
        return [json.dumps(row) if row else None for row in rows]


def of_customers(filler: Filler, cast: pd.DataFrame) -> list[str | None]:
    """A tier by size, a contract that ends for most who buy, a purchase order number for some; how most found us."""
    rng = filler.world.rng("own of customers")
    buys, rank = cast["weight"] > 0, cast["size"].rank(pct=True)
    tiers = np.select([~buys, rank > 0.85, rank > 0.5], ["", *TIERS[:2]], TIERS[2])
    ends = filler.world.day + rng.integers(-40, 700, len(cast)).astype("timedelta64[D]")
    has_contract = buys & (rng.random(len(cast)) < 0.6) & (cast["kind"] == "company")
    numbers = rng.integers(10_000, 99_999, len(cast))
    has_number = buys & (rng.random(len(cast)) < 0.25)
    ways = filler.world.rng("ways in").choice([*WAYS_IN, ""], len(cast), p=(0.3, 0.25, 0.15, 0.1, 0.2))
    return filler.column(
        Company_tier=[filler.choice("Company tier", tier) for tier in tiers],
        Contract_end=[str(end) if has else None for end, has in zip(ends, has_contract, strict=True)],
        Purchase_order_number=[f"PO-{number}" if has else None for number, has in zip(numbers, has_number, strict=True)],
        Found_us_through=[filler.choice("Found us through", way) for way in ways],
    )


def of_contacts(filler: Filler, people: pd.DataFrame) -> list[str | None]:
    """What those who take newsletters want to read; who sits on a board."""
    rng = filler.world.rng("own of contacts")
    wanted = rng.random((len(people), len(TOPICS))) < np.array((0.7, 0.3, 0.5, 0.25))
    topics = [
        [filler.choice("Newsletter topics", topic) for topic, wants in zip(TOPICS, row, strict=True) if wants] or None
        for row in wanted
    ]
    given = (people["consent"] == "given").tolist()
    boards = rng.random(len(people)) < 0.06
    return filler.column(
        Newsletter_topics=[topic if may else None for topic, may in zip(topics, given, strict=True)],
        On_the_board=[True if sits else None for sits in boards],
    )


def of_deals(filler: Filler, sales: pd.DataFrame) -> list[str | None]:
    """Whether the budget was confirmed, far more often where the deal was won; against whom we stood."""
    rng = filler.world.rng("own of deals")
    confirmed = spread(rng, len(sales)) < sales["stage"].map(BUDGET_CONFIRMED).fillna(0.5)
    rivals = rng.choice([*RIVALS, ""], len(sales), p=(0.18, 0.14, 0.1, 0.08, 0.5))
    asked = rng.random(len(sales)) < 0.8
    return filler.column(
        Budget_confirmed=[bool(yes) if was else None for yes, was in zip(confirmed, asked, strict=True)],
        Competitor=[filler.choice("Competitor", rival) for rival in rivals],
    )


def of_products(filler: Filler, goods: pd.DataFrame) -> list[str | None]:
    """What a device weighs, and where its data sheet lies."""
    rng = filler.world.rng("own of products")
    is_solid = goods["category"].isin(("device", "consumable")).tolist()
    grams = rng.integers(8, 90, len(goods)) * 10
    slugs = goods["name"].str.lower().str.replace(" ", "-")
    return filler.column(
        Weight_in_grams=[int(weight) if solid else None for weight, solid in zip(grams, is_solid, strict=True)],
        Data_sheet=[f"https://harbor.example/{slug}.pdf" if solid else None for slug, solid in zip(slugs, is_solid, strict=True)],
    )
