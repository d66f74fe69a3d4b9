"""A person's Stripe Customer is created once, by any step (data rules 4 and 5)."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest

from payments.domain.customer import Customer, UnfinishedCustomer
from payments.domain.errors import (
    PaymentRefusedError,
    RateLimitedError,
    ServiceUnavailableError,
    StripeRejectedError,
    StripeUnavailableError,
)
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
    (created,) = stripe.arguments_of("create_customer")
    assert created["unfinished"] == UnfinishedCustomer(ADA.user_id, replaces="cus_deleted")
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
    first = stripe.create_customer(renamed, UnfinishedCustomer(ADA.user_id))
    # When the same key is used with another name
    customer = ensure(signed_up_now=True)
    # Then
    assert customer.stripe_customer_id == first
    assert list(stripe.customers) == [first]


def test_another_name_that_left_nothing_with_the_key_is_waited_for_and_then_overtaken(
    ensure: Ensure, stripe: FakeStripe, customers: FakeCustomers
) -> None:
    # Given today's key, which has served for another name and failed, before our row was written
    stripe.fail_to_create_a_customer()
    customers.fail_next_write = ServiceUnavailableError()
    with pytest.raises(ServiceUnavailableError):
        ensure_customer(
            replace(ADA, name="Countess of Lovelace"), stripe=stripe, customers=customers
        )
    # When, then
    with pytest.raises(StripeUnavailableError):  # as that request may be under way
        ensure()
    assert stripe.customers == {}
    # When
    customer = ensure()
    # Then
    assert list(stripe.customers) == [customer.stripe_customer_id]


# A failure that Stripe repeats


def test_after_a_remembered_failure_the_next_key_creates_the_customer(
    ensure: Ensure, stripe: FakeStripe, customers: FakeCustomers
) -> None:
    # Given
    stripe.fail_to_create_a_customer()
    # When
    customer = ensure()
    # Then
    created = stripe.arguments_of("create_customer")
    assert [call["unfinished"] for call in created] == [
        UnfinishedCustomer(ADA.user_id),
        UnfinishedCustomer(ADA.user_id, key_generation=2),
    ]
    assert list(stripe.customers) == [customer.stripe_customer_id]
    assert (customers.rows, customers.unfinished) == ({ADA.user_id: customer}, {})


def test_a_remembered_failure_that_created_the_customer_leaves_it_to_be_listed(
    ensure: Ensure, stripe: FakeStripe, customers: FakeCustomers
) -> None:
    # Given a search that does not know it yet
    stripe.search_lags = True
    stripe.fail_to_create_a_customer(although_done=True)
    # When
    customer = ensure(signed_up_now=True)
    # Then
    assert stripe.names_of_calls() == ["create_customer", "find_customer"]
    assert list(stripe.customers) == [customer.stripe_customer_id]
    assert customers.rows == {ADA.user_id: customer}


def test_the_next_key_is_stored_before_it_is_used(
    ensure: Ensure, stripe: FakeStripe, customers: FakeCustomers
) -> None:
    # Given
    stripe.fail_to_create_a_customer()
    customers.fail_next_write = ServiceUnavailableError()
    # When, then
    with pytest.raises(ServiceUnavailableError):
        ensure()
    assert stripe.names_of_calls() == ["find_customer", "create_customer", "find_customer"]


def test_a_person_whose_second_key_fails_too_goes_on_with_the_third(
    ensure: Ensure, stripe: FakeStripe, customers: FakeCustomers
) -> None:
    # Given
    stripe.fail_to_create_a_customer()
    stripe.fail_to_create_a_customer()
    with pytest.raises(StripeUnavailableError):
        ensure()
    assert customers.unfinished == {ADA.user_id: UnfinishedCustomer(ADA.user_id, key_generation=2)}
    assert customers.find(ADA.user_id) is None
    # When
    customer = ensure()
    # Then
    assert stripe.arguments_of("create_customer")[-1]["unfinished"] == UnfinishedCustomer(
        ADA.user_id, key_generation=3
    )
    assert list(stripe.customers) == [customer.stripe_customer_id]
    assert (customers.rows, customers.unfinished) == ({ADA.user_id: customer}, {})


def test_a_key_that_was_stored_and_not_used_is_used_by_the_next_step(
    ensure: Ensure, stripe: FakeStripe, customers: FakeCustomers
) -> None:
    # Given
    unused = UnfinishedCustomer(ADA.user_id, replaces="cus_deleted", key_generation=3)
    customers.unfinished[ADA.user_id] = unused
    # When
    ensure()
    # Then
    (created,) = stripe.arguments_of("create_customer")
    assert created["unfinished"] == unused


def test_whoever_has_moved_on_first_names_the_key(
    ensure: Ensure, stripe: FakeStripe, customers: FakeCustomers
) -> None:
    # Given two requests to which the same key gave the same failure
    first = UnfinishedCustomer(ADA.user_id, key_generation=3)
    stripe.fail_to_create_a_customer()
    customers.before_writes.add(lambda: customers.unfinished.update({ADA.user_id: first}))
    # When
    ensure()
    # Then
    assert stripe.arguments_of("create_customer")[-1]["unfinished"] == first


def test_whoever_moves_on_too_late_reads_the_winners_row(
    ensure: Ensure, stripe: FakeStripe, customers: FakeCustomers
) -> None:
    # Given
    winner = a_customer(stripe_customer_id="cus_winner")
    stripe.fail_to_create_a_customer()
    customers.before_writes.add(lambda: customers.rows.update({ADA.user_id: winner}))
    # When
    customer = ensure()
    # Then
    assert customer == winner
    assert stripe.customers == {}


def test_a_customer_whose_replacement_failed_is_replaced_with_the_next_key(
    ensure: Ensure, stripe: FakeStripe, customers: FakeCustomers
) -> None:
    # Given
    missing = a_customer(stripe_customer_id="cus_deleted")
    customers.rows[ADA.user_id] = missing
    stripe.fail_to_create_a_customer()
    stripe.fail_to_create_a_customer()
    with pytest.raises(StripeUnavailableError):
        ensure(missing=missing)
    assert customers.find(ADA.user_id) is None
    # When
    customer = ensure()
    # Then
    assert stripe.arguments_of("create_customer")[-1]["unfinished"] == UnfinishedCustomer(
        ADA.user_id, replaces="cus_deleted", key_generation=3
    )
    assert customers.rows == {ADA.user_id: customer}


# Refusals


def test_an_address_that_stripe_refuses_leads_to_a_customer_without_one(
    ensure: Ensure, stripe: FakeStripe, customers: FakeCustomers
) -> None:
    # Given
    stripe.refused_emails.add(ADA.email)
    # When
    customer = ensure()
    # Then
    assert stripe.customers[customer.stripe_customer_id].user == replace(ADA, email="")
    assert customer.email == ""
    assert customers.rows == {ADA.user_id: customer}


def test_a_customer_without_an_address_is_found_among_the_newest_after_a_failure(
    ensure: Ensure, stripe: FakeStripe
) -> None:
    # Given
    stripe.refused_emails.add(ADA.email)
    stripe.search_lags = True
    stripe.fail_to_create_a_customer(although_done=True)
    # When
    customer = ensure()
    # Then
    assert list(stripe.customers) == [customer.stripe_customer_id]


@pytest.mark.parametrize(
    "error",
    [
        PaymentRefusedError(code="parameter_invalid_string", param="name"),
        StripeRejectedError("the key lacks a right"),
    ],
)
def test_a_refusal_of_another_kind_is_passed_on(
    ensure: Ensure, stripe: FakeStripe, customers: FakeCustomers, error: Exception
) -> None:
    # Given
    stripe.fail_before("create_customer", error)
    # When, then
    with pytest.raises(type(error)):
        ensure()
    assert stripe.names_of_calls() == ["find_customer", "create_customer"]
    assert (customers.rows, customers.unfinished) == ({}, {})


def test_a_renamed_row_of_a_missing_customer_is_replaced_all_the_same(
    ensure: Ensure, customers: FakeCustomers
) -> None:
    # Given a webhook that has changed the row since it was read
    missing = a_customer(stripe_customer_id="cus_deleted")
    customers.rows[ADA.user_id] = replace(missing, name="Countess of Lovelace", version=2)
    # When
    customer = ensure(missing=missing)
    # Then
    assert customer.stripe_customer_id != "cus_deleted"


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
