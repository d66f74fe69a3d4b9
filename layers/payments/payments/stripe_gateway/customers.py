"""Customers, at Stripe."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal

from payments.domain.customer import UnfinishedCustomer, User
from payments.domain.errors import (
    CustomerMissingError,
    PaymentRefusedError,
    StripeUnavailableError,
)
from payments.stripe_gateway.account import MISSING, REFUSALS, Call, StripeAccount
from payments.stripe_gateway.errors import translated

if TYPE_CHECKING:
    from stripe.params import (
        CustomerCreateParams,
        CustomerListParams,
        CustomerUpdateParams,
        SubscriptionListParams,
    )

# https://docs.stripe.com/api/subscriptions/object#subscription_object-status
_ENDED = frozenset({"canceled", "incomplete_expired"})
# An invoice that is still to be finished, or still to be paid.
_UNSETTLED: tuple[Literal["draft"], Literal["open"]] = ("draft", "open")


class Customers(StripeAccount):
    """The calls about customers."""

    def create_customer(self, user: User, unfinished: UnfinishedCustomer) -> str:
        """Create the person's Customer and return its id; repeats within a day return the same one.

        Raises:
            FailureRememberedError: the key leads to an old failure, whatever came of it.
            IdempotencyKeyReusedError: it was created with another name or address in the meantime.
            PaymentRefusedError: Stripe refuses it for good; `param` may be `email`.
        See https://docs.stripe.com/api/customers/create
        """
        params: CustomerCreateParams = {"metadata": {"user_id": user.user_id}}
        # Stripe refuses what is empty.
        if user.name:
            params["name"] = user.name
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
            found = self._newest_customers(user)
        return str(min(found, key=lambda each: each["created"])["id"]) if found else None

    def find_all_customers(self, user: User) -> set[str]:
        """The ids of every Customer of the person that any way of looking finds.

        One that was deleted within the last minute may be among them.
        """
        found = (
            *self._customers_by_email(user),
            *self._customers_by_search(user),
            *self._newest_customers(user),
        )
        return {str(each["id"]) for each in found}

    def _newest_customers(self, user: User) -> list[dict[str, Any]]:
        return self._customers_of(
            user, lambda options: self._v1.customers.list({"limit": 100}, options)
        )

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
        if customer["id"] != stripe_customer_id:
            raise StripeUnavailableError
        if customer.get("deleted"):
            return None
        return customer.get("email") or "", customer.get("name") or ""

    def update_customer(self, stripe_customer_id: str, *, email: str | None, name: str) -> None:
        """Change a Customer's name and, if there is one, email address. Harmless twice.

        Raises:
            CustomerMissingError: Stripe does not know the customer.
            PaymentRefusedError: Stripe refuses it for good; `param` may be `email`.
        See https://docs.stripe.com/api/customers/update
        """
        params: CustomerUpdateParams = {"name": name}
        if email is not None:
            params["email"] = email
        try:
            self._send(
                lambda options: self._v1.customers.update(stripe_customer_id, params, options)
            )
        except REFUSALS as error:
            if error.code == MISSING:
                raise CustomerMissingError from error
            raise translated(error) from error

    def delete_unused_customer(self, stripe_customer_id: str) -> bool:
        """Delete a Customer who has neither a payment method nor a payment; whether it is gone.

        See https://docs.stripe.com/api/customers/delete
        """
        try:
            if self._is_used(stripe_customer_id):
                return False
            self._send(lambda options: self._v1.customers.delete(stripe_customer_id, {}, options))
        except REFUSALS as error:
            if error.code != MISSING:
                raise translated(error) from error
        return True

    def is_customer_used(self, stripe_customer_id: str) -> bool:
        """Whether a Customer has a payment method or a payment. One that is gone has none.

        See https://docs.stripe.com/api/payment_methods/customer_list
        """
        try:
            return self._is_used(stripe_customer_id)
        except REFUSALS as error:
            if error.code != MISSING:
                raise translated(error) from error
            return False

    def _is_used(self, stripe_customer_id: str) -> bool:
        asked: tuple[Call, ...] = (
            lambda options: self._v1.customers.payment_methods.list(
                stripe_customer_id, {"limit": 1}, options
            ),
            lambda options: self._v1.payment_intents.list(
                {"customer": stripe_customer_id, "limit": 1}, options
            ),
        )
        return any(self._send(call).data["data"] for call in asked)

    def delete_customer(self, stripe_customer_id: str) -> None:
        """Delete a Customer, with their cards and subscriptions. Harmless twice.

        Raises:
            CustomerMissingError: our key does not see it.
            PaymentRefusedError: Stripe refuses it for good.
        See https://docs.stripe.com/api/customers/delete
        """
        try:
            self._send(lambda options: self._v1.customers.delete(stripe_customer_id, {}, options))
        except REFUSALS as error:
            if error.code != MISSING:
                raise translated(error) from error
            # It was deleted before, which Stripe goes on to show, or it is another account's.
            if self.retrieve_customer(stripe_customer_id) is not None:
                raise StripeUnavailableError from error

    def has_unended_subscriptions(self, stripe_customer_id: str) -> bool:
        """Whether a Customer has a subscription that has not ended, whatever its status.

        Raises:
            CustomerMissingError: our key does not see the Customer.
            PaymentRefusedError: Stripe refuses it for good.
        See https://docs.stripe.com/api/subscriptions/list
        """
        return any(each["status"] not in _ENDED for each in self._subscriptions(stripe_customer_id))

    def _subscriptions(self, stripe_customer_id: str) -> Iterator[dict[str, Any]]:
        """All that have not been cancelled."""
        params: SubscriptionListParams = {"customer": stripe_customer_id, "limit": 100}
        while True:
            page = self._call(lambda options: self._v1.subscriptions.list(params, options)).data
            yield from page["data"]
            if not page["has_more"] or not page["data"]:
                return
            params["starting_after"] = page["data"][-1]["id"]

    def has_unsettled_invoices(self, stripe_customer_id: str) -> bool:
        """Whether a Customer has an invoice that is a draft, or open.

        Raises:
            CustomerMissingError: our key does not see the Customer.
            PaymentRefusedError: Stripe refuses it for good.
        See https://docs.stripe.com/api/invoices/list
        """
        return any(self._has_invoice(stripe_customer_id, status) for status in _UNSETTLED)

    def _has_invoice(self, stripe_customer_id: str, status: Literal["draft", "open"]) -> bool:
        answer = self._call(
            lambda options: self._v1.invoices.list(
                {"customer": stripe_customer_id, "status": status, "limit": 1}, options
            )
        )
        return bool(answer.data["data"])


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
