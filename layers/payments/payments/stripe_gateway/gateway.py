"""Stripe for the use cases: one method per call, with our types and errors.

Amounts are in minor units. Every method may raise StripeUnavailableError (no answer: the call may
have taken effect), StripeRejectedError (Stripe refused our call), RateLimitedError (try again in a
moment). Docstrings list only the other errors.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import stripe
from stripe._object_classes import OBJECT_CLASSES

from payments.domain.card import PaymentMethod
from payments.domain.customer import User
from payments.domain.errors import (
    CustomerMissingError,
    InvalidSignatureError,
    PaymentMethodNotFoundError,
    StripeUnavailableError,
    ValidationError,
)
from payments.domain.page import Page
from payments.domain.payment import Payment
from payments.domain.payment_intent import PaymentIntent
from payments.domain.stripe_event import StripeEvent
from payments.stripe_gateway.errors import payment_intent_in, translated
from payments.stripe_gateway.objects import (
    payment_intent_from_stripe,
    payment_method_from_stripe,
    stripe_event_from_stripe,
)
from payments.stripe_gateway.transport import CurlClient

if TYPE_CHECKING:
    from stripe._v1_services import V1Services
    from stripe.params import (
        CustomerPaymentMethodListParams,
        EventListParams,
        PaymentIntentConfirmParams,
    )

    from payments.aws.stripe_secret import StripeSecret

_MAX_NETWORK_RETRIES = 2

_REFUSALS = (stripe.CardError, stripe.InvalidRequestError)
_MISSING = "resource_missing"
# How old a signed webhook may be. Stripe signs each delivery anew.
_SIGNATURE_TOLERANCE_SECONDS = 300
_WITH_CHARGE = ["latest_charge"]  # for refunds and disputes
_UNUSED_KEY = "sk_unused"  # the SDK's client requires one; we pass ours with each call

type _Call = Callable[[stripe.RequestOptions], stripe.StripeObject]


@dataclass(frozen=True, slots=True)
class _Answer:
    """Stripe's answer, and whether it repeats an earlier one."""

    data: dict[str, Any]
    replayed: bool


class StripeGateway:
    """One Stripe account, used with the current key from the secret."""

    def __init__(self, secret: "StripeSecret", *, api_base: str | None, service: str) -> None:
        stripe.set_app_info(f"till/{service}")  # shown in Stripe's request log
        # Telemetry runs `uname` on the first request and tries to keep an id in the home directory.
        stripe.enable_telemetry = False
        self._secret = secret
        self._api_base = api_base or stripe.DEFAULT_API_BASE
        self._http_client = CurlClient(self._api_base)

    @cached_property
    def _v1(self) -> "V1Services":
        return stripe.StripeClient(
            _UNUSED_KEY,
            base_addresses={"api": self._api_base},
            http_client=self._http_client,
            max_network_retries=_MAX_NETWORK_RETRIES,
        ).v1

    @property
    def livemode(self) -> bool:
        """Whether the key moves real money."""
        return self._secret.secret_key().split("_")[1] == "live"

    def load(self, *services: str) -> None:
        """Load what these services of Stripe need, before a request waits for it.

        The SDK has a class for each kind of object and imports it when the first one arrives, which
        takes 10 ms and more. We read answers as plain JSON, so it has to know none of them.
        """
        OBJECT_CLASSES.clear()
        for service in services:
            attrgetter(service)(self._v1)

    def open(self) -> None:
        """Open connections to Stripe and to Secrets Manager."""
        self._secret.open()
        self._http_client.open()

    def close(self) -> None:
        """Close the connections to Stripe."""
        self._http_client.close()

    def create_customer(self, user: User, *, replacing: str | None = None) -> str:
        """Create the person's Customer and return its id; repeats within a day return the same one.

        `replacing` is the id of a customer that can no longer be used.

        Raises:
            IdempotencyKeyReusedError: it was created with another name or address in the meantime.
        See https://docs.stripe.com/api/customers/create
        """
        customer = self._call(
            lambda options: self._v1.customers.create(
                {"email": user.email, "name": user.name, "metadata": {"user_id": user.user_id}},
                options,
            ),
            idempotency_key=f"customer-{user.user_id}"
            + (f"-after-{replacing}" if replacing else ""),
        )
        return str(customer.data["id"])

    def find_customer(self, user_id: str) -> str | None:
        """The id of the person's oldest Customer. Search finds new ones after about a minute.

        See https://docs.stripe.com/search#data-freshness
        """
        query = f"metadata['user_id']:'{user_id}'"
        found = self._call(
            lambda options: self._v1.customers.search({"query": query, "limit": 100}, options)
        ).data["data"]
        return min(found, key=lambda customer: customer["created"])["id"] if found else None

    def retrieve_customer(self, stripe_customer_id: str) -> tuple[str, str] | None:
        """A Customer's email address and name; None if it was deleted or never existed.

        See https://docs.stripe.com/api/customers/retrieve
        """
        try:
            customer = self._send(
                lambda options: self._v1.customers.retrieve(stripe_customer_id, {}, options)
            ).data
        except _REFUSALS as error:
            if error.code == _MISSING:
                return None
            raise translated(error) from error
        if customer.get("deleted"):
            return None
        return customer.get("email") or "", customer.get("name") or ""

    def attach_payment_method(
        self, payment_method_id: str, *, stripe_customer_id: str
    ) -> tuple[PaymentMethod, bool]:
        """Save a card for a Customer; also return whether it is new.

        Raises:
            CardDeclinedError: the issuer refused the card.
            PaymentMethodNotFoundError: it does not exist, or belongs to another customer.
            CustomerMissingError: Stripe does not know the customer.
        See https://docs.stripe.com/api/payment_methods/attach
        """
        try:
            answer = self._send(
                lambda options: self._v1.payment_methods.attach(
                    payment_method_id, {"customer": stripe_customer_id}, options
                ),
                idempotency_key=f"attach-{stripe_customer_id}-{payment_method_id}",
            )
        except stripe.CardError as error:
            raise translated(error) from error
        except stripe.InvalidRequestError as error:
            if error.param == "customer":
                raise CustomerMissingError from error
            return self._attached_payment_method(payment_method_id, stripe_customer_id), False
        return payment_method_from_stripe(answer.data), not answer.replayed

    def _attached_payment_method(
        self, payment_method_id: str, stripe_customer_id: str
    ) -> PaymentMethod:
        """The card, if this Customer has it: Stripe refuses to attach a card twice."""
        try:
            answer = self._send(
                lambda options: self._v1.customers.payment_methods.retrieve(
                    stripe_customer_id, payment_method_id, {}, options
                )
            )
        except _REFUSALS as error:
            raise PaymentMethodNotFoundError from error
        return payment_method_from_stripe(answer.data)

    def list_payment_methods(
        self, stripe_customer_id: str, *, limit: int, cursor: str | None
    ) -> Page[PaymentMethod]:
        """A Customer's saved cards, newest first.

        Raises:
            ValidationError: the cursor is not one of the customer's cards.
            CustomerMissingError: Stripe does not know the customer.
        See https://docs.stripe.com/api/payment_methods/customer_list
        """
        params: CustomerPaymentMethodListParams = {"type": "card", "limit": limit}
        if cursor:
            params["starting_after"] = cursor
        try:
            found = self._send(
                lambda options: self._v1.customers.payment_methods.list(
                    stripe_customer_id, params, options
                )
            ).data
        except _REFUSALS as error:
            if error.param == "starting_after":
                raise ValidationError(
                    [("cursor", "Use next_cursor from the previous page.")]
                ) from error
            if error.code == _MISSING:  # the customer: no other id was sent
                raise CustomerMissingError from error
            raise translated(error) from error
        items = [payment_method_from_stripe(payment_method) for payment_method in found["data"]]
        return Page(
            items=items,
            next_cursor=items[-1].payment_method_id if found["has_more"] and items else None,
        )

    def create_payment_intent(self, payment: Payment) -> PaymentIntent:
        """Create a payment's PaymentIntent; repeats within a day return the same one.

        Raises:
            PaymentMethodNotFoundError: the payment method is not the customer's.
            CustomerMissingError: Stripe does not know the customer.
            ValidationError: the amount is less or more than Stripe can charge.
            IdempotencyKeyReusedError: the payment's id was used for something else.
        See https://docs.stripe.com/api/payment_intents/create
        """
        answer = self._call(
            lambda options: self._v1.payment_intents.create(
                {
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
                options,
            ),
            idempotency_key=payment.payment_id,
        )
        return self._up_to_date_intent(answer)

    def find_payment_intent(self, payment_id: str) -> PaymentIntent | None:
        """A payment's PaymentIntent. Search finds new ones after about a minute.

        See https://docs.stripe.com/api/payment_intents/search
        """
        query = f"metadata['payment_id']:'{payment_id}'"
        found = self._call(
            lambda options: self._v1.payment_intents.search(
                {"query": query, "expand": ["data.latest_charge"]}, options
            )
        ).data["data"]
        return self._intent_with_dispute(found[0]) if found else None

    def retrieve_payment_intent(self, payment_intent_id: str) -> PaymentIntent:
        """The current PaymentIntent, with refunds and disputes.

        See https://docs.stripe.com/api/payment_intents/retrieve
        """
        return self._intent_with_dispute(
            self._call(
                lambda options: self._v1.payment_intents.retrieve(
                    payment_intent_id, {"expand": _WITH_CHARGE}, options
                )
            ).data
        )

    def confirm_payment_intent(
        self,
        payment_intent_id: str,
        *,
        payment_method_id: str | None = None,
        cvc_token: str | None = None,
    ) -> PaymentIntent:
        """Confirm with a freshly collected CVC, or continue after a completed challenge.

        A refusal is not an error: the intent comes back in `requires_payment_method`, with
        `last_payment_error`. If its state does not allow a confirmation, it comes back unchanged.
        The same `cvc_token` gets the same outcome, because a token works only once.

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
                lambda options: self._v1.payment_intents.confirm(
                    payment_intent_id, params, options
                ),
                idempotency_key=_confirm_key(payment_intent_id, payment_method_id, cvc_token),
            )
        except _REFUSALS as error:
            return self._intent_after_refusal(error, payment_intent_id)
        return self._up_to_date_intent(answer)

    def cancel_payment_intent(self, payment_intent_id: str) -> PaymentIntent:
        """Cancel an abandoned PaymentIntent; if its state does not allow that, return it unchanged.

        See https://docs.stripe.com/api/payment_intents/cancel
        """
        try:
            answer = self._send(
                lambda options: self._v1.payment_intents.cancel(
                    payment_intent_id,
                    {"cancellation_reason": "abandoned", "expand": _WITH_CHARGE},
                    options,
                )
            )
        except _REFUSALS as error:
            return self._intent_after_refusal(error, payment_intent_id)
        return self._up_to_date_intent(answer)

    def verified_event(self, payload: bytes, signature: str) -> StripeEvent:
        """The event in a webhook, once one of our signing secrets proves that Stripe sent it.

        Raises:
            InvalidSignatureError: it is not from Stripe, is too old, or we have no signing secret.
        See https://docs.stripe.com/webhooks#verify-official-libraries
        """
        if not signature.isascii():  # the SDK raises on non-ASCII input
            raise InvalidSignatureError
        for secret in self._secret.webhook_signing_secrets():
            try:
                stripe.WebhookSignature.verify_header(
                    payload, signature, secret, _SIGNATURE_TOLERANCE_SECONDS
                )
            except (stripe.SignatureVerificationError, UnicodeError):
                continue
            return stripe_event_from_stripe(json.loads(payload))
        raise InvalidSignatureError

    def event_from_eventbridge(self, detail: Mapping[str, Any]) -> StripeEvent:
        """An event that Amazon EventBridge delivered: AWS has made sure that Stripe sent it.

        See https://docs.stripe.com/event-destinations/eventbridge
        """
        return stripe_event_from_stripe(detail)

    def retrieve_event(self, event_id: str) -> StripeEvent:
        """An event from the last 30 days.

        See https://docs.stripe.com/api/events/retrieve
        """
        return stripe_event_from_stripe(
            self._call(lambda options: self._v1.events.retrieve(event_id, {}, options)).data
        )

    def list_events(
        self, types: Iterable[str], *, since: int, until: int, cursor: str | None
    ) -> Page[StripeEvent]:
        """Events of these types (20 at most) from the last 30 days, newest first.

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
        found = self._call(lambda options: self._v1.events.list(params, options)).data
        items = [stripe_event_from_stripe(event) for event in found["data"]]
        return Page(
            items=items, next_cursor=items[-1].event_id if found["has_more"] and items else None
        )

    def _intent_after_refusal(
        self, error: stripe.StripeError, payment_intent_id: str
    ) -> PaymentIntent:
        """The current state of the intent that came with a refusal."""
        intent = payment_intent_in(error)
        if intent is None:
            raise translated(error) from error
        if intent["status"] == "succeeded" or _was_replayed(error.headers):
            return self.retrieve_payment_intent(payment_intent_id)
        return payment_intent_from_stripe(intent)

    def _up_to_date_intent(self, answer: _Answer) -> PaymentIntent:
        """The current intent: a replayed answer may show an older state."""
        if answer.replayed:
            return self.retrieve_payment_intent(answer.data["id"])
        return self._intent_with_dispute(answer.data)

    def _intent_with_dispute(self, intent: Mapping[str, Any]) -> PaymentIntent:
        """The intent, with the status of the latest dispute if its charge was ever disputed."""
        charge = intent.get("latest_charge")
        if not (isinstance(charge, Mapping) and charge["disputed"]):
            return payment_intent_from_stripe(intent)
        charge_id = charge["id"]
        disputes = self._call(
            lambda options: self._v1.disputes.list({"charge": charge_id, "limit": 1}, options)
        ).data["data"]
        status = disputes[0]["status"] if disputes else None
        return replace(payment_intent_from_stripe(intent), dispute_status=status)

    def _call(self, call: _Call, *, idempotency_key: str | None = None) -> _Answer:
        """Make a call whose refusals need no special handling."""
        try:
            return self._send(call, idempotency_key=idempotency_key)
        except _REFUSALS as error:
            raise translated(error) from error

    def _send(self, call: _Call, *, idempotency_key: str | None = None) -> _Answer:
        """Make a call; if Stripe rejects our key, read the key again and retry once.

        Raises:
            stripe.CardError, stripe.InvalidRequestError: Stripe refused it.
        """
        options: stripe.RequestOptions = {"api_key": self._secret.secret_key()}
        if idempotency_key:
            options["idempotency_key"] = idempotency_key
        try:
            try:
                found = call(options)
            except stripe.AuthenticationError:
                found = call({**options, "api_key": self._secret.secret_key(refresh=True)})
        except _REFUSALS:
            raise
        except stripe.StripeError as error:
            raise translated(error) from error
        response = found.last_response
        if response is None or not isinstance(response.data, dict):
            raise StripeUnavailableError
        return _Answer(response.data, replayed=_was_replayed(response.headers))


def _confirm_key(
    payment_intent_id: str, payment_method_id: str | None, cvc_token: str | None
) -> str | None:
    """An idempotency key, one per card and CVC token.

    There is none for continuing after a challenge: the intent's own state prevents a second
    charge, and a replayed answer would show the state before the challenge.
    """
    if cvc_token is None:
        return None
    digest = hashlib.sha256(f"{cvc_token}:{payment_method_id}".encode()).hexdigest()
    return f"confirm-{payment_intent_id}-{digest[:32]}"


def _was_replayed(headers: Mapping[str, str] | None) -> bool:
    """Whether Stripe repeated an earlier answer: https://docs.stripe.com/api/idempotent_requests"""
    return (headers or {}).get("idempotent-replayed") == "true"
