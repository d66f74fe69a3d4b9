"""The bodies, queries and headers of requests, and the bodies of answers.

Amounts are integers in the currency's minor unit: 1099 is €10.99, or ¥1099. In a body, unknown
fields are refused and values are never converted to another type.
"""

from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    StringConstraints,
    field_validator,
    model_validator,
)

from payments.domain import consent, registration
from payments.domain.card import CardChanges, PaymentMethod
from payments.domain.customer import Customer, ErasedPerson, Registration
from payments.domain.export import Export
from payments.domain.order import Order
from payments.domain.page import Page
from payments.domain.payment import Payment
from payments.domain.payment_intent import PaymentIntent
from payments.domain.person import Account, Deletion, Person, erased_after
from payments.domain.product import Product
from payments.domain.setup_intent import SetupIntent


def _visible(value: object) -> object:
    return registration.visible_text(value) if isinstance(value, str) else value


# Before anything is cut off the ends, as a line break would be.
Visible = BeforeValidator(_visible)
Email = Annotated[
    str,
    StringConstraints(max_length=registration.EMAIL_MAX_LENGTH, strip_whitespace=True),
    AfterValidator(registration.email_address),
    AfterValidator(str.lower),
    Visible,
]
Name = Annotated[
    str,
    StringConstraints(min_length=1, max_length=registration.NAME_MAX_LENGTH, strip_whitespace=True),
    Visible,
]
Phone = Annotated[str, StringConstraints(pattern=registration.PHONE_PATTERN)]
Birthdate = Annotated[
    str,
    StringConstraints(pattern=registration.BIRTHDATE_PATTERN),
    AfterValidator(registration.past_day),
]
Gender = Annotated[
    str,
    StringConstraints(
        min_length=1, max_length=registration.GENDER_MAX_LENGTH, strip_whitespace=True
    ),
    Visible,
]
SetupIntentId = Annotated[str, StringConstraints(pattern=r"^seti_[A-Za-z0-9_]{1,250}$")]
PaymentMethodId = Annotated[str, StringConstraints(pattern=r"^pm_[A-Za-z0-9_]{1,250}$")]
AddressLine = Annotated[str, StringConstraints(max_length=200, strip_whitespace=True), Visible]
CvcToken = Annotated[str, StringConstraints(pattern=r"^[a-z]{3,16}_[A-Za-z0-9_]{1,200}$")]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{3}$", to_lower=True)]


class Model(BaseModel):
    """Each function needs only a few models, so the endpoint that uses a model builds it."""

    model_config = ConfigDict(defer_build=True)


class RequestModel(Model):
    """A request body: strict types, nothing unknown, and no value repeated in an error."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)


class QueryModel(Model):
    """Query parameters, which are text. Unknown ones are ignored."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)


class HeadersModel(Model):
    """Headers: the field `idempotency_key` is `Idempotency-Key`. Unknown headers are ignored."""

    model_config = ConfigDict(
        frozen=True,
        hide_input_in_errors=True,
        alias_generator=lambda name: name.replace("_", "-"),
    )


class SignupRequest(RequestModel):
    """`POST /signup`"""

    email: Email
    password: Annotated[SecretStr, Field(min_length=1, max_length=256)]
    name: Name
    phone: Phone | None = None
    birthdate: Birthdate | None = None
    gender: Gender | None = None

    def to_registration(self) -> Registration:
        """The domain's registration, with the password in the clear for Cognito."""
        return Registration(
            email=self.email,
            password=self.password.get_secret_value(),
            name=self.name,
            phone=self.phone,
            birthdate=self.birthdate,
            gender=self.gender,
        )


class ResponseModel(Model):
    """An answer's body, made from a domain object with the same fields."""

    model_config = ConfigDict(from_attributes=True)


class SignupResponse(Model):
    """The person is registered; `confirmation_required`: whether we emailed them a code."""

    user_id: str
    email: str
    confirmation_required: bool


class SignOutResponse(Model):
    """`POST /sign-out`: whoever logged in before this moment saves and pays no more."""

    signed_out_at: str


class UpdateAccountRequest(RequestModel):
    """`PATCH /account`: at least one change. A null phone removes it."""

    name: Name | None = Field(default=None, repr=False)
    phone: Phone | None = Field(default=None, repr=False)

    @field_validator("name")
    @classmethod
    def _is_not_removed(cls, name: str | None) -> str:
        if name is None:
            raise ValueError("a name can be changed, but not removed")
        return name

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("send at least one change")
        return self

    def to_attributes(self) -> dict[str, str | None]:
        """The changes, by the user pool's names."""
        names = {"name": "name", "phone": "phone_number"}
        sent = self.model_dump(exclude_unset=True)
        return {names[field]: value for field, value in sent.items()}


class DeferralResponse(ResponseModel):
    """Why an account is not erased yet: an open payment, for example, and which."""

    reason: str
    payment_id: str | None


class DeletionResponse(ResponseModel):
    """A request for the deletion of an account: it is erased after `erased_after`."""

    requested_at: str
    erased_after: str


class DeferrableDeletionResponse(DeletionResponse):
    """The same, and what has to end first."""

    deferred_by: list[DeferralResponse]


class AccountResponse(Model):
    """`GET /account`; `deletion` is null unless the person asked for it."""

    user_id: str
    email: str = Field(repr=False)
    name: str = Field(repr=False)
    phone: str | None = Field(repr=False)
    created_at: str
    deletion: DeferrableDeletionResponse | None

    @classmethod
    def of(cls, account: Account) -> Self:
        """The API's view of an account."""
        return cls(deletion=_deletion(account.deletion), **_members_of(account.person))


def _deletion(deletion: Deletion | None) -> DeferrableDeletionResponse | None:
    return DeferrableDeletionResponse.model_validate(deletion) if deletion else None


def _members_of(person: Person) -> dict[str, Any]:
    return {
        "user_id": person.user_id,
        "email": person.email,
        "name": person.name,
        "phone": person.phone,
        "created_at": person.created_at,
    }


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


class AddressRequest(RequestModel):
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
    address: AddressRequest | None = None


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


class IdempotencyKeyHeaders(HeadersModel):
    """The key that makes it safe to send a request again."""

    idempotency_key: Annotated[str, Field(min_length=8, max_length=255, repr=False)]


class CreatePaymentRequest(RequestModel):
    """`POST /payments`"""

    product_id: Annotated[str, StringConstraints(min_length=1, max_length=255)]
    quantity: Annotated[int, Field(ge=1, le=100)] = 1
    currency: Currency | None = None
    payment_method_id: PaymentMethodId

    def to_order(self) -> Order:
        """The domain's order."""
        return Order(
            product_id=self.product_id,
            quantity=self.quantity,
            currency=self.currency,
            payment_method_id=self.payment_method_id,
        )


class ConfirmPaymentRequest(RequestModel):
    """`POST /payments/{payment_id}/confirm`"""

    cvc_token: CvcToken | None = Field(default=None, repr=False)
    payment_method_id: PaymentMethodId | None = None


class ListPaymentsQuery(QueryModel):
    """`GET /payments`"""

    limit: Annotated[int, Field(ge=1, le=100)] = 20
    cursor: Annotated[str | None, Field(max_length=512)] = None


class StripeSignatureHeaders(HeadersModel):
    """Stripe's signature of the body: https://docs.stripe.com/webhooks/signature"""

    stripe_signature: str = ""


class ListProductsQuery(QueryModel):
    """`GET /products`"""

    limit: Annotated[int, Field(ge=1, le=100)] = 20
    cursor: Annotated[str | None, Field(max_length=3072)] = None  # it holds a name and an id


class ProductResponse(ResponseModel):
    """A product; `prices` maps a currency to an amount in its minor unit."""

    product_id: str
    name: str
    description: str
    image_url: str | None
    prices: dict[str, int]

    @classmethod
    def of(cls, product: Product) -> Self:
        """The API's view of a product."""
        return cls.model_validate(product)


class ProductListResponse(Model):
    """`GET /products`: by name. A page may be short, or even empty, and still have a next one."""

    data: list[ProductResponse]
    next_cursor: str | None

    @classmethod
    def of(cls, page: Page[Product]) -> Self:
        """The API's view of a page of products."""
        data = [ProductResponse.of(item) for item in page.items]
        return cls(data=data, next_cursor=page.next_cursor)


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


class LastPaymentErrorResponse(ResponseModel):
    """Why the last attempt failed; `message` may be shown to the person."""

    code: str
    decline_code: str | None
    message: str


class PaymentResponse(Model):
    """A payment. `amount` and `amount_refunded` are in the currency's minor unit."""

    payment_id: str
    payment_intent_id: str | None
    status: str
    amount: int
    currency: str
    product_id: str
    quantity: int
    payment_method_id: str
    next_action: dict[str, object] | None
    client_secret: str | None = Field(repr=False)
    last_payment_error: LastPaymentErrorResponse | None
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
            "product_id": payment.product_id,
            "quantity": payment.quantity,
            "payment_method_id": payment.payment_method_id,
            "next_action": dict(intent.next_action) if intent and intent.next_action else None,
            "client_secret": intent.client_secret if intent else None,
            "last_payment_error": (
                LastPaymentErrorResponse.model_validate(error.told_to_payer()) if error else None
            ),
            "amount_refunded": payment.amount_refunded,
            "dispute_status": payment.dispute_status,
            "created_at": payment.created_at,
            "updated_at": payment.updated_at,
        }


class StatusChangeResponse(ResponseModel):
    """A line of a payment's history; `by` is the step that noticed the change."""

    at: str
    from_status: str
    to_status: str
    by: str


class PaymentDetailsResponse(PaymentResponse):
    """A payment and its history, oldest change first."""

    history: list[StatusChangeResponse]

    @staticmethod
    def _members(payment: Payment, intent: PaymentIntent | None) -> dict[str, Any]:
        history = [StatusChangeResponse.model_validate(change) for change in payment.history]
        return PaymentResponse._members(payment, intent) | {"history": history}


class EventResponse(Model):
    """`POST /stripe/webhook`: what the event led to."""

    outcome: str


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


class RefundResponse(ResponseModel):
    """A refund. `amount` is in the currency's minor unit."""

    refund_id: str
    amount: int
    status: str
    failure_reason: str | None


class DisputeResponse(ResponseModel):
    """A dispute, or an inquiry before one."""

    dispute_id: str
    status: str


class ExportedPaymentResponse(PaymentDetailsResponse):
    """A payment with everything that happened to its money, and no secret."""

    amount_received: int
    refunds: list[RefundResponse]
    disputes: list[DisputeResponse]

    @staticmethod
    def _members(payment: Payment, intent: PaymentIntent | None) -> dict[str, Any]:
        return PaymentDetailsResponse._members(payment, intent) | {
            "amount_received": payment.amount_received,
            "refunds": [RefundResponse.model_validate(each) for each in payment.refunds],
            "disputes": [DisputeResponse.model_validate(each) for each in payment.disputes],
        }


class AccountExportResponse(Model):
    """`GET /account/export`: everything that is kept of the person, with a page of payments."""

    account: ExportedAccountResponse
    payment_methods: list[ExportedPaymentMethodResponse]
    payments: list[ExportedPaymentResponse]
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
            payments=[ExportedPaymentResponse.of(each) for each in export.payments.items],
            next_cursor=export.payments.next_cursor,
        )
