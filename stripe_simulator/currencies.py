"""Which currencies Stripe charges in, and how small and large an amount may be.

Amounts are in minor units: 1099 is €10.99, and ¥1099.
See https://docs.stripe.com/currencies
"""

from stripe_simulator.errors import invalid_parameter

LARGEST_AMOUNT = 99_999_999
_DEFAULT_MINIMUM = 50
_MINIMUM = {
    "aed": 200, "bgn": 100, "cop": 200_000, "czk": 1500, "dkk": 250, "gbp": 30, "hkd": 400,
    "huf": 17_500, "krw": 100, "mxn": 1000, "myr": 200, "nok": 300, "pln": 200, "ron": 200,
    "sek": 300, "thb": 1000,
}  # fmt: skip
_THREE_DECIMALS = frozenset({"bhd", "jod", "kwd", "omr", "tnd"})
_SUPPORTED = frozenset(
    """
    aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bhd bif bmd bnd bob brl bsd bwp byn bzd
    cad cdf chf clp cny cop crc cve czk djf dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gnf gtq
    gyd hkd hnl htg huf idr ils inr isk jmd jod jpy kes kgs khr kmf krw kwd kyd kzt lak lbp lkr lrd
    lsl mad mdl mga mkd mmk mnt mop mur mvr mwk mxn myr mzn nad ngn nio nok npr nzd omr pab pen pgk
    php pkr pln pyg qar ron rsd rub rwf sar sbd scr sek sgd shp sle sos srd std szl thb tjs tnd top
    try ttd twd tzs uah ugx usd uyu uzs vnd vuv wst xaf xcd xof xpf yer zar zmw
    """.split()  # noqa: SIM905  (a line per currency would hide the rest of this module)
)


def checked_currency(currency: str) -> str:
    """The currency in lower case.

    Raises:
        StripeError: Stripe doesn't charge in it.
    """
    if currency.lower() not in _SUPPORTED:
        raise invalid_parameter("currency", f"Invalid currency: {currency.lower()}.")
    return currency.lower()


def check_amount(amount: int, currency: str) -> None:
    """Refuse what Stripe wouldn't charge.

    Raises:
        StripeError: amount_too_small, amount_too_large, or no whole ten of a
            three-decimal currency.
    """
    if amount < 0:
        message = "This value must be greater than or equal to 0."
        raise invalid_parameter("amount", message, "parameter_invalid_integer")
    minimum = _MINIMUM.get(currency, _DEFAULT_MINIMUM)
    if amount < minimum:
        message = f"The amount must be at least {minimum} in the minor unit of {currency}."
        raise invalid_parameter("amount", message, "amount_too_small")
    if amount > LARGEST_AMOUNT:
        message = f"The amount must be no more than {LARGEST_AMOUNT} in the minor unit."
        raise invalid_parameter("amount", message, "amount_too_large")
    if currency in _THREE_DECIMALS and amount % 10:
        message = f"The last digit of an amount in {currency} must be 0."
        raise invalid_parameter("amount", message)
