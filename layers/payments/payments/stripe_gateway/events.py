"""Events, as webhooks, EventBridge and the Events API bring them."""

import json
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING

import stripe

from payments.domain.errors import (
    CursorUnknownError,
    InvalidSignatureError,
    StripeUnavailableError,
)
from payments.domain.page import Page
from payments.domain.stripe_event import StripeEvent
from payments.stripe_gateway.account import MISSING, REFUSALS, StripeAccount
from payments.stripe_gateway.errors import translated
from payments.stripe_gateway.objects import (
    stripe_event_from_stripe,
)

if TYPE_CHECKING:
    from stripe.params import (
        EventListParams,
    )


# How old a signed webhook may be. Stripe signs each delivery anew.
_SIGNATURE_TOLERANCE_SECONDS = 300


class Events(StripeAccount):
    """The calls about events."""

    def verified_event(self, payload: bytes, signature: str) -> StripeEvent:
        """The event in a webhook, once one of our signing secrets proves that Stripe sent it.

        What Stripe signed but we cannot read is an event that is not understood.

        Raises:
            InvalidSignatureError: it is not from Stripe, is too old, or we have no signing secret.
        See https://docs.stripe.com/webhooks#verify-official-libraries
        """
        if not signature.isascii():  # the SDK raises on non-ASCII input
            raise InvalidSignatureError
        secrets = self._secret.webhook_signing_secrets()
        if not _is_signed(payload, signature, secrets):  # perhaps Stripe has new ones already
            secrets = self._secret.webhook_signing_secrets(refresh=True)
            if not _is_signed(payload, signature, secrets):
                raise InvalidSignatureError
        return stripe_event_from_stripe(_json_in(payload))

    def event_from_eventbridge(self, detail: object) -> StripeEvent:
        """An event that Amazon EventBridge delivered: AWS has made sure that Stripe sent it.

        See https://docs.stripe.com/event-destinations/eventbridge
        """
        return stripe_event_from_stripe(detail)

    def retrieve_event(self, event_id: str) -> StripeEvent:
        """An event from the last 30 days.

        See https://docs.stripe.com/api/events/retrieve
        """
        found = self._call(lambda options: self._v1.events.retrieve(event_id, {}, options)).data
        if found["id"] != event_id:
            raise StripeUnavailableError
        return stripe_event_from_stripe(found)

    def list_events(
        self, types: Iterable[str], *, since: int, until: int, cursor: str | None
    ) -> Page[StripeEvent]:
        """Events of these types (20 at most) from the last 30 days, newest first.

        `since` is inclusive, `until` exclusive; both are in seconds since 1970. An event that
        cannot be read is in the page, and not understood.

        Raises:
            CursorUnknownError: Stripe does not know the event that the cursor names.
        See https://docs.stripe.com/api/events/list
        """
        params: EventListParams = {
            "types": list(types),
            "created": {"gte": since, "lt": until},
            "limit": 100,
        }
        if cursor:
            params["starting_after"] = cursor
        try:
            found = self._send(lambda options: self._v1.events.list(params, options)).data
        except REFUSALS as error:
            if cursor and error.code == MISSING and error.param == "starting_after":
                raise CursorUnknownError from error
            raise translated(error) from error
        listed = dict(found).get("data")  # of any kind: one odd event must not hide the others
        if not isinstance(listed, list):
            raise StripeUnavailableError
        items = [stripe_event_from_stripe(event) for event in listed]
        ids = [event.event_id for event in items if event.event_id]
        return Page(items=items, next_cursor=ids[-1] if found["has_more"] and ids else None)


def _is_signed(payload: bytes, signature: str, secrets: Iterable[str]) -> bool:
    """Whether one of the secrets signed the payload, a short while ago."""
    for secret in secrets:
        with suppress(stripe.SignatureVerificationError, UnicodeError):
            stripe.WebhookSignature.verify_header(
                payload, signature, secret, _SIGNATURE_TOLERANCE_SECONDS
            )
            return True
    return False


def _json_in(payload: bytes) -> object:
    """What a payload says; None if it is not JSON."""
    try:
        return json.loads(payload)
    except (ValueError, RecursionError):
        return None
