"""Payments. Amounts are integers in the currency's minor unit: 1099 is €10.99, or ¥1099."""

from collections.abc import Sequence
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from payments.api.bodies.fields import (
    Currency,
    CvcToken,
    OrderId,
    PaymentMethodId,
    RadarSession,
)
from payments.api.bodies.models import HeadersModel, Model, QueryModel, RequestModel, ResponseModel
from payments.domain.page import Page
from payments.domain.payment import Payment
from payments.domain.payment_intent import PaymentIntent
from payments.domain.purchase import Purchase, PurchaseItem


class IdempotencyKeyHeaders(HeadersModel):
    """The key that makes it safe to send a request again."""

    idempotency_key: Annotated[str, Field(min_length=8, max_length=255, repr=False)]


class PurchaseItemRequest(RequestModel):
    """So many of a product; `unit_amount` is the price that the person saw, in minor units."""

    product_id: Annotated[str, StringConstraints(min_length=1, max_length=255)]
    quantity: Annotated[int, Field(ge=1, le=100)] = 1
    unit_amount: Annotated[int | None, Field(ge=1)] = None


def _one_item_a_product(items: Sequence[PurchaseItemRequest]) -> Sequence[PurchaseItemRequest]:
    if len({item.product_id for item in items}) < len(items):
        raise ValueError("name each product once, with its quantity")
    return items


class CreatePaymentRequest(RequestModel):
    """`POST /payments`: either `items` of the catalogue, or an order that the merchant has made."""

    items: Annotated[
        list[PurchaseItemRequest] | None,
        Field(min_length=1, max_length=50),
        AfterValidator(lambda items: items and _one_item_a_product(items)),
    ] = None
    currency: Currency | None = None
    order_id: OrderId | None = None
    payment_method_id: PaymentMethodId

    @model_validator(mode="after")
    def _items_or_an_order(self) -> Self:
        if (self.items is None) == (self.order_id is None):
            raise ValueError("send either items or order_id")
        if self.order_id and self.currency:
            raise ValueError("an order has its own currency")
        return self

    def to_purchase(self) -> Purchase:
        """What the domain calls it, where it is no order."""
        return Purchase(
            items=tuple(
                PurchaseItem(item.product_id, item.quantity, item.unit_amount)
                for item in self.items or ()
            ),
            currency=self.currency,
            payment_method_id=self.payment_method_id,
        )


class ConfirmPaymentRequest(RequestModel):
    """`POST /payments/{payment_id}/confirm`"""

    cvc_token: CvcToken | None = Field(default=None, repr=False)
    payment_method_id: PaymentMethodId | None = None
    radar_session: RadarSession | None = None


class ListPaymentsQuery(QueryModel):
    """`GET /payments`"""

    limit: Annotated[int, Field(ge=1, le=100)] = 20
    cursor: Annotated[str | None, Field(max_length=512)] = None


class LastPaymentErrorResponse(ResponseModel):
    """Why the last attempt failed; `message` may be shown to the person."""

    code: str
    decline_code: str | None
    message: str


class OrderLineResponse(ResponseModel):
    """A line of what is paid for, at the price that it was priced at."""

    product_id: str | None
    description: str
    quantity: int
    unit_amount: int
    amount: int


class PaymentResponse(Model):
    """A payment. Its amounts are in the currency's minor unit.

    `amount` is the sum of the lines, the tax and the shipping, less the discount.
    """

    payment_id: str
    payment_intent_id: str | None
    status: str
    amount: int
    currency: str
    order_id: str | None
    order_reference: str | None
    lines: list[OrderLineResponse]
    tax_amount: int
    shipping_amount: int
    discount_amount: int
    payment_method_id: str
    next_action: dict[str, object] | None
    client_secret: str | None = Field(repr=False)
    last_payment_error: LastPaymentErrorResponse | None
    capture_method: str
    amount_capturable: int
    capture_before: str | None
    amount_received: int
    amount_refunded: int
    dispute_status: str | None
    created_at: str
    updated_at: str

    @classmethod
    def of(cls, payment: Payment, intent: PaymentIntent | None = None) -> Self:
        """The API's view of a payment; without its intent there is no secret and no action."""
        return cls(**cls._members(payment, intent))

    @staticmethod
    def _members(payment: Payment, intent: PaymentIntent | None) -> dict[str, Any]:
        error = payment.last_payment_error
        return {
            "payment_id": payment.payment_id,
            "payment_intent_id": payment.payment_intent_id,
            "status": payment.status,
            "amount": payment.amount,
            "currency": payment.currency,
            "order_id": payment.order_id,
            "order_reference": payment.order_reference,
            "lines": [OrderLineResponse.model_validate(line) for line in payment.lines],
            "tax_amount": payment.tax_amount,
            "shipping_amount": payment.shipping_amount,
            "discount_amount": payment.discount_amount,
            "payment_method_id": payment.payment_method_id,
            "next_action": dict(intent.next_action) if intent and intent.next_action else None,
            "client_secret": intent.client_secret if intent else None,
            "last_payment_error": (
                LastPaymentErrorResponse.model_validate(error.told_to_payer()) if error else None
            ),
            "capture_method": payment.capture_method,
            "amount_capturable": payment.amount_capturable,
            "capture_before": payment.capture_before,
            "amount_received": payment.amount_received,
            "amount_refunded": payment.amount_refunded,
            "dispute_status": payment.dispute_status,
            "created_at": payment.created_at,
            "updated_at": payment.updated_at,
        }


class StatusChangeResponse(ResponseModel):
    """A line of a payment's history; `by` is the step that noticed the change, for `actor`."""

    at: str
    from_status: str
    to_status: str
    by: str
    actor: str


class PaymentDetailsResponse(PaymentResponse):
    """A payment and its history, oldest change first."""

    history: list[StatusChangeResponse]

    @staticmethod
    def _members(payment: Payment, intent: PaymentIntent | None) -> dict[str, Any]:
        history = [
            StatusChangeResponse.model_validate(change) for change in payment.history_for_payer
        ]
        return PaymentResponse._members(payment, intent) | {"history": history}


class PaymentListResponse(Model):
    """`GET /payments`: newest first, without secrets."""

    data: list[PaymentResponse]
    next_cursor: str | None

    @classmethod
    def of(cls, page: Page[Payment]) -> Self:
        """The API's view of a page of payments."""
        return cls(
            data=[PaymentResponse.of(item) for item in page.items], next_cursor=page.next_cursor
        )
