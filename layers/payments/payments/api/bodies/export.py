"""What is kept of a person. Amounts are in the currency's minor unit."""

from typing import Annotated, Any, Self

from pydantic import Field

from payments.api.bodies.account import DeletionResponse, _members_of
from payments.api.bodies.cards import PaymentMethodResponse
from payments.api.bodies.models import Model, QueryModel, ResponseModel
from payments.api.bodies.orders import OrderResponse
from payments.api.bodies.payments import PaymentDetailsResponse
from payments.domain.customer import Customer, ErasedPerson
from payments.domain.export import Export
from payments.domain.payment import Payment
from payments.domain.payment_intent import PaymentIntent
from payments.domain.person import erased_after


class ExportAccountQuery(QueryModel):
    """`GET /account/export`"""

    cursor: Annotated[str | None, Field(max_length=512)] = None


class ExportedAccountResponse(Model):
    """The person, with what only the user pool and our row know of them."""

    user_id: str
    email: str = Field(repr=False)
    email_verified: bool
    name: str = Field(repr=False)
    phone: str | None = Field(repr=False)
    birthdate: str | None = Field(repr=False)
    gender: str | None = Field(repr=False)
    created_at: str
    stripe_customer_id: str | None
    signed_out_at: str | None
    deletion: DeletionResponse | None


class ConsentResponse(ResponseModel):
    """What the person agreed to when they saved a card."""

    usage: str
    text: str
    at: str


class ExportedPaymentMethodResponse(PaymentMethodResponse):
    """A saved card, and what the person agreed to."""

    consent: ConsentResponse | None


class ExportedRefundResponse(ResponseModel):
    """A refund. `amount` is in the currency's minor unit."""

    refund_id: str
    amount: int
    status: str
    failure_reason: str | None


class ExportedDisputeResponse(ResponseModel):
    """A dispute, or an inquiry before one."""

    dispute_id: str
    status: str


class ExportedPaymentResponse(PaymentDetailsResponse):
    """A payment with everything that happened to its money, and no secret."""

    client_secret: str | None = Field(default=None, exclude=True, repr=False)
    refunds: list[ExportedRefundResponse]
    disputes: list[ExportedDisputeResponse]

    @staticmethod
    def _members(payment: Payment, intent: PaymentIntent | None) -> dict[str, Any]:
        return PaymentDetailsResponse._members(payment, intent) | {
            "refunds": [ExportedRefundResponse.model_validate(each) for each in payment.refunds],
            "disputes": [ExportedDisputeResponse.model_validate(each) for each in payment.disputes],
        }


class ExportedOrderResponse(OrderResponse):
    """An order, with what the merchant has added to it."""

    receipt_email: str | None = Field(repr=False)
    statement_descriptor_suffix: str | None
    metadata: dict[str, str] = Field(repr=False)


class AccountExportResponse(Model):
    """`GET /account/export`: all that is kept of the person, with a page of payments and orders.

    The orders begin where the payments end.
    """

    account: ExportedAccountResponse
    payment_methods: list[ExportedPaymentMethodResponse]
    payments: list[ExportedPaymentResponse]
    orders: list[ExportedOrderResponse]
    next_cursor: str | None

    @classmethod
    def of(cls, export: Export, *, erase_after_days: int) -> Self:
        """The API's view of an export."""
        person, row, requested_at = export.person, export.row, export.requested_at
        deletion = requested_at and DeletionResponse(
            requested_at=requested_at,
            erased_after=erased_after(requested_at, days=erase_after_days),
        )
        account = ExportedAccountResponse(
            **_members_of(person),
            email_verified=person.email_verified,
            birthdate=person.birthdate,
            gender=person.gender,
            stripe_customer_id=row.stripe_customer_id if isinstance(row, Customer) else None,
            signed_out_at=(
                None if row is None or isinstance(row, ErasedPerson) else row.signed_out_at
            ),
            deletion=deletion or None,
        )
        return cls(
            account=account,
            payment_methods=[
                ExportedPaymentMethodResponse.of(each) for each in export.payment_methods
            ],
            payments=[ExportedPaymentResponse.of(each) for each in export.payments],
            orders=[ExportedOrderResponse.model_validate(each) for each in export.orders],
            next_cursor=export.next_cursor,
        )
