"""What a person buys, and the payment that it becomes."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.domain.currency import CURRENCIES, is_chargeable
from payments.domain.errors import (
    CurrencyNotOfferedError,
    OrderNotPayableError,
    ProductNotFoundError,
    ValidationError,
)
from payments.domain.order_line import LineChange
from payments.domain.payment import Payment
from payments.domain.purchase import Purchase, PurchaseItem, new_payment
from tests.unit.builders import a_customer, a_line, a_product, a_purchase, an_item
from tests.unit.properties import same_examples

COFFEE = a_product(prices={"eur": 1099, "jpy": 1800, "kwd": 3500})
TEA = a_product(product_id="tea", name="Tea", prices={"eur": 700, "usd": 800})
MUG = a_product(product_id="mug", name="Mug", prices={"usd": 1500, "gbp": 1200, "eur": 1300})


def pay(*items: PurchaseItem, default_currency: str = "eur", **purchase: Any) -> Payment:
    """A new payment for what Ada buys."""
    return new_payment(
        "pay_1",
        a_purchase(*items, **purchase),
        products={product.product_id: product for product in (COFFEE, TEA, MUG)},
        customer=a_customer(),
        default_currency=default_currency,
    )


def problem(error: "pytest.ExceptionInfo[OrderNotPayableError]") -> list[LineChange]:
    """What has changed."""
    return list(error.value.changes)


@pytest.mark.parametrize(
    ("currency", "quantity", "amount"),
    [(None, 1, 1099), ("eur", 3, 3297), ("jpy", 2, 3600), ("kwd", 2, 7000)],
)
def test_the_amount_is_price_times_quantity_in_the_currencys_own_minor_unit(
    currency: str | None, quantity: int, amount: int
) -> None:
    payment = pay(an_item(quantity=quantity), currency=currency)
    assert (payment.amount, payment.currency) == (amount, currency or "eur")
    assert type(payment.amount) is int


def test_a_payment_has_a_line_for_each_item_in_their_order() -> None:
    payment = pay(an_item(product_id="tea", quantity=3), an_item())
    assert payment.lines == (
        a_line(product_id="tea", description="Tea", quantity=3, unit_amount=700),
        a_line(),
    )
    assert [line.amount for line in payment.lines] == [2100, 1099]
    assert payment.amount == 3199


@pytest.mark.parametrize(
    ("items", "default_currency", "currency"),
    [
        (["coffee", "tea", "mug"], "usd", "eur"),  # the only one that all have
        (["tea", "mug"], "usd", "usd"),  # the default, of two
        (["coffee"], "jpy", "jpy"),
    ],
)
def test_without_a_currency_it_is_the_default_or_the_only_one_that_all_products_have(
    items: list[str], default_currency: str, currency: str
) -> None:
    wanted = [an_item(product_id=each) for each in items]
    assert pay(*wanted, default_currency=default_currency).currency == currency


@pytest.mark.parametrize(
    ("items", "currency", "offered"),
    [
        (["tea", "mug"], None, ["eur", "usd"]),
        (["coffee", "tea"], "jpy", ["eur", "usd"]),  # those of the tea
    ],
)
def test_a_currency_that_not_all_products_have_is_not_offered(
    items: list[str], currency: str | None, offered: list[str]
) -> None:
    wanted = [an_item(product_id=each) for each in items]
    with pytest.raises(CurrencyNotOfferedError) as error:
        pay(*wanted, currency=currency, default_currency="jpy")
    assert error.value.offered == offered


def test_a_product_that_is_not_sold_is_named() -> None:
    with pytest.raises(ProductNotFoundError) as error:
        pay(an_item(), an_item(product_id="soap"))
    assert error.value.product_id == "soap"


def test_what_costs_what_the_person_saw_is_bought() -> None:
    assert pay(an_item(unit_amount=1099), an_item(product_id="tea")).amount == 1799
    assert pay(an_item(unit_amount=1800), currency="jpy").amount == 1800


def test_what_has_changed_since_the_person_saw_it_is_told_line_by_line() -> None:
    with pytest.raises(OrderNotPayableError) as error:
        pay(
            an_item(unit_amount=999),
            an_item(product_id="soap", unit_amount=300),
            an_item(product_id="tea", unit_amount=700),
        )
    assert problem(error) == [LineChange("coffee", "price", 1099), LineChange("soap", "gone")]


def test_all_of_it_may_be_gone() -> None:
    with pytest.raises(OrderNotPayableError) as error:
        pay(an_item(product_id="soap", unit_amount=300))
    assert problem(error) == [LineChange("soap", "gone")]


def test_what_the_person_saw_in_a_currency_that_is_not_offered_any_more_is_gone() -> None:
    with pytest.raises(OrderNotPayableError) as error:
        pay(an_item(unit_amount=1299), currency="usd")
    assert problem(error) == [LineChange("coffee", "gone")]


def pay_for(quantity: int, *, currency: str, unit_amount: int) -> Payment:
    """A new payment for a product that is sold in one currency."""
    return new_payment(
        "pay_1",
        a_purchase(an_item(quantity=quantity), currency=currency),
        products={"coffee": a_product(prices={currency: unit_amount})},
        customer=a_customer(),
        default_currency="eur",
    )


@pytest.mark.parametrize(
    ("currency", "unit_amount", "problem"),
    [
        ("eur", 49, "The total must be at least 0.50 EUR."),
        ("eur", 100_000_000, "The total must be at most 999999.99 EUR."),
        ("idr", 1_000_000_000_000, "The total must be at most 9999999999.99 IDR."),
        ("isk", 50_050, "The total must be a multiple of 1.00 ISK."),
        ("xyz", 1099, "The total is in a currency that Stripe does not charge in."),
    ],
)
def test_a_total_that_stripe_would_not_charge_is_the_items_problem(
    currency: str, unit_amount: int, problem: str
) -> None:
    with pytest.raises(ValidationError) as error:
        pay_for(1, currency=currency, unit_amount=unit_amount)
    assert error.value.errors == [("items", problem)]


@same_examples
@given(st.sampled_from(sorted(CURRENCIES)), st.integers(1, 10**12), st.integers(1, 100))
def test_a_payment_is_made_of_just_the_totals_that_stripe_charges(
    currency: str, unit_amount: int, quantity: int
) -> None:
    total = unit_amount * quantity
    if is_chargeable(currency, total):
        payment = pay_for(quantity, currency=currency, unit_amount=unit_amount)
        assert (payment.amount, payment.currency) == (total, currency)
    else:
        with pytest.raises(ValidationError):
            pay_for(quantity, currency=currency, unit_amount=unit_amount)


def test_a_new_payment_is_pending_and_knows_nothing_of_stripe() -> None:
    payment = pay()
    assert (payment.status, payment.payment_intent_id, payment.version) == ("pending", None, 1)
    assert payment.created_at == payment.updated_at
    assert not payment.cvc_recollected


def test_a_new_payment_has_no_order_and_no_other_amounts() -> None:
    payment = pay()
    assert (payment.order_id, payment.order_reference) == (None, None)
    assert (payment.tax_amount, payment.shipping_amount, payment.discount_amount) == (0, 0, 0)
    assert payment.capture_method == "automatic"


items = st.builds(
    PurchaseItem,
    product_id=st.text(min_size=1),
    quantity=st.integers(1, 100),
    unit_amount=st.none() | st.integers(1, 99),
)
purchases = st.builds(
    Purchase,
    items=st.lists(items, min_size=1, max_size=3).map(tuple),
    currency=st.none() | st.sampled_from(["eur", "jpy"]),
    payment_method_id=st.text(min_size=1),
)


@same_examples
@given(purchases, purchases)
def test_two_requests_have_the_same_hash_only_if_they_are_the_same(
    one: Purchase, other: Purchase
) -> None:
    assert (one.request_hash == other.request_hash) == (one == other)
    assert one.request_hash == replace(one).request_hash
