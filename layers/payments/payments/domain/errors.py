"""What can go wrong. How each looks over HTTP is in payments.api.problems.

PaymentsError
├── ValidationError
├── InvalidSignatureError
├── RefusedError
│   ├── CardDeclinedError
│   └── AuthenticationFailedError
├── NotFoundError
│   ├── ProductNotFoundError
│   ├── PaymentMethodNotFoundError
│   └── PaymentNotFoundError
├── ConflictError
│   ├── UserExistsError
│   ├── IdempotencyKeyReusedError
│   └── PaymentNotConfirmableError
├── PasswordRejectedError
├── CurrencyNotOfferedError
├── CvcRequiredError
├── RateLimitedError
└── UnavailableError
    ├── StripeRejectedError
    ├── StripeUnavailableError
    └── ServiceUnavailableError

Two errors never leave the package: VersionConflictError (a row changed since it was read) and
CustomerMissingError (Stripe does not know the customer a row names).
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from payments.domain.payment import Payment
    from payments.domain.payment_intent import PaymentIntent


class PaymentsError(Exception):
    """Base of all errors.

    message: a sentence for the person, if whoever refused gave one.
    """

    def __init__(self, message: str | None = None) -> None:
        super().__init__(*([message] if message else []))
        self.message = message


class ValidationError(PaymentsError):
    """One or more fields are wrong.

    errors: the name of each wrong field, and what is wrong with it.
    """

    def __init__(self, errors: list[tuple[str, str]]) -> None:
        super().__init__()
        self.errors = errors


class InvalidSignatureError(PaymentsError):
    """A webhook that is not provably Stripe's and recent."""


class RefusedError(PaymentsError):
    """The payment was refused; `payment` says where it stands.

    retryable: whether the same card may do on a second try.
    """

    retryable = True

    def __init__(
        self,
        message: str | None = None,
        *,
        payment: "Payment | None" = None,
        intent: "PaymentIntent | None" = None,
    ) -> None:
        super().__init__(message)
        self.payment = payment
        self.intent = intent


# Decline codes after which the same card will not do: the person needs another one.
# https://docs.stripe.com/declines/codes
_FINAL_DECLINES = frozenset(
    {
        "card_not_supported",
        "currency_not_supported",
        "expired_card",
        "fraudulent",
        "invalid_account",
        "lost_card",
        "merchant_blacklist",
        "new_account_information_available",
        "pickup_card",
        "restricted_card",
        "stolen_card",
    }
)


class CardDeclinedError(RefusedError):
    """The issuer refused this attempt. See https://docs.stripe.com/declines/codes"""

    def __init__(
        self,
        message: str | None = None,
        *,
        decline_code: str,
        payment: "Payment | None" = None,
        intent: "PaymentIntent | None" = None,
    ) -> None:
        super().__init__(message, payment=payment, intent=intent)
        self.decline_code = decline_code
        self.retryable = decline_code not in _FINAL_DECLINES


class AuthenticationFailedError(RefusedError):
    """The cardholder did not pass, or closed, the 3-D Secure challenge."""


class NotFoundError(PaymentsError):
    """There is no such thing, or it belongs to someone else: nobody is told which."""


class ProductNotFoundError(NotFoundError):
    """The product does not exist or is not on sale."""


class PaymentMethodNotFoundError(NotFoundError):
    """The payment method does not exist or is not the person's own."""


class PaymentNotFoundError(NotFoundError):
    """The payment does not exist or is not the person's own."""


class ConflictError(PaymentsError):
    """What was asked for does not fit what is already there."""


class UserExistsError(ConflictError):
    """Someone has registered with this email address."""


class IdempotencyKeyReusedError(ConflictError):
    """The key has already been used for a different request."""


class PaymentNotConfirmableError(ConflictError):
    """The payment is in a state that no confirmation can change."""


class PasswordRejectedError(PaymentsError):
    """The password does not meet the user pool's policy; `message` says which part of it."""


class CurrencyNotOfferedError(PaymentsError):
    """The product has no price in the currency asked for, but in those `offered`."""

    def __init__(self, offered: list[str]) -> None:
        super().__init__()
        self.offered = offered


class CvcRequiredError(PaymentsError):
    """A confirmation needs a CVC that was collected for it and not used yet."""


class RateLimitedError(PaymentsError):
    """Stripe or Cognito asks us to slow down, or the same payment is being worked on."""


class UnavailableError(PaymentsError):
    """Something we depend on did not do its part; the same request may be sent again."""


class StripeRejectedError(UnavailableError):
    """Stripe answered, but with a refusal of us rather than of the payment."""


class StripeUnavailableError(UnavailableError):
    """Stripe did not answer, or answered with an error of its own."""


class ServiceUnavailableError(UnavailableError):
    """DynamoDB, Cognito or Secrets Manager did not do its part."""


class VersionConflictError(Exception):
    """The row changed since it was read: read it again and start over."""


class CustomerMissingError(Exception):
    """Stripe does not know this customer: deleted, or made with another account's key."""
