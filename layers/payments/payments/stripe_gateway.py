"""Stripe, seen from the use cases: one method, one call, our types and errors.

The only module that imports stripe. Amounts are in minor units. Every method may raise
StripeUnavailableError (no answer: it may have happened), StripeRejectedError (Stripe refuses us),
RateLimitedError (try again in a moment); what else it raises it says itself.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import stripe

from payments.errors import (
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
from payments.models import Event, Page, Payment, PaymentIntent, PaymentMethod, User
from payments.stripe_objects import event_of, payment_intent_of, payment_method_of

if TYPE_CHECKING:
    from stripe.params import (
        CustomerPaymentMethodListParams,
        EventListParams,
        PaymentIntentConfirmParams,
    )

    from payments.repositories.stripe_secret import StripeSecret

# Three tries of at most 8.5 seconds end before API Gateway's 29: whoever waits gets our answer.
_TIMEOUT_SECONDS = (1.5, 7.0)
_MAX_NETWORK_RETRIES = 2

_REFUSALS = (stripe.CardError, stripe.InvalidRequestError)
_CONFLICT = 409
_MISSING = "resource_missing"
# How old a signed webhook may be; Stripe signs each of its deliveries anew.
_SIGNATURE_TOLERANCE_SECONDS = 300
_WITH_CHARGE = ["latest_charge"]  # which tells about refunds and disputes
_AMOUNT_CODES = frozenset({"amount_too_small", "amount_too_large", "invalid_charge_amount"})


class StripeGateway:
    """One Stripe account, reached with the key that the secret holds at the moment."""

    def __init__(self, secret: "StripeSecret", *, api_base: str | None, service: str) -> None:
        stripe.set_app_info(f"till/{service}")  # tells in Stripe's request log who asked
        self._secret = secret
        self._api_base = api_base or stripe.DEFAULT_API_BASE
        self._http_client = stripe.RequestsClient(timeout=_TIMEOUT_SECONDS)

    @property
    def livemode(self) -> bool:
        """Whether the key moves real money."""
        return self._secret.secret_key().split("_")[1] == "live"

    def close(self) -> None:
        """Close the connections to Stripe."""
        self._http_client.close()  # type: ignore[no-untyped-call]

    def create_customer(self, user: User, *, replacing: str | None = None) -> str:
        """Create the person's Customer and return its id; within a day, the same one again.

        `replacing` is the id of a customer that can no longer be used.

        Raises:
            IdempotencyKeyReusedError: it was created with another name or address meanwhile.
        See https://docs.stripe.com/api/customers/create
        """
        key = f"customer-{user.user_id}" + (f"-after-{replacing}" if replacing else "")
        customer = self._call(
            lambda client: client.v1.customers.create(
                params={
                    "email": user.email,
                    "name": user.name,
                    "metadata": {"user_id": user.user_id},
                },
                options={"idempotency_key": key},
            )
        )
        return customer.id

    def find_customer(self, user_id: str) -> str | None:
        """The id of the person's oldest Customer. New ones are found after about a minute.

        See https://docs.stripe.com/search#data-freshness
        """
        found = self._call(
            lambda client: client.v1.customers.search(
                params={"query": f"metadata['user_id']:'{user_id}'", "limit": 100}
            )
        )
        return min(found.data, key=lambda customer: customer.created).id if found.data else None

    def retrieve_customer(self, stripe_customer_id: str) -> tuple[str, str] | None:
        """A Customer's email address and name; None if it was deleted, or never was.

        See https://docs.stripe.com/api/customers/retrieve
        """
        try:
            customer = self._send(lambda client: client.v1.customers.retrieve(stripe_customer_id))
        except _REFUSALS as error:
            if error.code == _MISSING:
                return None
            raise _translated(error) from error
        if customer.to_dict().get("deleted"):
            return None
        return customer.email or "", customer.name or ""

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
        try:
            payment_method = self._send(
                lambda client: client.v1.payment_methods.attach(
                    payment_method_id,
                    params={"customer": stripe_customer_id},
                    options={"idempotency_key": f"attach-{stripe_customer_id}-{payment_method_id}"},
                )
            )
        except stripe.CardError as error:
            raise _decline_of(error) from error
        except stripe.InvalidRequestError as error:
            if error.param == "customer":
                raise CustomerMissingError from error
            return self._attached_payment_method(payment_method_id, stripe_customer_id), False
        return payment_method_of(payment_method.to_dict()), not _is_replay(payment_method)

    def _attached_payment_method(
        self, payment_method_id: str, stripe_customer_id: str
    ) -> PaymentMethod:
        """The card, if it is this Customer's: Stripe refuses to attach what is attached."""
        try:
            payment_method = self._send(
                lambda client: client.v1.customers.payment_methods.retrieve(
                    stripe_customer_id, payment_method_id
                )
            )
        except _REFUSALS as error:
            raise PaymentMethodNotFoundError from error
        return payment_method_of(payment_method.to_dict())

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
            found = self._send(
                lambda client: client.v1.customers.payment_methods.list(
                    stripe_customer_id, params=params
                )
            )
        except _REFUSALS as error:
            if error.param == "starting_after":
                raise ValidationError(
                    [("cursor", "Use next_cursor of the previous page.")]
                ) from error
            if error.code == _MISSING:  # the customer: nothing else is named
                raise CustomerMissingError from error
            raise _translated(error) from error
        items = [payment_method_of(payment_method.to_dict()) for payment_method in found.data]
        return Page(
            items=items,
            next_cursor=items[-1].payment_method_id if found.has_more and items else None,
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
        intent = self._call(
            lambda client: client.v1.payment_intents.create(
                params={
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
                },
                options={"idempotency_key": payment.payment_id},
            )
        )
        return self._current(intent)

    def find_payment_intent(self, payment_id: str) -> PaymentIntent | None:
        """The PaymentIntent of a payment. New ones are found after about a minute.

        See https://docs.stripe.com/api/payment_intents/search
        """
        found = self._call(
            lambda client: client.v1.payment_intents.search(
                params={
                    "query": f"metadata['payment_id']:'{payment_id}'",
                    "expand": ["data.latest_charge"],
                }
            )
        )
        return self._with_dispute(found.data[0].to_dict()) if found.data else None

    def retrieve_payment_intent(self, payment_intent_id: str) -> PaymentIntent:
        """The PaymentIntent as it stands now, and what became of its money.

        See https://docs.stripe.com/api/payment_intents/retrieve
        """
        intent = self._call(
            lambda client: client.v1.payment_intents.retrieve(
                payment_intent_id, params={"expand": _WITH_CHARGE}
            )
        )
        return self._with_dispute(intent.to_dict())

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
            intent = self._send(
                lambda client: client.v1.payment_intents.confirm(
                    payment_intent_id,
                    params=params,
                    options=_confirm_options(payment_intent_id, payment_method_id, cvc_token),
                )
            )
        except _REFUSALS as error:
            return self._refused(error, payment_intent_id)
        return self._current(intent)

    def cancel_payment_intent(self, payment_intent_id: str) -> PaymentIntent:
        """Cancel an abandoned PaymentIntent; in a state that forbids it, it comes as it stands.

        See https://docs.stripe.com/api/payment_intents/cancel
        """
        try:
            intent = self._send(
                lambda client: client.v1.payment_intents.cancel(
                    payment_intent_id,
                    params={"cancellation_reason": "abandoned", "expand": _WITH_CHARGE},
                )
            )
        except _REFUSALS as error:
            return self._refused(error, payment_intent_id)
        return self._current(intent)

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
        return event_of(self._call(lambda client: client.v1.events.retrieve(event_id)).to_dict())

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
        found = self._call(lambda client: client.v1.events.list(params=params))
        items = [event_of(event.to_dict()) for event in found.data]
        return Page(
            items=items, next_cursor=items[-1].event_id if found.has_more and items else None
        )

    def _refused(self, error: stripe.StripeError, payment_intent_id: str) -> PaymentIntent:
        """The intent that a refusal comes with, as it stands now."""
        intent = _payment_intent_in(error)
        if intent is None:
            raise _translated(error) from error
        if intent["status"] == "succeeded" or _was_replayed(error.headers):
            return self.retrieve_payment_intent(payment_intent_id)
        return payment_intent_of(intent)

    def _current(self, intent: stripe.PaymentIntent) -> PaymentIntent:
        """The intent as it stands now: a replayed answer tells how it once was."""
        if _is_replay(intent):
            return self.retrieve_payment_intent(intent.id)
        return self._with_dispute(intent.to_dict())

    def _with_dispute(self, intent: Mapping[str, Any]) -> PaymentIntent:
        """The intent, with the status of the latest dispute if its charge was ever disputed."""
        charge = intent.get("latest_charge")
        if not (isinstance(charge, Mapping) and charge["disputed"]):
            return payment_intent_of(intent)
        disputes = self._call(
            lambda client: client.v1.disputes.list(params={"charge": charge["id"], "limit": 1})
        )
        status = disputes.data[0].status if disputes.data else None
        return replace(payment_intent_of(intent), dispute_status=status)

    def _call[Answer](self, request: Callable[[stripe.StripeClient], Answer]) -> Answer:
        """Send a request whose refusal needs no particular care."""
        try:
            return self._send(request)
        except _REFUSALS as error:
            raise _translated(error) from error

    def _send[Answer](self, request: Callable[[stripe.StripeClient], Answer]) -> Answer:
        """Send a request, once more with the key read again if Stripe no longer takes ours.

        Raises:
            stripe.CardError, stripe.InvalidRequestError: Stripe refused it.
        """
        try:
            try:
                return request(self._client(self._secret.secret_key()))
            except stripe.AuthenticationError:
                return request(self._client(self._secret.secret_key(refresh=True)))
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
        return stripe.StripeClient(
            secret_key,
            base_addresses={"api": self._api_base},
            http_client=self._http_client,
            max_network_retries=_MAX_NETWORK_RETRIES,
        )


def _confirm_options(
    payment_intent_id: str, payment_method_id: str | None, cvc_token: str | None
) -> "stripe.RequestOptions":
    """A key for as long as the CVC token lasts.

    Going on after a challenge gets none of ours: the intent's own state keeps it from being
    charged twice, and a replayed answer would be about the time before.
    """
    if cvc_token is None:
        return {}
    digest = hashlib.sha256(f"{cvc_token}:{payment_method_id}".encode()).hexdigest()
    return {"idempotency_key": f"confirm-{payment_intent_id}-{digest[:32]}"}


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


def _is_replay(answer: stripe.StripeObject) -> bool:
    response = answer.last_response
    return response is not None and _was_replayed(response.headers)


def _was_replayed(headers: Mapping[str, str] | None) -> bool:
    """Whether Stripe repeated an earlier answer: https://docs.stripe.com/api/idempotent_requests"""
    return any(
        name.lower() == "idempotent-replayed" and value == "true"
        for name, value in (headers or {}).items()
    )
