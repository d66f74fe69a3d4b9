"""An order: what the merchant's own systems have priced, and one person is to pay, once.

Amounts are integers in the currency's minor unit: 1099 is €10.99, or ¥1099.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from payments.domain.clock import now
from payments.domain.currency import problem_with
from payments.domain.customer import Customer
from payments.domain.errors import OrderNotPayableError, ValidationError
from payments.domain.order_line import OrderLine
from payments.domain.payment import EXPIRED as PAYMENT_EXPIRED
from payments.domain.payment import REFUSED, Payment

OPEN = "open"
PAID = "paid"
CANCELED = "canceled"
EXPIRED = "expired"

_WHY_NOT = {
    PAID: "This order is paid.",
    CANCELED: "The shop has cancelled this order.",
    EXPIRED: "This order has expired.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRequest:
    """What a program asks for; `shipping` is a name, an address and maybe a phone number."""

    order_reference: str
    user_id: str
    currency: str
    lines: tuple[OrderLine, ...]
    tax_amount: int = 0
    shipping_amount: int = 0
    discount_amount: int = 0
    capture_method: str = "automatic"
    shipping: Mapping[str, Any] | None = None
    receipt_email: str | None = None
    statement_descriptor_suffix: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    expires_at: str | None = None

    @property
    def request_hash(self) -> str:
        """A hash of the request, to notice when a key is reused for a different one."""
        request = json.dumps(asdict(self), sort_keys=True)
        return hashlib.sha256(request.encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Our row. What became of it is told by times: each is written once, by whoever knows.

    `payment_id` is the payment that it has now, the one of the `payment_generation`. `canceled_at`
    is when the merchant cancelled it, `paid_at` when its payment succeeded, and `hold_expired_at`
    when money that was held for it was let go. An order that was cancelled and is paid all the same
    stays cancelled.
    """

    order_id: str
    order_reference: str
    user_id: str
    livemode: bool
    currency: str
    lines: tuple[OrderLine, ...]
    total: int
    expires_at: str
    request_hash: str
    created_by: str
    created_at: str
    updated_at: str
    tax_amount: int = 0
    shipping_amount: int = 0
    discount_amount: int = 0
    capture_method: str = "automatic"
    shipping: Mapping[str, Any] | None = None
    receipt_email: str | None = None
    statement_descriptor_suffix: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    payment_id: str | None = None
    payment_generation: int = 0
    canceled_at: str | None = None
    paid_at: str | None = None
    hold_expired_at: str | None = None
    version: int = 1

    @property
    def status(self) -> str:
        """`open`, `paid`, `expired` or `canceled`, as of now."""
        if self.canceled_at:
            return CANCELED
        if self.paid_at:
            return PAID
        if self.hold_expired_at or self.expires_at <= now():
            return EXPIRED
        return OPEN

    def check_payable(self) -> None:
        """Refuse an order that is over.

        Raises:
            OrderNotPayableError: it is; the message says why.
        """
        if self.status != OPEN:
            raise OrderNotPayableError(message=_WHY_NOT[self.status])


def new_order(
    order_id: str, request: OrderRequest, *, livemode: bool, expires_at: str, created_by: str
) -> Order:
    """An open order.

    Raises:
        ValidationError: Stripe would not charge the total.
    """
    total = (
        sum(line.amount for line in request.lines)
        + request.tax_amount
        + request.shipping_amount
        - request.discount_amount
    )
    problem = problem_with(request.currency, total)
    if problem:
        raise ValidationError([("lines", f"The total, {total}, {problem}.")])
    created_at = now()
    return Order(
        order_id=order_id,
        livemode=livemode,
        total=total,
        request_hash=request.request_hash,
        created_by=created_by,
        created_at=created_at,
        updated_at=created_at,
        **{
            name: getattr(request, name)
            for name in OrderRequest.__dataclass_fields__
            if name != "expires_at"
        },
        expires_at=expires_at,
    )


def payment_for(
    order: Order,
    *,
    customer: Customer,
    payment_method_id: str,
    key_id: str,
    key_hash: str,
    created_by: str,
    off_session: bool = False,
) -> Payment:
    """The order's next payment, pending; `off_session` if the merchant charges in absence."""
    created_at = now()
    return Payment(
        payment_id=_payment_id_for(order, order.payment_generation + 1),
        user_id=order.user_id,
        stripe_customer_id=customer.stripe_customer_id,
        livemode=order.livemode,
        order_id=order.order_id,
        order_reference=order.order_reference,
        order_expires_at=order.expires_at,
        lines=order.lines,
        tax_amount=order.tax_amount,
        shipping_amount=order.shipping_amount,
        discount_amount=order.discount_amount,
        amount=order.total,
        currency=order.currency,
        capture_method=order.capture_method,
        off_session=off_session,
        payment_method_id=payment_method_id,
        created_by=created_by,
        key_id=key_id,
        key_hash=key_hash,
        request_hash=order.request_hash,
        created_at=created_at,
        updated_at=created_at,
    )


def may_be_followed(payment: Payment) -> bool:
    """Whether the order's next payment may start: this one can never move money.

    Only Stripe's word counts, or that it has no PaymentIntent.
    """
    if payment.status == "canceled":
        return True
    return payment.status in {REFUSED, PAYMENT_EXPIRED} and payment.payment_intent_id is None


def order_id_for(actor: str, idempotency_key: str, *, livemode: bool) -> str:
    """The id of the order that this program makes with this key: always the same one."""
    mode = "live" if livemode else "test"
    digest = hashlib.sha256(f"{mode}:{actor}:{idempotency_key}".encode()).hexdigest()
    return f"ord_{digest[:32]}"


def _payment_id_for(order: Order, generation: int) -> str:
    mode = "live" if order.livemode else "test"
    digest = hashlib.sha256(f"{mode}:{order.order_id}:{generation}".encode()).hexdigest()
    return f"pay_{digest[:32]}"


def payment_generation_of(order: Order, payment_id: str) -> int:
    """Which of the order's payments this is, counted from 1; 0 if it is none of the first 1000."""
    generations = range(1, 1001)
    return next((each for each in generations if _payment_id_for(order, each) == payment_id), 0)


def key_hash(order_id: str, payment_method_id: str) -> str:
    """A hash of a request to pay an order, to notice when a key is reused for a different one."""
    request = json.dumps([order_id, payment_method_id])
    return hashlib.sha256(request.encode()).hexdigest()
