"""What each operation is for and what may come of it, in words that no function needs."""

from collections.abc import Mapping
from dataclasses import dataclass

from payments.domain.errors import (
    AuthenticationFailedError,
    CardDeclinedError,
    CurrencyNotOfferedError,
    CvcRequiredError,
    IdempotencyKeyReusedError,
    InvalidSignatureError,
    PasswordRejectedError,
    PaymentMethodNotFoundError,
    PaymentNotConfirmableError,
    PaymentNotFoundError,
    ProductNotFoundError,
    StripeRejectedError,
    StripeUnavailableError,
    UserExistsError,
)

type Errors = tuple[type[Exception], ...]

_STRIPE: Errors = (StripeRejectedError, StripeUnavailableError)


@dataclass(frozen=True)
class Operation:
    """The words for one operation.

    answers: what each status of success means.
    errors: those of its use case. The document adds those of the request's parts, from the
    endpoint's signature, and those that any operation may end with.
    """

    summary: str
    description: str
    answers: Mapping[int, str]
    errors: Errors = ()


# By step, which is the operation's id.
OPERATIONS: Mapping[str, Operation] = {
    "signup": Operation(
        "Sign up",
        "Registers a person. Unless confirmation is not required, a code is emailed to them.",
        {201: "The person is registered."},
        (UserExistsError, PasswordRejectedError),
    ),
    "list_products": Operation(
        "List products",
        "What is for sale, by name. Prices are by currency, in its minor unit.",
        {200: "Everything on sale."},
    ),
    "attach_payment_method": Operation(
        "Save a card",
        "Attaches a PaymentMethod that Stripe.js has made. Attaching it again is harmless.",
        {200: "The card had been saved before.", 201: "The card is saved."},
        (*_STRIPE, CardDeclinedError, PaymentMethodNotFoundError),
    ),
    "list_payment_methods": Operation(
        "List saved cards",
        "A page of the person's cards, newest first. Expired ones are marked.",
        {200: "A page of cards."},
        _STRIPE,
    ),
    "create_payment_intent": Operation(
        "Start a payment",
        "The price is the product's. The same key with the same order gets the same payment.",
        {201: "The payment, to be confirmed."},
        (
            *_STRIPE,
            IdempotencyKeyReusedError,
            ProductNotFoundError,
            PaymentMethodNotFoundError,
            CurrencyNotOfferedError,
        ),
    ),
    "confirm_payment_intent": Operation(
        "Confirm a payment",
        "Confirms with a fresh CVC, or goes on after 3-D Secure. Safe to send at any moment.",
        {200: "Where the payment stands. While there is a next_action, the browser has to act."},
        (
            *_STRIPE,
            CardDeclinedError,
            AuthenticationFailedError,
            PaymentNotFoundError,
            PaymentMethodNotFoundError,
            PaymentNotConfirmableError,
            CvcRequiredError,
            IdempotencyKeyReusedError,
        ),
    ),
    "get_payment": Operation(
        "Get a payment",
        "One payment with its history, brought up to date with Stripe.",
        {200: "The payment."},
        (*_STRIPE, PaymentNotFoundError),
    ),
    "list_payments": Operation(
        "List payments",
        "A page of the person's payments, newest first, without secrets.",
        {200: "A page of payments."},
    ),
    "stripe_webhook": Operation(
        "Receive an event of Stripe's",
        "Only for Stripe, which signs the body; whatever is not answered with 200 comes again.",
        {200: "The event is processed, or there is nothing to do about it."},
        (*_STRIPE, InvalidSignatureError),
    ),
}
