"""The currencies that Stripe charges in, and the amounts that it takes."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.domain.currency import CURRENCIES, is_chargeable, problem_with
from payments.repositories.dynamodb import to_wire
from payments.repositories.products import products_from_wire
from tests.support.commands import ROOT
from tests.unit.properties import same_examples

currencies = st.sampled_from(sorted(CURRENCIES))
MULTIPLES = {"isk": 100, "ugx": 100, "bhd": 10, "jod": 10, "kwd": 10, "omr": 10, "tnd": 10}


@pytest.mark.parametrize(
    ("currency", "amount", "problem"),
    [
        ("usd", 50, None),
        ("usd", 49, "must be at least 0.50 USD"),
        ("gbp", 29, "must be at least 0.30 GBP"),
        ("jpy", 49, "must be at least 50 JPY"),
        ("huf", 17_499, "must be at least 175.00 HUF"),
        ("krw", 0, "must be at least 1 KRW"),
        ("eur", 0, "must be at least 0.50 EUR"),
        ("eur", -1099, "must be at least 0.50 EUR"),
        ("usd", 99_999_999, None),
        ("usd", 100_000_000, "must be at most 999999.99 USD"),
        ("jpy", 100_000_000, "must be at most 99999999 JPY"),
        ("idr", 999_999_999_999, None),
        ("idr", 1_000_000_000_000, "must be at most 9999999999.99 IDR"),
        ("isk", 50_000, None),
        ("isk", 50_050, "must be a multiple of 1.00 ISK"),
        ("ugx", 500_001, "must be a multiple of 1.00 UGX"),
        ("kwd", 3690, None),
        ("kwd", 3695, "must be a multiple of 0.010 KWD"),
        ("huf", 17_501, None),
        ("twd", 10_001, None),
        ("xyz", 1099, "is in a currency that Stripe does not charge in"),
        ("EUR", 1099, "is in a currency that Stripe does not charge in"),
    ],
)
def test_stripe_takes_an_amount_or_there_is_a_reason(
    currency: str, amount: int, problem: str | None
) -> None:
    assert problem_with(currency, amount) == problem
    assert is_chargeable(currency, amount) == (problem is None)


@same_examples
@given(currencies, st.integers(-1, 10**13))
def test_every_currency_has_a_minimum_a_maximum_and_a_step(currency: str, amount: int) -> None:
    digits = 12 if currency == "idr" else 8
    multiple_of = MULTIPLES.get(currency, 1)
    least = CURRENCIES[currency].minimum or multiple_of
    assert is_chargeable(currency, amount) == (
        least <= amount and len(str(amount)) <= digits and amount % multiple_of == 0
    )


@same_examples
@given(currencies, st.integers(1, 10**6), st.integers(1, 100))
def test_only_the_maximum_can_keep_a_chargeable_price_from_being_multiplied(
    currency: str, units: int, quantity: int
) -> None:
    price = units * CURRENCIES[currency].multiple_of
    total = price * quantity
    if is_chargeable(currency, price) and total <= CURRENCIES[currency].maximum:
        assert is_chargeable(currency, total)


@pytest.mark.parametrize("currency", sorted(CURRENCIES))
def test_a_rule_fits_together(currency: str) -> None:
    rule = CURRENCIES[currency]
    assert (len(currency), currency) == (3, currency.lower())
    assert 10**rule.decimals % rule.multiple_of == 0
    if rule.minimum is not None:
        assert is_chargeable(currency, rule.minimum)
        assert not is_chargeable(currency, rule.minimum - 1)
    assert is_chargeable(currency, rule.maximum - rule.maximum % rule.multiple_of)
    assert not is_chargeable(currency, rule.maximum + 1)


@pytest.mark.parametrize(
    "row",
    json.loads((ROOT / "local/seed/products.json").read_text()),
    ids=lambda row: row["product_id"],
)
def test_the_laptops_products_are_offered_at_all_their_prices(row: dict[str, object]) -> None:
    (product,) = products_from_wire([to_wire(row | {"active": True})])
    assert product.prices == row["prices"]
