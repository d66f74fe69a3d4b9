"""List: only the person's own cards."""

import pytest

from payments.domain.errors import (
    StripeUnavailableError,
    ValidationError,
)
from payments.use_cases.list_payment_methods import list_payment_methods
from tests.support.fakes.repositories import FakeCustomers
from tests.support.fakes.stripe_gateway import FakeStripe
from tests.unit.builders import ADA

pytestmark = pytest.mark.usefixtures("ada_is_a_customer")


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


def test_a_person_whose_customer_is_gone_has_no_cards_and_gets_a_new_customer(
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
