"""Money in other currencies: worth what the person says one unit is worth; without a rate the row is rejected.

Which currency a row is in is said by a column of codes, else by the amount itself (EUR 12.50). What the file said is kept as
text in `original_amount` where the kind has it.

currencies  what a cell may call a currency, in small letters → its code
rates       code → what one unit is worth in the company's own currency
row_money   row_no, code, rate of each row that is not in the company's own
"""

from __future__ import annotations

from crm.commands.imports.fields import FIELDS, MONEY
from crm.commands.imports.incoming import Incoming
from crm.errors import Refused

# A sign or brackets, an amount, and a currency before or after it.
GAPS = r"''’ \x{00a0}\x{202f}"
SHAPE = rf"^(\()?\s*([-+−]?)\s*([^0-9\s.,()+−-]*)\s*([-+−]?)\s*([0-9.,{GAPS}]*[0-9])\s*([^0-9\s.,()+−-]*)\s*(\))?$"
PARTS = "['open', 'sign', 'before', 'second', 'digits', 'after', 'close']"
SIGNS: dict[str, tuple[str, ...]] = {
    "$": ("USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN"), "us$": ("USD",), "€": ("EUR",), "euro": ("EUR",), "£": ("GBP",),
    "¥": ("JPY", "CNY"), "₹": ("INR",), "fr.": ("CHF",), "kr": ("SEK", "NOK", "DKK"), "zł": ("PLN",),
}  # fmt: skip


def prepare(incoming: Incoming) -> None:
    """Make `currencies` and `rates`: before cells are read, because a sign belongs to its number."""
    own = _own(incoming)
    rates = {code.upper(): rate for code, rate in incoming.options.rates.items()}
    if own in rates:
        raise Refused(f"{own} is the company's own currency: it needs no rate.", "rate")
    incoming.run("create or replace temp table currencies (word varchar, code varchar)")
    incoming.run("create or replace temp table rates (code varchar, rate decimal(18, 8))")
    for code, rate in rates.items():
        incoming.run("insert into rates values ($code, $rate)", code=code, rate=rate)
    words = {"": own, own.lower(): own, **{code.lower(): code for code in rates}}
    for sign, codes in SIGNS.items():
        meant = [code for code in (own, *rates) if code in codes]
        words |= {sign: meant[0]} if meant else {}
    for word, code in words.items():
        incoming.run("insert into currencies values ($word, $code)", word=word, code=code)


def settle(incoming: Incoming) -> None:
    """Make `row_money`, and reject the rows in a currency that has no rate."""
    if not is_asked(incoming):
        return
    money = [name for name, form in FIELDS[incoming.kind].items() if form == MONEY or name == "unit_price"]
    texts = [name for name in money if incoming.has(name)]
    cell = f"nullif(trim({incoming.given('currency')}), '')"
    signs = "".join(f", {_sign(name)}" for name in texts) if incoming.options.rates else ""
    incoming.run(
        f"""
        create or replace temp table row_money as
        with named as (
            select row_no, coalesce({cell}{signs}) as word
            from texts
            where {" or ".join(f"{name} is not null" for name in texts) or "false"}
        ),

        coded as (
            select named.row_no, coalesce(currencies.code, upper(named.word)) as code
            from named
            left join currencies on currencies.word = lower(named.word)
        )

        select coded.row_no, coded.code, rates.rate
        from coded
        left join rates using (code)
        where coded.code <> $own
        """,  # noqa: S608 - names come from fields.py
        own=_own(incoming),
    )
    incoming.reject(
        "currency",
        """
        select
            row_no,
            left(code, 20) || ' is another currency and has no rate: give one, or convert the amount to ' || $own as reason,
        from row_money
        where rate is null
        """,
        own=_own(incoming),
    )
    for column, cell in (("rate", "row_money.rate"), ("currency_code", "row_money.code")):
        incoming.link(column, cell, "left join row_money on row_money.row_no = typed.row_no")


def _sign(name: str) -> str:
    """SQL: the word before or after a number that names its currency."""
    parts = f"regexp_extract(trim({name}), '{SHAPE}', {PARTS})"
    return f"nullif({parts}.before || {parts}.after, '')"


def _own(incoming: Incoming) -> str:
    return incoming.session.settings["currency"].upper()


def is_asked(incoming: Incoming) -> bool:
    """Whether a row of this file can be in another currency."""
    return incoming.has("currency") or bool(incoming.options.rates)


def worth(incoming: Incoming, amount: str) -> str:
    """SQL over `linked`: an amount in the company's own currency, unrounded."""
    return f"{amount} * coalesce(rate, 1)" if is_asked(incoming) else amount


def original(incoming: Incoming, amount: str) -> str:
    """SQL over `linked`: what the file said, where that was in another currency: “12.50 EUR”."""
    return f"case when currency_code is not null then {amount} || ' ' || currency_code end" if is_asked(incoming) else "null"
