"""Saved cards, at Stripe."""

import time
from contextlib import suppress
from typing import TYPE_CHECKING

import stripe

from payments.domain.card import PaymentMethod
from payments.domain.errors import (
    CustomerMissingError,
    FailureRememberedError,
    PaymentMethodNotFoundError,
    PaymentRefusedError,
    ValidationError,
)
from payments.domain.page import Page
from payments.stripe_gateway.account import MISSING, REFUSALS, Answer, StripeAccount
from payments.stripe_gateway.errors import translated
from payments.stripe_gateway.objects import payment_method_from_stripe

if TYPE_CHECKING:
    from stripe.params import CustomerPaymentMethodListParams

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
                    return self._attached_payment_method(
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
            return self._attached_payment_method(payment_method_id, stripe_customer_id), False
        if answer.replayed:  # the card may have been detached since
            return self._attached_payment_method(answer.data["id"], stripe_customer_id), False
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

    def _attached_payment_method(
        self, payment_method_id: str, stripe_customer_id: str
    ) -> PaymentMethod:
        """The card, if this Customer has it.

        See https://docs.stripe.com/api/payment_methods/customer
        """
        try:
            answer = self._send(
                lambda options: self._v1.customers.payment_methods.retrieve(
                    stripe_customer_id, payment_method_id, {}, options
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
        params: CustomerPaymentMethodListParams = {"type": "card", "limit": limit}
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


def _may_name_no_card(error: stripe.StripeError) -> bool:
    """Whether Stripe may mean that the customer has no such card.

    Often it says so with neither code nor param; of somebody else's, with `param: customer`.
    """
    refusal = translated(error)
    if isinstance(refusal, PaymentRefusedError):
        return refusal.code in {None, MISSING}
    return isinstance(refusal, PaymentMethodNotFoundError | CustomerMissingError)
