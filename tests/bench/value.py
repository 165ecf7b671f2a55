"""How long it takes to value a company's customers: `python -m tests.bench.value --customers 1000000`.

Customers buy, stop and spend as BG/NBD and Gamma-Gamma say, over three years of days, in a store in memory. Prints what each
step takes, on the clock and in processor time; the whole of a million must stay under 10 s, the fit under 5 s of the
processor, the prediction under 1 s.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Callable
from datetime import date
from typing import TypeVar

import numpy as np
import pandas as pd
from scipy import optimize, special  # noqa: F401 - importing them is no part of what is timed

from crm.commands.values import store_values
from crm.insight.customer_value import value_customers
from crm.insight.lifetime_value import fit_bg_nbd, fit_gamma_gamma, lifetime_value, summarise
from crm.queries import values
from crm.store.database import Database
from crm.store.migrate import migrate
from crm.store.session import Session, command_line

T = TypeVar("T")
DAYS, UNTIL = 1095, date(2024, 12, 30)


def purchases(size: int, seed: int = 1) -> pd.DataFrame:
    """One row per purchase: customer (a number), date, amount."""
    dice = np.random.default_rng(seed)
    rate, chance, level = dice.gamma(0.6, 1 / 140, size), dice.beta(0.8, 2.4, size), 60 / dice.gamma(4, 1 / 4, size)
    begin = dice.integers(0, DAYS, size)
    clock, active, found = begin.astype(float), np.arange(size), [(np.arange(size), begin)]
    while len(active):
        clock[active] += dice.exponential(1 / rate[active])
        active = active[clock[active] < DAYS]
        found.append((active, clock[active].astype(int)))
        active = active[dice.random(len(active)) >= chance[active]]
    who, day = (np.concatenate(part) for part in zip(*found, strict=True))
    amount = np.round(level[who] * dice.gamma(6, 1 / 6, len(who)), 2)
    return pd.DataFrame({"customer": who, "date": np.datetime64("2022-01-01") + day, "amount": amount})


def company(rows: pd.DataFrame) -> Session:
    """A store with these customers and orders; written past the change sets, whose history is not what is timed."""
    database = Database("duckdb:///:memory:")
    migrate(database)
    cursor = database.cursor()
    cursor.register("incoming", rows)
    cursor.execute("create temp table known as select customer, uuidv7() as key from incoming group by customer")
    stamps = "timestamp '2025-01-01' as created_at, timestamp '2025-01-01' as updated_at, uuid() as version"
    cursor.execute(
        f"""
        insert into customers by name
        select key as customer_id, 'C' || customer as name, 'company' as kind, 'customer' as lifecycle_stage, {stamps}
        from known
        """
    )
    cursor.execute(
        f"""
        insert into orders by name
        select uuidv7() as order_id, key as customer_id, date::timestamp as ordered_at, amount, {stamps}
        from incoming
        inner join known using (customer)
        """
    )
    return Session(database, command_line("bench"))


def timed(what: str, work: Callable[[], T]) -> T:
    """Do it, and print how long it took."""
    began, spent = time.perf_counter(), _processor()
    result = work()
    print(f"{what:42} {time.perf_counter() - began:6.2f} s   {_processor() - spent:6.2f} s of the processor")
    return result


def _processor() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.value", description="How long it takes to value customers.")
    parser.add_argument("--customers", type=int, default=1_000_000, metavar="N", help="how many customers")
    rows = purchases(parser.parse_args().customers)
    print(f"{len(rows):,} purchases of {rows['customer'].nunique():,} customers")
    summary = timed("summarise", lambda: summarise(rows, UNTIL))
    model = timed("fit_bg_nbd", lambda: fit_bg_nbd(summary))
    timed("expected_purchases", lambda: model.expected_purchases(summary, 52))
    amounts = timed("fit_gamma_gamma", lambda: fit_gamma_gamma(summary))
    timed("lifetime_value", lambda: lifetime_value(model, amounts, summary))
    timed("value_customers: all of it, with the checks", lambda: value_customers(rows, UNTIL))
    session = company(rows)
    timed("reading purchases from the store", lambda: values.purchases(session, UNTIL))
    print(timed("store_values: read, calculate, store", lambda: store_values(session, as_of=UNTIL)).summary())


if __name__ == "__main__":
    main()
