"""An outsider's view of the Stripe account, and what only the merchant and the bank do there."""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from payments.domain.payment_intent import Dispute, LastPaymentError, Refund
from tests.integration.conftest import SECRET_KEY
from tests.support.simulator_client import Simulator

type StripeObject = Mapping[str, Any]

OPEN = frozenset({"requires_payment_method", "requires_confirmation", "requires_action"})

_LIGHTER = (
    "needs_response",
    "under_review",
    "warning_needs_response",
    "warning_under_review",
    "lost",
    "won",
    "warning_closed",
)
_REFUND_LATER = {
    "pending": ("succeeded", "failed", "canceled", "requires_action"),
    "requires_action": ("canceled", "succeeded", "failed"),
    "succeeded": ("failed",),
}


@dataclass(frozen=True)
class Account:
    """The account at one moment, each list newest first."""

    intents: list[StripeObject]
    charges: list[StripeObject]
    refunds: list[StripeObject]
    disputes: list[StripeObject]
    customers: list[StripeObject]
    made_for: Mapping[str, str]  # whose metadata the merchant has changed, by the intents' ids

    def charged(self, intent_id: str) -> list[StripeObject]:
        """The charges that took money for this intent."""
        return [
            charge
            for charge in self.charges
            if charge["payment_intent"] == intent_id and charge["captured"]
        ]

    def intents_of(self, payment_id: str) -> list[StripeObject]:
        """The intents that were created for a payment."""
        return [i for i in self.intents if self.payment_id_of(i) == payment_id]

    def payment_id_of(self, intent: StripeObject) -> str:
        """The payment that an intent was created for, whatever its metadata says by now."""
        made_for = self.made_for.get(intent["id"])
        return made_for or str(intent["metadata"]["payment_id"])

    def amount_refunded(self, intent_id: str) -> int:
        """What refunds have succeeded for, in minor units."""
        return sum(each.amount for each in self.refunds_of(intent_id) if each.status == "succeeded")

    def refunds_of(self, intent_id: str) -> tuple[Refund, ...]:
        """The refunds of an intent in our words, oldest first."""
        return tuple(
            Refund(each["id"], each["amount"], each["status"], each.get("failure_reason"))
            for each in reversed(self.refunds)
            if each["payment_intent"] == intent_id
        )

    def disputes_of(self, intent_id: str) -> tuple[Dispute, ...]:
        """The disputes and inquiries of an intent in our words, oldest first."""
        return tuple(
            Dispute(each["id"], each["status"], amount=each["amount"], currency=each["currency"])
            for each in reversed(self.disputes)
            if each["payment_intent"] == intent_id
        )

    def dispute_status(self, intent_id: str) -> str | None:
        """The status of an intent's dispute: of several, of the one that weighs most."""
        statuses = [dispute.status for dispute in self.disputes_of(intent_id)]
        return min(statuses, key=_LIGHTER.index, default=None)

    def with_status(self, statuses: AbstractSet[str]) -> list[StripeObject]:
        """The intents in one of these statuses, oldest first."""
        return [i for i in reversed(self.intents) if i["status"] in statuses]

    def refundable(self) -> list[StripeObject]:
        """The charges that can be refunded, oldest first."""
        return [
            charge
            for charge in reversed(self.charges)
            if charge["captured"] and not charge["refunded"]
        ]

    def captured(self) -> list[StripeObject]:
        """The charges that took money, oldest first."""
        return [charge for charge in reversed(self.charges) if charge["captured"]]


def last_payment_error(intent: StripeObject) -> LastPaymentError | None:
    """Why an intent's last attempt failed, in our words."""
    error = intent["last_payment_error"]
    if error is None:
        return None
    return LastPaymentError(
        code=error.get("code") or error["type"],
        decline_code=error.get("decline_code"),
        message=error["message"],
        charge_id=error.get("charge"),
        network_decline_code=error.get("network_decline_code"),
        advice_code=error.get("advice_code"),
    )


class Merchant:
    """Someone in Stripe's dashboard. Faults hit our functions, not them."""

    def __init__(self, stripe: Simulator) -> None:
        self.stripe = stripe
        self.forget()

    def forget(self) -> None:
        """Start over."""
        self.made_for: dict[str, str] = {}
        self.changed: set[str] = set()

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
                refunds=self._all("refunds"),
                disputes=self._all("disputes"),
                customers=self._all("customers"),
                made_for=dict(self.made_for),
            )

    def events(self) -> list[StripeObject]:
        """Every event so far, oldest first."""
        with self.undisturbed():
            return self._all("events")[::-1]

    def owner_of(self, payment_method_id: str) -> str | None:
        """The person whose customer has this card."""
        owners = {card["id"]: owner for owner, card in self.attached()}
        return owners.get(payment_method_id)

    def is_replaced(self, payment_method_id: str) -> bool:
        """Whether the same card was saved again, and this one only stays for a payment."""
        return any(
            card["id"] == payment_method_id and "replaced_by" in card["metadata"]
            for _, card in self.attached()
        )

    def attached(self) -> list[tuple[str, StripeObject]]:
        """Every card that somebody has, with the person."""
        with self.undisturbed():
            return [
                (customer["metadata"]["user_id"], card)
                for customer in self._all("customers")
                for card in self._all(f"customers/{customer['id']}/payment_methods")
            ]

    def attaches(self, payment_method_id: str, user_id: str) -> None:
        """Attach a card to a person's customer, if they have one."""
        with self.undisturbed():
            customers = self._all("customers")
        for customer in customers:
            if customer["metadata"]["user_id"] == user_id:
                self.posts(f"payment_methods/{payment_method_id}/attach", customer=customer["id"])

    def posts(self, path: str, **params: str) -> None:
        """Change something."""
        with self.undisturbed():
            self.stripe.post(SECRET_KEY, f"/v1/{path}", **params)

    def cancels(self, intent_id: str) -> None:
        """Cancel an intent."""
        self.posts(f"payment_intents/{intent_id}/cancel")

    def cancels_if_it_may_be(self, intent_id: str) -> None:
        """Cancel an intent, unless it is over."""
        self._tries(f"payment_intents/{intent_id}/cancel")

    def refunds(self, charge: StripeObject, *, everything: bool) -> None:
        """Give back all that is left, or the smallest amount there is, if that may be."""
        amount = {} if everything else {"amount": "1"}
        self._tries("refunds", charge=charge["id"], **amount)

    def hears_of_refund(self, refund: StripeObject, which: int) -> None:
        """The bank has decided about a refund, or somebody has thought better of it."""
        if later := _REFUND_LATER.get(refund["status"]):
            with self.undisturbed():
                self.stripe.move_refund(refund["id"], later[which % len(later)])

    def hears_of_dispute(self, dispute: StripeObject, which: int) -> None:
        """A dispute, or an inquiry, goes on."""
        statuses: tuple[str, ...] = ("under_review", "won", "lost")
        if dispute["status"].startswith("warning"):
            statuses = ("warning_under_review", "warning_closed", "needs_response")
        if dispute["status"] != "warning_closed":
            with self.undisturbed():
                self.stripe.move_dispute(dispute["id"], statuses[which % 3])

    def is_asked_about(self, charge: StripeObject, *, marks_charge: bool) -> None:
        """The cardholder's bank inquires about a charge, which may show it or not."""
        with self.undisturbed():
            self.stripe.dispute_charge(charge["id"], inquiry=True, marks_charge=marks_charge)

    def changes_amount(self, intent: StripeObject, amount: int) -> None:
        """Change what an intent is for, if that may be."""
        if self._tries(f"payment_intents/{intent['id']}", amount=str(amount)):
            self.changed.add(intent["id"])

    def changes_metadata(self, account: Account, intent: StripeObject, **metadata: str) -> None:
        """Change what an intent says of its payment, or of anything else."""
        self.made_for.setdefault(intent["id"], account.payment_id_of(intent))
        changes = {f"metadata[{name}]": value for name, value in metadata.items()}
        self.posts(f"payment_intents/{intent['id']}", **changes)

    def _tries(self, path: str, **params: str) -> bool:
        with self.undisturbed():
            return self.stripe.try_post(SECRET_KEY, f"/v1/{path}", **params)

    def deletes_customer(self, customer_id: str) -> None:
        """Delete a customer, and their cards with them."""
        with self.undisturbed():
            self.stripe.delete(SECRET_KEY, f"/v1/customers/{customer_id}")

    def _all(self, what: str) -> list[StripeObject]:
        return list(self.stripe.listed(SECRET_KEY, f"/v1/{what}"))
