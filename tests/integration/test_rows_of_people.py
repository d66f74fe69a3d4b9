"""Rows of people who asked for the deletion of their account, and of people who were erased."""

from collections.abc import Callable
from typing import Any

import pytest

from payments import wiring
from payments.domain.customer import Customer, ErasedPerson, UnfinishedCustomer
from payments.domain.errors import (
    AccountErasedError,
    CustomerMissingError,
    VersionConflictError,
)
from payments.repositories.customers import CustomersRepository
from tests.support.aws import Aws
from tests.unit.builders import LONG_AGO, a_customer, a_payment_method

ASKED = "2026-11-26T12:00:00.000Z"
LATER = "2026-11-27T12:00:00.000Z"
ERASED = {"user_id": "ada", "erased_at": LONG_AGO, "expires_at": 1}


@pytest.fixture
def customers(aws: Aws) -> CustomersRepository:
    """The Customers table, in AWS."""
    aws.empty()
    return wiring.customers()


def row_of(aws: Aws) -> dict[str, Any]:
    """The only row."""
    (row,) = aws.rows("CustomersTable")
    return row


def test_a_request_stays_whatever_else_is_written(customers: CustomersRepository) -> None:
    # Given somebody without a Stripe Customer
    first = customers.request_deletion("ada", at=ASKED, signed_out_at=ASKED)
    assert first == UnfinishedCustomer("ada", signed_out_at=ASKED, deletion_requested_at=ASKED)
    # When
    customers.add(a_customer(), replacing=None)
    customers.sign_out("ada", at=LATER)
    customers.request_deletion("ada", at=LATER, signed_out_at=LATER)
    # Then
    row = customers.find_row("ada")
    assert row == a_customer(signed_out_at=LATER, deletion_requested_at=ASKED)
    # And it can be taken back, twice
    for _ in range(2):
        customers.keep("ada")
        assert customers.find_row("ada") == a_customer(signed_out_at=LATER)


def test_taking_back_what_nobody_asked_for_writes_nothing(
    aws: Aws, customers: CustomersRepository
) -> None:
    customers.keep("ada")
    assert aws.rows("CustomersTable") == []


@pytest.mark.parametrize("has_customer", [True, False])
def test_of_an_erased_person_only_that_stays_for_two_days(
    aws: Aws, customers: CustomersRepository, *, has_customer: bool
) -> None:
    if has_customer:
        customer = customers.add(a_customer(), replacing=None)
        customers.add_card(customer, a_payment_method(fingerprint="f"))
    row = customers.request_deletion("ada", at=ASKED, signed_out_at=ASKED)
    assert not isinstance(row, ErasedPerson)
    customers.erase(row, at="2026-11-27T12:00:00.000Z")
    assert row_of(aws) == {
        "user_id": "ada",
        "erased_at": "2026-11-27T12:00:00.000Z",
        "expires_at": 1795953600,  # 2026-11-29T12:00:00Z
    }
    assert customers.find_row("ada") == ErasedPerson("ada", erased_at=LATER)
    assert customers.find("ada") is None


def test_a_person_is_erased_twice_and_the_first_time_counts(
    aws: Aws, customers: CustomersRepository
) -> None:
    """The answer to the write was lost, and it is sent again."""
    customers.add(a_customer(), replacing=None)
    row = customers.request_deletion("ada", at=ASKED, signed_out_at=ASKED)
    assert not isinstance(row, ErasedPerson)
    customers.erase(row, at=ASKED)
    before = row_of(aws)
    customers.erase(row, at=LATER)
    assert row_of(aws) == before


@pytest.mark.parametrize("meanwhile", ["kept", "another customer", "a customer"])
def test_nobody_is_erased_who_is_not_as_they_were_read(
    customers: CustomersRepository, meanwhile: str
) -> None:
    # Given
    if meanwhile != "a customer":
        customers.add(a_customer(), replacing=None)
    row = customers.request_deletion("ada", at=ASKED, signed_out_at=ASKED)
    assert not isinstance(row, ErasedPerson)
    match meanwhile:
        case "kept":
            customers.keep("ada")
        case "another customer":
            assert isinstance(row, Customer)
            customers.add(a_customer(stripe_customer_id="cus_2"), replacing=row)
        case "a customer":
            customers.add(a_customer(), replacing=None)
    there = customers.find_row("ada")
    # When, then
    with pytest.raises(VersionConflictError):
        customers.erase(row, at=LATER)
    assert customers.find_row("ada") == there


@pytest.mark.parametrize(
    ("write", "refusal"),
    [
        (lambda rows: rows.add(a_customer(), replacing=None), AccountErasedError),
        (
            lambda rows: rows.move_on(UnfinishedCustomer("ada", key_generation=2), replacing=None),
            AccountErasedError,
        ),
        (
            lambda rows: rows.request_deletion("ada", at=ASKED, signed_out_at=ASKED),
            AccountErasedError,
        ),
        (lambda rows: rows.add_card(a_customer(), a_payment_method()), CustomerMissingError),
        (lambda rows: rows.record(a_customer(), profile=None), VersionConflictError),
        (lambda rows: rows.remove(UnfinishedCustomer("ada")), VersionConflictError),
        (lambda rows: rows.remove(a_customer()), VersionConflictError),
    ],
    ids=[
        "add",
        "move_on",
        "request_deletion",
        "add_card",
        "record",
        "remove unfinished",
        "remove",
    ],
)
def test_nothing_is_written_to_the_row_of_an_erased_person(
    aws: Aws,
    customers: CustomersRepository,
    write: Callable[[CustomersRepository], object],
    refusal: type[Exception],
) -> None:
    aws.put_customer(ERASED)
    with pytest.raises(refusal):
        write(customers)
    assert row_of(aws) == ERASED


def test_nor_when_they_log_out_or_are_kept(aws: Aws, customers: CustomersRepository) -> None:
    aws.put_customer(ERASED)
    customers.sign_out("ada", at=LATER)
    customers.keep("ada")
    customers.forget_cards(a_customer(saved_cards={"pm_1": "f"}), ["pm_1"])
    assert row_of(aws) == ERASED
