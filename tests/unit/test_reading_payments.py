"""Get, history and products: what a person sees without changing anything."""

import pytest

from payments.domain.customer import User
from payments.domain.errors import PaymentNotFoundError, ValidationError
from payments.use_cases.get_payment import get_payment
from payments.use_cases.list_payments import list_payments
from payments.use_cases.list_products import list_products
from tests.support.fakes.repositories import FakePayments, FakeProducts
from tests.support.fakes.stripe_gateway import FakeStripe
from tests.unit.builders import ADA, BOB, a_payment, a_pending_payment, a_product


def test_a_payment_is_shown_as_stripe_sees_it_now(
    stripe: FakeStripe, payments: FakePayments
) -> None:
    # Given a row that has not heard of the success
    stripe.has_intent(payments.put(a_payment()))
    stripe.has_customer(ADA)
    stripe.has_card()
    stripe.confirm_payment_intent("pi_1", cvc_token=stripe.has_cvc_token("cvctok_1"))
    stripe.calls.clear()
    # When
    payment, intent = get_payment("pay_1", user=ADA, stripe=stripe, payments=payments)
    # Then
    assert intent == stripe.intent("pi_1")
    assert payment.status == "succeeded"
    assert payments.rows["pay_1"] == payment
    assert stripe.names_of_calls() == ["retrieve_payment_intent"]


def test_a_pending_payment_is_shown_without_asking_stripe(
    stripe: FakeStripe, payments: FakePayments
) -> None:
    # Given
    pending = payments.put(a_pending_payment())
    # When, then
    assert get_payment("pay_1", user=ADA, stripe=stripe, payments=payments) == (pending, None)
    assert stripe.calls == []


@pytest.mark.parametrize(
    ("payment_id", "user", "livemode"),
    [("pay_none", ADA, False), ("pay_1", BOB, False), ("pay_1", ADA, True)],
    ids=["none", "someone else's", "of the other mode"],
)
def test_a_payment_that_is_not_ones_own_is_not_found(
    stripe: FakeStripe, payments: FakePayments, payment_id: str, user: User, livemode: bool
) -> None:
    # Given
    stripe.has_intent(payments.put(a_payment()))
    stripe.livemode = livemode
    # When, then
    with pytest.raises(PaymentNotFoundError):
        get_payment(payment_id, user=user, stripe=stripe, payments=payments)
    assert stripe.calls == []


def test_the_history_is_ones_own_newest_first_in_pages(payments: FakePayments) -> None:
    # Given
    for day in (1, 2, 3):
        payments.put(a_payment(payment_id=f"pay_{day}", created_at=f"2026-01-0{day}T00:00:00Z"))
    payments.put(a_payment(payment_id="pay_bob", user_id=BOB.user_id))
    # When
    first = list_payments(user=ADA, limit=2, cursor=None, payments=payments)
    rest = list_payments(user=ADA, limit=2, cursor=first.next_cursor, payments=payments)
    # Then
    assert [payment.payment_id for payment in first.items] == ["pay_3", "pay_2"]
    assert [payment.payment_id for payment in rest.items] == ["pay_1"]
    assert rest.next_cursor is None


def test_a_foreign_cursor_is_refused(payments: FakePayments) -> None:
    with pytest.raises(ValidationError):
        list_payments(user=ADA, limit=2, cursor="not-ours", payments=payments)


def test_products_on_sale_come_by_name(products: FakeProducts) -> None:
    # Given
    products.put(a_product(product_id="tea", name="Tea"))
    products.put(a_product())
    # When, then
    assert [product.name for product in list_products(products=products)] == ["Coffee", "Tea"]
