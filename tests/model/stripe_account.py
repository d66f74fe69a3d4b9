"""An outsider's view of the Stripe account, and what only the merchant and the bank do there."""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from payments.domain.payment_intent import LastPaymentError
from tests.integration.conftest import SECRET_KEY
from tests.support.simulator_client import Simulator

type StripeObject = Mapping[str, Any]

OPEN = frozenset({"requires_payment_method", "requires_confirmation", "requires_action"})


@dataclass(frozen=True)
class Account:
    """The account at one moment, each list newest first."""

    intents: list[StripeObject]
    charges: list[StripeObject]
    disputes: list[StripeObject]
    customers: list[StripeObject]

    def charged(self, intent_id: str) -> list[StripeObject]:
        """The charges that took money for this intent."""
        return [
            charge
            for charge in self.charges
            if charge["payment_intent"] == intent_id and charge["captured"]
        ]

    def intents_of(self, payment_id: str) -> list[StripeObject]:
        """The intents that were created for a payment."""
        return [i for i in self.intents if i["metadata"]["payment_id"] == payment_id]

    def amount_refunded(self, intent_id: str) -> int:
        """In minor units."""
        return sum(charge["amount_refunded"] for charge in self.charged(intent_id))

    def dispute_status(self, intent_id: str) -> str | None:
        """The status of an intent's latest dispute."""
        found = [d["status"] for d in self.disputes if d["payment_intent"] == intent_id]
        return found[0] if found else None

    def with_status(self, statuses: AbstractSet[str]) -> list[StripeObject]:
        """The intents in one of these statuses, oldest first."""
        return [i for i in reversed(self.intents) if i["status"] in statuses]

    def refundable(self) -> list[StripeObject]:
        """The charges that can be refunded, oldest first."""
        return [
            charge
            for charge in reversed(self.charges)
            if charge["captured"] and not charge["disputed"] and not charge["refunded"]
        ]


def last_payment_error(intent: StripeObject) -> LastPaymentError | None:
    """Why an intent's last attempt failed, in our words."""
    error = intent["last_payment_error"]
    if error is None:
        return None
    return LastPaymentError(
        code=error.get("code") or error["type"],
        decline_code=error.get("decline_code"),
        message=error["message"],
    )


class Merchant:
    """Someone in Stripe's dashboard. Faults hit our functions, not them."""

    def __init__(self, stripe: Simulator) -> None:
        self.stripe = stripe

    @contextmanager
    def undisturbed(self) -> Iterator[None]:
        """Hold the faults back for a while."""
        pending = self.stripe.pending_faults()
        if pending:
            self.stripe.clear_faults()
        yield
        for fault in pending:
            self.stripe.fault(
                fault["method"],
                fault["path"],
                fault["kind"],
                times=fault["remaining"],
                ms=fault["ms"],
            )

    def looks(self) -> Account:
        """The account now."""
        with self.undisturbed():
            return Account(
                intents=self._all("payment_intents"),
                charges=self._all("charges"),
                disputes=self._all("disputes"),
                customers=self._all("customers"),
            )

    def events(self) -> list[StripeObject]:
        """Every event so far, oldest first."""
        with self.undisturbed():
            return self._all("events")[::-1]

    def owner_of(self, payment_method_id: str) -> str | None:
        """The person whose customer has this card."""
        with self.undisturbed():
            attached = {
                card["id"]: customer["metadata"]["user_id"]
                for customer in self._all("customers")
                for card in self._all(f"customers/{customer['id']}/payment_methods")
            }
        return attached.get(payment_method_id)

    def posts(self, path: str, **params: str) -> None:
        """Change something."""
        with self.undisturbed():
            self.stripe.post(SECRET_KEY, f"/v1/{path}", **params)

    def cancels(self, intent_id: str) -> None:
        """Cancel an intent."""
        self.posts(f"payment_intents/{intent_id}/cancel")

    def refunds(self, charge: StripeObject, *, everything: bool) -> None:
        """Refund everything that is left, or the smallest possible amount."""
        amount = {} if everything else {"amount": "1"}
        self.posts("refunds", charge=charge["id"], **amount)

    def deletes_customer(self, customer_id: str) -> None:
        """Delete a customer, and their cards with them."""
        with self.undisturbed():
            self.stripe.delete(SECRET_KEY, f"/v1/customers/{customer_id}")

    def _all(self, what: str) -> list[StripeObject]:
        return list(self.stripe.listed(SECRET_KEY, f"/v1/{what}"))
