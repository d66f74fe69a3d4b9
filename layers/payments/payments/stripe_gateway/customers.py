"""Customers and their saved cards, at Stripe."""

import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import stripe

from payments.domain.card import PaymentMethod
from payments.domain.customer import UnfinishedCustomer, User
from payments.domain.errors import (
    CustomerMissingError,
    FailureRememberedError,
    PaymentMethodNotFoundError,
    PaymentRefusedError,
    ValidationError,
)
from payments.domain.page import Page
from payments.stripe_gateway.account import MISSING, REFUSALS, Answer, Call, StripeAccount
from payments.stripe_gateway.errors import translated
from payments.stripe_gateway.objects import (
    payment_method_from_stripe,
)

if TYPE_CHECKING:
    from stripe.params import (
        CustomerCreateParams,
        CustomerListParams,
        CustomerPaymentMethodListParams,
    )


_KEY_REMEMBERED_SECONDS = 23 * 60 * 60  # Stripe forgets idempotency keys after a day


class Customers(StripeAccount):
    """The calls about customers and cards."""

    def create_customer(self, user: User, unfinished: UnfinishedCustomer) -> str:
        """Create the person's Customer and return its id; repeats within a day return the same one.

        Raises:
            FailureRememberedError: the key leads to an old failure, whatever came of it.
            IdempotencyKeyReusedError: it was created with another name or address in the meantime.
            PaymentRefusedError: Stripe refuses it for good; `param` may be `email`.
        See https://docs.stripe.com/api/customers/create
        """
        params: CustomerCreateParams = {"name": user.name, "metadata": {"user_id": user.user_id}}
        if user.email:
            params["email"] = user.email
        customer = self._call(
            lambda options: self._v1.customers.create(params, options),
            idempotency_key=_customer_key(user, unfinished),
        )
        return str(customer.data["id"])

    def find_customer(self, user: User, *, newest: bool = False) -> str | None:
        """The id of the person's oldest Customer, found by their address or by a search.

        Search is late by a minute and not available in some countries. `newest` makes up for that,
        where the Customer may have another address or none: look at the latest ones as well.

        See https://docs.stripe.com/api/customers/list
        and https://docs.stripe.com/search#data-freshness
        """
        found = self._customers_by_email(user) or self._customers_by_search(user)
        if newest and not found:
            found = self._customers_of(
                user, lambda options: self._v1.customers.list({"limit": 100}, options)
            )
        return str(min(found, key=lambda each: each["created"])["id"]) if found else None

    def _customers_by_email(self, user: User) -> list[dict[str, Any]]:
        params: CustomerListParams = {"email": user.email, "limit": 100}
        if not user.email:
            return []
        try:
            return self._customers_of(
                user, lambda options: self._v1.customers.list(params, options)
            )
        except PaymentRefusedError as error:
            if error.param == "email":
                return []
            raise

    def _customers_by_search(self, user: User) -> list[dict[str, Any]]:
        query = f"metadata['user_id']:'{user.user_id}'"
        try:
            return self._customers_of(
                user,
                lambda options: self._v1.customers.search({"query": query, "limit": 100}, options),
            )
        except PaymentRefusedError:  # accounts in some countries have no search
            return []

    def _customers_of(self, user: User, call: Call) -> list[dict[str, Any]]:
        """The person's own among the customers of an answer."""
        return [
            each
            for each in self._call(call).data["data"]
            if (each.get("metadata") or {}).get("user_id") == user.user_id
        ]

    def retrieve_customer(self, stripe_customer_id: str) -> tuple[str, str] | None:
        """A Customer's email address and name; None if it was deleted.

        Raises:
            CustomerMissingError: our key does not see it. Stripe goes on to show deleted ones, so
                it is in another account.
        See https://docs.stripe.com/api/customers/retrieve
        """
        try:
            customer = self._send(
                lambda options: self._v1.customers.retrieve(stripe_customer_id, {}, options)
            ).data
        except REFUSALS as error:
            if error.code == MISSING:
                raise CustomerMissingError from error
            raise translated(error) from error
        if customer.get("deleted"):
            return None
        return customer.get("email") or "", customer.get("name") or ""

    def delete_unused_customer(self, stripe_customer_id: str) -> bool:
        """Delete a Customer who has neither a payment method nor a payment; whether it is gone.

        See https://docs.stripe.com/api/customers/delete
        """
        try:
            for used in (
                lambda options: self._v1.customers.payment_methods.list(
                    stripe_customer_id, {"limit": 1}, options
                ),
                lambda options: self._v1.payment_intents.list(
                    {"customer": stripe_customer_id, "limit": 1}, options
                ),
            ):
                if self._send(used).data["data"]:
                    return False
            self._send(lambda options: self._v1.customers.delete(stripe_customer_id, {}, options))
        except REFUSALS as error:
            if error.code != MISSING:
                raise translated(error) from error
        return True

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


def _customer_key(user: User, unfinished: UnfinishedCustomer) -> str:
    """An idempotency key: for each person, generation, and whether their address is sent."""
    parts = ["customer", user.user_id]
    if unfinished.replaces:
        parts += ["after", unfinished.replaces]
    if not user.email:
        parts.append("without-email")
    if unfinished.key_generation > 1:
        parts.append(f"g{unfinished.key_generation}")
    return "-".join(parts)


def _may_name_no_card(error: stripe.StripeError) -> bool:
    """Whether Stripe may mean that the customer has no such card.

    Often it says so with neither code nor param; of somebody else's, with `param: customer`.
    """
    refusal = translated(error)
    if isinstance(refusal, PaymentRefusedError):
        return refusal.code in {None, MISSING}
    return isinstance(refusal, PaymentMethodNotFoundError | CustomerMissingError)
