"""What each route promises, for the OpenAPI document: its purpose, its answers, its problems.

A handler passes its route's promise on to the resolver. Only references are made here, because
functions read this when they start; `make openapi` adds what they refer to.
"""

from typing import Any

from payments.domain.errors import (
    AuthenticationFailedError,
    BodyTooLargeError,
    CardDeclinedError,
    CurrencyNotOfferedError,
    CvcRequiredError,
    IdempotencyKeyMissingError,
    IdempotencyKeyReusedError,
    InternalError,
    InvalidSignatureError,
    MalformedJsonError,
    NotAuthenticatedError,
    PasswordRejectedError,
    PaymentMethodNotFoundError,
    PaymentNotConfirmableError,
    PaymentNotFoundError,
    PaymentsError,
    ProductNotFoundError,
    RateLimitedError,
    RouteNotFoundError,
    ServiceUnavailableError,
    StripeRejectedError,
    StripeUnavailableError,
    UnsupportedMediaTypeError,
    UserExistsError,
    ValidationError,
)

type Errors = tuple[type[PaymentsError], ...]
type Promise = dict[str, Any]

_ANY_ROUTE: Errors = (
    ValidationError,
    RateLimitedError,
    InternalError,
    ServiceUnavailableError,
)
_WITH_BODY: Errors = (MalformedJsonError, BodyTooLargeError, UnsupportedMediaTypeError)
_WITH_STRIPE: Errors = (StripeRejectedError, StripeUnavailableError)


def signup() -> Promise:
    """`POST /signup`"""
    return _promise(
        "signup",
        "Sign up",
        "Registers a person. Unless confirmation is not required, a code is emailed to them.",
        "SignupResponse",
        {201: "The person is registered."},
        *_WITH_BODY,
        UserExistsError,
        PasswordRejectedError,
        public=True,
    )


def list_products() -> Promise:
    """`GET /products`"""
    return _promise(
        "listProducts",
        "List products",
        "What is for sale, by name. Prices are by currency, in its minor unit.",
        "ProductListResponse",
        {200: "Everything on sale."},
        public=True,
    )


def attach_payment_method() -> Promise:
    """`POST /payment-methods`"""
    return _promise(
        "attachPaymentMethod",
        "Save a card",
        "Attaches a PaymentMethod that Stripe.js has made. Attaching it again is harmless.",
        "PaymentMethodResponse",
        {200: "The card had been saved before.", 201: "The card is saved."},
        *_WITH_BODY,
        *_WITH_STRIPE,
        CardDeclinedError,
        PaymentMethodNotFoundError,
    )


def list_payment_methods() -> Promise:
    """`GET /payment-methods`"""
    return _promise(
        "listPaymentMethods",
        "List saved cards",
        "A page of the person's cards, newest first. Expired ones are marked.",
        "PaymentMethodListResponse",
        {200: "A page of cards."},
        *_WITH_STRIPE,
    )


def create_payment_intent() -> Promise:
    """`POST /payments`"""
    return _promise(
        "createPayment",
        "Start a payment",
        "The price is the product's. The same key with the same order gets the same payment.",
        "PaymentResponse",
        {201: "The payment, to be confirmed."},
        *_WITH_BODY,
        *_WITH_STRIPE,
        IdempotencyKeyMissingError,
        IdempotencyKeyReusedError,
        ProductNotFoundError,
        PaymentMethodNotFoundError,
        CurrencyNotOfferedError,
    )


def confirm_payment_intent() -> Promise:
    """`POST /payments/{payment_id}/confirm`"""
    return _promise(
        "confirmPayment",
        "Confirm a payment",
        "Confirms with a fresh CVC, or goes on after 3-D Secure. Safe to send at any moment.",
        "PaymentResponse",
        {200: "Where the payment stands. While there is a next_action, the browser has to act."},
        *_WITH_BODY,
        *_WITH_STRIPE,
        CardDeclinedError,
        AuthenticationFailedError,
        RouteNotFoundError,  # what no id can be
        PaymentNotFoundError,
        PaymentMethodNotFoundError,
        PaymentNotConfirmableError,
        CvcRequiredError,
        IdempotencyKeyReusedError,
    )


def get_payment() -> Promise:
    """`GET /payments/{payment_id}`"""
    return _promise(
        "getPayment",
        "Get a payment",
        "One payment with its history, brought up to date with Stripe.",
        "PaymentDetailsResponse",
        {200: "The payment."},
        *_WITH_STRIPE,
        RouteNotFoundError,
        PaymentNotFoundError,
    )


def list_payments() -> Promise:
    """`GET /payments`"""
    return _promise(
        "listPayments",
        "List payments",
        "A page of the person's payments, newest first, without secrets.",
        "PaymentListResponse",
        {200: "A page of payments."},
    )


def stripe_webhook() -> Promise:
    """`POST /stripe/webhook`"""
    return _promise(
        "stripeWebhook",
        "Receive an event of Stripe's",
        "Only for Stripe, which signs the body; whatever is not answered with 200 comes again.",
        "EventResponse",
        {200: "The event is processed, or there is nothing to do about it."},
        MalformedJsonError,
        BodyTooLargeError,
        *_WITH_STRIPE,
        InvalidSignatureError,
        public=True,
    )


def _promise(
    operation_id: str,
    summary: str,
    description: str,
    model: str,
    successes: dict[int, str],
    *errors: type[PaymentsError],
    public: bool = False,
) -> Promise:
    """The resolver's arguments for a route; `model` is the name of its success's model."""
    by_status: dict[int, list[type[PaymentsError]]] = {}
    for error in (*_ANY_ROUTE, *errors, *(() if public else (NotAuthenticatedError,))):
        by_status.setdefault(error.status, []).append(error)
    return {
        "operation_id": operation_id,
        "summary": summary,
        "description": description,
        "security": [{}] if public else [{"id_token": []}],
        "responses": {
            status: {
                "description": meaning,
                "content": {"application/json": {"schema": {"$ref": _ref("schemas", model)}}},
            }
            for status, meaning in successes.items()
        }
        | {status: problem(by_status[status]) for status in sorted(by_status)},
    }


def problem(errors: list[type[PaymentsError]]) -> Promise:
    """The answer of one status with these problems, which all have that status."""
    codes = list(dict.fromkeys(error.code for error in errors))
    schema = {
        "allOf": [{"$ref": _ref("schemas", "Problem")}, {"properties": {"code": {"enum": codes}}}]
    }
    examples = {code: {"$ref": _ref("examples", code)} for code in codes}
    return {
        "description": ". ".join(dict.fromkeys(error.title for error in errors)) + ".",
        "content": {"application/problem+json": {"schema": schema, "examples": examples}},
    }


def _ref(component: str, name: str) -> str:
    return f"#/components/{component}/{name}"
