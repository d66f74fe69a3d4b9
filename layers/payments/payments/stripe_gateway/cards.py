"""Saved cards, at Stripe."""

import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import stripe

from payments.domain.card import PaymentMethod
from payments.domain.consent import Consent
from payments.domain.errors import (
    CustomerMissingError,
    FailureRememberedError,
    PaymentMethodNotFoundError,
    PaymentRefusedError,
    SetupIntentNotFoundError,
    ValidationError,
)
from payments.domain.page import Page
from payments.domain.setup_intent import SetupIntent
from payments.stripe_gateway.account import MISSING, REFUSALS, Answer, Call, StripeAccount
from payments.stripe_gateway.errors import translated
from payments.stripe_gateway.objects import (
    id_of,
    payment_method_from_stripe,
    setup_intent_from_stripe,
)

if TYPE_CHECKING:
    from stripe.params import (
        CustomerPaymentMethodListParams,
        PaymentMethodUpdateParams,
    )

_UNATTACHED = "payment_method_unexpected_state"
_WITH_DEFAULT = ["data.customer"]  # for which card is the default
_EXPIRY = {
    "invalid_expiry_month": "exp_month",
    "invalid_expiry_year": "exp_year",
    "expired_card": "exp_month",
}
_KEY_REMEMBERED_SECONDS = 23 * 60 * 60  # Stripe forgets idempotency keys after a day


class Cards(StripeAccount):
    """The calls about cards."""

    def attach_payment_method(
        self, payment_method_id: str, *, stripe_customer_id: str
    ) -> tuple[PaymentMethod, bool]:
        """Save a card for a Customer; also return whether it is new.

        Raises:
            CardDeclinedError: the issuer refused the card.
            PaymentMethodNotFoundError: it does not exist, belongs to another customer, or was
                detached.
            CustomerMissingError: Stripe does not know the customer.
            PaymentRefusedError: Stripe refuses it for good.
        See https://docs.stripe.com/api/payment_methods/attach
        """
        key = f"attach-{stripe_customer_id}-{payment_method_id}"
        try:
            try:
                answer = self._attach(payment_method_id, stripe_customer_id, idempotency_key=key)
            except FailureRememberedError:
                with suppress(PaymentMethodNotFoundError):  # it may be saved in spite of that
                    return self.retrieve_own_payment_method(
                        payment_method_id, stripe_customer_id
                    ), False
                # Attaching twice is harmless, so it may be done without the key.
                answer = self._attach(payment_method_id, stripe_customer_id)
        except stripe.InvalidRequestError as error:
            if error.param == "customer" and error.code == MISSING:
                raise CustomerMissingError from error
            if not _may_name_no_card(error):
                raise translated(error) from error
            # Perhaps it is saved already: old accounts refuse to attach a card twice.
            return self.retrieve_own_payment_method(payment_method_id, stripe_customer_id), False
        if answer.replayed:  # the card may have been detached since
            try:
                own = self.retrieve_own_payment_method(answer.data["id"], stripe_customer_id)
            except PaymentMethodNotFoundError:
                if answer.data["id"] == payment_method_id:
                    raise
                # One of Stripe's test ids, which stands for a new card each time.
                answer = self._attach(payment_method_id, stripe_customer_id)
            else:
                return own, False
        # Stripe remembers the key for a day at least; with an older card, nobody can tell.
        new = time.time() - answer.data["created"] < _KEY_REMEMBERED_SECONDS
        return payment_method_from_stripe(answer.data), new

    def _attach(
        self, payment_method_id: str, stripe_customer_id: str, *, idempotency_key: str | None = None
    ) -> Answer:
        try:
            return self._send(
                lambda options: self._v1.payment_methods.attach(
                    payment_method_id, {"customer": stripe_customer_id}, options
                ),
                idempotency_key=idempotency_key,
            )
        except stripe.CardError as error:
            raise translated(error) from error

    def retrieve_own_payment_method(
        self, payment_method_id: str, stripe_customer_id: str
    ) -> PaymentMethod:
        """The card, if this Customer has it.

        Raises:
            PaymentMethodNotFoundError: they do not, or no longer.
        See https://docs.stripe.com/api/payment_methods/customer
        """
        try:
            answer = self._send(
                lambda options: self._v1.customers.payment_methods.retrieve(
                    stripe_customer_id, payment_method_id, {"expand": ["customer"]}, options
                )
            )
        except REFUSALS as error:
            if _may_name_no_card(error):
                raise PaymentMethodNotFoundError from error
            raise translated(error) from error
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
        params: CustomerPaymentMethodListParams = {
            "type": "card",
            "limit": limit,
            "expand": _WITH_DEFAULT,
        }
        if cursor:
            params["starting_after"] = cursor
        try:
            found = self._send(
                lambda options: self._v1.customers.payment_methods.list(
                    stripe_customer_id, params, options
                )
            ).data
        except REFUSALS as error:
            if error.param == "starting_after":
                raise ValidationError(
                    [("cursor", "Use next_cursor from the previous page.")]
                ) from error
            if error.code == MISSING:  # the customer: no other id was sent
                raise CustomerMissingError from error
            raise translated(error) from error
        items = [payment_method_from_stripe(payment_method) for payment_method in found["data"]]
        return Page(
            items=items,
            next_cursor=items[-1].payment_method_id if found["has_more"] and items else None,
        )

    def list_all_payment_methods(self, stripe_customer_id: str) -> list[PaymentMethod]:
        """All of a Customer's saved cards, newest first.

        Raises:
            CustomerMissingError: Stripe does not know the customer.
        """
        return list(self._every_payment_method(stripe_customer_id))

    def _every_payment_method(self, stripe_customer_id: str) -> Iterator[PaymentMethod]:
        cursor = None
        while True:
            page = self.list_payment_methods(stripe_customer_id, limit=100, cursor=cursor)
            yield from page.items
            if page.next_cursor is None:
                return
            cursor = page.next_cursor

    def retrieve_payment_method(
        self, payment_method_id: str
    ) -> tuple[PaymentMethod, str | None, str | None]:
        """A card, the id of the Customer that has it, and their person's id in our metadata.

        Raises:
            PaymentMethodNotFoundError: there is no such card.
        See https://docs.stripe.com/api/payment_methods/retrieve
        """
        found = self._about_a_card(
            lambda options: self._v1.payment_methods.retrieve(
                payment_method_id, {"expand": ["customer"]}, options
            )
        )
        customer = found.get("customer")
        metadata = (customer.get("metadata") or {}) if isinstance(customer, Mapping) else {}
        return payment_method_from_stripe(found), id_of(customer), metadata.get("user_id")

    def update_payment_method(
        self,
        payment_method_id: str,
        *,
        billing_details: Mapping[str, object] | None = None,
        exp_month: int | None = None,
        exp_year: int | None = None,
    ) -> PaymentMethod:
        """Change what is given; None in the billing details removes a value. Harmless twice.

        Stripe lets us change anybody's card: check first whose it is.

        Raises:
            PaymentMethodNotFoundError: it is attached to nobody.
            ValidationError: Stripe refuses the expiry, or one of the details.
        See https://docs.stripe.com/api/payment_methods/update
        """
        params: PaymentMethodUpdateParams = {"expand": ["customer"]}
        if billing_details:
            params["billing_details"] = _without_nothing(billing_details)  # type: ignore[typeddict-item]
        expiry = {"exp_month": exp_month, "exp_year": exp_year}
        given = {name: value for name, value in expiry.items() if value is not None}
        if given:
            params["card"] = given  # type: ignore[typeddict-item]
        return payment_method_from_stripe(self._update(payment_method_id, params))

    def record_consent(self, payment_method_id: str, consent: Consent) -> PaymentMethod:
        """Write into a card's metadata what the person agreed to. Harmless twice.

        Raises:
            PaymentMethodNotFoundError: it is attached to nobody.
        """
        return payment_method_from_stripe(
            self._update(
                payment_method_id,
                {
                    "expand": ["customer"],
                    "allow_redisplay": "always",
                    "metadata": {
                        "consent_usage": consent.usage,
                        "consent_text": consent.text,
                        "consented_at": consent.at,
                    },
                },
            )
        )

    def mark_replaced(self, payment_method_id: str, *, by: str) -> None:
        """Note in a card's metadata that another one has taken its place. Harmless twice.

        Raises:
            PaymentMethodNotFoundError: it is attached to nobody.
        """
        self._update(payment_method_id, {"metadata": {"replaced_by": by}})

    def _update(
        self, payment_method_id: str, params: "PaymentMethodUpdateParams"
    ) -> dict[str, Any]:
        return self._about_a_card(
            lambda options: self._v1.payment_methods.update(payment_method_id, params, options)
        )

    def _about_a_card(self, call: Call) -> dict[str, Any]:
        try:
            return self._send(call).data
        except REFUSALS as error:
            if error.code in _EXPIRY:
                said = error.user_message or "Stripe refuses this expiry."
                raise ValidationError([(_EXPIRY[error.code], said)]) from error
            if error.code == _UNATTACHED or _may_name_no_card(error):
                raise PaymentMethodNotFoundError from error
            refusal = translated(error)
            if isinstance(refusal, PaymentRefusedError) and refusal.param:
                raise ValidationError([(refusal.param, "Stripe refuses this value.")]) from error
            raise refusal from error

    def detach_payment_method(self, payment_method_id: str) -> None:
        """Detach a card for good, if it is still attached. Check first whose it is.

        See https://docs.stripe.com/api/payment_methods/detach
        """
        with suppress(PaymentMethodNotFoundError):
            self._about_a_card(
                lambda options: self._v1.payment_methods.detach(payment_method_id, {}, options)
            )

    def set_default_payment_method(
        self, stripe_customer_id: str, *, payment_method_id: str
    ) -> None:
        """Make a card the one that a Customer prefers. Harmless twice.

        Raises:
            PaymentMethodNotFoundError: it is not attached to this Customer.
            CustomerMissingError: Stripe does not know the customer.
        See https://docs.stripe.com/api/customers/update
        """
        try:
            self._send(
                lambda options: self._v1.customers.update(
                    stripe_customer_id,
                    {"invoice_settings": {"default_payment_method": payment_method_id}},
                    options,
                )
            )
        except REFUSALS as error:
            if error.code == MISSING and error.param in {"id", "customer"}:
                raise CustomerMissingError from error
            raise PaymentMethodNotFoundError from error

    def create_setup_intent(
        self, stripe_customer_id: str, *, user_id: str, consent: Consent, attempt: str
    ) -> SetupIntent:
        """Start saving a card, which the browser then sets up. `attempt` names it for our counters.

        Raises:
            CustomerMissingError: Stripe does not know the customer.
            PaymentRefusedError: Stripe refuses it for good.
        See https://docs.stripe.com/api/setup_intents/create
        """
        usage: Any = consent.usage
        answer = self._call(
            lambda options: self._v1.setup_intents.create(
                {
                    "customer": stripe_customer_id,
                    "usage": usage,
                    "allowed_payment_method_types": ["card"],
                    "metadata": {
                        "user_id": user_id,
                        "stack": self.stack,
                        "attempt": attempt,
                        "consent_text": consent.text,
                        "consented_at": consent.at,
                    },
                },
                options,
            )
        )
        return setup_intent_from_stripe(answer.data)

    def cancel_setup_intent(self, setup_intent_id: str) -> None:
        """Cancel a SetupIntent, if it is not over: its secret is good for nothing any more.

        See https://docs.stripe.com/api/setup_intents/cancel
        """
        try:
            self._send(
                lambda options: self._v1.setup_intents.cancel(
                    setup_intent_id, {"cancellation_reason": "abandoned"}, options
                )
            )
        except REFUSALS as error:
            if error.code not in {MISSING, "setup_intent_unexpected_state"}:
                raise translated(error) from error

    def has_setup_intent(self, payment_method_id: str, stripe_customer_id: str) -> bool:
        """Whether a SetupIntent of this stack has set up the customer's card.

        See https://docs.stripe.com/api/setup_intents/list
        """
        answer = self._call(
            lambda options: self._v1.setup_intents.list(
                {"customer": stripe_customer_id, "payment_method": payment_method_id}, options
            )
        )
        return any(
            intent["status"] == "succeeded"
            and (intent.get("metadata") or {}).get("stack") == self.stack
            for intent in answer.data["data"]
        )

    def retrieve_setup_intent(self, setup_intent_id: str) -> SetupIntent:
        """The current SetupIntent, with its card.

        Raises:
            SetupIntentNotFoundError: there is none.
        See https://docs.stripe.com/api/setup_intents/retrieve
        """
        try:
            answer = self._send(
                lambda options: self._v1.setup_intents.retrieve(
                    setup_intent_id, {"expand": ["payment_method.customer"]}, options
                )
            )
        except REFUSALS as error:
            if error.code == MISSING:
                raise SetupIntentNotFoundError from error
            raise translated(error) from error
        return setup_intent_from_stripe(answer.data)


def _without_nothing(values: Mapping[str, object]) -> dict[str, Any]:
    """Text to send: Stripe leaves alone what it is not sent, and an empty text unsets."""
    return {
        name: _without_nothing(value) if isinstance(value, Mapping) else value or ""
        for name, value in values.items()
    }


def _may_name_no_card(error: stripe.StripeError) -> bool:
    """Whether Stripe may mean that the customer has no such card.

    Often it says so with neither code nor param; of somebody else's, with `param: customer`.
    """
    refusal = translated(error)
    if isinstance(refusal, PaymentRefusedError):
        return refusal.code in {None, MISSING}
    return isinstance(refusal, PaymentMethodNotFoundError | CustomerMissingError)
