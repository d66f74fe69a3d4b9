"""Orders: their sums, how long they can be paid, and which payment is theirs."""

from dataclasses import replace

import pytest

from payments.domain.errors import OrderNotPayableError, ValidationError
from payments.domain.order import (
    Order,
    OrderRequest,
    may_be_followed,
    new_order,
    order_id_for,
    payment_for,
)
from tests.unit.builders import LONG_AGO, a_customer, a_line, a_payment, an_order

LATER = "2100-01-01T00:00:00.000Z"
REQUEST = OrderRequest(
    order_reference="R-1001",
    user_id="ada",
    currency="eur",
    lines=(a_line(quantity=2, unit_amount=1099, amount=2198), a_line(unit_amount=500, amount=500)),
    tax_amount=200,
    shipping_amount=490,
    discount_amount=100,
)


def made(**changes: object) -> Order:
    return new_order(
        "ord_1",
        replace(REQUEST, **changes),  # type: ignore[arg-type]
        livemode=False,
        expires_at=LATER,
        created_by="program:shop",
    )


def test_the_total_is_the_lines_the_tax_and_the_delivery_less_the_discount() -> None:
    assert made().total == 2198 + 500 + 200 + 490 - 100


@pytest.mark.parametrize("discount", [3388, 3389, 3387])  # 0, -1, and 1, less than Stripe charges
def test_an_order_that_stripe_would_not_charge_is_refused(discount: int) -> None:
    with pytest.raises(ValidationError) as refused:
        made(discount_amount=discount)
    assert [field for field, _ in refused.value.errors] == ["lines"]


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({}, "open"),
        ({"expires_at": LONG_AGO}, "expired"),
        ({"paid_at": LONG_AGO}, "paid"),
        ({"paid_at": LONG_AGO, "expires_at": LONG_AGO}, "paid"),
        ({"canceled_at": LONG_AGO}, "canceled"),
        ({"canceled_at": LONG_AGO, "expires_at": LONG_AGO}, "canceled"),
        ({"canceled_at": LONG_AGO, "paid_at": LONG_AGO}, "canceled"),
        ({"hold_expired_at": LONG_AGO}, "expired"),
    ],
)
def test_what_became_of_an_order(changes: dict[str, str], status: str) -> None:
    order = an_order(**changes)

    assert order.status == status
    if status == "open":
        order.check_payable()
    else:
        with pytest.raises(OrderNotPayableError, match=r".+"):
            order.check_payable()


def test_a_key_makes_one_order_for_each_program_and_mode() -> None:
    one = order_id_for("program:shop", "key", livemode=False)

    assert one == order_id_for("program:shop", "key", livemode=False)
    assert one.startswith("ord_")
    others = {
        order_id_for("program:shop", "key", livemode=True),
        order_id_for("program:other", "key", livemode=False),
        order_id_for("program:shop", "other", livemode=False),
    }
    assert len({one, *others}) == 4


def test_a_payment_pays_what_the_order_says() -> None:
    order = made()
    payment = payment_for(
        order,
        customer=a_customer(),
        payment_method_id="pm_1",
        key_id="pay_key",
        key_hash="asked",
        created_by="person:user-1",
    )

    assert payment.amount == order.total
    names = (
        "order_id order_reference user_id lines currency tax_amount shipping_amount"
        " discount_amount capture_method livemode"
    )
    for name in names.split():
        assert getattr(payment, name) == getattr(order, name)
    assert payment.order_expires_at == LATER
    assert (payment.key_id, payment.key_hash) == ("pay_key", "asked")
    assert payment.created_by == "person:user-1"


def test_each_generation_has_a_payment_of_its_own() -> None:
    first, again, second = (
        payment_for(
            an_order(payment_generation=generation),
            customer=a_customer(),
            payment_method_id=card,
            key_id="pay_key",
            key_hash="asked",
            created_by="person:user-1",
        ).payment_id
        for generation, card in ((0, "pm_1"), (0, "pm_2"), (1, "pm_1"))
    )

    assert first == again != second


@pytest.mark.parametrize(
    ("status", "has_intent", "may"),
    [
        ("canceled", True, True),
        ("refused", False, True),
        ("expired", False, True),
        ("refused", True, False),  # Stripe did not let us cancel it
        ("lost_at_stripe", True, False),
        ("mismatched", True, False),
        ("pending", False, False),
        ("requires_payment_method", True, False),
        ("requires_action", True, False),
        ("processing", True, False),
        ("requires_capture", True, False),
        ("succeeded", True, False),
    ],
)
def test_the_next_payment_starts_once_the_last_can_never_move_money(
    status: str, *, has_intent: bool, may: bool
) -> None:
    payment = a_payment(status=status, payment_intent_id="pi_1" if has_intent else None)

    assert may_be_followed(payment) is may
