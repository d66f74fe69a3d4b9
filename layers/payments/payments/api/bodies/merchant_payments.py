"""Payments, as the merchant sees them. Amounts are in the currency's minor unit."""

from typing import Annotated, Self

from pydantic import Field

from payments.api.bodies.fields import Email, OrderId, PaymentMethodId
from payments.api.bodies.models import Model, RequestModel, ResponseModel
from payments.api.bodies.payments import OrderLineResponse, StatusChangeResponse
from payments.api.bodies.search import SearchQuery
from payments.domain.page import Page
from payments.domain.payment import Payment
from payments.domain.payment_search import PaymentSearch


class SearchPaymentsQuery(SearchQuery):
    """`GET /merchant/payments`: payments that have all of these.

    `from` and `to` are about when a payment was made: `from` is in it, `to` is not.
    """

    email: Email | None = None
    status: Annotated[str | None, Field(pattern=r"^[a-z_]{1,40}$")] = None

    def to_search(self, *, livemode: bool) -> PaymentSearch:
        """What the domain calls it."""
        return PaymentSearch(
            livemode=livemode,
            order_reference=self.order_reference,
            user_id=self.user_id,
            status=self.status,
            since=self.since,
            until=self.until,
        )


class ChargeInAbsenceRequest(RequestModel):
    """`POST /merchant/payments`: without a card, the person's default one is charged."""

    order_id: OrderId
    user_id: Annotated[str, Field(min_length=1, max_length=128)]
    payment_method_id: PaymentMethodId | None = None


class PaymentErrorResponse(ResponseModel):
    """Why the last attempt failed, in Stripe's words: payers hear less of it.

    `retryable`: the same card may succeed later, but not before `retry_after_seconds` have passed
    since the attempt.
    """

    code: str
    decline_code: str | None
    message: str
    network_decline_code: str | None
    advice_code: str | None
    retryable: bool
    retry_after_seconds: int | None


class PaymentRefundResponse(ResponseModel):
    """A refund at Stripe, whoever made it; `refund_id` is Stripe's."""

    refund_id: str
    amount: int
    status: str
    failure_reason: str | None


class DisputeResponse(ResponseModel):
    """A dispute or an inquiry; `evidence_due_by` is until when the merchant may answer."""

    dispute_id: str
    status: str
    amount: int | None
    currency: str | None
    reason: str | None
    evidence_due_by: str | None
    created_at: str | None


class ReviewResponse(ResponseModel):
    """Somebody is to look at a payment, or has; `closed_reason` is Stripe's."""

    review_id: str | None
    open: bool
    closed_reason: str | None


class FraudWarningResponse(ResponseModel):
    """The cardholder's bank believes that the charge is fraud; `fraud_type` is Stripe's."""

    warning_id: str
    fraud_type: str
    actionable: bool
    created_at: str | None


class MerchantPaymentResponse(ResponseModel):
    """A payment with what is known of it, without secrets.

    `amount` is the sum of the lines, the tax and the shipping, less the discount.
    `amount_refundable` is what can still be given back.
    """

    payment_id: str
    payment_intent_id: str | None
    user_id: str
    stripe_customer_id: str
    livemode: bool
    status: str
    amount: int
    currency: str
    order_id: str | None
    order_reference: str | None
    order_expires_at: str | None
    order_closed: str | None
    lines: list[OrderLineResponse]
    tax_amount: int
    shipping_amount: int
    discount_amount: int
    payment_method_id: str
    off_session: bool
    last_payment_error: PaymentErrorResponse | None
    capture_method: str
    amount_capturable: int
    capture_before: str | None
    amount_received: int
    amount_refunded: int
    amount_refundable: int
    refunds: list[PaymentRefundResponse]
    dispute_status: str | None
    disputes: list[DisputeResponse]
    review: ReviewResponse | None
    fraud_warnings: list[FraudWarningResponse]
    created_at: str
    updated_at: str


class MerchantPaymentDetailsResponse(MerchantPaymentResponse):
    """A payment and its history, oldest change first."""

    history: list[StatusChangeResponse]


class MerchantPaymentAndPersonResponse(MerchantPaymentDetailsResponse):
    """A payment and, for staff, whose it is. Programs ask with `user_id`, and get no address."""

    email: str | None = Field(default=None, repr=False)

    @classmethod
    def of(cls, payment: Payment, email: str | None) -> Self:
        """The API's view of a payment, for who may see the address."""
        return cls.model_validate(payment).model_copy(update={"email": email})


class MerchantPaymentListResponse(Model):
    """`GET /merchant/payments`: newest first. A page may be short and have a next one."""

    data: list[MerchantPaymentResponse]
    next_cursor: str | None

    @classmethod
    def of(cls, page: Page[Payment]) -> Self:
        """The API's view of a page of payments."""
        return cls(
            data=[MerchantPaymentResponse.model_validate(item) for item in page.items],
            next_cursor=page.next_cursor,
        )
