"""List refunds: all of a payment, whoever made them."""

from typing import TYPE_CHECKING

from payments.domain.errors import PaymentNotFoundError, ValidationError
from payments.domain.page import Page
from payments.domain.refund import RefundState, refunds_of
from payments.use_cases.refresh_payment import refresh_payment

if TYPE_CHECKING:
    from payments.recorder import Recorder
    from payments.repositories.refunds import RefundsRepository


def list_refunds(
    payment_id: str,
    *,
    limit: int,
    cursor: str | None,
    refunds: "RefundsRepository",
    recorder: "Recorder",
) -> Page[RefundState]:
    """A payment's refunds as Stripe sees them now, newest first.

    Raises:
        PaymentNotFoundError: there is no such payment in this mode.
        ValidationError: the cursor is not one of its refunds.
    """
    payment = recorder.payments.get(payment_id)
    if payment.livemode != recorder.stripe.livemode:
        raise PaymentNotFoundError
    payment = refresh_payment(payment, recorder=recorder)
    found = refunds_of(payment, refunds.list_for_payment(payment_id))
    ids = [refund.refund_id for refund in found]
    if cursor is not None and cursor not in ids:
        raise ValidationError([("cursor", "Use next_cursor from the previous page.")])
    start = 0 if cursor is None else ids.index(cursor) + 1
    items = found[start : start + limit]
    more = start + limit < len(found)
    return Page(items=items, next_cursor=items[-1].refund_id if more else None)
