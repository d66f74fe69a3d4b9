"""What can go wrong, each with the face it shows over HTTP.

PaymentsError
├── RequestError
│   ├── MalformedJsonError           400 malformed_json
│   ├── IdempotencyKeyMissingError   400 idempotency_key_missing
│   ├── InvalidSignatureError        400 invalid_signature
│   ├── BodyTooLargeError            413 body_too_large
│   ├── UnsupportedMediaTypeError    415 unsupported_media_type
│   └── ValidationError              422 validation_error
├── NotAuthenticatedError            401 not_authenticated
├── RefusedError
│   ├── CardDeclinedError            402 card_declined
│   └── AuthenticationFailedError    402 authentication_failed
├── NotFoundError
│   ├── RouteNotFoundError           404 route_not_found
│   ├── ProductNotFoundError         404 product_not_found
│   ├── PaymentMethodNotFoundError   404 payment_method_not_found
│   └── PaymentNotFoundError         404 payment_not_found
├── ConflictError
│   ├── UserExistsError              409 user_exists
│   ├── IdempotencyKeyReusedError    409 idempotency_key_reused
│   └── PaymentNotConfirmableError   409 payment_not_confirmable
├── PasswordRejectedError            422 password_rejected
├── CurrencyNotOfferedError          422 currency_not_offered
├── CvcRequiredError                 422 cvc_required
├── RateLimitedError                 429 rate_limited
├── InternalError                    500 internal_error
└── UnavailableError                 retryable
    ├── StripeRejectedError          502 stripe_unavailable
    ├── StripeUnavailableError       503 stripe_unavailable
    └── ServiceUnavailableError      503 service_unavailable

Two errors never leave the package: VersionConflictError (a row changed since it was read) and
CustomerMissingError (Stripe does not know the customer a row names).
"""

from typing import TYPE_CHECKING, ClassVar, Self

if TYPE_CHECKING:
    from payments.domain.payment import Payment
    from payments.domain.payment_intent import PaymentIntent


class PaymentsError(Exception):
    """Base of all errors; `detail` is a sentence the person at the other end can act on."""

    status: ClassVar[int]
    code: ClassVar[str]
    title: ClassVar[str]
    detail: str = ""

    def __init__(self, detail: str | None = None) -> None:
        super().__init__(detail or self.detail)
        self.detail = detail or self.detail

    def members(self) -> dict[str, object]:
        """Members of the problem document beyond the standard ones (RFC 9457, section 3.2)."""
        return {}

    def headers(self) -> dict[str, str]:
        """Response headers that belong to the error."""
        return {}


class RequestError(PaymentsError):
    """The request itself is wrong; sending it again unchanged will not help."""


class MalformedJsonError(RequestError):
    """The body is no JSON object."""

    status, code, title = 400, "malformed_json", "The body is not a JSON object"
    detail = "Send a JSON object, encoded as UTF-8."


class IdempotencyKeyMissingError(RequestError):
    """Creating a payment needs a key, or a retry could pay twice."""

    status, code, title = 400, "idempotency_key_missing", "The Idempotency-Key header is missing"
    detail = "Send an Idempotency-Key header of 8 to 255 characters, one per attempt to buy."


class InvalidSignatureError(RequestError):
    """A webhook that is not provably Stripe's and recent."""

    status, code, title = 400, "invalid_signature", "The signature is not valid"
    detail = "The Stripe-Signature header does not prove that Stripe sent this just now."


class BodyTooLargeError(RequestError):
    """The body is larger than any valid one can be."""

    status, code, title = 413, "body_too_large", "The body is too large"
    detail = "Send less: no request to this route needs a body of this size."


class UnsupportedMediaTypeError(RequestError):
    """The body is declared as something other than JSON."""

    status, code, title = 415, "unsupported_media_type", "Only JSON is understood"
    detail = "Send the body as application/json."


class ValidationError(RequestError):
    """One or more fields are wrong; `errors` names each."""

    status, code, title = 422, "validation_error", "Some fields are not valid"
    detail = "Correct the fields listed in errors and send the request again."

    def __init__(self, errors: list[tuple[str, str]]) -> None:
        super().__init__()
        self.errors = errors

    def members(self) -> dict[str, object]:
        return {"errors": [{"field": field, "message": message} for field, message in self.errors]}


class NotAuthenticatedError(PaymentsError):
    """The request reached us without the claims that the authorizer adds."""

    status, code, title = 401, "not_authenticated", "Log in first"
    detail = "Send the ID token of a logged-in person as Authorization: Bearer."


class RefusedError(PaymentsError):
    """The payment was refused; `payment` says where it stands and can be tried again."""

    retryable = True

    def __init__(
        self,
        detail: str | None = None,
        *,
        payment: "Payment | None" = None,
        intent: "PaymentIntent | None" = None,
    ) -> None:
        super().__init__(detail)
        self.payment = payment
        self.intent = intent

    def members(self) -> dict[str, object]:
        return {"retryable": self.retryable}


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
    """The issuer refused; the person may try again or use another card.

    `retryable` says whether the same card may do on a second try.
    """

    status, code, title = 402, "card_declined", "The card was declined"
    detail = "The card was declined. Try again or use another card."

    def __init__(
        self,
        detail: str | None = None,
        *,
        decline_code: str,
        payment: "Payment | None" = None,
        intent: "PaymentIntent | None" = None,
    ) -> None:
        super().__init__(detail, payment=payment, intent=intent)
        self.decline_code = decline_code
        self.retryable = decline_code not in _FINAL_DECLINES

    def members(self) -> dict[str, object]:
        return {"decline_code": self.decline_code, **super().members()}


class AuthenticationFailedError(RefusedError):
    """The cardholder did not pass, or closed, the 3-D Secure challenge."""

    status, code, title = 402, "authentication_failed", "The card could not be authenticated"
    detail = "The bank could not confirm that it is you. Try again or use another card."


class NotFoundError(PaymentsError):
    """There is no such thing, or it belongs to someone else: the answer is the same."""


class RouteNotFoundError(NotFoundError):
    """No function serves this method and path."""

    status, code, title = 404, "route_not_found", "There is nothing here"
    detail = "Check the method and the path."


class ProductNotFoundError(NotFoundError):
    """The product does not exist or is not on sale."""

    status, code, title = 404, "product_not_found", "There is no such product"
    detail = "The product does not exist or is no longer sold."


class PaymentMethodNotFoundError(NotFoundError):
    """The payment method does not exist or is not the person's own."""

    status, code, title = 404, "payment_method_not_found", "There is no such payment method"
    detail = "Choose one of the saved payment methods, or add one."


class PaymentNotFoundError(NotFoundError):
    """The payment does not exist or is not the person's own."""

    status, code, title = 404, "payment_not_found", "There is no such payment"
    detail = "The payment does not exist."


class ConflictError(PaymentsError):
    """What was asked for does not fit what is already there."""


class UserExistsError(ConflictError):
    """Someone has registered with this email address."""

    status, code, title = 409, "user_exists", "This email address is already registered"
    detail = "Log in, or ask for a new password."


class IdempotencyKeyReusedError(ConflictError):
    """The key has already been used for a different request."""

    status, code, title = 409, "idempotency_key_reused", "This Idempotency-Key was already used"
    detail = "The key belongs to a different request. Use a new key for a new attempt to buy."


class PaymentNotConfirmableError(ConflictError):
    """The payment is in a state that no confirmation can change."""

    status, code, title = 409, "payment_not_confirmable", "The payment cannot be confirmed"
    detail = "This payment was cancelled. Start a new one."


class PasswordRejectedError(PaymentsError):
    """The password does not meet the user pool's policy."""

    status, code, title = 422, "password_rejected", "The password is not strong enough"
    detail = "Choose a longer password with upper and lower case letters and digits."


class CurrencyNotOfferedError(PaymentsError):
    """The product has no price in the currency asked for."""

    status, code, title = 422, "currency_not_offered", "The product is not sold in this currency"

    def __init__(self, offered: list[str]) -> None:
        super().__init__(f"Choose one of: {', '.join(offered)}.")


class CvcRequiredError(PaymentsError):
    """A confirmation needs a CVC that was collected for it and not used yet."""

    status, code, title = 422, "cvc_required", "The card's security code is needed"
    detail = "Ask for the security code again and send a new cvc_token."


class RateLimitedError(PaymentsError):
    """Stripe or Cognito asks us to slow down, or the same payment is being worked on."""

    status, code, title = 429, "rate_limited", "Too many requests at once"
    detail = "Wait a moment and send the same request again."
    retry_after_seconds = 1

    def members(self) -> dict[str, object]:
        return {"retryable": True}

    def headers(self) -> dict[str, str]:
        return {"Retry-After": str(self.retry_after_seconds)}


class InternalError(PaymentsError):
    """A defect of ours; says nothing about its inside."""

    status, code, title = 500, "internal_error", "Something went wrong on our side"
    detail = "Nothing was charged by this request unless the payment says so: ask for the payment."

    @classmethod
    def caused_by(cls, error: Exception) -> Self:
        """The defect's face, with the defect itself kept for the log."""
        internal = cls()
        internal.__cause__ = error
        return internal


class UnavailableError(PaymentsError):
    """Something we depend on did not do its part; the same request may be sent again."""

    def members(self) -> dict[str, object]:
        return {"retryable": True}

    def headers(self) -> dict[str, str]:
        return {"Retry-After": "2"}


class StripeRejectedError(UnavailableError):
    """Stripe answered, but with a refusal of us rather than of the payment."""

    status, code, title = 502, "stripe_unavailable", "The payment provider refused the request"
    detail = "Payments do not work at the moment. Try again later."


class StripeUnavailableError(UnavailableError):
    """Stripe did not answer, or answered with an error of its own."""

    status, code, title = 503, "stripe_unavailable", "The payment provider does not answer"
    detail = "Send the same request again in a moment: it will not be charged twice."


class ServiceUnavailableError(UnavailableError):
    """DynamoDB, Cognito or Secrets Manager did not do its part."""

    status, code, title = 503, "service_unavailable", "The service is busy"
    detail = "Send the same request again in a moment: it will not be charged twice."


class VersionConflictError(Exception):
    """The row changed since it was read: read it again and start over."""


class CustomerMissingError(Exception):
    """Stripe does not know this customer: deleted, or made with another account's key."""
