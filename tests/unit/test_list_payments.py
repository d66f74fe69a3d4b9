"""History: a person's own payments."""

import pytest

from payments.domain.errors import ValidationError
from payments.use_cases.list_payments import list_payments
from tests.support.fakes.repositories import FakeCustomers, FakePayments
from tests.unit.builders import ADA, BOB, a_payment


def test_the_history_is_ones_own_newest_first_in_pages(
    customers: FakeCustomers, payments: FakePayments
) -> None:
    # Given
    for day in (1, 2, 3):
        payments.put(a_payment(payment_id=f"pay_{day}", created_at=f"2026-01-0{day}T00:00:00Z"))
    payments.put(a_payment(payment_id="pay_bob", user_id=BOB.user_id))
    # When
    first = list_payments(user=ADA, limit=2, cursor=None, customers=customers, payments=payments)
    rest = list_payments(
        user=ADA, limit=2, cursor=first.next_cursor, customers=customers, payments=payments
    )
    # Then
    assert [payment.payment_id for payment in first.items] == ["pay_3", "pay_2"]
    assert [payment.payment_id for payment in rest.items] == ["pay_1"]
    assert rest.next_cursor is None


def test_another_persons_cursor_is_refused(
    customers: FakeCustomers, payments: FakePayments
) -> None:
    with pytest.raises(ValidationError):
        list_payments(user=ADA, limit=2, cursor="not-ours", customers=customers, payments=payments)
