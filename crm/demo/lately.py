"""What came in lately: invoices that look new and lack what customers need on them emerge this week, and survey answers say what
late deliveries cost us."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crm.demo.loop import DUE_DAYS
from crm.demo.world import World, at_work, table, working_day

# How many days ago, of what kind, by which way, in their words.
SAID = (
    (
        5, "complaint", "email",
        "The new invoice has no order number on it. Our accounts department sends it straight back, so nobody pays you until "
        "that is fixed.",
    ),
    (4, "question", "email", "Where has our purchase order number gone? It stood on every invoice until the last one."),
    (
        4, "complaint", "phone",
        "Got the same invoice twice, once in the old look and once in the new one, with two different numbers. Which one do I "
        "pay?",
    ),
    (
        3, "complaint", "email",
        "Hello, nice new look, but the invoice no longer says what we bought, only article numbers. I had to look up every "
        "single line.",
    ),
    (2, "complaint", "web form", "your new invoice leaves out our VAT number and our tax adviser wont take it like that"),
    (
        2, "complaint", "phone",
        "I have now written our order number by hand on six of your invoices. Before the change it was simply there.",
    ),
    (
        1, "question", "email",
        "Could you send last week's invoices again, with the order number this time? All four came without.",
    ),
    (
        1, "complaint", "email",
        "One invoice for all branches does not help me. I need one for each, as it always was. Please change it back!",
    ),
    (0, "complaint", "email", "The new invoice came without our order number again. Third time now, please just put it back."),
)  # fmt: skip
# Would they recommend us, and why (not)? How many days ago, the rating, in their words.
RATED = (
    (44, 5, "Two of five parcels came late this month. I like the devices, but I cannot plan with you."),
    (37, 7, "Good product. The delivery was a day late, though, and nobody told us."),
    (33, 3, "The courier left our shipment with a neighbour we do not know. It took a week to find it."),
    (26, 6, "Shipping has become slow. It used to be two days."),
    (19, 4, "I stopped promising dates to my own people, because your delivery dates do not hold."),
    (15, 8, "All fine except that the parcel came in two parts, three days apart."),
    (10, 2, "Third late delivery in a row. We are looking at others now."),
    (6, 5, "Labels ran out because the shipment was stuck somewhere for nine days."),
)


def feedback(world: World, cast: pd.DataFrame, people: pd.DataFrame) -> pd.DataFrame:
    """One row per thing said lately, each by another customer; nobody has answered the complaints yet."""
    rng = world.rng("lately")
    rated = [(ago, "survey_answer", "survey", text, rating) for ago, rating, text in RATED]
    rows = pd.DataFrame([*rated, *((*said, None) for said in SAID)], columns=["ago", "kind", "channel", "text", "rating"])
    day = working_day(world.day - rows["ago"].to_numpy().astype("timedelta64[D]"), world.day)
    received = pd.Series(np.sort(at_work(rng, day, world.day)))
    speaker = speakers(rng, cast, people, len(rows))
    is_complaint = rows["kind"].eq("complaint")
    return table(
        {
            "feedback_id": world.ids("feedback lately", received),
            "customer_id": speaker["customer_id"],
            "contact_id": speaker["contact_id"],
            "product_id": None,
            "employee_id": speaker["owner_id"].where(rows["channel"].eq("phone")),
            "kind": rows["kind"],
            "text": rows["text"],
            "rating": rows["rating"].astype("Int64"),
            "scale": pd.Series("nps_0_10", rows.index).where(rows["rating"].notna()),
            "channel": rows["channel"],
            "received_at": received,
            "owner_id": speaker["owner_id"].where(is_complaint),
            "due_on": (received.dt.normalize() + pd.Timedelta(days=DUE_DAYS)).where(is_complaint),
        }
    )


def speakers(rng: np.random.Generator, cast: pd.DataFrame, people: pd.DataFrame, size: int) -> pd.DataFrame:
    """A contact each of companies that buy and are in touch, with the customer's owner."""
    buys = cast[cast["lifecycle_stage"].isin(["customer", "loyal"]) & (cast["kind"] == "company") & ~cast["is_quiet"]]
    known = people.drop_duplicates("customer_id").merge(buys[["customer_id", "owner_id"]], on="customer_id")
    return known.iloc[rng.permutation(len(known))[:size]].reset_index(drop=True)
