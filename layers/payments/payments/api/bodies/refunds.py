"""Refunds, captures and cancellations. Amounts are in the currency's minor unit."""

from typing import Annotated, Self

from pydantic import Field, StringConstraints

from payments.api.bodies.fields import Visible
from payments.api.bodies.models import Model, RequestModel, ResponseModel
from payments.domain.page import Page
from payments.domain.refund import Reason, RefundState, RefundWish

# A value in Stripe's metadata has at most 500 characters.
type Note = Annotated[
    str, StringConstraints(min_length=1, max_length=500, strip_whitespace=True), Visible
]


class CreateRefundRequest(RequestModel):
    """`POST /merchant/payments/{payment_id}/refunds`: all that is left, without an amount."""

    amount: Annotated[int | None, Field(ge=1)] = None
    reason: Reason | None = None
    note: Note | None = Field(default=None, repr=False)

    def to_wish(self) -> RefundWish:
        """What the domain calls it."""
        return RefundWish(self.amount, self.reason, self.note)


class CapturePaymentRequest(RequestModel):
    """`POST /merchant/payments/{payment_id}/capture`: all that is held, without an amount."""

    amount: Annotated[int | None, Field(ge=1)] = None


class CancelPaymentRequest(RequestModel):
    """`POST /merchant/payments/{payment_id}/cancel`: nothing is to be said."""


class RefundResponse(ResponseModel):
    """A refund; `status` is Stripe's. Only `succeeded` is done.

    Refunds from Stripe's dashboard have Stripe's own id, and neither note nor actor.
    """

    refund_id: str
    payment_id: str
    amount: int
    currency: str
    status: str
    reason: str | None
    note: str | None
    failure_reason: str | None
    actor: str | None
    created_at: str
    updated_at: str


class RefundListResponse(Model):
    """`GET /merchant/payments/{payment_id}/refunds`: newest first."""

    data: list[RefundResponse]
    next_cursor: str | None

    @classmethod
    def of(cls, page: Page[RefundState]) -> Self:
        """The API's view of a page of refunds."""
        return cls(
            data=[RefundResponse.model_validate(item) for item in page.items],
            next_cursor=page.next_cursor,
        )
