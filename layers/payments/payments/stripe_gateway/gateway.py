"""Stripe, seen from the use cases: one method, one call, our types and errors.

The only module that imports stripe. Amounts are in minor units. Every method may raise
StripeUnavailableError (no answer: it may have happened), StripeRejectedError (Stripe refuses us),
RateLimitedError (try again in a moment); what else it raises it says itself.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from ssl import SSLCertVerificationError
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote_plus

from payments.deferred import deferred

with deferred("asyncio"):  # which the SDK needs for its asynchronous methods only
    import stripe

from payments.connections import FAILURES, Connections
from payments.domain.card import PaymentMethod
from payments.domain.customer import User
from payments.domain.errors import (
    CardDeclinedError,
    CustomerMissingError,
    CvcRequiredError,
    IdempotencyKeyReusedError,
    InvalidSignatureError,
    PaymentMethodNotFoundError,
    PaymentsError,
    RateLimitedError,
    StripeRejectedError,
    StripeUnavailableError,
    ValidationError,
)
from payments.domain.page import Page
from payments.domain.payment import Payment
from payments.domain.payment_intent import PaymentIntent
from payments.domain.stripe_event import Event
from payments.stripe_gateway.objects import event_of, payment_intent_of, payment_method_of

if TYPE_CHECKING:
    from stripe.params import (
        CustomerCreateParams,
        CustomerPaymentMethodListParams,
        CustomerSearchParams,
        DisputeListParams,
        EventListParams,
        PaymentIntentCancelParams,
        PaymentIntentConfirmParams,
        PaymentIntentCreateParams,
        PaymentIntentRetrieveParams,
        PaymentIntentSearchParams,
        PaymentMethodAttachParams,
    )

    from payments.aws.stripe_secret import StripeSecret

# Three tries of at most 8.5 seconds end before API Gateway's 29: whoever waits gets our answer.
_CONNECT_TIMEOUT_SECONDS = 1.5
_READ_TIMEOUT_SECONDS = 7.0
_MAX_NETWORK_RETRIES = 2

_REFUSALS = (stripe.CardError, stripe.InvalidRequestError)
_CONFLICT = 409
_MISSING = "resource_missing"
_INTENTS = "/v1/payment_intents"
# How old a signed webhook may be; Stripe signs each of its deliveries anew.
_SIGNATURE_TOLERANCE_SECONDS = 300
_WITH_CHARGE = ["latest_charge"]  # which tells about refunds and disputes
_AMOUNT_CODES = frozenset({"amount_too_small", "amount_too_large", "invalid_charge_amount"})


@dataclass(frozen=True, slots=True)
class _Answer:
    """What Stripe answered, and whether that repeats an earlier answer."""

    data: dict[str, Any]
    replayed: bool


class _HttpClient(stripe.HTTPClient):
    """How the SDK sends requests; when to send one again stays its own affair."""

    name = "httptools"

    def __init__(self, api_base: str) -> None:
        super().__init__()
        self._api_base = api_base
        self._connections = Connections(
            api_base, connect_timeout=_CONNECT_TIMEOUT_SECONDS, read_timeout=_READ_TIMEOUT_SECONDS
        )

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        post_data: Any = None,
        *,
        _usage: list[str] | None = None,
    ) -> tuple[str, int, Mapping[str, str]]:
        """Send one request."""
        body = post_data.encode() if isinstance(post_data, str) else post_data
        path = url.removeprefix(self._api_base)
        try:
            reply = self._connections.send(method.upper(), path, headers=headers or {}, body=body)
        except FAILURES as error:
            raise stripe.APIConnectionError(  # type: ignore[no-untyped-call]
                f"No answer from Stripe ({type(error).__name__}).",
                should_retry=not isinstance(error, SSLCertVerificationError),
            ) from error
        text = reply.body.decode(errors="replace")
        return text, reply.status, reply.headers

    def open(self) -> None:
        """Open a connection."""
        self._connections.open()

    def close(self) -> None:
        """Close the connections."""
        self._connections.close()


class StripeGateway:
    """One Stripe account, reached with the key that the secret holds at the moment."""

    def __init__(self, secret: "StripeSecret", *, api_base: str | None, service: str) -> None:
        stripe.set_app_info(f"till/{service}")  # tells in Stripe's request log who asked
        # With it the first request runs `uname`, and tries to keep an id in the home directory.
        stripe.enable_telemetry = False
        self._secret = secret
        self._api_base = api_base or stripe.DEFAULT_API_BASE
        self._http_client = _HttpClient(self._api_base)
        self._sdk: stripe.StripeClient | None = None
        self._sdk_key = ""

    @property
    def livemode(self) -> bool:
        """Whether the key moves real money."""
        return self._secret.secret_key().split("_")[1] == "live"

    def open(self) -> None:
        """Open what the first request will need: connections to Stripe and to its secret."""
        self._secret.open()
        self._http_client.open()

    def close(self) -> None:
        """Close the connections to Stripe."""
        self._http_client.close()

    def create_customer(self, user: User, *, replacing: str | None = None) -> str:
        """Create the person's Customer and return its id; within a day, the same one again.

        `replacing` is the id of a customer that can no longer be used.

        Raises:
            IdempotencyKeyReusedError: it was created with another name or address meanwhile.
        See https://docs.stripe.com/api/customers/create
        """
        key = f"customer-{user.user_id}" + (f"-after-{replacing}" if replacing else "")
        params: CustomerCreateParams = {
            "email": user.email,
            "name": user.name,
            "metadata": {"user_id": user.user_id},
        }
        customer = self._call("post", "/v1/customers", params, idempotency_key=key)
        return str(customer.data["id"])

    def find_customer(self, user_id: str) -> str | None:
        """The id of the person's oldest Customer. New ones are found after about a minute.

        See https://docs.stripe.com/search#data-freshness
        """
        params: CustomerSearchParams = {"query": f"metadata['user_id']:'{user_id}'", "limit": 100}
        found = self._call("get", "/v1/customers/search", params).data["data"]
        return min(found, key=lambda customer: customer["created"])["id"] if found else None

    def retrieve_customer(self, stripe_customer_id: str) -> tuple[str, str] | None:
        """A Customer's email address and name; None if it was deleted, or never was.

        See https://docs.stripe.com/api/customers/retrieve
        """
        try:
            customer = self._send("get", f"/v1/customers/{_escaped(stripe_customer_id)}").data
        except _REFUSALS as error:
            if error.code == _MISSING:
                return None
            raise _translated(error) from error
        if customer.get("deleted"):
            return None
        return customer.get("email") or "", customer.get("name") or ""

    def attach_payment_method(
        self, payment_method_id: str, *, stripe_customer_id: str
    ) -> tuple[PaymentMethod, bool]:
        """Save a card for a Customer; also tell whether it is new there.

        Raises:
            CardDeclinedError: the issuer refused the card.
            PaymentMethodNotFoundError: there is none, or it is another customer's.
            CustomerMissingError: Stripe does not know the customer.
        See https://docs.stripe.com/api/payment_methods/attach
        """
        params: PaymentMethodAttachParams = {"customer": stripe_customer_id}
        try:
            answer = self._send(
                "post",
                f"/v1/payment_methods/{_escaped(payment_method_id)}/attach",
                params,
                idempotency_key=f"attach-{stripe_customer_id}-{payment_method_id}",
            )
        except stripe.CardError as error:
            raise _decline_of(error) from error
        except stripe.InvalidRequestError as error:
            if error.param == "customer":
                raise CustomerMissingError from error
            return self._attached_payment_method(payment_method_id, stripe_customer_id), False
        return payment_method_of(answer.data), not answer.replayed

    def _attached_payment_method(
        self, payment_method_id: str, stripe_customer_id: str
    ) -> PaymentMethod:
        """The card, if it is this Customer's: Stripe refuses to attach what is attached."""
        try:
            answer = self._send(
                "get", f"{_cards_of(stripe_customer_id)}/{_escaped(payment_method_id)}"
            )
        except _REFUSALS as error:
            raise PaymentMethodNotFoundError from error
        return payment_method_of(answer.data)

    def list_payment_methods(
        self, stripe_customer_id: str, *, limit: int, cursor: str | None
    ) -> Page[PaymentMethod]:
        """A Customer's saved cards, newest first.

        Raises:
            ValidationError: the cursor names none of the customer's cards.
            CustomerMissingError: Stripe does not know the customer.
        See https://docs.stripe.com/api/payment_methods/customer_list
        """
        params: CustomerPaymentMethodListParams = {"type": "card", "limit": limit}
        if cursor:
            params["starting_after"] = cursor
        try:
            found = self._send("get", _cards_of(stripe_customer_id), params).data
        except _REFUSALS as error:
            if error.param == "starting_after":
                raise ValidationError(
                    [("cursor", "Use next_cursor of the previous page.")]
                ) from error
            if error.code == _MISSING:  # the customer: nothing else is named
                raise CustomerMissingError from error
            raise _translated(error) from error
        items = [payment_method_of(payment_method) for payment_method in found["data"]]
        return Page(
            items=items,
            next_cursor=items[-1].payment_method_id if found["has_more"] and items else None,
        )

    def create_payment_intent(self, payment: Payment) -> PaymentIntent:
        """Create the PaymentIntent of a payment; within a day, the same one again.

        Raises:
            PaymentMethodNotFoundError: the payment method is not the customer's.
            CustomerMissingError: Stripe does not know the customer.
            ValidationError: the amount is less or more than Stripe can charge.
            IdempotencyKeyReusedError: the payment's id has served for something else.
        See https://docs.stripe.com/api/payment_intents/create
        """
        params: PaymentIntentCreateParams = {
            "amount": payment.amount,
            "currency": payment.currency,
            "customer": payment.stripe_customer_id,
            "payment_method": payment.payment_method_id,
            "allowed_payment_method_types": ["card"],
            "confirmation_method": "manual",
            "payment_method_options": {"card": {"require_cvc_recollection": True}},
            "metadata": {
                "payment_id": payment.payment_id,
                "user_id": payment.user_id,
                "product_id": payment.product_id,
            },
        }
        answer = self._call("post", _INTENTS, params, idempotency_key=payment.payment_id)
        return self._current(answer)

    def find_payment_intent(self, payment_id: str) -> PaymentIntent | None:
        """The PaymentIntent of a payment. New ones are found after about a minute.

        See https://docs.stripe.com/api/payment_intents/search
        """
        params: PaymentIntentSearchParams = {
            "query": f"metadata['payment_id']:'{payment_id}'",
            "expand": ["data.latest_charge"],
        }
        found = self._call("get", f"{_INTENTS}/search", params).data["data"]
        return self._with_dispute(found[0]) if found else None

    def retrieve_payment_intent(self, payment_intent_id: str) -> PaymentIntent:
        """The PaymentIntent as it stands now, and what became of its money.

        See https://docs.stripe.com/api/payment_intents/retrieve
        """
        params: PaymentIntentRetrieveParams = {"expand": _WITH_CHARGE}
        path = f"{_INTENTS}/{_escaped(payment_intent_id)}"
        return self._with_dispute(self._call("get", path, params).data)

    def confirm_payment_intent(
        self,
        payment_intent_id: str,
        *,
        payment_method_id: str | None = None,
        cvc_token: str | None = None,
    ) -> PaymentIntent:
        """Confirm with a freshly collected CVC, or go on after a completed challenge.

        A refusal is an outcome, not an error: the intent comes back in `requires_payment_method`
        with `last_payment_error`. So is a state that allows no confirmation: it comes back as it
        stands. The same `cvc_token` gets the same outcome: a token serves once.

        Raises:
            CvcRequiredError: the CVC is missing, or its token was used before.
            PaymentMethodNotFoundError: the payment method is not the customer's.
        See https://docs.stripe.com/api/payment_intents/confirm
        """
        params: PaymentIntentConfirmParams = {"use_stripe_sdk": True, "expand": _WITH_CHARGE}
        if payment_method_id:
            params["payment_method"] = payment_method_id
        if cvc_token:
            params["payment_method_options"] = {"card": {"cvc_token": cvc_token}}
        try:
            answer = self._send(
                "post",
                f"{_INTENTS}/{_escaped(payment_intent_id)}/confirm",
                params,
                idempotency_key=_confirm_key(payment_intent_id, payment_method_id, cvc_token),
            )
        except _REFUSALS as error:
            return self._refused(error, payment_intent_id)
        return self._current(answer)

    def cancel_payment_intent(self, payment_intent_id: str) -> PaymentIntent:
        """Cancel an abandoned PaymentIntent; in a state that forbids it, it comes as it stands.

        See https://docs.stripe.com/api/payment_intents/cancel
        """
        params: PaymentIntentCancelParams = {
            "cancellation_reason": "abandoned",
            "expand": _WITH_CHARGE,
        }
        try:
            answer = self._send("post", f"{_INTENTS}/{_escaped(payment_intent_id)}/cancel", params)
        except _REFUSALS as error:
            return self._refused(error, payment_intent_id)
        return self._current(answer)

    def verified_event(self, payload: bytes, signature: str) -> Event:
        """The event of a webhook, once one of our signing secrets has proven it Stripe's.

        Raises:
            InvalidSignatureError: it is not Stripe's, or too old, or we have no secret to tell.
        See https://docs.stripe.com/webhooks#verify-official-libraries
        """
        if not signature.isascii():  # which the comparison of the SDK does not survive
            raise InvalidSignatureError
        for secret in self._secret.webhook_signing_secrets():
            try:
                stripe.WebhookSignature.verify_header(
                    payload, signature, secret, _SIGNATURE_TOLERANCE_SECONDS
                )
            except (stripe.SignatureVerificationError, UnicodeError):
                continue
            return event_of(json.loads(payload))
        raise InvalidSignatureError

    def retrieve_event(self, event_id: str) -> Event:
        """An event of the last 30 days.

        See https://docs.stripe.com/api/events/retrieve
        """
        return event_of(self._call("get", f"/v1/events/{_escaped(event_id)}").data)

    def list_events(
        self, types: Iterable[str], *, since: int, until: int, cursor: str | None
    ) -> Page[Event]:
        """Events of these types (20 at most), newest first, of the last 30 days.

        `since` is inclusive, `until` exclusive; both are in seconds since 1970.

        See https://docs.stripe.com/api/events/list
        """
        params: EventListParams = {
            "types": list(types),
            "created": {"gte": since, "lt": until},
            "limit": 100,
        }
        if cursor:
            params["starting_after"] = cursor
        found = self._call("get", "/v1/events", params).data
        items = [event_of(event) for event in found["data"]]
        return Page(
            items=items, next_cursor=items[-1].event_id if found["has_more"] and items else None
        )

    def _refused(self, error: stripe.StripeError, payment_intent_id: str) -> PaymentIntent:
        """The intent that a refusal comes with, as it stands now."""
        intent = _payment_intent_in(error)
        if intent is None:
            raise _translated(error) from error
        if intent["status"] == "succeeded" or _was_replayed(error.headers):
            return self.retrieve_payment_intent(payment_intent_id)
        return payment_intent_of(intent)

    def _current(self, answer: "_Answer") -> PaymentIntent:
        """The intent as it stands now: a replayed answer tells how it once was."""
        if answer.replayed:
            return self.retrieve_payment_intent(answer.data["id"])
        return self._with_dispute(answer.data)

    def _with_dispute(self, intent: Mapping[str, Any]) -> PaymentIntent:
        """The intent, with the status of the latest dispute if its charge was ever disputed."""
        charge = intent.get("latest_charge")
        if not (isinstance(charge, Mapping) and charge["disputed"]):
            return payment_intent_of(intent)
        params: DisputeListParams = {"charge": charge["id"], "limit": 1}
        disputes = self._call("get", "/v1/disputes", params).data["data"]
        status = disputes[0]["status"] if disputes else None
        return replace(payment_intent_of(intent), dispute_status=status)

    def _call(
        self,
        method: str,
        path: str,
        params: Mapping[str, Any] | None = None,
        *,
        idempotency_key: str | None = None,
    ) -> _Answer:
        """Send a request whose refusal needs no particular care."""
        try:
            return self._send(method, path, params, idempotency_key=idempotency_key)
        except _REFUSALS as error:
            raise _translated(error) from error

    def _send(
        self,
        method: str,
        path: str,
        params: Mapping[str, Any] | None = None,
        *,
        idempotency_key: str | None = None,
    ) -> _Answer:
        """Send a request, once more with the key read again if Stripe no longer takes ours.

        Answers are taken as they are: making the SDK's objects of them costs more than the request.

        Raises:
            stripe.CardError, stripe.InvalidRequestError: Stripe refused it.
        """
        options = {"idempotency_key": idempotency_key} if idempotency_key else {}
        sent = {**(params or {}), **options}
        try:
            try:
                client = self._client(self._secret.secret_key())
                answer = client.raw_request(method, path, **sent)
            except stripe.AuthenticationError:
                client = self._client(self._secret.secret_key(refresh=True))
                answer = client.raw_request(method, path, **sent)
            return _Answer(answer.data, replayed=_was_replayed(answer.headers))
        except stripe.IdempotencyError as error:
            raise IdempotencyKeyReusedError from error
        except stripe.RateLimitError as error:
            raise RateLimitedError from error
        except (stripe.AuthenticationError, stripe.PermissionError) as error:
            raise StripeRejectedError from error
        except stripe.APIConnectionError as error:
            raise StripeUnavailableError from error
        except stripe.APIError as error:
            if error.http_status == _CONFLICT:  # the same request is being executed this moment
                raise RateLimitedError from error
            raise StripeUnavailableError from error

    def _client(self, secret_key: str) -> stripe.StripeClient:
        if self._sdk is None or self._sdk_key != secret_key:
            self._sdk_key = secret_key
            self._sdk = stripe.StripeClient(
                secret_key,
                base_addresses={"api": self._api_base},
                http_client=self._http_client,
                max_network_retries=_MAX_NETWORK_RETRIES,
            )
        return self._sdk


def _escaped(object_id: str) -> str:
    return quote_plus(object_id)


def _cards_of(stripe_customer_id: str) -> str:
    return f"/v1/customers/{_escaped(stripe_customer_id)}/payment_methods"


def _confirm_key(
    payment_intent_id: str, payment_method_id: str | None, cvc_token: str | None
) -> str | None:
    """A key for as long as the CVC token lasts.

    Going on after a challenge gets none of ours: the intent's own state keeps it from being
    charged twice, and a replayed answer would be about the time before.
    """
    if cvc_token is None:
        return None
    digest = hashlib.sha256(f"{cvc_token}:{payment_method_id}".encode()).hexdigest()
    return f"confirm-{payment_intent_id}-{digest[:32]}"


def _translated(error: stripe.StripeError) -> Exception:
    """Our error for a request that Stripe refused."""
    if isinstance(error, stripe.CardError):
        return _decline_of(error)
    param = getattr(error, "param", None) or ""
    if "cvc_token" in param:
        return CvcRequiredError()
    if param == "payment_method":
        return PaymentMethodNotFoundError()
    if param == "customer":
        return CustomerMissingError()
    if error.code in _AMOUNT_CODES:
        return ValidationError([("quantity", "The total is not an amount that can be charged.")])
    return StripeRejectedError()


def _decline_of(error: stripe.CardError) -> PaymentsError:
    body: Mapping[str, Any] = cast("dict[str, Any]", error.json_body or {}).get("error", {})
    decline_code = body.get("decline_code") or error.code or "generic_decline"
    return CardDeclinedError(error.user_message, decline_code=decline_code)


def _payment_intent_in(error: stripe.StripeError) -> Mapping[str, Any] | None:
    """The intent that an error carries: on a decline, and in a state that forbids the call."""
    body: Mapping[str, Any] = cast("dict[str, Any]", error.json_body or {}).get("error", {})
    intent: Mapping[str, Any] | None = body.get("payment_intent")
    carries_outcome = isinstance(error, stripe.CardError) or (
        error.code == "payment_intent_unexpected_state"
    )
    return intent if carries_outcome else None


def _was_replayed(headers: Mapping[str, str] | None) -> bool:
    """Whether Stripe repeated an earlier answer: https://docs.stripe.com/api/idempotent_requests"""
    return (headers or {}).get("idempotent-replayed") == "true"
