"""What a person orders, and the payment that it becomes."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.domain.errors import ValidationError
from payments.domain.order import MAX_AMOUNT, Order, new_payment
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


@pytest.mark.parametrize(("price", "accepted"), [(MAX_AMOUNT, True), (MAX_AMOUNT + 1, False)])
def test_a_total_may_be_as_large_as_stripe_takes_it(price: int, accepted: bool) -> None:
    def charge() -> Payment:
        return new_payment(
            "pay_1",
            an_order(),
            product=a_product(prices={"eur": price}),
            customer=a_customer(),
            default_currency="eur",
        )

    if accepted:
        assert charge().amount == price
    else:
        with pytest.raises(ValidationError) as error:
            charge()
        assert error.value.errors[0][0] == "quantity"


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
