"""The currencies that Stripe charges in, and the amounts that it takes in each.

Amounts are in the minor unit, as Stripe counts it: 1099 is €10.99, or ¥1099. docs/currencies.json
and the app's web/src/lib/currencies.ts are made from this table, by `python -m tools.currencies`.
See https://docs.stripe.com/currencies
"""

from dataclasses import dataclass
from decimal import Decimal

# https://docs.stripe.com/currencies#presentment-currencies
# HUF and TWD belong here: they are charged with two decimals, and paid out in whole units.
_TWO_DECIMALS = """
    aed afn all amd ang aoa ars aud awg azn bam bbd bdt bmd bnd bob brl bsd bwp byn bzd cad cdf chf
    cny cop crc cve czk dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gtq gyd hkd hnl htg huf idr
    ils inr jmd kes kgs khr kyd kzt lak lbp lkr lrd lsl mad mdl mkd mmk mnt mop mur mvr mwk mxn myr
    mzn nad ngn nio nok npr nzd pab pen pgk php pkr pln qar ron rsd rub sar sbd scr sek sgd shp sle
    sos srd std szl thb tjs top try ttd twd tzs uah usd uyu uzs wst xcd xcg yer zar zmw
"""
# https://docs.stripe.com/currencies#special-cases
_TWO_DECIMALS_IN_WHOLE_HUNDREDS = "isk ugx"
# https://docs.stripe.com/currencies#zero-decimal
_ZERO_DECIMALS = "bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf"
# https://docs.stripe.com/currencies#three-decimal
_THREE_DECIMALS_IN_WHOLE_TENS = "bhd jod kwd omr tnd"

# https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts
_MINIMUM = {
    "aed": 200, "aud": 50, "brl": 50, "cad": 50, "chf": 50, "czk": 1500, "dkk": 250, "eur": 50,
    "gbp": 30, "hkd": 400, "huf": 17_500, "inr": 50, "jpy": 50, "mxn": 1000, "myr": 200,
    "nok": 300, "nzd": 50, "pln": 200, "ron": 200, "sek": 300, "sgd": 50, "thb": 1000, "usd": 50,
}  # fmt: skip
_EIGHT_DIGITS = 99_999_999
_MAXIMUM = {"idr": 999_999_999_999}


@dataclass(frozen=True, slots=True)
class Currency:
    """Which amounts Stripe charges in a currency.

    decimals: how many of an amount's digits are a fraction of the unit.
    multiple_of: what every amount is a multiple of.
    minimum: None where Stripe publishes none. There it converts the amount to the currency that it
        settles in, and applies that one's minimum.
    """

    decimals: int
    multiple_of: int
    minimum: int | None
    maximum: int


CURRENCIES = {
    code: Currency(
        decimals=decimals,
        multiple_of=multiple_of,
        minimum=_MINIMUM.get(code),
        maximum=_MAXIMUM.get(code, _EIGHT_DIGITS),
    )
    for codes, decimals, multiple_of in (
        (_TWO_DECIMALS, 2, 1),
        (_TWO_DECIMALS_IN_WHOLE_HUNDREDS, 2, 100),
        (_ZERO_DECIMALS, 0, 1),
        (_THREE_DECIMALS_IN_WHOLE_TENS, 3, 10),
    )
    for code in codes.split()
}


def is_chargeable(currency: str, amount: int) -> bool:
    """Whether Stripe charges this amount in this lower-case currency."""
    return problem_with(currency, amount) is None


def problem_with(currency: str, amount: int) -> str | None:
    """Why Stripe would not charge an amount, such as "must be at least 0.50 EUR"; None if it does.

    Where Stripe publishes no minimum, it may still find the amount too small.
    """
    rule = CURRENCIES.get(currency)
    if rule is None:
        return "is in a currency that Stripe does not charge in"
    minimum = rule.minimum or rule.multiple_of
    if amount < minimum:
        return f"must be at least {written(minimum, currency)}"
    if amount > rule.maximum:
        return f"must be at most {written(rule.maximum, currency)}"
    if amount % rule.multiple_of:
        return f"must be a multiple of {written(rule.multiple_of, currency)}"
    return None


def written(amount: int, currency: str) -> str:
    """An amount as people write it: 10.99 EUR."""
    return f"{Decimal(amount).scaleb(-CURRENCIES[currency].decimals)} {currency.upper()}"
