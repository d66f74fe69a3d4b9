"""Saved cards, and how they come to be saved."""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from payments.api.bodies.fields import (
    AddressLine,
    Email,
    Name,
    PaymentMethodId,
    Phone,
    SetupIntentId,
)
from payments.api.bodies.models import Model, QueryModel, RequestModel, ResponseModel
from payments.domain import consent
from payments.domain.card import CardChanges, PaymentMethod
from payments.domain.page import Page
from payments.domain.setup_intent import SetupIntent


class CreateSetupIntentRequest(RequestModel):
    """`POST /setup-intents`: `consent_text` is what the person has read, if not our wording."""

    usage: Literal["on_session", "off_session"]
    consent_text: (
        Annotated[
            str,
            StringConstraints(
                min_length=1, max_length=consent.TEXT_MAX_LENGTH, strip_whitespace=True
            ),
        ]
        | None
    ) = None


class SetupIntentResponse(ResponseModel):
    """A card on its way to being saved, and what the person agrees to."""

    setup_intent_id: str
    client_secret: str = Field(repr=False)
    status: str
    next_action: dict[str, object] | None
    usage: str
    consent_text: str

    @classmethod
    def of(cls, intent: SetupIntent) -> Self:
        """The API's view of a SetupIntent."""
        return cls(
            setup_intent_id=intent.setup_intent_id,
            client_secret=intent.client_secret,
            status=intent.status,
            next_action=dict(intent.next_action) if intent.next_action else None,
            usage=intent.usage,
            consent_text=intent.consent.text if intent.consent else "",
        )


class AttachPaymentMethodRequest(RequestModel):
    """`POST /payment-methods`: a SetupIntent that the browser confirmed, or a bare card."""

    payment_method_id: PaymentMethodId | None = None
    setup_intent_id: SetupIntentId | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.payment_method_id is None) == (self.setup_intent_id is None):
            raise ValueError("send either setup_intent_id or payment_method_id")
        return self


class BillingAddressRequest(RequestModel):
    """A billing address: null removes a line, and what is left out stays."""

    line1: AddressLine | None = None
    line2: AddressLine | None = None
    city: AddressLine | None = None
    state: AddressLine | None = None
    postal_code: Annotated[str, StringConstraints(max_length=20, strip_whitespace=True)] | None = (
        None
    )
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] | None = None


class BillingDetailsRequest(RequestModel):
    """Billing details: null removes a value, and what is left out stays."""

    name: Name | None = None
    email: Email | None = None
    phone: Phone | None = None
    address: BillingAddressRequest | None = None


class UpdatePaymentMethodRequest(RequestModel):
    """`PATCH /payment-methods/{payment_method_id}`: at least one change."""

    billing_details: BillingDetailsRequest | None = Field(default=None, repr=False)
    exp_month: Annotated[int, Field(ge=1, le=12)] | None = None
    exp_year: Annotated[int, Field(ge=2000, le=2100)] | None = None
    default: Literal[True] | None = None

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        details = self.billing_details
        changes = details and details.model_fields_set
        if not (changes or self.exp_month or self.exp_year or self.default):
            raise ValueError("send at least one change")
        return self

    def to_changes(self) -> CardChanges:
        """The use case's changes."""
        details = self.billing_details
        return CardChanges(
            billing_details=details.model_dump(exclude_unset=True) if details else {},
            exp_month=self.exp_month,
            exp_year=self.exp_year,
            default=bool(self.default),
        )


class ListPaymentMethodsQuery(QueryModel):
    """`GET /payment-methods`"""

    limit: Annotated[int, Field(ge=1, le=100)] = 10
    cursor: PaymentMethodId | None = None


class AddressResponse(ResponseModel):
    """A billing address."""

    line1: str | None
    line2: str | None
    city: str | None
    state: str | None
    postal_code: str | None
    country: str | None


class BillingDetailsResponse(ResponseModel):
    """Whose card it is, as they told when they saved it."""

    name: str | None
    email: str | None
    phone: str | None
    address: AddressResponse


class PaymentMethodResponse(ResponseModel):
    """A saved card; `usable_off_session`: it may be charged in the person's absence."""

    payment_method_id: str
    type: str
    brand: str
    last4: str
    exp_month: int
    exp_year: int
    expired: bool
    default: bool
    usable_off_session: bool
    cardholder_name: str | None
    billing_details: BillingDetailsResponse = Field(repr=False)
    created_at: str

    @classmethod
    def of(cls, payment_method: PaymentMethod) -> Self:
        """The API's view of a saved card."""
        return cls.model_validate(payment_method)


class PaymentMethodListResponse(Model):
    """`GET /payment-methods`"""

    data: list[PaymentMethodResponse]
    next_cursor: str | None

    @classmethod
    def of(cls, page: Page[PaymentMethod]) -> Self:
        """The API's view of a page of saved cards."""
        data = [PaymentMethodResponse.of(item) for item in page.items]
        return cls(data=data, next_cursor=page.next_cursor)
