"""Every figure there is: what it says, how it is made, and which rows count in it.

A figure's value is a column of the macro named by its source, its n the column `<key>_n`; both are defined in
`crm/store/views/`, so that a page, the command line and any tool that opens the file see the same number.
"""

from __future__ import annotations

from dataclasses import dataclass

from crm.queries.sources import (
    ARRIVALS,
    CLOSED,
    CUSTOMERS,
    DEALS,
    FEEDBACK,
    INTERACTIONS,
    LAPSE,
    LOOP,
    MEDIANS,
    OPEN,
    ORDERS,
    PRICES,
    QUIET,
    READINGS,
    REPEAT,
    SLIPS,
    TASKS,
    Source,
)


@dataclass(frozen=True)
class Figure:
    """One figure. `flow`: it adds up over time; `standing`: it is read at the close of a day, not over the period.

    `zero`: with no rows it is 0, not unknown. `missing`: the words for a value that is not there.
    `also`: columns of the macro beside its value and n.
    """

    key: str
    title: str
    words: str
    formula: str
    unit: str
    source: Source
    where: str = "true"
    flow: bool = False
    standing: bool = False
    more_is_better: bool = True
    zero: bool = False
    missing: str = "too few to say"
    also: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """Its columns in the macro; what nobody asks for is not computed."""
        return (self.key, f"{self.key}_n", *self.also)

    @property
    def macro(self) -> str:
        """The macro whose column it is."""
        return self.source.macro

    @property
    def nouns(self) -> tuple[str, ...]:
        """The tables that it reads: the freshness part of a cache key."""
        return self.source.nouns


NO_GOAL = "no goal for this period"
WON = "deals.outcome = 'won'"

_ALL = (
    Figure(
        "won_amount",
        "Won amount",
        "The amounts of the deals won in the period, by the day they closed. Not revenue: that comes from orders.",
        "sum of amount of deals won in the period",
        "money",
        CLOSED,
        where=WON,
        flow=True,
        zero=True,
    ),
    Figure(
        "won_count",
        "Deals won",
        "How many deals were won in the period, by the day they closed.",
        "number of deals won in the period",
        "count",
        CLOSED,
        where=WON,
        flow=True,
        zero=True,
    ),
    Figure(
        "lost_count",
        "Deals lost",
        "How many deals were lost in the period, by the day they closed.",
        "number of deals lost in the period",
        "count",
        CLOSED,
        where="deals.outcome = 'lost'",
        flow=True,
        more_is_better=False,
        zero=True,
    ),
    Figure(
        "open_count",
        "Open deals",
        "Deals that stood open at the close of the day: opened by then, not closed by then. A deal without an opening date "
        "counts from the day it was entered.",
        "number of deals opened on or before, not closed on or before, the day",
        "count",
        OPEN,
        standing=True,
        zero=True,
    ),
    Figure(
        "open_amount",
        "Open pipeline",
        "What the open deals could bring: the amount, or the product's list price where a deal has none.",
        "sum of potential amount of open deals",
        "money",
        OPEN,
        where="deals.potential_amount is not null",
        standing=True,
        zero=True,
    ),
    Figure(
        "win_rate",
        "Win rate",
        "Of the deals decided in the period, the share that was won. Open deals are not in it.",
        "won / (won + lost), closed in the period",
        "share",
        CLOSED,
        missing="too few to say: no deal was decided in this period",
    ),
    Figure(
        "win_rate_by_amount",
        "Win rate by value",
        "Of the value decided in the period, the share that was won. A lost deal counts with its amount or list price.",
        "won potential amount / potential amount of won and lost deals, closed in the period",
        "share",
        CLOSED,
        where="deals.potential_amount is not null",
        missing="too few to say: no deal with a value was decided in this period",
    ),
    Figure(
        "average_deal_amount",
        "Average deal",
        "The mean amount of the deals won in the period. A few large deals pull it up: see the median.",
        "won amount / deals won with an amount",
        "money",
        CLOSED,
        where=f"{WON} and deals.amount is not null",
        missing="too few to say: no deal was won in this period",
    ),
    Figure(
        "median_deal_amount",
        "Median deal",
        "Half of the deals won in the period brought less, half brought more.",
        "median amount of deals won in the period",
        "money",
        MEDIANS,
        where=f"{WON} and deals.amount is not null",
        missing="too few to say: no deal was won in this period",
    ),
    Figure(
        "sales_cycle_days",
        "Sales cycle",
        "How many days a deal won in the period took, on average, from opened to closed.",
        "mean days from opened to closed, deals won in the period",
        "days",
        CLOSED,
        where=f"{WON} and deals.cycle_days is not null",
        more_is_better=False,
        missing="too few to say: no deal with an opening date was won in this period",
    ),
    Figure(
        "slip_rate",
        "Slip rate",
        "Of the open deals whose close was expected in the period when it began, how many are open still and expected later, or "
        "without a day. What was entered later than it was opened is known as it was entered.",
        "deals due at the start, open at the end and due after it / deals due at the start",
        "share",
        SLIPS,
        where="deals.is_due",
        more_is_better=False,
        missing="too few to say: no open deal was due in this period when it began",
    ),
    Figure(
        "weighted_pipeline_amount",
        "Weighted pipeline",
        "What the open deals expected to close in the period will probably bring: each counts with the chance of its stage. "
        "Won and lost deals are not in it.",
        "sum of potential amount × chance to win by stage, open deals with expected close in the period",
        "money",
        OPEN,
        where="deals.is_closing and deals.potential_amount * deals.probability_share is not null",
        standing=True,
        zero=True,
        missing="too few to say: no stage has a probability, and no deal has been decided to learn one from",
    ),
    Figure(
        "pipeline_coverage",
        "Pipeline coverage",
        "How often the open pipeline closing in the period covers what is still missing to the won-amount goal. "
        "Enough is 1 / win rate by value.",
        "open pipeline closing in the period / (target − won so far)",
        "ratio",
        DEALS,
        where="deals.is_closing",
        standing=True,
        missing=NO_GOAL,
        also=("pipeline_coverage_reason",),
    ),
    Figure(
        "sales_velocity",
        "Sales velocity",
        "What the pipeline brings a day at the pace of the last 12 months.",
        "open deals past the first stage × win rate × average won amount / cycle days; rates of the last 12 months",
        "money_per_day",
        DEALS,
        where="deals.is_past_first",
        standing=True,
        missing="too few to say: no deal with an opening date was won in the last 12 months",
    ),
    Figure(
        "attainment",
        "Attainment",
        "How much of the won-amount goal for exactly this period has been reached.",
        "won amount / target",
        "share",
        CLOSED,
        where=WON,
        missing=NO_GOAL,
        also=("attainment_reason", "target"),
    ),
    Figure(
        "pace",
        "Pace",
        "Attainment against the share of the period that is over: 1.00× is exactly on course.",
        "attainment / share of the period elapsed, the as-of day included",
        "ratio",
        CLOSED,
        where=WON,
        missing=NO_GOAL,
        also=("pace_reason",),
    ),
    Figure(
        "customers",
        "Customers",
        "Who has ever bought: not archived, with a won deal or an order by the day. Leads and prospects are not counted.",
        "customers with a won deal or an order on or before the day",
        "count",
        CUSTOMERS,
        standing=True,
        zero=True,
    ),
    Figure(
        "new_customers",
        "New customers",
        "Who bought for the first time in the period.",
        "customers whose first won deal or order is in the period",
        "count",
        CUSTOMERS,
        where="customers.is_new",
        flow=True,
        zero=True,
    ),
    Figure(
        "interactions",
        "Interactions",
        "What happened between us and our customers in the period, over all channels.",
        "number of interactions in the period",
        "count",
        INTERACTIONS,
        flow=True,
        zero=True,
    ),
    Figure(
        "revenue",
        "Revenue",
        "The amounts of all orders in the period, returns negative, whether the customer is known or not.",
        "sum of order amounts in the period",
        "money",
        ORDERS,
        flow=True,
        zero=True,
    ),
    Figure(
        "orders",
        "Orders",
        "How many orders there were in the period, returns included.",
        "number of orders in the period",
        "count",
        ORDERS,
        flow=True,
        zero=True,
    ),
    Figure(
        "quiet_customers",
        "Quiet customers",
        "Customers whose last two-way interaction or order is longer ago than 1.5 × their own usual gap (from 3 gaps on), else "
        "than the limit set for their lifecycle stage. n is everyone ever in touch.",
        "customers with days since the last touch > 1.5 × own median gap, else > the limit in Settings",
        "count",
        QUIET,
        where="customers.is_quiet",
        standing=True,
        more_is_better=False,
        zero=True,
    ),
    Figure(
        "repeat_rate",
        "Repeat rate",
        "Of all who have ever bought, the share that bought at least twice. A purchase is an order that is no return; for a "
        "customer without orders, a won deal.",
        "customers with at least 2 purchases / customers with at least 1, by the day",
        "share",
        REPEAT,
        standing=True,
        missing="too few to say: nobody has bought yet",
    ),
    Figure(
        "net_revenue_retention",
        "Net revenue retention",
        "What those who bought in the year before brought in the twelve months up to the day, against what they brought then: "
        "above 100 % they buy more than they did. New customers are not in it.",
        "this year’s amount of last year’s buyers / their amount last year",
        "share",
        REPEAT,
        where="buyers.has_bought_year_before",
        standing=True,
        missing="too few to say: nobody bought in the year before",
    ),
    Figure(
        "retention",
        "Retention",
        "Of the customers at the start of the period, how many there are at its end, without the new ones. Who is lapsed is no "
        "customer then; who came back is one again.",
        "(customers at the end − new ones) / customers at the start; lapsed ones are none",
        "share",
        LAPSE,
        where="not buyers.is_end and not buyers.is_lapsed",
        missing="too few to say: there was no customer at the start of the period",
    ),
    Figure(
        "lapsed_customers",
        "Lapsed customers",
        "Customers whose last purchase is longer ago than 3 × their own usual gap, and than 90 days.",
        "customers with days since the last purchase > max(90 days, 3 × own median gap)",
        "count",
        LAPSE,
        where="buyers.is_end and buyers.is_lapsed",
        standing=True,
        more_is_better=False,
        zero=True,
    ),
    Figure(
        "nps",
        "NPS",
        "Would they recommend us? The share of 9–10 less the share of 0–6, from the latest answer of each person.",
        "100 × (share of 9–10 − share of 0–6), latest answer of each person in the period",
        "score",
        FEEDBACK,
        where="ratings.feedback_id in (select feedback_id from latest_nps{call})",
        missing="too few to say: nobody answered in this period",
    ),
    Figure(
        "csat",
        "CSAT",
        "The share of satisfied answers, 4 or 5 of 5. Other scales are not mixed in.",
        "answers 4–5 of 5 / answers",
        "share",
        FEEDBACK,
        where="ratings.scale = 'csat_1_5'",
        missing="too few to say: nobody answered in this period",
    ),
    Figure(
        "ces",
        "CES",
        "How easy it is to deal with us, from 1 to 7. Here 7 is very easy.",
        "mean of answers 1–7, 7 = very easy",
        "score",
        FEEDBACK,
        where="ratings.scale = 'ces_1_7'",
        missing="too few to say: nobody answered in this period",
    ),
    Figure(
        "loop_closed",
        "Loop closed",
        "Of the complaints that were due in the period, the share whose customer was told what became of it.",
        "complaints whose customer was told / complaints due in the period",
        "share",
        LOOP,
        missing="too few to say: no complaint was due in this period",
    ),
    Figure(
        "days_to_told",
        "Days until told",
        "How long customers waited: the median of days from a complaint to the day its customer was told, of those due in the "
        "period. Who is still waiting is not in it.",
        "median of days from received to first told, complaints due in the period and told",
        "days",
        LOOP,
        where="complaints.told_at is not null",
        more_is_better=False,
        missing="too few to say: nobody was told",
    ),
    Figure(
        "tasks_overdue",
        "Tasks overdue",
        "Tasks due before the day and not done by its close.",
        "number of tasks due before, not done by, the day",
        "count",
        TASKS,
        standing=True,
        more_is_better=False,
        zero=True,
    ),
    Figure(
        "share_of_voice",
        "Share of voice",
        "Of all mentions in our category, the share that is ours: the latest reading that somebody measured and entered. Its "
        "source and its size stand in the row.",
        "own mentions / all mentions in the category, as entered",
        "share",
        READINGS,
        where="readings.measure = 'share_of_voice'",
        standing=True,
        missing="too few to say: no reading was entered",
    ),
    Figure(
        "awareness",
        "Awareness",
        "Of the people who were asked, the share that knows us: the latest reading that somebody measured and entered. Its "
        "source and how many were asked stand in the row.",
        "people who know us / people asked, as entered",
        "share",
        READINGS,
        where="readings.measure = 'awareness'",
        standing=True,
        missing="too few to say: no reading was entered",
    ),
    Figure(
        "referral_share",
        "Referral share",
        "Of the new customers of the period of whom it is known how they found us, the share that somebody recommended us to. "
        "It is read from an own field of customers, a text or a choice, called like “Source” or “Found us through”.",
        "new customers who came by a recommendation / new customers whose way to us is known",
        "share",
        ARRIVALS,
        missing="too few to say: nobody noted how new customers found us",
    ),
    Figure(
        "price_realisation",
        "Price realisation",
        "What customers paid of today’s list price. Orders count by their items, returns left out; of a customer without orders, "
        "won deals as one piece of their product (above 1.5 × its price they are several, and do not count).",
        "amount of sales / list price × items, sales with a listed product in the period",
        "share",
        PRICES,
        missing="too few to say: no sale of a product with a list price",
    ),
)
FIGURES: dict[str, Figure] = {figure.key: figure for figure in _ALL}
