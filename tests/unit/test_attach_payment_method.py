"""Attach: save a card for the person."""

import pytest

from payments.domain.errors import (
    CardDeclinedError,
    PaymentMethodNotFoundError,
)
from payments.use_cases.attach_payment_method import attach_payment_method
from tests.support.fakes.repositories import FakeCustomers, FakePayments
from tests.support.fakes.stripe_gateway import FakeStripe
from tests.unit.builders import ADA, BOB, a_guard

pytestmark = pytest.mark.usefixtures("ada_is_a_customer")


def test_a_new_card_is_saved_for_the_persons_own_customer(
    stripe: FakeStripe, customers: FakeCustomers
) -> None:
    # Given
    stripe.has_card("pm_new", of=None)
    # When
    card, new = attach_payment_method(
        "pm_new",
        user=ADA,
        stripe=stripe,
        guard=a_guard(),
        customers=customers,
        payments=FakePayments(),
    )
    # Then
    assert (card.payment_method_id, new) == ("pm_new", True)
    assert stripe.cards["pm_new"].stripe_customer_id == "cus_ada"
    assert stripe.names_of_calls() == ["attach_payment_method"]


def test_attaching_twice_is_harmless(stripe: FakeStripe, customers: FakeCustomers) -> None:
    # Given
    stripe.has_card("pm_new", of=None)
    first, _ = attach_payment_method(
        "pm_new",
        user=ADA,
        stripe=stripe,
        guard=a_guard(),
        customers=customers,
        payments=FakePayments(),
    )
    # When
    again, new = attach_payment_method(
        "pm_new",
        user=ADA,
        stripe=stripe,
        guard=a_guard(),
        customers=customers,
        payments=FakePayments(),
    )
    # Then
    assert (again, new) == (first, False)


def test_the_first_card_creates_the_customer_that_a_signup_left_out(
    stripe: FakeStripe, customers: FakeCustomers
) -> None:
    # Given
    stripe.has_card("pm_bob", of=None)
    # When
    attach_payment_method(
        "pm_bob",
        user=BOB,
        stripe=stripe,
        guard=a_guard(),
        customers=customers,
        payments=FakePayments(),
    )
    # Then
    assert (
        customers.rows[BOB.user_id].stripe_customer_id == stripe.cards["pm_bob"].stripe_customer_id
    )


def test_someone_elses_card_is_not_found(stripe: FakeStripe, customers: FakeCustomers) -> None:
    # Given
    stripe.has_card("pm_ada")
    # When, then
    with pytest.raises(PaymentMethodNotFoundError):
        attach_payment_method(
            "pm_ada",
            user=BOB,
            stripe=stripe,
            guard=a_guard(),
            customers=customers,
            payments=FakePayments(),
        )
    assert stripe.cards["pm_ada"].stripe_customer_id == "cus_ada"


def test_a_card_that_does_not_exist_is_not_found(
    stripe: FakeStripe, customers: FakeCustomers
) -> None:
    with pytest.raises(PaymentMethodNotFoundError):
        attach_payment_method(
            "pm_none",
            user=ADA,
            stripe=stripe,
            guard=a_guard(),
            customers=customers,
            payments=FakePayments(),
        )


def test_a_card_that_the_bank_refuses_is_not_saved(
    stripe: FakeStripe, customers: FakeCustomers
) -> None:
    # Given
    refusal = CardDeclinedError(decline_code="expired_card")
    stripe.has_card("pm_new", of=None, attach_error=refusal)
    # When, then
    with pytest.raises(CardDeclinedError):
        attach_payment_method(
            "pm_new",
            user=ADA,
            stripe=stripe,
            guard=a_guard(),
            customers=customers,
            payments=FakePayments(),
        )
    assert stripe.cards["pm_new"].stripe_customer_id is None


def test_a_card_is_saved_for_a_new_customer_if_stripe_has_lost_the_old_one(
    stripe: FakeStripe, customers: FakeCustomers
) -> None:
    # Given
    stripe.forget_customer("cus_ada")
    stripe.has_card("pm_new", of=None)
    # When
    attach_payment_method(
        "pm_new",
        user=ADA,
        stripe=stripe,
        guard=a_guard(),
        customers=customers,
        payments=FakePayments(),
    )
    # Then
    replaced = customers.rows[ADA.user_id].stripe_customer_id
    assert replaced != "cus_ada"
    assert stripe.cards["pm_new"].stripe_customer_id == replaced


def test_what_the_lost_customer_had_leaves_the_row_once_the_same_card_is_saved_again(
    stripe: FakeStripe, customers: FakeCustomers
) -> None:
    # Given
    stripe.has_card("pm_card", fingerprint="of pm_card")
    stripe.delete_customer("cus_ada")
    stripe.has_card("pm_new", of=None, fingerprint="of pm_card")
    # When
    attach_payment_method(
        "pm_new",
        user=ADA,
        stripe=stripe,
        guard=a_guard(),
        customers=customers,
        payments=FakePayments(),
    )
    # Then
    assert customers.rows[ADA.user_id].saved_cards == {"pm_new": "of pm_card"}
