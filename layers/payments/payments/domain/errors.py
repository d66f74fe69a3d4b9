"""What can go wrong. How each looks over HTTP is in payments.api.problems.

PaymentsError
├── ValidationError
├── InvalidSignatureError
├── InvalidTokenError
├── NotAllowedError
├── SignedOutError
├── AccountBeingDeletedError
├── AccountErasedError
├── RefusedError
│   ├── CardDeclinedError
│   └── AuthenticationFailedError
├── NotFoundError
│   ├── ProductNotFoundError
│   ├── OrderNotFoundError
│   ├── PaymentMethodNotFoundError
│   ├── SetupIntentNotFoundError
│   └── PaymentNotFoundError
├── ConflictError
│   ├── UserExistsError
│   ├── IdempotencyKeyReusedError
│   ├── OrderNotPayableError
│   ├── PaymentMethodInUseError
│   ├── SetupIntentUnfinishedError
│   ├── PaymentNotConfirmableError
│   ├── PaymentNotRefundableError
│   ├── PaymentNotCapturableError
│   └── PaymentNotCancelableError
├── PasswordRejectedError
├── CurrencyNotOfferedError
├── AmountTooLargeError
├── CvcRequiredError
├── RateLimitedError
├── TooManyAttemptsError
├── PaymentRefusedError
├── StripeRejectedError
│   ├── KeyRefusedError
│   └── PermissionMissingError
└── UnavailableError
    ├── StripeUnavailableError
    │   └── FailureRememberedError
    └── ServiceUnavailableError

Five errors never leave the package: VersionConflictError (a row changed since it was read),
RowUnreadableError, PaymentIntentMissingError, CustomerMissingError (Stripe does not know the
customer a row names) and CursorUnknownError (Stripe does not know the event that a list of events
continues after).
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from payments.domain.order_line import LineChange
    from payments.domain.payment import Payment
    from payments.domain.payment_intent import PaymentIntent


class PaymentsError(Exception):
    """Base of all errors.

    message: a sentence for the person, if Stripe or Cognito gave one.
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
    """The signature does not prove that Stripe sent this webhook recently."""


class InvalidTokenError(PaymentsError):
    """The token is not one of this user pool's, or has expired."""


class NotAllowedError(PaymentsError):
    """The caller is known, but lacks the right."""


class SignedOutError(PaymentsError):
    """The person has logged out everywhere since they got this token."""


class AccountBeingDeletedError(PaymentsError):
    """The person has asked for their account to be deleted: it is good for nothing else."""


class AccountErasedError(PaymentsError):
    """The person's account was erased; their token is all that is left of it."""


class RefusedError(PaymentsError):
    """The payment was refused; `payment` says where it stands.

    retryable: whether another try with the same card may work.
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


# Decline codes after which the same card will not work: the person needs another one.
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


def is_retryable(decline_code: str, advice_code: str | None = None) -> bool:
    """Whether the same card may succeed on another try.

    See https://docs.stripe.com/declines/codes and https://docs.stripe.com/declines/card
    """
    return decline_code not in _FINAL_DECLINES and advice_code != "do_not_try_again"


class CardDeclinedError(RefusedError):
    """The issuer refused this attempt. See https://docs.stripe.com/declines/codes"""

    def __init__(
        self,
        message: str | None = None,
        *,
        decline_code: str,
        retryable: bool | None = None,
        payment: "Payment | None" = None,
        intent: "PaymentIntent | None" = None,
    ) -> None:
        super().__init__(message, payment=payment, intent=intent)
        self.decline_code = decline_code
        self.retryable = retryable if retryable is not None else is_retryable(decline_code)


class AuthenticationFailedError(RefusedError):
    """The cardholder did not pass, or closed, the 3-D Secure challenge."""


class NotFoundError(PaymentsError):
    """It does not exist, or it belongs to someone else: we never say which."""


class ProductNotFoundError(NotFoundError):
    """The product does not exist or is not on sale; `product_id` says which of several."""

    def __init__(self, product_id: str | None = None) -> None:
        super().__init__()
        self.product_id = product_id


class OrderNotFoundError(NotFoundError):
    """The order does not exist or is not the person's own."""


class PaymentMethodNotFoundError(NotFoundError):
    """The payment method does not exist or is not the person's own."""


class SetupIntentNotFoundError(NotFoundError):
    """The SetupIntent does not exist or is not the person's own."""


class PaymentNotFoundError(NotFoundError):
    """The payment does not exist or is not the person's own."""


class ConflictError(PaymentsError):
    """The request conflicts with what already exists."""


class UserExistsError(ConflictError):
    """Someone has registered with this email address."""


class IdempotencyKeyReusedError(ConflictError):
    """The key has already been used for a different request."""


class OrderNotPayableError(ConflictError):
    """What is to be paid is not what the person saw, or cannot be paid any more.

    changes: the lines that have changed since.
    """

    def __init__(self, changes: "Sequence[LineChange]" = (), message: str | None = None) -> None:
        super().__init__(message)
        self.changes = changes


class PaymentMethodInUseError(ConflictError):
    """An open payment is being paid with this card."""

    def __init__(self, payment_id: str) -> None:
        super().__init__()
        self.payment_id = payment_id


class SetupIntentUnfinishedError(ConflictError):
    """The card of this SetupIntent is not set up: it was not confirmed, or the bank refused."""


class PaymentNotConfirmableError(ConflictError):
    """The payment is in a state that no confirmation can change."""


class PaymentNotRefundableError(ConflictError):
    """The payment's money cannot be given back: it was not taken, or a dispute is about it.

    reason: Stripe's code for it, if it refused.
    """

    def __init__(self, reason: str | None = None) -> None:
        super().__init__()
        self.reason = reason


class PaymentNotCapturableError(ConflictError):
    """Nothing is held for the payment, or another amount of it was captured."""


class PaymentNotCancelableError(ConflictError):
    """The payment has succeeded or is over, or the money that is held is to be captured."""


class PasswordRejectedError(PaymentsError):
    """The password does not meet the user pool's policy; `message` says which part of it."""


class CurrencyNotOfferedError(PaymentsError):
    """Not sold in this currency; `offered` lists those in which everything wanted is."""

    def __init__(self, offered: list[str]) -> None:
        super().__init__()
        self.offered = offered


class AmountTooLargeError(PaymentsError):
    """More than what is left of the payment, or held for it."""


class CvcRequiredError(PaymentsError):
    """The confirmation needs a freshly collected CVC."""


class RateLimitedError(PaymentsError):
    """Stripe or Cognito asks us to slow down, or the same payment is being worked on."""


class TooManyAttemptsError(PaymentsError):
    """Tried too often by this person, card or network, which may try again in `wait_seconds`."""

    def __init__(self, wait_seconds: int) -> None:
        super().__init__()
        self.wait_seconds = max(1, wait_seconds)


class PaymentRefusedError(PaymentsError):
    """Stripe refuses this request for good: the same request will never succeed.

    code: Stripe's code for it, if it gave one; `param` is the parameter that it names.
    """

    def __init__(self, message: str | None = None, *, code: str | None, param: str | None) -> None:
        super().__init__(message)
        self.code = code
        self.param = param


class StripeRejectedError(PaymentsError):
    """Stripe refuses us, not the request: our key is invalid, or lacks a right.

    reason: what to look at, without the key. Sending the request again does not help.
    """

    def __init__(self, reason: str = "") -> None:
        super().__init__()
        self.args = (reason,)  # for the traceback in the log; the person reads `message`
        self.reason = reason


class KeyRefusedError(StripeRejectedError):
    """Our key does not count: Stripe does not accept it, or it is of the other mode."""


class PermissionMissingError(StripeRejectedError):
    """Our restricted key lacks a right."""


class UnavailableError(PaymentsError):
    """A service we depend on failed; the same request may be sent again."""


class StripeUnavailableError(UnavailableError):
    """Stripe did not answer, or had an internal error."""


class FailureRememberedError(StripeUnavailableError):
    """Stripe failed once under this idempotency key, and repeats that failure for a day.

    See https://docs.stripe.com/api/idempotent_requests
    """


class ServiceUnavailableError(UnavailableError):
    """DynamoDB, Cognito, Secrets Manager or EventBridge failed."""


class RowUnreadableError(Exception):
    """A payment's row lacks something, or has it in another form than this version knows.

    The message says what, without any value of the row.
    """


class VersionConflictError(Exception):
    """The row changed since it was read: read it again and start over."""


class CustomerMissingError(Exception):
    """Stripe does not know this customer: it was deleted, or created in another account."""


class PaymentIntentMissingError(Exception):
    """Stripe does not know this PaymentIntent: it belongs to another account or mode."""


class CursorUnknownError(Exception):
    """Stripe does not know this event: it is too old, or of another account or mode."""
