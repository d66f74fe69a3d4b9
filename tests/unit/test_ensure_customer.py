"""A person's Stripe Customer is created once, by any step (data rules 4 and 5)."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest

from payments.domain.customer import Customer
from payments.domain.errors import RateLimitedError, ServiceUnavailableError, StripeUnavailableError
from payments.use_cases.ensure_customer import ensure_customer
from tests.support.fakes.repositories import FakeCustomers
from tests.support.fakes.stripe_gateway import FakeStripe
from tests.unit.builders import ADA, a_customer

Ensure = Callable[..., Customer]


@pytest.fixture
def ensure(stripe: FakeStripe, customers: FakeCustomers) -> Ensure:
    return partial(ensure_customer, ADA, stripe=stripe, customers=customers)


def test_the_row_is_enough_once_it_is_there(
    ensure: Ensure, stripe: FakeStripe, customers: FakeCustomers
) -> None:
    # Given
    customers.rows[ADA.user_id] = a_customer()
    # When
    customer = ensure()
    # Then
    assert customer == a_customer()
    assert stripe.calls == []


def test_a_signup_creates_and_stores_without_searching(
    ensure: Ensure, stripe: FakeStripe, customers: FakeCustomers
) -> None:
    # When
    customer = ensure(signed_up_now=True)
    # Then
    assert stripe.names_of_calls() == ["create_customer"]
    assert stripe.customers[customer.stripe_customer_id].user == ADA
    assert customers.rows == {ADA.user_id: customer}
    assert (customer.email, customer.name) == (ADA.email, ADA.name)


def test_what_a_cut_off_signup_left_at_stripe_is_found_after_the_key_is_forgotten(
    ensure: Ensure, stripe: FakeStripe, customers: FakeCustomers
) -> None:
    # Given a signup that died between Stripe and our row, more than a day ago
    stripe.has_customer(ADA, "cus_left_behind")
    # When
    customer = ensure()
    # Then
    assert customer.stripe_customer_id == "cus_left_behind"
    assert customers.rows == {ADA.user_id: customer}
    assert list(stripe.customers) == ["cus_left_behind"]


def test_the_idempotency_key_finds_what_the_search_does_not_know_yet(
    ensure: Ensure, stripe: FakeStripe, customers: FakeCustomers
) -> None:
    # Given a signup that died between Stripe and our row, a moment ago
    customers.fail_next_write = ServiceUnavailableError()
    with pytest.raises(ServiceUnavailableError):
        ensure(signed_up_now=True)
    stripe.search_lags = True
    # When
    customer = ensure()
    # Then
    assert list(stripe.customers) == [customer.stripe_customer_id]
    assert customers.rows == {ADA.user_id: customer}


def test_the_loser_of_a_race_reads_the_winners_row(
    ensure: Ensure, customers: FakeCustomers
) -> None:
    # Given
    winner = a_customer(stripe_customer_id="cus_winner")
    customers.before_writes.add(lambda: customers.rows.update({ADA.user_id: winner}))
    # When
    customer = ensure(signed_up_now=True)
    # Then
    assert customer == winner
    assert customers.rows == {ADA.user_id: winner}


def test_a_customer_of_the_other_mode_is_not_used_but_replaced(
    ensure: Ensure, stripe: FakeStripe, customers: FakeCustomers
) -> None:
    # Given a row from before the stack got its live key
    stripe.has_customer(ADA, "cus_test")
    customers.rows[ADA.user_id] = a_customer(stripe_customer_id="cus_test")
    stripe.livemode = True
    # When
    customer = ensure()
    # Then
    assert customer.livemode
    assert customer.stripe_customer_id != "cus_test"
    assert stripe.customers[customer.stripe_customer_id].livemode
    assert customers.rows == {ADA.user_id: customer}


def test_a_customer_that_stripe_does_not_know_is_replaced(
    ensure: Ensure, stripe: FakeStripe, customers: FakeCustomers
) -> None:
    # Given
    missing = a_customer(stripe_customer_id="cus_deleted")
    customers.rows[ADA.user_id] = missing
    # When
    customer = ensure(missing=missing)
    # Then
    assert stripe.arguments_of("create_customer") == [{"user": ADA, "replacing": "cus_deleted"}]
    assert customers.rows == {ADA.user_id: customer}


def test_a_deleted_customer_that_the_search_still_shows_is_not_taken_again(
    ensure: Ensure, stripe: FakeStripe, customers: FakeCustomers
) -> None:
    # Given the search lags behind a deletion
    stripe.has_customer(ADA, "cus_deleted")
    missing = a_customer(stripe_customer_id="cus_deleted")
    customers.rows[ADA.user_id] = missing
    # When
    customer = ensure(missing=missing)
    # Then
    assert customer.stripe_customer_id != "cus_deleted"


def test_a_missing_customer_that_somebody_has_replaced_is_not_replaced_again(
    ensure: Ensure, stripe: FakeStripe, customers: FakeCustomers
) -> None:
    # Given
    replacement = a_customer(stripe_customer_id="cus_new")
    customers.rows[ADA.user_id] = replacement
    # When
    customer = ensure(missing=a_customer(stripe_customer_id="cus_deleted"))
    # Then
    assert customer == replacement
    assert stripe.calls == []


def test_a_changed_name_does_not_make_a_second_customer(ensure: Ensure, stripe: FakeStripe) -> None:
    # Given a customer created today with another name, which the search already finds
    renamed = replace(ADA, name="Countess of Lovelace")
    first = stripe.create_customer(renamed)
    # When the same key is used with another name
    customer = ensure(signed_up_now=True)
    # Then
    assert customer.stripe_customer_id == first
    assert list(stripe.customers) == [first]


def test_a_changed_name_waits_for_the_search_rather_than_make_a_second_customer(
    ensure: Ensure, stripe: FakeStripe, customers: FakeCustomers
) -> None:
    # Given
    stripe.create_customer(replace(ADA, name="Countess of Lovelace"))
    stripe.search_lags = True
    # When, then
    with pytest.raises(StripeUnavailableError):
        ensure()
    assert customers.rows == {}


@pytest.mark.parametrize("error", [StripeUnavailableError(), RateLimitedError()])
def test_stripes_failure_is_passed_on_and_stores_nothing(
    ensure: Ensure, stripe: FakeStripe, customers: FakeCustomers, error: Exception
) -> None:
    # Given
    stripe.fail_after("create_customer", error)
    # When, then
    with pytest.raises(type(error)):
        ensure()
    assert customers.rows == {}
