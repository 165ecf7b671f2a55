"""How long the Feedback page and the reading of comments take: `python -m tests.bench.comments [--comments N] [--read N]`.

The page: a store in a file with that many comments over three years (500,000), of 20,000 customers with orders and deals, thirty
themes, a comment with one theme and a half on average; each question of the page over a quarter, a year, and in a segment.
The reading: so many comments of the demo company's words, read for its themes from nothing, then one more; processor time of the
reading itself and of everything with the store.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from crm.commands import themes as say
from crm.commands.demo import make_demo
from crm.commands.feedback import add_feedback
from crm.commands.segments import add_segment
from crm.commands.theme_runs import COUNT_DAYS, assign_themes, propose_themes
from crm.queries import emerging, periods, quotes, standings, theme_changes, theme_worth, themes
from crm.store.session import Session, close, command_line, opened

TIMES = 7
CUSTOMERS, THEMES = 20_000, 30
COMPANY = (
    (
        "customers",
        """
        select
            uuidv7() as customer_id,
            'Customer ' || range as name,
            'company' as kind,
            'customer' as lifecycle_stage,
            case range % 5 when 0 then 'West' else 'East' end as region
        from range($customers)
        """,
    ),
    (
        "orders",
        """
        select
            customer_id,
            $now::timestamp - to_days((hash(customer_id, range) % 1000)::integer) as ordered_at,
            hash(customer_id, range, 1) % 1000 as amount
        from customers, range(10)
        """,
    ),
    (
        "deals",
        """
        select
            'Deal' as name,
            customer_id,
            (select stage_id from stages where outcome = 'open' order by position limit 1) as stage_id,
            hash(customer_id) % 1000 as amount
        from customers
        """,
    ),
    (
        "feedback",
        """
        with
        who as (
            select
                customer_id,
                row_number() over () - 1 as place
            from customers
        ),

        many as (
            select
                range as number,
                hash(range, 7) % $customers as place,
                hash(range, 8) % (3 * 365 * 86400) as ago,
                hash(range, 9) % 11 as draw
            from range($comments)
        )

        select
            who.customer_id,
            case draw % 3 when 0 then 'complaint' when 1 then 'compliment' else 'survey_answer' end as kind,
            repeat('The parcel was late again, nobody told us why, number ' || number || '. ', 1 + number::integer % 5) as text,
            case draw % 3 when 2 then hash(number, 3) % 11 end as rating,
            case draw % 3 when 2 then 'nps_0_10' end as scale,
            $now::timestamp - to_seconds(ago::integer) as received_at
        from many
        inner join who on who.place = many.place
        order by received_at
        """,
    ),
)
READ = (
    """
    insert into comment_readings
    select
        feedback_id,
        'customers',
        hash(text, kind),
        hash(feedback_id) % 200 / 100 - 1,
        'words'
    from feedback
    """,
    """
    insert into comment_themes by name
    with stated as (
        select
            theme_id,
            row_number() over (order by theme_id) as place
        from themes
    ),

    many as (
        select
            feedback_id as comment_id,
            1 + floor($themes * power(hash(feedback_id, nth) % 1000 / 1000, 2))::integer as place,
            hash(feedback_id, nth, 2) % 200 / 100 - 1 as sentiment
        from feedback, range(2) as more (nth)
        where hash(feedback_id, nth, 3) % 100 < 75
    )

    select distinct on (many.comment_id, stated.theme_id)
        many.comment_id,
        stated.theme_id,
        0 as clause_start,
        40 as clause_end,
        many.sentiment,
        'phrase' as found_by
    from many
    inner join stated on stated.place = many.place
    order by many.comment_id
    """,
)


def heard(session: Session, comments: int) -> None:
    """Fill an empty company."""
    for table, sql in COMPANY:
        with session.change(f"Import {table}") as change:
            known = {"customers": CUSTOMERS, "comments": comments, "now": session.now}
            change.insert_from(table, sql, **{name: value for name, value in known.items() if f"${name}" in sql})
    for number in range(THEMES):
        say.add_theme(session, name=f"Theme {number:02}", phrases=[f"word {number}"])
    for sql in READ:
        session.note(sql, **({"themes": THEMES} if "$themes" in sql else {}))
    session.note(
        "insert into theme_runs values (uuidv7(), 'customers', $now, $comments, 0, $themes, '', '', $seen)",
        now=session.now,
        comments=comments,
        themes=THEMES,
        seen=json.dumps(themes.made_from(session)),
    )
    session.note(COUNT_DAYS, corpus="customers")


def timed(what: str, work: Callable[[], Any]) -> float:
    """Print how long it takes once computed before: the median and the longest of a few."""
    work()
    found = []
    for _ in range(TIMES):
        started = time.perf_counter()
        work()
        found.append(1000 * (time.perf_counter() - started))
    print(f"{what:52} {statistics.median(found):7.0f} ms, at most {max(found):5.0f}")
    return statistics.median(found)


def page(session: Session, count: int) -> None:
    """Every question of the Feedback page."""
    heard(session, count)
    theme = themes.every(session)[0]["theme_id"]
    west = {"match": "all", "rules": [{"subject": "region", "is": "one_of", "value": ["West"]}]}
    segment = add_segment(session, name="West", rule=west).key
    quarter, year = (periods.containing(kind, session.today) for kind in ("quarter", "year"))
    for label, period, filters in (
        ("quarter", quarter, {}),
        ("year", year, {}),
        ("quarter in a segment", quarter, {"segment": segment}),
    ):
        total = sum(
            timed(f"{label}: {question.__name__}", partial(question, session, period, **filters))
            for question in (
                *(standings.summary, standings.standings, standings.trend),
                *(theme_worth.money, theme_worth.impact, theme_changes.spotted),
            )
        )
        total += timed(f"{label}: emerging", partial(emerging.emerging, session, **filters))
        print(f"{label}: all of them {total:,.0f} ms")
        asked: dict[str, Any] = {"theme_id": theme, "period": period, **filters}
        of_theme = partial(quotes.quotes, session, **asked)
        timed(f"{label}: quotes", of_theme)
        timed(f"{label}: quotes searched", partial(of_theme, search="again", sort="worst"))
    timed("state", lambda: themes.state(session))
    timed(
        "themes of 50 comments", lambda: themes.of_comments(session, [row["comment_id"] for row in quotes.quotes(session).rows])
    )


def reading(session: Session, count: int) -> None:
    """The demo company's comments, many times over in other orders, read from nothing."""
    make_demo(session)
    with session.change("More comments") as change:
        change.insert_from(
            "feedback",
            """
            with
            said as (
                select
                    text,
                    row_number() over () as place
                from feedback
                where text is not null
            )

            select
                one.text || ' ' || other.text as text,
                'complaint' as kind,
                $now::timestamp as received_at
            from range($count) as many (number)
            inner join said as one on one.place = 1 + hash(many.number, 1) % (select count(*) from said)
            inner join said as other on other.place = 1 + hash(many.number, 2) % (select count(*) from said)
            """,
            now=session.now,
            count=count,
        )
    inside = [0.0]

    def calculate(function: Callable[..., Any], *arguments: Any) -> Any:
        started = time.process_time()
        try:
            return function(*arguments)
        finally:
            inside[0] += time.process_time() - started

    for what, work in (
        (f"{count:,} comments and the demo's", assign_themes),
        ("the same again, nothing new", assign_themes),
        ("one comment more", assign_themes),
        ("new themes proposed", propose_themes),
    ):
        if what.startswith("one"):
            add_feedback(session, kind="complaint", text="The parcel came late.")
        inside[0], clock, processor = 0.0, time.perf_counter(), time.process_time()
        found = work(session, calculate=calculate)
        clock, processor = time.perf_counter() - clock, time.process_time() - processor
        print(f"{what:44} {clock:6.2f} s, {processor:6.2f} CPU s, of which mathematics {inside[0]:6.2f}: {found.summary()}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--comments", type=int, default=500_000, help="of the page; 0 leaves it out")
    parser.add_argument("--read", type=int, default=100_000, help="to be read; 0 leaves it out")
    given = parser.parse_args()
    for count, work in ((given.comments, page), (given.read, reading)):
        if count:
            with tempfile.TemporaryDirectory(prefix="bench_") as folder:
                url = f"duckdb:///{Path(folder) / 'bench.duckdb'}"
                work(Session(opened(url), command_line("bench")), count)
                close(url)


if __name__ == "__main__":
    main()
