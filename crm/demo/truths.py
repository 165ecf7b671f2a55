"""What is planted in the demo company, and how large, so that every insight on it can be checked against a known answer.

The generators read the constants; tests/test_demo.py computes every truth back from the frames. Whoever builds a figure, a
theme, a fit score or a warning can ask here what it must find.
"""

from __future__ import annotations

from dataclasses import dataclass

# Who is who.
BEST_SELLER = "Zoë Lindqvist"
QUIET_CUSTOMERS: tuple[str, ...] = (
    "Alderway Logistics",
    "Brightwater Clinics",
    "Kestrel Freight",
    "Halcyon Instruments",
    "Nordlicht Hotels",
    "Tamarack Stores",
    "Juniper Academy",
    "Cobalt Warehousing",
    "Larkspur Supply",
    "Fjordline Shipping",
    "Meridian Castings",
    "Sable Builders",
)
QUIET_USUAL_DAYS = 21
QUIET_DAYS = (62, 110)

# The ideal profile: software companies of 50 to 500 people.
IDEAL_SECTOR = "software"
IDEAL_EMPLOYEES = (50, 500)
IDEAL_WIN_RATE = 0.86
USUAL_WIN_RATE = 0.49
BEST_SELLER_WIN_BONUS = 0.12
BEST_SELLER_AMOUNT_FACTOR = 1.25
IDEAL_AMOUNT_FACTOR = 1.5

# Needs met, orders follow: how much rarer customers order again whose needs and wants were never met.
UNMET_ORDER_FACTOR = 0.45

# Deliveries went wrong lately.
DELIVERY_DAYS = 60
DELIVERY_EXTRA_COMPLAINTS = 42
DELIVERY_WORDS = r"deliver|parcel|shipment|shipping|courier|carrier"

# Invoices changed a few days ago, and what is new in them emerges (crm/demo/lately.py).
INVOICE_WORDS = r"invoice"

# What turns people into detractors.
SUPPORT_WORDS = r"support|hotline|help ?desk|ticket"
DETRACTOR_SUPPORT_SHARE = 0.6

# Deals of which the budget was confirmed are won: how often it was, by how they ended.
BUDGET_CONFIRMED = {"Won": 0.75, "Lost": 0.30}

# Entered twice, the first name mistyped; the first of them with a company, its legal form added (crm/demo/duplicates.py).
DUPLICATE_PEOPLE = 3

# The year: how busy a month is compared with an average one, January first; and growth from year to year.
SEASON: tuple[float, ...] = (0.90, 0.95, 1.15, 1.00, 1.00, 1.05, 0.85, 0.75, 1.05, 1.10, 1.20, 1.00)
GROWTH_A_YEAR = 0.08


@dataclass(frozen=True)
class Truth:
    """One planted truth: what it says in business words, and between which bounds the computed number must lie."""

    words: str
    low: float
    high: float

    def holds(self, value: float) -> bool:
        """Whether a number computed from the frames agrees."""
        return self.low <= value <= self.high


TRUTHS: dict[str, Truth] = {
    "win_rate": Truth("won / (won + lost), all closed deals", 0.50, 0.60),
    "ideal_win_rate_ratio": Truth("win rate of the ideal profile / win rate of all others", 1.5, 2.3),
    "ideal_value_ratio": Truth("order revenue of a customer of the ideal profile / of another company that buys", 1.7, 4.5),
    "concentration": Truth("share of order revenue held by the top 20 % of buying customers", 0.65, 0.76),
    "best_seller_ratio": Truth("won amount of the best seller / of the second best", 1.4, 4.0),
    "met_needs_ratio": Truth("orders in 12 months of customers with a met need / of those with needs but none met", 1.4, 2.6),
    "delivery_rise": Truth("delivery complaints a day in the last 60 days / a day before", 5.0, 40.0),
    "invoice_jump": Truth("comments about invoices in the last 7 days / in a usual week of the half year before", 4.0, 30.0),
    "detractor_support": Truth("share of NPS detractors whose text is about support", 0.45, 0.80),
    "other_support": Truth("share of other NPS answers whose text is about support", 0.0, 0.25),
    "confirmed_win_rate_ratio": Truth("win rate of deals with a confirmed budget / of those without", 1.7, 3.6),
    "quiet_customers": Truth("customers past 1.5 × their usual gap, lapsed ones and leads left out", 10, 25),
}
