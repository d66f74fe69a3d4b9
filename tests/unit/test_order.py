"""What a person orders, and the payment that it becomes."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.domain.currency import CURRENCIES, is_chargeable
from payments.domain.errors import ValidationError
from payments.domain.order import Order, new_payment
from payments.domain.payment import Payment
from tests.unit.builders import (
    a_customer,
    a_product,
    an_order,
)
from tests.unit.properties import same_examples


def pay(**order: Any) -> Payment:
    """A new payment for Ada's order."""
    return new_payment(
        "pay_1",
        an_order(**order),
        product=a_product(prices={"eur": 1099, "jpy": 1800, "kwd": 3500}),
        customer=a_customer(),
        default_currency="eur",
    )


@pytest.mark.parametrize(
    ("currency", "quantity", "amount"),
    [(None, 1, 1099), ("eur", 3, 3297), ("jpy", 2, 3600), ("kwd", 2, 7000)],
)
def test_the_amount_is_price_times_quantity_in_the_currencys_own_minor_unit(
    currency: str | None, quantity: int, amount: int
) -> None:
    payment = pay(currency=currency, quantity=quantity)
    assert (payment.amount, payment.currency) == (amount, currency or "eur")
    assert type(payment.amount) is int


def pay_for(quantity: int, *, currency: str, unit_amount: int) -> Payment:
    """A new payment for a product that is sold in one currency."""
    return new_payment(
        "pay_1",
        an_order(currency=currency, quantity=quantity),
        product=a_product(prices={currency: unit_amount}),
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
def test_a_total_that_stripe_would_not_charge_is_the_quantitys_problem(
    currency: str, unit_amount: int, problem: str
) -> None:
    with pytest.raises(ValidationError) as error:
        pay_for(1, currency=currency, unit_amount=unit_amount)
    assert error.value.errors == [("quantity", problem)]


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


orders = st.builds(
    Order,
    product_id=st.text(min_size=1),
    quantity=st.integers(1, 100),
    currency=st.none() | st.sampled_from(["eur", "jpy"]),
    payment_method_id=st.text(min_size=1),
)


@same_examples
@given(orders, orders)
def test_two_requests_have_the_same_hash_only_if_they_are_the_same(
    one: Order, other: Order
) -> None:
    assert (one.request_hash == other.request_hash) == (one == other)
    assert one.request_hash == replace(one).request_hash
