"""Every figure computed the slow way: loops over rows in Python, nothing shared with the SQL but the definitions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from statistics import fmean, median
from typing import Any

import pandas as pd

Record = dict[str, Any]
TWO_WAY = {"call", "email", "meeting", "visit"}
CHANCE = {"New": 0.10, "Qualified": 0.25, "Proposal": 0.50, "Negotiation": 0.75}


def _none(value: Any) -> Any:
    return None if value is None or value is pd.NaT or (isinstance(value, float) and value != value) else value


def records(frame: pd.DataFrame) -> list[Record]:
    """The rows that are not archived, blanks as None."""
    rows = [{name: _none(value) for name, value in row.items()} for row in frame.to_dict("records")]
    return [row for row in rows if row["archived_at"] is None]


@dataclass
class Company:
    """The rows of a company, and in which group each of them falls."""

    tables: dict[str, list[Record]]
    everyone: dict[str, Record]
    customers: dict[str, Record]

    @classmethod
    def of(cls, frames: dict[str, pd.DataFrame]) -> Company:
        """Read the frames; archived customers still name the group of what happened with them."""
        kept = {name: records(frame) for name, frame in frames.items()}
        known = [{name: _none(value) for name, value in row.items()} for row in frames["customers"].to_dict("records")]
        return cls(kept, _keyed(kept["employees"], "employee_id"), _keyed(known, "customer_id"))

    def group(self, row: Record, by: str | None, owner_id: str | None) -> str:
        """The key of the group of a row that belongs to an owner."""
        owner = self.everyone.get(owner_id or "", {})
        region = self.customers.get(row.get("customer_id") or "", {}).get("region") or owner.get("region")
        keys = {
            "owner": owner_id,
            "team": owner.get("team_id"),
            "customer": row.get("customer_id"),
            "product": row.get("product_id"),
        }
        return (region if by == "region" else keys.get(by or "")) or ""

    def customer_group(self, row: Record, by: str | None) -> str:
        """The key of the group of a row that belongs to its customer's owner."""
        customer = self.customers.get(row.get("customer_id") or "")
        return self.group(row, by, customer["owner_id"] if customer else None)


def _keyed(rows: list[Record], key: str) -> dict[str, Record]:
    return {row[key]: row for row in rows}


@dataclass
class Question:
    """A period seen as of a day."""

    start: date
    end: date
    as_of: date

    @property
    def until(self) -> date:
        return min(self.end, self.as_of)

    def holds(self, day: date | None) -> bool:
        return day is not None and self.start <= day <= self.until


def answers(company: Company, asked: Question, by: str | None) -> dict[str, dict[str, Any]]:
    """Each figure of each group: value None where there is nothing to say."""
    found: dict[str, dict[str, Any]] = defaultdict(dict)
    customers = (_customers, _repeats, _lapses, _quiet)
    for collect in (_deals, *customers, _interactions, _orders, _feedback, _complaints, _tasks, _prices, _readings):
        for group, values in collect(company, asked, by).items():
            found[group] |= values
    return dict(found)


def _grouped(rows: list[Record], key: Callable[[Record], str]) -> dict[str, list[Record]]:
    groups: dict[str, list[Record]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return groups


def _deals(company: Company, asked: Question, by: str | None) -> dict[str, dict[str, Any]]:
    stages = _keyed(company.tables["stages"], "stage_id")
    prices = {row["product_id"]: row["list_price_amount"] for row in company.tables["products"]}
    moves = _grouped(company.tables["stage_changes"], lambda row: row["deal_id"])
    pushes = _keyed(company.tables["pushes"], "deal_id")
    rows = [_deal(row, stages, prices, moves.get(row["deal_id"], []), asked) for row in company.tables["deals"]]
    rows = [row | _slip(row, pushes.get(row["deal_id"]), asked) for row in rows]
    groups = _grouped(rows, lambda row: company.group(row, by, row["owner_id"]))
    return {group: _deal_figures(deals, asked) for group, deals in groups.items()}


def _deal(deal: Record, stages: dict[str, Record], prices: dict[str, Any], moves: list[Record], asked: Question) -> Record:
    outcome = stages[deal["stage_id"]]["outcome"]
    amount = float(deal["amount"]) if deal["amount"] is not None else None
    price = prices.get(deal["product_id"])
    price = float(price) if price is not None else None
    missing = amount is None or (outcome == "lost" and amount == 0)
    potential = amount if outcome == "won" or not missing else price
    closed = deal["closed_on"] if outcome != "open" else None
    opened = deal["opened_on"] <= asked.until
    is_open = opened and (outcome == "open" or (closed is not None and closed > asked.until))
    later = sorted((move for move in moves if move["changed_at"].date() > asked.until), key=lambda move: move["changed_at"])
    stage = stages[(later[0]["from_stage_id"] or later[0]["to_stage_id"]) if later else deal["stage_id"]]
    chance = CHANCE.get(stage["name"], sum(CHANCE.values()) / 4)
    return deal | {
        "outcome": outcome,
        "amount": amount,
        "potential": potential,
        "closed": closed,
        "is_open": is_open,
        "past_first": is_open and stage["name"] != "New",
        "chance": chance,
    }


def _slip(deal: Record, push: Record | None, asked: Question) -> Record:
    """Whether a deal was due in the period when it began, and whether it slipped out of it."""

    def expected(day: date) -> date | None:
        known: date | None = push["before_on"] if push and push["made_at"].date() > day else deal["expected_close_on"]
        return known

    eve = asked.start - timedelta(days=1)
    was_open = deal["opened_on"] <= eve and (deal["outcome"] == "open" or (deal["closed"] is not None and deal["closed"] > eve))
    due = expected(eve)
    is_due = was_open and due is not None and asked.start <= due <= asked.end
    later = expected(asked.until)
    return {"is_due": is_due, "has_slipped": is_due and deal["is_open"] and (later is None or later > asked.end)}


def _deal_figures(deals: list[Record], asked: Question) -> dict[str, Any]:
    decided = [deal for deal in deals if asked.holds(deal["closed"])]
    won = [deal for deal in decided if deal["outcome"] == "won"]
    amounts = [deal["amount"] for deal in won if deal["amount"] is not None]
    potentials = [deal["potential"] for deal in decided if deal["potential"] is not None]
    standing = [deal for deal in deals if deal["is_open"]]
    closing = [deal for deal in standing if deal["expected_close_on"] and asked.start <= deal["expected_close_on"] <= asked.end]
    return {
        "won_amount": sum(amounts),
        "won_count": len(won),
        "lost_count": len(decided) - len(won),
        "win_rate": len(won) / len(decided) if decided else None,
        "win_rate_by_amount": sum(amounts) / sum(potentials) if sum(potentials) else None,
        "average_deal_amount": fmean(amounts) if amounts else None,
        "median_deal_amount": median(amounts) if amounts else None,
        "sales_cycle_days": _cycle(won),
        "open_count": len(standing),
        "open_amount": sum(deal["potential"] or 0 for deal in standing),
        "weighted_pipeline_amount": _weighted(closing),
        "sales_velocity": _velocity(deals, asked),
        "slip_rate": fmean(slipped) if (slipped := [deal["has_slipped"] for deal in deals if deal["is_due"]]) else None,
    }


def _cycle(won: list[Record]) -> float | None:
    return fmean((deal["closed"] - deal["opened_on"]).days for deal in won) if won else None


def _weighted(closing: list[Record]) -> float | None:
    weighted = [deal["potential"] * deal["chance"] for deal in closing if deal["potential"] is not None]
    return None if closing and not weighted else sum(weighted)


def _velocity(deals: list[Record], asked: Question) -> float | None:
    until = asked.until
    a_year_ago = _year_ago(until)
    decided = [deal for deal in deals if deal["closed"] and a_year_ago < deal["closed"] <= until]
    won = [deal for deal in decided if deal["outcome"] == "won"]
    amounts = [deal["amount"] for deal in won if deal["amount"] is not None]
    if not amounts or not _cycle(won):
        return None
    return sum(deal["past_first"] for deal in deals) * len(won) / len(decided) * fmean(amounts) / _cycle(won)


def _first_purchases(company: Company) -> dict[str, date]:
    stages = _keyed(company.tables["stages"], "stage_id")
    won = [row for row in company.tables["deals"] if stages[row["stage_id"]]["outcome"] == "won" and row["closed_on"]]
    bought = [(row["customer_id"], row["closed_on"]) for row in won]
    bought += [(row["customer_id"], row["ordered_at"].date()) for row in company.tables["orders"]]
    first: dict[str, date] = {}
    for key, day in bought:
        if key:
            first[key] = min(day, first.get(key, day))
    return first


def _customers(company: Company, asked: Question, by: str | None) -> dict[str, dict[str, Any]]:
    first = _first_purchases(company)
    rows = [row for row in company.tables["customers"] if first.get(row["customer_id"], date.max) <= asked.until]
    groups = _grouped(rows, lambda row: company.customer_group(row, by))
    return {
        group: {"customers": len(rows), "new_customers": sum(asked.holds(first[row["customer_id"]]) for row in rows)}
        for group, rows in groups.items()
    }


def _bought(company: Company, day: date) -> dict[str, list[tuple[date, float | None]]]:
    """What customers in use had bought by a day, returns too: their orders, without any their won deals."""
    stages = _keyed(company.tables["stages"], "stage_id")
    orders: dict[str, list[tuple[date, float | None]]] = defaultdict(list)
    deals: dict[str, list[tuple[date, float | None]]] = defaultdict(list)
    for row in company.tables["orders"]:
        if row["customer_id"] and row["ordered_at"].date() <= day:
            orders[row["customer_id"]].append((row["ordered_at"].date(), float(row["amount"])))
    for row in company.tables["deals"]:
        won_on = row["closed_on"] if stages[row["stage_id"]]["outcome"] == "won" else None
        if row["customer_id"] and won_on and won_on <= day:
            deals[row["customer_id"]].append((won_on, None if row["amount"] is None else float(row["amount"])))
    in_use = {row["customer_id"] for row in company.tables["customers"]}
    return {key: rows for key, rows in (deals | orders).items() if key in in_use and any(_is_purchase(row) for row in rows)}


def _is_purchase(row: tuple[date, float | None]) -> bool:
    return row[1] is None or row[1] >= 0


def _by_customer_group(company: Company, by: str | None, keys: Iterable[str]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = defaultdict(list)
    for key in keys:
        groups[company.customer_group({"customer_id": key}, by)].append(key)
    return groups


def _repeats(company: Company, asked: Question, by: str | None) -> dict[str, dict[str, Any]]:
    bought = _bought(company, asked.until)
    year, before = _year_ago(asked.until), _year_ago(_year_ago(asked.until))
    found = {}
    for group, keys in _by_customer_group(company, by, bought).items():
        times = [sum(map(_is_purchase, bought[key])) for key in keys]
        loyal = [key for key in keys if any(before < day <= year and _is_purchase((day, size)) for day, size in bought[key])]
        then = sum(size or 0 for key in loyal for day, size in bought[key] if before < day <= year)
        now = sum(size or 0 for key in loyal for day, size in bought[key] if day > year)
        found[group] = {
            "repeat_rate": fmean(count >= 2 for count in times),
            "net_revenue_retention": now / then if then > 0 else None,
        }
    return found


def _lapses(company: Company, asked: Question, by: str | None) -> dict[str, dict[str, Any]]:
    at_end = _bought(company, asked.until)
    ends = {key: _is_active(rows, asked.until) for key, rows in at_end.items()}
    eve = asked.start - timedelta(days=1)
    starts = {key: _is_active(rows, eve) for key, rows in _bought(company, eve).items()}
    found = {}
    for group, keys in _by_customer_group(company, by, {**ends, **starts}).items():
        kept = [key for key in keys if ends.get(key) and _first_day(at_end[key]) < asked.start]
        before = sum(starts.get(key, False) for key in keys)
        lapsed = sum(not ends[key] for key in keys if key in ends)
        found[group] = {"lapsed_customers": lapsed, "retention": len(kept) / before if before else None}
    return found


def _first_day(rows: list[tuple[date, float | None]]) -> date:
    return min(row[0] for row in rows if _is_purchase(row))


def _is_active(rows: list[tuple[date, float | None]], day: date) -> bool:
    days = sorted({row[0] for row in rows if _is_purchase(row)})
    gaps = [(later - earlier).days for earlier, later in pairwise(days)]
    return (day - days[-1]).days <= max(90, 3 * median(gaps) if gaps else 0)


def _year_ago(day: date) -> date:
    return (pd.Timestamp(day) - pd.DateOffset(months=12)).date()


def _quiet(company: Company, asked: Question, by: str | None) -> dict[str, dict[str, Any]]:
    touches = [row | {"day": row["ordered_at"].date()} for row in company.tables["orders"]]
    talks = [row for row in company.tables["interactions"] if row["channel"] in TWO_WAY]
    touches += [row | {"day": row["occurred_at"].date()} for row in talks]
    days = {key: sorted({row["day"] for row in rows if row["day"] <= asked.until})
            for key, rows in _grouped(touches, lambda row: row["customer_id"] or "").items()}  # fmt: skip
    rows = [row for row in company.tables["customers"] if days.get(row["customer_id"])]
    groups = _grouped(rows, lambda row: company.customer_group(row, by))
    return {
        group: {"quiet_customers": sum(_is_quiet(days[row["customer_id"]], asked.until) for row in rows)}
        for group, rows in groups.items()
    }


def _is_quiet(days: list[date], until: date) -> bool:
    gaps = [(later - earlier).days for earlier, later in pairwise(days)]
    return (until - days[-1]) > timedelta(days=1.5 * median(gaps) if len(gaps) >= 3 else 60)


def _interactions(company: Company, asked: Question, by: str | None) -> dict[str, dict[str, Any]]:
    rows = [row for row in company.tables["interactions"] if asked.holds(row["occurred_at"].date())]
    groups = _grouped(rows, lambda row: company.group(row, by, row["employee_id"]))
    return {group: {"interactions": len(rows)} for group, rows in groups.items()}


def _orders(company: Company, asked: Question, by: str | None) -> dict[str, dict[str, Any]]:
    rows = [row for row in company.tables["orders"] if asked.holds(row["ordered_at"].date())]
    groups = _grouped(rows, lambda row: company.customer_group(row, by))
    return {group: {"revenue": float(sum(row["amount"] for row in rows)), "orders": len(rows)} for group, rows in groups.items()}


def _feedback(company: Company, asked: Question, by: str | None) -> dict[str, dict[str, Any]]:
    rows = [row for row in company.tables["feedback"] if asked.holds(row["received_at"].date())]
    return {group: _scores(rows) for group, rows in _grouped(rows, lambda row: company.customer_group(row, by)).items()}


def _scores(rows: list[Record]) -> dict[str, Any]:
    latest: dict[str, Record] = {}
    for row in sorted(rows, key=lambda row: row["received_at"]):
        if row["scale"] == "nps_0_10" and 0 <= row["rating"] <= 10:
            latest[row["contact_id"] or row["customer_id"] or row["feedback_id"]] = row
    marks = [row["rating"] >= 9 for row in latest.values()], [row["rating"] <= 6 for row in latest.values()]
    csat = [row["rating"] >= 4 for row in rows if row["scale"] == "csat_1_5" and 1 <= row["rating"] <= 5]
    ces = [row["rating"] for row in rows if row["scale"] == "ces_1_7"]
    return {
        "nps": 100 * (fmean(marks[0]) - fmean(marks[1])) if latest else None,
        "csat": fmean(csat) if csat else None,
        "ces": fmean(ces) if ces else None,
    }


def _complaints(company: Company, asked: Question, by: str | None) -> dict[str, dict[str, Any]]:
    told: dict[str, date] = {}
    for row in company.tables["tellings"]:
        day = row["told_at"].date()
        if day <= asked.as_of:
            told[row["feedback_id"]] = min(day, told.get(row["feedback_id"], day))
    rows = [row for row in company.tables["feedback"] if row["kind"] == "complaint" and asked.holds(row["due_on"])]
    found = {}
    for group, due in _grouped(rows, lambda row: company.group(row, by, row["owner_id"])).items():
        days = [(told[row["feedback_id"]] - row["received_at"].date()).days for row in due if row["feedback_id"] in told]
        found[group] = {"loop_closed": len(days) / len(due), "days_to_told": median(days) if days else None}
    return found


def _tasks(company: Company, asked: Question, by: str | None) -> dict[str, dict[str, Any]]:
    rows = [
        row
        for row in company.tables["tasks"]
        if row["due_on"] < asked.until and (row["done_at"] is None or row["done_at"].date() > asked.until)
    ]
    groups = _grouped(rows, lambda row: company.group(row, by, row["owner_id"]))
    return {group: {"tasks_overdue": len(rows)} for group, rows in groups.items()}


def _prices(company: Company, asked: Question, by: str | None) -> dict[str, dict[str, Any]]:
    stages, lists = _keyed(company.tables["stages"], "stage_id"), {}
    for row in company.tables["products"]:
        lists[row["product_id"]] = float(row["list_price_amount"] or 0)
    paid: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for row in company.tables["orders"]:
        full = (row["item_count"] or 0) * lists.get(row["product_id"], 0)
        if asked.holds(row["ordered_at"].date()) and row["amount"] > 0 and full:
            paid[company.customer_group(row, by)].append((float(row["amount"]), full))
    ordering = {row["customer_id"] for row in company.tables["orders"]} - {None}
    for row in company.tables["deals"]:
        won = stages[row["stage_id"]]["outcome"] == "won" and asked.holds(row["closed_on"])
        full, amount = lists.get(row["product_id"], 0), float(row["amount"] or 0)
        if won and row["customer_id"] not in ordering and 0 < amount <= 1.5 * full:
            paid[company.group(row, by, row["owner_id"])].append((amount, full))
    return {
        group: {"price_realisation": sum(one for one, _ in rows) / sum(full for _, full in rows)} for group, rows in paid.items()
    }


def _readings(company: Company, asked: Question, by: str | None) -> dict[str, dict[str, Any]]:
    rows = sorted(company.tables["brand_readings"], key=lambda row: (row["ends_on"], row["starts_on"]))
    known = {row["measure"]: row["value_share"] for row in rows if row["ends_on"] <= asked.until}
    return {"": known} if known and by is None else {}
