"""What a product costs."""

import pytest

from payments.domain.errors import CurrencyNotOfferedError
from tests.unit.builders import (
    a_product,
)


def test_by_default_the_only_currency_is_used() -> None:
    product = a_product(prices={"jpy": 1800})
    assert product.price_in(None, default_currency="eur") == ("jpy", 1800)


def test_by_default_one_of_several_currencies_is_not_guessed() -> None:
    product = a_product(prices={"jpy": 1800, "usd": 1299})
    with pytest.raises(CurrencyNotOfferedError) as refusal:
        product.price_in(None, default_currency="eur")
    assert refusal.value.offered == ["jpy", "usd"]


def test_a_requested_currency_is_not_replaced_by_the_only_one() -> None:
    with pytest.raises(CurrencyNotOfferedError):
        a_product(prices={"jpy": 1800}).price_in("eur", default_currency="eur")
