"""Whoever never confirms an address is removed, with all that the sign-up has left."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from payments.domain.customer import Customer, User
from payments.domain.errors import ServiceUnavailableError, StripeUnavailableError
from payments.use_cases.remove_unconfirmed_users import remove_unconfirmed_users
from payments.use_cases.signup import signup
from tests.support.fakes.repositories import FakeCustomers
from tests.support.fakes.stripe_gateway import FakeStripe
from tests.support.fakes.user_pool import FakeUserPool
from tests.unit.builders import a_guard, a_payment, a_registration

Run = Callable[..., dict[str, int]]


@pytest.fixture
def run(user_pool: FakeUserPool, stripe: FakeStripe, customers: FakeCustomers) -> Run:
    return partial(
        remove_unconfirmed_users,
        older_than=timedelta(days=7),
        has_time=lambda: True,
        pool=user_pool,
        stripe=stripe,
        customers=customers,
    )


@pytest.fixture
def somebody(
    user_pool: FakeUserPool, stripe: FakeStripe, customers: FakeCustomers
) -> Callable[..., User]:
    """Signs somebody up, days ago."""

    def sign_up(email: str = "ada@example.com", *, days: int = 8) -> User:
        user = signup(
            a_registration(email=email),
            user_pool=user_pool,
            pool=user_pool,
            stripe=stripe,
            guard=a_guard(),
            customers=customers,
        ).user
        person = user_pool.people[user.user_id]
        person.signed_up_at -= timedelta(days=days)
        return user

    return sign_up


def test_after_some_days_user_row_and_customer_are_gone(
    run: Run,
    somebody: Callable[..., User],
    user_pool: FakeUserPool,
    stripe: FakeStripe,
    customers: FakeCustomers,
) -> None:
    somebody()
    assert run() == {"removed": 1, "confirmed": 0, "failed": 0}
    assert (user_pool.people, customers.rows, stripe.customers) == ({}, {}, {})


def test_until_then_they_may_confirm(
    run: Run, somebody: Callable[..., User], user_pool: FakeUserPool
) -> None:
    user = somebody(days=6)
    assert run() == {"removed": 0, "confirmed": 0, "failed": 0}
    assert user.user_id in user_pool.people


def test_whoever_has_confirmed_stays(
    run: Run, somebody: Callable[..., User], user_pool: FakeUserPool, customers: FakeCustomers
) -> None:
    user = somebody()
    user_pool.people[user.user_id].confirmed = True
    assert run() == {"removed": 0, "confirmed": 0, "failed": 0}
    assert user.user_id in customers.rows


def test_whoever_confirms_after_being_listed_stays_with_their_customer(
    run: Run,
    somebody: Callable[..., User],
    user_pool: FakeUserPool,
    customers: FakeCustomers,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    user = somebody()
    find = user_pool.find_unconfirmed

    def find_a_moment_later(username: str) -> User | None:
        user_pool.people[user.user_id].confirmed = True
        return find(username)

    monkeypatch.setattr(user_pool, "find_unconfirmed", find_a_moment_later)
    assert run() == {"removed": 0, "confirmed": 1, "failed": 0}
    assert user.user_id in user_pool.people
    assert user.user_id in customers.rows


def test_whoever_confirms_while_being_removed_stays(
    run: Run, somebody: Callable[..., User], user_pool: FakeUserPool
) -> None:
    user = somebody()
    person = user_pool.people[user.user_id]
    user_pool.before_deletion = lambda: setattr(person, "confirmed", True)
    assert run() == {"removed": 0, "confirmed": 1, "failed": 0}
    assert user.user_id in user_pool.people


def test_page_follows_page(
    run: Run, somebody: Callable[..., User], user_pool: FakeUserPool
) -> None:
    somebody("young@example.com", days=0)
    for number in range(7):
        somebody(f"{number}@example.com")
    assert run()["removed"] == 7
    assert [each.user.email for each in user_pool.people.values()] == ["young@example.com"]


def test_a_run_stops_when_its_time_is_up_and_the_next_one_continues(
    run: Run, somebody: Callable[..., User], user_pool: FakeUserPool
) -> None:
    for number in range(3):
        somebody(f"{number}@example.com")
    times = iter([True, True, False])
    assert run(has_time=lambda: next(times, False))["removed"] == 1
    assert run()["removed"] == 2
    assert user_pool.people == {}


def test_one_that_fails_does_not_keep_the_others(
    run: Run,
    somebody: Callable[..., User],
    stripe: FakeStripe,
    log: Callable[[], list[dict[str, Any]]],
) -> None:
    user = somebody("1@example.com")
    somebody("2@example.com")
    stripe.fail_before("delete_unused_customer", StripeUnavailableError())
    assert run() == {"removed": 1, "confirmed": 0, "failed": 1}
    (line,) = log()
    assert line["user_id"] == user.user_id
    assert "1@example.com" not in str(line)
    assert run()["removed"] == 1


@pytest.mark.parametrize("where", ["customers", "pool"])
def test_what_was_cut_off_is_finished_by_the_next_run(
    run: Run,
    somebody: Callable[..., User],
    stripe: FakeStripe,
    customers: FakeCustomers,
    user_pool: FakeUserPool,
    where: str,
) -> None:
    somebody()
    if where == "customers":
        customers.fail_next_write = ServiceUnavailableError()
    else:
        user_pool.before_deletion = lambda: setattr(
            user_pool, "fail_next", ServiceUnavailableError()
        )
    assert run()["failed"] == 1
    user_pool.before_deletion = lambda: None
    assert run()["removed"] == 1
    assert (user_pool.people, customers.rows, stripe.customers) == ({}, {}, {})


def test_a_customer_that_no_row_names_is_found_and_removed(
    run: Run, somebody: Callable[..., User], stripe: FakeStripe, customers: FakeCustomers
) -> None:
    # Given a sign-up that was cut off before its row was written
    customers.fail_next_write = ServiceUnavailableError()
    somebody()
    assert customers.rows == {}
    assert len(stripe.customers) == 1
    # When
    assert run()["removed"] == 1
    # Then
    assert stripe.customers == {}


@pytest.mark.parametrize("has", ["a card", "a payment"])
def test_a_customer_whom_the_merchant_uses_stays_at_stripe(
    run: Run,
    somebody: Callable[..., User],
    stripe: FakeStripe,
    customers: FakeCustomers,
    has: str,
) -> None:
    stripe_customer_id = customers.rows[somebody().user_id].stripe_customer_id
    if has == "a card":
        stripe.has_card(of=stripe_customer_id)
    else:
        stripe.has_intent(a_payment(stripe_customer_id=stripe_customer_id))
    assert run()["removed"] == 1
    assert [*stripe.customers] == [stripe_customer_id]
    assert customers.rows == {}


@pytest.mark.parametrize("change", [{"livemode": True}, {"deleted": True}])
def test_a_customer_that_is_not_ours_to_delete_is_left_alone(
    run: Run,
    somebody: Callable[..., User],
    stripe: FakeStripe,
    customers: FakeCustomers,
    change: dict[str, Any],
) -> None:
    user = somebody()
    customers.rows[user.user_id] = replace(customers.rows[user.user_id], **change)
    stripe.calls.clear()
    assert run()["removed"] == 1
    assert stripe.calls == []
    assert customers.rows == {}


def test_a_row_that_changes_meanwhile_is_left_to_the_next_run(
    run: Run, somebody: Callable[..., User], customers: FakeCustomers
) -> None:
    user = somebody()

    def replace_customer() -> None:
        row = customers.rows[user.user_id]
        assert isinstance(row, Customer)
        customers.rows[user.user_id] = replace(row, stripe_customer_id="cus_another")

    customers.before_writes.add(replace_customer)
    assert run()["failed"] == 1
    assert run()["removed"] == 1
