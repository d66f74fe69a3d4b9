"""Customers from before Till, at Stripe."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from payments.domain.customer_import import StripeCustomer
from payments.domain.errors import CustomerMissingError, StripeUnavailableError
from payments.stripe_gateway.account import MISSING, REFUSALS, StripeAccount
from payments.stripe_gateway.errors import translated

if TYPE_CHECKING:
    from stripe.params import CustomerListParams


class CustomerImports(StripeAccount):
    """The calls that an import and its claim need."""

    def find_importable_customer(self, stripe_customer_id: str) -> StripeCustomer | None:
        """A Customer, or None if it was deleted.

        Raises:
            CustomerMissingError: our key does not see it: it is of another account or mode.
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
        return None if customer.get("deleted") else _stripe_customer(customer)

    def list_importable_customers(self) -> Iterator[StripeCustomer]:
        """Every Customer of the account, newest first, page by page.

        See https://docs.stripe.com/api/customers/list
        """
        params: CustomerListParams = {"limit": 100}
        while True:
            page = self._call(lambda options: self._v1.customers.list(params, options)).data
            for each in page["data"]:
                yield _stripe_customer(each)
            if not page["has_more"] or not page["data"]:
                return
            params["starting_after"] = page["data"][-1]["id"]

    def link_customer(self, stripe_customer_id: str, user_id: str | None) -> None:
        """Write into a Customer's metadata whose it is; None: nobody's. Harmless twice.

        Raises:
            CustomerMissingError: Stripe does not know it, or it was deleted.
        See https://docs.stripe.com/api/customers/update
        """
        try:
            self._send(
                lambda options: self._v1.customers.update(
                    stripe_customer_id, {"metadata": {"user_id": user_id or ""}}, options
                )
            )
        except REFUSALS as error:
            if error.code == MISSING:
                raise CustomerMissingError from error
            raise translated(error) from error


def _stripe_customer(customer: Mapping[str, Any]) -> StripeCustomer:
    return StripeCustomer(
        stripe_customer_id=str(customer["id"]),
        livemode=customer["livemode"],
        email=customer.get("email") or "",
        name=customer.get("name") or "",
        user_id=(customer.get("metadata") or {}).get("user_id") or None,
    )
