"""Eight products of Harbor, which helps people to know where their things are: an app, devices, labels and services."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from crm.demo.world import World, table


class Product(NamedTuple):
    """A product, and how people speak of one piece of it."""

    name: str
    category: str
    price: float
    item: str


CATALOG: tuple[Product, ...] = (
    Product("Harbor Desk", "software", 240.0, "app"),
    Product("Harbor Team", "software", 390.0, "app"),
    Product("Harbor Scan", "device", 640.0, "scanner"),
    Product("Harbor Sense", "device", 180.0, "sensor kit"),
    Product("Harbor Hub", "device", 1190.0, "hub"),
    Product("Harbor Labels", "consumable", 39.0, "box of labels"),
    Product("Harbor Care", "service", 950.0, "care plan"),
    Product("Harbor Start", "service", 2400.0, "starter kit"),
)
PRICES = np.array([product.price for product in CATALOG])


def products(world: World) -> pd.DataFrame:
    """One row per product."""
    return table(
        {
            "product_id": world.ids("products", np.full(len(CATALOG), world.day - np.timedelta64(5 * 365, "D"))),
            "name": [product.name for product in CATALOG],
            "category": [product.category for product in CATALOG],
            "list_price_amount": PRICES,
        }
    )
