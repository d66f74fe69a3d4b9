"""What a product costs, and what keeps one from being sold."""

from decimal import Decimal

import pytest

from payments.domain.errors import CurrencyNotOfferedError
from payments.domain.product import faults_in, faults_in_amounts
from tests.unit.builders import (
    a_product,
)

ROW = {
    "product_id": "coffee",
    "name": "Coffee",
    "description": "",
    "prices": {"eur": 1099, "jpy": 1800},
    "active": True,
}


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


@pytest.mark.parametrize("image_url", [{}, {"image_url": None}, {"image_url": "/coffee.svg"}])
def test_a_product_may_have_an_image(image_url: dict[str, object]) -> None:
    assert faults_in(ROW | image_url) == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"product_id": ""}, "product_id"),
        ({"product_id": "x" * 256}, "product_id"),
        ({"name": ""}, "name"),
        ({"name": 5}, "name"),
        ({"name": "x" * 251}, "name"),
        ({"description": None}, "description"),
        ({"description": ["Beans"]}, "description"),
        ({"image_url": 5}, "image_url"),
        ({"active": "false"}, "active"),
        ({"active": 1}, "active"),
        ({"active": None}, "active"),
        ({"prices": None}, "prices"),
        ({"prices": {}}, "prices"),
        ({"prices": [1099]}, "prices"),
        ({"prices": {"EUR": 1099}}, "prices.EUR"),
        ({"prices": {"euro": 1099}}, "prices.euro"),
        ({"prices": {"e1r": 1099}}, "prices.e1r"),
        ({"prices": {"usd": 1299, "eur": "1099"}}, "prices.eur"),
        ({"prices": {"eur": Decimal("10.99")}}, "prices.eur"),
        ({"prices": {"eur": 1099.0}}, "prices.eur"),
        ({"prices": {"eur": True}}, "prices.eur"),
        ({"prices": {"eur": None}}, "prices.eur"),
    ],
)
def test_nothing_is_taken_for_what_it_is_not(changes: dict[str, object], field: str) -> None:
    assert [name for name, _ in faults_in(ROW | changes)] == [field]


def test_every_fault_of_a_product_is_told_at_once() -> None:
    faults = faults_in({"prices": {"EUR": "1"}})
    assert [field for field, _ in faults] == [
        "product_id",
        "name",
        "description",
        "prices.EUR",
        "active",
    ]


def test_an_amount_has_to_be_one_that_stripe_charges() -> None:
    assert faults_in_amounts({"eur": 49, "usd": 1299, "xyz": 100}) == [
        ("prices.eur", "must be at least 0.50 EUR"),
        ("prices.xyz", "is in a currency that Stripe does not charge in"),
    ]
