"""Attach and list: only ever the person's own cards."""

import pytest

from payments.domain.errors import (
    CardDeclinedError,
    PaymentMethodNotFoundError,
    StripeUnavailableError,
    ValidationError,
)
from payments.use_cases.attach_payment_method import attach_payment_method
from payments.use_cases.list_payment_methods import list_payment_methods
from tests.support.fakes.repositories import FakeCustomers
from tests.support.fakes.stripe_gateway import FakeStripe
from tests.unit.builders import ADA, BOB, a_customer


@pytest.fixture(autouse=True)
def _ada_is_a_customer(stripe: FakeStripe, customers: FakeCustomers) -> None:
    stripe.has_customer(ADA)
    customers.rows[ADA.user_id] = a_customer()


def test_a_new_card_is_saved_for_the_persons_own_customer(
    stripe: FakeStripe, customers: FakeCustomers
) -> None:
    # Given
    stripe.has_card("pm_new", of=None)
    # When
    card, new = attach_payment_method("pm_new", user=ADA, stripe=stripe, customers=customers)
    # Then
    assert (card.payment_method_id, new) == ("pm_new", True)
    assert stripe.cards["pm_new"].stripe_customer_id == "cus_ada"
    assert stripe.names_of_calls() == ["attach_payment_method"]


def test_attaching_twice_is_harmless(stripe: FakeStripe, customers: FakeCustomers) -> None:
    # Given
    stripe.has_card("pm_new", of=None)
    first, _ = attach_payment_method("pm_new", user=ADA, stripe=stripe, customers=customers)
    # When
    again, new = attach_payment_method("pm_new", user=ADA, stripe=stripe, customers=customers)
    # Then
    assert (again, new) == (first, False)


def test_the_first_card_creates_the_customer_that_a_signup_left_out(
    stripe: FakeStripe, customers: FakeCustomers
) -> None:
    # Given
    stripe.has_card("pm_bob", of=None)
    # When
    attach_payment_method("pm_bob", user=BOB, stripe=stripe, customers=customers)
    # Then
    assert (
        customers.rows[BOB.user_id].stripe_customer_id == stripe.cards["pm_bob"].stripe_customer_id
    )


def test_someone_elses_card_is_not_found(stripe: FakeStripe, customers: FakeCustomers) -> None:
    # Given
    stripe.has_card("pm_ada")
    # When, then
    with pytest.raises(PaymentMethodNotFoundError):
        attach_payment_method("pm_ada", user=BOB, stripe=stripe, customers=customers)
    assert stripe.cards["pm_ada"].stripe_customer_id == "cus_ada"


def test_a_card_that_does_not_exist_is_not_found(
    stripe: FakeStripe, customers: FakeCustomers
) -> None:
    with pytest.raises(PaymentMethodNotFoundError):
        attach_payment_method("pm_none", user=ADA, stripe=stripe, customers=customers)


def test_a_card_that_the_bank_refuses_is_not_saved(
    stripe: FakeStripe, customers: FakeCustomers
) -> None:
    # Given
    refusal = CardDeclinedError(decline_code="expired_card")
    stripe.has_card("pm_new", of=None, attach_error=refusal)
    # When, then
    with pytest.raises(CardDeclinedError):
        attach_payment_method("pm_new", user=ADA, stripe=stripe, customers=customers)
    assert stripe.cards["pm_new"].stripe_customer_id is None


def test_a_card_is_saved_for_a_new_customer_if_stripe_has_lost_the_old_one(
    stripe: FakeStripe, customers: FakeCustomers
) -> None:
    # Given
    stripe.forget_customer("cus_ada")
    stripe.has_card("pm_new", of=None)
    # When
    attach_payment_method("pm_new", user=ADA, stripe=stripe, customers=customers)
    # Then
    replaced = customers.rows[ADA.user_id].stripe_customer_id
    assert replaced != "cus_ada"
    assert stripe.cards["pm_new"].stripe_customer_id == replaced


def test_cards_come_in_pages_newest_first(stripe: FakeStripe, customers: FakeCustomers) -> None:
    # Given
    for number in (1, 2, 3):
        stripe.has_card(f"pm_{number}")
    stripe.has_card("pm_bob", of="cus_bob")
    # When
    first = list_payment_methods(user=ADA, limit=2, cursor=None, stripe=stripe, customers=customers)
    rest = list_payment_methods(
        user=ADA, limit=2, cursor=first.next_cursor, stripe=stripe, customers=customers
    )
    # Then
    assert [card.payment_method_id for card in first.items] == ["pm_3", "pm_2"]
    assert [card.payment_method_id for card in rest.items] == ["pm_1"]
    assert rest.next_cursor is None


def test_a_cursor_that_names_someone_elses_card_is_refused(
    stripe: FakeStripe, customers: FakeCustomers
) -> None:
    # Given
    stripe.has_card("pm_bob", of="cus_bob")
    # When, then
    with pytest.raises(ValidationError):
        list_payment_methods(user=ADA, limit=2, cursor="pm_bob", stripe=stripe, customers=customers)


def test_who_has_no_customer_any_more_has_no_cards_and_gets_a_new_customer(
    stripe: FakeStripe, customers: FakeCustomers
) -> None:
    # Given
    stripe.forget_customer("cus_ada")
    # When
    page = list_payment_methods(user=ADA, limit=2, cursor=None, stripe=stripe, customers=customers)
    # Then
    assert (page.items, page.next_cursor) == ([], None)
    assert customers.rows[ADA.user_id].stripe_customer_id in stripe.customers


def test_a_test_mode_customer_is_not_listed_with_a_live_key(
    stripe: FakeStripe, customers: FakeCustomers
) -> None:
    # Given
    stripe.has_card("pm_test")
    stripe.livemode = True
    # When
    page = list_payment_methods(user=ADA, limit=2, cursor=None, stripe=stripe, customers=customers)
    # Then
    assert page.items == []
    assert stripe.arguments_of("list_payment_methods")[0]["stripe_customer_id"] != "cus_ada"


def test_stripes_silence_is_passed_on(stripe: FakeStripe, customers: FakeCustomers) -> None:
    # Given
    stripe.fail_before("list_payment_methods", StripeUnavailableError())
    # When, then
    with pytest.raises(StripeUnavailableError):
        list_payment_methods(user=ADA, limit=2, cursor=None, stripe=stripe, customers=customers)
