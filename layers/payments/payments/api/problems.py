"""How each error looks over HTTP: a problem document (RFC 9457), also from API Gateway itself.

https://www.rfc-editor.org/rfc/rfc9457
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from payments.api.errors import (
    BodyTooLargeError,
    IdempotencyKeyMissingError,
    MalformedJsonError,
    NotAuthenticatedError,
    RouteNotFoundError,
    UnsupportedMediaTypeError,
)
from payments.domain.errors import (
    AccountBeingDeletedError,
    AccountErasedError,
    AmountTooLargeError,
    AuthenticationFailedError,
    CardDeclinedError,
    CurrencyNotOfferedError,
    CvcRequiredError,
    IdempotencyKeyReusedError,
    InvalidSignatureError,
    InvalidTokenError,
    NotAllowedError,
    OrderNotFoundError,
    OrderNotPayableError,
    PasswordRejectedError,
    PaymentMethodInUseError,
    PaymentMethodNotFoundError,
    PaymentNotCancelableError,
    PaymentNotCapturableError,
    PaymentNotConfirmableError,
    PaymentNotFoundError,
    PaymentNotRefundableError,
    PaymentRefusedError,
    PaymentsError,
    ProductNotFoundError,
    RateLimitedError,
    RefusedError,
    ServiceUnavailableError,
    SetupIntentNotFoundError,
    SetupIntentUnfinishedError,
    SignedOutError,
    StripeRejectedError,
    StripeUnavailableError,
    TooManyAttemptsError,
    UserExistsError,
    ValidationError,
)

type Members = dict[str, Any]


def _no_members(_: Any) -> Members:
    return {}


def _invalid_fields(error: ValidationError) -> Members:
    return {"errors": [{"field": field, "message": message} for field, message in error.errors]}


def _refusal(error: RefusedError) -> Members:
    members: Members = {"retryable": error.retryable}
    if error.payment:
        # A function that can refuse a payment has loaded this; all others start without.
        from payments.api.bodies.payments import PaymentResponse  # noqa: PLC0415

        members["payment"] = PaymentResponse.of(error.payment, error.intent).model_dump()
    return members


def _decline(error: CardDeclinedError) -> Members:
    return {"decline_code": error.decline_code, **_refusal(error)}


def _payment_in_the_way(error: PaymentMethodInUseError) -> Members:
    return {"payment_id": error.payment_id}


def _missing_product(error: ProductNotFoundError) -> Members:
    return {"product_id": error.product_id} if error.product_id else {}


def _changed_lines(error: OrderNotPayableError) -> Members:
    changes = [
        {name: value for name, value in asdict(change).items() if value is not None}
        for change in error.changes
    ]
    return {"changes": changes} if changes else {}


def _offered_currencies(error: CurrencyNotOfferedError) -> Members:
    if not error.offered:
        return {"detail": "No currency is offered for all of it: buy it in several payments."}
    return {"detail": f"Choose one of: {', '.join(error.offered)}."}


@dataclass(frozen=True, slots=True)
class Problem:
    """How one kind of error looks.

    detail: what to do about it; the error's own message, if any, replaces it.
    retry_after: seconds to wait before sending the same request again.
    members: members to add to the standard ones, or to replace them with.
    """

    status: int
    code: str
    title: str
    detail: str
    retry_after: int | None = None
    members: Callable[[Any], Members] = _no_members

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers to send with the answer."""
        return {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}


PROBLEMS: Mapping[type[Exception], Problem] = {
    MalformedJsonError: Problem(
        400,
        "malformed_json",
        "The body is not a JSON object",
        "Send a JSON object, encoded as UTF-8.",
    ),
    IdempotencyKeyMissingError: Problem(
        400,
        "idempotency_key_missing",
        "The Idempotency-Key header is missing",
        "Send an Idempotency-Key header of 8 to 255 characters, one per purchase.",
    ),
    InvalidSignatureError: Problem(
        400,
        "invalid_signature",
        "The signature is not valid",
        "The Stripe-Signature header does not prove that Stripe sent this just now.",
    ),
    InvalidTokenError: Problem(
        401,
        "not_authenticated",
        "Log in first",
        "The token is not valid: renew it or log in again.",
    ),
    SignedOutError: Problem(
        401,
        "not_authenticated",
        "Log in first",
        "You were logged out on all devices: log in again.",
    ),
    AccountErasedError: Problem(
        401,
        "not_authenticated",
        "Log in first",
        "This account was deleted.",
    ),
    NotAuthenticatedError: Problem(
        401,
        "not_authenticated",
        "Log in first",
        "Send an ID token, or a program's access token, as Authorization: Bearer.",
    ),
    CardDeclinedError: Problem(
        402,
        "card_declined",
        "The card was declined",
        "The card was declined. Try again or use another card.",
        members=_decline,
    ),
    AuthenticationFailedError: Problem(
        402,
        "authentication_failed",
        "The card could not be authenticated",
        "The bank could not confirm that it is you. Try again or use another card.",
        members=_refusal,
    ),
    NotAllowedError: Problem(
        403,
        "not_allowed",
        "This is not allowed",
        "You are known, but not allowed to do this.",
    ),
    AccountBeingDeletedError: Problem(
        403,
        "account_being_deleted",
        "This account is being deleted",
        "You asked for it. Until it is gone, you can see and download what is kept of you.",
    ),
    RouteNotFoundError: Problem(
        404,
        "route_not_found",
        "There is nothing here",
        "Check the path and the method.",
    ),
    ProductNotFoundError: Problem(
        404,
        "product_not_found",
        "There is no such product",
        "The product does not exist or is no longer sold.",
        members=_missing_product,
    ),
    PaymentMethodNotFoundError: Problem(
        404,
        "payment_method_not_found",
        "There is no such payment method",
        "Choose one of the saved payment methods, or add one.",
    ),
    SetupIntentNotFoundError: Problem(
        404,
        "setup_intent_not_found",
        "There is no such SetupIntent",
        "Start saving the card again.",
    ),
    PaymentNotFoundError: Problem(
        404,
        "payment_not_found",
        "There is no such payment",
        "The payment does not exist.",
    ),
    UserExistsError: Problem(
        409,
        "user_exists",
        "This email address is already registered",
        "Log in, or ask for a new password.",
    ),
    IdempotencyKeyReusedError: Problem(
        409,
        "idempotency_key_reused",
        "This Idempotency-Key was already used",
        "The key belongs to a different request. Use a new key for a new purchase.",
    ),
    PaymentMethodInUseError: Problem(
        409,
        "payment_method_in_use",
        "A payment with this card is under way",
        "Finish the payment, or pay it with another card. Then remove this one.",
        members=_payment_in_the_way,
    ),
    SetupIntentUnfinishedError: Problem(
        409,
        "setup_intent_unfinished",
        "The card is not set up yet",
        "Confirm the SetupIntent in the browser, with the bank's challenge if there is one.",
    ),
    OrderNotFoundError: Problem(
        404,
        "order_not_found",
        "There is no such order",
        "Check the order_id: this person has no such order.",
    ),
    OrderNotPayableError: Problem(
        409,
        "order_not_payable",
        "This order cannot be paid as it is",
        "This request charged nothing. Look at what has changed, and order again.",
        members=_changed_lines,
    ),
    PaymentNotConfirmableError: Problem(
        409,
        "payment_not_confirmable",
        "The payment cannot be confirmed",
        "This payment was cancelled. Start a new one.",
    ),
    PaymentNotRefundableError: Problem(
        409,
        "payment_not_refundable",
        "The payment cannot be refunded",
        "No money was given back: none was taken, or a dispute or the payment provider forbids it.",
    ),
    PaymentNotCapturableError: Problem(
        409,
        "payment_not_capturable",
        "The payment cannot be captured",
        "Nothing is held for it any more, or another amount was captured.",
    ),
    PaymentNotCancelableError: Problem(
        409,
        "payment_not_cancelable",
        "The payment cannot be cancelled",
        "It has succeeded, is over, or is about to be captured. Cancelling never gives money back.",
    ),
    BodyTooLargeError: Problem(
        413,
        "body_too_large",
        "The body is too large",
        "Send a smaller body: no request to this route needs one this large.",
    ),
    UnsupportedMediaTypeError: Problem(
        415,
        "unsupported_media_type",
        "Only JSON is accepted",
        "Send the body as application/json.",
    ),
    ValidationError: Problem(
        422,
        "validation_error",
        "Some fields are not valid",
        "Correct the fields listed in errors and send the request again.",
        members=_invalid_fields,
    ),
    PasswordRejectedError: Problem(
        422,
        "password_rejected",
        "The password is not strong enough",
        "Choose a longer password with upper and lower case letters and digits.",
    ),
    CurrencyNotOfferedError: Problem(
        422,
        "currency_not_offered",
        "The product is not sold in this currency",
        "Choose another currency.",
        members=_offered_currencies,
    ),
    AmountTooLargeError: Problem(
        422,
        "amount_too_large",
        "The amount is too large",
        "It is more than what is left.",
    ),
    CvcRequiredError: Problem(
        422,
        "cvc_required",
        "The card's security code is needed",
        "Ask for the security code again and send a new cvc_token.",
    ),
    RateLimitedError: Problem(
        429,
        "rate_limited",
        "Too many requests at once",
        "Wait a moment and send the same request again.",
        retry_after=1,
    ),
    TooManyAttemptsError: Problem(
        429,
        "too_many_attempts",
        "Please wait before you try again",
        "Please wait a while, then try again.",
        retry_after=60,
    ),
    PaymentRefusedError: Problem(
        422,
        "payment_refused",
        "The payment provider refused this payment",
        "You were not charged. Change the order or the card, and start a new payment.",
    ),
    StripeRejectedError: Problem(
        502,
        "stripe_unavailable",
        "The payment provider refused the request",
        "Payments are not working right now. Try again later.",
    ),
    StripeUnavailableError: Problem(
        503,
        "stripe_unavailable",
        "The payment provider is not responding",
        "Send the same request again in a moment: it will not be charged twice.",
        retry_after=2,
    ),
    ServiceUnavailableError: Problem(
        503,
        "service_unavailable",
        "The service is busy",
        "Send the same request again in a moment: it will not be charged twice.",
        retry_after=2,
    ),
    # Any other error is a bug in Till. The answer shows no details of it.
    Exception: Problem(
        500,
        "internal_error",
        "Something went wrong on our side",
        "If you were paying, check the payment: its status shows whether you were charged.",
    ),
}

_BAD_REQUEST = Problem(
    400, "bad_request", "The request is not valid", "Correct the request and send it again."
)
# API Gateway's own answers, by response type: the same as GatewayResponses in the template.
# https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
GATEWAY_PROBLEMS: Mapping[str, Problem] = {
    "DEFAULT_4XX": _BAD_REQUEST,
    # A function that died or ran out of time, among others. Each route may be called again.
    "DEFAULT_5XX": PROBLEMS[ServiceUnavailableError],
    "AUTHORIZER_FAILURE": PROBLEMS[ServiceUnavailableError],
    "API_CONFIGURATION_ERROR": PROBLEMS[Exception],
    "UNAUTHORIZED": PROBLEMS[NotAuthenticatedError],
    "EXPIRED_TOKEN": replace(
        PROBLEMS[NotAuthenticatedError], detail="The token has expired: renew it or log in again."
    ),
    "ACCESS_DENIED": PROBLEMS[NotAllowedError],
    # As the firewall's own answers: which rule it was helps only an attacker.
    "WAF_FILTERED": replace(
        PROBLEMS[RateLimitedError],
        detail="Wait some minutes before you try again.",
        retry_after=None,
    ),
    "THROTTLED": PROBLEMS[RateLimitedError],
    "QUOTA_EXCEEDED": replace(
        PROBLEMS[RateLimitedError],
        detail="This client has used up its quota.",
        retry_after=None,
    ),
    "REQUEST_TOO_LARGE": PROBLEMS[BodyTooLargeError],
    "UNSUPPORTED_MEDIA_TYPE": PROBLEMS[UnsupportedMediaTypeError],
    "BAD_REQUEST_BODY": PROBLEMS[MalformedJsonError],
    "MISSING_AUTHENTICATION_TOKEN": PROBLEMS[RouteNotFoundError],  # its name for an unknown route
    "RESOURCE_NOT_FOUND": PROBLEMS[RouteNotFoundError],
    "INTEGRATION_FAILURE": PROBLEMS[ServiceUnavailableError],
    "INTEGRATION_TIMEOUT": PROBLEMS[ServiceUnavailableError],
}


def problem_of(error: Exception) -> Problem:
    """The row for the error's class, or for its nearest base class."""
    problem = next(PROBLEMS[kind] for kind in type(error).__mro__ if kind in PROBLEMS)
    if isinstance(error, TooManyAttemptsError):
        return replace(problem, retry_after=error.wait_seconds)
    return problem


def problem_document(error: Exception, request_id: str) -> Members:
    """The body of the answer for an error."""
    problem = problem_of(error)
    document: Members = {
        "type": f"urn:till:problem:{problem.code}",
        "title": problem.title,
        "status": problem.status,
        "detail": (isinstance(error, PaymentsError) and error.message) or problem.detail,
        "instance": request_id,
        "code": problem.code,
    }
    if problem.retry_after is not None:
        document["retryable"] = True
    return document | problem.members(error)
