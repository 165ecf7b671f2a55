"""Orders: each won deal becomes one, and between deals customers reorder when we talk."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crm.demo.cast import BUYERS
from crm.demo.products import PRICES
from crm.demo.truths import GROWTH_A_YEAR, SEASON, UNMET_ORDER_FACTOR
from crm.demo.world import World, at_work, table

REORDER_CHANCE = {"customer": 0.39, "loyal": 0.48, "lapsed": 0.31}
USUAL_AMOUNT = 420
REORDERED = (0.16, 0.06, 0.12, 0.16, 0.02, 0.44, 0.04, 0.00)
CHANNELS = ("web shop", "email", "phone", "in person")
RETURN_CHANCE = 0.012


def orders(
    world: World, cast: pd.DataFrame, beat: pd.DataFrame, sales: pd.DataFrame, people: pd.DataFrame, goods: pd.DataFrame
) -> pd.DataFrame:
    """One row per order by its day, numbered in that order; a return is an order with a negative amount."""
    rng = world.rng("orders")
    again = reorders(world, rng, cast, beat)
    rows = pd.concat([from_deals(cast, sales, goods), again, returns(rng, again)], ignore_index=True)
    rows["ordered_at"] = at_work(rng, rows["day"].to_numpy(), world.day)
    rows = rows.sort_values("ordered_at", kind="stable", ignore_index=True)
    customer = cast["customer_id"].iloc[rows["part"]].reset_index(drop=True)
    main = people.drop_duplicates("customer_id").set_index("customer_id")["contact_id"]
    return table(
        {
            "order_id": world.ids("orders", rows["ordered_at"]),
            "customer_id": customer,
            "contact_id": customer.map(main),
            "deal_id": rows["deal_id"],
            "product_id": goods["product_id"].to_numpy()[rows["product"].astype("int64")],
            "number": [f"SO-{20_000 + index}" for index in range(len(rows))],
            "ordered_at": rows["ordered_at"],
            "amount": rows["amount"].round(2),
            "original_amount": None,
            "channel": pd.Series(rng.choice(CHANNELS, len(rows), p=[0.55, 0.25, 0.15, 0.05])).where(
                rows["deal_id"].isna(), "sales"
            ),
            "item_count": rows["quantity"].astype("Int64"),
            "note": pd.Series("Return, credited", index=rows.index).where(rows["amount"] < 0),
        }
    )


def from_deals(cast: pd.DataFrame, sales: pd.DataFrame, goods: pd.DataFrame) -> pd.DataFrame:
    """The orders that won deals became, on the day they were won."""
    won = sales[sales["stage"] == "Won"]
    return pd.DataFrame(
        {
            "part": won["customer_id"].map(pd.Series(cast.index, index=cast["customer_id"])),
            "day": won["closed_on"].to_numpy().astype("datetime64[D]"),
            "deal_id": won["deal_id"],
            "product": won["product_id"].map(pd.Series(goods.index, index=goods["product_id"])),
            "quantity": won["quantity"],
            "amount": won["amount"],
        }
    )


def reorders(world: World, rng: np.random.Generator, cast: pd.DataFrame, beat: pd.DataFrame) -> pd.DataFrame:
    """Orders without a deal: the first talk with a buyer brings one, later ones as the season and met needs allow."""
    rows = beat.merge(cast[["lifecycle_stage", "is_met", "size", "ordering_until"]], left_on="part", right_index=True)
    rows = rows[rows["lifecycle_stage"].isin(BUYERS) & (rows["day"] <= rows["ordering_until"])]
    season = np.array(SEASON)[rows["day"].dt.month - 1]
    chance = rows["lifecycle_stage"].map(REORDER_CHANCE) * season * np.where(rows["is_met"], 1.0, UNMET_ORDER_FACTOR)
    talk = rows.groupby("part").cumcount()
    rows = rows[(rng.random(len(rows)) < chance) | (talk == 1)]
    product = rng.choice(8, len(rows), p=REORDERED)
    years = (rows["day"] - pd.Timestamp(world.start)).dt.days / 365
    aim = USUAL_AMOUNT * rows["size"] * np.exp(0.5 * rng.standard_normal(len(rows))) * (1 + GROWTH_A_YEAR) ** years
    quantity = np.maximum(np.round(aim / PRICES[product]), 1).astype("int64")
    return rows[["part", "day"]].assign(product=product, quantity=quantity, amount=quantity * PRICES[product])


def returns(rng: np.random.Generator, again: pd.DataFrame) -> pd.DataFrame:
    """A few orders come back the next time we talk, whole."""
    later = again.assign(day=again.groupby("part")["day"].shift(-1)).dropna(subset="day")
    back = later[rng.random(len(later)) < RETURN_CHANCE]
    return back.assign(amount=-back["amount"], quantity=-back["quantity"])
