"""Who asked for it is erased after the time of grace, whole, and not before everything is over."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from payments.domain.clock import timestamp
from payments.domain.customer import Customer, ErasedPerson, User
from payments.domain.errors import (
    AccountErasedError,
    ServiceUnavailableError,
    StripeUnavailableError,
)
from payments.recorder import Recorder
from payments.use_cases.ensure_customer import ensure_customer
from payments.use_cases.erase_accounts import erase_accounts
from payments.use_cases.keep_account import keep_account
from tests.support.fakes.repositories import FakeCustomers, FakeOrders, FakePayments
from tests.support.fakes.stripe_gateway import FakeStripe
from tests.support.fakes.user_pool import FakeUserPool
from tests.unit.builders import ADA, BOB, a_customer, a_payment

Run = Callable[..., dict[str, int]]
NOTHING = {"erased": 0, "deferred": 0, "waiting": 0, "kept": 0, "failed": 0}


@pytest.fixture
def run(
    user_pool: FakeUserPool, stripe: FakeStripe, customers: FakeCustomers, payments: FakePayments
) -> Run:
    """A run, days after they asked."""
    return partial(
        erase_accounts,
        older_than=timedelta(days=14),
        has_time=lambda: True,
        pool=user_pool,
        stripe=stripe,
        customers=customers,
        payments=payments,
        orders=FakeOrders(),
    )


@pytest.fixture
def asks(
    user_pool: FakeUserPool, stripe: FakeStripe, customers: FakeCustomers
) -> Callable[..., str]:
    """Lets somebody with a customer and a card ask for the deletion, days ago."""

    def ask(user: User = ADA, *, days: float = 15) -> str:
        customer = stripe.has_customer(user, f"cus_{user.user_id}")
        stripe.has_card(f"pm_{user.user_id}", of=customer)
        at = timestamp(datetime.now(UTC) - timedelta(days=days))
        user_pool.put(user)
        user_pool.request_deletion(user.user_id, at=at)
        customers.rows[user.user_id] = a_customer(
            user_id=user.user_id,
            stripe_customer_id=customer,
            email=user.email,
            name=user.name,
            deletion_requested_at=at,
            saved_cards={f"pm_{user.user_id}": "a fingerprint"},
        )
        return customer

    return ask


def test_user_row_customer_and_cards_are_gone_and_payments_stay(
    run: Run,
    asks: Callable[..., str],
    user_pool: FakeUserPool,
    stripe: FakeStripe,
    customers: FakeCustomers,
    payments: FakePayments,
) -> None:
    customer = asks()
    paid = payments.put(a_payment(status="succeeded"))
    assert run() == NOTHING | {"erased": 1}
    assert (user_pool.people, customers.rows, stripe.customers) == ({}, {}, {})
    assert stripe.deleted_customers == {customer}
    assert stripe.cards["pm_ada"].detached
    assert payments.rows == {"pay_1": paid}
    assert customers.find_row(ADA.user_id) == ErasedPerson(
        ADA.user_id, customers.erased[ADA.user_id].erased_at
    )


def test_whoever_did_not_ask_stays(
    run: Run, asks: Callable[..., str], user_pool: FakeUserPool, customers: FakeCustomers
) -> None:
    user_pool.put(BOB)
    customers.rows[BOB.user_id] = a_customer(user_id=BOB.user_id)
    asks()
    assert run()["erased"] == 1
    assert [*user_pool.people] == [*customers.rows] == [BOB.user_id]


def test_until_the_time_of_grace_is_over_they_wait(
    run: Run, asks: Callable[..., str], user_pool: FakeUserPool, stripe: FakeStripe
) -> None:
    asks(days=13.9)
    assert run() == NOTHING | {"waiting": 1}
    assert stripe.calls == []
    assert ADA.user_id in user_pool.people
    assert run(older_than=timedelta(0)) == NOTHING | {"erased": 1}


@pytest.mark.parametrize("what", ["open_payment", "dispute", "subscription", "invoice"])
def test_what_is_not_over_puts_it_off_is_told_and_nothing_is_touched(
    run: Run,
    asks: Callable[..., str],
    user_pool: FakeUserPool,
    stripe: FakeStripe,
    customers: FakeCustomers,
    payments: FakePayments,
    log: Callable[[], list[dict[str, Any]]],
    what: str,
) -> None:
    # Given
    customer = asks()
    row = customers.rows[ADA.user_id]
    if what == "open_payment":
        payments.put(a_payment())
    elif what == "dispute":
        payments.put(a_payment(status="succeeded", dispute_status="needs_response"))
    else:
        {"subscription": stripe.subscribed, "invoice": stripe.invoiced}[what].add(customer)
    # When
    assert run() == NOTHING | {"deferred": 1}
    # Then
    (line,) = log()
    assert (line["message"], line["user_id"], line["reason"]) == (
        "erasure deferred",
        ADA.user_id,
        what,
    )
    assert line.get("payment_id") == ("pay_1" if what in {"open_payment", "dispute"} else None)
    assert customers.rows == {ADA.user_id: row}
    assert (ADA.user_id in user_pool.people, [*stripe.customers]) == (True, [customer])
    # And once it is over
    payments.rows.clear()
    stripe.subscribed.clear()
    stripe.invoiced.clear()
    assert run() == NOTHING | {"erased": 1}


@pytest.mark.parametrize(
    "cut",
    [
        "looking for customers",
        "deleting the customer",
        "after the customer",
        "writing the row",
        "deleting the user",
    ],
)
def test_half_an_erasure_goes_on(
    run: Run,
    asks: Callable[..., str],
    user_pool: FakeUserPool,
    stripe: FakeStripe,
    customers: FakeCustomers,
    cut: str,
) -> None:
    asks()
    if cut == "looking for customers":
        stripe.fail_before("find_all_customers", StripeUnavailableError())
    elif cut == "deleting the customer":
        stripe.fail_before("delete_customer", StripeUnavailableError())
    elif cut == "after the customer":
        stripe.fail_after("delete_customer", StripeUnavailableError())
    elif cut == "writing the row":
        customers.fail_next_write = ServiceUnavailableError()
    else:
        user_pool.before_deletion = lambda: setattr(
            user_pool, "fail_next", ServiceUnavailableError()
        )
    assert run() == NOTHING | {"failed": 1}
    assert ADA.user_id in user_pool.people
    user_pool.before_deletion = lambda: None
    assert run() == NOTHING | {"erased": 1}
    assert (user_pool.people, customers.rows, stripe.customers) == ({}, {}, {})
    assert run() == NOTHING


def test_an_erasure_whose_row_is_gone_is_not_put_off_any_more(
    run: Run,
    asks: Callable[..., str],
    user_pool: FakeUserPool,
    customers: FakeCustomers,
    payments: FakePayments,
) -> None:
    asks()
    user_pool.before_deletion = lambda: setattr(user_pool, "fail_next", ServiceUnavailableError())
    assert run()["failed"] == 1
    user_pool.before_deletion = lambda: None
    payments.put(a_payment(status="succeeded", dispute_status="needs_response"))
    erased = customers.erased[ADA.user_id]
    assert run() == NOTHING | {"erased": 1}
    assert customers.find_row(ADA.user_id) == erased


@pytest.mark.parametrize("days", [1, 15])
def test_a_restored_table_cannot_forget_the_request(
    run: Run,
    asks: Callable[..., str],
    user_pool: FakeUserPool,
    customers: FakeCustomers,
    days: int,
) -> None:
    # Given a row from before the person asked
    asks(days=days)
    at = user_pool.people[ADA.user_id].deletion_requested_at
    row = customers.rows[ADA.user_id]
    customers.rows[ADA.user_id] = replace(row, deletion_requested_at=None)
    # When
    counts = run()
    # Then
    if days == 1:
        assert counts == NOTHING | {"waiting": 1}
        assert customers.rows[ADA.user_id].deletion_requested_at == at
        assert customers.rows[ADA.user_id].signed_out_at
    else:
        assert counts == NOTHING | {"erased": 1}
        assert customers.rows == {}


def test_without_a_row_the_customer_is_found_and_erased(
    run: Run, asks: Callable[..., str], stripe: FakeStripe, customers: FakeCustomers
) -> None:
    customer = asks()
    customers.rows.clear()
    assert run() == NOTHING | {"erased": 1}
    assert stripe.deleted_customers == {customer}
    assert isinstance(customers.find_row(ADA.user_id), ErasedPerson)


def test_a_customer_that_an_old_row_does_not_know_is_erased_as_well(
    run: Run, asks: Callable[..., str], stripe: FakeStripe
) -> None:
    customer = asks()
    stripe.has_customer(ADA, "cus_later")
    assert run() == NOTHING | {"erased": 1}
    assert stripe.deleted_customers == {customer, "cus_later"}


def test_a_customer_that_the_merchant_has_deleted_is_no_obstacle(
    run: Run, asks: Callable[..., str], stripe: FakeStripe, customers: FakeCustomers
) -> None:
    stripe.forget_customer(asks())
    assert run() == NOTHING | {"erased": 1}
    assert customers.rows == {}


@pytest.mark.parametrize("where", ["another account", "the other mode"])
def test_where_our_key_reaches_nothing_nobody_is_erased(
    run: Run,
    asks: Callable[..., str],
    user_pool: FakeUserPool,
    stripe: FakeStripe,
    customers: FakeCustomers,
    log: Callable[[], list[dict[str, Any]]],
    where: str,
) -> None:
    # Given
    customer = asks()
    if where == "another account":
        del stripe.customers[customer]
    else:
        customers.rows[ADA.user_id] = replace(customers.rows[ADA.user_id], livemode=True)
    # When
    assert run() == NOTHING | {"failed": 1}
    # Then
    (line,) = log()
    assert customer in line["exception"]
    assert ADA.user_id in user_pool.people
    # And once somebody has deleted it there, and marked the row
    customers.rows[ADA.user_id] = replace(customers.rows[ADA.user_id], deleted=True)
    assert run() == NOTHING | {"erased": 1}


def test_one_that_fails_does_not_keep_the_others_and_is_logged_without_a_name(
    run: Run,
    asks: Callable[..., str],
    stripe: FakeStripe,
    log: Callable[[], list[dict[str, Any]]],
) -> None:
    asks(ADA)
    asks(BOB)
    stripe.fail_before("delete_customer", StripeUnavailableError())
    assert run() == NOTHING | {"erased": 1, "failed": 1}
    (line,) = log()
    assert (line["message"], line["user_id"]) == ("account not erased", ADA.user_id)
    assert ADA.email not in str(line)
    assert "Lovelace" not in str(line)
    assert run() == NOTHING | {"erased": 1}


def test_page_follows_page(run: Run, asks: Callable[..., str], user_pool: FakeUserPool) -> None:
    for number in range(5):
        asks(User(f"user-{number}", email=f"{number}@example.com", name="Somebody"))
    assert run() == NOTHING | {"erased": 5}
    assert user_pool.people == {}


def test_a_run_stops_when_its_time_is_up_and_the_next_one_continues(
    run: Run, asks: Callable[..., str], user_pool: FakeUserPool
) -> None:
    asks(ADA)
    asks(BOB)
    times = iter([True, True, False])
    assert run(has_time=lambda: next(times, False))["erased"] == 1
    assert run()["erased"] == 1
    assert user_pool.people == {}


def test_a_row_that_changes_meanwhile_is_left_to_the_next_run(
    run: Run, asks: Callable[..., str], customers: FakeCustomers, stripe: FakeStripe
) -> None:
    asks()

    def replace_customer() -> None:
        other = stripe.has_customer(ADA, "cus_other")
        row = customers.rows[ADA.user_id]
        customers.rows[ADA.user_id] = replace(row, stripe_customer_id=other)

    customers.before_writes.add(replace_customer)
    assert run() == NOTHING | {"failed": 1}
    assert run() == NOTHING | {"erased": 1}
    assert stripe.customers == {}


def test_an_operator_takes_the_request_back(
    run: Run, asks: Callable[..., str], user_pool: FakeUserPool, customers: FakeCustomers
) -> None:
    asks()
    assert keep_account(ADA.user_id, pool=user_pool, customers=customers)
    assert run() == NOTHING
    assert customers.rows[ADA.user_id].deletion_requested_at is None
    assert user_pool.people[ADA.user_id].deletion_requested_at is None


def test_it_is_taken_back_after_the_person_was_listed(
    run: Run,
    asks: Callable[..., str],
    user_pool: FakeUserPool,
    customers: FakeCustomers,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asks()
    find = user_pool.find

    def find_a_moment_later(user_id: str) -> Any:
        monkeypatch.setattr(user_pool, "find", find)
        keep_account(user_id, pool=user_pool, customers=customers)
        return find(user_id)

    monkeypatch.setattr(user_pool, "find", find_a_moment_later)
    assert run() == NOTHING | {"kept": 1}
    assert isinstance(customers.rows[ADA.user_id], Customer)


@pytest.mark.parametrize("where", ["pool", "row"])
def test_keeping_that_was_cut_off_refuses_them_until_it_is_repeated_and_erases_nobody(
    run: Run,
    asks: Callable[..., str],
    user_pool: FakeUserPool,
    customers: FakeCustomers,
    monkeypatch: pytest.MonkeyPatch,
    where: str,
) -> None:
    asks()
    if where == "row":
        customers.fail_next_write = ServiceUnavailableError()
    else:
        monkeypatch.setattr(
            user_pool, "keep", lambda _: setattr(user_pool.people[ADA.user_id], "in_group", False)
        )
        customers.fail_next_write = ServiceUnavailableError()
    with pytest.raises(ServiceUnavailableError):
        keep_account(ADA.user_id, pool=user_pool, customers=customers)
    monkeypatch.undo()
    assert run() == NOTHING
    assert customers.rows[ADA.user_id].deletion_requested_at
    assert keep_account(ADA.user_id, pool=user_pool, customers=customers)
    assert customers.rows[ADA.user_id].deletion_requested_at is None


def test_whoever_is_erased_cannot_be_kept(
    run: Run, asks: Callable[..., str], user_pool: FakeUserPool, customers: FakeCustomers
) -> None:
    asks()
    user_pool.before_deletion = lambda: setattr(user_pool, "fail_next", ServiceUnavailableError())
    run()
    assert not keep_account(ADA.user_id, pool=user_pool, customers=customers)
    user_pool.before_deletion = lambda: None
    assert run() == NOTHING | {"erased": 1}
    assert not keep_account(ADA.user_id, pool=user_pool, customers=customers)


def test_a_dispute_that_comes_after_the_erasure_is_recorded_as_ever(
    run: Run, asks: Callable[..., str], stripe: FakeStripe, recorder: Recorder
) -> None:
    # Given
    customer = asks()
    payments = recorder.payments
    assert isinstance(payments, FakePayments)
    paid = a_payment(status="succeeded", stripe_customer_id=customer)
    stripe.has_intent(payments.put(paid))
    stripe.edit("pi_1", status="succeeded", amount_received=1099)
    assert run()["erased"] == 1
    # When
    stripe.dispute("pi_1", "needs_response")
    recorder.payment(paid, stripe.retrieve_payment_intent("pi_1", disputed=True))
    # Then
    assert payments.rows["pay_1"].dispute_status == "needs_response"


def test_an_old_token_creates_no_customer(
    run: Run, asks: Callable[..., str], stripe: FakeStripe, customers: FakeCustomers
) -> None:
    asks()
    run()
    with pytest.raises(AccountErasedError):
        ensure_customer(ADA, stripe=stripe, customers=customers)
    assert stripe.customers == {}
    assert customers.rows == {}
