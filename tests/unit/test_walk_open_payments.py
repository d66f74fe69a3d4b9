"""How the walk deals with many payments at once, and in which order."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from payments.domain.errors import KeyRefusedError
from payments.use_cases.walk_open_payments import (
    Limits,
    oldest_open_seconds,
    walk_open_payments,
)
from tests.support.fakes.repositories import FakeBookmarks, FakePayments
from tests.unit.builders import a_payment, a_pending_payment, ago

type Do = Callable[[str], Counter[str]]


def walk(
    do: Do, payments: FakePayments, bookmarks: FakeBookmarks, *, at_once: int = 1
) -> Counter[str]:
    """One walk over what nobody has written to for five minutes."""
    now = datetime.now(UTC)
    counts: Counter[str] = Counter()
    limits = Limits(
        until=now - timedelta(minutes=5),
        abandoned_before=now - timedelta(hours=24),
        ends_at=time.monotonic() + 60,
        at_once=at_once,
    )
    walk_open_payments(do, limits, payments=payments, bookmarks=bookmarks, counts=counts)
    return counts


def order_of(payments: FakePayments, bookmarks: FakeBookmarks) -> list[str]:
    """The order in which the payments have their turn."""
    order: list[str] = []

    def do(payment_id: str) -> Counter[str]:
        order.append(payment_id)
        return Counter()

    walk(do, payments, bookmarks)
    return order


@pytest.mark.parametrize(
    "status", ["pending", "processing", "requires_action", "requires_capture", "of next year"]
)
def test_what_is_in_doubt_comes_before_what_waits_for_the_person(
    payments: FakePayments, bookmarks: FakeBookmarks, status: str
) -> None:
    payments.put(a_payment(payment_id="cart", updated_at=ago(hours=30)))
    payments.put(a_payment(payment_id="in_doubt", updated_at=ago(hours=1), status=status))
    assert order_of(payments, bookmarks) == ["in_doubt", "cart"]


@pytest.mark.parametrize("status", ["requires_payment_method", "requires_confirmation"])
def test_a_new_cart_is_looked_at_before_old_ones_are_cancelled_or_looked_at_again(
    payments: FakePayments, bookmarks: FakeBookmarks, status: str
) -> None:
    for name, age in (("abandoned", 30), ("old", 3)):
        payments.put(a_payment(payment_id=name, updated_at=ago(hours=age), status=status))
    order_of(payments, bookmarks)
    payments.put(a_payment(payment_id="new", updated_at=ago(hours=1), status=status))
    assert order_of(payments, bookmarks) == ["new", "abandoned", "old"]


def test_so_many_payments_are_dealt_with_at_once_and_no_more(
    payments: FakePayments, bookmarks: FakeBookmarks
) -> None:
    # Given more payments than threads, and a Stripe that answers once all threads have asked
    for number in range(12):
        payments.put(
            a_payment(payment_id=f"pay_{number}", user_id=f"{number}", updated_at=ago(hours=1))
        )
    all_ask = threading.Barrier(4, timeout=30)
    running: set[str] = set()
    most = 0

    def do(payment_id: str) -> Counter[str]:
        nonlocal most
        running.add(payment_id)
        most = max(most, len(running))
        all_ask.wait()
        running.discard(payment_id)
        return Counter(done=1)

    # When
    counts = walk(do, payments, bookmarks, at_once=4)
    # Then
    assert (counts["checked"], counts["done"], most) == (12, 12, 4)


def test_a_refused_key_ends_the_walk_and_leaves_the_bookmark(
    payments: FakePayments, bookmarks: FakeBookmarks
) -> None:
    for number in range(100):
        payments.put(
            a_payment(payment_id=f"pay_{number}", user_id=f"{number}", updated_at=ago(hours=1))
        )
    done: list[str] = []

    def refuse(payment_id: str) -> Counter[str]:
        done.append(payment_id)
        raise KeyRefusedError("the key is not valid")

    with pytest.raises(KeyRefusedError):
        walk(refuse, payments, bookmarks, at_once=4)
    assert len(done) < 10
    assert "open-payments" not in bookmarks.rows


def test_the_age_of_the_oldest_open_payment_can_be_told(payments: FakePayments) -> None:
    assert oldest_open_seconds(payments) == 0
    payments.put(a_payment(payment_id="paid", status="succeeded", updated_at=ago(days=9)))
    payments.put(a_payment(payment_id="cart", updated_at=ago(hours=3)))
    assert oldest_open_seconds(payments) == pytest.approx(3 * 3600, abs=5)
    payments.put(a_pending_payment(updated_at=ago(hours=4)))
    assert oldest_open_seconds(payments) == pytest.approx(4 * 3600, abs=5)
