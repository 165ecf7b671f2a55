"""Feedback: who told us something, when, about what, in which mood, and with which rating; voices.py finds the words."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crm.demo import voices
from crm.demo.products import CATALOG
from crm.demo.truths import DELIVERY_DAYS, DELIVERY_EXTRA_COMPLAINTS, DETRACTOR_SUPPORT_SHARE
from crm.demo.world import World, at_work, spread, table
from crm.demo.writer import Writer

SIZE = 1500
KINDS = {"compliment": 0.18, "complaint": 0.20, "suggestion": 0.14, "question": 0.10, "survey_answer": 0.38}
SCALES = {"nps_0_10": 0.50, "csat_1_5": 0.24, "ces_1_7": 0.13, "stars_1_5": 0.13}
THEMES = ("delivery", "price", "support", "billing", "quality", "onboarding", "app", "staff")
THEME_SHARES = {
    "bad": (0.14, 0.17, 0.15, 0.15, 0.14, 0.09, 0.13, 0.03),
    "good": (0.09, 0.10, 0.10, 0.07, 0.17, 0.14, 0.18, 0.15),
}
RATINGS: dict[str, dict[str, tuple[int, ...]]] = {
    "nps_0_10": {"good": (9, 9, 10, 10), "mixed": (7, 8, 8), "bad": (1, 3, 4, 5, 5, 6, 6)},
    "csat_1_5": {"good": (4, 5, 5), "mixed": (3, 4), "bad": (1, 2, 2)},
    "ces_1_7": {"good": (6, 7), "mixed": (4, 5, 5), "bad": (1, 2, 3)},
    "stars_1_5": {"good": (4, 5, 5), "mixed": (3, 4), "bad": (1, 2)},
}
ABOUT = {
    "delivery": ("device", "consumable"),
    "quality": ("device",),
    "app": ("software",),
    "onboarding": ("software", "service"),
}
CHANNELS = ("email", "phone", "web form", "meeting", "review")
SPOKEN_WEIGHT = {"lead": 0.1, "prospect": 0.4, "customer": 1.0, "loyal": 1.8, "lapsed": 0.5}


def feedback(world: World, cast: pd.DataFrame, people: pd.DataFrame, staff: pd.DataFrame, goods: pd.DataFrame) -> pd.DataFrame:
    """One row per piece of feedback, by its day."""
    rng = world.rng("feedback")
    rows = pd.concat([usual(world, rng), late_deliveries(world, rng)], ignore_index=True)
    rows = rows.sort_values("day", kind="stable", ignore_index=True)
    rows = rows.join(speakers(world, rng, rows["day"], cast, people))
    rows["product"] = about(rng, rows["theme"])
    rows["received_at"] = at_work(rng, rows["day"].to_numpy().astype("datetime64[D]"), world.day)
    rows = rows.drop(columns="scale").join(rated(rng, rows))
    owner = cast["owner_id"].iloc[rows["part"]].reset_index(drop=True)
    first_names = staff.set_index("employee_id")["name"].str.split().str[0]
    texts = voices.texts(Writer(rng), rows.assign(person=owner.map(first_names)))
    spoken = rows["channel"].isin(["phone", "meeting"]) | rows["theme"].eq("staff")
    named = ~rows["theme"].isin(["support", "billing", "staff"]) | (rng.random(len(rows)) < 0.3)
    return table(
        {
            "feedback_id": world.ids("feedback", rows["received_at"]),
            "customer_id": cast["customer_id"].iloc[rows["part"]].reset_index(drop=True),
            "contact_id": rows["contact_id"],
            "product_id": pd.Series(goods["product_id"].to_numpy()[rows["product"]]).where(named),
            "employee_id": owner.where(spoken),
            "kind": rows["kind"],
            "text": texts,
            "rating": rows["rating"],
            "scale": rows["scale"],
            "channel": rows["channel"],
            "received_at": rows["received_at"],
        }
    )


def usual(world: World, rng: np.random.Generator) -> pd.DataFrame:
    """The ordinary run of three years, a little more from year to year."""
    size = SIZE - DELIVERY_EXTRA_COMPLAINTS
    days = (world.day - world.start).astype("int64") * (1 - spread(rng, size) ** 1.15)
    kind = rng.choice(list(KINDS), size, p=list(KINDS.values()))
    mood = np.where(kind == "complaint", "bad", np.where(kind == "survey_answer", survey_moods(rng, size), "good"))
    bad = rng.choice(THEMES, size, p=THEME_SHARES["bad"])
    theme = np.where(mood == "good", rng.choice(THEMES, size, p=THEME_SHARES["good"]), bad)
    day = world.day - days.astype("int64").astype("timedelta64[D]")
    rows = pd.DataFrame({"day": day, "kind": kind, "mood": mood, "theme": theme})
    return rows.assign(scale=rng.choice(list(SCALES), size, p=list(SCALES.values()))).pipe(support_makes_detractors, rng)


def survey_moods(rng: np.random.Generator, size: int) -> np.ndarray:
    """Of ten people who answer, five are glad, three torn, two cross."""
    return rng.choice(["good", "mixed", "bad"], size, p=[0.52, 0.27, 0.21])


def support_makes_detractors(rows: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Most of those who would not recommend us waited for support; hardly anybody else did."""
    nps = (rows["kind"] == "survey_answer") & (rows["scale"] == "nps_0_10")
    draw = rng.random(len(rows))
    elsewhere = rng.choice(["price", "billing", "quality", "app"], len(rows))
    theme = rows["theme"].where(~(nps & rows["theme"].eq("support") & (draw > 0.6)), elsewhere)
    return rows.assign(theme=theme.where(~(nps & rows["mood"].eq("bad") & (draw < DETRACTOR_SUPPORT_SHARE)), "support"))


def late_deliveries(world: World, rng: np.random.Generator) -> pd.DataFrame:
    """The complaints of the last weeks, more from week to week."""
    ago = (DELIVERY_DAYS - 4) * (1 - np.sqrt(spread(rng, DELIVERY_EXTRA_COMPLAINTS)))
    day = world.day - ago.astype("int64").astype("timedelta64[D]")
    return pd.DataFrame({"day": day, "kind": "complaint", "mood": "bad", "theme": "delivery", "scale": "stars_1_5"})


def speakers(world: World, rng: np.random.Generator, days: pd.Series, cast: pd.DataFrame, people: pd.DataFrame) -> pd.DataFrame:
    """A contact for each row whose customer we knew by then; those who have gone quiet say nothing lately."""
    company = people[["contact_id", "customer_id", "first_name", "city"]].merge(
        cast.reset_index(names="part")[["customer_id", "part", "lifecycle_stage", "known_on", "is_quiet"]], on="customer_id"
    )
    weight = company["lifecycle_stage"].map(SPOKEN_WEIGHT).to_numpy()
    lately = pd.Timestamp(world.today) - pd.Timedelta(days=115)
    until = np.where(company["is_quiet"], lately, pd.Timestamp(world.today)).astype("datetime64[us]")
    order = rng.choice(len(company), size=(len(days), 12), p=weight / weight.sum())
    when = days.to_numpy()[:, None]
    fits = (company["known_on"].to_numpy()[order] <= when) & (until[order] >= when)
    chosen = order[np.arange(len(days)), fits.argmax(axis=1)]
    return company.iloc[chosen][["part", "contact_id", "first_name", "city"]].reset_index(drop=True)


def about(rng: np.random.Generator, themes: pd.Series) -> np.ndarray:
    """The product each text is about: what is delivered or breaks is a thing, what is clumsy is an app."""
    draws = rng.random(len(themes))
    by_theme = {
        theme: [index for index, product in enumerate(CATALOG) if product.category in ABOUT.get(theme, (product.category,))]
        for theme in THEMES
    }
    return np.array([by_theme[theme][int(draw * len(by_theme[theme]))] for theme, draw in zip(themes, draws, strict=True)])


def rated(rng: np.random.Generator, rows: pd.DataFrame) -> pd.DataFrame:
    """Channel, scale and rating: surveys have all three, reviews have stars, the rest has words only."""
    survey = rows["kind"] == "survey_answer"
    channel = pd.Series(rng.choice(CHANNELS, len(rows), p=[0.38, 0.2, 0.2, 0.1, 0.12])).where(~survey, "survey")
    review = (channel == "review") & rows["kind"].isin(["complaint", "compliment"])
    channel = channel.where(review | (channel != "review"), "web form")
    scale = rows["scale"].where(survey, "stars_1_5").where(survey | review)
    draws = rng.random(len(rows))
    rating = [
        None if pd.isna(name) else RATINGS[name][mood][int(draw * len(RATINGS[name][mood]))]
        for name, mood, draw in zip(scale, rows["mood"], draws, strict=True)
    ]
    return pd.DataFrame({"channel": channel, "rating": pd.array(rating, dtype="Int64"), "scale": scale})
