"""Everything of a Stripe account that rows are made from, page by page."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import stripe

from payments.domain.payment_intent import PaymentIntent
from payments.stripe_gateway.gateway import StripeGateway

type StripeObject = Mapping[str, Any]

PAGE = 100  # the most that Stripe lists at once
_EXPANDED = [
    "data.latest_charge",
    "data.latest_charge.refunds",
    "data.amount_details.line_items",
]


class WholeAccount(StripeGateway):
    """The account, with the lists that nothing but a rebuild asks for."""

    def pages_of_intents(self, after: str | None) -> Iterator[list[StripeObject]]:
        """Every PaymentIntent, newest first; `after` is the last one of an earlier run.

        See https://docs.stripe.com/api/payment_intents/list
        """
        start = {"starting_after": after} if after else {}
        return self._pages(self._v1.payment_intents.list, expand=_EXPANDED, **start)

    def failed_charges(self) -> dict[str, list[StripeObject]]:
        """The charges of refused attempts, oldest first, by their PaymentIntent.

        See https://docs.stripe.com/api/charges/list
        """
        found: defaultdict[str, list[StripeObject]] = defaultdict(list)
        for page in self._pages(self._v1.charges.list):
            for charge in page:
                if charge["status"] == "failed" and charge.get("payment_intent"):
                    found[charge["payment_intent"]].insert(0, _attempt(charge))
        return dict(found)

    def customers(self) -> Iterator[StripeObject]:
        """Every Customer that somebody's `user_id` is written on, newest first.

        See https://docs.stripe.com/api/customers/list
        """
        for page in self._pages(self._v1.customers.list):
            yield from (each for each in page if each["metadata"].get("user_id"))

    def whole(self, told: StripeObject) -> PaymentIntent:
        """A PaymentIntent of a page, with all its refunds and its disputes."""
        return self._whole_intent(told)

    def refunds_of(self, told: StripeObject) -> list[StripeObject]:
        """The refunds of a PaymentIntent of a page, as Stripe shows them.

        See https://docs.stripe.com/api/refunds/list
        """
        charge = told.get("latest_charge")
        listed = (charge.get("refunds") if isinstance(charge, Mapping) else None) or {}
        if not listed.get("has_more"):
            return list(listed.get("data") or ())
        pages = self._pages(self._v1.refunds.list, payment_intent=told["id"])
        return [refund for page in pages for refund in page]

    def _pages(
        self, list_: Callable[..., stripe.StripeObject], **params: Any
    ) -> Iterator[list[StripeObject]]:
        """The pages of a list that are not empty."""
        while True:
            page = self._call(partial(list_, {"limit": PAGE, **params})).data
            if page["data"]:
                yield page["data"]
            if not page["has_more"]:
                return
            params["starting_after"] = page["data"][-1]["id"]


def plain(answer: Any) -> Any:
    """Part of an answer with nothing but values: the gateway's own expect the members it uses."""
    return json.loads(json.dumps(answer))


def _attempt(charge: StripeObject) -> StripeObject:
    """What is needed of a refused attempt: an account may have very many."""
    return {name: charge.get(name) for name in ("id", "created", "payment_method")}
