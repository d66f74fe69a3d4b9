"""Which currencies Stripe charges in, and which amounts in them.

Amounts are in minor units: 1099 is €10.99, or ¥1099. Zero-decimal currencies have no minor unit.
UGX and ISK have none either, and are written as if they had: always whole hundreds.

Stripe publishes a least amount for the currencies in which it pays out. In any other it converts
the amount to the account's own currency, which here is USD, and applies that one's minimum. Rates
change every day; those here are rough and fixed, so a test should stay away from the limit.
See https://docs.stripe.com/currencies
"""

import math

from stripe_simulator.errors import invalid_parameter

_LARGEST_AMOUNT = 99_999_999
_LARGEST = {"idr": 999_999_999_999}
_MINIMUM = {
    "aed": 200, "aud": 50, "brl": 50, "cad": 50, "chf": 50, "czk": 1500, "dkk": 250,
    "eur": 50, "gbp": 30, "hkd": 400, "huf": 17_500, "inr": 50, "jpy": 50, "mxn": 1000, "myr": 200,
    "nok": 300, "nzd": 50, "pln": 200, "ron": 200, "sek": 300, "sgd": 50, "thb": 1000, "usd": 50,
}  # fmt: skip
_USD_MINIMUM = 0.5
_PER_USD = {
    "afn": 70, "all": 90, "amd": 390, "ang": 1.8, "aoa": 900, "ars": 1000, "awg": 1.8, "azn": 1.7,
    "bam": 1.8, "bbd": 2, "bdt": 120, "bhd": 0.38, "bif": 2900, "bmd": 1, "bnd": 1.3, "bob": 6.9,
    "bsd": 1, "bwp": 13, "byn": 3.2, "bzd": 2, "cdf": 2800, "clp": 950, "cny": 7.2, "cop": 4100,
    "crc": 510, "cve": 100, "djf": 178, "dop": 60, "dzd": 133, "egp": 50, "etb": 125, "fjd": 2.2,
    "fkp": 0.78, "gel": 2.7, "gip": 0.78, "gmd": 70, "gnf": 8600, "gtq": 7.7, "gyd": 209,
    "hnl": 25, "htg": 131, "idr": 16_000, "ils": 3.6, "isk": 138, "jmd": 157, "jod": 0.71,
    "kes": 129, "kgs": 87, "khr": 4050, "kmf": 450, "krw": 1400, "kwd": 0.31, "kyd": 0.83,
    "kzt": 500, "lak": 21_800, "lbp": 89_500, "lkr": 295, "lrd": 190, "lsl": 18, "mad": 9.8,
    "mdl": 17.5, "mga": 4600, "mkd": 56, "mmk": 2100, "mnt": 3400, "mop": 8, "mur": 46,
    "mvr": 15.4, "mwk": 1730, "mzn": 64, "nad": 18, "ngn": 1600, "nio": 36.8, "npr": 136,
    "omr": 0.38, "pab": 1, "pen": 3.8, "pgk": 4, "php": 57, "pkr": 280, "pyg": 7800, "qar": 3.64,
    "rsd": 108, "rub": 95, "rwf": 1380, "sar": 3.75, "sbd": 8.4, "scr": 14, "shp": 0.78,
    "sle": 22.7, "sos": 571, "srd": 35, "std": 22_000, "szl": 18, "tjs": 10.7, "tnd": 3.1,
    "top": 2.4, "try": 35, "ttd": 6.8, "twd": 32, "tzs": 2600, "uah": 41, "ugx": 3700, "uyu": 43,
    "uzs": 12_800, "vnd": 25_400, "vuv": 119, "wst": 2.8, "xaf": 620, "xcd": 2.7, "xcg": 1.8,
    "xof": 620, "xpf": 113, "yer": 250, "zar": 18, "zmw": 27,
}  # fmt: skip
CURRENCIES = sorted(_MINIMUM | _PER_USD)
_ZERO_DECIMALS = frozenset(
    {"bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv"}
    | {"xaf", "xof", "xpf"}
)
_THREE_DECIMALS = frozenset({"bhd", "jod", "kwd", "omr", "tnd"})
_WHOLE_HUNDREDS = frozenset({"isk", "ugx"})


def checked_currency(currency: str) -> str:
    """The currency in lower case.

    Raises:
        StripeError: Stripe doesn't charge in it.
    """
    known = currency.lower()
    if known not in _MINIMUM and known not in _PER_USD:
        raise invalid_parameter("currency", f"Invalid currency: {known}.")
    return known


def check_amount(amount: int, currency: str) -> None:
    """Refuse what Stripe wouldn't charge.

    Raises:
        StripeError: parameter_invalid_integer, amount_too_small, amount_too_large, or indivisible.
    """
    if amount < 1:
        message = "This value must be greater than or equal to 1."
        raise invalid_parameter("amount", message, "parameter_invalid_integer")
    minimum = _minimum(currency)
    if amount < minimum:
        message = f"The amount must be at least {minimum} in the minor unit of {currency}."
        raise invalid_parameter("amount", message, "amount_too_small")
    largest = _LARGEST.get(currency, _LARGEST_AMOUNT)
    if amount > largest:
        message = f"The amount must be no more than {largest} in the minor unit of {currency}."
        raise invalid_parameter("amount", message, "amount_too_large")
    check_divisible(amount, currency)


def check_divisible(amount: int, currency: str, param: str = "amount") -> None:
    """Refuse a fraction that the currency doesn't have, although its minor unit could say it.

    Raises:
        StripeError: no whole ten of a three-decimal currency, no whole hundred of UGX or ISK.
    """
    if currency in _THREE_DECIMALS and amount % 10:
        message = f"The last digit of an amount in {currency} must be 0."
        raise invalid_parameter(param, message)
    if currency in _WHOLE_HUNDREDS and amount % 100:
        message = f"An amount in {currency} must be divisible by 100."
        raise invalid_parameter(param, message)


def _minimum(currency: str) -> int:
    if currency in _MINIMUM:
        return _MINIMUM[currency]
    decimals = 0 if currency in _ZERO_DECIMALS else 3 if currency in _THREE_DECIMALS else 2
    minor_units = 10.0**decimals
    return math.ceil(_PER_USD[currency] * _USD_MINIMUM * minor_units)
