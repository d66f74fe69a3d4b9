"""Who deleted their own user is noticed, twice, and erased like anybody who asked for it."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from payments.domain.customer import ErasedPerson, UnfinishedCustomer, User
from payments.domain.errors import RateLimitedError, ServiceUnavailableError
from payments.use_cases import erase_deleted_users as module
from payments.use_cases.erase_deleted_users import DELETED_USERS, erase_deleted_users
from tests.support.fakes.repositories import (
    FakeBookmarks,
    FakeCustomers,
    FakeOrders,
    FakePayments,
)
from tests.support.fakes.stripe_gateway import FakeStripe
from tests.support.fakes.user_pool import FakeUserPool
from tests.unit.builders import ADA, BOB, a_customer, a_payment

Run = Callable[..., dict[str, int]]
NOTHING = dict.fromkeys(("noticed", "requested", "erased", "deferred", "failed", "unbelieved"), 0)


@pytest.fixture
def bookmarks() -> FakeBookmarks:
    """Where the walk has stopped."""
    return FakeBookmarks()


@pytest.fixture
def run(
    user_pool: FakeUserPool,
    stripe: FakeStripe,
    customers: FakeCustomers,
    payments: FakePayments,
    bookmarks: FakeBookmarks,
) -> Run:
    """A run, two weeks of grace before the erasure."""
    return partial(
        erase_deleted_users,
        older_than=timedelta(days=14),
        has_time=lambda: True,
        pool=user_pool,
        stripe=stripe,
        customers=customers,
        payments=payments,
        orders=FakeOrders(),
        bookmarks=bookmarks,
        pause=lambda _: None,
    )


@pytest.fixture
def has_row(stripe: FakeStripe, customers: FakeCustomers) -> Callable[..., str]:
    """Gives somebody a row and a Customer, and no user."""

    def give(user: User = ADA) -> str:
        customer = stripe.has_customer(user, f"cus_{user.user_id}")
        customers.rows[user.user_id] = a_customer(
            user_id=user.user_id, stripe_customer_id=customer, email=user.email, name=user.name
        )
        return customer

    return give


@pytest.fixture
def ada_and_bob(user_pool: FakeUserPool, has_row: Callable[..., str]) -> None:
    """Ada has deleted her user; Bob has not."""
    user_pool.put(BOB)
    has_row(ADA)
    has_row(BOB)


@pytest.mark.usefixtures("ada_and_bob")
def test_the_second_look_is_the_request_and_the_time_of_grace_begins_then(
    run: Run, customers: FakeCustomers, stripe: FakeStripe, user_pool: FakeUserPool
) -> None:
    assert run() == NOTHING | {"noticed": 1}
    assert customers.rows[ADA.user_id].deletion_requested_at is None
    assert run() == NOTHING | {"requested": 1}
    assert customers.rows[ADA.user_id].deletion_requested_at
    assert run() == NOTHING
    assert stripe.deleted_customers == set()
    assert run(older_than=timedelta(0)) == NOTHING | {"erased": 1}
    assert stripe.deleted_customers == {"cus_ada"}
    assert isinstance(customers.find_row(ADA.user_id), ErasedPerson)
    assert customers.rows[BOB.user_id].deletion_requested_at is None
    assert [*user_pool.people] == [BOB.user_id]
    assert run(older_than=timedelta(0)) == NOTHING


@pytest.mark.usefixtures("ada_and_bob")
def test_whoever_is_there_at_the_second_look_has_asked_for_nothing(
    run: Run, customers: FakeCustomers, user_pool: FakeUserPool
) -> None:
    assert run()["noticed"] == 1
    user_pool.put(ADA)
    assert run() == NOTHING
    assert customers.rows[ADA.user_id].deletion_requested_at is None


@pytest.mark.usefixtures("ada_and_bob")
def test_a_list_that_is_behind_is_not_believed(
    run: Run, customers: FakeCustomers, user_pool: FakeUserPool
) -> None:
    user_pool.put(ADA)
    user_pool.not_listed_yet = {ADA.user_id, BOB.user_id}
    assert [run(), run()] == [NOTHING, NOTHING]
    assert customers.rows[ADA.user_id].deletion_requested_at is None


@pytest.mark.parametrize("error", [RateLimitedError(), ServiceUnavailableError()])
@pytest.mark.parametrize("look", [1, 2])
@pytest.mark.usefixtures("ada_and_bob")
def test_an_error_of_the_user_pool_means_nothing_and_the_next_run_goes_on(
    run: Run, customers: FakeCustomers, user_pool: FakeUserPool, look: int, error: Exception
) -> None:
    if look == 2:
        assert run()["noticed"] == 1
    user_pool.fail_next = error
    assert run() == NOTHING | {"failed": 1}
    assert customers.rows[ADA.user_id].deletion_requested_at is None
    assert run() == NOTHING | ({"noticed": 1} if look == 1 else {"requested": 1})


def test_an_open_payment_puts_it_off_and_is_told(
    run: Run,
    has_row: Callable[..., str],
    customers: FakeCustomers,
    payments: FakePayments,
    log: Callable[[], list[dict[str, Any]]],
) -> None:
    has_row()
    payments.put(a_payment())
    run(), run()
    log()
    assert run(older_than=timedelta(0)) == NOTHING | {"deferred": 1}
    line = log()[-1]
    told = ("erasure deferred", "ada", "open_payment", "pay_1")
    assert (line["message"], line["user_id"], line["reason"], line["payment_id"]) == told
    assert ADA.user_id in customers.rows


def test_a_row_without_a_customer_goes_too(run: Run, customers: FakeCustomers) -> None:
    customers.unfinished[ADA.user_id] = UnfinishedCustomer(ADA.user_id, code_entered_at=1)
    run(), run()
    assert run(older_than=timedelta(0)) == NOTHING | {"erased": 1}
    assert isinstance(customers.find_row(ADA.user_id), ErasedPerson)


def test_a_customer_in_the_other_mode_is_left_and_told(
    run: Run, has_row: Callable[..., str], stripe: FakeStripe, customers: FakeCustomers
) -> None:
    has_row()
    run(), run()
    stripe.livemode = True
    assert run(older_than=timedelta(0)) == NOTHING | {"failed": 1}
    assert ADA.user_id in customers.rows


def test_it_goes_on_where_it_stopped_and_begins_again_at_the_end(
    run: Run,
    has_row: Callable[..., str],
    bookmarks: FakeBookmarks,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_ROWS_IN_A_RUN", 2)
    for name in "abc":
        has_row(User(name, email=f"{name}@example.com", name=name))
    assert run() == NOTHING | {"noticed": 2}
    assert bookmarks.rows[DELETED_USERS]["cursor"] == "b"
    assert run() == NOTHING | {"requested": 2, "noticed": 1}
    assert "cursor" not in bookmarks.rows[DELETED_USERS]
    assert run() == NOTHING | {"requested": 1}


def test_without_time_it_stops_and_forgets_nobody(
    run: Run, has_row: Callable[..., str], bookmarks: FakeBookmarks
) -> None:
    for name in "abc":
        has_row(User(name, email=f"{name}@example.com", name=name))
    times = iter([True, True, False])
    assert run(has_time=lambda: next(times)) == NOTHING | {"noticed": 2}
    assert bookmarks.rows[DELETED_USERS]["cursor"] == "b"
    assert run(has_time=lambda: False) == NOTHING
    assert bookmarks.rows[DELETED_USERS]["noticed"] == ["a", "b"]
    assert run() == NOTHING | {"requested": 2, "noticed": 1}


def test_a_pool_without_most_of_its_people_is_not_believed(
    run: Run,
    has_row: Callable[..., str],
    user_pool: FakeUserPool,
    customers: FakeCustomers,
    log: Callable[[], list[dict[str, Any]]],
) -> None:
    """It may be another one, or have lost them: that must not erase everybody two weeks later."""
    for number in range(10):
        has_row(user := User(f"u{number}", email=f"u{number}@example.com", name="N"))
        if number < 3:
            user_pool.put(user)
    assert [run(), run()] == [NOTHING | {"unbelieved": 7, "failed": 1}] * 2
    assert log()[-1]["message"] == "most users are missing: is it the right pool?"
    assert not any(row.deletion_requested_at for row in customers.rows.values())
    # And an operator who knows better says so.
    assert run(many_are_gone=True) == NOTHING | {"noticed": 7}
    assert run() == NOTHING | {"requested": 7}
